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

/* x->emu, x->v and x->bits are set. */
static inline void begin(struct exec *x, const struct vcpu *v)
{
	x->flags = v->rflags;
	x->fresh[0] = x->fresh[1] = 0;
}

void exec_begin(struct exec *x, struct emu *emu)
{
	x->emu = emu;
	x->v = emu->vcpu;
	refresh(x);
	begin(x, x->v);
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
static inline __attribute__((always_inline)) void commit(struct exec *x, struct vcpu *v)
{
	bool stepping = v->rflags & RFLAGS_TF;

	v->rip = x->next;
	v->rflags = x->keep_rf ? x->flags : x->flags & ~RFLAGS_RF;
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
static inline bool carry_out(struct exec *x, struct emu *emu, const struct vcpu *v)
{
	const struct emu_line *line = fetch(x, emu, v);
	uint64_t next;

	if (!line)
		return false;
	if (emu->partial && !partial_does(x))
		emu->ops->need(emu, EMU_LATE);
	next = v->rip + line->insn.length;
	x->next = x->bits != 64 ? (uint32_t)next : next;
	if (line->plain)
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
	emu_lines(emu);
	x.emu = emu;
	x.v = v;
	refresh(&x);
	do {
		if (breakpoint_armed(v) && !emu->resumed && debug_code(emu))
			return EMU_FAULT;
		if (stretch)
			stretch->done++;
		begin(&x, v);
		if (!carry_out(&x, emu, v))
			break;
		commit(&x, v);
		/* What changes CS, or the mode, says so. */
		if (v->dirty & (ST_CS | ST_CR))
			refresh(&x);
	} while (stretch && !done(emu, v, x.status, stretch));
	return x.status;
}
