/*
 * Breakpoints on ports whose instruction exits: the CPU has matched none by then, so the
 * #DB is ours to raise. SDM 3B "Data Memory and I/O Breakpoint Exception Conditions"
 * 17.3.1.2: a trap, reported after the access; "Breakpoint Field Recognition" 17.2.5.
 */
#include "fake_world.h"

#define G(n)		BIT(2 * (n) + 1)
#define FIELDS(n, rw, len) ((uint64_t)((rw) | (len) << 2) << (16 + 4 * (n)))
#define RW_PORT		2u
#define RW_ACCESS	3u
#define LEN_1		0u
#define LEN_2		1u
#define LEN_4		3u
#define SOURCE		0x5000u

static struct vcpu *watch(struct world *w, unsigned n, uint64_t at, unsigned rw, unsigned len)
{
	struct vcpu *v = &w->vm.vcpu;

	v->dr[n] = at;
	v->dr7 |= G(n) | FIELDS(n, rw, len);
	v->cr4 |= CR4_DE;
	return v;
}

/* One exit of OUT DX or IN DX, as a backend tells it. */
static const struct vcpu *access_of(struct world *w, unsigned size, bool in)
{
	static const char code[2][5][2] = {
		{ [1] = "\xee", [2] = "\xef", [4] = "\x66\xef" },
		{ [1] = "\xec", [2] = "\xed", [4] = "\x66\xed" },
	};
	struct vcpu *v = &w->vm.vcpu;
	uint8_t length = size == 4 ? 2 : 1;

	world_code(w, code[in][size], length);
	v->gpr[GPR_RDX] = WORLD_PORT;
	return ONE(w, EXIT_IO, .insn_len = length, .io = {
		.port = WORLD_PORT, .size = (uint8_t)size, .in = in,
		.rare = (uint16_t)(v->dr7 & DR7_ENABLES) });
}

/* The instruction is done, and #DB follows with these DR6 bits; none: no #DB. */
static void assert_trap(const struct world *w, uint64_t why)
{
	const struct event *event = world_event(w, 0);

	assert_int_equal(event->kind, why ? EVENT_EXCEPTION : EVENT_NONE);
	if (why) {
		assert_int_equal(event->vector, VEC_DB);
		assert_false(event->has_error);
	}
	assert_int_equal(world_after(w, 0)->dr6, DR6_INIT | why);
}

/* A port inside each access, the first and the last byte. */
static void an_access_that_covers_the_port_traps(void **state)
{
	struct world *w = *state;

	for (unsigned size = 1; size <= 4; size *= 2)
		for (unsigned in = 0; in < 2; in++)
			for (unsigned last = 0; last < 2; last++) {
				world_free(w);
				*state = w = world_make(world_seed);
				watch(w, 2, WORLD_PORT + (last ? size - 1 : 0), RW_PORT, LEN_1);
				assert_int_equal(access_of(w, size, in)->rip,
						 WORLD_CODE + (size == 4 ? 2 : 1));
				assert_trap(w, BIT(2));
				assert_int_equal(in ? w->port_reads : w->port_writes, size);
			}
}

/* The register is loaded by then. */
static void input_is_there_when_the_trap_comes(void **state)
{
	struct world *w = *state;

	watch(w, 0, WORLD_PORT, RW_PORT, LEN_2);
	assert_int_equal(access_of(w, 2, true)->gpr[GPR_RAX] & UINT16_MAX, 0xa1a0);
	assert_trap(w, BIT(0));
}

static void the_port_behind_does_not(void **state)
{
	struct world *w = *state;

	watch(w, 0, WORLD_PORT + 2, RW_PORT, LEN_2);
	access_of(w, 2, false);
	assert_trap(w, 0);
}

/* 17.2.4: without CR4.DE the value 10b is undefined; what is here then matches nothing. */
static void without_debugging_extensions_nothing_matches(void **state)
{
	struct world *w = *state;

	watch(w, 0, WORLD_PORT, RW_PORT, LEN_4)->cr4 &= ~CR4_DE;
	access_of(w, 1, false);
	assert_trap(w, 0);
}

static void a_data_breakpoint_is_no_port(void **state)
{
	struct world *w = *state;

	watch(w, 0, WORLD_PORT, RW_ACCESS, LEN_4);
	access_of(w, 4, false);
	assert_trap(w, 0);
}

/* 17.2.3: all that match are told, with the step in the same #DB. */
static void all_hits_and_the_step_are_one_trap(void **state)
{
	struct world *w = *state;

	watch(w, 0, WORLD_PORT, RW_PORT, LEN_1);
	watch(w, 3, WORLD_PORT, RW_PORT, LEN_4)->rflags |= RFLAGS_TF;
	access_of(w, 1, false);
	assert_trap(w, BIT(0) | BIT(3) | DR6_BS);
}

/* 17.3.1.1: RF holds off instruction breakpoints alone, and ends with the instruction. */
static void the_resume_flag_holds_no_trap_off(void **state)
{
	struct world *w = *state;

	watch(w, 1, WORLD_PORT, RW_PORT, LEN_1)->rflags |= RFLAGS_RF;
	assert_int_equal(access_of(w, 1, true)->rflags & RFLAGS_RF, 0);
	assert_trap(w, BIT(1));
}

/* The hardware had it: what faults before it has been told already. */
static void an_instruction_breakpoint_on_it_is_not_told_again(void **state)
{
	struct world *w = *state;

	watch(w, 1, WORLD_PORT, RW_PORT, LEN_1);
	watch(w, 0, WORLD_CODE, 0, LEN_1);
	access_of(w, 1, false);
	assert_trap(w, BIT(1));
}

/* After the iteration that matches, RIP on the instruction and RF set: 17.3.1.1, 17.3.1.2. */
static void repeated_output_traps_after_each_iteration(void **state)
{
	struct world *w = *state;
	struct vcpu *v = watch(w, 0, WORLD_PORT, RW_PORT, LEN_1);
	const struct vcpu *after;

	world_code(w, "\xf3\x6e", 2);
	v->gpr[GPR_RSI] = SOURCE;
	v->gpr[GPR_RCX] = 3;
	v->gpr[GPR_RDX] = WORLD_PORT;
	after = ONE(w, EXIT_IO, .io = { .port = WORLD_PORT, .size = 1,
					.rare = IO_STRING | G(0) });
	assert_int_equal(after->gpr[GPR_RCX], 2);
	assert_int_equal(after->gpr[GPR_RSI], SOURCE + 1);
	assert_int_equal(after->rip, WORLD_CODE);
	assert_int_equal(after->rflags & RFLAGS_RF, RFLAGS_RF);
	assert_int_equal(w->port_writes, 1);
	assert_trap(w, BIT(0));
}

/* It is the same access whatever the mode: 64-bit code, tables of the guest's. */
static void long_mode_has_the_same_trap(void **state)
{
	struct world *w = *state;

	world_long(w);
	watch(w, 0, WORLD_PORT, RW_PORT, LEN_1);
	access_of(w, 1, false);
	assert_trap(w, BIT(0));
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(an_access_that_covers_the_port_traps),
	WORLD_TEST(input_is_there_when_the_trap_comes),
	WORLD_TEST(the_port_behind_does_not),
	WORLD_TEST(without_debugging_extensions_nothing_matches),
	WORLD_TEST(a_data_breakpoint_is_no_port),
	WORLD_TEST(all_hits_and_the_step_are_one_trap),
	WORLD_TEST(the_resume_flag_holds_no_trap_off),
	WORLD_TEST(an_instruction_breakpoint_on_it_is_not_told_again),
	WORLD_TEST(repeated_output_traps_after_each_iteration),
	WORLD_TEST(long_mode_has_the_same_trap),
};

WORLD_MAIN(tests)
