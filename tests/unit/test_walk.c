/* The walker in 4-level and 5-level paging: translation and malformed entries. */
#include "walk_fixture.h"

/* SDM 3A 4.1.1: with CR0.PG clear, linear addresses are physical addresses. */
static void paging_off_is_identity(void **state)
{
	struct world *g = *state;

	g->mode.cr0 = CR0_PE;
	g->va = 0xfffff123;
	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, 0xfffff123);
	assert_int_equal(g->w.page_size, SIZE_4G);
	assert_int_equal(g->w.levels, 0);
	assert_null(walk_format(&g->mode));
}

/* SDM 3A 4.1.1: CR4.PAE, IA32_EFER.LMA and CR4.LA57 select the mode. */
static void control_bits_select_the_format(void **state)
{
	struct world *g = *state;

	assert_ptr_equal(walk_format(&g->mode), &pt_format_32bit);
	g->mode.cr4 = CR4_PAE;
	assert_ptr_equal(walk_format(&g->mode), &pt_format_pae);
	g->mode.efer = EFER_LME | EFER_LMA;
	assert_ptr_equal(walk_format(&g->mode), &pt_format_4level);
	g->mode.cr4 |= CR4_LA57;
	assert_ptr_equal(walk_format(&g->mode), &pt_format_5level);
}

/* SDM 3A 4.5: bits 47:39, 38:30, 29:21, 20:12 index the four tables. */
static void four_levels_reach_a_4k_page(void **state)
{
	struct world *g = world_4level(state);

	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_int_equal(g->w.page_size, PAGE_SIZE);
	assert_int_equal(g->w.levels, 4);
	assert_int_equal(g->w.level, 0);
	assert_int_equal(g->w.entry_gpa[3].v, PML4E_AT);
	assert_int_equal(g->w.entry_gpa[2].v, PDPTE_AT);
	assert_int_equal(g->w.entry_gpa[1].v, PDE_AT);
	assert_int_equal(g->w.entry_gpa[0].v, PTE_AT);
	assert_int_equal(g->w.entry[3], PDPT | PWU | PTE_A);
	assert_int_equal(g->w.entry[0], DATA | PWU | PTE_A);
	assert_true(g->w.write && g->w.user);
	assert_false(g->w.nx);
	assert_false(g->w.global);
}

/* SDM 3A 4.5: CR4.LA57 adds a PML5 table indexed by bits 56:48. */
static void five_levels_reach_a_4k_page(void **state)
{
	struct world *g = world_5level(state);

	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(g->w.levels, 5);
	assert_int_equal(g->w.entry_gpa[4].v, PML5E_AT);
}

/* SDM 3A 4.5: CR3 bits 11:0 (PCID or PWT, PCD) are no part of the address. */
static void cr3_low_bits_are_not_address(void **state)
{
	struct world *g = world_4level(state);

	g->mode.cr3 |= CR3_PCID;
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
}

/* SDM 3A table 4-18: a PDE with PS maps 2 MiB; bits 20:0 are the offset. */
static void pde_with_ps_maps_2m(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDE_AT, 0x40000000 | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, 0x40004123);
	assert_int_equal(g->w.page_size, SIZE_2M);
	assert_int_equal(g->w.level, 1);
}

/* SDM 3A table 4-16: a PDPTE with PS maps 1 GiB; bits 29:0 are the offset. */
static void pdpte_with_ps_maps_1g(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDPTE_AT, 0x80000000 | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, 0x80604123);
	assert_int_equal(g->w.page_size, SIZE_1G);
	assert_int_equal(g->w.level, 2);
}

/* SDM 3A tables 4-16, 4-18: bit 12 of a large leaf is PAT, not address. */
static void large_leaf_pat_bit_is_ignored(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDE_AT, 0x40000000 | PWU | PTE_PS | PTE_PAT_LARGE);
	assert_gpa(g, ACCESS_READ, 0x40004123);
}

/* SDM 3A table 4-19: bit 7 of a PTE is PAT; it is no page size. */
static void pte_bit_7_is_pat(void **state)
{
	struct world *g = world_4level(state);

	or64(g, PTE_AT, PTE_PAT);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
}

/* SDM 3A tables 4-14 to 4-19: bits 62:52 and 11:9 are ignored (no PKE). */
static void ignored_bits_are_ignored(void **state)
{
	struct world *g = world_4level(state);

	or64(g, PML4E_AT, BITS(62, 52) | BITS(11, 9));
	or64(g, PDE_AT, BITS(62, 52) | BITS(11, 9));
	or64(g, PTE_AT, BITS(62, 52) | BITS(11, 9));
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
}

/* SDM 3A 4.10.2.4: a page is global if CR4.PGE and its G flag are set. */
static void global_needs_pge(void **state)
{
	struct world *g = world_4level(state);

	or64(g, PTE_AT, PTE_G);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_false(g->w.global);
	g->mode.cr4 |= CR4_PGE;
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_true(g->w.global);
}

/* SDM 1 "Canonical Addressing" 3.3.7.1: bits 63:47 alike with 48 bits. */
static void four_level_address_must_be_canonical(void **state)
{
	struct world *g = world_4level(state);

	g->va = 0x0000800000000000;
	assert_int_equal(go(g, ACCESS_READ), WALK_NOT_CANONICAL);
	g->va = 0xffff7fffffffffff;
	assert_int_equal(go(g, ACCESS_READ), WALK_NOT_CANONICAL);
	g->va = 0x00007fffffffffff;
	assert_int_equal(go(g, ACCESS_READ), WALK_FAULT);
	assert_int_equal(g->w.entry_gpa[3].v, PML4 + 255 * 8);
	g->va = 0xffff800000000000;
	assert_int_equal(go(g, ACCESS_READ), WALK_FAULT);
	assert_int_equal(g->w.entry_gpa[3].v, PML4 + 256 * 8);
}

/* The same with CR4.LA57: bits 63:56 alike. */
static void five_level_address_must_be_canonical(void **state)
{
	struct world *g = world_5level(state);

	g->va = 0x0100000000000000;
	assert_int_equal(go(g, ACCESS_READ), WALK_NOT_CANONICAL);
	g->va = 0xfeffffffffffffff;
	assert_int_equal(go(g, ACCESS_READ), WALK_NOT_CANONICAL);
	g->va = 0xff00000000000000;
	assert_int_equal(go(g, ACCESS_READ), WALK_FAULT);
}

/* SDM 3A 4.7: P in the error code is 0 when an entry used has P clear. */
static void absent_entry_faults_at_its_level(void **state)
{
	static const uint64_t entry[] = { PTE_AT, PDE_AT, PDPTE_AT, PML4E_AT,
					  PML5E_AT };
	struct world *g = world_5level(state);

	for (unsigned i = 0; i < ARRAY_SIZE(entry); i++) {
		clear64(g, entry[i], PTE_P);
		assert_fault(g, ACCESS_READ, 0);
		assert_int_equal(g->w.level, i);
	}
}

/* SDM 3A 4.7: RSVD needs P: reserved bits in an absent entry do not count. */
static void absent_entry_hides_its_reserved_bits(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDE_AT, ~PTE_P);
	assert_fault(g, ACCESS_WRITE | ACCESS_USER, PFEC_W | PFEC_U);
}

/* SDM 3A 4.5: bits 51:MAXPHYADDR are reserved at every level. */
static void address_bits_past_maxphyaddr_are_reserved(void **state)
{
	static const uint64_t entry[] = { PTE_AT, PDE_AT, PDPTE_AT, PML4E_AT,
					  PML5E_AT };
	struct world *g = world_5level(state);

	for (unsigned i = 0; i < ARRAY_SIZE(entry); i++) {
		for (unsigned bit = 40; bit <= 51; bit++) {
			or64(g, entry[i], BIT(bit));
			assert_fault(g, ACCESS_READ, RSVD_FAULT);
			assert_int_equal(g->w.level, i);
			clear64(g, entry[i], BIT(bit));
		}
	}
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
}

/* SDM 3A 4.1.4: MAXPHYADDR is at most 52; then no address bit is reserved. */
static void maxphyaddr_52_reserves_no_address_bit(void **state)
{
	struct world *g = world_4level(state);

	g->mode.maxphyaddr = 52;
	or64(g, PTE_AT, BIT(51));
	assert_gpa(g, ACCESS_READ, BIT(51) | DATA | OFFSET);
}

/* SDM 3A tables 4-14, 4-15: PS is reserved in PML5E and PML4E. */
static void ps_is_reserved_above_the_pdpte(void **state)
{
	struct world *g = world_5level(state);

	or64(g, PML4E_AT, PTE_PS);
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
	assert_int_equal(g->w.level, 3);
	or64(g, PML5E_AT, PTE_PS);
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
	assert_int_equal(g->w.level, 4);
}

/* SDM 3A 4.5: PS is reserved in a PDPTE where 1 GiB pages do not exist. */
static void ps_is_reserved_in_pdpte_without_page1g(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDPTE_AT, 0x80000000 | PWU | PTE_PS);
	g->mode.page1g = false;
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
	assert_int_equal(g->w.level, 2);
}

/* SDM 3A table 4-18: bits 20:13 of a 2 MiB PDE are reserved. */
static void low_address_bits_of_2m_pde_are_reserved(void **state)
{
	struct world *g = world_4level(state);

	for (unsigned bit = 13; bit <= 20; bit++) {
		put64(g, PDE_AT, BIT(30) | PWU | PTE_PS | BIT(bit));
		assert_fault(g, ACCESS_READ, RSVD_FAULT);
	}
}

/* SDM 3A table 4-16: bits 29:13 of a 1 GiB PDPTE are reserved. */
static void low_address_bits_of_1g_pdpte_are_reserved(void **state)
{
	struct world *g = world_4level(state);

	for (unsigned bit = 13; bit <= 29; bit++) {
		put64(g, PDPTE_AT, BIT(30) | PWU | PTE_PS | BIT(bit));
		assert_fault(g, ACCESS_READ, RSVD_FAULT);
	}
}

/* SDM 3A 4.5: bit 63 is reserved while IA32_EFER.NXE is 0. */
static void nx_is_reserved_without_nxe(void **state)
{
	static const uint64_t entry[] = { PTE_AT, PDE_AT, PDPTE_AT, PML4E_AT };
	struct world *g = world_4level(state);

	g->mode.efer &= ~EFER_NXE;
	for (unsigned i = 0; i < ARRAY_SIZE(entry); i++) {
		or64(g, entry[i], PTE_NX);
		assert_fault(g, ACCESS_READ, RSVD_FAULT);
		assert_int_equal(g->w.level, i);
	}
}

/* The same when the CPU has no NX at all, whatever EFER says. */
static void nx_is_reserved_without_the_feature(void **state)
{
	struct world *g = world_4level(state);

	g->mode.nx = false;
	or64(g, PTE_AT, PTE_NX);
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
}

/* An empty bus reads as ones: bits 51:40 of that entry are reserved. */
static void table_outside_memory_reads_as_ones(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDE_AT, OUTSIDE | PWU);
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
	assert_int_equal(g->w.level, 0);
	assert_int_equal(g->w.entry[0], UINT64_MAX);
	assert_int_equal(g->w.entry_gpa[0].v, OUTSIDE + 4 * 8);
	g->mode.cr3 = OUTSIDE;
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
	assert_int_equal(g->w.level, 3);
}

/* With no memory at all the walk still ends in a fault. */
static void no_memory_reads_as_ones(void **state)
{
	struct world *g = world_4level(state);

	g->mem.slots = 0;
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
}

/* Tables may lie in different slots: the walk follows from one to the next. */
static void tables_may_span_slots(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDPTE_AT, ROM_BASE | PWU);
	put64(g, ROM_BASE + 3 * 8, PT | PWU);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_int_equal(g->w.entry_gpa[1].v, ROM_BASE + 3 * 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(paging_off_is_identity),
		TEST(control_bits_select_the_format),
		TEST(four_levels_reach_a_4k_page),
		TEST(five_levels_reach_a_4k_page),
		TEST(cr3_low_bits_are_not_address),
		TEST(pde_with_ps_maps_2m),
		TEST(pdpte_with_ps_maps_1g),
		TEST(large_leaf_pat_bit_is_ignored),
		TEST(pte_bit_7_is_pat),
		TEST(ignored_bits_are_ignored),
		TEST(global_needs_pge),
		TEST(four_level_address_must_be_canonical),
		TEST(five_level_address_must_be_canonical),
		TEST(absent_entry_faults_at_its_level),
		TEST(absent_entry_hides_its_reserved_bits),
		TEST(address_bits_past_maxphyaddr_are_reserved),
		TEST(maxphyaddr_52_reserves_no_address_bit),
		TEST(ps_is_reserved_above_the_pdpte),
		TEST(ps_is_reserved_in_pdpte_without_page1g),
		TEST(low_address_bits_of_2m_pde_are_reserved),
		TEST(low_address_bits_of_1g_pdpte_are_reserved),
		TEST(nx_is_reserved_without_nxe),
		TEST(nx_is_reserved_without_the_feature),
		TEST(table_outside_memory_reads_as_ones),
		TEST(no_memory_reads_as_ones),
		TEST(tables_may_span_slots),
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
