/*
 * Task switches: each check and whose fault it is. Known answers from SDM 3A "Task
 * Switching" 7.3 and table 7-1 (exception conditions checked during a switch).
 */
#include "emulate_paged.h"

#define NEW_AT		0x38000u
#define LDT_AT		0x39000u
#define JMP_TASK	STEP(0xea, 0, 0, 0, 0, SEL_TSS2, 0)
#define CALL_TASK	STEP(0x9a, 0, 0, 0, 0, SEL_TSS2, 0)

/* A 32-bit TSS that works; tests spoil one thing each. */
static void machine_tasks(void)
{
	machine_protected(0);
	put(GDT_AT + SEL_TSS2, descriptor(NEW_AT, 0x67, 0x89), 8);
	put(NEW_AT + 32, HANDLER_AT, 4);
	put(NEW_AT + 36, RFLAGS_ONE, 4);
	put(NEW_AT + 56, 0x7000, 4);
	for (unsigned i = 0; i < 6; i++)
		put(NEW_AT + 72 + 4 * i, i == 1 ? SEL_CODE0 : SEL_DATA0, 2);
}

/* Before the switch: faults of the old task, which has not changed. */
static void descriptor_checks(void **unused)
{
	(void)unused;
	machine_tasks();
	put(GDT_AT + SEL_TSS2, descriptor(NEW_AT, 0x66, 0x89), 8);
	assert_fault(JMP_TASK, VEC_TS, SEL_TSS2);		/* limit below 67H */
	put(GDT_AT + SEL_TSS2, descriptor(NEW_AT, 0x2a, 0x81), 8);
	assert_fault(JMP_TASK, VEC_TS, SEL_TSS2);		/* below 2BH, 16 bits */
	put(GDT_AT + SEL_TSS2, descriptor(NEW_AT, 0x67, 0x8b), 8);
	assert_fault(JMP_TASK, VEC_GP, SEL_TSS2);		/* busy */
	put(GDT_AT + SEL_TSS2, descriptor(NEW_AT, 0x67, 0x09), 8);
	assert_fault(CALL_TASK, VEC_NP, SEL_TSS2);
	assert_int_equal(m.v.seg[SEG_TR].sel, SEL_TSS);
	assert_int_equal(m.v.rip, CODE_AT);
}

/* A task gate: its DPL counts, the TSS's does not; the TSS must be in the GDT. */
static void task_gates(void **unused)
{
	(void)unused;
	machine_tasks();
	put(GDT_AT + SEL_GATE, gate(SEL_TSS2, 0, 5, 0, 0), 8);
	assert_int_equal(STEP(0xea, 0, 0, 0, 0, SEL_GATE, 0), EMU_OK);
	assert_int_equal(m.v.seg[SEG_TR].sel, SEL_TSS2);
	machine_tasks();
	put(GDT_AT + SEL_GATE, gate(SEL_TSS2 | 4, 0, 5, 0, 0), 8);
	assert_fault(STEP(0xea, 0, 0, 0, 0, SEL_GATE, 0), VEC_GP, SEL_TSS2 | 4);
	put(GDT_AT + SEL_GATE, gate(0, 0, 5, 0, 0), 8);
	assert_fault(STEP(0xea, 0, 0, 0, 0, SEL_GATE, 0), VEC_GP, 0);
	put(GDT_AT + SEL_GATE, gate(GDT_LIMIT + 1, 0, 5, 0, 0), 8);
	assert_fault(STEP(0xea, 0, 0, 0, 0, SEL_GATE, 0), VEC_GP, GDT_LIMIT + 1);
	put(GDT_AT + SEL_GATE, gate(SEL_DATA0, 0, 5, 0, 0), 8);
	assert_fault(STEP(0xea, 0, 0, 0, 0, SEL_GATE, 0), VEC_GP, SEL_DATA0);
}

/* IRET with NT: the back link must name a busy TSS; #TS otherwise. */
static void nested_return_checks(void **unused)
{
	(void)unused;
	machine_tasks();
	m.v.rflags |= RFLAGS_NT;
	put(TSS_AT, SEL_TSS2, 2);
	assert_fault(STEP(0xcf), VEC_TS, SEL_TSS2);		/* available */
	put(TSS_AT, 0, 2);
	assert_fault(STEP(0xcf), VEC_TS, 0);
	put(TSS_AT, SEL_TSS2, 2);
	put(GDT_AT + SEL_TSS2, descriptor(NEW_AT, 0x67, 0x8b), 8);
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.seg[SEG_TR].sel, SEL_TSS2);
	assert_int_equal(get(GDT_AT + SEL_TSS + 5, 1), 0x89);	/* the old one is free */
	assert_int_equal(get(TSS_AT + 36, 4) & RFLAGS_NT, 0);	/* saved without NT */
}

/* Each of these is found after the switch: the fault belongs to the new task. */
static void new_state_checks(void **unused)
{
	static const struct {
		uint16_t at, value;
		uint8_t vector;
		uint16_t error;
	} row[] = {
		{ 76, 0, VEC_TS, 0 },				/* CS null */
		{ 76, GDT_LIMIT + 1, VEC_TS, GDT_LIMIT + 1 },
		{ 76, SEL_DATA0, VEC_TS, SEL_DATA0 },
		{ 76, SEL_CODE0 | 3, VEC_TS, SEL_CODE0 },	/* DPL is not RPL */
		{ 76, SEL_FREE, VEC_NP, SEL_FREE },		/* not present */
		{ 80, 0, VEC_TS, 0 },				/* SS */
		{ 80, SEL_CODE0, VEC_TS, SEL_CODE0 },
		{ 80, SEL_DATA3, VEC_TS, SEL_DATA3 & ~3u },
		{ 84, GDT_LIMIT + 1, VEC_TS, GDT_LIMIT + 1 },	/* DS */
		{ 72, SEL_TSS, VEC_TS, SEL_TSS },		/* ES: a system segment */
		{ 88, SEL_GATE, VEC_NP, SEL_GATE },		/* FS not present */
		{ 96, SEL_DATA0, VEC_TS, SEL_DATA0 },		/* LDTR: no LDT */
		{ 96, SEL_FREE | 4, VEC_TS, SEL_FREE | 4 },	/* ... in an LDT */
		{ 96, GDT_LIMIT + 1, VEC_TS, GDT_LIMIT + 1 },
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		machine_tasks();
		put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, (AR_CODE(0) & ~0x80u) | AR_FLAT), 8);
		put(GDT_AT + SEL_GATE, descriptor(0, 0xfffff, (AR_DATA(0) & ~0x80u) | AR_FLAT), 8);
		put(NEW_AT + row[i].at, row[i].value, 2);
		assert_fault(JMP_TASK, row[i].vector, row[i].error);
		assert_int_equal(m.v.seg[SEG_TR].sel, SEL_TSS2);
		assert_int_equal(m.v.rip, HANDLER_AT);
		assert_true(m.v.cr0 & CR0_TS);
	}
}

static void an_ldt_comes_with_the_task(void **unused)
{
	(void)unused;
	machine_tasks();
	put(GDT_AT + SEL_FREE, descriptor(LDT_AT, 0xff, 0x82), 8);
	put(LDT_AT + 8, descriptor(0x100, 0xfffff, AR_DATA(0) | AR_FLAT), 8);
	put(NEW_AT + 96, SEL_FREE, 2);
	put(NEW_AT + 92, 0x0c, 2);				/* GS: in that LDT */
	put(NEW_AT + 88, 0, 2);					/* FS null */
	assert_int_equal(JMP_TASK, EMU_OK);
	assert_int_equal(m.v.seg[SEG_LDTR].base, LDT_AT);
	assert_int_equal(m.v.seg[SEG_GS].base, 0x100);
	assert_true(m.v.seg[SEG_FS].ar & AR_UNUSABLE);
	m.v.rip = CODE_AT;
	m.v.gpr[GPR_RAX] = 0x104;				/* past the LDT's limit */
	assert_fault(STEP(0x8e, 0xd8), VEC_GP, 0x104);
}

/* A conforming CS may have a DPL below the RPL; ring 3 tasks get ring 3 stacks. */
static void conforming_and_outer_tasks(void **unused)
{
	(void)unused;
	machine_tasks();
	put(NEW_AT + 76, SEL_CONFORM | 3, 2);
	put(NEW_AT + 80, SEL_DATA3, 2);
	for (unsigned at = 72; at <= 92; at += 4)
		if (at != 76)
			put(NEW_AT + at, SEL_DATA3, 2);
	assert_int_equal(JMP_TASK, EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	machine_tasks();
	put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, AR_CODE(3) | 4 | AR_FLAT), 8);
	put(NEW_AT + 76, SEL_FREE, 2);				/* conforming, DPL above RPL */
	assert_fault(JMP_TASK, VEC_TS, SEL_FREE);
}

/* EFLAGS.VM in the TSS: the new task is a virtual-8086 one. */
static void a_task_may_be_a_vm86_one(void **unused)
{
	(void)unused;
	machine_tasks();
	put(NEW_AT + 36, RFLAGS_ONE | RFLAGS_VM, 4);
	put(NEW_AT + 32, 0x10, 4);
	put(NEW_AT + 76, 0x500, 2);
	assert_int_equal(JMP_TASK, EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.seg[SEG_CS].base, 0x5000);
	assert_int_equal(m.v.seg[SEG_DS].limit, 0xffff);
	assert_int_equal(m.v.rip, 0x10);
}

/* The T flag: #DB with DR6.BT, before the first instruction of the new task. */
static void the_t_flag_traps(void **unused)
{
	(void)unused;
	machine_tasks();
	put(NEW_AT + 100, 1, 2);
	assert_int_equal(JMP_TASK, EMU_OK);
	assert_true(m.v.dr6 & DR6_BT);
	assert_int_equal(m.v.pending.vector, VEC_DB);
	assert_int_equal(m.v.pending.kind, EVENT_EXCEPTION);
}

static void an_eip_past_the_limit_is_the_new_tasks_gp(void **unused)
{
	(void)unused;
	machine_tasks();
	put(GDT_AT + SEL_FREE, descriptor(0, HANDLER_AT - 1, AR_CODE(0) | AR_DB), 8);
	put(NEW_AT + 76, SEL_FREE, 2);
	assert_fault(JMP_TASK, VEC_GP, 0);
	assert_int_equal(m.v.seg[SEG_TR].sel, SEL_TSS2);
}

/* 16-bit TSS: the upper halves of registers and flags stay. */
static void sixteen_bit_tasks(void **unused)
{
	(void)unused;
	machine_tasks();
	memset(m.ram + NEW_AT, 0, 104);
	put(GDT_AT + SEL_TSS2, descriptor(NEW_AT, 0x2b, 0x81), 8);
	put(NEW_AT + 14, HANDLER_AT, 2);
	put(NEW_AT + 16, RFLAGS_ONE | RFLAGS_CF, 2);
	put(NEW_AT + 18, 0x1234, 2);				/* AX */
	put(NEW_AT + 36, SEL_CODE0, 2);
	put(NEW_AT + 38, SEL_DATA0, 2);
	m.v.gpr[GPR_RAX] = 0xaaaa0000;
	m.v.rflags |= RFLAGS_AC;
	assert_int_equal(CALL_TASK, EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0xaaaa1234);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_CF | RFLAGS_AC | RFLAGS_NT);
	assert_int_equal(get(NEW_AT, 2), SEL_TSS);		/* back link */
	assert_true(m.v.seg[SEG_FS].ar & AR_UNUSABLE);		/* it has no FS, GS */
}

static bool refuse_cr(struct emu *emu, unsigned number, uint64_t value)
{
	(void)number, (void)value;
	emu->fault = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_GP,
				     .has_error = true };
	return false;
}

/* With paging on a 32-bit TSS brings CR3. */
static void page_tables_come_with_the_task(void **unused)
{
	struct emu_ops ops = machine_ops;

	(void)unused;
	machine_tasks();
	paging_32();
	put(0x50000, get(TABLES_AT, 4), 4);			/* the same tables elsewhere */
	put(NEW_AT + 28, 0x50000, 4);
	assert_int_equal(JMP_TASK, EMU_OK);
	assert_int_equal(m.v.cr3, 0x50000);
	machine_tasks();
	paging_32();
	put(NEW_AT + 28, 0x50000, 4);
	ops.write_cr = refuse_cr;
	m.emu.ops = &ops;
	assert_fault(JMP_TASK, VEC_GP, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptor_checks),
		cmocka_unit_test(task_gates),
		cmocka_unit_test(nested_return_checks),
		cmocka_unit_test(new_state_checks),
		cmocka_unit_test(an_ldt_comes_with_the_task),
		cmocka_unit_test(conforming_and_outer_tasks),
		cmocka_unit_test(a_task_may_be_a_vm86_one),
		cmocka_unit_test(the_t_flag_traps),
		cmocka_unit_test(an_eip_past_the_limit_is_the_new_tasks_gp),
		cmocka_unit_test(sixteen_bit_tasks),
		cmocka_unit_test(page_tables_come_with_the_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
