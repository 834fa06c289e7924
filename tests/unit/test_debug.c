/*
 * A guest under its user's control: where it stops, what it cannot notice, and whose
 * the debug registers are. SDM 3B "Debug Registers" 17.2, "Debug Exceptions" 17.3.
 */
#include "gdb_fixture.h"

#define BREAK_AT	0x7d00u
#define DR7_G2		BIT(5)	/* R/W2 = 00, LEN2 = 00: code */
#define DR7_G3		BIT(7)
#define DR7_G3_WRITE4	(BIT(7) | UINT64_C(0xd) << 28)	/* G3, R/W3 = 01, LEN3 = 11 */
#define DR7_L0_CODE	UINT64_C(1)

#define CODE(s, ...)	world_code((s)->w, (const uint8_t[]){ __VA_ARGS__ },	\
				   sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* The guest arrives at a breakpoint, and the CPU says by which register it knows. */
static void arrive(struct fake *fake)
{
	fake->cpu.rip = BREAK_AT;
	for (unsigned n = 0; n < DR_COUNT; n++)
		if (fake->cpu.dr[n] == BREAK_AT)
			fake->cpu.dr6 |= BIT(n);
}

static void arrive_quietly(struct fake *fake)
{
	fake->cpu.rip = BREAK_AT;
}

#define DB_EXIT		.exception = { .kind = EVENT_EXCEPTION, .vector = VEC_DB }

static void the_guest_stops_before_its_first_instruction(void **state)
{
	struct session *s = *state;

	send(s, "?");
	send(s, "k");
	session_run(s, NULL, 0);
	ANSWER(s, 0, "S05");
	assert_int_equal(s->w->fake.entries, 0);
	assert_int_equal(s->w->vm.end, END_STOPPED);
}

/* One instruction, without the hardware, and RFLAGS.TF is never set. */
static void a_step_is_one_instruction(void **state)
{
	struct session *s = *state;

	CODE(s, 0x9c, 0x58, 0x90);	/* PUSHF; POP AX; NOP */
	send(s, "s");
	send(s, "s");
	send(s, "p10");
	send(s, "p0");
	send(s, "k");
	session_run(s, NULL, 0);
	ANSWER(s, 0, "S05");
	ANSWER(s, 1, "S05");
	ANSWER(s, 2, "027c000000000000");
	assert_int_equal(s->w->fake.entries, 0);
	assert_int_equal(s->w->vm.vcpu.gpr[GPR_RAX] & RFLAGS_TF, 0);
	assert_int_equal(s->w->vm.tally.emulated, 2);
}

/* MOV SS holds events off for one instruction, and a step does not end that. */
static void a_step_keeps_the_shadow_of_mov_ss(void **state)
{
	struct session *s = *state;

	CODE(s, 0x8e, 0xd0, 0x90);	/* MOV SS,AX; NOP */
	send(s, "s");
	send(s, "k");
	session_run(s, NULL, 0);
	assert_true(s->w->vm.vcpu.shadow & SHADOW_MOV_SS);
}

/* A fault of the instruction stepped: the step ends where its handler begins. */
static void a_step_of_a_fault_ends_at_its_handler(void **state)
{
	const uint16_t vector[] = { 0x1234, 0 };
	struct session *s = *state;

	CODE(s, 0x0f, 0x0b);		/* UD2 */
	memcpy(s->w->ram + 4 * VEC_UD, vector, sizeof(vector));
	send(s, "s");
	send(s, "p10");
	send(s, "k");
	session_run(s, NULL, 0);
	ANSWER(s, 1, "3412000000000000");
}

static void past_addps(struct fake *fake)
{
	fake->cpu.rip += 3;
	fake->cpu.dr6 |= DR6_BS;
}

/* What the emulator has not got is one instruction of the CPU's, and TF is gone after it. */
static void a_step_that_only_the_cpu_can_make(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_EXCEPTION, DB_EXIT }, .play = past_addps },
	};
	struct session *s = *state;

	CODE(s, 0x0f, 0x58, 0xc1);	/* ADDPS XMM0,XMM1 */
	s->w->vm.vcpu.cr4 |= CR4_OSFXSR;
	send(s, "s");
	send(s, "p10");
	send(s, "k");
	session_run(s, script, ARRAY_SIZE(script));
	ANSWER(s, 0, "S05");
	ANSWER(s, 1, "037c000000000000");
	assert_int_equal(s->w->fake.entries, 1);
	assert_true(s->w->fake.entry[0].cpu.rflags & RFLAGS_TF);
	assert_false(s->w->vm.vcpu.rflags & RFLAGS_TF);
	assert_int_equal(s->w->vm.vcpu.dr6, DR6_INIT);
	assert_int_equal(s->w->vm.vcpu.pending.kind, EVENT_NONE);
}

/* The user's breakpoint is in the hardware; its #DB is none of the guest's. */
static void a_breakpoint_stops_the_guest(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_EXCEPTION, DB_EXIT }, .play = arrive },
	};
	struct session *s = *state;
	const struct vcpu *entered = &s->w->fake.entry[0].cpu;

	send(s, "Z0,7d00,1");
	send(s, "c");
	send(s, "p10");
	send(s, "k");
	session_run(s, script, ARRAY_SIZE(script));
	ANSWER(s, 0, "OK");
	ANSWER(s, 1, "S05");
	ANSWER(s, 2, "007d000000000000");
	assert_int_equal(entered->dr[3], BREAK_AT);
	assert_int_equal(entered->dr7 & ~DR7_INIT, DR7_G3);
	assert_int_equal(s->w->fake.entries, 1);
	assert_int_equal(s->w->vm.vcpu.pending.kind, EVENT_NONE);
	assert_int_equal(s->w->vm.vcpu.dr6, DR6_INIT);
	assert_int_equal(s->w->vm.vcpu.dr7, DR7_INIT);
}

/* Going on from a breakpoint does not stop there again at once. */
static void the_guest_goes_on_from_a_breakpoint(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_EXCEPTION, DB_EXIT }, .play = arrive },
	};
	struct session *s = *state;

	s->w->ram[BREAK_AT] = 0x90;
	send(s, "Z1,7d00,1");
	send(s, "c");
	send(s, "c");
	session_run(s, script, ARRAY_SIZE(script));
	ANSWER(s, 1, "S05");
	ANSWER(s, 2, "W00");	/* the fake guest's HLT */
	assert_int_equal(s->w->fake.entry[1].cpu.rip, BREAK_AT + 1);
}

/* A #DB that no breakpoint of the user's has made goes to the guest, DR6 as the CPU has it. */
static void a_db_of_the_guests_goes_to_the_guest(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_EXCEPTION, DB_EXIT }, .play = arrive },
		{ .exit = { .reason = EXIT_HLT, .insn_len = 1 } },
	};
	struct session *s = *state;
	struct vcpu *v = &s->w->vm.vcpu;

	v->dr[0] = BREAK_AT;
	v->dr7 = DR7_INIT | DR7_L0_CODE;
	send(s, "Z0,7e00,1");
	send(s, "c");
	session_run(s, script, ARRAY_SIZE(script));
	/* The user's is in a register that the guest does not use. */
	assert_int_equal(s->w->fake.entry[0].cpu.dr[0], BREAK_AT);
	assert_int_equal(s->w->fake.entry[0].cpu.dr[3], 0x7e00);
	assert_int_equal(s->w->fake.entry[1].event.kind, EVENT_EXCEPTION);
	assert_int_equal(s->w->fake.entry[1].event.vector, VEC_DB);
	assert_int_equal(v->dr6, DR6_INIT | BIT(0));
}

/* A step trap of the guest's own at the user's breakpoint is not lost. */
static void step_trap(struct fake *fake)
{
	fake->cpu.rip = BREAK_AT;
	fake->cpu.dr6 |= DR6_BS;
}

static void the_guests_step_trap_at_a_breakpoint_is_its_own(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_EXCEPTION, DB_EXIT }, .play = step_trap },
		{ .exit = { .reason = EXIT_EXCEPTION, DB_EXIT }, .play = arrive_quietly },
	};
	struct session *s = *state;

	send(s, "Z0,7d00,1");
	send(s, "c");
	send(s, "k");
	session_run(s, script, ARRAY_SIZE(script));
	assert_int_equal(s->w->fake.entry[1].event.vector, VEC_DB);
	ANSWER(s, 1, "S05");
	assert_int_equal(s->w->fake.entries, 2);
}

/* MOV from DR0 and DR7 gives what the guest has written there. */
static void the_guest_reads_its_own_debug_registers(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_DR } },
		{ .exit = { .reason = EXIT_DR } },
	};
	struct session *s = *state;

	CODE(s, 0x0f, 0x21, 0xc0, 0x0f, 0x21, 0xf9);	/* MOV EAX,DR0; MOV ECX,DR7 */
	s->w->vm.vcpu.dr[0] = 0x1111;
	send(s, "Z0,7d00,1");
	send(s, "c");
	session_run(s, script, ARRAY_SIZE(script));
	assert_int_equal(s->w->fake.entry[2].cpu.gpr[GPR_RAX], 0x1111);
	assert_int_equal(s->w->fake.entry[2].cpu.gpr[GPR_RCX], DR7_INIT);
	assert_int_equal(s->w->fake.entry[2].cpu.rip, WORLD_CODE + 6);
}

/* MOV to DR7 arms the guest's breakpoint beside the user's. */
static void the_guest_arms_its_own_beside_the_users(void **state)
{
	static const struct fake_step script[] = { { .exit = { .reason = EXIT_DR } } };
	struct session *s = *state;
	const struct vcpu *after = &s->w->fake.entry[1].cpu;

	CODE(s, 0x0f, 0x23, 0xf8);	/* MOV DR7,EAX */
	s->w->vm.vcpu.gpr[GPR_RAX] = DR7_INIT | DR7_G3_WRITE4;
	s->w->vm.vcpu.dr[3] = 0x2000;
	send(s, "Z0,7d00,1");
	send(s, "c");
	session_run(s, script, ARRAY_SIZE(script));
	assert_int_equal(after->dr7, DR7_INIT | DR7_G2 | DR7_G3_WRITE4);
	assert_int_equal(after->dr[2], BREAK_AT);
	assert_int_equal(after->dr[3], 0x2000);
	assert_int_equal(s->w->vm.vcpu.dr7, DR7_INIT | DR7_G3_WRITE4);
}

/* What emulated code writes is watched as what the CPU writes. */
static void a_watched_write_stops_the_guest(void **state)
{
	struct session *s = *state;

	CODE(s, 0xc6, 0x06, 0x02, 0x20, 0x55);	/* MOV BYTE [2002h],55h */
	send(s, "Z2,2000,4");
	send(s, "s");
	send(s, "p10");
	send(s, "k");
	session_run(s, NULL, 0);
	ANSWER(s, 1, "T05watch:2000;");
	ANSWER(s, 2, "057c000000000000");
	assert_int_equal(s->w->ram[0x2002], 0x55);
	assert_int_equal(s->w->vm.vcpu.pending.kind, EVENT_NONE);
	assert_int_equal(s->w->vm.vcpu.dr6, DR6_INIT);
}

/* Where registers are short, one of the guest's waits, and comes back. */
static void the_users_come_first(void **state)
{
	struct session *s = *state;
	struct vcpu *v = &s->w->vm.vcpu;
	uint64_t all = DR7_INIT | BIT(0) | BIT(2) | BIT(4) | BIT(6);

	for (unsigned n = 0; n < DR_COUNT; n++)
		v->dr[n] = 0x1000 * n;
	v->dr7 = all;
	send(s, "Z0,7d00,1");
	send(s, "c");
	session_run(s, NULL, 0);
	assert_int_equal(s->w->fake.entry[0].cpu.dr[0], BREAK_AT);
	for (unsigned n = 1; n < DR_COUNT; n++)
		assert_int_equal(s->w->fake.entry[0].cpu.dr[n], 0x1000 * n);
	assert_int_equal(v->dr[0], 0);
	assert_int_equal(v->dr7, all);
}

static void there_are_four_breakpoints(void **state)
{
	struct session *s = *state;

	send(s, "Z0,1000,1");
	send(s, "Z2,2000,8");
	send(s, "Z4,3000,2");
	send(s, "Z1,4000,1");
	send(s, "Z0,5000,1");
	send(s, "Z0,1000,1");	/* there already */
	send(s, "z2,2000,8");
	send(s, "Z0,5000,1");
	send(s, "z0,9999,1");
	send(s, "Z2,2001,2");	/* data must be aligned */
	send(s, "Z3,2000,4");	/* the CPU has none for reads alone */
	send(s, "k");
	session_run(s, NULL, 0);
	for (unsigned n = 0; n < 4; n++)
		ANSWER(s, n, "OK");
	ANSWER(s, 4, "E1c");
	for (unsigned n = 5; n < 8; n++)
		ANSWER(s, n, "OK");
	ANSWER(s, 8, "E16");
	ANSWER(s, 9, "E1c");
	ANSWER(s, 10, "");
}

static void ctrl_c_stops_a_running_guest(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_HOST_INTERRUPT } },
		{ .exit = { .reason = EXIT_HOST_INTERRUPT } },
	};
	struct session *s = *state;

	send(s, "c");
	send_raw(s, "\x03", 1);
	send(s, "k");
	session_run(s, script, ARRAY_SIZE(script));
	ANSWER(s, 0, "S02");
	assert_true(s->w->fake.entries <= 1);
}

/* While the guest stands still its TSC does, its budget, and its devices' time. */
static void time_stands_still_with_the_guest(void **state)
{
	struct session *s = *state;
	uint64_t looks = 50;

	s->w->vm.limit = SESSION_STOPPED * 10;
	for (uint64_t i = 0; i < looks; i++)
		send(s, "?");
	send(s, "c");
	session_run(s, NULL, 0);
	assert_int_equal(s->w->vm.end, END_HALT);
	assert_true(s->clock > SESSION_STOPPED * looks);
	/* The guest's TSC at the end of the stop is the one at its beginning. */
	assert_true(s->clock + s->w->vm.vcpu.tsc_offset < FAKE_TSC + SESSION_STOPPED * 10);
}

/* Who has detached is stopped no more, and hears nothing. */
static void a_detached_guest_runs_on(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_HOST_INTERRUPT }, .play = arrive_quietly },
	};
	struct session *s = *state;

	send(s, "Z0,7d00,1");
	send(s, "D");
	send_raw(s, "\x03", 1);
	session_run(s, script, ARRAY_SIZE(script));
	assert_int_equal(s->answers, 2);
	assert_int_equal(s->w->vm.end, END_HALT);
	assert_int_equal(s->w->fake.entry[0].cpu.dr7, DR7_INIT);
}

static const struct CMUnitTest tests[] = {
	SESSION_TEST(the_guest_stops_before_its_first_instruction),
	SESSION_TEST(a_step_is_one_instruction),
	SESSION_TEST(a_step_keeps_the_shadow_of_mov_ss),
	SESSION_TEST(a_step_of_a_fault_ends_at_its_handler),
	SESSION_TEST(a_step_that_only_the_cpu_can_make),
	SESSION_TEST(a_breakpoint_stops_the_guest),
	SESSION_TEST(the_guest_goes_on_from_a_breakpoint),
	SESSION_TEST(a_db_of_the_guests_goes_to_the_guest),
	SESSION_TEST(the_guests_step_trap_at_a_breakpoint_is_its_own),
	SESSION_TEST(the_guest_reads_its_own_debug_registers),
	SESSION_TEST(the_guest_arms_its_own_beside_the_users),
	SESSION_TEST(a_watched_write_stops_the_guest),
	SESSION_TEST(the_users_come_first),
	SESSION_TEST(there_are_four_breakpoints),
	SESSION_TEST(ctrl_c_stops_a_running_guest),
	SESSION_TEST(time_stands_still_with_the_guest),
	SESSION_TEST(a_detached_guest_runs_on),
};

WORLD_MAIN(tests)
