/*
 * Writes to CR3, CR4 and EFER, rule by rule. SDM 2B "MOV - Move to/from Control
 * Registers"; SDM 3A "PDPTE Registers" 4.4.1, "Operations that Invalidate TLBs
 * and Paging-Structure Caches" 4.10.4.1.
 */
#include "control_fixture.h"

#include "core/assist.h"
#include "core/cpuid_defs.h"

/* Which changes of CR4 reload, and which do not, with PAE paging on. */
static void cr4_reloads_pdptes(void **state)
{
	static const uint64_t loud[] = { CR4_PGE, CR4_PSE, CR4_SMEP };
	static const uint64_t quiet[] = { CR4_VME, CR4_TSD, CR4_DE, CR4_OSFXSR,
					  CR4_SMAP, CR4_UMIP };
	struct world *w = *state;

	world_pae(w);
	put_pdptes(w, PDPTE_BAD);
	for (unsigned i = 0; i < ARRAY_SIZE(quiet); i++)
		assert_true(control_write_cr4(&w->vm, w->vm.vcpu.cr4 |
					      quiet[i]));
	for (unsigned i = 0; i < ARRAY_SIZE(loud); i++)
		assert_refused(w, control_write_cr4(&w->vm, w->vm.vcpu.cr4 |
						    loud[i]));
	for (unsigned i = 0; i < ARRAY_SIZE(loud); i++) {
		put_pdptes(w, (i + 9) << PAGE_SHIFT | PTE_P);
		assert_true(control_write_cr4(&w->vm, w->vm.vcpu.cr4 |
					      loud[i]));
		assert_loaded(w, (i + 9) << PAGE_SHIFT | PTE_P);
	}
}

/* PAE changed while paging is on: 32-bit paging becomes PAE paging and back. */
static void cr4_pae_switches_the_paging_mode(void **state)
{
	struct world *w = *state;

	world_pae(w);
	put_pdptes(w, PDPTE_NEW);
	assert_taken(w, control_write_cr4(&w->vm, 0), true);
	assert_int_equal(w->vm.tally.mode, MODE_32BIT);
	assert_taken(w, control_write_cr4(&w->vm, CR4_PAE), true);
	assert_int_equal(w->vm.tally.mode, MODE_PAE);
	assert_loaded(w, PDPTE_NEW);
}

/* The policy's CR4 is the CPU's: every other bit is reserved. */
static void cr4_refuses_what_the_policy_does(void **state)
{
	struct world *w = *state;

	for (unsigned bit = 0; bit < 64; bit++) {
		if (WORLD_CR4 & BIT(bit)) {
			assert_true(control_write_cr4(&w->vm, BIT(bit)));
			assert_int_equal(w->vm.vcpu.cr4, BIT(bit));
		} else {
			assert_refused(w, control_write_cr4(&w->vm, BIT(bit)));
		}
	}
}

static void cr4_pae_stays_in_long_mode(void **state)
{
	struct world *w = *state;

	world_long(w);
	assert_refused(w, control_write_cr4(&w->vm, 0));
	assert_taken(w, control_write_cr4(&w->vm, CR4_PAE | CR4_PGE), true);
	/* Long mode active or not: compatibility mode too. */
	w->vm.vcpu.seg[SEG_CS].ar ^= AR_L | AR_DB;
	assert_refused(w, control_write_cr4(&w->vm, 0));
}

static void cr4_la57_stays_in_long_mode(void **state)
{
	struct world *w = *state;

	world_long(w);
	assert_refused(w, control_write_cr4(&w->vm, CR4_PAE | CR4_LA57));
	world_protected(w);
	w->vm.vcpu.efer = EFER_LME;
	assert_true(control_write_cr4(&w->vm, CR4_PAE | CR4_LA57));
}

/* CPUID.7.ECX.OSPKE is CR4.PKE. SDM 2A "CPUID" table 3-8 */
static void cr4_pke_is_what_cpuid_tells(void **state)
{
	struct world *w = *state;
	const uint32_t before = policy_cpuid(&w->vm.policy, 7, 0)->ecx;

	assert_false(before & CPUID_OSPKE);
	assert_true(control_write_cr4(&w->vm, CR4_PKE | CR4_DE));
	assert_int_equal(policy_cpuid(&w->vm.policy, 7, 0)->ecx, before | CPUID_OSPKE);
	assert_refused(w, control_write_cr4(&w->vm, CR4_CET));
	assert_int_equal(policy_cpuid(&w->vm.policy, 7, 0)->ecx, before | CPUID_OSPKE);
	assert_true(control_write_cr4(&w->vm, CR4_DE));
	assert_int_equal(policy_cpuid(&w->vm.policy, 7, 0)->ecx, before);
}

/* PCIDE from 0 to 1 needs long mode and PCID 0; from 1 to 0 it drops translations. */
static void cr4_pcide_rules(void **state)
{
	struct world *w = *state;

	w->vm.policy.cr4_allowed |= CR4_PCIDE;
	world_protected(w);
	assert_refused(w, control_write_cr4(&w->vm, CR4_PCIDE));
	world_long(w);
	w->vm.vcpu.cr3 = WORLD_PML4 | 1;
	assert_refused(w, control_write_cr4(&w->vm, CR4_PAE | CR4_PCIDE));
	w->vm.vcpu.cr3 = WORLD_PML4;
	assert_true(control_write_cr4(&w->vm, CR4_PAE | CR4_PCIDE));
	w->vm.vcpu.cr3 = WORLD_PML4 | 1;
	assert_true(control_write_cr4(&w->vm, CR4_PAE | CR4_PCIDE | CR4_TSD));
	assert_taken(w, control_write_cr4(&w->vm, CR4_PAE), true);
}

static void cr4_flushes_for_paging_only(void **state)
{
	static const uint64_t loud[] = { CR4_PSE, CR4_PAE, CR4_PGE, CR4_SMEP, CR4_PKE };
	static const uint64_t quiet[] = { CR4_VME, CR4_PVI, CR4_TSD, CR4_DE,
					  CR4_OSFXSR, CR4_OSXMMEXCPT, CR4_UMIP,
					  CR4_FSGSBASE };
	struct world *w = *state;

	world_protected(w);
	for (unsigned i = 0; i < ARRAY_SIZE(loud); i++) {
		assert_taken(w, control_write_cr4(&w->vm, loud[i]), true);
		assert_taken(w, control_write_cr4(&w->vm, loud[i]), false);
		assert_taken(w, control_write_cr4(&w->vm, 0), true);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(quiet); i++) {
		assert_taken(w, control_write_cr4(&w->vm, quiet[i]), false);
		assert_taken(w, control_write_cr4(&w->vm, 0), false);
	}
}

/* In long mode bits 63:MAXPHYADDR are reserved. */
static void cr3_refuses_addresses_beyond_the_cpu(void **state)
{
	struct world *w = *state;
	const unsigned width = 40;

	world_long(w);
	for (unsigned bit = width; bit < 64; bit++)
		assert_refused(w, control_write_cr3(&w->vm, WORLD_PML4 |
						    BIT(bit)));
	assert_taken(w, control_write_cr3(&w->vm, BIT(width - 1)), true);
	assert_int_equal(w->vm.vcpu.cr3, BIT(width - 1));
}

/* With PCIDE bit 63 says "keep"; it is no part of the register. */
static void cr3_bit_63_is_taken_with_pcide(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.cr4 |= CR4_PCIDE;
	assert_true(control_write_cr3(&w->vm, BIT(63) | WORLD_PML4 | 5));
	assert_int_equal(w->vm.vcpu.cr3, WORLD_PML4 | 5);
}

static void cr3_loads_pdptes_in_pae_mode(void **state)
{
	struct world *w = *state;

	world_pae(w);
	put_pdptes(w, PDPTE_BAD);
	assert_refused(w, control_write_cr3(&w->vm, WORLD_PDPT));
	put_pdptes(w, PDPTE_NEW);
	assert_taken(w, control_write_cr3(&w->vm, WORLD_PDPT | CR3_PCD), true);
	assert_int_equal(w->vm.vcpu.cr3, WORLD_PDPT | CR3_PCD);
	assert_loaded(w, PDPTE_NEW);
}

/*
 * Under AMD's nested paging the PDPTEs are no registers: nothing is read or
 * refused when CR3 is written, and each walk reads them anew. APM vol. 2
 * "Legacy PAE Mode" 15.25.10.
 */
static void cr3_loads_no_pdptes_where_walks_read_them(void **state)
{
	struct world *w = *state;

	w->cpu.caps.pdptes = false;
	world_pae(w);
	put_pdptes(w, PDPTE_BAD);
	assert_true(control_write_cr3(&w->vm, WORLD_PDPT | CR3_PCD));
	assert_int_equal(w->vm.vcpu.cr3, WORLD_PDPT | CR3_PCD);
	put_pdptes(w, PDPTE_NEW);
	assert_int_equal(control_walk_mode(&w->vm).pdpte[0], PDPTE_NEW);
	w->cpu.caps.pdptes = true;
	assert_int_equal(control_walk_mode(&w->vm).pdpte[0], WORLD_PD | PTE_P);
}

/* Outside the guest's memory all ones are read: reserved bits are set. */
/* The emulator walks with the vcpu's PDPTEs: where nothing loads them, emulating does. */
static void emulated_accesses_walk_the_pdptes_in_memory(void **state)
{
	static const uint8_t nop[] = { 0x90 };
	struct world *w = *state;

	w->cpu.caps.pdptes = false;
	world_pae(w);
	world_code(w, nop, sizeof(nop));
	memset(w->vm.vcpu.pdpte, 0, sizeof(w->vm.vcpu.pdpte));
	assert_int_equal(assist_emulate(&w->vm), ACT_RESUME);
	assert_int_equal(w->vm.vcpu.pdpte[0], WORLD_PD | PTE_P);
	assert_int_equal(w->vm.vcpu.pending.kind, EVENT_NONE);
}

static void cr3_outside_memory_is_refused_in_pae_mode(void **state)
{
	struct world *w = *state;

	world_pae(w);
	assert_refused(w, control_write_cr3(&w->vm, WORLD_RAM));
}

/* Without PAE paging nothing is read when CR3 is written. */
static void cr3_is_only_stored_elsewhere(void **state)
{
	struct world *w = *state;

	put_pdptes(w, PDPTE_BAD);
	assert_true(control_write_cr3(&w->vm, WORLD_PDPT));
	world_protected(w);
	w->vm.vcpu.cr4 = CR4_PAE;
	assert_true(control_write_cr3(&w->vm, WORLD_PDPT));
	world_long(w);
	assert_true(control_write_cr3(&w->vm, WORLD_PDPT));
	assert_int_equal(w->vm.vcpu.cr3, WORLD_PDPT);
}

/* SDM 4 table 2-2: SCE, LME, LMA and NXE are all there is. */
static void efer_refuses_reserved_bits(void **state)
{
	struct world *w = *state;
	const uint64_t known = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE;

	for (unsigned bit = 0; bit < 64; bit++)
		if (!(known & BIT(bit)))
			assert_refused(w, control_write_efer(&w->vm,
							     BIT(bit)));
	assert_true(control_write_efer(&w->vm, known & ~EFER_LMA));
	assert_int_equal(w->vm.vcpu.efer, known & ~EFER_LMA);
}

static void efer_lme_is_fixed_while_paging(void **state)
{
	struct world *w = *state;

	world_pae(w);
	assert_refused(w, control_write_efer(&w->vm, EFER_LME));
	world_long(w);
	assert_refused(w, control_write_efer(&w->vm, EFER_LMA));
	assert_true(control_write_efer(&w->vm, EFER_LME | EFER_LMA | EFER_SCE));
}

/* LMA is the CPU's to set and clear. */
static void efer_lma_cannot_be_written(void **state)
{
	struct world *w = *state;

	assert_true(control_write_efer(&w->vm, EFER_LME | EFER_LMA));
	assert_int_equal(w->vm.vcpu.efer, EFER_LME);
	world_long(w);
	assert_true(control_write_efer(&w->vm, EFER_LME));
	assert_int_equal(w->vm.vcpu.efer, EFER_LME | EFER_LMA);
}

/* NXE decides what a cached entry allows; SCE and LME without paging do not. */
static void efer_flushes_for_nxe(void **state)
{
	struct world *w = *state;

	assert_taken(w, control_write_efer(&w->vm, EFER_SCE), false);
	assert_taken(w, control_write_efer(&w->vm, EFER_SCE | EFER_LME), false);
	assert_taken(w, control_write_efer(&w->vm, EFER_NXE), true);
	assert_taken(w, control_write_efer(&w->vm, EFER_NXE), false);
	assert_taken(w, control_write_efer(&w->vm, 0), true);
}

/* Every accepted write marks the group for the next entry and asks the strategy anew. */
static void writes_reach_the_hardware_view(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.dirty = 0;
	assert_true(control_write_cr0(&w->vm, CR0_ET | CR0_PE));
	assert_int_equal(w->vm.hw.cr0, CR0_ET | CR0_PE);
	assert_true(control_write_cr3(&w->vm, 0x9000));
	assert_int_equal(w->vm.hw.cr3, 0x9000);
	assert_true(control_write_cr4(&w->vm, CR4_PSE));
	assert_int_equal(w->vm.hw.cr4, CR4_PSE);
	assert_true(control_write_efer(&w->vm, EFER_SCE));
	assert_int_equal(w->vm.hw.efer, EFER_SCE);
	assert_int_equal(w->vm.vcpu.dirty, ST_CR);
}

/* CR8 holds four bits, and no exit need have asked. SDM 3A "Task Priority" 10.8.6.1 */
static void cr8_has_four_bits_and_reaches_the_hardware(void **state)
{
	struct world *w = *state;

	control_apply(&w->vm);
	w->vm.vcpu.dirty = 0;
	for (unsigned bit = 4; bit < 64; bit++) {
		assert_false(control_write_cr(&w->vm, 8, BIT(bit)));
		assert_int_equal(w->vm.vcpu.cr8, 0);
	}
	assert_int_equal(w->vm.vcpu.dirty, 0);
	assert_true(control_write_cr(&w->vm, 8, 0xf));
	assert_int_equal(w->vm.vcpu.cr8, 0xf);
	assert_int_equal(w->vm.vcpu.dirty, ST_CR);
}

/* The number picks the register; CR1 and the rest beyond CR8 do not exist. */
static void a_number_picks_the_register(void **state)
{
	struct world *w = *state;
	const struct vcpu *v = &w->vm.vcpu;

	assert_true(control_write_cr(&w->vm, 0, CR0_ET | CR0_PE));
	assert_true(control_write_cr(&w->vm, 3, 0x9000));
	assert_true(control_write_cr(&w->vm, 4, CR4_PSE));
	assert_int_equal(v->cr0, CR0_ET | CR0_PE);
	assert_int_equal(v->cr3, 0x9000);
	assert_int_equal(v->cr4, CR4_PSE);
	for (unsigned n = 0; n < 16; n++)
		if (n != 0 && n != 3 && n != 4 && n != 8)
			assert_refused(w, control_write_cr(&w->vm, n, 0));
}

/* An emulated MOV to CR8 goes the same way: AMD-V holds the TPR in a field of its own. */
static void an_emulated_cr8_reaches_the_hardware(void **state)
{
	static const uint8_t mov_to_cr8[] = { 0x44, 0x0f, 0x22, 0xc0 };
	struct world *w = *state;

	world_long(w);
	world_code(w, mov_to_cr8, sizeof(mov_to_cr8));
	control_apply(&w->vm);
	w->vm.vcpu.gpr[GPR_RAX] = 9;
	w->vm.vcpu.dirty = 0;
	assert_int_equal(assist_emulate(&w->vm), ACT_RESUME);
	assert_int_equal(w->vm.vcpu.cr8, 9);
	assert_true(w->vm.vcpu.dirty & ST_CR);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(cr4_reloads_pdptes),
	WORLD_TEST(cr4_pae_switches_the_paging_mode),
	WORLD_TEST(cr4_refuses_what_the_policy_does),
	WORLD_TEST(cr4_pae_stays_in_long_mode),
	WORLD_TEST(cr4_la57_stays_in_long_mode),
	WORLD_TEST(cr4_pke_is_what_cpuid_tells),
	WORLD_TEST(cr4_pcide_rules),
	WORLD_TEST(cr4_flushes_for_paging_only),
	WORLD_TEST(cr3_refuses_addresses_beyond_the_cpu),
	WORLD_TEST(cr3_bit_63_is_taken_with_pcide),
	WORLD_TEST(cr3_loads_pdptes_in_pae_mode),
	WORLD_TEST(cr3_loads_no_pdptes_where_walks_read_them),
	WORLD_TEST(emulated_accesses_walk_the_pdptes_in_memory),
	WORLD_TEST(cr3_outside_memory_is_refused_in_pae_mode),
	WORLD_TEST(cr3_is_only_stored_elsewhere),
	WORLD_TEST(efer_refuses_reserved_bits),
	WORLD_TEST(efer_lme_is_fixed_while_paging),
	WORLD_TEST(efer_lma_cannot_be_written),
	WORLD_TEST(efer_flushes_for_nxe),
	WORLD_TEST(writes_reach_the_hardware_view),
	WORLD_TEST(cr8_has_four_bits_and_reaches_the_hardware),
	WORLD_TEST(a_number_picks_the_register),
	WORLD_TEST(an_emulated_cr8_reaches_the_hardware),
};

WORLD_MAIN(tests)
