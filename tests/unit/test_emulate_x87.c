/*
 * The emulator and x87: what looks for an FPU is done on the guest's own state, the
 * rest refused by name. SDM 2A "FSTSW/FNSTSW", "FSTCW/FNSTCW", "FINIT/FNINIT".
 */
#include "emulate_machine.h"

#define CONTROL	0x037f		/* as FNINIT leaves it */
#define STATUS	0x3800

static unsigned resets;

static void fake_fninit(struct emu *emu)
{
	(void)emu;
	resets++;
}

static uint16_t status;

static uint16_t fake_word(struct emu *emu, enum emu_x87_word which)
{
	(void)emu;
	return which == EMU_X87_CONTROL ? CONTROL : status;
}

static struct emu_ops ops;

static void machine_x87(void)
{
	machine_protected(0);
	ops = machine_ops;
	ops.fninit = fake_fninit;
	ops.x87_word = fake_word;
	m.emu.ops = &ops;
	resets = 0;
	status = STATUS;
	put(0x9000, 0x5a5a5a5a, 4);
	m.v.gpr[GPR_RBX] = 0x9000;
	m.v.gpr[GPR_RAX] = 0x12345678;
}

static void fnstcw_stores_two_bytes(void **unused)
{
	(void)unused;
	machine_x87();
	assert_int_equal(STEP(0xd9, 0x3b), EMU_OK);
	assert_int_equal(get(0x9000, 4), 0x5a5a0000 | CONTROL);
	assert_int_equal(m.v.rip, CODE_AT + 2);
}

static void fnstsw_stores_two_bytes_or_ax(void **unused)
{
	(void)unused;
	machine_x87();
	assert_int_equal(STEP(0xdd, 0x3b), EMU_OK);
	assert_int_equal(get(0x9000, 4), 0x5a5a0000 | STATUS);
	assert_int_equal(STEP(0xdf, 0xe0), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x12340000 | STATUS);
	assert_int_equal(m.v.rip, CODE_AT + 4);
}

/* As Linux's set-up code has it: 32-bit addresses in 16-bit code, on the stack. */
static void an_address_size_prefix_is_heeded(void **unused)
{
	(void)unused;
	machine_x87();
	machine_real();
	m.emu.ops = &ops;
	m.v.gpr[GPR_RSP] = STACK_TOP;
	assert_int_equal(STEP(0x67, 0xdd, 0x7c, 0x24, 0x06), EMU_OK);
	assert_int_equal(get(STACK_TOP + 6, 4), STATUS);
}

static void fninit_resets_the_state(void **unused)
{
	(void)unused;
	machine_x87();
	assert_int_equal(STEP(0xdb, 0xe3), EMU_OK);
	assert_int_equal(resets, 1);
}

/* #NM when CR0.EM or TS is set comes before all else. */
static void em_and_ts_come_first(void **unused)
{
	const uint64_t bits[] = { CR0_EM, CR0_TS };

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		machine_x87();
		m.v.cr0 |= bits[i];
		assert_fault(STEP(0xd9, 0x3b), VEC_NM, 0);
		assert_fault(STEP(0xdf, 0xe0), VEC_NM, 0);
		assert_fault(STEP(0xdb, 0xe3), VEC_NM, 0);
		assert_int_equal(get(0x9000, 4), 0x5a5a5a5a);
		assert_int_equal(resets, 0);
	}
}

/* The store obeys the segment: data that may not be written is #GP(0). */
static void the_store_can_fault(void **unused)
{
	(void)unused;
	machine_x87();
	m.v.seg[SEG_DS].ar &= ~UINT32_C(2);
	assert_fault(STEP(0xdd, 0x3b), VEC_GP, 0);
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(get(0x9000, 4), 0x5a5a5a5a);
}

/* REX extends no x87 operand but the address. */
static void rex_changes_no_opcode(void **unused)
{
	(void)unused;
	machine_x87();
	machine_long(0);
	m.emu.ops = &ops;
	m.v.gpr[GPR_RAX] = UINT64_C(0xabcdef0012345678);
	assert_int_equal(STEP(0x4d, 0xdf, 0xe0), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], UINT64_C(0xabcdef0012340000) | STATUS);
	m.v.gpr[GPR_R8 + 3] = 0x9000;
	put(0x9000, 0, 4);
	assert_int_equal(STEP(0x4d, 0xd9, 0x3b), EMU_OK);
	assert_int_equal(get(0x9000, 4), CONTROL);
}

/* SDM 2B "WAIT/FWAIT": #NM if MP and TS are both set; EM alone is nothing to it. */
static void fwait_looks_at_mp_and_ts(void **unused)
{
	const struct { uint64_t bits; bool faults; } rows[] = {
		{ 0, false }, { CR0_EM, false }, { CR0_TS, false }, { CR0_MP, false },
		{ CR0_MP | CR0_EM, false }, { CR0_TS | CR0_EM, false },
		{ CR0_MP | CR0_TS, true }, { CR0_MP | CR0_TS | CR0_EM, true },
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		machine_x87();
		m.v.cr0 |= rows[i].bits;
		if (rows[i].faults) {
			assert_fault(STEP(0x9b), VEC_NM, 0);
			assert_int_equal(m.v.rip, CODE_AT);
		} else {
			assert_int_equal(STEP(0x9b), EMU_OK);
			assert_int_equal(m.v.rip, CODE_AT + 1);
		}
	}
}

/* The status word's ES: #MF with CR0.NE; without, FERR# is not there to be raised. */
static void fwait_takes_what_is_pending(void **unused)
{
	(void)unused;
	machine_x87();
	status = STATUS | 0x8081;
	m.v.cr0 |= CR0_NE;
	assert_fault(STEP(0x9b), VEC_MF, 0);
	assert_int_equal(m.v.rip, CODE_AT);
	m.v.cr0 |= CR0_MP | CR0_TS;
	assert_fault(STEP(0x9b), VEC_NM, 0);
	m.v.cr0 &= ~(CR0_MP | CR0_TS | CR0_NE);
	assert_int_equal(STEP(0x9b), EMU_STOP);
	status = STATUS | 1;				/* masked */
	assert_int_equal(STEP(0x9b), EMU_OK);
	assert_fault(STEP(0xf0, 0x9b), VEC_UD, 0);	/* LOCK */
}

static void lock_is_undefined(void **unused)
{
	(void)unused;
	machine_x87();
	assert_fault(STEP(0xf0, 0xd9, 0x3b), VEC_UD, 0);
	assert_fault(STEP(0xf0, 0xdb, 0xe3), VEC_UD, 0);
	assert_int_equal(resets, 0);
}

/* Neighbours in the opcode map, and all of it where the world has no x87 state. */
static void other_x87_work_is_refused(void **unused)
{
	static const uint8_t refused[][2] = {
		{ 0xd9, 0x33 }, { 0xdd, 0x33 }, { 0xdf, 0xe1 }, { 0xdb, 0xe2 },
		{ 0xd9, 0xf8 }, { 0xdf, 0x3b },
	};
	static const uint8_t known[][2] = {
		{ 0xd9, 0x3b }, { 0xdd, 0x3b }, { 0xdf, 0xe0 }, { 0xdb, 0xe3 },
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		machine_x87();
		assert_int_equal(step_bytes(refused[i], 2), EMU_STOP);
		assert_string_equal(m.emu.why, "x87 instruction");
		assert_int_equal(m.v.rip, CODE_AT);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		machine_x87();
		m.emu.ops = &machine_ops;
		assert_int_equal(step_bytes(known[i], 2), EMU_STOP);
		assert_string_equal(m.emu.why, "x87 instruction");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fnstcw_stores_two_bytes),
		cmocka_unit_test(fnstsw_stores_two_bytes_or_ax),
		cmocka_unit_test(an_address_size_prefix_is_heeded),
		cmocka_unit_test(fninit_resets_the_state),
		cmocka_unit_test(em_and_ts_come_first),
		cmocka_unit_test(the_store_can_fault),
		cmocka_unit_test(rex_changes_no_opcode),
		cmocka_unit_test(fwait_looks_at_mp_and_ts),
		cmocka_unit_test(fwait_takes_what_is_pending),
		cmocka_unit_test(lock_is_undefined),
		cmocka_unit_test(other_x87_work_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
