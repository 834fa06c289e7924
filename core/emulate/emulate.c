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

static inline void begin(struct exec *x, struct emu *emu)
{
	x->emu = emu;
	x->v = emu->vcpu;
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
	begin(x, emu);
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

/*
 * The faults that come before an extension's own work: its state is switched off,
 * or another task's. SDM 3A "Checking for SSE/SSE2/SSE3/SSSE3/SSE4 Extension
 * Support" 13.1.3 and table 2-3 of 2.5. True: a fault was raised.
 */
bool exec_unit_faults(struct exec *x, enum vector_kind kind)
{
	uint64_t cr0 = x->v->cr0, cr4 = x->v->cr4;

	switch (kind) {
	case VECTOR_X87:
		if (cr0 & (CR0_EM | CR0_TS))
			return !exec_fault(x, VEC_NM);
		return false;
	case VECTOR_OTHER:
		/* VEX, EVEX and XOP forms need the OS's word for XSAVE. */
		if (!(cr4 & CR4_OSXSAVE))
			return !exec_ud(x);
		return false;
	case VECTOR_SSE:
		if (!(cr4 & CR4_OSFXSR))
			return !exec_ud(x);
		break;
	default:
		break;
	}
	if (cr0 & CR0_EM)
		return !exec_ud(x);
	return (cr0 & CR0_TS) && !exec_fault(x, VEC_NM);
}

/* What this emulator does not carry out, by name. True: it was done after all. */
static bool refuse(struct exec *x)
{
	enum vector_kind kind = insn_vector_kind(x->insn);

	/* INVEPT, INVVPID, INVPCID: this CPU has none of them. */
	if (x->insn->map == MAP_0F38 && x->insn->opcode >= OP_38_INVEPT &&
	    x->insn->opcode <= OP_38_INVPCID)
		return exec_ud(x);
	/* With a prefix they are SSE2, on XMM registers. */
	if (kind == VECTOR_MMX && x->insn->prefixes & (PFX_OPSIZE | PFX_REP | PFX_REPNE))
		kind = VECTOR_SSE;
	if (kind != VECTOR_NONE && exec_unit_faults(x, kind))
		return false;
	switch (kind) {
	case VECTOR_X87:
		return x87_step(x);
	case VECTOR_MMX:
		return exec_stop(x, "MMX instruction");
	case VECTOR_SSE:
		return sse_step(x);
	case VECTOR_3DNOW:
		return exec_stop(x, "3DNow! instruction");
	case VECTOR_OTHER:
		return exec_stop(x, x->insn->map == MAP_EVEX ? "AVX-512 instruction" :
				 x->insn->map == MAP_XOP ? "XOP instruction" :
				 "AVX instruction");
	case VECTOR_NONE:
		break;
	}
	return exec_stop(x, "instruction of an unsupported extension");
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
static void commit(struct exec *x)
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

/* Breakpoints are on. A tail call, so that all others pay two instructions. */
static __attribute__((noinline)) enum emu_status step_watched(struct emu *emu)
{
	enum emu_status status;

	if (debug_code(emu))
		return EMU_FAULT;
	emu->resumed = true;
	status = emu_step(emu);
	emu->resumed = false;
	return status;
}

/* MOV between a register and memory by DS, SS or CS uses no more than emu->partial leaves. */
static inline bool partial_does(const struct exec *x)
{
	return x->op && x->op->fn == op_mov &&
	       (x->insn->seg == INSN_NO_SEG || x->insn->seg == SEG_DS);
}

enum emu_status emu_step(struct emu *emu)
{
	struct exec x;

	if (breakpoint_armed(emu->vcpu) && !emu->resumed)
		return step_watched(emu);
	begin(&x, emu);
	if (!fetch(&x))
		return x.status;
	if (emu->partial && !partial_does(&x))
		emu->ops->need(emu, EMU_LATE);
	x.next = x.v->rip + x.insn->length;
	if (x.bits != 64)
		x.next = (uint32_t)x.next;
	if (!x.op) {
		if (refuse(&x))
			commit(&x);
		return x.status;
	}
	if (!admitted(&x) || !operand_run(&x))
		return x.status;
	commit(&x);
	return x.status;
}
