/* A world with x87 and SSE state for the emulator: its image, and what was asked. */
#ifndef TESTS_EMULATE_FX_H
#define TESTS_EMULATE_FX_H

#include "emulate_paged.h"

#define AREA		0x9000u
#define FILLER		0x5a
#define MXCSR_DEFAULT	0x1f80u

static struct fx_image state;
static unsigned restores, resets;
static bool wide_seen;
static struct emu_ops fx_ops;

static bool fake_fxsave(struct emu *emu, struct fx_image *image, bool wide)
{
	(void)emu;
	*image = state;
	wide_seen = wide;
	return true;
}

/* As the real one faults, this one fails. */
static bool fake_fxrstor(struct emu *emu, const struct fx_image *image, bool wide)
{
	(void)emu;
	assert_int_equal(image->mxcsr & ~(state.mxcsr_mask ? state.mxcsr_mask : 0xffbfu), 0);
	state = *image;
	wide_seen = wide;
	restores++;
	return true;
}

static void fake_fninit(struct emu *emu)
{
	(void)emu;
	resets++;
}

static inline void machine_fx_ops(void)
{
	fx_ops = machine_ops;
	fx_ops.fxsave = fake_fxsave;
	fx_ops.fxrstor = fake_fxrstor;
	fx_ops.fninit = fake_fninit;
	m.emu.ops = &fx_ops;
	m.v.cr4 |= CR4_OSFXSR;
	m.v.gpr[GPR_RBX] = AREA;
	memset(m.ram + AREA, FILLER, 0x2000);
	restores = resets = 0;
	/* Every byte another than its neighbours, and none of them a filler's. */
	for (unsigned i = 0; i < sizeof(state); i++)
		((uint8_t *)&state)[i] = (uint8_t)(i % 83);
	state.status = 0;
	state.mxcsr = MXCSR_DEFAULT;
	state.mxcsr_mask = 0xffff;
}

static inline void machine_fx(unsigned cpl)
{
	machine_protected(cpl);
	machine_fx_ops();
}

static inline void machine_fx_long(unsigned cpl)
{
	machine_long(cpl);
	machine_fx_ops();
}

/* RAM from here to there was not written. */
static inline void assert_filler(unsigned from, unsigned to)
{
	for (unsigned at = from; at < to; at++)
		assert_int_equal(m.ram[at], FILLER);
}

#endif
