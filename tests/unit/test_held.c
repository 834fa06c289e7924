/*
 * A load of SS that hits a breakpoint while software carries it out, and the hardware that
 * would go on after it: the trap comes after the instruction behind the load.
 * SDM 3A "Masking Exceptions and Interrupts When Switching Stacks" 6.8.3.
 */
#include "fake_world.h"

#define WATCHED		0x5000u
#define MOV_SS		"\x8e\x16\x00\x50"	/* MOV SS, [5000h] */
#define MOV_SS_SIZE	4

/* G1, data accesses of two bytes, at WATCHED; then MOV SS and `next` in an exit's place. */
static const struct vcpu *load_and(struct world *w, const char *next, size_t size)
{
	struct vcpu *v = &w->vm.vcpu;

	v->dr[1] = WATCHED;
	v->dr7 |= BIT(3) | 7u << 20;
	w->ram[WATCHED] = 0x34;
	world_code(w, MOV_SS, MOV_SS_SIZE);
	memcpy(w->ram + WORLD_CODE + MOV_SS_SIZE, next, size);
	return ONE(w, EXIT_MEMORY, .memory.write = false);
}

static void assert_trap(const struct world *w, uint64_t why)
{
	assert_int_equal(world_event(w, 0)->kind, EVENT_EXCEPTION);
	assert_int_equal(world_event(w, 0)->vector, VEC_DB);
	assert_int_equal(world_after(w, 0)->dr6, DR6_INIT | why);
}

static void the_trap_comes_after_the_next_instruction(void **state)
{
	struct world *w = *state;
	const struct vcpu *v = load_and(w, "\x41", 1);		/* INC CX */

	assert_int_equal(v->seg[SEG_SS].sel, 0x34);
	assert_int_equal(v->gpr[GPR_RCX], 1);
	assert_int_equal(v->rip, WORLD_CODE + MOV_SS_SIZE + 1);
	assert_trap(w, BIT(1));
}

/* The stack is whole by then: what the rule is for. */
static void the_stack_pointer_is_loaded_by_then(void **state)
{
	struct world *w = *state;

	assert_int_equal(load_and(w, "\xbc\x00\x12", 3)->gpr[GPR_RSP] & UINT16_MAX, 0x1200);
	assert_trap(w, BIT(1));
}

static void a_step_comes_with_it(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.rflags |= RFLAGS_TF;
	load_and(w, "\x41", 1);
	assert_trap(w, BIT(1) | DR6_BS);
}

/* Of loads in a row only the first is sure to hold it off: the host stops carrying them out. */
static void loads_in_a_row_are_bounded(void **state)
{
	struct world *w = *state;
	uint64_t rip;
	char row[64];

	for (unsigned i = 0; i < sizeof(row); i++)
		row[i] = i & 1 ? '\xd0' : '\x8e';		/* MOV SS, AX */
	rip = load_and(w, row, sizeof(row))->rip;
	assert_in_range(rip, WORLD_CODE + MOV_SS_SIZE + 2, WORLD_CODE + MOV_SS_SIZE + 32);
	assert_trap(w, BIT(1));
}

/* Nothing is hit, nothing is carried out that the hardware can do. */
static void a_load_that_hits_nothing_is_one_instruction(void **state)
{
	struct world *w = *state;

	world_code(w, MOV_SS "\x41", MOV_SS_SIZE + 1);
	assert_int_equal(ONE(w, EXIT_MEMORY)->rip, WORLD_CODE + MOV_SS_SIZE);
	assert_int_equal(world_after(w, 0)->shadow, SHADOW_MOV_SS);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* A fault comes before the trap, and takes its instruction back. */
static void a_fault_of_the_next_instruction_is_first(void **state)
{
	struct world *w = *state;
	const struct vcpu *v = load_and(w, "\x0f\x0b", 2);	/* UD2 */

	assert_int_equal(v->rip, WORLD_CODE + MOV_SS_SIZE);
	assert_int_equal(world_event(w, 0)->vector, VEC_UD);
	assert_int_equal(v->dr6, DR6_INIT);
}

/* What the emulator has not got does not end the guest: the hardware is told what it holds. */
static void an_unknown_instruction_is_left_to_the_hardware(void **state)
{
	struct world *w = *state;
	const struct vcpu *v = load_and(w, "\x0f\x6f\xc1", 3);	/* MOVQ MM0, MM1 */

	assert_int_equal(v->rip, WORLD_CODE + MOV_SS_SIZE);
	assert_int_equal(v->shadow, SHADOW_MOV_SS);
	assert_int_equal(v->held_hits, BIT(1));
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
	assert_int_equal(w->vm.end, END_HALT);
}

/* The hardware has loaded SS, and the next instruction exits: we tell what it holds. */
static void an_exit_behind_the_load_keeps_the_trap(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.shadow = SHADOW_MOV_SS;
	w->vm.vcpu.held_hits = BIT(3);
	w->vm.vcpu.dr6 |= BIT(0);
	ONE(w, EXIT_CPUID, .insn_len = 2);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE + 2);
	assert_int_equal(world_after(w, 0)->shadow, 0);
	assert_trap(w, BIT(3));
}

static void without_the_shadow_nothing_is_held(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.shadow = SHADOW_STI;
	w->vm.vcpu.held_hits = BIT(3);
	ONE(w, EXIT_CPUID, .insn_len = 2);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
	assert_int_equal(world_after(w, 0)->dr6, DR6_INIT);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(the_trap_comes_after_the_next_instruction),
	WORLD_TEST(the_stack_pointer_is_loaded_by_then),
	WORLD_TEST(a_step_comes_with_it),
	WORLD_TEST(loads_in_a_row_are_bounded),
	WORLD_TEST(a_load_that_hits_nothing_is_one_instruction),
	WORLD_TEST(a_fault_of_the_next_instruction_is_first),
	WORLD_TEST(an_unknown_instruction_is_left_to_the_hardware),
	WORLD_TEST(an_exit_behind_the_load_keeps_the_trap),
	WORLD_TEST(without_the_shadow_nothing_is_held),
};

WORLD_MAIN(tests)
