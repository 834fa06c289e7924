/*
 * Host exceptions and interrupts. An exception in the hypervisor is a bug: it
 * ends the run with a dump. Knows no guest.
 */
#include "boot/trap.h"

#include "boot/stop.h"
#include "boot/timer.h"
#include "mmu/x86_defs.h"

static const char *const names[] = {
	[VEC_DE] = "#DE", [VEC_DB] = "#DB", [VEC_NMI] = "NMI",
	[VEC_BP] = "#BP", [VEC_OF] = "#OF", [VEC_BR] = "#BR",
	[VEC_UD] = "#UD", [VEC_NM] = "#NM", [VEC_DF] = "#DF",
	[VEC_TS] = "#TS", [VEC_NP] = "#NP", [VEC_SS] = "#SS",
	[VEC_GP] = "#GP", [VEC_PF] = "#PF", [VEC_MF] = "#MF",
	[VEC_AC] = "#AC", [VEC_MC] = "#MC", [VEC_XM] = "#XM",
	[VEC_VE] = "#VE", [VEC_CP] = "#CP",
};

const char *trap_name(uint64_t vector)
{
	const char *name = vector < ARRAY_SIZE(names) ? names[vector] : NULL;

	return name ? name : "vector";
}

/* Instructions that may fault, and where to go on then (core/x86_insn.h). */
struct fixup { uint64_t fault, resume; };
extern const struct fixup fixups_start[], fixups_end[];

static bool fixed_up(struct trap_frame *frame)
{
	if (frame->vector != VEC_GP)
		return false;
	for (const struct fixup *f = fixups_start; f < fixups_end; f++) {
		if (f->fault == frame->rip) {
			frame->rip = f->resume;
			return true;
		}
	}
	return false;
}

/*
 * The host sets no breakpoints and never steps: a #DB is the guest's. Bochs 2.7
 * keeps a step trap through an SVM exit; QEMU's TCG keeps the guest's armed code
 * breakpoints, which then match host addresses: RF lets the instruction pass. DR6
 * stays as it is: the backend reads there what the guest is to see.
 */
static bool stray_debug(struct trap_frame *frame)
{
	if (frame->vector != VEC_DB || (frame->rflags & RFLAGS_TF))
		return false;
	frame->rflags |= RFLAGS_RF;
	return true;
}

void trap_dispatch(struct trap_frame *frame)
{
	if (host_interrupt(frame->vector) || fixed_up(frame) ||
	    stray_debug(frame))
		return;
	stop_exception(frame);
}
