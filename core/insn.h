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

/*
 * The bytes there, as far as they can be read: how many. Nothing is marked accessed. Needs
 * ST_RIP, ST_CR, ST_CS, ST_CPL.
 */
unsigned insn_bytes(struct vm *vm, uint8_t out[INSN_MAX]);

/* Of the code at CS: 16, 32 or 64. Needs ST_CR, ST_CS. */
static inline unsigned insn_code_bits(const struct vcpu *v)
{
	if (vcpu_code64(v))
		return 64;
	return v->seg[SEG_CS].ar & AR_DB ? 32 : 16;
}

/* Where CS:RIP is in the linear address space. Needs ST_RIP, ST_CR, ST_CS. */
static inline uint64_t insn_linear_rip(const struct vcpu *v)
{
	return vcpu_code64(v) ? v->rip :
	       (uint32_t)(v->rip + v->seg[SEG_CS].base);
}

/* The long ways to the next eight bytes of code: under shadow tables, and by the guest's own. */
uint64_t insn_peek_slow(struct vm *vm, uint64_t linear);
uint64_t insn_peek_tables(struct vm *vm, uint64_t linear);

/* The same where the guest's own tables are the hardware's. */
static inline uint64_t insn_peek_native(struct vm *vm)
{
	uint64_t linear;

	vcpu_need(&vm->vcpu, ST_RIP | ST_CS | ST_CR);
	linear = insn_linear_rip(&vm->vcpu);
	return (linear & PAGE_MASK) > PAGE_SIZE - sizeof(linear) ?
	       0 : insn_peek_tables(vm, linear);
}

/*
 * The next eight bytes of code when they lie in one page, else 0. Under shadow tables
 * all of EFER, and of CR0 and CR4 what counts here, is software's own.
 */
static inline uint64_t insn_peek(struct vm *vm)
{
	const struct code_page *known;
	uint64_t linear, code;

	if (!vm->rung->shadow)
		return insn_peek_native(vm);
	vcpu_need(&vm->vcpu, ST_RIP | ST_CS);
	linear = insn_linear_rip(&vm->vcpu);
	if ((linear & PAGE_MASK) > PAGE_SIZE - sizeof(code))
		return 0;
	/* The page of code that was looked at last. */
	known = &vm->code_page[vm->shadow.root % CODE_PAGES];
	if (known->page != linear >> PAGE_SHIFT || !known->root ||
	    known->root != vm->shadow.root ||
	    known->generation != vm->shadow.generation)
		return insn_peek_slow(vm, linear);
	__builtin_memcpy(&code, known->host + (linear & PAGE_MASK), sizeof(code));
	return code;
}

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
