/*
 * When the trap of a breakpoint comes while emulating, and what it finds: strings,
 * loads of SS, deliveries, task switches. SDM 3B "Debug Exception (#DB)" 17.3.1.
 */
#include "emulate_debug.h"

/* A fault takes the instruction back: the trap will come when it has run. */
static void an_instruction_that_faults_leaves_no_trap(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, WATCHED, RW_ACCESS, LEN_4);
	m.v.gpr[GPR_RBX] = WATCHED;
	assert_fault(STEP(0xf7, 0x33), VEC_DE, 0);		/* DIV dword [EBX] = 0 */
	assert_trap(0);
}

/* B0 to B3 tell of the last #DB only; BS stays until software clears it. 17.2.3 */
static void a_step_and_a_hit_are_one_trap(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, WATCHED, RW_WRITE, LEN_1);
	m.v.gpr[GPR_RBX] = WATCHED;
	m.v.rflags |= RFLAGS_TF;
	m.v.dr6 |= BIT(3);
	assert_int_equal(STEP(0x88, 0x03), EMU_OK);		/* MOV [EBX], AL */
	assert_trap((uint32_t)DR6_BS | 1);
	m.v.rflags &= ~RFLAGS_TF;
	m.v.dr[0]++;
	assert_int_equal(STEP(0x88, 0x43, 0x01), EMU_OK);	/* MOV [EBX+1], AL */
	assert_trap((uint32_t)DR6_BS | 1);
}

/*
 * A trap after the iteration that hit, RIP on the instruction: RF is set, so that
 * a breakpoint on it does not come again. 17.3.1.1, 17.3.1.2
 */
static void repeated_strings_trap_between_iterations(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, WATCHED + 2, RW_WRITE, LEN_1);
	arm(1, CODE_AT, RW_CODE, LEN_1);
	m.v.gpr[GPR_RDI] = WATCHED;
	m.v.gpr[GPR_RCX] = 5;
	m.v.rflags |= RFLAGS_RF;
	assert_int_equal(STEP(0xf3, 0xaa), EMU_OK);		/* REP STOSB */
	assert_trap(1);
	assert_int_equal(m.v.gpr[GPR_RCX], 2);
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_RF);
	m.v.pending.kind = EVENT_NONE;
	m.v.dr6 = DR6_INIT;
	assert_int_equal(emu_step(&m.emu), EMU_OK);
	assert_trap(0);
	assert_int_equal(m.v.gpr[GPR_RCX], 0);
	assert_int_equal(m.v.rip, CODE_AT + 2);
	assert_int_equal(m.v.rflags, RFLAGS_ONE);
}

static void the_last_iteration_ends_the_instruction(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.cr4 = CR4_DE;
	arm(3, 0x3f8, RW_PORT, LEN_1);
	m.v.gpr[GPR_RDX] = 0x3f8;
	m.v.gpr[GPR_RSI] = WATCHED;
	m.v.gpr[GPR_RCX] = 2;
	assert_int_equal(STEP(0xf3, 0x6e), EMU_OK);		/* REP OUTSB */
	assert_trap(BIT(3));
	assert_int_equal(m.port_count, 1);
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(emu_step(&m.emu), EMU_OK);
	assert_int_equal(m.port_count, 2);
	assert_int_equal(m.v.rip, CODE_AT + 2);
	assert_int_equal(m.v.rflags, RFLAGS_ONE);
}

/* What a load of SS hits waits for the next instruction. SDM 3A 6.8.3 */
static void a_load_of_ss_defers_its_trap(void **unused)
{
	(void)unused;
	machine_real();
	arm(0, STACK_TOP, RW_ACCESS, LEN_2);
	assert_int_equal(STEP(0x17), EMU_OK);			/* POP SS */
	assert_trap(0);
	assert_int_equal(STEP(0x90), EMU_OK);
	assert_trap(1);
	m.v.pending.kind = EVENT_NONE;
	m.v.dr6 = DR6_INIT;
	assert_int_equal(STEP(0x90), EMU_OK);
	assert_trap(0);
	/* With the shadow gone, so is the trap: others have told it. */
	m.v.gpr[GPR_RSP] = STACK_TOP;
	assert_int_equal(STEP(0x17), EMU_OK);
	m.v.shadow = 0;
	assert_int_equal(STEP(0x90), EMU_OK);
	assert_trap(0);
}

/* A delivery pushes: data, too. RIP is the handler's when the trap comes. */
static void a_delivery_hits_the_stack(void **unused)
{
	const struct event e = { .kind = EVENT_INTERRUPT, .vector = 0x20 };

	(void)unused;
	machine_protected(0);
	put(IDT_AT + 0x20 * 8, gate(SEL_CODE0, HANDLER_AT, 0xe, 0, 0), 8);
	arm(1, STACK_TOP - 12, RW_WRITE, LEN_4);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_trap(BIT(1));
}

/* System structures are data: the vector's gate. */
static void a_gate_read_by_int_n_hits(void **unused)
{
	(void)unused;
	machine_protected(0);
	put(IDT_AT + 0x20 * 8, gate(SEL_CODE0, HANDLER_AT, 0xe, 0, 0), 8);
	arm(0, IDT_AT + 0x20 * 8, RW_ACCESS, LEN_8);
	assert_int_equal(STEP(0xcd, 0x20), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_trap(1);
}

/* "The processor automatically clears these flags on every task switch." 17.2.4 */
static void a_task_switch_clears_local_breakpoints(void **unused)
{
	(void)unused;
	machine_protected(0);
	put(TSS2_AT + 32, HANDLER_AT, 4);
	put(TSS2_AT + 56, STACK_TOP, 4);
	put(TSS2_AT + 76, SEL_CODE0, 4);
	put(TSS2_AT + 80, SEL_DATA0, 4);
	m.v.dr7 |= BITS(9, 0);
	for (unsigned n = 0; n < 4; n++)
		m.v.dr[n] = 0x9000;
	assert_int_equal(STEP(0xea, 0, 0, 0, 0, SEL_TSS2, 0), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.dr7, DR7_INIT | BIT(1) | BIT(3) | BIT(5) | BIT(7) | BIT(9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instruction_that_faults_leaves_no_trap),
		cmocka_unit_test(a_step_and_a_hit_are_one_trap),
		cmocka_unit_test(repeated_strings_trap_between_iterations),
		cmocka_unit_test(the_last_iteration_ends_the_instruction),
		cmocka_unit_test(a_load_of_ss_defers_its_trap),
		cmocka_unit_test(a_delivery_hits_the_stack),
		cmocka_unit_test(a_gate_read_by_int_n_hits),
		cmocka_unit_test(a_task_switch_clears_local_breakpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
