/* The builder: the entries it writes in each format, and what it refuses. */
#include "ptab_fixture.h"

#define TABLE		(PTE_P | PTE_W | PTE_U)
#define LEAF		(PTE_P | PTE_A | PTE_D)
#define EPT_TABLE	(EPT_R | EPT_W | EPT_X)
#define EPT_WB		(6ul << 3)

/* SDM 3A tables 4-14 to 4-19: P, W, U in upper entries; A and D preset. */
static void four_level_entries(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);
	uint64_t va = (1ul << 39) | (2ul << 30) | (3ul << 21) | (4ul << 12);
	uint64_t entry;

	assert_ok(ptab_map(&b->pt, va, hpa(0x7000), PAGE_SIZE, RW));
	entry = entry64(b->pt.root, 1);
	assert_int_equal(entry & ~PTE_ADDR, TABLE);
	entry = entry64(below(entry), 2);
	assert_int_equal(entry & ~PTE_ADDR, TABLE);
	entry = entry64(below(entry), 3);
	assert_int_equal(entry & ~PTE_ADDR, TABLE);
	entry = entry64(below(entry), 4);
	assert_int_equal(entry, 0x7000 | LEAF | PTE_W | PTE_NX);
	assert_int_equal(b->pool.used, 4);
}

/* 5-level paging: one more table, indexed by bits 56:48. */
static void five_level_entries(void **state)
{
	struct bench *b = bench(state, &pt_format_5level, 2, true);
	uint64_t entry;

	assert_ok(ptab_map(&b->pt, 9ul << 48, hpa(0x7000), PAGE_SIZE, RWXU));
	entry = entry64(b->pt.root, 9);
	assert_int_equal(entry & ~PTE_ADDR, TABLE);
	for (unsigned level = 3; level; level--)
		entry = entry64(below(entry), 0);
	assert_int_equal(entry64(below(entry), 0),
			 0x7000 | LEAF | PTE_W | PTE_U);
	assert_int_equal(b->pool.used, 5);
}

/* SDM 3A table 4-8: W and U are reserved in a PDPTE; the root has four. */
static void pae_entries(void **state)
{
	struct bench *b = bench(state, &pt_format_pae, 1, true);
	uint64_t entry;

	assert_ok(ptab_map(&b->pt, 0xfffff000, hpa(0x7000), PAGE_SIZE, RWX));
	entry = entry64(b->pt.root, 3);
	assert_int_equal(entry & ~PTE_ADDR, PTE_P);
	entry = entry64(below(entry), 511);
	assert_int_equal(entry & ~PTE_ADDR, TABLE);
	assert_int_equal(entry64(below(entry), 511), 0x7000 | LEAF | PTE_W);
	assert_leaf(b, 0xfffff000, 0x7000, 0, RWX);
}

/* SDM 3A tables 4-4 to 4-6: 4-byte entries without NX; a PDE maps 4 MiB. */
static void entries_of_32bit_format(void **state)
{
	struct bench *b = bench(state, &pt_format_32bit, 1, true);
	uint32_t pde;

	assert_ok(ptab_map(&b->pt, 0x00403000, hpa(0x7000), PAGE_SIZE, RW));
	pde = entry32(b->pt.root, 1);
	assert_int_equal(pde & PAGE_MASK, TABLE);
	assert_int_equal(entry32(hpa(pde & ~PAGE_MASK), 3),
			 0x7000 | LEAF | PTE_W);
	assert_ok(ptab_map(&b->pt, 0xffc00000, hpa(0xffc00000), SIZE_4M,
			   PROT_R | PROT_U));
	assert_int_equal(entry32(b->pt.root, 1023),
			 0xffc00000 | LEAF | PTE_U | PTE_PS);
	assert_leaf(b, 0x00403000, 0x7000, 0, RWX);
	assert_leaf(b, 0xfffff123, 0xfffff000, 1, RX | PROT_U);
}

/* SDM 3C tables 28-1 to 28-6: R, W, X above; type WB in the leaf; no U. */
static void ept_entries(void **state)
{
	struct bench *b = bench(state, &pt_format_ept, 2, true);
	uint64_t entry;

	assert_ok(ptab_map(&b->pt, 0x5000, hpa(0x7000), PAGE_SIZE,
			   RX | PROT_U));
	entry = b->pt.root.v;
	for (unsigned level = 3; level; level--) {
		entry = entry64(below(entry), 0);
		assert_int_equal(entry & ~PTE_ADDR, EPT_TABLE);
	}
	assert_int_equal(entry64(below(entry), 5),
			 0x7000 | EPT_R | EPT_X | EPT_WB);
	assert_leaf(b, 0x5000, 0x7000, 0, RX);
}

/* SDM 3C 28.3.7: memory type 0 is UC. */
static void ept_uncached_is_type_0(void **state)
{
	struct bench *b = bench(state, &pt_format_ept, 2, true);

	assert_ok(ptab_map(&b->pt, SIZE_1G, hpa(SIZE_1G), SIZE_1G,
			   RW | PROT_UNCACHED));
	assert_int_equal(entry64(below(entry64(b->pt.root, 0)), 1),
			 SIZE_1G | EPT_R | EPT_W | EPT_PS);
	assert_leaf(b, SIZE_1G, SIZE_1G, 2, RW | PROT_UNCACHED);
}

/* SDM 3A 4.9.2: PCD and PWT choose PAT entry 3, UC after reset. */
static void uncached_sets_pcd_and_pwt(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(SIZE_1G), SIZE_1G,
			   RWX | PROT_UNCACHED));
	assert_int_equal(entry64(below(entry64(b->pt.root, 0)), 0), SIZE_1G |
			 LEAF | PTE_W | PTE_PS | PTE_PCD | PTE_PWT);
	assert_leaf(b, 0, SIZE_1G, 2, RWX | PROT_UNCACHED);
}

/* Without NX in the hardware bit 63 is reserved: never set. */
static void no_nx_means_executable(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, false);

	assert_ok(ptab_map(&b->pt, 0, hpa(SIZE_1G), SIZE_1G, PROT_R));
	assert_int_equal(entry64(below(entry64(b->pt.root, 0)), 0),
			 SIZE_1G | LEAF | PTE_PS);
	assert_leaf(b, 0, SIZE_1G, 2, RX);
}

/* Pages grow and shrink with the alignment of both addresses and the size. */
static void largest_fitting_pages_are_used(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);
	uint64_t va = SIZE_1G - SIZE_2M - PAGE_SIZE;
	uint64_t size = PAGE_SIZE + SIZE_2M + SIZE_1G + SIZE_2M + PAGE_SIZE;

	assert_ok(ptab_map(&b->pt, va, hpa(va + SIZE_1G), size, RW));
	assert_leaf(b, va, va + SIZE_1G, 0, RW);
	assert_leaf(b, SIZE_1G - 1, 2 * SIZE_1G - PAGE_SIZE, 1, RW);
	assert_leaf(b, SIZE_1G + 0x12345, 2 * SIZE_1G + 0x12000, 2, RW);
	assert_leaf(b, 2 * SIZE_1G, 3 * SIZE_1G, 1, RW);
	assert_leaf(b, 2 * SIZE_1G + SIZE_2M, 3 * SIZE_1G + SIZE_2M, 0, RW);
	assert_unmapped(b, va - 1);
	assert_unmapped(b, va + size);
}

/* A physical address out of step with the linear one forbids large pages. */
static void misaligned_frames_get_small_pages(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(PAGE_SIZE), SIZE_2M, RW));
	assert_leaf(b, SIZE_2M - 1, SIZE_2M, 0, RW);
}

/* `largest` bounds the leaf. */
static void largest_bounds_the_leaf(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 1, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(0), SIZE_1G, RW));
	assert_leaf(b, SIZE_1G - 1, SIZE_1G - PAGE_SIZE, 1, RW);
}

/* A level that maps no memory cannot be the largest leaf. */
static void largest_must_be_a_leaf_level(void **state)
{
	static const struct { const struct pt_format *f; unsigned l; } bad[] = {
		{ &pt_format_4level, 3 }, { &pt_format_5level, 3 },
		{ &pt_format_5level, 4 }, { &pt_format_pae, 2 },
		{ &pt_format_32bit, 2 }, { &pt_format_ept, 3 },
		{ &pt_format_ept, 99 },
	};
	struct bench *b = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ptab_init(&b->pt, bad[i].f, &b->pool,
					   bad[i].l, true), HV_BAD_ARGUMENT);
	assert_int_equal(b->pool.used, 0);
}

/* 32-bit entries and a PAE CR3 cannot name frames above 4 GiB. */
static void tables_above_4g_are_refused(void **state)
{
	struct bench *b = *state;
	void *high = aligned_alloc(PAGE_SIZE, PAGE_SIZE);

	assert_true((uintptr_t)high >= SIZE_4G);
	frame_pool_init(&b->pool, hpa_of(high), PAGE_SIZE);
	assert_int_equal(ptab_init(&b->pt, &pt_format_32bit, &b->pool, 1, true),
			 HV_BAD_ARGUMENT);
	assert_int_equal(ptab_init(&b->pt, &pt_format_pae, &b->pool, 1, true),
			 HV_BAD_ARGUMENT);
	assert_int_equal(b->pool.used, 0);
	free(high);
}

/* Mapping over any mapped part is refused and changes no mapping. */
static void overlap_is_refused(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, 0x9000, hpa(0x1000), PAGE_SIZE, RW));
	assert_int_equal(ptab_map(&b->pt, 0x8000, hpa(0x20000), 2 * PAGE_SIZE,
				  RW), HV_ALREADY);
	assert_int_equal(ptab_map(&b->pt, 0, hpa(0), 4 * SIZE_1G, RW),
			 HV_ALREADY);
	assert_unmapped(b, 0x8000);
	assert_unmapped(b, SIZE_1G);
	assert_leaf(b, 0x9000, 0x1000, 0, RW);
	assert_ok(ptab_map(&b->pt, SIZE_1G, hpa(0), SIZE_1G, RW));
	assert_int_equal(ptab_map(&b->pt, SIZE_1G + 0x5000, hpa(0), PAGE_SIZE,
				  RW), HV_ALREADY);
}

/* An emptied table is used again: the pages are then small, but right. */
static void unmapped_range_can_be_mapped_again(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, 0x9000, hpa(0x1000), PAGE_SIZE, RW));
	assert_ok(ptab_protect(&b->pt, 0x9000, PAGE_SIZE, 0));
	assert_ok(ptab_map(&b->pt, 0, hpa(SIZE_2M), SIZE_2M, RWX));
	assert_leaf(b, SIZE_2M - 1, 2 * SIZE_2M - PAGE_SIZE, 0, RWX);
}

/* Addresses and size are whole pages; nothing wraps; PROT_R is needed. */
static void bad_arguments_are_refused(void **state)
{
	static const struct { uint64_t va, pa, size; unsigned prot; } bad[] = {
		{ 1, 0, PAGE_SIZE, RW },
		{ 0, 1, PAGE_SIZE, RW },
		{ 0, 0, PAGE_SIZE - 1, RW },
		{ PAGE_SIZE, 0, -PAGE_SIZE, RW },
		{ 2 * PAGE_SIZE, 0, -PAGE_SIZE, RW },
		{ 0, -PAGE_SIZE, 2 * PAGE_SIZE, RW },
		{ 0, BIT(52), PAGE_SIZE, RW },
		{ 0, BIT(52) - PAGE_SIZE, 2 * PAGE_SIZE, RW },
		{ BIT(47), 0, PAGE_SIZE, RW },
		{ BIT(47) - PAGE_SIZE, 0, 2 * PAGE_SIZE, RW },
		{ 0xffff7ffffffff000, 0, 2 * PAGE_SIZE, RW },
		{ 0, 0, 0xfffffffffffff000, RW },
		{ 0, 0, PAGE_SIZE, 0 },
		{ 0, 0, PAGE_SIZE, PROT_W | PROT_X },
	};
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ptab_map(&b->pt, bad[i].va, hpa(bad[i].pa),
					  bad[i].size, bad[i].prot),
				 HV_BAD_ARGUMENT);
	assert_int_equal(b->pool.used, 1);
}

/* EPT addresses are plain 48 bits; 32-bit and PAE ones 32 bits. */
static void each_format_has_its_space(void **state)
{
	static const struct { const struct pt_format *f; uint64_t end; } space[] = {
		{ &pt_format_ept, BIT(48) }, { &pt_format_32bit, BIT(32) },
		{ &pt_format_pae, BIT(32) }, { &pt_format_5level, BIT(56) },
		{ &pt_format_4level, BIT(47) },
	};
	struct bench *b = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(space); i++) {
		uint64_t last = space[i].end - PAGE_SIZE;

		bench(state, space[i].f, 1, true);
		assert_ok(ptab_map(&b->pt, last, hpa(0x7000), PAGE_SIZE, RWX));
		assert_leaf(b, last, 0x7000, 0, RWX);
		assert_int_equal(ptab_map(&b->pt, space[i].end, hpa(0),
					  PAGE_SIZE, RWX), HV_BAD_ARGUMENT);
		assert_unmapped(b, space[i].end);
		ptab_fini(&b->pt);
		assert_int_equal(b->pool.used, 0);
	}
}

/* The last page of the upper canonical half ends where 64 bits wrap. */
static void top_of_the_upper_half_can_be_mapped(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, -SIZE_2M, hpa(0), SIZE_2M, RX));
	assert_leaf(b, UINT64_MAX, SIZE_2M - PAGE_SIZE, 1, RX);
	assert_ok(ptab_protect(&b->pt, -PAGE_SIZE, PAGE_SIZE, RW));
	assert_leaf(b, UINT64_MAX, SIZE_2M - PAGE_SIZE, 0, RW);
	assert_leaf(b, -SIZE_2M, 0, 0, RX);
}

/* 32-bit leaves hold 32 address bits: no PSE-36 here. */
static void frames_of_32bit_format_lie_below_4g(void **state)
{
	struct bench *b = bench(state, &pt_format_32bit, 1, true);

	assert_int_equal(ptab_map(&b->pt, 0, hpa(SIZE_4G), SIZE_4M, RW),
			 HV_BAD_ARGUMENT);
	assert_int_equal(ptab_map(&b->pt, 0, hpa(SIZE_4G - SIZE_4M),
				  2 * SIZE_4M, RW), HV_BAD_ARGUMENT);
	assert_ok(ptab_map(&b->pt, 0, hpa(0), SIZE_4G, RW));
	assert_leaf(b, SIZE_4G - 1, SIZE_4G - PAGE_SIZE, 1, RWX);
}

/* Nothing to do is no error. */
static void size_0_is_nothing(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, 0x1000, hpa(0x1000), 0, RW));
	assert_ok(ptab_protect(&b->pt, 0x1000, 0, RW));
	assert_unmapped(b, 0x1000);
	assert_int_equal(b->pool.used, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(four_level_entries),
		TEST(five_level_entries),
		TEST(pae_entries),
		TEST(entries_of_32bit_format),
		TEST(ept_entries),
		TEST(ept_uncached_is_type_0),
		TEST(uncached_sets_pcd_and_pwt),
		TEST(no_nx_means_executable),
		TEST(largest_fitting_pages_are_used),
		TEST(misaligned_frames_get_small_pages),
		TEST(largest_bounds_the_leaf),
		TEST(largest_must_be_a_leaf_level),
		TEST(tables_above_4g_are_refused),
		TEST(overlap_is_refused),
		TEST(unmapped_range_can_be_mapped_again),
		TEST(bad_arguments_are_refused),
		TEST(each_format_has_its_space),
		TEST(top_of_the_upper_half_can_be_mapped),
		TEST(frames_of_32bit_format_lie_below_4g),
		TEST(size_0_is_nothing),
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
