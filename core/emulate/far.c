/*
 * Far jumps, calls and returns, call gates included. Must not know interrupts.
 * SDM 2A "CALL", "JMP"; 2B "RET"; SDM 3A "Call Gates" 5.8.3.
 */
#include "core/emulate/descriptor.h"

#define PARAMETERS_MAX	31u

/* In all of these x->src is the selector and x->dst the offset. */

static bool push_return(struct exec *x, uint64_t *sp, unsigned size, uint16_t cs)
{
	return stack_push(x, sp, size, cs) && stack_push(x, sp, size, x->next);
}

/* The limit stays as it is, so that it can be held to before anything changes. */
static bool far_real(struct exec *x, bool call)
{
	uint64_t sp = x->v->gpr[GPR_RSP];

	if (call && !push_return(x, &sp, x->width, x->v->seg[SEG_CS].sel))
		return false;
	if (!seg_check_rip(x, x->dst))
		return false;
	if (exec_vm86(x))
		seg_load_vm86(x, SEG_CS, (uint16_t)x->src);
	else
		seg_load_real(x, SEG_CS, (uint16_t)x->src);
	if (call)
		stack_commit(x, sp);
	x->next = x->dst;
	return true;
}

/* Straight to a code segment: no change of privilege. */
static bool far_code(struct exec *x, struct desc *d, bool call)
{
	unsigned cpl = x->v->cpl;
	uint16_t old = x->v->seg[SEG_CS].sel;
	uint64_t sp = x->v->gpr[GPR_RSP];

	if (desc_is_conforming(d) ? desc_dpl(d) > cpl :
	    desc_dpl(d) != cpl || (d->sel & SELECTOR_RPL) > cpl)
		return desc_fault(x, VEC_GP, d->sel);
	if (!(d->ar & AR_P))
		return desc_fault(x, VEC_NP, d->sel);
	if (!desc_long_valid(x, d))
		return desc_fault(x, VEC_GP, d->sel);
	if (call && !push_return(x, &sp, x->width, old))
		return false;
	if (call)
		stack_commit(x, sp);
	if (!seg_load_code(x, d, cpl) || !seg_check_rip(x, x->dst))
		return false;
	x->next = x->dst;
	return true;
}

/* SS:rSP of an inner level. SDM 3A "Stack Switching" 5.8.5. */
bool tss_stack(struct exec *x, unsigned cpl, uint16_t *ss, uint64_t *sp)
{
	const struct vcpu_seg *tr = &x->v->seg[SEG_TR];
	bool wide = tr->ar & SYS_32, is_long = vcpu_long_mode(x->v);
	unsigned size = is_long ? 8 : wide ? 4 : 2;
	unsigned at = wide ? 4 + 8 * cpl : 2 + 4 * cpl;
	uint64_t sel = cpl;

	if (at + size + (is_long ? 0 : 2) - 1 > tr->limit)
		return desc_fault(x, VEC_TS, tr->sel);
	if (!sys_load(x, tr->base + at, size, sp) ||
	    (!is_long && !sys_load(x, tr->base + at + size, 2, &sel)))
		return false;
	*ss = (uint16_t)sel;
	return true;
}

bool stack_switch(struct exec *x, struct desc *cs, uint16_t ss, uint64_t sp)
{
	unsigned cpl = desc_dpl(cs);

	if (!seg_load_code(x, cs, cpl))
		return false;
	if (vcpu_long_mode(x->v))
		seg_load_null(x, SEG_SS, (uint16_t)cpl);
	else if (!seg_load_stack(x, ss, cpl, VEC_TS))
		return false;
	x->stack_error = ss & SELECTOR_ERROR;
	x->v->gpr[GPR_RSP] = sp;
	return true;
}

/* A call gate to more privilege: new stack, old stack pointer, parameters, return. */
static bool gate_inner(struct exec *x, const struct desc *gate, struct desc *cs, unsigned size)
{
	unsigned count = size == 8 ? 0 : FIELD_GET(GATE_COUNT, gate->low);
	uint16_t old_cs = x->v->seg[SEG_CS].sel, old_ss = x->v->seg[SEG_SS].sel, ss;
	uint64_t old_sp = x->v->gpr[GPR_RSP], from = old_sp, sp, parameter[PARAMETERS_MAX];

	for (unsigned i = 0; i < count; i++)
		if (!stack_pop(x, &from, size, &parameter[i]))
			return false;
	if (!tss_stack(x, desc_dpl(cs), &ss, &sp) || !stack_switch(x, cs, ss, sp) ||
	    !stack_push(x, &sp, size, old_ss) || !stack_push(x, &sp, size, old_sp))
		return false;
	while (count-- > 0)
		if (!stack_push(x, &sp, size, parameter[count]))
			return false;
	if (!push_return(x, &sp, size, old_cs))
		return false;
	stack_commit(x, sp);
	return true;
}

static bool gate_same(struct exec *x, struct desc *cs, unsigned size, bool call)
{
	uint16_t old_cs = x->v->seg[SEG_CS].sel;
	uint64_t sp = x->v->gpr[GPR_RSP];

	if (!seg_load_code(x, cs, x->v->cpl))
		return false;
	if (!call)
		return true;
	if (!push_return(x, &sp, size, old_cs))
		return false;
	stack_commit(x, sp);
	return true;
}

/* The code segment that a call gate names. */
static bool gate_target(struct exec *x, const struct desc *gate, bool call, struct desc *cs)
{
	uint16_t sel = FIELD_GET(GATE_SELECTOR, gate->low);
	unsigned cpl = x->v->cpl;
	bool is_long = vcpu_long_mode(x->v);

	if (sel_is_null(sel))
		return exec_gp0(x);
	if (!desc_read(x, sel, VEC_GP, cs))
		return false;
	if (!desc_is_code(cs) || desc_dpl(cs) > cpl ||
	    (!call && !desc_is_conforming(cs) && desc_dpl(cs) != cpl) ||
	    (is_long && (cs->ar & (AR_L | AR_DB)) != AR_L))
		return desc_fault(x, VEC_GP, sel);
	return cs->ar & AR_P ? true : desc_fault(x, VEC_NP, sel);
}

static bool far_gate(struct exec *x, struct desc *gate, bool call)
{
	bool is_long = vcpu_long_mode(x->v), wide = desc_type(gate) & SYS_32, ok;
	unsigned size = is_long ? 8 : wide ? 4 : 2;
	uint64_t offset;
	struct desc cs;

	if (is_long && !desc_read_high(x, VEC_GP, gate))
		return false;
	if (!gate_target(x, gate, call, &cs))
		return false;
	offset = FIELD_GET(GATE_OFFSET_LOW, gate->low);
	if (wide)
		offset |= FIELD_GET(GATE_OFFSET_MID, gate->low) << 16;
	offset |= gate->high << 32;
	if (call && !desc_is_conforming(&cs) && desc_dpl(&cs) < x->v->cpl)
		ok = gate_inner(x, gate, &cs, size);
	else
		ok = gate_same(x, &cs, size, call);
	if (!ok || !seg_check_rip(x, offset))
		return false;
	x->next = offset;
	return true;
}

static bool far_task(struct exec *x, uint16_t sel, bool call)
{
	const struct task_switch ts = { .sel = sel, .source = call ? TASK_CALL : TASK_JMP };

	return task_switch(x, &ts);
}

static bool far_system(struct exec *x, struct desc *d, bool call)
{
	unsigned type = desc_type(d), dpl = desc_dpl(d);
	bool is_long = vcpu_long_mode(x->v);
	bool gate = type == SYS_CALL32 || (type == SYS_CALL16 && !is_long);
	bool task = type == SYS_TSS16 || type == SYS_TSS32;

	if (!gate && (is_long || (!task && type != SYS_TASK)))
		return desc_fault(x, VEC_GP, d->sel);
	if (dpl < x->v->cpl || dpl < (d->sel & SELECTOR_RPL))
		return desc_fault(x, VEC_GP, d->sel);
	if (!(d->ar & AR_P))
		return desc_fault(x, VEC_NP, d->sel);
	if (gate)
		return far_gate(x, d, call);
	return far_task(x, task ? d->sel : FIELD_GET(GATE_SELECTOR, d->low), call);
}

static bool far_protected(struct exec *x, bool call)
{
	uint16_t sel = (uint16_t)x->src;
	struct desc d;

	if (sel_is_null(sel))
		return exec_gp0(x);
	if (!desc_read(x, sel, VEC_GP, &d))
		return false;
	if (!(d.ar & AR_S))
		return far_system(x, &d, call);
	return desc_is_code(&d) ? far_code(x, &d, call) : desc_fault(x, VEC_GP, sel);
}

static bool far_jmp_body(struct exec *x)
{
	return far_protected(x, false);
}

static bool far_call_body(struct exec *x)
{
	return far_protected(x, true);
}

static bool far_jmp(struct exec *x)
{
	return exec_protected(x) ? exec_guarded(x, far_jmp_body) : far_real(x, false);
}

static bool far_call(struct exec *x)
{
	return exec_protected(x) ? exec_guarded(x, far_call_body) : far_real(x, true);
}

static bool far_pointer(struct exec *x)
{
	uint64_t at = (x->offset + x->width) & width_mask(x->insn->adsize);

	return mem_load(x, x->seg, x->offset, x->width, &x->dst) &&
	       mem_load(x, x->seg, at, 2, &x->src);
}

static void far_immediate(struct exec *x)
{
	x->dst = x->insn->imm;
	x->src = x->insn->imm2;
}

bool op_jmp_far(struct exec *x)
{
	far_immediate(x);
	return far_jmp(x);
}

bool op_call_far(struct exec *x)
{
	far_immediate(x);
	return far_call(x);
}

bool op_jmp_far_rm(struct exec *x)
{
	return far_pointer(x) && far_jmp(x);
}

bool op_call_far_rm(struct exec *x)
{
	return far_pointer(x) && far_call(x);
}
