/*
 * The run loop on the fake backend: stepping over instructions, and events that
 * go on. Knows no handler.
 */
#include "fake_world.h"

static const struct vcpu *step_over(struct world *w, unsigned length)
{
	struct fake_step step = STEP(EXIT_CPUID, .insn_len = length);

	world_run(w, &step, 1);
	return world_after(w, 0);
}

static void advances_by_the_length_told(void **state)
{
	assert_int_equal(step_over(*state, 2)->rip, WORLD_CODE + 2);
}

/* Where the hardware does not tell, the bytes at CS:RIP do. */
static void advances_by_decoding_in_real_mode(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.seg[SEG_CS].base = WORLD_CODE;
	w->vm.vcpu.rip = 0;
	world_code(w, "\x66\x0f\xa2", 3);
	assert_int_equal(step_over(w, 0)->rip, 3);
}

static void advances_by_decoding_through_page_tables(void **state)
{
	struct world *w = *state;

	world_long(w);
	/* Linear 4 MiB is the guest's first 2 MiB here. */
	world_entry(w, WORLD_PD, 2, WORLD_TABLE | PTE_PS);
	w->vm.vcpu.rip = 2 * SIZE_2M + WORLD_CODE;
	world_code(w, "\x48\x0f\xa2", 3);
	assert_int_equal(step_over(w, 0)->rip, 2 * SIZE_2M + WORLD_CODE + 3);
}

static void advances_by_decoding_across_pages(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.rip = SIZE_2M - 1;
	memcpy(w->ram + SIZE_2M - 1, "\x0f\xa2", 2);
	assert_int_equal(step_over(w, 0)->rip, SIZE_2M + 1);
}

/* Bytes that are gone when they are wanted end the guest, not the host. */
static void unreadable_code_stops_the_guest(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_CPUID, .insn_len = 0),
	};
	struct world *w = *state;

	w->vm.vcpu.seg[SEG_CS].base = WORLD_RAM;
	RUN(w, script);
	assert_int_equal(w->vm.end, END_STOPPED);
	assert_int_equal(w->fake.entries, 1);
}

/* SDM 3A "Address Calculation": EIP has 32 bits outside 64-bit code. */
static void rip_wraps_in_32_bit_code(void **state)
{
	struct world *w = *state;

	world_protected(w);
	w->vm.vcpu.rip = UINT32_MAX;
	assert_int_equal(step_over(w, 2)->rip, 1);
}

static void rip_wraps_in_compatibility_mode(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.seg[SEG_CS].ar ^= AR_L | AR_DB;
	w->vm.vcpu.rip = UINT32_MAX;
	assert_int_equal(step_over(w, 2)->rip, 1);
}

static void rip_does_not_wrap_in_64_bit_code(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.rip = UINT32_MAX;
	assert_int_equal(step_over(w, 2)->rip, UINT64_C(0x100000001));
}

/* STI and MOV SS hold interrupts off for one instruction: it is done now. */
static void advance_ends_the_interrupt_shadow(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.shadow = SHADOW_STI | SHADOW_NMI;
	assert_int_equal(step_over(w, 2)->shadow, SHADOW_NMI);
}

static void advance_ends_the_stack_shadow(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.shadow = SHADOW_MOV_SS;
	assert_int_equal(step_over(w, 2)->shadow, 0);
}

/* An exit that changes nothing changes nothing: no group is written back. */
static void a_resumed_exit_leaves_the_guest_alone(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_HOST_INTERRUPT), STEP(EXIT_WINDOW),
	};
	struct world *w = *state;

	w->vm.vcpu.shadow = SHADOW_STI;
	w->vm.vcpu.rflags |= RFLAGS_TF | RFLAGS_RF;
	RUN(w, script);
	for (unsigned i = 0; i < ARRAY_SIZE(script); i++) {
		assert_int_equal(w->fake.entry[i + 1].dirty, 0);
		assert_int_equal(world_event(w, i)->kind, EVENT_NONE);
		assert_int_equal(world_after(w, i)->rip, WORLD_CODE);
		assert_int_equal(world_after(w, i)->shadow, SHADOW_STI);
	}
}

/*
 * SDM 3B "Single-Step Exception Condition" 17.3.1.4: #DB after it, DR6.BS set. B0 to B3 are
 * this exception's alone: "Debug Status Register (DR6)" 17.2.3 lets them be cleared.
 */
static void an_instruction_carried_out_is_single_stepped(void **state)
{
	struct world *w = *state;
	const struct vcpu *v;

	w->vm.vcpu.rflags |= RFLAGS_TF;
	w->vm.vcpu.dr6 = DR6_INIT | 1;
	v = step_over(w, 2);
	assert_int_equal(v->rip, WORLD_CODE + 2);
	assert_int_equal(v->dr6, DR6_INIT | DR6_BS);
	assert_int_equal(world_event(w, 0)->kind, EVENT_EXCEPTION);
	assert_int_equal(world_event(w, 0)->vector, 1);
	assert_false(world_event(w, 0)->has_error);
}

/* SDM 3B "Instruction-Breakpoint Exception Condition" 17.3.1.1: RF lasts one instruction. */
static void an_instruction_carried_out_clears_rf(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.rflags |= RFLAGS_RF;
	assert_int_equal(step_over(w, 2)->rflags, RFLAGS_ONE);
}

static void no_step_trap_without_tf(void **state)
{
	struct world *w = *state;

	w->vm.vcpu.dr6 = DR6_INIT;
	assert_int_equal(step_over(w, 2)->dr6, DR6_INIT);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

/* What an exit interrupted is delivered after all, as it was. */
static void an_interrupted_event_goes_on(void **state)
{
	static const struct event events[] = {
		{ .kind = EVENT_EXCEPTION, .vector = 13, .has_error = true,
		  .error = 0x18 },
		{ .kind = EVENT_INTERRUPT, .vector = 0x30 },
		{ .kind = EVENT_NMI, .vector = 2 },
		{ .kind = EVENT_SOFT_INT, .vector = 0x80, .insn_len = 2 },
	};
	struct fake_step script[ARRAY_SIZE(events)] = { { .host = 0 } };
	struct world *w = *state;

	world_protected(w);
	for (unsigned i = 0; i < ARRAY_SIZE(events); i++)
		script[i] = (struct fake_step)STEP(EXIT_HOST_INTERRUPT,
						   .vectoring = events[i]);
	RUN(w, script);
	for (unsigned i = 0; i < ARRAY_SIZE(events); i++) {
		const struct event *e = world_event(w, i);

		assert_int_equal(e->kind, events[i].kind);
		assert_int_equal(e->vector, events[i].vector);
		assert_int_equal(e->has_error, events[i].has_error);
		assert_int_equal(e->error, events[i].error);
		assert_int_equal(e->insn_len, events[i].insn_len);
	}
}

#define FAULT(vector_)	{ .kind = EVENT_EXCEPTION, .vector = vector_ }

static void an_exception_that_exits_is_raised(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_EXCEPTION, .exception = {
			.kind = EVENT_EXCEPTION, .vector = 17,
			.has_error = true, .error = 0 }),
	};
	struct world *w = *state;

	world_protected(w);
	RUN(w, script);
	assert_int_equal(world_event(w, 0)->kind, EVENT_EXCEPTION);
	assert_int_equal(world_event(w, 0)->vector, 17);
	assert_true(world_event(w, 0)->has_error);
	assert_int_equal(world_after(w, 0)->rip, WORLD_CODE);
}

static void a_fault_on_a_fault_makes_a_double_fault(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_EXCEPTION, .exception = FAULT(13),
		     .vectoring = FAULT(11)),
	};
	struct world *w = *state;

	world_protected(w);
	RUN(w, script);
	assert_int_equal(world_event(w, 0)->vector, 8);
	assert_true(world_event(w, 0)->has_error);
	assert_int_equal(world_event(w, 0)->error, 0);
}

static void a_fault_on_a_double_fault_ends_the_guest(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_EXCEPTION, .exception = FAULT(13),
		     .vectoring = FAULT(8)),
		STEP(EXIT_CPUID, .insn_len = 2),
	};
	struct world *w = *state;

	world_protected(w);
	RUN(w, script);
	assert_int_equal(w->vm.end, END_TRIPLE_FAULT);
	assert_int_equal(w->fake.entries, 1);
}

static void a_fault_on_an_interrupt_is_delivered(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_EXCEPTION, .exception = FAULT(17),
		     .vectoring = { .kind = EVENT_INTERRUPT, .vector = 14 }),
	};
	struct world *w = *state;

	RUN(w, script);
	assert_int_equal(world_event(w, 0)->vector, 17);
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(advances_by_the_length_told),
	WORLD_TEST(advances_by_decoding_in_real_mode),
	WORLD_TEST(advances_by_decoding_through_page_tables),
	WORLD_TEST(advances_by_decoding_across_pages),
	WORLD_TEST(unreadable_code_stops_the_guest),
	WORLD_TEST(rip_wraps_in_32_bit_code),
	WORLD_TEST(rip_wraps_in_compatibility_mode),
	WORLD_TEST(rip_does_not_wrap_in_64_bit_code),
	WORLD_TEST(advance_ends_the_interrupt_shadow),
	WORLD_TEST(advance_ends_the_stack_shadow),
	WORLD_TEST(a_resumed_exit_leaves_the_guest_alone),
	WORLD_TEST(an_instruction_carried_out_is_single_stepped),
	WORLD_TEST(an_instruction_carried_out_clears_rf),
	WORLD_TEST(no_step_trap_without_tf),
	WORLD_TEST(an_interrupted_event_goes_on),
	WORLD_TEST(an_exception_that_exits_is_raised),
	WORLD_TEST(a_fault_on_a_fault_makes_a_double_fault),
	WORLD_TEST(a_fault_on_a_double_fault_ends_the_guest),
	WORLD_TEST(a_fault_on_an_interrupt_is_delivered),
};

WORLD_MAIN(tests)
