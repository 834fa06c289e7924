/*
 * The emulator's plain SSE loads and stores, each by SDM 2B's word on what it moves,
 * what it leaves and what it clears.
 */
#include "emulate_fx.h"

#define MODRM	0x13	/* XMM2, [EBX] */
#define REG	2

/* `at`: the first byte of the register that moves; clears: the bytes beyond, too. */
struct move { uint8_t bytes[4], length, size, at; bool aligned, clears; };

static const struct move stores[] = {
	{ { 0x0f, 0x11, MODRM }, 3, 16, 0, false, false },
	{ { 0x66, 0x0f, 0x11, MODRM }, 4, 16, 0, false, false },
	{ { 0xf3, 0x0f, 0x11, MODRM }, 4, 4, 0, false, false },
	{ { 0xf2, 0x0f, 0x11, MODRM }, 4, 8, 0, false, false },
	{ { 0x0f, 0x13, MODRM }, 3, 8, 0, false, false },
	{ { 0x66, 0x0f, 0x13, MODRM }, 4, 8, 0, false, false },
	{ { 0x0f, 0x17, MODRM }, 3, 8, 8, false, false },
	{ { 0x66, 0x0f, 0x17, MODRM }, 4, 8, 8, false, false },
	{ { 0x0f, 0x29, MODRM }, 3, 16, 0, true, false },
	{ { 0x66, 0x0f, 0x29, MODRM }, 4, 16, 0, true, false },
	{ { 0x0f, 0x2b, MODRM }, 3, 16, 0, true, false },
	{ { 0x66, 0x0f, 0x2b, MODRM }, 4, 16, 0, true, false },
	{ { 0x66, 0x0f, 0x7e, MODRM }, 4, 4, 0, false, false },
	{ { 0x66, 0x0f, 0x7f, MODRM }, 4, 16, 0, true, false },
	{ { 0xf3, 0x0f, 0x7f, MODRM }, 4, 16, 0, false, false },
	{ { 0x66, 0x0f, 0xd6, MODRM }, 4, 8, 0, false, false },
	{ { 0x66, 0x0f, 0xe7, MODRM }, 4, 16, 0, true, false },
};

static const struct move loads[] = {
	{ { 0x0f, 0x10, MODRM }, 3, 16, 0, false, false },
	{ { 0x66, 0x0f, 0x10, MODRM }, 4, 16, 0, false, false },
	{ { 0xf3, 0x0f, 0x10, MODRM }, 4, 4, 0, false, true },
	{ { 0xf2, 0x0f, 0x10, MODRM }, 4, 8, 0, false, true },
	{ { 0x0f, 0x12, MODRM }, 3, 8, 0, false, false },
	{ { 0x66, 0x0f, 0x12, MODRM }, 4, 8, 0, false, false },
	{ { 0x0f, 0x16, MODRM }, 3, 8, 8, false, false },
	{ { 0x66, 0x0f, 0x16, MODRM }, 4, 8, 8, false, false },
	{ { 0x0f, 0x28, MODRM }, 3, 16, 0, true, false },
	{ { 0x66, 0x0f, 0x28, MODRM }, 4, 16, 0, true, false },
	{ { 0x66, 0x0f, 0x6e, MODRM }, 4, 4, 0, false, true },
	{ { 0x66, 0x0f, 0x6f, MODRM }, 4, 16, 0, true, false },
	{ { 0xf3, 0x0f, 0x6f, MODRM }, 4, 16, 0, false, false },
	{ { 0xf3, 0x0f, 0x7e, MODRM }, 4, 8, 0, false, true },
	{ { 0xf2, 0x0f, 0xf0, MODRM }, 4, 16, 0, false, false },
};

static void stores_write_their_bytes_alone(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(stores); i++) {
		const struct move *s = &stores[i];

		machine_fx(0);
		assert_int_equal(step_bytes(s->bytes, s->length), EMU_OK);
		assert_memory_equal(m.ram + AREA, state.xmm[REG] + s->at, s->size);
		assert_filler(AREA + s->size, AREA + 32);
		assert_int_equal(m.v.rip, CODE_AT + s->length);
		assert_int_equal(restores, 0);
	}
}

static void loads_change_their_register_alone(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(loads); i++) {
		const struct move *l = &loads[i];
		struct fx_image want;

		machine_fx(0);
		want = state;
		if (l->clears)
			memset(want.xmm[REG], 0, 16);
		memset(want.xmm[REG] + l->at, FILLER, l->size);
		assert_int_equal(step_bytes(l->bytes, l->length), EMU_OK);
		assert_memory_equal(&state, &want, sizeof(state));
	}
}

static void check_alignment(const struct move *move)
{
	machine_fx(0);
	m.v.gpr[GPR_RBX] = AREA + 8;
	if (!move->aligned) {
		assert_int_equal(step_bytes(move->bytes, move->length), EMU_OK);
		return;
	}
	assert_fault(step_bytes(move->bytes, move->length), VEC_GP, 0);
	assert_filler(AREA, AREA + 32);
	assert_int_equal(restores, 0);
}

/* Aligned moves are #GP(0) at any other address than a multiple of 16. */
static void alignment_is_what_the_name_says(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(stores); i++)
		check_alignment(&stores[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(loads); i++)
		check_alignment(&loads[i]);
}

static void check_units(const struct move *move)
{
	machine_fx(0);
	m.v.cr0 |= CR0_TS;
	assert_fault(step_bytes(move->bytes, move->length), VEC_NM, 0);
	m.v.cr0 |= CR0_EM;
	assert_fault(step_bytes(move->bytes, move->length), VEC_UD, 0);
	m.v.cr0 &= ~(CR0_EM | CR0_TS);
	m.v.cr4 &= ~CR4_OSFXSR;
	assert_fault(step_bytes(move->bytes, move->length), VEC_UD, 0);
	assert_filler(AREA, AREA + 16);
	assert_int_equal(restores, 0);
}

/* TS: #NM. EM, or no OSFXSR: #UD. */
static void units_off_or_away_fault_first(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(stores); i++)
		check_units(&stores[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(loads); i++)
		check_units(&loads[i]);
}

static void two_pages_are_all_or_nothing(void **unused)
{
	const unsigned at = AREA + 0x1000 - 5;

	(void)unused;
	machine_fx(0);
	paging_32();
	m.v.gpr[GPR_RBX] = at;
	assert_true(RESTARTS(AREA + 0x1000, PTE_P, 0x0f, 0x11, MODRM));
	assert_memory_equal(m.ram + at, state.xmm[REG], 16);
	machine_fx(0);
	paging_32();
	m.v.gpr[GPR_RBX] = at;
	page_lose(AREA + 0x1000, PTE_P);
	assert_fault(STEP(0x0f, 0x11, MODRM), VEC_PF, PFEC_W);
	assert_filler(at, at + 16);
	assert_fault(STEP(0x0f, 0x10, MODRM), VEC_PF, 0);
	assert_int_equal(restores, 0);
}

/* REX.R names the upper registers, REX.W makes MOVD a MOVQ. */
static void rex_extends_register_and_size(void **unused)
{
	(void)unused;
	machine_fx_long(0);
	assert_int_equal(STEP(0x44, 0x0f, 0x29, MODRM), EMU_OK);
	assert_memory_equal(m.ram + AREA, state.xmm[REG + 8], 16);
	assert_int_equal(STEP(0x66, 0x48, 0x0f, 0x7e, MODRM), EMU_OK);
	assert_memory_equal(m.ram + AREA, state.xmm[REG], 8);
	assert_memory_equal(m.ram + AREA + 8, state.xmm[REG + 8] + 8, 8);
}

/* What computes, what goes between registers, what mixes the prefixes. */
static void the_rest_is_refused(void **unused)
{
	static const uint8_t refused[][4] = {
		{ 0x0f, 0x58, MODRM }, { 0x0f, 0x29, 0xd3 }, { 0xf3, 0x0f, 0x12, MODRM },
		{ 0x66, 0x0f, 0xfe, MODRM }, { 0x66, 0x0f, 0x38, 0x2a },
		{ 0xf3, 0x0f, 0xe7, MODRM },
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		machine_fx(0);
		assert_int_equal(step_bytes(refused[i], 4), EMU_STOP);
		assert_string_equal(m.emu.why, "SSE instruction");
		assert_int_equal(m.v.rip, CODE_AT);
	}
	machine_fx(0);
	assert_int_equal(STEP(0x0f, 0x7f, MODRM), EMU_STOP);
	assert_string_equal(m.emu.why, "MMX instruction");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores_write_their_bytes_alone),
		cmocka_unit_test(loads_change_their_register_alone),
		cmocka_unit_test(alignment_is_what_the_name_says),
		cmocka_unit_test(units_off_or_away_fault_first),
		cmocka_unit_test(two_pages_are_all_or_nothing),
		cmocka_unit_test(rex_extends_register_and_size),
		cmocka_unit_test(the_rest_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
