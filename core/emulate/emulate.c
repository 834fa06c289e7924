/*
 * One guest instruction from fetch to commit. Knows the order of the steps and
 * the rules common to all instructions; must not know any single one.
 */
#include "core/emulate/debug.h"

static inline void refresh(struct exec *x)
{
	const struct vcpu *v = x->v;

	x->bits = vcpu_code64(v) ? 64 : v->seg[SEG_CS].ar & AR_DB ? 32 : 16;
}

void exec_refresh(struct exec *x)
{
	refresh(x);
}

/* x->emu and x->v are set. */
static inline void begin(struct exec *x)
{
	x->flags = x->v->rflags;
	x->shadow = 0;
	x->status = EMU_OK;
	x->write_g = x->write_a = x->keep_rf = x->no_trap = false;
	x->switched = x->external = false;
	x->stack_error = 0;
	x->hits = 0;
	refresh(x);
}

void exec_begin(struct exec *x, struct emu *emu)
{
	x->emu = emu;
	x->v = emu->vcpu;
	begin(x);
	x->insn = NULL;
	x->op = NULL;
	x->next = x->v->rip;
}

static bool raise(struct exec *x, uint8_t vector, bool has_error, uint32_t error)
{
	/* Real mode pushes no error codes. */
	x->emu->fault = (struct event){
		.kind = EVENT_EXCEPTION, .vector = vector, .error = error,
		.has_error = has_error && x->v->cr0 & CR0_PE,
	};
	x->status = EMU_FAULT;
	return false;
}

bool exec_fault(struct exec *x, uint8_t vector)
{
	return raise(x, vector, false, 0);
}

bool exec_fault_error(struct exec *x, uint8_t vector, uint32_t error)
{
	return raise(x, vector, true, error | (x->external ? ERROR_EXT : 0));
}

bool exec_fault_given(struct exec *x)
{
	x->status = EMU_FAULT;
	return false;
}

bool exec_stop(struct exec *x, const char *why)
{
	x->emu->why = why;
	x->emu->insn = x->insn;
	x->status = EMU_STOP;
	return false;
}

/* The rules that the instruction's row states. */
static bool admitted(struct exec *x)
{
	if (x->op->modes == MODES_PROT && !exec_protected(x))
		return exec_ud(x);
	if (x->op->privilege == PRIV_CPL0 && x->v->cpl != 0)
		return exec_gp0(x);
	return true;
}

/* The instruction is done: RIP, RFLAGS, shadow, and the traps. */
static inline __attribute__((always_inline)) void commit(struct exec *x)
{
	struct vcpu *v = x->v;
	bool stepping = v->rflags & RFLAGS_TF;

	if (!x->keep_rf)
		x->flags &= ~RFLAGS_RF;
	v->rip = x->next;
	v->rflags = x->flags;
	v->dirty |= ST_RIP;
	if (x->hits | x->shadow | (v->shadow & (SHADOW_STI | SHADOW_MOV_SS))) {
		debug_trap(x);
		v->shadow = (v->shadow & SHADOW_NMI) | x->shadow;
		v->dirty |= ST_SHADOW;
	}
	/* SDM 3B "Single-Step Exception Condition" 17.3.1.4: a trap, held off by MOV SS. */
	if (stepping && !x->no_trap && !(x->shadow & SHADOW_MOV_SS)) {
		v->dr6 = (v->dr6 & ~DR6_B) | x->hits | DR6_BS;
		v->pending = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_DB };
		vcpu_touch(v, ST_DR);
	}
}

/* MOV between a register and memory by DS, SS or CS uses no more than emu->partial leaves. */
static inline bool partial_does(const struct exec *x)
{
	return x->op && x->op->fn == op_mov &&
	       (x->insn->seg == INSN_NO_SEG || x->insn->seg == SEG_DS);
}

/* Up to where it is done but for RIP and the like; false: it has faulted, or stopped. */
static inline bool carry_out(struct exec *x)
{
	struct emu *emu = x->emu;

	if (!fetch(x))
		return false;
	if (emu->partial && !partial_does(x))
		emu->ops->need(emu, EMU_LATE);
	x->next = x->v->rip + x->insn->length;
	if (x->bits != 64)
		x->next = (uint32_t)x->next;
	if (x->plain)
		return operand_run_registers(x);
	if (!x->op)
		return exec_refuse(x);
	return admitted(x) && operand_run(x);
}

/* Is that all, for this call? */
static inline __attribute__((always_inline))
bool done(struct emu *emu, const struct vcpu *v, uint8_t status, struct emu_stretch *stretch)
{
	if (v->dirty & stretch->watch && stretch->enough(emu, stretch))
		return true;
	return stretch->done >= stretch->most || status != EMU_OK || v->pending.kind ||
	       emu->leave;
}

enum emu_status emu_run(struct emu *emu, struct emu_stretch *stretch)
{
	struct vcpu *v = emu->vcpu;
	struct exec x;

	emu->leave = false;
	x.emu = emu;
	x.v = v;
	do {
		if (breakpoint_armed(v) && !emu->resumed && debug_code(emu))
			return EMU_FAULT;
		if (stretch)
			stretch->done++;
		begin(&x);
		if (!carry_out(&x))
			break;
		commit(&x);
	} while (stretch && !done(emu, v, x.status, stretch));
	return x.status;
}
