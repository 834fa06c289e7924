/*
 * CMPXCHG8B and CMPXCHG16B: the only operands wider than a register.
 * SDM 2A "CMPXCHG8B/CMPXCHG16B".
 */
#include "core/emulate/exec.h"

#define ALIGN16		15u

/* Two halves of `size` bytes; both open before either is used. */
struct pair {
	struct memref	low, high;
	uint64_t	old_low, old_high;
};

static bool pair_open(struct exec *x, unsigned size, struct pair *p)
{
	uint64_t second = (x->offset + size) & width_mask(x->insn->adsize);

	return mem_open(x, x->seg, x->offset, size, ACCESS_WRITE, &p->low) &&
	       mem_open(x, x->seg, second, size, ACCESS_WRITE, &p->high);
}

/* 16 aligned bytes of guest RAM: by the host's own instruction. */
static bool host_cas16(void *at, struct pair *p, uint64_t low, uint64_t high)
{
	bool same;

	__asm__ volatile("lock cmpxchg16b %[mem]"
			 : "=@ccz" (same), "+a" (p->old_low), "+d" (p->old_high),
			   [mem] "+m" (*(unsigned __int128 *)at)
			 : "b" (low), "c" (high) : "memory");
	return same;
}

static bool exchange16(struct exec *x, struct pair *p, uint64_t low, uint64_t high)
{
	struct emu *emu = x->emu;
	uint64_t want_low = p->old_low, want_high = p->old_high;

	if (p->low.ptr[0] && !p->low.rom[0]) {
		if (emu->ops->before_write)
			emu->ops->before_write(emu, p->low.at[0], 2 * sizeof(low));
		return host_cas16(p->low.ptr[0], p, low, high);
	}
	p->old_low = ref_load(x, &p->low);
	p->old_high = ref_load(x, &p->high);
	if (p->old_low != want_low || p->old_high != want_high)
		return false;
	ref_store(x, &p->low, low);
	ref_store(x, &p->high, high);
	return true;
}

static bool cmpxchg16b(struct exec *x)
{
	uint64_t *gpr = x->v->gpr, linear;
	struct pair p = { .old_low = gpr[GPR_RAX], .old_high = gpr[GPR_RDX] };
	bool same;

	if (!seg_linear(x, x->seg, x->offset, 2 * sizeof(*gpr), ACCESS_WRITE, &linear))
		return false;
	if (linear & ALIGN16)
		return exec_gp0(x);
	if (!pair_open(x, sizeof(*gpr), &p))
		return false;
	same = exchange16(x, &p, gpr[GPR_RBX], gpr[GPR_RCX]);
	flags_put(x, RFLAGS_ZF, same);
	if (!same) {
		gpr[GPR_RAX] = p.old_low;
		gpr[GPR_RDX] = p.old_high;
	}
	return true;
}

bool op_cmpxchg8b(struct exec *x)
{
	uint64_t want = reg_load(x, GPR_RDX, 4) << 32 | reg_load(x, GPR_RAX, 4);
	uint64_t value = reg_load(x, GPR_RCX, 4) << 32 | reg_load(x, GPR_RBX, 4), old;

	if (x->width == 8)
		return cmpxchg16b(x);
	if (!mem_open(x, x->seg, x->offset, 8, ACCESS_WRITE, &x->ref))
		return false;
	do {
		old = ref_load(x, &x->ref);
	} while (!ref_cas(x, &x->ref, old, old == want ? value : old));
	flags_put(x, RFLAGS_ZF, old == want);
	if (old != want) {
		reg_store(x, GPR_RAX, 4, old);
		reg_store(x, GPR_RDX, 4, old >> 32);
	}
	return true;
}
