/*
 * Restartability: whatever access of a many-step instruction page-faults, nothing has
 * changed, and the instruction succeeds once the page is there.
 * SDM 3A "Program or Task Restart" 6.6.
 */
#include "emulate_paged.h"

#define EDGE		0x20000u	/* the page edge that stacks and tables are laid across */
#define BELOW		(EDGE - 0x1000)
#define STEP_OF_SWEEP	2u
#define SWEEP		112u

/* Stack writes: the page below the edge is absent, ESP a little above the edge. */
#define SWEEP_PUSHES(set_up, ...) do { \
	unsigned faults = 0, fine = 0; \
	for (unsigned k = 0; k <= SWEEP; k += STEP_OF_SWEEP) { \
		set_up(EDGE + k); \
		if (RESTARTS(BELOW, PTE_P, __VA_ARGS__)) \
			faults++; \
		else \
			fine++; \
	} \
	assert_true(faults > 0); \
	assert_true(fine > 0); \
} while (0)

/* Stack reads: the frame begins below the edge, the page above it is absent. */
#define SWEEP_POPS(set_up, ...) do { \
	unsigned faults = 0, fine = 0; \
	for (unsigned k = 0; k <= SWEEP; k += STEP_OF_SWEEP) { \
		set_up(EDGE - k); \
		if (RESTARTS(EDGE, PTE_P, __VA_ARGS__)) \
			faults++; \
		else \
			fine++; \
	} \
	assert_true(faults > 0); \
	assert_true(fine > 0); \
} while (0)

static void ring0(uint32_t sp)
{
	machine_protected(0);
	paging_32();
	m.v.gpr[GPR_RSP] = sp;
	m.v.gpr[GPR_RBP] = 0x30000;
}

static void ring3(uint32_t inner)
{
	machine_protected(3);
	paging_32();
	put(TSS_AT + 4, inner, 4);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, HANDLER_AT, 12, 3, 4), 8);
	put(IDT_AT + 0x80 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 3, 0), 8);
}

static void ring0_gates(uint32_t sp)
{
	ring0(sp);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, HANDLER_AT, 12, 0, 0), 8);
	put(IDT_AT + 0x80 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 0, 0), 8);
}

static void vm86_inner(uint32_t inner)
{
	machine_vm86(3);
	paging_32();
	put(TSS_AT + 4, inner, 4);
	put(IDT_AT + 0x80 * 8, gate(SEL_CODE0, HANDLER_AT, 14, 3, 0), 8);
}

static void pushes_restart(void **unused)
{
	(void)unused;
	SWEEP_PUSHES(ring0, 0x60);				/* PUSHA */
	SWEEP_PUSHES(ring0, 0x9c);				/* PUSHF */
	SWEEP_PUSHES(ring0, 0x66, 0x06);			/* PUSH ES, 16 bits */
	SWEEP_PUSHES(ring0, 0xc8, 0x04, 0x00, 0x04);		/* ENTER 4, 4 */
	SWEEP_PUSHES(ring0, 0xe8, 0, 0, 0, 0);			/* CALL */
	SWEEP_PUSHES(ring0, 0x9a, 0, 0x50, 0, 0, SEL_CODE0, 0);	/* CALL far */
	SWEEP_PUSHES(ring0_gates, 0x9a, 0, 0, 0, 0, SEL_GATE, 0);
}

static void deliveries_restart(void **unused)
{
	(void)unused;
	SWEEP_PUSHES(ring0_gates, 0xcd, 0x80);
	SWEEP_PUSHES(ring3, 0xcd, 0x80);
	SWEEP_PUSHES(ring3, 0x9a, 0, 0, 0, 0, SEL_GATE | 3, 0);
	SWEEP_PUSHES(vm86_inner, 0xcd, 0x80);
}

static void far_frame(uint32_t sp)
{
	ring0(sp);
	put(sp, HANDLER_AT, 4);
	put(sp + 4, SEL_CODE0, 4);
	put(sp + 8, RFLAGS_ONE, 4);
}

static void outer_frame(uint32_t sp, bool flags)
{
	ring0(sp);
	put(sp, HANDLER_AT, 4);
	put(sp + 4, SEL_CODE3, 4);
	if (flags)
		put(sp + 8, RFLAGS_ONE, 4);
	put(sp + (flags ? 12 : 8), STACK3_TOP, 4);
	put(sp + (flags ? 16 : 12), SEL_DATA3, 4);
}

static void retf_frame(uint32_t sp)
{
	outer_frame(sp, false);
}

static void iret_frame(uint32_t sp)
{
	outer_frame(sp, true);
}

static void vm86_frame(uint32_t sp)
{
	ring0(sp);
	put(sp, 0x10, 4);
	put(sp + 4, CODE_AT >> 4, 4);
	put(sp + 8, RFLAGS_ONE | RFLAGS_VM, 4);
	for (unsigned i = 0; i < 6; i++)
		put(sp + 12 + 4 * i, 0x100 * i, 4);
}

static void leave_frame(uint32_t bp)
{
	ring0(0x30000);
	m.v.gpr[GPR_RBP] = bp;
}

static void pops_restart(void **unused)
{
	(void)unused;
	SWEEP_POPS(ring0, 0x61);		/* POPA */
	SWEEP_POPS(ring0, 0x9d);		/* POPF */
	SWEEP_POPS(ring0, 0x1f);		/* POP DS, a null one */
	SWEEP_POPS(ring0, 0x58);		/* POP EAX */
	SWEEP_POPS(ring0, 0xc3);		/* RET */
	SWEEP_POPS(leave_frame, 0xc9);
}

static void far_returns_restart(void **unused)
{
	(void)unused;
	SWEEP_POPS(far_frame, 0xcb);
	SWEEP_POPS(far_frame, 0xcf);
	SWEEP_POPS(retf_frame, 0xcb);
	SWEEP_POPS(iret_frame, 0xcf);
	SWEEP_POPS(vm86_frame, 0xcf);
}

static void operand_at(uint32_t at)
{
	ring0(0x30000);
	put(at, HANDLER_AT, 4);
	put(at + 4, SEL_CODE0, 4);
	m.v.gpr[GPR_RBX] = at;
}

static void dtr_at(uint32_t at)
{
	operand_at(at);
	put(at, GDT_LIMIT, 2);
	put(at + 2, GDT_AT, 4);
}

static void ldt_ss_at(uint32_t at)
{
	operand_at(at);
	put(at + 4, SEL_DATA0, 4);
}

static void operands_in_two_parts_restart(void **unused)
{
	(void)unused;
	SWEEP_POPS(operand_at, 0xff, 0x2b);		/* JMP m16:32 */
	SWEEP_POPS(operand_at, 0xff, 0x1b);		/* CALL m16:32 */
	SWEEP_POPS(ldt_ss_at, 0x0f, 0xb2, 0x03);	/* LSS */
	SWEEP_POPS(dtr_at, 0x0f, 0x01, 0x13);		/* LGDT */
	SWEEP_POPS(operand_at, 0x0f, 0x01, 0x03);	/* SGDT */
	SWEEP_POPS(operand_at, 0x0f, 0xc7, 0x0b);	/* CMPXCHG8B */
	SWEEP_POPS(operand_at, 0x63, 0x03);		/* ARPL */
	SWEEP_POPS(operand_at, 0x0f, 0x00, 0x03);	/* SLDT */
}

/* The accessed bit of a descriptor is written: a table that is read-only faults. */
static void tables_restart(void **unused)
{
	(void)unused;
	ring0(0x30000);
	put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, (AR_DATA(0) & ~1u) | AR_FLAT), 8);
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_true(RESTARTS(GDT_AT, PTE_W, 0x8e, 0xd8));	/* MOV DS, AX */
	ring0(0x30000);
	m.v.gpr[GPR_RAX] = SEL_DATA0;
	assert_true(RESTARTS(GDT_AT, PTE_P, 0x8e, 0xd0));	/* MOV SS, AX */
	ring0_gates(0x30000);
	assert_true(RESTARTS(IDT_AT, PTE_P, 0xcd, 0x80));
	ring0_gates(0x30000);
	assert_true(RESTARTS(GDT_AT, PTE_P, 0xcd, 0x80));
	ring3(0x30000);
	assert_true(RESTARTS(TSS_AT, PTE_P, 0xcd, 0x80));
	ring0(0x30000);
	m.v.gpr[GPR_RAX] = SEL_TSS2;
	assert_true(RESTARTS(GDT_AT, PTE_W, 0x0f, 0x00, 0xd8));	/* LTR */
}

/* Both tasks' segments: the new TSS (32 or 16 bits) at `at`, the old one well inside. */
static void new_task_at(uint32_t at, bool wide)
{
	unsigned size = wide ? 4 : 2, stride = wide ? 4 : 2;
	uint32_t seg = at + (wide ? 72 : 34);

	ring0(0x30000);
	memset(m.ram + at, 0, 104);
	put(GDT_AT + SEL_TSS2, descriptor(at, wide ? 0x67 : 0x2b, wide ? 0x89 : 0x81), 8);
	put(at + (wide ? 32 : 14), HANDLER_AT, size);
	put(at + (wide ? 36 : 16), RFLAGS_ONE, size);
	put(at + (wide ? 40 + 16 : 18 + 8), 0x7000, size);
	for (unsigned i = 0; i < 4; i++)
		put(seg + stride * i, i == 1 ? SEL_CODE0 : SEL_DATA0, 2);
	if (wide)
		put(at + 28, m.v.cr3, 4);
}

static void task32_at(uint32_t at)
{
	new_task_at(at, true);
}

static void task16_at(uint32_t at)
{
	new_task_at(at, false);
}

/* The running task's TSS at `at`. */
static void old_task_at(uint32_t at, bool wide)
{
	new_task_at(0x38000, true);
	machine_seg(SEG_TR, SEL_TSS, at, wide ? 0x67 : 0x2b, wide ? AR_TSS32_BUSY : AR_TSS16_BUSY);
	put(GDT_AT + SEL_TSS, descriptor(at, wide ? 0x67 : 0x2b, wide ? 0x8b : 0x83), 8);
}

static void old32_at(uint32_t at)
{
	old_task_at(at, true);
}

static void old16_at(uint32_t at)
{
	old_task_at(at, false);
}

/* SDM 3A "Task Switching" 7.3: until the new task's state is loaded, the old task restarts. */
static void task_switches_restart(void **unused)
{
	(void)unused;
	SWEEP_POPS(task32_at, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
	SWEEP_POPS(task32_at, 0x9a, 0, 0, 0, 0, SEL_TSS2, 0);
	SWEEP_POPS(task16_at, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
	SWEEP_POPS(old32_at, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
	SWEEP_POPS(old16_at, 0xea, 0, 0, 0, 0, SEL_TSS2, 0);
	task32_at(0x38000);
	assert_true(RESTARTS(GDT_AT, PTE_W, 0xea, 0, 0, 0, 0, SEL_TSS2, 0));
	task32_at(0x38000);
	assert_true(RESTARTS(0x38000, PTE_W, 0x9a, 0, 0, 0, 0, SEL_TSS2, 0));	/* the link */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pushes_restart),
		cmocka_unit_test(deliveries_restart),
		cmocka_unit_test(pops_restart),
		cmocka_unit_test(far_returns_restart),
		cmocka_unit_test(operands_in_two_parts_restart),
		cmocka_unit_test(tables_restart),
		cmocka_unit_test(task_switches_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
