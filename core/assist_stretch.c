/*
 * Instructions emulated one after another: how long it is worth it, and what ends it. Must
 * not know how one is carried out, nor what its end means for the guest.
 */
#include "core/assist_stretch.h"

#include "core/fits.h"

/* Nothing has happened that the run loop must see to before the next instruction. */
static bool undisturbed(const struct vm *vm)
{
	const struct vcpu *v = &vm->vcpu;

	return !v->pending.kind && !vm->board.pc.clock.attention &&
	       !(v->window && vcpu_takes_interrupts(v));
}

/* As many instructions as may be carried out without looking whether one is disturbed. */
static enum emu_status run(struct vm *vm, struct emu *emu, struct emu_stretch *stretch,
			   unsigned *steps)
{
	enum emu_status status;

	stretch->most = vm->vcpu.window ? 1 : *steps;
	stretch->done = 0;
	status = emu_run(emu, stretch);
	tally_emulated(&vm->tally, stretch->done);
	*steps -= stretch->done < *steps ? stretch->done : *steps;
	return status;
}

/*
 * Entering virtual-8086 mode and coming back costs as much as a dozen emulated
 * instructions, and those that come back stand together: LGDT, MOV CR0; CLI, PUSHF. So
 * where the next one is near, it is not worth an entry.
 */
#define AHEAD		3u
#define GO_ON_STEPS	64u	/* and then the run loop looks at the clock */

/* How many instructions to carry out on the way to one that would come back; 0: enter. */
static unsigned ahead(struct vm *vm)
{
	if (vm->vcpu.cr0 & CR0_PE || vm->debug)
		return 0;
	return emu_ahead(&vm->emu, AHEAD, !assist_has_flags(vm));
}

enum emu_status assist_go_on(struct vm *vm, struct emu *emu)
{
	enum emu_status status = EMU_OK;
	struct emu_stretch stretch = { 0 };
	unsigned left = GO_ON_STEPS, near;

	emu->partial = emu->resumed = false;
	while (left > AHEAD && status == EMU_OK && undisturbed(vm)) {
		near = ahead(vm);
		if (!near)
			break;
		left -= near;
		while (near && status == EMU_OK && undisturbed(vm) &&
		       !(vm->vcpu.cr0 & CR0_PE))
			status = run(vm, emu, &stretch, &near);
	}
	/* What is not emulated after all the hardware does. */
	return status == EMU_STOP ? EMU_OK : status;
}

/* Only a change of these can make a state fit that did not. */
#define FITS_BY	(ST_CS_SS | ST_SEG | ST_CR)

/* While SS stands in the way of virtual-8086 mode, it is of no use to look at other loads. */
static uint32_t missing(const struct vcpu *v)
{
	return v->cr0 & CR0_PE || fits_vm86_stack(v) ? FITS_BY : ST_CS_SS | ST_CR;
}

/*
 * Back to the hardware as soon as it can take over; but what it would hand back at once is
 * done first.
 */
static bool can_enter(struct emu *emu, struct emu_stretch *stretch)
{
	struct vm *vm = assist_vm(emu);
	unsigned near;

	vm->touched |= vm->vcpu.dirty & FITS_BY;
	vm->vcpu.dirty &= ~FITS_BY;
	if (!fits(&vm->vcpu)) {
		stretch->watch = missing(&vm->vcpu);
		return false;
	}
	stretch->watch = 0;
	near = vm->vcpu.window ? 0 : ahead(vm);
	stretch->most = stretch->done + near;
	return !near;
}

/* Out of line, that the run loop has room for what happens at each exit. */
__attribute__((noinline)) enum action assist_run(struct vm *vm, unsigned steps)
{
	struct emu *emu = assist_begin(vm, false);
	uint32_t watch = vm->options.unpaged == UNPAGED_EMULATE ? 0 : FITS_BY;
	struct emu_stretch stretch = { .watch = watch, .enough = can_enter };
	enum emu_status status = EMU_OK;

	while (steps && status == EMU_OK && undisturbed(vm) &&
	       vm->hw.ran_as == RAN_EMULATED && !(watch && !stretch.watch))
		status = run(vm, emu, &stretch, &steps);
	if (watch && !stretch.watch && status == EMU_OK)
		status = assist_go_on(vm, emu);
	/* What is not emulated after all the hardware does. */
	else if (watch && !stretch.watch && status == EMU_STOP)
		status = EMU_OK;
	return assist_end(vm, emu, status);
}
