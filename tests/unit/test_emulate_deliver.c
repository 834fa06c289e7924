/*
 * Delivery through IVT and IDT check by check, and wide operands: known answers from
 * SDM 3A "Interrupt and Exception Handling" 6.11 to 6.14 and SDM 2 "INTO", "BOUND",
 * "CMPXCHG16B", "DIV", "IDIV".
 */
#include "emulate_machine.h"

#define VECTOR		0x80u
#define IDT_ERROR	(VECTOR * 8 + 2)
#define GATE_INT32	14u
#define GATE_TRAP16	7u
#define INT80		STEP(0xcd, VECTOR)

static void put_gate(uint64_t value)
{
	put(IDT_AT + VECTOR * 8, value, 8);
}

static void gate_checks(void **unused)
{
	(void)unused;
	machine_protected(3);
	put_gate(gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0));
	assert_fault(INT80, VEC_GP, IDT_ERROR);			/* DPL below CPL */
	put_gate(gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 3, 0) & ~BIT(47));
	assert_fault(INT80, VEC_NP, IDT_ERROR);
	put_gate(gate(SEL_CODE0, HANDLER_AT, 12, 3, 0));	/* a call gate */
	assert_fault(INT80, VEC_GP, IDT_ERROR);
	put_gate(gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 3, 0) | BIT(44));	/* S set */
	assert_fault(INT80, VEC_GP, IDT_ERROR);
	m.v.idtr.limit = VECTOR * 8 + 6;
	assert_fault(INT80, VEC_GP, IDT_ERROR);
}

static void handler_segment_checks(void **unused)
{
	(void)unused;
	machine_protected(0);
	put_gate(gate(0, HANDLER_AT, GATE_INT32, 3, 0));
	assert_fault(INT80, VEC_GP, 0);
	put_gate(gate(GDT_LIMIT + 1, HANDLER_AT, GATE_INT32, 3, 0));
	assert_fault(INT80, VEC_GP, GDT_LIMIT + 1);
	put_gate(gate(SEL_DATA0, HANDLER_AT, GATE_INT32, 3, 0));
	assert_fault(INT80, VEC_GP, SEL_DATA0);
	put_gate(gate(SEL_CODE3 & 0xf8, HANDLER_AT, GATE_INT32, 3, 0));
	assert_fault(INT80, VEC_GP, SEL_CODE3 & 0xf8);		/* outward */
	put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, (AR_CODE(0) & ~0x80u) | AR_FLAT), 8);
	put_gate(gate(SEL_FREE, HANDLER_AT, GATE_INT32, 3, 0));
	assert_fault(INT80, VEC_NP, SEL_FREE);
	put(GDT_AT + SEL_FREE, descriptor(0, HANDLER_AT - 1, AR_CODE(0) | AR_DB), 8);
	assert_fault(INT80, VEC_GP, 0);				/* EIP past the limit */
	machine_vm86(3);
	put_gate(gate(SEL_CONFORM, HANDLER_AT, GATE_INT32, 3, 0));
	assert_fault(INT80, VEC_GP, SEL_CONFORM);		/* vm86 needs DPL 0 */
}

/* 16-bit gates push words and leave the offset's upper half out; traps leave IF. */
static void sixteen_bit_gates(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.rflags |= RFLAGS_IF | RFLAGS_NT | RFLAGS_TF;
	put_gate(gate(SEL_CODE0, 0x10000 | HANDLER_AT, GATE_TRAP16, 0, 0));
	assert_int_equal(INT80, EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 6);
	assert_int_equal(get(STACK_TOP - 4, 2), SEL_CODE0);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_IF);
}

static void ist_and_64_bit_targets(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.idtr.limit = 0xfff;
	put(IDT_AT + VECTOR * 16, gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 7), 8);
	m.v.seg[SEG_TR].limit = 36 + 7 * 8 - 2;			/* IST7 is cut off */
	assert_fault(INT80, VEC_TS, SEL_TSS);
	put(IDT_AT + VECTOR * 16, gate(SEL_CODE16, HANDLER_AT, GATE_INT32, 0, 0), 8);
	assert_fault(INT80, VEC_GP, SEL_CODE16);
	put(IDT_AT + VECTOR * 16, gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0), 8);
	put(IDT_AT + VECTOR * 16 + 8, 0x8000, 4);		/* not canonical */
	assert_fault(INT80, VEC_GP, 0);
}

/* Events from outside: EXT is set, NMIs block NMIs, #PF brings CR2. */
static void events_from_outside(void **unused)
{
	struct event e = { .kind = EVENT_INTERRUPT, .vector = VECTOR };

	(void)unused;
	machine_protected(0);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_GP);
	assert_int_equal(m.emu.fault.error, IDT_ERROR | 1);
	put(IDT_AT + 2 * 8, gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0), 8);
	e = (struct event){ .kind = EVENT_NMI, .vector = VEC_NMI };
	m.v.shadow = SHADOW_STI;
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.shadow, SHADOW_NMI);
	put(IDT_AT + VEC_PF * 8, gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0), 8);
	e = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_PF, .has_error = true,
			    .error = 5, .cr2 = 0x1234 };
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.cr2, 0x1234);
	assert_int_equal(get(m.v.gpr[GPR_RSP], 4), 5);
	put(IDT_AT + 3 * 8, gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0), 8);
	e = (struct event){ .kind = EVENT_SOFT_EXCEPTION, .vector = VEC_BP, .insn_len = 1 };
	m.v.rip = CODE_AT;
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(get(m.v.gpr[GPR_RSP], 4), CODE_AT + 1);
	put(IDT_AT + 1 * 8, gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0), 8);
	e = (struct event){ .kind = EVENT_PRIV_SOFT_EXCEPTION, .vector = VEC_DB, .insn_len = 1 };
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	e = (struct event){ .kind = EVENT_SOFT_INT, .vector = VECTOR, .insn_len = 2 };
	put_gate(gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0));
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
}

static void soft_exceptions(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_int_equal(STEP(0xce), EMU_OK);			/* INTO without OF */
	assert_int_equal(m.v.rip, CODE_AT + 1);
	m.v.rip = CODE_AT;
	m.v.rflags |= RFLAGS_OF;
	assert_fault(STEP(0xce), VEC_GP, VEC_OF * 8 + 2);
	assert_fault(STEP(0xcc), VEC_GP, VEC_BP * 8 + 2);
	assert_fault(STEP(0xf1), VEC_GP, VEC_DB * 8 + 3);	/* INT1: EXT is set */
	put(IDT_AT + VEC_OF * 8, gate(SEL_CODE0, HANDLER_AT, GATE_INT32, 0, 0), 8);
	assert_int_equal(STEP(0xce), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
}

static void bound_compares_signed(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RBX] = 0x6000;
	put(0x6000, (uint32_t)-5, 4);
	put(0x6004, 5, 4);
	m.v.gpr[GPR_RAX] = (uint32_t)-5;
	assert_int_equal(STEP(0x62, 0x03), EMU_OK);
	m.v.gpr[GPR_RAX] = (uint32_t)-6;
	assert_fault(STEP(0x62, 0x03), VEC_BR, 0);
	m.v.gpr[GPR_RAX] = 6;
	assert_fault(STEP(0x62, 0x03), VEC_BR, 0);
	m.v.seg[SEG_DS].limit = 0x6005;
	assert_fault(STEP(0x62, 0x03), VEC_GP, 0);
	m.v.seg[SEG_DS].limit = 0x6001;
	assert_fault(STEP(0x62, 0x03), VEC_GP, 0);
}

static unsigned writes_told;

static void count_writes(struct emu *emu, gpa_t at, unsigned size)
{
	(void)emu, (void)at;
	writes_told += size;
}

/* 16 bytes, aligned, in RAM or not; a write is told beforehand. */
static void cmpxchg16b_in_all_memories(void **unused)
{
	struct emu_ops ops = machine_ops;

	(void)unused;
	ops.before_write = count_writes;
	machine_long(0);
	m.emu.ops = &ops;
	m.v.gpr[GPR_RSI] = 0x6008;
	assert_fault(STEP(0x48, 0x0f, 0xc7, 0x0e), VEC_GP, 0);	/* not aligned */
	m.v.gpr[GPR_RSI] = BIT(47);
	assert_fault(STEP(0x48, 0x0f, 0xc7, 0x0e), VEC_GP, 0);
	m.v.gpr[GPR_RSI] = 0x6000;
	m.v.gpr[GPR_RBX] = 7;
	m.v.gpr[GPR_RCX] = 8;
	writes_told = 0;
	assert_int_equal(STEP(0xf0, 0x48, 0x0f, 0xc7, 0x0e), EMU_OK);
	assert_int_equal(writes_told, 16);
	assert_int_equal(get(0x6008, 8), 8);
	assert_int_equal(STEP(0x89, 0x06), EMU_OK);		/* MOV, told as well */
	assert_int_equal(writes_told, 20);
	assert_int_equal(STEP(0xf0, 0x01, 0x06), EMU_OK);	/* LOCK ADD */
	assert_int_equal(writes_told, 24);
	m.v.gpr[GPR_RSI] = MMIO_BASE;				/* a device that reads 9, 9 */
	m.mmio_value = 9;
	m.v.gpr[GPR_RAX] = m.v.gpr[GPR_RDX] = 9;
	assert_int_equal(STEP(0x48, 0x0f, 0xc7, 0x0e), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_ZF);
	assert_int_equal(m.mmio_value, 8);
	m.v.gpr[GPR_RDX] = 1;
	m.v.gpr[GPR_RAX] = 8;
	assert_int_equal(STEP(0x48, 0x0f, 0xc7, 0x0e), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_ZF);
	assert_int_equal(m.v.gpr[GPR_RDX], 8);
	m.v.gpr[GPR_RAX] = 1;
	assert_int_equal(STEP(0x48, 0x0f, 0xc7, 0x0e), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_ZF);
	machine_protected(0);
	m.v.gpr[GPR_RSI] = 0x6000;
	m.v.seg[SEG_DS].limit = 0x6006;
	assert_fault(STEP(0x0f, 0xc7, 0x0e), VEC_GP, 0);
}

/* 128-bit dividends. */
static void wide_division(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.gpr[GPR_RDX] = 1;
	m.v.gpr[GPR_RAX] = 0;
	m.v.gpr[GPR_RBX] = 16;
	assert_int_equal(STEP(0x48, 0xf7, 0xf3), EMU_OK);	/* 2^64 / 16 */
	assert_true(m.v.gpr[GPR_RAX] == BIT(60));
	assert_int_equal(m.v.gpr[GPR_RDX], 0);
	m.v.gpr[GPR_RDX] = BIT(63) | 1;
	m.v.gpr[GPR_RAX] = 5;
	m.v.gpr[GPR_RBX] = UINT64_MAX;
	assert_int_equal(STEP(0x48, 0xf7, 0xf3), EMU_OK);
	assert_true(m.v.gpr[GPR_RAX] == (BIT(63) | 1));
	assert_true(m.v.gpr[GPR_RDX] == BIT(63) + 6);
	m.v.gpr[GPR_RDX] = 16;
	m.v.gpr[GPR_RBX] = 16;
	assert_fault(STEP(0x48, 0xf7, 0xf3), VEC_DE, 0);
	m.v.gpr[GPR_RDX] = UINT64_MAX;				/* -16 / -4 and / 4 */
	m.v.gpr[GPR_RAX] = (uint64_t)-16;
	m.v.gpr[GPR_RBX] = (uint64_t)-4;
	assert_int_equal(STEP(0x48, 0xf7, 0xfb), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 4);
	m.v.gpr[GPR_RDX] = 0;
	m.v.gpr[GPR_RAX] = BIT(63);		/* 2^63 / 1 overflows, / -1 does not */
	m.v.gpr[GPR_RBX] = 1;
	assert_fault(STEP(0x48, 0xf7, 0xfb), VEC_DE, 0);
	m.v.gpr[GPR_RBX] = UINT64_MAX;
	assert_int_equal(STEP(0x48, 0xf7, 0xfb), EMU_OK);
	assert_true(m.v.gpr[GPR_RAX] == BIT(63));
	m.v.gpr[GPR_RBX] = 0;
	assert_fault(STEP(0x48, 0xf7, 0xfb), VEC_DE, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate_checks),
		cmocka_unit_test(handler_segment_checks),
		cmocka_unit_test(sixteen_bit_gates),
		cmocka_unit_test(ist_and_64_bit_targets),
		cmocka_unit_test(events_from_outside),
		cmocka_unit_test(soft_exceptions),
		cmocka_unit_test(bound_compares_signed),
		cmocka_unit_test(cmpxchg16b_in_all_memories),
		cmocka_unit_test(wide_division),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
