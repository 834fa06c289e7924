/*
 * The guest's current instruction, read through its own page tables: for
 * hardware that does not say how long an instruction was, or what it was.
 */
#ifndef CORE_INSN_H
#define CORE_INSN_H

#include "core/emulate/decode.h"
#include "core/vm.h"

/*
 * Decode the instruction at CS:RIP. False when its bytes cannot be read or are
 * none: the guest changed them under the exit; the caller resumes.
 */
bool insn_at_rip(struct vm *vm, struct insn *insn) MUST_CHECK;

/* Past an instruction that is done: RIP, the interrupt shadow, single-step. */
void insn_advance(struct vm *vm, unsigned length);

#endif
