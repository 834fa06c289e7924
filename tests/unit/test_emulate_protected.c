/*
 * Protected mode: known answers from the manuals. Segment checks, gates,
 * privilege changes, delivery, IRET, task switches.
 */
#include "emulate_machine.h"

/* SDM 3A "Limit Checking" 5.3: the limit of an expand-down segment is its lower end. */
static void expand_down_limit_is_the_lower_end(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.seg[SEG_DS].limit = 0xfff;
	m.v.seg[SEG_DS].ar |= AR_TYPE_DOWN;
	assert_int_equal(STEP(0xa1, 0x00, 0x10, 0, 0), EMU_OK);		/* 1000 */
	assert_fault(STEP(0xa1, 0xff, 0x0f, 0, 0), VEC_GP, 0);		/* 0fff */
	m.v.seg[SEG_DS].ar &= (uint32_t)~AR_DB;				/* upper end FFFF */
	assert_int_equal(STEP(0xa0, 0xff, 0xff, 0, 0), EMU_OK);
	assert_fault(STEP(0xa1, 0xff, 0xff, 0, 0), VEC_GP, 0);
}

static void types_and_null_are_checked(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_fault(STEP(0x2e, 0xa2, 0, 0, 0, 0), VEC_GP, 0);	/* write by CS */
	assert_int_equal(STEP(0x2e, 0xa0, 0, 0, 0, 0), EMU_OK);
	m.v.seg[SEG_CS].ar &= (uint32_t)~AR_TYPE_WRITE;		/* execute only */
	assert_fault(STEP(0x2e, 0xa0, 0, 0, 0, 0), VEC_GP, 0);
	m.v.seg[SEG_ES].ar = (uint32_t)AR_UNUSABLE;
	assert_fault(STEP(0x26, 0xa0, 0, 0, 0, 0), VEC_GP, 0);
}

/* SDM 2B "MOV": what a data segment register takes. */
static void data_segment_loads_are_checked(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = SEL_DATA3;
	assert_int_equal(STEP(0x8e, 0xd8), EMU_OK);
	assert_int_equal(m.v.seg[SEG_DS].sel, SEL_DATA3);
	m.v.gpr[GPR_RAX] = SEL_TSS;		/* a system descriptor */
	assert_fault(STEP(0x8e, 0xd8), VEC_GP, SEL_TSS);
	m.v.gpr[GPR_RAX] = GDT_LIMIT + 1;	/* past the table */
	assert_fault(STEP(0x8e, 0xd8), VEC_GP, GDT_LIMIT + 1);
	put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, (AR_DATA(0) & ~0x80u) | AR_FLAT), 8);
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_fault(STEP(0x8e, 0xd8), VEC_NP, SEL_FREE);
	assert_fault(STEP(0x8e, 0xd0), VEC_SS, SEL_FREE);
	m.v.gpr[GPR_RAX] = 0;
	assert_fault(STEP(0x8e, 0xd0), VEC_GP, 0);		/* null SS */
	assert_int_equal(STEP(0x8e, 0xd8), EMU_OK);		/* null DS is fine */
	assert_true(m.v.seg[SEG_DS].ar & AR_UNUSABLE);
}

static void a_load_sets_the_accessed_bit(void **unused)
{
	(void)unused;
	machine_protected(0);
	put(GDT_AT + SEL_FREE, descriptor(0x1234, 0xff, AR_DATA(0) & ~1u), 8);
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_int_equal(STEP(0x8e, 0xc0), EMU_OK);
	assert_int_equal(get(GDT_AT + SEL_FREE + 5, 1), AR_DATA(0));
	assert_int_equal(m.v.seg[SEG_ES].base, 0x1234);
	assert_int_equal(m.v.seg[SEG_ES].limit, 0xff);
	assert_int_equal(m.v.seg[SEG_ES].ar, AR_DATA(0));
}

/* CPL 3 may not load a DPL 0 segment, nor run privileged instructions. */
static void privilege_is_enforced(void **unused)
{
	static const uint8_t privileged[][3] = {
		{ 0xf4 }, { 0x0f, 0x06 }, { 0x0f, 0x20, 0xc0 }, { 0x0f, 0x30 }, { 0x0f, 0x09 },
		{ 0x0f, 0x01, 0xf0 }, { 0xfa }, { 0xe4, 0x60 },
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(privileged); i++) {
		machine_protected(3);
		assert_fault(step_bytes(privileged[i], 3), VEC_GP, 0);
		assert_int_equal(m.v.rip, CODE_AT);
	}
	m.v.gpr[GPR_RAX] = SEL_DATA0;
	assert_fault(STEP(0x8e, 0xd8), VEC_GP, SEL_DATA0);
}

/* SDM 3A figure 6-4: a gate to ring 0 switches stacks and pushes five words. */
static void interrupt_gate_switches_to_ring_0(void **unused)
{
	const struct event e = { .kind = EVENT_EXCEPTION, .vector = VEC_PF, .has_error = true,
				 .error = 6, .cr2 = 0xdeadb000 };

	(void)unused;
	machine_protected(3);
	m.v.rflags |= RFLAGS_IF;
	put(IDT_AT + 14 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 0, 0), 8);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.cpl, 0);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.seg[SEG_CS].sel, SEL_CODE0);
	assert_int_equal(m.v.seg[SEG_SS].sel, SEL_DATA0);
	assert_int_equal(m.v.cr2, 0xdeadb000);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 24);
	assert_int_equal(get(STACK_TOP - 4, 4), SEL_DATA3);
	assert_int_equal(get(STACK_TOP - 8, 4), STACK3_TOP);
	assert_int_equal(get(STACK_TOP - 12, 4), RFLAGS_ONE | RFLAGS_IF | RFLAGS_RF);
	assert_int_equal(get(STACK_TOP - 16, 4), SEL_CODE3);
	assert_int_equal(get(STACK_TOP - 20, 4), CODE_AT);
	assert_int_equal(get(STACK_TOP - 24, 4), 6);
	assert_false(m.v.rflags & RFLAGS_IF);
	/* And back: IRET past the error code. */
	m.v.gpr[GPR_RSP] += 4;
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK3_TOP);
	assert_int_equal(m.v.seg[SEG_SS].sel, SEL_DATA3);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_IF | RFLAGS_RF);
}

static void trap_gate_leaves_if(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.rflags |= RFLAGS_IF;
	put(IDT_AT + 0x30 * 8, gate(SEL_CODE0, HANDLER_AT, 15, 0, 0), 8);
	assert_int_equal(STEP(0xcd, 0x30), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_IF);
	assert_int_equal(get(STACK_TOP - 12, 4), CODE_AT + 2);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 12);
}

/* SDM 3A "Error Code" 6.13: vector * 8 + 2, EXT for what no instruction asked for. */
static void bad_gates_fault_with_the_idt_error_code(void **unused)
{
	const struct event external = { .kind = EVENT_INTERRUPT, .vector = 0x40 };

	(void)unused;
	machine_protected(3);
	put(IDT_AT + 0x30 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 0, 0), 8);
	assert_fault(STEP(0xcd, 0x30), VEC_GP, 0x30 * 8 + 2);	/* DPL 0 */
	assert_fault(STEP(0xcd, 0x31), VEC_GP, 0x31 * 8 + 2);	/* type 0 */
	assert_int_equal(emu_deliver(&m.emu, &external), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_GP);
	assert_int_equal(m.emu.fault.error, 0x40 * 8 + 3);
	put(IDT_AT + 0x40 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 0, 0) & ~(1ull << 47), 8);
	assert_int_equal(emu_deliver(&m.emu, &external), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_NP);
	m.v.idtr.limit = 0x40 * 8 + 6;
	assert_int_equal(emu_deliver(&m.emu, &external), EMU_FAULT);
	assert_int_equal(m.emu.fault.error, 0x40 * 8 + 3);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK3_TOP);
	assert_int_equal(m.v.cpl, 3);
}

/* From virtual-8086 mode: all data segments are pushed and nulled. SDM 3B 20.3.1. */
static void vm86_interrupt_goes_to_ring_0_and_back(void **unused)
{
	const struct event e = { .kind = EVENT_INTERRUPT, .vector = 0x20 };

	(void)unused;
	machine_vm86(3);
	m.v.seg[SEG_GS].sel = 0x777;
	put(IDT_AT + 0x20 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 0, 0), 8);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.cpl, 0);
	assert_false(m.v.rflags & RFLAGS_VM);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 36);
	assert_int_equal(get(STACK_TOP - 4, 4), 0x777);
	assert_int_equal(get(STACK_TOP - 24, 4), STACK3_TOP);
	assert_true(get(STACK_TOP - 28, 4) & RFLAGS_VM);
	assert_true(m.v.seg[SEG_DS].ar & AR_UNUSABLE);
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_VM);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.seg[SEG_CS].base, CODE_AT);
	assert_int_equal(m.v.seg[SEG_GS].base, 0x7770);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK3_TOP);
	assert_int_equal(FIELD_GET(RFLAGS_IOPL, m.v.rflags), 3);
}

/* SDM 3A "Accessing a Code Segment Through a Call Gate" 5.8.4: parameters are copied. */
static void call_gate_copies_parameters(void **unused)
{
	(void)unused;
	machine_protected(3);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, HANDLER_AT, 12, 3, 2), 8);
	put(STACK3_TOP, 0x1111, 4);
	put(STACK3_TOP + 4, 0x2222, 4);
	assert_int_equal(STEP(0x9a, 0, 0, 0, 0, SEL_GATE | 3, 0), EMU_OK);
	assert_int_equal(m.v.cpl, 0);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 24);
	assert_int_equal(get(STACK_TOP - 4, 4), SEL_DATA3);
	assert_int_equal(get(STACK_TOP - 8, 4), STACK3_TOP);
	assert_int_equal(get(STACK_TOP - 12, 4), 0x2222);
	assert_int_equal(get(STACK_TOP - 16, 4), 0x1111);
	assert_int_equal(get(STACK_TOP - 20, 4), SEL_CODE3);
	assert_int_equal(get(STACK_TOP - 24, 4), CODE_AT + 7);
	assert_int_equal(STEP(0xca, 8, 0), EMU_OK);	/* RETF 8: off both stacks */
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.rip, CODE_AT + 7);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK3_TOP + 8);
}

static void far_jump_rules(void **unused)
{
	(void)unused;
	machine_protected(3);
	assert_fault(STEP(0xea, 0, 0x50, 0, 0, SEL_CODE0, 0), VEC_GP, SEL_CODE0);
	assert_fault(STEP(0xea, 0, 0x50, 0, 0, 0, 0), VEC_GP, 0);
	assert_fault(STEP(0xea, 0, 0x50, 0, 0, SEL_DATA3, 0), VEC_GP, SEL_DATA3 & ~3u);
	/* Conforming: runs at the caller's CPL. */
	assert_int_equal(STEP(0xea, 0, 0x50, 0, 0, SEL_CONFORM, 0), EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.seg[SEG_CS].sel, SEL_CONFORM | 3);
}

/* A new stack that does not fit is #TS with its selector. */
static void bad_inner_stack_is_ts(void **unused)
{
	(void)unused;
	machine_protected(3);
	put(IDT_AT + 0x30 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 3, 0), 8);
	put(TSS_AT + 8, SEL_DATA3, 4);
	assert_fault(STEP(0xcd, 0x30), VEC_TS, SEL_DATA3 & ~3u);
	put(TSS_AT + 8, SEL_DATA0, 4);
	m.v.seg[SEG_TR].limit = 6;
	assert_fault(STEP(0xcd, 0x30), VEC_TS, SEL_TSS);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.seg[SEG_SS].sel, SEL_DATA3);
}

static void fill_tss2(void)
{
	put(TSS2_AT + 32, HANDLER_AT, 4);
	put(TSS2_AT + 36, RFLAGS_ONE, 4);
	put(TSS2_AT + 40, 0xaaaa, 4);		/* EAX */
	put(TSS2_AT + 56, 0x7000, 4);		/* ESP */
	for (unsigned i = 0; i < 6; i++)
		put(TSS2_AT + 72 + 4 * i, i == SEG_CS ? SEL_CODE0 : SEL_DATA0, 4);
}

/* SDM 3A "Task Switching" 7.3 and "Task Linking" 7.4: there by CALL, back by IRET. */
static void task_switch_by_call_and_iret(void **unused)
{
	(void)unused;
	machine_protected(0);
	fill_tss2();
	m.v.gpr[GPR_RAX] = 0x5555;
	assert_int_equal(STEP(0x9a, 0, 0, 0, 0, SEL_TSS2, 0), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.gpr[GPR_RAX], 0xaaaa);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7000);
	assert_int_equal(m.v.seg[SEG_TR].sel, SEL_TSS2);
	assert_true(m.v.rflags & RFLAGS_NT);
	assert_true(m.v.cr0 & CR0_TS);
	assert_int_equal(get(TSS2_AT, 2), SEL_TSS);		/* link */
	assert_int_equal(get(TSS_AT + 32, 4), CODE_AT + 7);
	assert_int_equal(get(TSS_AT + 40, 4), 0x5555);
	assert_int_equal(get(GDT_AT + SEL_TSS + 5, 1), 0x8b);	/* both busy */
	assert_int_equal(get(GDT_AT + SEL_TSS2 + 5, 1), 0x8b);
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.rip, CODE_AT + 7);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x5555);
	assert_false(m.v.rflags & RFLAGS_NT);
	assert_int_equal(get(GDT_AT + SEL_TSS2 + 5, 1), 0x89);
}

static void task_switch_by_jmp_frees_the_old_task(void **unused)
{
	(void)unused;
	machine_protected(0);
	fill_tss2();
	assert_int_equal(STEP(0xea, 0, 0, 0, 0, SEL_TSS2, 0), EMU_OK);
	assert_int_equal(get(GDT_AT + SEL_TSS + 5, 1), 0x89);
	assert_int_equal(get(GDT_AT + SEL_TSS2 + 5, 1), 0x8b);
	assert_false(m.v.rflags & RFLAGS_NT);
	/* A busy task is no target. */
	assert_fault(STEP(0xea, 0, 0, 0, 0, SEL_TSS2, 0), VEC_GP, SEL_TSS2);
}

/* A fault after the switch is the new task's: its registers are in place. */
static void task_switch_faults_in_the_new_task(void **unused)
{
	(void)unused;
	machine_protected(0);
	fill_tss2();
	put(TSS2_AT + 80, SEL_CODE0, 4);	/* SS: a code segment */
	assert_fault(STEP(0xea, 0, 0, 0, 0, SEL_TSS2, 0), VEC_TS, SEL_CODE0);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.seg[SEG_TR].sel, SEL_TSS2);
}

static void exception_through_a_task_gate_pushes_its_error(void **unused)
{
	const struct event e = { .kind = EVENT_EXCEPTION, .vector = VEC_DF, .has_error = true };

	(void)unused;
	machine_protected(0);
	fill_tss2();
	put(IDT_AT + VEC_DF * 8, gate(SEL_TSS2, 0, 5, 0, 0), 8);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7000 - 4);
	assert_int_equal(get(TSS_AT + 32, 4), CODE_AT);
}

static void lar_lsl_verr_verw(void **unused)
{
	(void)unused;
	machine_protected(3);
	m.v.gpr[GPR_RCX] = SEL_DATA3;
	assert_int_equal(STEP(0x0f, 0x02, 0xc1), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_ZF);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x00c0f300);
	assert_int_equal(STEP(0x0f, 0x03, 0xc1), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], UINT32_MAX);
	assert_int_equal(STEP(0x0f, 0x00, 0xe9), EMU_OK);	/* VERW */
	assert_true(m.v.rflags & RFLAGS_ZF);
	m.v.gpr[GPR_RCX] = SEL_DATA0;				/* not visible */
	assert_int_equal(STEP(0x0f, 0x00, 0xe1), EMU_OK);	/* VERR */
	assert_false(m.v.rflags & RFLAGS_ZF);
	m.v.gpr[GPR_RCX] = SEL_CODE3;
	assert_int_equal(STEP(0x0f, 0x00, 0xe9), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_ZF);
}

static void ltr_marks_busy_and_lldt_takes_ldts_only(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = SEL_TSS2;
	assert_int_equal(STEP(0x0f, 0x00, 0xd8), EMU_OK);
	assert_int_equal(get(GDT_AT + SEL_TSS2 + 5, 1), 0x8b);
	assert_int_equal(m.v.seg[SEG_TR].ar, AR_TSS32_BUSY);
	assert_fault(STEP(0x0f, 0x00, 0xd8), VEC_GP, SEL_TSS2);	/* busy already */
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_GP, SEL_TSS2);	/* LLDT */
	put(GDT_AT + SEL_FREE, descriptor(0x6000, 0x17, AR_LDT), 8);
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_int_equal(STEP(0x0f, 0x00, 0xd0), EMU_OK);
	assert_int_equal(m.v.seg[SEG_LDTR].base, 0x6000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expand_down_limit_is_the_lower_end),
		cmocka_unit_test(types_and_null_are_checked),
		cmocka_unit_test(data_segment_loads_are_checked),
		cmocka_unit_test(a_load_sets_the_accessed_bit),
		cmocka_unit_test(privilege_is_enforced),
		cmocka_unit_test(interrupt_gate_switches_to_ring_0),
		cmocka_unit_test(trap_gate_leaves_if),
		cmocka_unit_test(bad_gates_fault_with_the_idt_error_code),
		cmocka_unit_test(vm86_interrupt_goes_to_ring_0_and_back),
		cmocka_unit_test(call_gate_copies_parameters),
		cmocka_unit_test(far_jump_rules),
		cmocka_unit_test(bad_inner_stack_is_ts),
		cmocka_unit_test(task_switch_by_call_and_iret),
		cmocka_unit_test(task_switch_by_jmp_frees_the_old_task),
		cmocka_unit_test(task_switch_faults_in_the_new_task),
		cmocka_unit_test(exception_through_a_task_gate_pushes_its_error),
		cmocka_unit_test(lar_lsl_verr_verw),
		cmocka_unit_test(ltr_marks_busy_and_lldt_takes_ldts_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
