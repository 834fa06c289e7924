/*
 * Control-register and MSR exits, from the instruction to what the next entry
 * commits, and which of them count as observing only.
 */
#include "fake_world.h"

#include "core/handlers.h"

#define MOV_TO(n, r)	.insn_len = 3, .decoded = true,			\
			.cr = { .number = n, .gpr = r, .kind = CR_WRITE }
#define MOV_FROM(n, r)	.insn_len = 3, .decoded = true,			\
			.cr = { .number = n, .gpr = r, .kind = CR_READ }

static void mov_to_cr0_takes_effect(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	w->vm.vcpu.gpr[GPR_RBX] = CR0_PE;
	v = ONE(w, EXIT_CR, MOV_TO(0, GPR_RBX));
	assert_int_equal(v->cr0, CR0_PE | CR0_ET);
	assert_int_equal(v->rip, WORLD_CODE + 3);
	assert_int_equal(w->vm.tally.segments, 1);
	assert_int_equal(w->vm.tally.mode, MODE_UNPAGED);
}

/* The operand is RSP, which is no more at hand than other lazy state. */
static void mov_to_cr3_from_rsp(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.gpr[GPR_RSP] = 0x7000;
	assert_int_equal(ONE(w, EXIT_CR, MOV_TO(3, GPR_RSP))->cr3, 0x7000);
}

/* Outside 64-bit mode the operand is 32 bits wide. */
static void mov_to_cr_is_32_bits_wide(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.gpr[GPR_RAX] = UINT64_C(0xffffffff00007000);
	assert_int_equal(ONE(w, EXIT_CR, MOV_TO(3, GPR_RAX))->cr3, 0x7000);
}

static void mov_to_cr_is_64_bits_wide_in_long_mode(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.gpr[GPR_RAX] = BIT(39) | WORLD_PML4;
	assert_int_equal(ONE(w, EXIT_CR, MOV_TO(3, GPR_RAX))->cr3,
			 BIT(39) | WORLD_PML4);
}

static void a_refused_mov_to_cr_raises_gp(void **state)
{
	struct world *w = *state;

	world_protected(w);
	w->vm.vcpu.gpr[GPR_RAX] = CR4_VMXE;
	assert_int_equal(ONE(w, EXIT_CR, MOV_TO(4, GPR_RAX))->cr4, 0);
	assert_fault(w, VEC_GP);
	assert_int_equal(world_event(w, 0)->error, 0);
	assert_int_equal(w->fake.entry[1].dirty, 0);
}

static void mov_from_cr_loads_the_guests_view(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.cr4 = CR4_PSE;
	assert_int_equal(ONE(w, EXIT_CR, MOV_FROM(4, GPR_R9))->gpr[GPR_R9],
			 CR4_PSE);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 3);
}

static void mov_from_cr_into_rsp(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.cr3 = 0x9000;
	assert_int_equal(ONE(w, EXIT_CR, MOV_FROM(3, GPR_RSP))->gpr[GPR_RSP],
			 0x9000);
}

/* CR8 holds four bits; more raise #GP. SDM 3A "Task Priority" 10.8.6.1 */
static void mov_to_cr8_is_kept(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.gpr[GPR_RAX] = 0xb;
	assert_int_equal(ONE(w, EXIT_CR, MOV_TO(8, GPR_RAX))->cr8, 0xb);
}

/* CR8 shares its group: with it goes the guest's CR3 of now, which moves without an exit. */
static void mov_to_cr8_keeps_a_cr3_loaded_without_exit(void **state)
{
	struct exit exit = { .reason = EXIT_CR, MOV_TO(8, GPR_RAX) };
	struct world *w = *state;

	world_long(w);
	w->vm.hw.cr3 = 0;
	assert_int_equal(handle_cr(&w->vm, &exit), ACT_ADVANCE);
	assert_int_equal(w->vm.hw.cr3, WORLD_PML4);
}

static void mov_to_cr8_refuses_high_bits(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.gpr[GPR_RAX] = 0x10;
	assert_int_equal(ONE(w, EXIT_CR, MOV_TO(8, GPR_RAX))->cr8, 0);
	assert_fault(w, VEC_GP);
}

static void clts_clears_ts_alone(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.cr0 = CR0_ET | CR0_TS | CR0_MP;
	assert_int_equal(ONE(w, EXIT_CR, .insn_len = 2, .decoded = true,
			     .cr.kind = CR_CLTS)->cr0, CR0_ET | CR0_MP);
}

static void lmsw_cannot_clear_pe(void **state)
{
	struct world *w = *state;

	world_protected(w);
	assert_int_equal(ONE(w, EXIT_CR, .insn_len = 3, .decoded = true,
			     .cr = { .kind = CR_LMSW, .lmsw = CR0_TS })->cr0,
			 CR0_ET | CR0_PE | CR0_TS);
}

/* Hardware without decode assists: MOV CR4, R9 found in the code. */
static void undecoded_mov_to_cr_is_read_from_the_code(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_long(w);
	world_code(w, "\x41\x0f\x22\xe1", 4);
	w->vm.vcpu.gpr[GPR_R9] = CR4_PAE | CR4_PGE;
	v = ONE(w, EXIT_CR, .cr.number = 4);
	assert_int_equal(v->cr4, CR4_PAE | CR4_PGE);
	assert_int_equal(v->rip, WORLD_CODE + 4);
}

/* The length is found before the write moves the code out of reach. */
static void undecoded_paging_on_advances(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	world_protected(w);
	world_code(w, "\x0f\x22\xc0", 3);
	w->vm.vcpu.cr3 = WORLD_PML4;	/* an empty page directory */
	w->vm.vcpu.gpr[GPR_RAX] = CR0_PE | CR0_PG;
	v = ONE(w, EXIT_CR, .cr.number = 0);
	assert_int_equal(v->cr0, CR0_PE | CR0_PG | CR0_ET);
	assert_int_equal(v->rip, WORLD_CODE + 3);
}

static void undecoded_clts(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.cr0 = CR0_ET | CR0_TS;
	world_code(w, "\x0f\x06", 2);
	assert_int_equal(ONE(w, EXIT_CR, .cr.number = 0)->cr0, CR0_ET);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 2);
}

/* LMSW AX: the emulator's. */
static void undecoded_lmsw(void **state)
{
	struct world *w = *state;

	world_code(w, "\x0f\x01\xf0", 3);
	w->vm.vcpu.gpr[GPR_RAX] = CR0_PE | CR0_MP;
	assert_int_equal(ONE(w, EXIT_CR, .cr.number = 0)->cr0,
			 CR0_ET | CR0_PE | CR0_MP);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 3);
}

static void assert_observed(struct world *w, unsigned reason, bool observed)
{
	assert_int_equal(w->vm.tally.observe, observed);
	assert_int_equal(w->vm.tally.by_reason[reason], !observed);
	assert_int_equal(w->vm.tally.exits, 2);	/* and HLT */
}

/* A native rung needs no exit when PE changes: only observing made it. */
static void mode_changes_count_as_observed(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.gpr[GPR_RAX] = CR0_PE;
	ONE(w, EXIT_CR, MOV_TO(0, GPR_RAX));
	assert_observed(w, EXIT_CR, true);
}

/* The caches are the host's on a CPU with masks: such an exit is the rung's own. */
static void cache_changes_count_as_the_rungs_own(void **state)
{
	struct world *w = *state;

	w->cpu.caps.masks = true;
	w->vm.vcpu.gpr[GPR_RAX] = CR0_CD;
	ONE(w, EXIT_CR, MOV_TO(0, GPR_RAX));
	assert_observed(w, EXIT_CR, false);
}

static void pae_changes_count_as_observed_with_masks(void **state)
{
	struct world *w = *state;

	w->cpu.caps.masks = true;
	w->vm.vcpu.gpr[GPR_RAX] = CR4_PAE;
	ONE(w, EXIT_CR, MOV_TO(4, GPR_RAX));
	assert_observed(w, EXIT_CR, true);
}

/* Without masks each write of CR4 exits to keep refused bits out. */
static void cr4_writes_are_the_rungs_own_without_masks(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.gpr[GPR_RAX] = CR4_PAE;
	ONE(w, EXIT_CR, MOV_TO(4, GPR_RAX));
	assert_observed(w, EXIT_CR, false);
}

static void cr4_writes_are_observed_when_nothing_is_refused(void **state)
{
	struct world *w = *state;

	w->vm.policy.cr4_allowed &= ~CR4_PKE;
	w->cpu.caps.cr4_can = w->vm.policy.cr4_allowed;
	w->vm.vcpu.gpr[GPR_RAX] = CR4_PAE;
	ONE(w, EXIT_CR, MOV_TO(4, GPR_RAX));
	assert_observed(w, EXIT_CR, true);
}

/* CPUID tells the guest CR4.PKE: its writes must be seen. */
static void cr4_writes_are_the_rungs_own_with_protection_keys(void **state)
{
	struct world *w = *state;

	w->cpu.caps.cr4_can = WORLD_CR4;
	w->vm.vcpu.gpr[GPR_RAX] = CR4_PAE;
	ONE(w, EXIT_CR, MOV_TO(4, GPR_RAX));
	assert_observed(w, EXIT_CR, false);
}

static const struct vcpu *wrmsr(struct world *w, uint32_t number,
				uint64_t value)
{
	w->vm.vcpu.gpr[GPR_RCX] = UINT64_MAX << 32 | number;
	w->vm.vcpu.gpr[GPR_RAX] = UINT64_MAX << 32 | (uint32_t)value;
	w->vm.vcpu.gpr[GPR_RDX] = UINT64_MAX << 32 | value >> 32;
	return ONE(w, EXIT_MSR, .insn_len = 2, .msr.write = true);
}

static void efer_writes_are_observed_where_hardware_has_efer(void **state)
{
	struct world *w = *state;

	assert_int_equal(wrmsr(w, MSR_EFER, EFER_LME)->efer, EFER_LME);
	assert_observed(w, EXIT_MSR, true);
}

static void efer_writes_are_the_rungs_own_where_bits_are_hidden(void **state)
{
	struct world *w = *state;

	w->cpu.caps.efer_hidden = true;
	w->cpu.caps.efer_must = EFER_SVME;
	assert_int_equal(wrmsr(w, MSR_EFER, EFER_LME)->efer, EFER_LME);
	assert_observed(w, EXIT_MSR, false);
	assert_int_equal(w->vm.hw.efer, EFER_LME | EFER_SVME);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(mov_to_cr0_takes_effect),
	WORLD_TEST(mov_to_cr3_from_rsp),
	WORLD_TEST(mov_to_cr_is_32_bits_wide),
	WORLD_TEST(mov_to_cr_is_64_bits_wide_in_long_mode),
	WORLD_TEST(a_refused_mov_to_cr_raises_gp),
	WORLD_TEST(mov_from_cr_loads_the_guests_view),
	WORLD_TEST(mov_from_cr_into_rsp),
	WORLD_TEST(mov_to_cr8_is_kept),
	WORLD_TEST(mov_to_cr8_keeps_a_cr3_loaded_without_exit),
	WORLD_TEST(mov_to_cr8_refuses_high_bits),
	WORLD_TEST(clts_clears_ts_alone),
	WORLD_TEST(lmsw_cannot_clear_pe),
	WORLD_TEST(undecoded_mov_to_cr_is_read_from_the_code),
	WORLD_TEST(undecoded_paging_on_advances),
	WORLD_TEST(undecoded_clts),
	WORLD_TEST(undecoded_lmsw),
	WORLD_TEST(mode_changes_count_as_observed),
	WORLD_TEST(cache_changes_count_as_the_rungs_own),
	WORLD_TEST(pae_changes_count_as_observed_with_masks),
	WORLD_TEST(cr4_writes_are_the_rungs_own_without_masks),
	WORLD_TEST(cr4_writes_are_observed_when_nothing_is_refused),
	WORLD_TEST(cr4_writes_are_the_rungs_own_with_protection_keys),
	WORLD_TEST(efer_writes_are_observed_where_hardware_has_efer),
	WORLD_TEST(efer_writes_are_the_rungs_own_where_bits_are_hidden),
};

WORLD_MAIN(tests)
