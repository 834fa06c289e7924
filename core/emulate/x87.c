/*
 * The x87 instructions by which system software looks for an FPU and saves its state.
 * That stays in the CPU; all other x87 work is the hardware's.
 * SDM 2A "FINIT/FNINIT", "FSTCW/FNSTCW", "FSTSW/FNSTSW"; 2B "WAIT/FWAIT".
 */
#include "core/emulate/fx_state.h"

static bool is_register(const struct insn *insn, uint8_t opcode, unsigned reg,
			unsigned rm)
{
	return insn->opcode == opcode && insn->mod == 3 &&
	       (insn->reg & X87_REG) == reg && (insn->rm & X87_REG) == rm;
}

static bool is_memory(const struct insn *insn, uint8_t opcode, unsigned reg)
{
	return insn->opcode == opcode && insn->mod != 3 &&
	       (insn->reg & X87_REG) == reg;
}

static bool store_word(struct exec *x, enum emu_x87_word which)
{
	operand_address(x);
	return rm_store(x, sizeof(uint16_t),
			x->emu->ops->x87_word(x->emu, which));
}

bool x87_step(struct exec *x)
{
	const struct emu_ops *ops = x->emu->ops;
	const struct insn *insn = x->insn;

	if (ops->fninit && is_register(insn, OP_FNINIT, FNINIT_REG, FNINIT_RM)) {
		ops->fninit(x->emu);
		return true;
	}
	if (is_memory(insn, OP_FLDENV, X87_LOAD_REG) ||
	    is_memory(insn, OP_FRSTOR, X87_LOAD_REG))
		return x87_env_load(x, insn->opcode == OP_FRSTOR);
	if (is_memory(insn, OP_FLDENV, X87_STORE_REG) ||
	    is_memory(insn, OP_FRSTOR, X87_STORE_REG))
		return x87_env_store(x, insn->opcode == OP_FRSTOR);
	if (!ops->x87_word)
		return exec_stop(x, "x87 instruction");
	if (is_memory(insn, OP_FNSTCW, FNSTCW_REG))
		return store_word(x, EMU_X87_CONTROL);
	if (is_memory(insn, OP_FNSTSW, FNSTSW_REG))
		return store_word(x, EMU_X87_STATUS);
	if (is_register(insn, OP_FNSTSW_AX, FNSTSW_AX_REG, FNSTSW_AX_RM)) {
		reg_store(x, GPR_RAX, sizeof(uint16_t),
			  ops->x87_word(x->emu, EMU_X87_STATUS));
		return true;
	}
	return exec_stop(x, "x87 instruction");
}

/* WAIT, FWAIT: no x87 instruction, so EM does not matter, and TS only together with MP. */
bool op_wait(struct exec *x)
{
	const struct emu_ops *ops = x->emu->ops;
	const uint64_t both = CR0_MP | CR0_TS;

	if ((x->v->cr0 & both) == both)
		return exec_fault(x, VEC_NM);
	if (!ops->x87_word)
		return exec_stop(x, "x87 instruction");
	return !x87_pending(x, ops->x87_word(x->emu, EMU_X87_STATUS));
}
