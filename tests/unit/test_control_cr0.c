/*
 * Writes to CR0, rule by rule. SDM 2B "MOV - Move to/from Control Registers";
 * SDM 3A "Paging-Mode Enabling" 4.1.2, "PDPTE Registers" 4.4.1, "Initializing
 * IA-32e Mode" 9.8.5.
 */
#include "control_fixture.h"

static void cr0_refuses_bits_63_to_32(void **state)
{
	struct world *w = *state;

	world_long(w);
	for (unsigned bit = 32; bit < 64; bit++)
		assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 |
						    BIT(bit)));
}

/* Reserved bits below 32 are ignored and read 0; ET is hardwired to 1. */
static void cr0_ignores_reserved_bits(void **state)
{
	struct world *w = *state;

	assert_taken(w, control_write_cr0(&w->vm, CR0_MP | BIT(6) | BIT(15) |
					  BIT(17) | BIT(19) | BIT(28)), false);
	assert_int_equal(w->vm.vcpu.cr0, CR0_MP | CR0_ET);
}

static void cr0_pg_needs_pe(void **state)
{
	struct world *w = *state;

	assert_refused(w, control_write_cr0(&w->vm, CR0_PG | CR0_ET));
	world_pae(w);
	assert_refused(w, control_write_cr0(&w->vm, CR0_PG | CR0_ET));
}

static void cr0_nw_needs_cd(void **state)
{
	struct world *w = *state;

	assert_refused(w, control_write_cr0(&w->vm, CR0_ET | CR0_NW));
	assert_taken(w, control_write_cr0(&w->vm, CR0_ET | CR0_NW | CR0_CD),
		     false);
	assert_taken(w, control_write_cr0(&w->vm, CR0_ET | CR0_CD), false);
}

static void ready_for_long_mode(struct world *w)
{
	world_protected(w);
	world_entry(w, WORLD_PML4, 0, WORLD_PDPT | WORLD_TABLE);
	w->vm.vcpu.cr3 = WORLD_PML4;
	w->vm.vcpu.cr4 = CR4_PAE;
	w->vm.vcpu.efer = EFER_LME;
}

/* PG with LME activates long mode: LMA is set, and no PDPTEs are loaded. */
static void paging_on_with_lme_sets_lma(void **state)
{
	struct world *w = *state;

	ready_for_long_mode(w);
	assert_true(control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG));
	assert_int_equal(w->vm.vcpu.efer, EFER_LME | EFER_LMA);
	assert_int_equal(w->vm.vcpu.pdpte[0], 0);
	assert_int_equal(w->vm.tally.mode, MODE_LONG);
}

static void paging_on_with_lme_needs_pae(void **state)
{
	struct world *w = *state;

	ready_for_long_mode(w);
	w->vm.vcpu.cr4 = CR4_PSE;
	assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG));
}

static void paging_on_with_lme_refuses_cs_l(void **state)
{
	struct world *w = *state;

	ready_for_long_mode(w);
	w->vm.vcpu.seg[SEG_CS].ar |= AR_L;
	assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG));
}

/* 9.8.5: "if TR contains a 16-bit TSS". */
static void paging_on_with_lme_refuses_a_16_bit_tss(void **state)
{
	struct world *w = *state;

	ready_for_long_mode(w);
	w->vm.vcpu.seg[SEG_TR].ar = AR_TSS16_BUSY;
	assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG));
}

/* Without LME a CS with L and a 16-bit TSS are nobody's concern. */
static void paging_on_without_lme_does_not_ask(void **state)
{
	struct world *w = *state;

	world_protected(w);
	w->vm.vcpu.seg[SEG_CS].ar |= AR_L;
	w->vm.vcpu.seg[SEG_TR].ar = AR_TSS16_BUSY;
	assert_taken(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG),
		     true);
	assert_int_equal(w->vm.vcpu.efer, 0);
	assert_int_equal(w->vm.tally.mode, MODE_32BIT);
}

static void paging_off_in_64_bit_code_is_refused(void **state)
{
	struct world *w = *state;

	world_long(w);
	assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 & ~CR0_PG));
}

static void paging_off_in_compatibility_mode_clears_lma(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.seg[SEG_CS].ar ^= AR_L | AR_DB;
	assert_taken(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 & ~CR0_PG),
		     true);
	assert_int_equal(w->vm.vcpu.efer, EFER_LME);
	assert_int_equal(w->vm.tally.mode, MODE_UNPAGED);
}

static void paging_off_with_pcide_is_refused(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.seg[SEG_CS].ar ^= AR_L | AR_DB;
	w->vm.vcpu.cr4 |= CR4_PCIDE;
	assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 & ~CR0_PG));
}

/* Only what changes translations drops them. SDM 3A 4.10.4.1; APM vol. 2 5.5.2. */
static void cr0_flushes_for_paging_only(void **state)
{
	static const uint64_t quiet[] = { CR0_MP, CR0_EM, CR0_TS, CR0_NE,
					  CR0_AM };
	struct world *w = *state;

	world_protected(w);
	for (unsigned i = 0; i < ARRAY_SIZE(quiet); i++) {
		assert_taken(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 |
						  quiet[i]), false);
		assert_true(w->vm.vcpu.cr0 & quiet[i]);
	}
	assert_taken(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG),
		     true);
	assert_taken(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 & ~CR0_PG),
		     true);
}

static void paging_on_with_pae_loads_pdptes(void **state)
{
	struct world *w = *state;

	world_protected(w);
	w->vm.vcpu.cr3 = WORLD_PDPT;
	w->vm.vcpu.cr4 = CR4_PAE;
	put_pdptes(w, PDPTE_BAD);
	assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG));
	put_pdptes(w, PDPTE_NEW);
	assert_true(control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_PG));
	assert_loaded(w, PDPTE_NEW);
	assert_int_equal(w->vm.tally.mode, MODE_PAE);
}

/* 4.4.1: changes of CD, NW or PG reload; others leave the registers as they are. */
static void cr0_reloads_pdptes_for_cache_bits(void **state)
{
	static const uint64_t quiet[] = { CR0_MP, CR0_EM, CR0_TS, CR0_NE,
					  CR0_AM, CR0_WP };
	struct world *w = *state;

	world_pae(w);
	put_pdptes(w, PDPTE_NEW);
	for (unsigned i = 0; i < ARRAY_SIZE(quiet); i++)
		assert_true(control_write_cr0(&w->vm, w->vm.vcpu.cr0 ^
					      quiet[i]));
	assert_int_equal(w->vm.vcpu.pdpte[0], WORLD_PD | PTE_P);
	assert_true(control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_CD));
	assert_loaded(w, PDPTE_NEW);
	put_pdptes(w, WORLD_PD | PTE_P);
	assert_true(control_write_cr0(&w->vm, w->vm.vcpu.cr0 | CR0_NW));
	assert_loaded(w, WORLD_PD | PTE_P);
	put_pdptes(w, PDPTE_BAD);
	assert_refused(w, control_write_cr0(&w->vm, w->vm.vcpu.cr0 & ~CR0_NW));
}

/* LMSW loads PE, MP, EM and TS; PE it can set only. SDM 2A "LMSW". */
static void lmsw_loads_four_bits(void **state)
{
	const uint64_t other = CR0_PG | CR0_WP | CR0_NE | CR0_ET;

	(void)state;
	assert_int_equal(control_lmsw(other, 0xffff), other | 0xf);
	assert_int_equal(control_lmsw(other, CR0_MP | CR0_TS),
			 other | CR0_MP | CR0_TS);
	assert_int_equal(control_lmsw(other | 0xf, CR0_PE), other | CR0_PE);
	assert_int_equal(control_lmsw(other | 0xf, 0), other | CR0_PE);
	assert_int_equal(control_lmsw(other, 0), other);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(cr0_refuses_bits_63_to_32),
	WORLD_TEST(cr0_ignores_reserved_bits),
	WORLD_TEST(cr0_pg_needs_pe),
	WORLD_TEST(cr0_nw_needs_cd),
	WORLD_TEST(paging_on_with_lme_sets_lma),
	WORLD_TEST(paging_on_with_lme_needs_pae),
	WORLD_TEST(paging_on_with_lme_refuses_cs_l),
	WORLD_TEST(paging_on_with_lme_refuses_a_16_bit_tss),
	WORLD_TEST(paging_on_without_lme_does_not_ask),
	WORLD_TEST(paging_off_in_64_bit_code_is_refused),
	WORLD_TEST(paging_off_in_compatibility_mode_clears_lma),
	WORLD_TEST(paging_off_with_pcide_is_refused),
	WORLD_TEST(cr0_flushes_for_paging_only),
	WORLD_TEST(paging_on_with_pae_loads_pdptes),
	WORLD_TEST(cr0_reloads_pdptes_for_cache_bits),
	WORLD_TEST(lmsw_loads_four_bits),
};

WORLD_MAIN(tests)
