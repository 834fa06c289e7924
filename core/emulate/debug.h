/*
 * Breakpoints in DR0 to DR3 around one emulated instruction: a fault before it,
 * or a trap after it. SDM 3B "Debug Exception (#DB)" 17.3.1. The first three
 * are called only while breakpoint_armed().
 */
#ifndef CORE_EMULATE_DEBUG_H
#define CORE_EMULATE_DEBUG_H

#include "core/breakpoint.h"
#include "core/emulate/exec.h"

/* True: an instruction breakpoint faults, before anything is fetched. emu->fault is set. */
__attribute__((cold)) bool debug_code(struct emu *emu);
/* An operand, or a system structure, at this linear address; ACCESS_* of it. */
__attribute__((cold)) void debug_data(struct exec *x, uint64_t linear, unsigned size,
				      unsigned access);
__attribute__((cold)) void debug_port(struct exec *x, uint16_t port, unsigned size);
/* After it, v->shadow being still the old one: what was hit becomes DR6 and a pending #DB. */
__attribute__((cold)) void debug_trap(struct exec *x);

#endif
