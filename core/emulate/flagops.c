/*
 * The system flags: PUSHF, POPF, CLI, STI with IOPL, VME and PVI.
 * SDM 3B "Interrupt and Exception Handling in Virtual-8086 Mode" 20.3,
 * "Protected-Mode Virtual Interrupts" 20.4; SDM 2B "POPF", "PUSHF".
 */
#include "core/emulate/exec.h"

#define IOPL_MAX	3u
#define FLAGS_16	BITS(15, 0)
#define POPF_USER	(RFLAGS_ARITH | RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | \
			 RFLAGS_AC | RFLAGS_ID)

static unsigned iopl(const struct exec *x)
{
	return FIELD_GET(RFLAGS_IOPL, x->v->rflags);
}

bool op_pushf(struct exec *x)
{
	uint64_t image = x->v->rflags & ~(RFLAGS_VM | RFLAGS_RF);
	uint64_t sp = x->v->gpr[GPR_RSP];

	if (exec_vm86(x) && iopl(x) < IOPL_MAX) {
		if (!(x->v->cr4 & CR4_VME) || x->width != 2)
			return exec_gp0(x);
		image = (image & ~RFLAGS_IF) | RFLAGS_IOPL |
			(image & RFLAGS_VIF ? RFLAGS_IF : 0);
	}
	if (!stack_push(x, &sp, x->width, image))
		return false;
	stack_commit(x, sp);
	return true;
}

/* Virtual-8086 mode with VME and IOPL below 3: IF of the image is VIF. */
static bool popf_vme(struct exec *x, uint64_t image)
{
	uint64_t mask = (POPF_USER & ~RFLAGS_TF) & FLAGS_16;

	if (image & RFLAGS_TF || (image & RFLAGS_IF && x->v->rflags & RFLAGS_VIP))
		return exec_gp0(x);
	x->flags = (x->flags & ~mask) | (image & mask);
	flags_put(x, RFLAGS_VIF, image & RFLAGS_IF);
	return true;
}

bool op_popf(struct exec *x)
{
	uint64_t mask = POPF_USER, sp = x->v->gpr[GPR_RSP], image;
	bool vme = exec_vm86(x) && iopl(x) < IOPL_MAX;

	if (vme && (!(x->v->cr4 & CR4_VME) || x->width != 2))
		return exec_gp0(x);
	if (!stack_pop(x, &sp, x->width, &image))
		return false;
	if (x->v->cpl == 0)
		mask |= RFLAGS_IOPL;
	if (x->v->cpl <= iopl(x))
		mask |= RFLAGS_IF;
	if (x->width == 2)
		mask &= FLAGS_16;
	if (vme) {
		if (!popf_vme(x, image))
			return false;
	} else {
		x->flags = (x->flags & ~mask) | (image & mask);
	}
	stack_commit(x, sp);
	return true;
}

/* Whether CLI and STI act on IF, on VIF, or fault. */
enum if_target { IF_REAL, IF_VIRTUAL, IF_FAULT };

static enum if_target if_target(const struct exec *x)
{
	uint64_t cr4 = x->v->cr4;

	if (x->v->cpl <= iopl(x))
		return IF_REAL;
	if (exec_vm86(x))
		return cr4 & CR4_VME ? IF_VIRTUAL : IF_FAULT;
	return x->v->cpl == 3 && cr4 & CR4_PVI ? IF_VIRTUAL : IF_FAULT;
}

bool op_cli(struct exec *x)
{
	switch (if_target(x)) {
	case IF_REAL:
		x->flags &= ~RFLAGS_IF;
		return true;
	case IF_VIRTUAL:
		x->flags &= ~RFLAGS_VIF;
		return true;
	case IF_FAULT:
		break;
	}
	return exec_gp0(x);
}

bool op_sti(struct exec *x)
{
	switch (if_target(x)) {
	case IF_REAL:
		if (!(x->flags & RFLAGS_IF))
			x->shadow = SHADOW_STI;
		x->flags |= RFLAGS_IF;
		return true;
	case IF_VIRTUAL:
		if (x->v->rflags & RFLAGS_VIP)
			return exec_gp0(x);
		x->flags |= RFLAGS_VIF;
		return true;
	case IF_FAULT:
		break;
	}
	return exec_gp0(x);
}
