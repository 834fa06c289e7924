/*
 * Real mode on hardware that has only virtual-8086 mode for it: which instructions are
 * carried out in software before the next entry, and which are not. Knows no vendor.
 */
#include "fake_world.h"

#define ELSEWHERE	0x9000u
#define CODE(w, bytes)	world_code(w, bytes, sizeof(bytes) - 1)
#define FAULT		(struct fake_step)STEP(EXIT_EXCEPTION,		\
	.exception = { .kind = EVENT_EXCEPTION, .vector = VEC_GP, .has_error = true })

/* Real mode at 0:7c00 as vm86 at IOPL 0. */
static struct world *real_mode(void **state)
{
	struct world *w = *state;

	w->vm.rung = &rungs[RUNG_VMX_EPT];
	w->vm.options.vm86 = VM86_EXACT;
	w->cpu.caps.unrestricted = false;
	w->cpu.caps.masks = true;
	w->vm.vcpu.gpr[GPR_RSP] = WORLD_STACK;
	w->vm.vcpu.seg[SEG_TR] = (struct vcpu_seg){ 0x18, AR_TSS32_BUSY, 0x67, 0x3000 };
	return w;
}

/* The first instruction faults in vm86; so far the guest is when it is entered again. */
static void entered_after(struct world *w, unsigned bytes, unsigned emulated)
{
	const struct vcpu *v = world_one(w, FAULT);

	assert_int_equal(w->fake.entry[0].cpu.rip, WORLD_CODE);
	assert_int_equal(v->rip, WORLD_CODE + bytes);
	assert_int_equal(w->vm.tally.emulated, emulated);
}

/* CLI; INC AX; PUSHF; NOP: SDM 3B "Sensitive Instructions" 20.2.7. */
static void one_that_would_come_back_is_done_at_once(void **state)
{
	struct world *w = real_mode(state);

	CODE(w, "\xfa\x40\x9c\x90\x90\x90\x90\x90");
	entered_after(w, 3, 2);
	assert_int_equal(w->fake.entry[1].cpu.gpr[GPR_RSP], WORLD_STACK - 2);
}

/* MOV EAX, CR0; CLI; MOV EBX, CR0; CLI: with IOPL 3 vm86 has CLI itself. */
static void privileged_ones_come_back_with_iopl_3_too(void **state)
{
	struct world *w = real_mode(state);

	w->vm.options.vm86 = VM86_FAST;
	w->vm.vcpu.idtr.limit = 0x3ff;
	w->vm.vcpu.rflags |= RFLAGS_IOPL;
	CODE(w, "\x0f\x20\xc0\xfa\x0f\x20\xc3\xfa\x90\x90\x90");
	entered_after(w, 7, 2);
	assert_int_equal(w->vm.hw.ran_as, RAN_VM86);
	assert_true(w->vm.hw.vm86_fast);
}

/* CLI; four NOPs; CLI */
static void one_that_is_far_waits_for_its_turn(void **state)
{
	struct world *w = real_mode(state);

	CODE(w, "\xfa\x90\x90\x90\x90\xfa");
	entered_after(w, 1, 0);
}

/* CLI; MOV EAX, CR0; OR AL, 1; MOV CR0, EAX; CLI: in protected mode hardware has it all. */
static void protected_mode_is_entered_at_once(void **state)
{
	struct world *w = real_mode(state);

	CODE(w, "\xfa\x0f\x20\xc0\x0c\x01\x0f\x22\xc0\xfa\x90");
	entered_after(w, 9, 3);
	assert_int_equal(w->vm.hw.ran_as, RAN_HIDDEN);
	assert_int_equal(w->fake.entry[1].cpu.cr0 & CR0_PE, CR0_PE);
}

/* CLI; MOVQ MM0, MM0; CLI, and CLI; REP MOVSB; CLI */
static void what_is_not_emulated_or_long_is_left_to_the_hardware(void **state)
{
	struct world *w = real_mode(state);
	struct world *other = world_make(world_seed);
	void *made = other;

	CODE(w, "\xfa\x0f\x6f\xc0\xfa");
	entered_after(w, 1, 0);
	real_mode(&made);
	CODE(other, "\xfa\xf3\xa4\xfa");
	entered_after(other, 1, 0);
	world_free(other);
}

/* A hundred CLI: an exit has an end, and the clock is looked at. */
static void it_goes_on_for_so_long_and_no_longer(void **state)
{
	struct world *w = real_mode(state);

	memset(w->ram + WORLD_CODE, 0xfa, 100);
	world_one(w, FAULT);
	assert_in_range(w->vm.tally.emulated, 32, 64);
	assert_int_equal(w->fake.entry[1].cpu.rip, WORLD_CODE + 1 + w->vm.tally.emulated);
}

/* A state of no paragraph: JMP 0:9000 makes it one, where MOV EAX, CR0 would come back. */
static void a_state_that_has_come_to_fit_goes_on_too(void **state)
{
	struct world *w = real_mode(state);

	w->vm.vcpu.seg[SEG_CS].base = WORLD_CODE;
	w->vm.vcpu.rip = 0;
	CODE(w, "\xea\x00\x90\x00\x00");
	memcpy(w->ram + ELSEWHERE, "\x0f\x20\xc0\x90\x90\x90\x90", 7);
	world_run(w, NULL, 0);
	assert_int_equal(w->fake.entries, 1);
	assert_int_equal(w->fake.entry[0].cpu.rip, ELSEWHERE + 3);
	assert_int_equal((uint32_t)w->fake.entry[0].cpu.gpr[GPR_RAX],
			 w->fake.entry[0].cpu.cr0);
	assert_int_equal(w->vm.tally.emulated, 2);
	assert_int_equal(w->vm.hw.ran_as, RAN_VM86);
}

/* A trap of the first instruction comes before the second. SDM 3B 17.3.1.4. */
static void a_step_trap_ends_it(void **state)
{
	struct world *w = real_mode(state);
	const uint16_t entry[2] = { ELSEWHERE, 0 };

	memcpy(w->ram + 4 * VEC_DB, entry, sizeof(entry));
	w->vm.vcpu.rflags |= RFLAGS_TF;
	CODE(w, "\xfa\x9c\x90\x90\x90");
	assert_int_equal(world_one(w, FAULT)->rip, ELSEWHERE);
	assert_int_equal(w->ram[WORLD_STACK - 6], (uint8_t)(WORLD_CODE + 1));
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(one_that_would_come_back_is_done_at_once),
	WORLD_TEST(privileged_ones_come_back_with_iopl_3_too),
	WORLD_TEST(one_that_is_far_waits_for_its_turn),
	WORLD_TEST(protected_mode_is_entered_at_once),
	WORLD_TEST(what_is_not_emulated_or_long_is_left_to_the_hardware),
	WORLD_TEST(it_goes_on_for_so_long_and_no_longer),
	WORLD_TEST(a_state_that_has_come_to_fit_goes_on_too),
	WORLD_TEST(a_step_trap_ends_it),
};

WORLD_MAIN(tests)
