/*
 * Instructions that have no row of their own: of extensions, most of them not carried out.
 * Must not know those that have one.
 */
#include "core/emulate/exec.h"

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

bool exec_refuse(struct exec *x)
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
