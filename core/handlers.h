/*
 * One handler per exit reason. Each says what becomes of the guest; the run
 * loop alone moves RIP.
 */
#ifndef CORE_HANDLERS_H
#define CORE_HANDLERS_H

#include "core/vm.h"

enum action {
	ACT_RESUME,	/* back to where the guest was (an event may be pending) */
	ACT_ADVANCE,	/* past the instruction, which is done */
	ACT_STOP,	/* vm_finish() was called */
};

enum action handle_cpuid(struct vm *vm, struct exit *exit);
enum action handle_msr(struct vm *vm, struct exit *exit);
enum action handle_io(struct vm *vm, struct exit *exit);
enum action handle_cr(struct vm *vm, struct exit *exit);
enum action handle_hlt(struct vm *vm, const struct exit *exit);
enum action handle_hypercall(struct vm *vm, struct exit *exit);
enum action handle_memory(struct vm *vm, struct exit *exit);
enum action handle_exception(struct vm *vm, struct exit *exit);
enum action handle_invlpg(struct vm *vm, struct exit *exit);
enum action handle_refused(struct vm *vm, struct exit *exit);

/* The same for the emulator. False: there is no such call, #UD. */
bool hypercall(struct vm *vm) MUST_CHECK;

/* False when the access raises #GP(0). */
bool msr_read(struct vm *vm, uint32_t number, uint64_t *value) MUST_CHECK;
bool msr_write(struct vm *vm, uint32_t number, uint64_t value) MUST_CHECK;

#endif
