/*
 * What core/assist.c and core/assist_stretch.c share: the emulator at work, from taking
 * the guest over to handing it back. Nobody else includes this.
 */
#ifndef CORE_ASSIST_STRETCH_H
#define CORE_ASSIST_STRETCH_H

#include "core/assist.h"
#include "core/emulate/emulate.h"
#include "core/event.h"

/* The groups that decide how the guest is run. */
#define RUN_BY	(ST_CR | ST_CS_SS | ST_SEG | ST_DTR)

static inline struct vm *assist_vm(const struct emu *emu)
{
	return emu->opaque;
}

/* As virtual-8086 mode it would have the instructions on IF for itself. */
static inline bool assist_has_flags(const struct vm *vm)
{
	return vm->options.vm86 == VM86_FAST &&
	       (vm->vcpu.rflags & RFLAGS_IOPL) == RFLAGS_IOPL;
}

/* `resumed`: one instruction that the hardware was at; else several, or a delivery. */
struct emu *assist_begin(struct vm *vm, bool resumed);

/* What the emulator's answer means for the guest. */
enum action assist_end(struct vm *vm, const struct emu *emu, enum emu_status status);

/*
 * In real mode that the hardware could run as virtual-8086 mode, after an instruction that
 * was carried out: those that it would hand back at once, too.
 */
enum emu_status assist_go_on(struct vm *vm, struct emu *emu);

#endif
