/*
 * The emulator's FXSAVE, FXRSTOR, LDMXCSR, STMXCSR: rules of SDM 2A under those names,
 * and that what a hostile guest has in memory never reaches the CPU unchecked.
 */
#include "emulate_fx.h"

#define FXSAVE		0x0f, 0xae, 0x03
#define FXRSTOR		0x0f, 0xae, 0x0b
#define LDMXCSR		0x0f, 0xae, 0x13
#define STMXCSR		0x0f, 0xae, 0x1b
#define REXW		0x48
#define XMM_AT		160u
#define XMM8_AT		288u
#define REST_AT		416u

static void fxsave_outside_64_bit_code_has_eight_xmm(void **unused)
{
	(void)unused;
	machine_fx(0);
	assert_int_equal(STEP(FXSAVE), EMU_OK);
	assert_memory_equal(m.ram + AREA, &state, XMM8_AT);
	assert_filler(AREA + XMM8_AT, AREA + 512);
	assert_false(wide_seen);
	assert_int_equal(m.v.rip, CODE_AT + 3);
}

static void fxsave_in_64_bit_code_has_sixteen_and_rex_w_is_heeded(void **unused)
{
	(void)unused;
	machine_fx_long(0);
	assert_int_equal(STEP(FXSAVE), EMU_OK);
	assert_memory_equal(m.ram + AREA, &state, REST_AT);
	assert_filler(AREA + REST_AT, AREA + 512);
	assert_false(wide_seen);
	assert_int_equal(STEP(REXW, FXSAVE), EMU_OK);
	assert_true(wide_seen);
	assert_int_equal(STEP(REXW, FXRSTOR), EMU_OK);
	assert_true(wide_seen);
	assert_int_equal(STEP(FXRSTOR), EMU_OK);
	assert_false(wide_seen);
}

/* Without the OS's word for SSE its state stays where it is. */
static void without_osfxsr_no_sse_state_moves(void **unused)
{
	struct fx_image before;

	(void)unused;
	machine_fx(0);
	m.v.cr4 = 0;
	assert_int_equal(STEP(FXSAVE), EMU_OK);
	assert_memory_equal(m.ram + AREA, &state, 24);
	assert_filler(AREA + 24, AREA + 32);
	assert_memory_equal(m.ram + AREA + 32, state.st, sizeof(state.st));
	assert_filler(AREA + XMM_AT, AREA + 512);
	memset(m.ram + AREA, 0xff, 512);
	before = state;
	assert_int_equal(STEP(FXRSTOR), EMU_OK);
	assert_int_equal(state.control, 0xffff);
	assert_int_equal(state.st[7][15], 0xff);
	assert_int_equal(state.mxcsr, MXCSR_DEFAULT);
	assert_memory_equal(state.xmm, before.xmm, sizeof(state.xmm));
}

static void fxrstor_takes_what_the_mode_has(void **unused)
{
	struct fx_image before;

	(void)unused;
	machine_fx(0);
	before = state;
	put(AREA + 24, 0x1fa0, 4);
	assert_int_equal(STEP(FXRSTOR), EMU_OK);
	assert_int_equal(restores, 1);
	assert_int_equal(state.mxcsr, 0x1fa0);
	assert_int_equal(state.mxcsr_mask, 0xffff);	/* not the memory's */
	assert_int_equal(state.control, 0x5a5a);
	assert_int_equal(state.xmm[7][15], FILLER);
	assert_memory_equal(state.xmm[8], before.xmm[8], 8 * 16);
	machine_fx_long(0);
	put(AREA + 24, 0x1fa0, 4);
	assert_int_equal(STEP(FXRSTOR), EMU_OK);
	assert_int_equal(state.xmm[15][15], FILLER);
}

/* A bit that MXCSR_MASK has not is #GP(0), and a CPU without a mask has FFBFH. */
static void reserved_bits_of_mxcsr_are_gp(void **unused)
{
	static const struct { uint32_t mask, mxcsr; } bad[] = {
		{ 0xffff, 0x10000 }, { 0xffff, 0x80001f80 }, { 0xffbf, 0x40 }, { 0, 0x40 },
		{ 0x2ffff, 0x10000 },
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		machine_fx(0);
		state.mxcsr_mask = bad[i].mask;
		put(AREA + 24, bad[i].mxcsr, 4);
		put(AREA + 28, UINT32_MAX, 4);	/* the memory's mask counts for nothing */
		assert_fault(STEP(FXRSTOR), VEC_GP, 0);
		m.v.gpr[GPR_RBX] = AREA + 24;
		assert_fault(STEP(LDMXCSR), VEC_GP, 0);
		assert_int_equal(restores, 0);
		state.mxcsr_mask |= bad[i].mxcsr | 0xffbf;
		assert_int_equal(STEP(LDMXCSR), EMU_OK);
		assert_int_equal(state.mxcsr, bad[i].mxcsr);
	}
}

static void ldmxcsr_and_stmxcsr_move_four_bytes(void **unused)
{
	struct fx_image before;

	(void)unused;
	machine_fx(0);
	m.v.gpr[GPR_RBX] = AREA + 1;	/* aligned or not */
	before = state;
	assert_int_equal(STEP(STMXCSR), EMU_OK);
	assert_int_equal(get(AREA + 1, 4), MXCSR_DEFAULT);
	assert_filler(AREA + 5, AREA + 16);
	put(AREA + 1, 0x9fc0, 4);
	assert_int_equal(STEP(LDMXCSR), EMU_OK);
	before.mxcsr = 0x9fc0;
	assert_memory_equal(&state, &before, sizeof(state));
}

static void the_area_is_aligned_to_sixteen(void **unused)
{
	(void)unused;
	for (unsigned off = 1; off < 16; off++) {
		machine_fx(0);
		m.v.gpr[GPR_RBX] = AREA + off;
		assert_fault(STEP(FXSAVE), VEC_GP, 0);
		assert_fault(STEP(FXRSTOR), VEC_GP, 0);
		assert_filler(AREA, AREA + 544);
		assert_int_equal(restores, 0);
	}
}

/* Sixteen is enough, whatever the alignment check asks of other data. */
static void sixteen_is_enough_for_the_alignment_check(void **unused)
{
	(void)unused;
	machine_fx(3);
	m.v.cr0 |= CR0_AM;
	m.v.rflags |= RFLAGS_AC;
	m.v.gpr[GPR_RBX] = AREA + 16;
	assert_int_equal(STEP(FXSAVE), EMU_OK);
	m.v.gpr[GPR_RBX] = AREA + 2;
	assert_fault(STEP(STMXCSR), VEC_AC, 0);
}

/* #NM for EM and TS with FXSAVE and FXRSTOR; LDMXCSR and STMXCSR are SSE's. */
static void units_off_or_away_fault_first(void **unused)
{
	(void)unused;
	machine_fx(0);
	m.v.gpr[GPR_RBX] = AREA + 1;
	m.v.cr0 |= CR0_EM;
	assert_fault(STEP(FXSAVE), VEC_NM, 0);
	assert_fault(STEP(FXRSTOR), VEC_NM, 0);
	assert_fault(STEP(LDMXCSR), VEC_UD, 0);
	assert_fault(STEP(STMXCSR), VEC_UD, 0);
	m.v.cr0 = (m.v.cr0 & ~CR0_EM) | CR0_TS;
	assert_fault(STEP(FXSAVE), VEC_NM, 0);
	assert_fault(STEP(FXRSTOR), VEC_NM, 0);
	assert_fault(STEP(LDMXCSR), VEC_NM, 0);
	assert_fault(STEP(STMXCSR), VEC_NM, 0);
	m.v.cr4 &= ~CR4_OSFXSR;
	assert_fault(STEP(LDMXCSR), VEC_UD, 0);
	assert_fault(STEP(STMXCSR), VEC_UD, 0);
	assert_fault(STEP(0xf0, FXSAVE), VEC_UD, 0);
	assert_filler(AREA, AREA + 544);
}

/* The segment holds all 512 bytes or none. */
static void the_limit_is_that_of_512_bytes(void **unused)
{
	(void)unused;
	machine_fx(0);
	m.v.seg[SEG_DS].limit = AREA + 510;
	assert_fault(STEP(FXSAVE), VEC_GP, 0);
	assert_fault(STEP(FXRSTOR), VEC_GP, 0);
	assert_filler(AREA, AREA + 512);
	m.v.seg[SEG_DS].limit = AREA + 511;
	assert_int_equal(STEP(FXSAVE), EMU_OK);
}

/* Either page away: a fault with nothing done; both there: all of it. */
static void an_area_on_two_pages_is_all_or_nothing(void **unused)
{
	static const uint8_t save[] = { FXSAVE }, restore[] = { FXRSTOR };
	const unsigned at = AREA + 0x1000 - 48;

	(void)unused;
	for (unsigned page = AREA; page <= AREA + 0x1000; page += 0x1000) {
		machine_fx(0);
		paging_32();
		m.v.gpr[GPR_RBX] = at;
		page_lose(page, PTE_W);
		assert_fault(step_bytes(save, 3), VEC_PF, PFEC_P | PFEC_W);
		assert_int_equal(m.emu.fault.cr2, page == AREA ? at : page);
		assert_filler(at, at + 512);
		page_give(page, PTE_W);
		assert_true(faults_and_restarts(save, 3, page, PTE_P));
		assert_memory_equal(m.ram + at, &state, XMM8_AT);
		m.v.rip = CODE_AT;
		page_lose(page, PTE_P);
		assert_fault(step_bytes(restore, 3), VEC_PF, 0);
		assert_int_equal(restores, 0);
		page_give(page, PTE_P);
		memset(m.ram + at + 48, 0x33, 16);	/* ST1: on the second page */
		assert_int_equal(step_bytes(restore, 3), EMU_OK);
		assert_int_equal(state.st[1][0], 0x33);
	}
}

static unsigned told_bytes;

static void tell(struct emu *emu, gpa_t at, unsigned size)
{
	(void)emu;
	assert_int_equal(m.ram[at.v], FILLER);	/* before the write */
	assert_true((at.v & 0xfff) + size <= 0x1000);
	told_bytes += size;
}

static void writes_are_told_before_page_by_page(void **unused)
{
	(void)unused;
	machine_fx(0);
	fx_ops.before_write = tell;
	told_bytes = 0;
	m.v.gpr[GPR_RBX] = AREA + 0x1000 - 48;
	assert_int_equal(STEP(FXSAVE), EMU_OK);
	assert_int_equal(told_bytes, XMM8_AT);
}

/* Devices get accesses of eight bytes, ROM keeps what it has. */
static void devices_and_rom(void **unused)
{
	(void)unused;
	machine_fx(0);
	m.v.gpr[GPR_RBX] = MMIO_BASE;
	assert_int_equal(STEP(FXSAVE), EMU_OK);
	assert_int_equal(m.mmio_count, XMM8_AT / 8);
	assert_int_equal(m.mmio_size, 8);
	assert_int_equal(m.mmio_at, MMIO_BASE + XMM8_AT - 8);
	m.mmio_value = 0;
	assert_int_equal(STEP(FXRSTOR), EMU_OK);
	assert_int_equal(m.mmio_count, XMM8_AT / 8 + 64);
	assert_int_equal(state.control, 0);
	m.mem.slots = 2;
	m.mem.slot[1] = (struct guest_mem_slot){ .base = gpa(MMIO_BASE), .size = PAGE_SIZE,
						 .host = hpa_of(m.ram + AREA), .rom = true };
	assert_int_equal(STEP(FXSAVE), EMU_OK);
	assert_filler(AREA, AREA + 512);
}

/* A world whose callback has no such state, too. */
static bool none(struct emu *emu, struct fx_image *image, bool wide)
{
	(void)emu, (void)image, (void)wide;
	return false;
}

static void a_world_without_the_state_is_a_stop(void **unused)
{
	(void)unused;
	machine_fx(0);
	fx_ops.fxsave = none;
	assert_int_equal(STEP(FXSAVE), EMU_STOP);
	assert_string_equal(m.emu.why, "FXSAVE or FXRSTOR instruction");
	assert_int_equal(STEP(FXRSTOR), EMU_STOP);
	assert_int_equal(STEP(STMXCSR), EMU_STOP);
	assert_string_equal(m.emu.why, "SSE instruction");
	assert_int_equal(STEP(0x0f, 0x29, 0x03), EMU_STOP);
	assert_filler(AREA, AREA + 512);
	assert_int_equal(m.v.rip, CODE_AT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fxsave_outside_64_bit_code_has_eight_xmm),
		cmocka_unit_test(fxsave_in_64_bit_code_has_sixteen_and_rex_w_is_heeded),
		cmocka_unit_test(without_osfxsr_no_sse_state_moves),
		cmocka_unit_test(fxrstor_takes_what_the_mode_has),
		cmocka_unit_test(reserved_bits_of_mxcsr_are_gp),
		cmocka_unit_test(ldmxcsr_and_stmxcsr_move_four_bytes),
		cmocka_unit_test(the_area_is_aligned_to_sixteen),
		cmocka_unit_test(sixteen_is_enough_for_the_alignment_check),
		cmocka_unit_test(units_off_or_away_fault_first),
		cmocka_unit_test(the_limit_is_that_of_512_bytes),
		cmocka_unit_test(an_area_on_two_pages_is_all_or_nothing),
		cmocka_unit_test(writes_are_told_before_page_by_page),
		cmocka_unit_test(devices_and_rom),
		cmocka_unit_test(a_world_without_the_state_is_a_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
