/* Large pages of the guest in the shadow: in one leaf where they can be, in pieces where not. */
#include "shadow_fixture.h"

#define LARGE		0x400000ul	/* a page of 2 MiB without tables */
#define LARGE_AT	(PD + 6 * 8)
#define VA_LARGE	((VA_4LEVEL & ~(SIZE_1G - 1)) + 6 * SIZE_2M)

static uint64_t host(struct rig *r, uint64_t address)
{
	return hpa_of(at(r, address)).v;
}

static void test_2m_is_one_leaf(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	struct hw h;
	(void)state;

	put64(r, LARGE_AT, LARGE | PWU | PTE_PS);
	assert_reads(r, VA_LARGE + 0x12345);
	h = hw_walk(r, VA_LARGE);
	assert_int_equal(h.level, 1);
	assert_int_equal(*h.slot[1], host(r, LARGE) | PTE_P | PTE_U | PTE_A | PTE_D | PTE_PS);
	assert_int_equal(get64(r, LARGE_AT), LARGE | PWU | PTE_PS | PTE_A);
	assert_writes(r, VA_LARGE + 0x1fffff);
	assert_int_equal(*h.slot[1], host(r, LARGE) | PWUAD | PTE_PS);
	assert_int_equal(get64(r, LARGE_AT), LARGE | PWUAD | PTE_PS);
	assert_int_equal(maps_to(r, VA_LARGE + 0x54321), LARGE + 0x54321);
	rig_free(r);
}

/* Our 2 MiB twice for the guest's 4, each half by itself. */
static void test_4m_is_two_leaves(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	const uint64_t va = 5 * SIZE_4M;
	(void)state;

	put32(r, PD + 5 * 4, LARGE | PWU | PTE_PS);
	assert_writes(r, va + SIZE_2M + 0x345);
	assert_false(present(r, va));
	assert_writes(r, va);
	assert_int_equal(hw_walk(r, va).level, 1);
	assert_int_equal(maps_to(r, va), LARGE);
	assert_int_equal(maps_to(r, va + SIZE_2M + 0x345), LARGE + SIZE_2M + 0x345);
	rig_free(r);
}

/* Without CR4.PSE the same bit is ignored, and what was made with it serves no more. */
static void test_without_pse_there_are_no_4m_pages(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	const uint64_t va = 5 * SIZE_4M;
	(void)state;

	put32(r, PD + 5 * 4, LARGE | PWU | PTE_PS);
	put32(r, LARGE, DATA | PWU);
	assert_writes(r, va);
	assert_int_equal(maps_to(r, va), LARGE);
	r->mode.cr4 &= ~CR4_PSE;
	rig_root(r);
	assert_writes(r, va);
	assert_int_equal(maps_to(r, va), DATA);
	rig_free(r);
}

/* Physical bits 39:32 stand in bits 20:13: above 4 GiB is no memory, nor a wrapped one. */
static void test_pse_36_above_4_gib_is_emulated(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	const uint64_t va = 5 * SIZE_4M;
	(void)state;

	for (unsigned bit = 13; bit <= 20; bit++) {
		write32(r, PD + 5 * 4, LARGE | PWU | PTE_PS | BIT(bit));
		assert_int_equal(touch(r, va, ACCESS_READ), EMULATED);
		assert_int_equal(touch(r, va, ACCESS_WRITE), EMULATED);
		assert_false(present(r, va));
	}
	write32(r, PD + 5 * 4, LARGE | PWU | PTE_PS | BIT(21));
	assert_faults(r, va, ACCESS_READ, PFEC_P | PFEC_RSVD);
	rig_free(r);
}

/* A page of 1 GiB in leaves of 2 MiB, where there is memory; where not, emulated. */
static void test_1g_is_made_of_2m_leaves(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const uint64_t va = VA_4LEVEL & ~(SIZE_1G - 1);
	(void)state;

	put64(r, PDPTE_AT, PWU | PTE_PS);
	assert_writes(r, va + LARGE + 0x777);
	assert_int_equal(hw_walk(r, va + LARGE).level, 1);
	assert_int_equal(maps_to(r, va + LARGE + 0x777), LARGE + 0x777);
	assert_false(present(r, va + LARGE + SIZE_2M));
	assert_int_equal(touch(r, va + OUTSIDE, ACCESS_READ), EMULATED);
	/* The first 2 MiB hold the tables: page by page, and those read-only. */
	assert_writes(r, va + DATA);
	assert_int_equal(hw_walk(r, va + DATA).level, 0);
	assert_int_equal(touch(r, va + PDPT, ACCESS_WRITE), EMULATED);
	assert_reads(r, va + PDPT);
	assert_false(writable(r, va + PDPT));
	rig_free(r);
}

/* Without 1 GiB pages the bit is reserved. */
static void test_without_1g_pages_their_bit_is_reserved(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	r->mode.page1g = false;
	put64(r, PDPTE_AT, PWU | PTE_PS);
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_RSVD);
	rig_free(r);
}

/* A frame that becomes a table splits the leaf over it, and no other. */
static void test_a_leaf_is_split_for_a_table_and_only_that_leaf(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const uint64_t table = LARGE + 0x5000;
	(void)state;

	put64(r, LARGE_AT, LARGE | PWUAD | PTE_PS);
	put64(r, LARGE_AT + 8, (LARGE + SIZE_2M) | PWUAD | PTE_PS);
	assert_writes(r, VA_LARGE);
	assert_writes(r, VA_LARGE + SIZE_2M);
	r->s.flush = false;
	write64(r, PDE_AT, table | PWU);
	put64(r, table + 4 * 8, DATA | PWU);
	assert_reads(r, r->va);
	assert_true(r->s.flush);
	assert_false(present(r, VA_LARGE));
	assert_int_equal(hw_walk(r, VA_LARGE + SIZE_2M).level, 1);
	assert_writes(r, VA_LARGE);
	assert_int_equal(hw_walk(r, VA_LARGE).level, 0);
	assert_int_equal(touch(r, VA_LARGE + 0x5000, ACCESS_WRITE), EMULATED);
	rig_free(r);
}

/* No table in them any more: they may be one leaf again. */
static void test_a_large_leaf_comes_back_when_the_table_is_gone(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const uint64_t table = LARGE + 0x5000;
	(void)state;

	put64(r, LARGE_AT, LARGE | PWUAD | PTE_PS);
	put64(r, PDE_AT, table | PWU);
	put64(r, table + 4 * 8, DATA | PWU);
	assert_reads(r, r->va);
	assert_writes(r, VA_LARGE);
	assert_int_equal(hw_walk(r, VA_LARGE).level, 0);
	shadow_give_up(&r->s, gpa(table));
	shadow_give_up(&r->s, gpa(PD));
	assert_writes(r, VA_LARGE);
	assert_int_equal(hw_walk(r, VA_LARGE).level, 1);
	rig_free(r);
}

/* Memory that is no whole 2 MiB, or not aligned in the host, has small leaves. */
static void test_memory_that_has_no_2m_is_mapped_in_small_leaves(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const struct shadow_config config = { .pages_max = PAGES, .sync = SHADOW_PROTECT };
	(void)state;

	put64(r, LARGE_AT, LARGE | PWUAD | PTE_PS);
	shadow_fini(&r->s);
	r->mem.slot[0].size = LARGE + SIZE_2M - PAGE_SIZE;
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_OK);
	rig_root(r);
	assert_writes(r, VA_LARGE);
	assert_int_equal(hw_walk(r, VA_LARGE).level, 0);
	assert_int_equal(touch(r, VA_LARGE + SIZE_2M - PAGE_SIZE, ACCESS_READ), EMULATED);
	shadow_fini(&r->s);
	r->mem.slot[0].size = LARGE + SIZE_2M;
	r->mem.slot[0].host = hpa_of(r->ram + PAGE_SIZE);
	r->mem.slot[0].base = gpa(0);
	memmove(r->ram + PAGE_SIZE, r->ram, LARGE);
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_OK);
	rig_root(r);
	assert_writes(r, VA_LARGE);
	assert_int_equal(hw_walk(r, VA_LARGE).level, 0);
	assert_int_equal(maps_to(r, VA_LARGE), LARGE + PAGE_SIZE);
	rig_free(r);
}

/*
 * Pieces of one large page serve all who map it with the same rights and the same dirty bit:
 * a write that cannot set D (its table is in ROM) opens no piece to those who have it clear.
 */
static void test_a_write_past_a_dirty_bit_in_rom_opens_nobody_elses_page(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const uint64_t va_rom = VA_4LEVEL & ~(SIZE_1G - 1), va_ram = va_rom + SIZE_1G;
	const uint64_t clean = PTE_P | PTE_W | PTE_U | PTE_A | PTE_PS;
	const uint64_t pd_ram = 0xb000;
	(void)state;

	put64(r, ROM_BASE, clean);		/* the tables lie there: in pieces */
	put64(r, pd_ram, clean);
	put64(r, PDPTE_AT, ROM_BASE | PWU);
	put64(r, PDPTE_AT + 8, pd_ram | PWU);
	assert_writes(r, va_rom + DATA);
	assert_reads(r, va_ram + DATA + PAGE_SIZE);
	assert_false(writable(r, va_ram + DATA));
	assert_writes(r, va_ram + DATA);
	assert_int_equal(get64(r, pd_ram), clean | PTE_D);
	rig_free(r);
}

/* A table that the very walk for a large page makes known is in the way of a large leaf. */
static void test_a_table_met_on_the_way_is_not_under_the_large_leaf(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PDPTE_AT, (LARGE + 0x3000) | PWU);
	put64(r, LARGE + 0x3000 + 6 * 8, LARGE | PWUAD | PTE_PS);
	assert_writes(r, VA_LARGE);
	assert_int_equal(hw_walk(r, VA_LARGE).level, 0);
	assert_false(writable(r, VA_LARGE + 0x3000));
	assert_int_equal(touch(r, VA_LARGE + 0x3000, ACCESS_WRITE), EMULATED);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_2m_is_one_leaf),
		cmocka_unit_test(test_4m_is_two_leaves),
		cmocka_unit_test(test_without_pse_there_are_no_4m_pages),
		cmocka_unit_test(test_pse_36_above_4_gib_is_emulated),
		cmocka_unit_test(test_1g_is_made_of_2m_leaves),
		cmocka_unit_test(test_without_1g_pages_their_bit_is_reserved),
		cmocka_unit_test(test_a_leaf_is_split_for_a_table_and_only_that_leaf),
		cmocka_unit_test(test_a_large_leaf_comes_back_when_the_table_is_gone),
		cmocka_unit_test(test_memory_that_has_no_2m_is_mapped_in_small_leaves),
		cmocka_unit_test(test_a_write_past_a_dirty_bit_in_rom_opens_nobody_elses_page),
		cmocka_unit_test(test_a_table_met_on_the_way_is_not_under_the_large_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
