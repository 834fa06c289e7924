/*
 * Instruction fetch: bytes at CS:RIP through limit and paging, and no further
 * than the instruction goes. Must not know instructions.
 */
#include <string.h>

#include "core/emulate/exec.h"

#define CHUNK	8u	/* bytes a device answers at once */

/* The bytes of one page; `bytes` has room for INSN_MAX + 1. */
static bool fetch_part(struct exec *x, uint64_t linear, unsigned size, uint8_t *bytes)
{
	struct memref ref;
	unsigned access = ACCESS_FETCH | (x->v->cpl == 3 ? ACCESS_USER : 0);
	bool align = x->align, ok;

	if (!(x->mode.cr0 & CR0_PG) && size == INSN_MAX) {	/* the short way */
		const uint8_t *at = guest_mem_ptr(x->emu->mem, gpa(linear), size, false);

		if (at) {
			__builtin_memcpy(bytes, at, CHUNK);
			__builtin_memcpy(bytes + INSN_MAX - CHUNK, at + INSN_MAX - CHUNK, CHUNK);
			return true;
		}
	}
	x->align = false;
	ok = lin_open(x, linear, size, access, &ref);
	x->align = align;
	if (!ok)
		return false;
	if (ref.ptr[0] && size == INSN_MAX) {
		__builtin_memcpy(bytes, ref.ptr[0], CHUNK);
		__builtin_memcpy(bytes + INSN_MAX - CHUNK, ref.ptr[0] + INSN_MAX - CHUNK, CHUNK);
	} else if (ref.ptr[0]) {
		__builtin_memcpy(bytes, ref.ptr[0], size);
	} else {
		for (unsigned i = 0; i < size; i += CHUNK)
			x->emu->ops->mmio(x->emu, gpa(ref.at[0].v + i), bytes + i,
					  size - i < CHUNK ? size - i : CHUNK, false);
	}
	return true;
}

static bool undecodable(struct exec *x, enum decode_result result)
{
	return result == DECODE_INVALID ? exec_ud(x) : exec_gp0(x);
}

bool fetch(struct exec *x)
{
	const struct vcpu_seg *cs = &x->v->seg[SEG_CS];
	uint64_t rip = x->v->rip, linear = rip;
	unsigned size = INSN_MAX, first;
	uint8_t bytes[INSN_MAX + 1];
	enum decode_result result;

	if (x->bits != 64) {
		if (rip > cs->limit)
			return exec_gp0(x);
		if (cs->limit - rip < size)
			size = cs->limit - rip + 1;
		linear = (uint32_t)(cs->base + rip);
	} else if (!seg_canonical(x, rip)) {
		return exec_gp0(x);
	}
	first = PAGE_SIZE - (linear & PAGE_MASK);
	if (first > size)
		first = size;
	if (!fetch_part(x, linear, first, bytes))
		return false;
	result = insn_decode(bytes, first, x->bits, x->insn);
	if (result == DECODE_OK)
		return true;
	if (result != DECODE_SHORT || first == size)
		return undecodable(x, result);
	linear += first;
	if (x->bits != 64)
		linear = (uint32_t)linear;
	else if (!seg_canonical(x, linear))
		return exec_gp0(x);
	if (!fetch_part(x, linear, size - first, bytes + first))
		return false;
	result = insn_decode(bytes, size, x->bits, x->insn);
	return result == DECODE_OK ? true : undecodable(x, result);
}
