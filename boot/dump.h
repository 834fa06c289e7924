/* What a stopped hypervisor shows of itself on the console. */
#ifndef BOOT_DUMP_H
#define BOOT_DUMP_H

#include "boot/trap.h"

void dump_registers(const struct trap_frame *frame);

/*
 * The return addresses found on the stack that `sp` lies on, or has just run out of:
 * words that point behind a call in our text. Old ones may show up among them;
 * build/diptych.elf and addr2line give their names.
 */
void dump_stack(uint64_t sp);

/* Whether a faulting address is in the guard page below a stack. */
bool dump_in_guard(uint64_t address);

#endif
