/*
 * Far returns: RET far and IRET, to the same, an outer or a virtual-8086
 * level. SDM 2A "IRET/IRETD/IRETQ"; SDM 2B "RET".
 */
#include "core/emulate/descriptor.h"

#define IOPL_MAX	3u
#define FLAGS_16	BITS(15, 0)
#define FLAGS_VIRTUAL	(RFLAGS_VIF | RFLAGS_VIP)
#define IRET_FLAGS	(RFLAGS_ARITH | RFLAGS_TF | RFLAGS_DF | RFLAGS_NT | \
			 RFLAGS_RF | RFLAGS_AC | RFLAGS_ID)

bool far_return_target(struct exec *x, uint16_t sel, struct desc *d)
{
	unsigned rpl = sel & SELECTOR_RPL;

	if (sel_is_null(sel))
		return exec_gp0(x);
	if (!desc_read(x, sel, VEC_GP, d))
		return false;
	if (!desc_is_code(d) || rpl < x->v->cpl || !desc_long_valid(x, d) ||
	    (desc_is_conforming(d) ? desc_dpl(d) > rpl : desc_dpl(d) != rpl))
		return desc_fault(x, VEC_GP, sel);
	return d->ar & AR_P ? true : desc_fault(x, VEC_NP, sel);
}

/* A null SS is allowed in 64-bit code that is not at CPL 3. */
static bool return_stack(struct exec *x, uint16_t ss)
{
	unsigned cpl = x->v->cpl;

	if (sel_is_null(ss) && exec_code64(x) && cpl != 3 && (ss & SELECTOR_RPL) == cpl) {
		seg_load_null(x, SEG_SS, ss);
		return true;
	}
	return seg_load_stack(x, ss, cpl, VEC_GP);
}

bool far_return(struct exec *x, struct desc *d, uint64_t rip, bool stack,
		uint16_t ss, uint64_t sp)
{
	unsigned old = x->v->cpl;

	if (!seg_load_code(x, d, d->sel & SELECTOR_RPL))
		return false;
	if (stack && !return_stack(x, ss))
		return false;
	if (!seg_check_rip(x, rip))
		return false;
	stack_commit(x, sp);
	if (x->v->cpl > old)
		seg_drop_inner(x);
	x->next = rip;
	return true;
}

/* To the same mode without descriptors. */
static bool return_real(struct exec *x, uint64_t rip, uint16_t cs, uint64_t sp)
{
	if (exec_vm86(x))
		seg_load_vm86(x, SEG_CS, cs);
	else
		seg_load_real(x, SEG_CS, cs);
	if (!seg_check_rip(x, rip))
		return false;
	stack_commit(x, sp);
	x->next = rip;
	return true;
}

static bool ret_far_body(struct exec *x)
{
	uint64_t sp = x->v->gpr[GPR_RSP], rip, cs, ss = 0, outer;
	struct desc d;

	if (!stack_pop(x, &sp, x->width, &rip) || !stack_pop(x, &sp, x->width, &cs))
		return false;
	sp += x->insn->imm;
	if (!exec_protected(x))
		return return_real(x, rip, (uint16_t)cs, sp);
	if (!far_return_target(x, (uint16_t)cs, &d))
		return false;
	if ((cs & SELECTOR_RPL) == x->v->cpl)
		return far_return(x, &d, rip, false, 0, sp);
	if (!stack_pop(x, &sp, x->width, &outer) || !stack_pop(x, &sp, x->width, &ss))
		return false;
	return far_return(x, &d, rip, true, (uint16_t)ss, outer + x->insn->imm);
}

bool op_ret_far(struct exec *x)
{
	return exec_guarded(x, ret_far_body);
}

/* Flags that IRET takes from the image, by operand size and the old CPL. */
static void iret_flags(struct exec *x, uint64_t image, unsigned cpl)
{
	uint64_t mask = IRET_FLAGS;

	if (cpl == 0 && exec_protected(x))
		mask |= RFLAGS_IOPL | FLAGS_VIRTUAL;
	else if (!exec_vm86(x) && !exec_protected(x))
		mask |= RFLAGS_IOPL;
	if (cpl <= FIELD_GET(RFLAGS_IOPL, x->v->rflags))
		mask |= RFLAGS_IF;
	if (x->width == 2)
		mask &= FLAGS_16;
	x->flags = (x->flags & ~mask) | (image & mask);
	if (x->width == 2)
		x->flags &= ~RFLAGS_RF;
	x->keep_rf = true;
}

/* Virtual-8086 mode with IOPL below 3 and VME: as POPF does it. */
static bool iret_vme(struct exec *x, uint64_t image)
{
	uint64_t mask = (RFLAGS_ARITH | RFLAGS_DF | RFLAGS_NT) & FLAGS_16;

	if (image & RFLAGS_TF || (image & RFLAGS_IF && x->v->rflags & RFLAGS_VIP))
		return exec_gp0(x);
	x->flags = (x->flags & ~mask) | (image & mask);
	flags_put(x, RFLAGS_VIF, image & RFLAGS_IF);
	return true;
}

static bool iret_real(struct exec *x, uint64_t rip, uint16_t cs, uint64_t image, uint64_t sp)
{
	if (exec_vm86(x) && FIELD_GET(RFLAGS_IOPL, x->v->rflags) < IOPL_MAX) {
		if (!iret_vme(x, image))
			return false;
	} else {
		iret_flags(x, image, x->v->cpl);
	}
	return return_real(x, rip, cs, sp);
}

/* Into virtual-8086 mode: nine words, all six segments. */
static bool iret_to_vm86(struct exec *x, uint64_t rip, uint16_t cs, uint64_t image, uint64_t sp)
{
	static const uint8_t order[] = { SEG_SS, SEG_ES, SEG_DS, SEG_FS, SEG_GS };
	uint64_t esp, sel[ARRAY_SIZE(order)];

	if (!stack_pop(x, &sp, 4, &esp))
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		if (!stack_pop(x, &sp, 4, &sel[i]))
			return false;
	iret_flags(x, image, 0);
	x->flags |= RFLAGS_VM;
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		seg_load_vm86(x, order[i], (uint16_t)sel[i]);
	seg_load_vm86(x, SEG_CS, cs);
	x->v->cpl = 3;
	if (!seg_check_rip(x, rip & UINT16_MAX))
		return false;
	x->v->gpr[GPR_RSP] = esp;
	x->next = rip & UINT16_MAX;
	return true;
}

static bool iret_task(struct exec *x)
{
	struct task_switch ts = { .source = TASK_IRET };
	uint64_t link;

	if (vcpu_long_mode(x->v))
		return exec_gp0(x);
	if (!sys_load(x, x->v->seg[SEG_TR].base, 2, &link))
		return false;
	ts.sel = (uint16_t)link;
	return task_switch(x, &ts);
}

static bool iret_protected(struct exec *x, uint64_t rip, uint16_t cs, uint64_t image,
			   uint64_t sp)
{
	unsigned old = x->v->cpl;
	bool stack = exec_code64(x) || (cs & SELECTOR_RPL) != old;
	uint64_t outer = sp, ss = 0;
	struct desc d;

	if (image & RFLAGS_VM && old == 0 && x->width == 4 && !vcpu_long_mode(x->v))
		return iret_to_vm86(x, rip, cs, image, sp);
	if (!far_return_target(x, cs, &d))
		return false;
	if (stack && (!stack_pop(x, &sp, x->width, &outer) ||
		      !stack_pop(x, &sp, x->width, &ss)))
		return false;
	iret_flags(x, image, old);
	return far_return(x, &d, rip, stack, (uint16_t)ss, outer);
}

static bool iret_body(struct exec *x)
{
	uint64_t sp = x->v->gpr[GPR_RSP], rip, cs, image;

	if (exec_vm86(x) && FIELD_GET(RFLAGS_IOPL, x->v->rflags) < IOPL_MAX &&
	    (!(x->v->cr4 & CR4_VME) || x->width != 2))
		return exec_gp0(x);
	if (exec_protected(x) && x->v->rflags & RFLAGS_NT)
		return iret_task(x);
	if (!stack_pop(x, &sp, x->width, &rip) || !stack_pop(x, &sp, x->width, &cs) ||
	    !stack_pop(x, &sp, x->width, &image))
		return false;
	if (!exec_protected(x))
		return iret_real(x, rip, (uint16_t)cs, image, sp);
	return iret_protected(x, rip, (uint16_t)cs, image, sp);
}

bool op_iret(struct exec *x)
{
	if (!exec_guarded(x, iret_body))
		return false;
	if (x->v->shadow & SHADOW_NMI) {	/* NMIs are open again */
		x->v->shadow &= (uint8_t)~SHADOW_NMI;
		vcpu_touch(x->v, ST_SHADOW);
	}
	return true;
}
