/* The walker in 32-bit and PAE paging. */
#include "walk_fixture.h"

/* SDM 3A 4.3: bits 31:22 index the directory, 21:12 the table. */
static void two_levels_reach_a_4k_page(void **state)
{
	struct world *g = world_32bit(state);

	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, DATA + OFFSET);
	assert_int_equal(g->w.page_size, PAGE_SIZE);
	assert_int_equal(g->w.levels, 2);
	assert_int_equal(g->w.entry_gpa[1].v, PDE32_AT);
	assert_int_equal(g->w.entry_gpa[0].v, PTE32_AT);
	assert_false(g->w.nx);
}

/* SDM 3A 4.3: an absent entry at either level ends the walk with P clear. */
static void absent_32bit_entries_fault(void **state)
{
	struct world *g = world_32bit(state);

	put32(g, PTE32_AT, DATA | PTE_W | PTE_U);
	assert_fault(g, ACCESS_WRITE, PFEC_W);
	assert_int_equal(g->w.level, 0);
	put32(g, PDE32_AT, PT | PTE_W | PTE_U);
	assert_fault(g, ACCESS_USER, PFEC_U);
	assert_int_equal(g->w.level, 1);
}

/* SDM 3A 4.3: with CR4.PSE a PDE with PS maps 4 MiB. */
static void pde_with_ps_maps_4m_under_pse(void **state)
{
	struct world *g = world_32bit(state);

	g->mode.cr4 = CR4_PSE;
	put32(g, PDE32_AT, 0x80000000 | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, 0x80004123);
	assert_int_equal(g->w.page_size, SIZE_4M);
	assert_int_equal(g->w.level, 1);
}

/* SDM 3A table 4-5: without CR4.PSE, bit 7 of a PDE is ignored. */
static void ps_is_ignored_without_pse(void **state)
{
	struct world *g = world_32bit(state);

	put32(g, PDE32_AT, PT | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
}

/* SDM 3A table 4-4: with PSE-36, PDE bits 20:13 are address bits 39:32. */
static void pse36_reaches_above_4g(void **state)
{
	struct world *g = world_32bit(state);

	g->mode.cr4 = CR4_PSE;
	put32(g, PDE32_AT, 0x80000000 | (0xa5u << 13) | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, 0xa580004123);
}

/* SDM 3A table 4-4: bit 21 is reserved even with 40 address bits. */
static void bit_21_of_4m_pde_is_reserved(void **state)
{
	struct world *g = world_32bit(state);

	g->mode.cr4 = CR4_PSE;
	g->mode.maxphyaddr = 46;
	put32(g, PDE32_AT, BIT(31) | BIT(21) | PWU | PTE_PS);
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
	assert_int_equal(g->w.level, 1);
}

/* SDM 3A table 4-4: bits 21:(M-19) are reserved, M = MAXPHYADDR below 40. */
static void pse36_is_bounded_by_maxphyaddr(void **state)
{
	struct world *g = world_32bit(state);

	g->mode.cr4 = CR4_PSE;
	g->mode.maxphyaddr = 36;
	put32(g, PDE32_AT, BIT(16) | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, BIT(35) + 0x4123);
	for (unsigned bit = 17; bit <= 21; bit++) {
		put32(g, PDE32_AT, BIT(bit) | PWU | PTE_PS);
		assert_fault(g, ACCESS_READ, RSVD_FAULT);
	}
}

/* SDM 3A table 4-4: without PSE-36, M is 32 and bits 21:13 are reserved. */
static void bits_21_13_are_reserved_without_pse36(void **state)
{
	struct world *g = world_32bit(state);

	g->mode.cr4 = CR4_PSE;
	g->mode.pse36 = false;
	for (unsigned bit = 13; bit <= 21; bit++) {
		put32(g, PDE32_AT, BIT(bit) | PWU | PTE_PS);
		assert_fault(g, ACCESS_READ, RSVD_FAULT);
	}
	put32(g, PDE32_AT, PTE_PAT_LARGE | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, 0x4123);
}

/* An empty bus gives 32 ones: no bit of such a PDE or PTE is reserved. */
static void tables_of_ones_map_the_last_page(void **state)
{
	struct world *g = world_32bit(state);

	g->mode.cr3 = OUTSIDE;
	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, 0xfffff000 + OFFSET);
	assert_int_equal(g->w.entry[0], UINT32_MAX);
}

/* SDM 3A 4.6: W and U of both 32-bit levels are ANDed. */
static void rights_of_both_32bit_levels_are_anded(void **state)
{
	struct world *g = world_32bit(state);

	put32(g, PDE32_AT, PT | PTE_P | PTE_U);
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W);
	put32(g, PDE32_AT, PT | PTE_P | PTE_W);
	assert_fault(g, ACCESS_USER, PFEC_P | PFEC_U);
	put32(g, PDE32_AT, PT | PWU);
	put32(g, PTE32_AT, DATA | PTE_P | PTE_W);
	assert_fault(g, ACCESS_USER, PFEC_P | PFEC_U);
}

/* SDM 3A 4.8: A in both entries, D in the PTE only; 4 bytes are written. */
static void accessed_and_dirty_in_32bit_entries(void **state)
{
	struct world *g = world_32bit(state);

	put32(g, PTE32_AT + 4, 0x12345678);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(get32(g, PDE32_AT), PT | PWU | PTE_A);
	assert_int_equal(get32(g, PTE32_AT), DATA | PWU | PTE_A | PTE_D);
	assert_int_equal(get32(g, PTE32_AT + 4), 0x12345678);
}

/* SDM 3A 4.4.2: bits 31:30 choose a PDPTE register, then 29:21, 20:12. */
static void pae_reaches_a_4k_page(void **state)
{
	struct world *g = world_pae(state);

	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, DATA + OFFSET);
	assert_int_equal(g->w.levels, 3);
	assert_int_equal(g->w.entry[2], PD | PTE_P);
	assert_int_equal(g->w.entry_gpa[2].v, PDPTE_AT);
	assert_int_equal(g->w.entry_gpa[1].v, PDE_AT);
}

/* SDM 3A 4.4.1: the registers count, not the table that they came from. */
static void pae_walk_ignores_pdptes_in_memory(void **state)
{
	struct world *g = world_pae(state);

	put64(g, PDPTE_AT, 0);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_int_equal(get64(g, PDPTE_AT), 0);
}

/* SDM 3A 4.4.2: a PDPTE register with P clear gives a fault with P clear. */
static void absent_pdpte_faults(void **state)
{
	struct world *g = world_pae(state);

	g->mode.pdpte[2] = 0;
	assert_fault(g, ACCESS_USER, PFEC_U);
	assert_int_equal(g->w.level, 2);
}

/* APM vol. 2 15.25.10: under nested paging reserved PDPTE bits fault here. */
static void reserved_pdpte_bit_faults(void **state)
{
	struct world *g = world_pae(state);

	g->mode.pdpte[2] = PD | PTE_P | PTE_W;
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
}

/* SDM 3A table 4-9: a PAE PDE with PS maps 2 MiB. */
static void pae_pde_maps_2m(void **state)
{
	struct world *g = world_pae(state);

	put64(g, PDE_AT, 0x40000000 | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, 0x40004123);
	assert_int_equal(g->w.page_size, SIZE_2M);
	or64(g, PDE_AT, BIT(20));
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
}

/* SDM 3A 4.4.2: bits 62:MAXPHYADDR are reserved in PAE entries. */
static void pae_bits_62_down_are_reserved(void **state)
{
	struct world *g = world_pae(state);

	for (unsigned bit = 40; bit <= 62; bit++) {
		put64(g, PTE_AT, DATA | PWU | BIT(bit));
		assert_fault(g, ACCESS_READ, RSVD_FAULT);
		assert_int_equal(g->w.level, 0);
	}
}

/* SDM 3A 4.4.2: XD is honoured in PAE with NXE, reserved without. */
static void pae_nx(void **state)
{
	struct world *g = world_pae(state);

	or64(g, PDE_AT, PTE_NX);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_true(g->w.nx);
	assert_fault(g, ACCESS_FETCH, PFEC_P | PFEC_I);
	g->mode.efer = 0;
	assert_fault(g, ACCESS_FETCH, RSVD_FAULT);
}

/* SDM 3A 4.4.1: CR3 bits 31:5 locate four PDPTEs, 32-byte aligned. */
static void pdptes_load_from_cr3(void **state)
{
	struct world *g = world_pae(state);

	for (unsigned i = 0; i < 4; i++)
		put64(g, DATA + 32 + i * 8, 0x10000 * (i + 1) | PTE_P);
	assert_true(walk_load_pdptes(&g->mode, &g->mem, DATA + 32 + 31));
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(g->mode.pdpte[i], 0x10000 * (i + 1) | PTE_P);
}

/* SDM 3A 4.4.1: bits 63:M, 8:5, 2:1 reserved in a PDPTE that has P set. */
static void present_pdpte_with_reserved_bits_is_refused(void **state)
{
	struct world *g = world_pae(state);
	uint64_t reserved = BITS(63, 40) | BITS(8, 5) | BITS(2, 1);

	for (unsigned bit = 1; bit < 64; bit++) {
		bool good = !(reserved & BIT(bit));

		put64(g, DATA + 8, BIT(bit) | PTE_P);
		assert_int_equal(walk_load_pdptes(&g->mode, &g->mem, DATA),
				 good);
	}
	put64(g, DATA + 8, ~PTE_P);
	assert_true(walk_load_pdptes(&g->mode, &g->mem, DATA));
}

/* Outside memory PDPTEs read as ones, whose reserved bits are set. */
static void pdptes_outside_memory_are_refused(void **state)
{
	struct world *g = world_pae(state);

	assert_false(walk_load_pdptes(&g->mode, &g->mem, OUTSIDE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_levels_reach_a_4k_page),
		TEST(absent_32bit_entries_fault),
		TEST(pde_with_ps_maps_4m_under_pse),
		TEST(ps_is_ignored_without_pse),
		TEST(pse36_reaches_above_4g),
		TEST(bit_21_of_4m_pde_is_reserved),
		TEST(pse36_is_bounded_by_maxphyaddr),
		TEST(bits_21_13_are_reserved_without_pse36),
		TEST(tables_of_ones_map_the_last_page),
		TEST(rights_of_both_32bit_levels_are_anded),
		TEST(accessed_and_dirty_in_32bit_entries),
		TEST(pae_reaches_a_4k_page),
		TEST(pae_walk_ignores_pdptes_in_memory),
		TEST(absent_pdpte_faults),
		TEST(reserved_pdpte_bit_faults),
		TEST(pae_pde_maps_2m),
		TEST(pae_bits_62_down_are_reserved),
		TEST(pae_nx),
		TEST(pdptes_load_from_cr3),
		TEST(present_pdpte_with_reserved_bits_is_refused),
		TEST(pdptes_outside_memory_are_refused),
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
