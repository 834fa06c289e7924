/*
 * The guest's current instruction, read through its own page tables: for
 * hardware that does not say how long an instruction was, or what it was.
 */
#ifndef CORE_INSN_H
#define CORE_INSN_H

#include "core/emulate/decode.h"
#include "core/exit.h"
#include "core/vm.h"

/*
 * Decode the instruction at CS:RIP. False when its bytes cannot be read or are
 * none: the guest changed them under the exit.
 */
bool insn_at_rip(struct vm *vm, struct insn *insn) MUST_CHECK;

/* The next eight bytes of code when they lie in one page, else 0. Needs ST_RIP, ST_CR, ST_CS. */
uint64_t insn_peek(struct vm *vm);

/*
 * What hardware without decode assists leaves untold of EXIT_CR and EXIT_INVLPG, when the
 * encoding is a plain one: operands and length. False: decode. (core/insn_plain.c)
 */
bool insn_plain(struct vm *vm, struct exit *exit) MUST_CHECK;

/* The length of the instruction that made this exit, or 0 when it is not there any more. */
unsigned insn_length(struct vm *vm, const struct exit *exit) MUST_CHECK;

/* Past an instruction that is done: RIP, the interrupt shadow, single-step. */
void insn_advance_slow(struct vm *vm, unsigned length);

static inline void insn_advance(struct vm *vm, unsigned length)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t rip = v->rip + length;

	/* Nearly always: no shadow, no step, no RF, no wrap at 4 GiB. */
	if (!(~v->valid & (ST_RIP | ST_SHADOW)) && !v->shadow &&
	    !(v->rflags & (RFLAGS_TF | RFLAGS_RF)) &&
	    !((rip ^ v->rip) >> 32)) {
		v->rip = rip;
		v->dirty |= ST_RIP;
		return;
	}
	insn_advance_slow(vm, length);
}

#endif
