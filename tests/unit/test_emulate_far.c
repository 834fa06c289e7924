/*
 * Far jumps, calls and returns: each check and its fault. Known answers from SDM 2
 * "JMP", "CALL", "RET", "IRET" and SDM 3A "Call Gates" 5.8.3.
 */
#include "emulate_machine.h"

#define GATE32		12u
#define GATE16		4u

static void put_free(uint64_t ar)
{
	put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, ar), 8);
}

#define JMP(sel)	STEP(0xea, 0x00, 0x50, 0, 0, (sel) & 0xff, 0)
#define CALL(sel)	STEP(0x9a, 0x00, 0x50, 0, 0, (sel) & 0xff, 0)

static void far_code_segment_checks(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_fault(JMP(0), VEC_GP, 0);
	assert_fault(JMP(SEL_DATA0), VEC_GP, SEL_DATA0);
	assert_fault(JMP(SEL_CODE3), VEC_GP, SEL_CODE3 & ~3u);	/* DPL is not CPL */
	assert_fault(JMP(SEL_CODE0 | 3), VEC_GP, SEL_CODE0);	/* RPL above CPL */
	put_free((AR_CODE(0) & ~0x80u) | AR_FLAT);
	assert_fault(JMP(SEL_FREE), VEC_NP, SEL_FREE);
	put_free(AR_CODE(3) | 4 | AR_FLAT);			/* conforming, DPL above CPL */
	assert_fault(JMP(SEL_FREE), VEC_GP, SEL_FREE);
	assert_int_equal(JMP(SEL_CONFORM), EMU_OK);
	assert_int_equal(m.v.rip, 0x5000);
	machine_protected(3);
	assert_int_equal(JMP(SEL_CONFORM), EMU_OK);		/* runs at the caller's CPL */
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.seg[SEG_CS].sel, SEL_CONFORM | 3);
	machine_protected(0);
	put(GDT_AT + SEL_FREE, descriptor(0, 0x4fff, AR_CODE(0) | AR_DB), 8);
	assert_fault(JMP(SEL_FREE), VEC_GP, 0);			/* past the new limit */
	assert_fault(CALL(SEL_FREE), VEC_GP, 0);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP);
	machine_long(0);
	put_free(AR_CODE(0) | AR_FLAT | AR_L);			/* L with D */
	m.v.gpr[GPR_RBX] = 0x6000;
	put(0x6000, 0x5000, 4);
	put(0x6004, SEL_FREE, 2);
	assert_fault(STEP(0xff, 0x2b), VEC_GP, SEL_FREE);
}

static void far_system_checks(void **unused)
{
	(void)unused;
	machine_protected(0);
	put_free(0x82);						/* an LDT */
	assert_fault(JMP(SEL_FREE), VEC_GP, SEL_FREE);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x5000, GATE32, 0, 0), 8);
	assert_fault(CALL(SEL_GATE | 3), VEC_GP, SEL_GATE);	/* RPL above DPL */
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x5000, GATE32, 0, 0) & ~BIT(47), 8);
	assert_fault(CALL(SEL_GATE), VEC_NP, SEL_GATE);
	put(GDT_AT + SEL_GATE, gate(0, 0x5000, GATE32, 0, 0), 8);
	assert_fault(CALL(SEL_GATE), VEC_GP, 0);
	put(GDT_AT + SEL_GATE, gate(GDT_LIMIT + 1, 0x5000, GATE32, 0, 0), 8);
	assert_fault(CALL(SEL_GATE), VEC_GP, GDT_LIMIT + 1);
	put(GDT_AT + SEL_GATE, gate(SEL_DATA0, 0x5000, GATE32, 0, 0), 8);
	assert_fault(CALL(SEL_GATE), VEC_GP, SEL_DATA0);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE3 & 0xf8, 0x5000, GATE32, 0, 0), 8);
	assert_fault(CALL(SEL_GATE), VEC_GP, SEL_CODE3 & 0xf8);	/* outward */
	put(GDT_AT + SEL_GATE, gate(SEL_FREE, 0x5000, GATE32, 0, 0), 8);
	put_free((AR_CODE(0) & ~0x80u) | AR_FLAT);
	assert_fault(CALL(SEL_GATE), VEC_NP, SEL_FREE);
	machine_protected(3);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x5000, GATE32, 0, 0), 8);
	assert_fault(CALL(SEL_GATE | 3), VEC_GP, SEL_GATE);	/* CPL above DPL */
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x5000, GATE32, 3, 0), 8);
	assert_fault(JMP(SEL_GATE | 3), VEC_GP, SEL_CODE0);	/* JMP never goes inward */
}

/* A gate's own offset counts; a 16-bit gate pushes words. */
static void gates_at_the_same_level(void **unused)
{
	(void)unused;
	machine_protected(0);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x16000, GATE32, 0, 0), 8);
	assert_int_equal(JMP(SEL_GATE), EMU_OK);
	assert_int_equal(m.v.rip, 0x16000);
	machine_protected(0);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x16000, GATE16, 0, 0), 8);
	assert_int_equal(CALL(SEL_GATE), EMU_OK);
	assert_int_equal(m.v.rip, 0x6000);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 4);
	assert_int_equal(get(STACK_TOP - 4, 4), SEL_CODE0 << 16 | (CODE_AT + 7));
	machine_protected(3);
	put(GDT_AT + SEL_GATE, gate(SEL_CONFORM, 0x6000, GATE32, 3, 0), 8);
	assert_int_equal(CALL(SEL_GATE | 3), EMU_OK);		/* conforming: no new stack */
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK3_TOP - 8);
}

/* SDM 3A "Stack Switching" 5.8.5, with a 16-bit TSS and gate, too. */
static void inner_stacks(void **unused)
{
	(void)unused;
	machine_protected(3);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x6000, GATE16, 3, 1), 8);
	machine_seg(SEG_TR, SEL_TSS, TSS_AT, 0x2b, AR_TSS16_BUSY);
	put(TSS_AT + 2, STACK_TOP, 2);
	put(TSS_AT + 4, SEL_DATA0, 2);
	put(STACK3_TOP, 0xbeef, 2);
	assert_int_equal(CALL(SEL_GATE | 3), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 10);
	assert_int_equal(get(STACK_TOP - 2, 2), SEL_DATA3);
	assert_int_equal(get(STACK_TOP - 4, 2), STACK3_TOP);
	assert_int_equal(get(STACK_TOP - 6, 2), 0xbeef);
	assert_int_equal(get(STACK_TOP - 8, 2), SEL_CODE3);
	assert_int_equal(get(STACK_TOP - 10, 2), CODE_AT + 7);
	machine_protected(3);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x6000, GATE32, 3, 0), 8);
	m.v.seg[SEG_TR].limit = 8;				/* SS0 is cut off */
	assert_fault(CALL(SEL_GATE | 3), VEC_TS, SEL_TSS);
	machine_protected(3);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, 0x6000, GATE32, 3, 0), 8);
	put(TSS_AT + 8, SEL_CODE0, 2);				/* no stack segment */
	assert_fault(CALL(SEL_GATE | 3), VEC_TS, SEL_CODE0);
	assert_int_equal(m.v.cpl, 3);
}

/* Long mode: 16-byte gates, 64-bit targets only, a null SS for the inner level. */
static void long_mode_gates(void **unused)
{
	(void)unused;
	machine_long(3);
	m.v.gpr[GPR_RBX] = 0x6000;
	put(0x6004, SEL_GATE | 3, 2);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, HANDLER_AT, GATE32, 3, 0), 8);
	put(GDT_AT + SEL_GATE + 8, 0xffff8000, 4);
	assert_int_equal(STEP(0xff, 0x1b), EMU_OK);
	assert_true(m.v.rip == (UINT64_C(0xffff800000000000) | HANDLER_AT));
	assert_int_equal(m.v.cpl, 0);
	assert_int_equal(m.v.seg[SEG_SS].sel, 0);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 32);
	assert_int_equal(get(STACK_TOP - 8, 8), SEL_DATA3);
	assert_int_equal(get(STACK_TOP - 16, 8), STACK3_TOP);
	machine_long(3);
	m.v.gpr[GPR_RBX] = 0x6000;
	put(0x6004, SEL_GATE | 3, 2);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE0, HANDLER_AT, GATE32, 3, 0), 8);
	put(GDT_AT + SEL_GATE + 8, BIT(40), 8);			/* upper type */
	assert_fault(STEP(0xff, 0x1b), VEC_GP, SEL_GATE);
	put(GDT_AT + SEL_GATE + 8, 0x8000, 8);			/* offset not canonical */
	assert_fault(STEP(0xff, 0x1b), VEC_GP, 0);
	put(GDT_AT + SEL_GATE + 8, 0, 8);
	put(GDT_AT + SEL_GATE, gate(SEL_CODE16, HANDLER_AT, GATE32, 3, 0), 8);
	assert_fault(STEP(0xff, 0x1b), VEC_GP, SEL_CODE16);	/* no 64-bit code */
}

static void vm86_far_transfers(void **unused)
{
	(void)unused;
	machine_vm86(3);
	put(CODE_AT + 0x100, 0, 1);
	assert_int_equal(STEP(0x9a, 0x34, 0x12, 0x78, 0x01), EMU_OK);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x178);
	assert_int_equal(m.v.seg[SEG_CS].base, 0x1780);
	assert_int_equal(m.v.rip, 0x1234);
	assert_int_equal(STEP(0xcb), EMU_OK);
	assert_int_equal(m.v.rip, 5);
	assert_int_equal(m.v.seg[SEG_CS].sel, CODE_AT >> 4);
	machine_real();
	m.v.seg[SEG_CS].limit = 0x1000;
	assert_fault(STEP(0xea, 0x01, 0x10, 0, 0), VEC_GP, 0);	/* IP past the limit */
	m.v.gpr[GPR_RSP] = 1;
	m.v.seg[SEG_SS].limit = 0x7fff;
	assert_fault(STEP(0x9a, 0, 0, 0, 0), VEC_SS, 0);
	put(0x7000, 0x1001, 4);
	m.v.gpr[GPR_RSP] = 0x7000;
	assert_fault(STEP(0xcb), VEC_GP, 0);
}

static void frame(uint64_t rip, uint64_t cs, uint64_t sp, uint64_t ss)
{
	put(STACK_TOP, rip, 4);
	put(STACK_TOP + 4, cs, 4);
	put(STACK_TOP + 8, sp, 4);
	put(STACK_TOP + 12, ss, 4);
}

static void far_return_checks(void **unused)
{
	(void)unused;
	machine_protected(0);
	frame(0x5000, 0, 0, 0);
	assert_fault(STEP(0xcb), VEC_GP, 0);
	frame(0x5000, GDT_LIMIT + 1, 0, 0);
	assert_fault(STEP(0xcb), VEC_GP, GDT_LIMIT + 1);
	frame(0x5000, SEL_DATA0, 0, 0);
	assert_fault(STEP(0xcb), VEC_GP, SEL_DATA0);
	frame(0x5000, SEL_CODE0 | 3, 0, 0);			/* DPL is not RPL */
	assert_fault(STEP(0xcb), VEC_GP, SEL_CODE0);
	put_free(AR_CODE(3) | 4 | AR_FLAT);
	frame(0x5000, SEL_FREE, 0, 0);				/* conforming, DPL above RPL */
	assert_fault(STEP(0xcb), VEC_GP, SEL_FREE);
	put_free((AR_CODE(0) & ~0x80u) | AR_FLAT);
	assert_fault(STEP(0xcb), VEC_NP, SEL_FREE);
	frame(0x5000, SEL_CODE3, STACK3_TOP, 0);
	assert_fault(STEP(0xcb), VEC_GP, 0);			/* null SS */
	frame(0x5000, SEL_CODE3, STACK3_TOP, SEL_DATA0);
	assert_fault(STEP(0xcb), VEC_GP, SEL_DATA0);
	put_free((AR_DATA(3) & ~0x80u) | AR_FLAT);
	frame(0x5000, SEL_CODE3, STACK3_TOP, SEL_FREE | 3);
	assert_fault(STEP(0xcb), VEC_SS, SEL_FREE);
	machine_protected(3);
	m.v.gpr[GPR_RSP] = STACK_TOP;
	frame(0x5000, SEL_CODE0, 0, 0);				/* inward */
	assert_fault(STEP(0xcb), VEC_GP, SEL_CODE0);
	m.v.seg[SEG_CS].limit = CODE_AT + 0x100;
	put(GDT_AT + 0x18, descriptor(0, CODE_AT + 0x100, AR_CODE(3) | AR_DB), 8);
	frame(0x5000, SEL_CODE3, 0, 0);
	assert_fault(STEP(0xcb), VEC_GP, 0);
}

/* RET far to an outer level: parameters go from both stacks, inner segments go null. */
static void outer_return_drops_parameters_and_segments(void **unused)
{
	(void)unused;
	machine_protected(0);
	put(STACK_TOP, 0x5000, 4);
	put(STACK_TOP + 4, SEL_CODE3, 4);
	put(STACK_TOP + 16, STACK3_TOP, 4);
	put(STACK_TOP + 20, SEL_DATA3, 4);
	m.v.seg[SEG_FS].sel = SEL_DATA3;
	m.v.seg[SEG_FS].ar = AR_DATA(3) | AR_FLAT;
	m.v.seg[SEG_GS].sel = SEL_CONFORM;
	m.v.seg[SEG_GS].ar = (AR_CODE(0) | AR_FLAT) | 4;
	m.v.seg[SEG_ES].ar |= (uint32_t)AR_UNUSABLE;
	assert_int_equal(STEP(0xca, 8, 0), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK3_TOP + 8);
	assert_int_equal(m.v.cpl, 3);
	assert_true(m.v.seg[SEG_DS].ar & AR_UNUSABLE);
	assert_int_equal(m.v.seg[SEG_FS].sel, SEL_DATA3);
	assert_int_equal(m.v.seg[SEG_GS].sel, SEL_CONFORM);	/* conforming code stays */
}

/* SDM 2A "IRET": which flags the image may change. */
static void iret_flags_by_privilege(void **unused)
{
	uint64_t all = RFLAGS_IF | RFLAGS_IOPL | RFLAGS_CF | RFLAGS_VIF | RFLAGS_AC | RFLAGS_RF;

	(void)unused;
	machine_protected(0);
	frame(0x5000, SEL_CODE0, all, 0);
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.rflags, all | RFLAGS_ONE);
	machine_protected(3);
	m.v.gpr[GPR_RSP] = STACK_TOP;
	frame(0x5000, SEL_CODE3, all, 0);
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_CF | RFLAGS_AC | RFLAGS_RF);
	machine_protected(0);
	put(STACK_TOP, 0x5000 | SEL_CODE0 << 16, 4);
	put(STACK_TOP + 4, RFLAGS_CF | RFLAGS_IF, 2);
	m.v.rflags |= RFLAGS_AC | RFLAGS_RF;
	assert_int_equal(STEP(0x66, 0xcf), EMU_OK);		/* 16 bits: AC stays, RF goes */
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_CF | RFLAGS_IF | RFLAGS_AC);
}

/* IRET ends the blocking of NMIs: SDM 3A "Handling Multiple NMIs" 6.7.1. */
static void iret_opens_nmis(void **unused)
{
	(void)unused;
	machine_protected(0);
	frame(0x5000, SEL_CODE0, 0, 0);
	m.v.shadow = SHADOW_NMI;
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.shadow, 0);
	machine_protected(0);
	frame(0x5000, 0, 0, 0);
	m.v.shadow = SHADOW_NMI;
	assert_fault(STEP(0xcf), VEC_GP, 0);
	assert_int_equal(m.v.shadow, SHADOW_NMI);
}

static void iret_in_vm86(void **unused)
{
	(void)unused;
	machine_vm86(0);
	assert_fault(STEP(0xcf), VEC_GP, 0);
	m.v.cr4 = CR4_VME;
	assert_fault(STEP(0x66, 0xcf), VEC_GP, 0);		/* 32-bit operand */
	put(STACK3_TOP, 0x20, 2);
	put(STACK3_TOP + 2, CODE_AT >> 4, 2);
	put(STACK3_TOP + 4, RFLAGS_TF, 2);
	assert_fault(STEP(0xcf), VEC_GP, 0);
	put(STACK3_TOP + 4, RFLAGS_IF, 2);
	m.v.rflags |= RFLAGS_VIP;
	assert_fault(STEP(0xcf), VEC_GP, 0);
	m.v.rflags &= ~RFLAGS_VIP;
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.rip, 0x20);
	assert_true(m.v.rflags & RFLAGS_VIF);
	assert_false(m.v.rflags & RFLAGS_IF);
	machine_vm86(3);
	put(STACK3_TOP, 0x20, 2);
	put(STACK3_TOP + 2, CODE_AT >> 4, 2);
	put(STACK3_TOP + 4, RFLAGS_IF | RFLAGS_CF, 2);
	assert_int_equal(STEP(0xcf), EMU_OK);			/* IOPL 3: plain, IOPL stays */
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_VM | RFLAGS_IOPL | RFLAGS_IF | RFLAGS_CF);
}

static void iret_in_long_mode(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.rflags |= RFLAGS_NT;
	assert_fault(STEP(0x48, 0xcf), VEC_GP, 0);		/* no task switches */
	m.v.rflags &= ~RFLAGS_NT;
	put(STACK_TOP, HANDLER_AT, 8);
	put(STACK_TOP + 8, SEL_CODE0, 8);
	put(STACK_TOP + 16, RFLAGS_ONE, 8);
	put(STACK_TOP + 24, 0x7000, 8);
	put(STACK_TOP + 32, 0, 8);				/* null SS is fine below CPL 3 */
	assert_int_equal(STEP(0x48, 0xcf), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7000);
	assert_true(m.v.seg[SEG_SS].ar & AR_UNUSABLE);
	machine_long(0);
	put(STACK_TOP, HANDLER_AT, 8);
	put(STACK_TOP + 8, SEL_CODE3, 8);
	put(STACK_TOP + 24, 0x7000, 8);
	put(STACK_TOP + 32, 3, 8);				/* but not at CPL 3 */
	assert_fault(STEP(0x48, 0xcf), VEC_GP, 0);
	machine_long(0);
	put(STACK_TOP, BIT(47), 8);				/* RIP not canonical */
	put(STACK_TOP + 8, SEL_CODE0, 8);
	put(STACK_TOP + 32, SEL_DATA0, 8);
	assert_fault(STEP(0x48, 0xcf), VEC_GP, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(far_code_segment_checks),
		cmocka_unit_test(far_system_checks),
		cmocka_unit_test(gates_at_the_same_level),
		cmocka_unit_test(inner_stacks),
		cmocka_unit_test(long_mode_gates),
		cmocka_unit_test(vm86_far_transfers),
		cmocka_unit_test(far_return_checks),
		cmocka_unit_test(outer_return_drops_parameters_and_segments),
		cmocka_unit_test(iret_flags_by_privilege),
		cmocka_unit_test(iret_opens_nmis),
		cmocka_unit_test(iret_in_vm86),
		cmocka_unit_test(iret_in_long_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
