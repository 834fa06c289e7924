/*
 * The emulator at work for a real guest: one instruction that the hardware
 * could not carry out, done in software on the vm's own memory and devices.
 */
#ifndef CORE_ASSIST_H
#define CORE_ASSIST_H

#include "core/handlers.h"

/* Carry out the instruction at RIP. ACT_RESUME, or ACT_STOP when the guest ends. */
enum action assist_emulate(struct vm *vm);

/* The same, but what cannot be emulated is left to the guest when leave() says so. */
enum action assist_or_leave(struct vm *vm, bool (*leave)(struct vm *vm));

/*
 * Where all is emulated (RAN_EMULATED): up to `steps` instructions, until an event
 * is pending, the guest ends, or the hardware can take over.
 */
enum action assist_run(struct vm *vm, unsigned steps);

/* Guest memory is about to be written for its user, inside one page: as if by the emulator. */
void assist_written(struct vm *vm, gpa_t at, unsigned size);

/* Deliver the pending event in software: the hardware's touched what only we can answer. */
enum action assist_deliver(struct vm *vm);

#endif
