/*
 * One guest instruction from fetch to commit. Knows the order of the steps and
 * the rules common to all instructions; must not know any single one.
 */
#include "core/emulate/exec.h"

void exec_refresh(struct exec *x)
{
	struct vcpu *v = x->v;

	x->bits = vcpu_code64(v) ? 64 : v->seg[SEG_CS].ar & AR_DB ? 32 : 16;
	x->protect = v->cr0 & CR0_PE && !(v->rflags & RFLAGS_VM);
	x->align = v->cpl == 3 && v->cr0 & CR0_AM && v->rflags & RFLAGS_AC;
	x->mode.cr0 = v->cr0;
	x->mode.cr3 = v->cr3;
	x->mode.cr4 = v->cr4;
	x->mode.efer = v->efer;
	if (v->cr0 & CR0_PG && v->cr4 & CR4_PAE)
		for (unsigned i = 0; i < ARRAY_SIZE(v->pdpte); i++)
			x->mode.pdpte[i] = v->pdpte[i];
	x->mode.rflags_ac = v->rflags & RFLAGS_AC;
}

void exec_begin(struct exec *x, struct emu *emu)
{
	x->emu = emu;
	x->v = emu->vcpu;
	x->insn = &emu->insn;
	x->op = NULL;
	x->flags = x->v->rflags;
	x->next = x->v->rip;
	x->shadow = 0;
	x->status = EMU_OK;
	x->write_g = x->write_a = x->keep_rf = x->no_trap = false;
	x->external = x->switched = false;
	x->stack_error = 0;
	x->mode.pkru = emu->pkru;
	x->mode.maxphyaddr = emu->maxphyaddr;
	x->mode.pse36 = emu->pse36;
	x->mode.page1g = emu->page1g;
	x->mode.nx = emu->nx;
	exec_refresh(x);
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
	x->status = EMU_STOP;
	return false;
}

/* What this emulator does not carry out, by name. */
static bool refuse(struct exec *x)
{
	switch (insn_vector_kind(x->insn)) {
	case VECTOR_X87:
		return exec_stop(x, "x87 instruction");
	case VECTOR_MMX:
		return exec_stop(x, x->insn->prefixes & (PFX_OPSIZE | PFX_REP | PFX_REPNE) ?
				 "SSE instruction" : "MMX instruction");
	case VECTOR_SSE:
		return exec_stop(x, "SSE instruction");
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

static uint8_t operand_width(const struct exec *x)
{
	switch ((enum width)x->op->width) {
	case WIDTH_B:
		return 1;
	case WIDTH_W:
		return 2;
	case WIDTH_Y:
		return x->insn->rex & REX_W ? 8 : 4;
	case WIDTH_L:
		return exec_code64(x) ? 8 : 4;
	case WIDTH_N:
	case WIDTH_V:
	case WIDTH_P:
	case WIDTH_F:
		break;
	}
	return x->insn->opsize;
}

/* The rules that the instruction's row states. */
static bool admitted(struct exec *x)
{
	if (x->op->modes == MODES_PROT && !x->protect)
		return exec_ud(x);
	if (x->op->privilege == PRIV_CPL0 && x->v->cpl != 0)
		return exec_gp0(x);
	return true;
}

/* The instruction is done: RIP, RFLAGS, shadow, and the single-step trap. */
static void commit(struct exec *x)
{
	struct vcpu *v = x->v;
	bool stepping = v->rflags & RFLAGS_TF;

	if (!x->keep_rf)
		x->flags &= ~RFLAGS_RF;
	v->rip = x->next;
	v->rflags = x->flags;
	v->dirty |= ST_RIP;
	if (x->shadow | (v->shadow & (SHADOW_STI | SHADOW_MOV_SS))) {
		v->shadow = (v->shadow & SHADOW_NMI) | x->shadow;
		v->dirty |= ST_SHADOW;
	}
	/* SDM 3B "Single-Step Exception Condition" 17.3.1.4: a trap, held off by MOV SS. */
	if (stepping && !x->no_trap && !(x->shadow & SHADOW_MOV_SS)) {
		v->dr6 |= DR6_BS;
		v->pending = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_DB };
		vcpu_touch(v, ST_DR);
	}
}

enum emu_status emu_step(struct emu *emu)
{
	struct exec x;

	exec_begin(&x, emu);
	if (!fetch(&x))
		return x.status;
	x.op = op_find(x.insn);
	x.next = x.v->rip + x.insn->length;
	if (x.bits != 64)
		x.next = (uint32_t)x.next;
	if (!x.op || !x.op->fn) {
		refuse(&x);
		return x.status;
	}
	x.width = operand_width(&x);
	if (!admitted(&x) || !operand_run(&x))
		return x.status;
	commit(&x);
	return x.status;
}
