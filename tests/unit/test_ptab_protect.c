/* The builder's changes: protection, splits, unmapping, exhaustion. */
#include "ptab_fixture.h"

#include "mmu/walk.h"

/* A page inside a 1 GiB leaf: only that page changes, the rest stays mapped. */
static void protect_splits_around_one_page(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);
	uint64_t va = SIZE_1G + 5 * SIZE_2M + 7 * PAGE_SIZE;

	assert_ok(ptab_map(&b->pt, SIZE_1G, hpa(2 * SIZE_1G), SIZE_1G, RWXU));
	assert_ok(ptab_protect(&b->pt, va, PAGE_SIZE, PROT_R));
	assert_leaf(b, va, va + SIZE_1G, 0, PROT_R);
	assert_leaf(b, va - 1, va + SIZE_1G - PAGE_SIZE, 0, RWXU);
	assert_leaf(b, va + PAGE_SIZE, va + SIZE_1G + PAGE_SIZE, 0, RWXU);
	assert_leaf(b, SIZE_1G, 2 * SIZE_1G, 1, RWXU);
	assert_leaf(b, 2 * SIZE_1G - 1, 3 * SIZE_1G - PAGE_SIZE, 1, RWXU);
	assert_int_equal(b->pool.used, 4);
}

/* Only the edges are split: whole large pages inside stay large. */
static void protect_keeps_inner_large_pages(void **state)
{
	struct bench *b = bench(state, &pt_format_ept, 1, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(0), 4 * SIZE_2M, RWX));
	assert_ok(ptab_protect(&b->pt, SIZE_2M - PAGE_SIZE,
			       SIZE_2M + 2 * PAGE_SIZE, RX));
	assert_leaf(b, SIZE_2M - 2 * PAGE_SIZE, SIZE_2M - 2 * PAGE_SIZE, 0, RWX);
	assert_leaf(b, SIZE_2M - PAGE_SIZE, SIZE_2M - PAGE_SIZE, 0, RX);
	assert_leaf(b, SIZE_2M, SIZE_2M, 1, RX);
	assert_leaf(b, 2 * SIZE_2M, 2 * SIZE_2M, 0, RX);
	assert_leaf(b, 2 * SIZE_2M + PAGE_SIZE, 2 * SIZE_2M + PAGE_SIZE, 0, RWX);
	assert_leaf(b, 3 * SIZE_2M, 3 * SIZE_2M, 1, RWX);
}

/* A 4 MiB page of the 32-bit format splits into 1024. */
static void protect_splits_4m(void **state)
{
	struct bench *b = bench(state, &pt_format_32bit, 1, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(SIZE_4M), SIZE_4M, RW));
	assert_ok(ptab_protect(&b->pt, 0x3ff000, PAGE_SIZE, PROT_R));
	assert_leaf(b, 0x3ff000, SIZE_4M + 0x3ff000, 0, RX);
	assert_leaf(b, 0x3fe000, SIZE_4M + 0x3fe000, 0, RWX);
	assert_leaf(b, 0, SIZE_4M, 0, RWX);
}

/* A split keeps the memory type. */
static void split_keeps_uncached(void **state)
{
	struct bench *b = bench(state, &pt_format_ept, 1, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(0), SIZE_2M, RW | PROT_UNCACHED));
	assert_ok(ptab_protect(&b->pt, 0, PAGE_SIZE, PROT_R));
	assert_leaf(b, PAGE_SIZE, PAGE_SIZE, 0, RW | PROT_UNCACHED);
	assert_leaf(b, 0, 0, 0, PROT_R);
}

/* prot 0 unmaps, here a hole in a large page. */
static void protect_0_unmaps(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 1, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(0), SIZE_2M, RW));
	assert_ok(ptab_protect(&b->pt, 0x4000, 0x2000, 0));
	assert_unmapped(b, 0x4000);
	assert_unmapped(b, 0x5fff);
	assert_leaf(b, 0x3fff, 0x3000, 0, RW);
	assert_leaf(b, 0x6000, 0x6000, 0, RW);
}

/* Unmapped parts are passed over, however wide. */
static void protect_passes_over_holes(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, 0x3000, hpa(0x3000), PAGE_SIZE, RW));
	assert_ok(ptab_map(&b->pt, BIT(46), hpa(0x4000), PAGE_SIZE, RW));
	assert_ok(ptab_protect(&b->pt, 0, BIT(47), RX));
	assert_leaf(b, 0x3000, 0x3000, 0, RX);
	assert_leaf(b, BIT(46), 0x4000, 0, RX);
	assert_unmapped(b, 0x2000);
}

/* What one may not map, one may not protect. */
static void protect_refuses_bad_arguments(void **state)
{
	static const struct { uint64_t va, size; unsigned prot; } bad[] = {
		{ 1, PAGE_SIZE, RW }, { 0, 1, RW },
		{ PAGE_SIZE, -PAGE_SIZE, RW },
		{ 2 * PAGE_SIZE, -PAGE_SIZE, RW },
		{ BIT(47) - PAGE_SIZE, 2 * PAGE_SIZE, RW },
		{ 0, PAGE_SIZE, PROT_W },
	};
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ptab_protect(&b->pt, bad[i].va, bad[i].size,
					      bad[i].prot), HV_BAD_ARGUMENT);
}

/* SDM 3A 4.6: what an upper entry withholds, a lookup withholds. */
static void lookup_ands_the_levels(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);
	uint64_t *root = hpa_ptr(b->pt.root);

	assert_ok(ptab_map(&b->pt, 0, hpa(0x1000), PAGE_SIZE, RWXU));
	root[0] &= ~PTE_W;
	assert_leaf(b, 0, 0x1000, 0, RX | PROT_U);
	root[0] &= ~PTE_U;
	assert_leaf(b, 0, 0x1000, 0, RX);
	root[0] |= PTE_NX;
	assert_leaf(b, 0, 0x1000, 0, PROT_R);
}

/* SDM 3C 28.3.2: the same in EPT, where R too can be withheld. */
static void lookup_ands_ept_levels(void **state)
{
	struct bench *b = bench(state, &pt_format_ept, 2, true);
	uint64_t *root = hpa_ptr(b->pt.root);

	assert_ok(ptab_map(&b->pt, 0, hpa(0x1000), PAGE_SIZE, RWX));
	root[0] &= ~(EPT_R | EPT_W);
	assert_leaf(b, 0, 0x1000, 0, PROT_X);
	root[0] &= ~EPT_X;
	assert_unmapped(b, 0);
	root[0] |= EPT_R;	/* for ptab_fini to find the tables */
}

/* Four tables are needed: with fewer frames ptab_map fails and undoes itself. */
static void map_survives_exhaustion_everywhere(void **state)
{
	struct bench *b = *state;

	for (unsigned frames = 0; frames < 6; frames++) {
		bench_limit(b, POOL_FRAMES);
		bench(state, &pt_format_4level, 1, true);
		b->pool.free_list = hpa(0);	/* strand what came back */
		bench_limit(b, frames);

		/* PDPT, PD, PT, then a second PD and PT after 1 GiB. */
		enum hv_err err = ptab_map(&b->pt, SIZE_1G - PAGE_SIZE, hpa(0),
					   2 * PAGE_SIZE, RW);

		assert_int_equal(err, frames < 5 ? HV_NO_MEMORY : HV_OK);
		if (err) {
			assert_unmapped(b, SIZE_1G - PAGE_SIZE);
			assert_unmapped(b, SIZE_1G);
		}
		ptab_fini(&b->pt);
		assert_int_equal(b->pool.used, 0);
		frame_pool_init(&b->pool, hpa_of(b->memory),
				POOL_FRAMES * PAGE_SIZE);
	}
}

/* Without a frame for the root there is no table. */
static void init_reports_exhaustion(void **state)
{
	struct bench *b = *state;

	bench_limit(b, 0);
	assert_int_equal(ptab_init(&b->pt, &pt_format_ept, &b->pool, 2, true),
			 HV_NO_MEMORY);
}

/* Two splits at each edge: with fewer frames no permission changes. */
static void protect_survives_exhaustion_everywhere(void **state)
{
	uint64_t size = 2 * SIZE_1G - 2 * PAGE_SIZE;

	for (unsigned frames = 0; frames <= 4; frames++) {
		struct bench *b = bench(state, &pt_format_4level, 2, true);

		assert_ok(ptab_map(&b->pt, 0, hpa(0), 2 * SIZE_1G, RWX));
		b->pool.free_list = hpa(0);	/* strand what came back */
		bench_limit(b, frames);

		enum hv_err err = ptab_protect(&b->pt, PAGE_SIZE, size, PROT_R);

		assert_int_equal(err, frames < 4 ? HV_NO_MEMORY : HV_OK);
		for (uint64_t va = 0; va < 2 * SIZE_1G; va += SIZE_2M / 2) {
			assert_true(ptab_lookup(&b->pt, va, &b->leaf));
			assert_int_equal(b->leaf.frame.v, va);
			assert_int_equal(b->leaf.prot,
					 err || !va ? RWX : PROT_R);
		}
		ptab_fini(&b->pt);
		assert_int_equal(b->pool.used, 0);
		frame_pool_init(&b->pool, hpa_of(b->memory),
				POOL_FRAMES * PAGE_SIZE);
	}
}

/* Finishing twice, or what failed to start, frees nothing twice. */
static void fini_twice_is_harmless(void **state)
{
	struct bench *b = bench(state, &pt_format_4level, 2, true);

	assert_ok(ptab_map(&b->pt, 0, hpa(0), PAGE_SIZE, RW));
	ptab_fini(&b->pt);
	ptab_fini(&b->pt);
	assert_int_equal(b->pool.used, 0);
}

/* The walker, which reads as the CPU does, agrees with what was built. */
static void walker_reads_what_the_builder_wrote(void **state)
{
	static const struct {
		const struct pt_format *format;
		uint64_t cr4, efer;
	} mode[] = {
		{ &pt_format_32bit, CR4_PSE, 0 },
		{ &pt_format_pae, CR4_PAE, EFER_NXE },
		{ &pt_format_4level, CR4_PAE, EFER_LMA | EFER_NXE },
		{ &pt_format_5level, CR4_PAE | CR4_LA57, EFER_LMA | EFER_NXE },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(mode); i++) {
		struct bench *b = bench(state, mode[i].format, 1, true);
		struct walk_mode m = {
			.cr0 = CR0_PG | CR0_PE, .cr3 = b->pt.root.v,
			.cr4 = mode[i].cr4, .efer = mode[i].efer,
			.maxphyaddr = 40, .nx = true,
		};
		struct guest_mem mem = { .slots = 1, .slot[0] = {
			gpa((uintptr_t)b->memory), POOL_FRAMES * PAGE_SIZE,
			hpa_of(b->memory), false } };
		struct walk w;

		assert_ok(ptab_map(&b->pt, 0, hpa(SIZE_4M), 2 * SIZE_4M,
				   RW | PROT_U));
		assert_ok(ptab_protect(&b->pt, 0x5000, PAGE_SIZE, RX));
		memcpy(m.pdpte, hpa_ptr(b->pt.root), sizeof(m.pdpte));
		assert_int_equal(walk(&m, &mem, gva(SIZE_4M + 5), ACCESS_USER |
				      ACCESS_WRITE, &w), WALK_OK);
		assert_int_equal(w.gpa.v, 2 * SIZE_4M + 5);
		assert_int_equal(w.level, 1);
		assert_int_equal(walk(&m, &mem, gva(0x5123), ACCESS_FETCH, &w),
				 WALK_OK);
		assert_int_equal(w.gpa.v, SIZE_4M + 0x5123);
		assert_false(w.write || w.user || w.nx);
		assert_int_equal(walk(&m, &mem, gva(3 * SIZE_4M), ACCESS_READ,
				      &w), WALK_FAULT);
		assert_int_equal(w.error, 0);
		ptab_fini(&b->pt);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(protect_splits_around_one_page),
		TEST(protect_keeps_inner_large_pages),
		TEST(protect_splits_4m),
		TEST(split_keeps_uncached),
		TEST(protect_0_unmaps),
		TEST(protect_passes_over_holes),
		TEST(protect_refuses_bad_arguments),
		TEST(lookup_ands_the_levels),
		TEST(lookup_ands_ept_levels),
		TEST(map_survives_exhaustion_everywhere),
		TEST(init_reports_exhaustion),
		TEST(protect_survives_exhaustion_everywhere),
		TEST(fini_twice_is_harmless),
		TEST(walker_reads_what_the_builder_wrote),
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
