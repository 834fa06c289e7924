/*
 * Without protection of tables: filled on faults and dropped on flushes, as a TLB. What one
 * translation was made from goes as a whole when any part of it is named.
 */
#include "shadow_fixture.h"

#define OTHER	0x7000ul
#define LARGE	0x400000ul

static void test_tables_stay_writable(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	(void)state;

	put64(r, PT + 5 * 8, PT | PWU);
	assert_writes(r, r->va);
	assert_writes(r, r->va + PAGE_SIZE);
	assert_true(writable(r, r->va + PAGE_SIZE));
	/* Emulated writes are no flush either. */
	write64(r, PTE_AT, OTHER | PWUAD);
	assert_int_equal(maps_to(r, r->va), DATA);
	assert_int_equal(r->s.counts.written, 0);
	rig_free(r);
}

/* One page goes, its neighbours stay, until all go. */
static void test_invlpg_drops_one_page(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	(void)state;

	put64(r, PTE_AT + 8, DATA | PWUAD);
	assert_reads(r, r->va);
	assert_reads(r, r->va + PAGE_SIZE);
	put64(r, PTE_AT, OTHER | PWUAD);
	put64(r, PTE_AT + 8, OTHER | PWUAD);
	r->s.flush = false;
	(void)shadow_invlpg(&r->s, gva(r->va + 0xfff));
	assert_true(r->s.flush);
	assert_false(present(r, r->va));
	assert_int_equal(maps_to(r, r->va + PAGE_SIZE), DATA);
	assert_reads(r, r->va);
	assert_int_equal(maps_to(r, r->va), OTHER);
	rig_free(r);
}

/* Where nothing is, nothing is dropped, whatever the address. */
static void test_invlpg_of_what_is_not_there(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	(void)state;

	assert_reads(r, r->va);
	r->s.flush = false;
	(void)shadow_invlpg(&r->s, gva(r->va + SIZE_1G));
	(void)shadow_invlpg(&r->s, gva(r->va + PAGE_SIZE));
	(void)shadow_invlpg(&r->s, gva(0));
	assert_false(r->s.flush);
	assert_true(present(r, r->va));
	shadow_sync_all(&r->s);
	(void)shadow_invlpg(&r->s, gva(r->va));
	rig_root(r);
	rig_free(r);
}

/* The 2 MiB of a large page, whichever byte is named, in one leaf or in pieces. */
static void check_2m(bool pieces)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	const uint64_t va = (VA_4LEVEL & ~(SIZE_1G - 1)) + 6 * SIZE_2M;

	if (pieces)
		r->mem.slot[0].size = LARGE + SIZE_2M - PAGE_SIZE;
	put64(r, PD + 6 * 8, LARGE | PWUAD | PTE_PS);
	put64(r, PD + 7 * 8, LARGE | PWUAD | PTE_PS);
	assert_reads(r, va);
	assert_reads(r, va + 5 * PAGE_SIZE);
	assert_reads(r, va + SIZE_2M);
	assert_int_equal(hw_walk(r, va).level, !pieces);
	(void)shadow_invlpg(&r->s, gva(va + 77 * PAGE_SIZE + 1));
	assert_false(present(r, va));
	assert_false(present(r, va + 5 * PAGE_SIZE));
	assert_true(present(r, va + SIZE_2M));
	rig_free(r);
}

static void test_invlpg_of_any_part_of_2m_drops_all_of_it(void **state)
{
	(void)state;
	check_2m(false);
	check_2m(true);
}

/* Both halves of 4 MiB, by a byte of either, each in one leaf or in pieces. */
static void check_4m(uint64_t named, bool pieces)
{
	struct rig *r = rig_32bit(SHADOW_FLUSH);
	const uint64_t va = 5 * SIZE_4M;

	/* Memory that ends in the second half has it in pieces. */
	if (pieces)
		r->mem.slot[0].size = LARGE + SIZE_4M - PAGE_SIZE;
	for (unsigned i = 4; i < 7; i++)
		put32(r, PD + i * 4, LARGE | PWUAD | PTE_PS);
	for (unsigned i = 4; i < 7; i++) {
		assert_reads(r, i * SIZE_4M + PAGE_SIZE);
		assert_reads(r, i * SIZE_4M + SIZE_2M + PAGE_SIZE);
	}
	assert_int_equal(hw_walk(r, va + SIZE_2M + PAGE_SIZE).level, !pieces);
	(void)shadow_invlpg(&r->s, gva(va + named));
	assert_false(present(r, va + PAGE_SIZE));
	assert_false(present(r, va + SIZE_2M + PAGE_SIZE));
	assert_true(present(r, va - SIZE_2M + PAGE_SIZE));
	assert_true(present(r, va + SIZE_4M + PAGE_SIZE));
	rig_free(r);
}

static void test_invlpg_of_any_part_of_4m_drops_all_of_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		check_4m(0, i);
		check_4m(SIZE_2M - 1, i);
		check_4m(SIZE_2M, i);
		check_4m(SIZE_4M - 1, i);
	}
}

/* Two tables of 32-bit paging side by side are no large page. */
static void test_invlpg_of_a_small_page_leaves_the_other_half(void **state)
{
	struct rig *r = rig_32bit(SHADOW_FLUSH);
	(void)state;

	put32(r, PT + (512 + 4) * 4, OTHER | PWUAD);
	assert_reads(r, r->va);
	assert_reads(r, r->va + SIZE_2M);
	(void)shadow_invlpg(&r->s, gva(r->va));
	assert_false(present(r, r->va));
	assert_true(present(r, r->va + SIZE_2M));
	rig_free(r);
}

static void test_invlpg_of_any_part_of_1g_drops_all_of_it(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	const uint64_t va = VA_4LEVEL & ~(SIZE_1G - 1);
	(void)state;

	put64(r, PDPTE_AT, PWUAD | PTE_PS);
	put64(r, PDPTE_AT + 8, PWUAD | PTE_PS);
	assert_reads(r, va + LARGE);
	assert_reads(r, va + DATA);
	assert_reads(r, va + ROM_BASE);
	assert_reads(r, va + SIZE_1G);
	(void)shadow_invlpg(&r->s, gva(va + SIZE_1G - 1));
	assert_false(present(r, va + LARGE));
	assert_false(present(r, va + DATA));
	assert_false(present(r, va + ROM_BASE));
	assert_true(present(r, va + SIZE_1G));
	rig_free(r);
}

/* Nothing is shared: what one address lets go, no other address loses or keeps. */
static void test_pages_are_part_of_one_range_only(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	const uint64_t alias = r->va + SIZE_2M;
	(void)state;

	put64(r, PDE_AT + 8, PT | PWU);
	assert_reads(r, r->va);
	assert_reads(r, alias);
	(void)shadow_invlpg(&r->s, gva(r->va));
	assert_false(present(r, r->va));
	assert_true(present(r, alias));
	put64(r, PTE_AT, OTHER | PWUAD);
	assert_reads(r, r->va);
	assert_int_equal(maps_to(r, r->va), OTHER);
	assert_int_equal(maps_to(r, alias), DATA);
	rig_free(r);
}

/* A directory that leads elsewhere by now is followed at the next fault, without a flush. */
static void test_a_fault_follows_tables_that_have_changed(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	const uint64_t pt2 = 0x8000;
	uint64_t pages;
	(void)state;

	assert_reads(r, r->va);
	pages = r->s.counts.pages;
	put64(r, pt2 + 5 * 8, OTHER | PWUAD);
	put64(r, PDE_AT, pt2 | PWU);
	assert_reads(r, r->va + PAGE_SIZE);
	assert_int_equal(maps_to(r, r->va + PAGE_SIZE), OTHER);
	assert_int_equal(r->s.counts.pages, pages);
	assert_int_equal(frame_of(r, PT)->tables, 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_stay_writable),
		cmocka_unit_test(test_invlpg_drops_one_page),
		cmocka_unit_test(test_invlpg_of_what_is_not_there),
		cmocka_unit_test(test_invlpg_of_any_part_of_2m_drops_all_of_it),
		cmocka_unit_test(test_invlpg_of_any_part_of_4m_drops_all_of_it),
		cmocka_unit_test(test_invlpg_of_a_small_page_leaves_the_other_half),
		cmocka_unit_test(test_invlpg_of_any_part_of_1g_drops_all_of_it),
		cmocka_unit_test(test_pages_are_part_of_one_range_only),
		cmocka_unit_test(test_a_fault_follows_tables_that_have_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
