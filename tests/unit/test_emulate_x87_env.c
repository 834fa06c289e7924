/*
 * The emulator's FLDENV, FNSTENV, FRSTOR, FNSAVE: the four formats of SDM 1 figures 8-9
 * to 8-12, tags, and what the instructions leave behind.
 */
#include "emulate_fx.h"

#define FLDENV		0xd9, 0x23
#define FNSTENV		0xd9, 0x33
#define FRSTOR		0xdd, 0x23
#define FNSAVE		0xdd, 0x33

/* TOP is 6; R6 (ST0) is one, R7 (ST1) zero, R0 (ST2) infinite, the rest empty. */
static void some_state(void)
{
	static const uint8_t one[10] = { [7] = 0x80, [8] = 0xff, [9] = 0x3f };
	static const uint8_t infinite[10] = { [7] = 0x80, [8] = 0xff, [9] = 0x7f };

	state.control = 0x037b;		/* zero divide is not masked */
	state.status = 0x3001;
	state.tags = 0xc1;
	state.opcode = 0x0512;
	state.ip = 0x12345678;
	state.cs = 0x0008;
	state.dp = 0x9abcdef0;
	state.ds = 0x0010;
	memset(state.st, 0x77, sizeof(state.st));
	memcpy(state.st[0], one, 10);
	memset(state.st[1], 0, 10);
	memcpy(state.st[2], infinite, 10);
}

/* R7 zero (01), R6 valid (00), R5 to R1 empty (11), R0 special (10). */
#define TAGS	0x4ffeu

static void protected_32(void **unused)
{
	static const uint32_t want[7] = {
		0xffff037b, 0xffff3001, 0xffff0000 | TAGS, 0x12345678, 0x05120008, 0x9abcdef0,
		0xffff0010,
	};

	(void)unused;
	machine_fx(0);
	some_state();
	assert_int_equal(STEP(FNSTENV), EMU_OK);
	assert_memory_equal(m.ram + AREA, want, 28);
	assert_filler(AREA + 28, AREA + 128);
}

static void protected_16(void **unused)
{
	static const uint16_t want[7] = {
		0x037b, 0x3001, TAGS, 0x5678, 0x0008, 0xdef0, 0x0010,
	};

	(void)unused;
	machine_fx(0);
	some_state();
	assert_int_equal(STEP(0x66, FNSTENV), EMU_OK);
	assert_memory_equal(m.ram + AREA, want, 14);
	assert_filler(AREA + 14, AREA + 128);
}

/* Linear addresses: CS 1234 and 5678 are 179b8, DS 4321 and 10 are 43220. */
static void real_pointers(void)
{
	machine_real();
	machine_fx_ops();
	some_state();
	state.cs = 0x1234;
	state.ip = 0x5678;
	state.ds = 0x4321;
	state.dp = 0x10;
}

static void real_16(void **unused)
{
	static const uint16_t want[7] = {
		0x037b, 0x3001, TAGS, 0x79b8, 0x1512, 0x3220, 0x4000,
	};

	(void)unused;
	real_pointers();
	assert_int_equal(STEP(0x67, FNSTENV), EMU_OK);
	assert_memory_equal(m.ram + AREA, want, 14);
	assert_filler(AREA + 14, AREA + 128);
	assert_int_equal(STEP(0x67, FLDENV), EMU_OK);
	assert_int_equal(state.ip, 0x179b8);
	assert_int_equal(state.dp, 0x43220);
	assert_int_equal(state.opcode, 0x512);
}

static void real_32(void **unused)
{
	static const uint32_t want[7] = {
		0xffff037b, 0xffff3001, 0xffff0000 | TAGS, 0xffff79b8, 0x00001512, 0xffff3220,
		0x00004000,
	};

	(void)unused;
	real_pointers();
	assert_int_equal(STEP(0x67, 0x66, FNSTENV), EMU_OK);
	assert_memory_equal(m.ram + AREA, want, 28);
	assert_filler(AREA + 28, AREA + 128);
	put(AREA + 16, 0x0abc1512, 4);
	assert_int_equal(STEP(0x67, 0x66, FLDENV), EMU_OK);
	assert_int_equal(state.ip, 0xabc179b8);
}

/* FNSTENV masks all exceptions; what FLDENV then brings back is what was. */
static void fnstenv_masks_and_fldenv_unmasks(void **unused)
{
	struct fx_image before;

	(void)unused;
	machine_fx(0);
	some_state();
	state.status |= 0x8084;		/* zero divide is pending */
	before = state;
	assert_int_equal(STEP(FNSTENV), EMU_OK);
	assert_int_equal(state.control, 0x037f);
	assert_int_equal(state.status, 0x3005);
	assert_int_equal(STEP(FLDENV), EMU_OK);
	assert_memory_equal(&state, &before, sizeof(state));
	assert_int_equal(resets, 0);
}

static void fnsave_resets_and_frstor_brings_back(void **unused)
{
	struct fx_image before;

	(void)unused;
	machine_fx(0);
	some_state();
	before = state;
	assert_int_equal(STEP(FNSAVE), EMU_OK);
	assert_int_equal(resets, 1);
	for (unsigned i = 0; i < 8; i++)
		assert_memory_equal(m.ram + AREA + 28 + 10 * i, state.st[i], 10);
	assert_filler(AREA + 108, AREA + 128);
	state.control = 0x037f;
	state.status = 0;
	state.tags = 0;
	memset(state.st, 0, sizeof(state.st));
	assert_int_equal(STEP(FRSTOR), EMU_OK);
	assert_int_equal(state.control, before.control);
	assert_int_equal(state.status, before.status);
	assert_int_equal(state.tags, before.tags);
	for (unsigned i = 0; i < 8; i++)
		assert_memory_equal(state.st[i], before.st[i], 10);
	assert_memory_equal(state.xmm, before.xmm, sizeof(state.xmm));
	machine_fx(0);
	assert_int_equal(STEP(0x66, FNSAVE), EMU_OK);
	assert_memory_equal(m.ram + AREA + 14, state.st[0], 10);
	assert_filler(AREA + 94, AREA + 128);
}

/* What waits sees a pending exception first; what has N in its name does not. */
static void a_pending_exception_is_mf(void **unused)
{
	(void)unused;
	machine_fx(0);
	some_state();
	state.status |= 0x8084;
	m.v.cr0 |= CR0_NE;
	assert_fault(STEP(FLDENV), VEC_MF, 0);
	assert_fault(STEP(FRSTOR), VEC_MF, 0);
	assert_int_equal(restores, 0);
	m.v.cr0 &= ~CR0_NE;	/* told by an interrupt, outside the CPU */
	assert_int_equal(STEP(FRSTOR), EMU_STOP);
	assert_string_equal(m.emu.why, "x87 instruction");
	assert_int_equal(STEP(FNSAVE), EMU_OK);
}

static void em_and_ts_come_first(void **unused)
{
	const uint64_t bits[] = { CR0_EM, CR0_TS };

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		machine_fx(0);
		m.v.cr0 |= bits[i];
		assert_fault(STEP(FLDENV), VEC_NM, 0);
		assert_fault(STEP(FNSTENV), VEC_NM, 0);
		assert_fault(STEP(FRSTOR), VEC_NM, 0);
		assert_fault(STEP(FNSAVE), VEC_NM, 0);
		assert_filler(AREA, AREA + 128);
	}
}

/* A store that faults has changed neither memory nor the state. */
static void two_pages_are_all_or_nothing(void **unused)
{
	const unsigned at = AREA + 0x1000 - 101;

	(void)unused;
	machine_fx(0);
	paging_32();
	m.v.gpr[GPR_RBX] = at;
	page_lose(AREA + 0x1000, PTE_P);
	assert_fault(STEP(FNSAVE), VEC_PF, PFEC_W);
	assert_fault(STEP(FRSTOR), VEC_PF, 0);
	assert_filler(at, at + 108);
	assert_int_equal(resets + restores, 0);
	page_give(AREA + 0x1000, PTE_P);
	assert_int_equal(STEP(FNSAVE), EMU_OK);
	assert_memory_equal(m.ram + at + 98, state.st[7], 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protected_32),
		cmocka_unit_test(protected_16),
		cmocka_unit_test(real_16),
		cmocka_unit_test(real_32),
		cmocka_unit_test(fnstenv_masks_and_fldenv_unmasks),
		cmocka_unit_test(fnsave_resets_and_frstor_brings_back),
		cmocka_unit_test(a_pending_exception_is_mf),
		cmocka_unit_test(em_and_ts_come_first),
		cmocka_unit_test(two_pages_are_all_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
