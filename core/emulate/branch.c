/* Near jumps and loops. Knows no stack and no other code segment. */
#include "core/emulate/exec.h"

static bool jump(struct exec *x, uint64_t target)
{
	if (!seg_check_rip(x, target))
		return false;
	x->next = target;
	return true;
}

static bool jump_relative(struct exec *x)
{
	uint64_t by = width_sign(x->insn->imm, x->insn->imm_size);

	return jump(x, (x->next + by) & width_mask(x->width));
}

bool op_jmp(struct exec *x)
{
	return jump_relative(x);
}

bool op_jmp_near_rm(struct exec *x)
{
	return jump(x, x->dst);
}

bool op_jcc(struct exec *x)
{
	return flags_condition(x, x->insn->opcode) ? jump_relative(x) : true;
}

/* LOOPNE, LOOPE, LOOP: opcodes E0, E1, E2; the count is by address size. */
bool op_loop(struct exec *x)
{
	unsigned size = x->insn->adsize, kind = x->insn->opcode & 3;
	uint64_t count = (reg_load(x, GPR_RCX, size) - 1) & width_mask(size);
	bool zero = x->v->rflags & RFLAGS_ZF;

	if (count && (kind == 2 || zero == (kind == 1)) && !jump_relative(x))
		return false;
	reg_store(x, GPR_RCX, size, count);
	return true;
}

bool op_jcxz(struct exec *x)
{
	return reg_load(x, GPR_RCX, x->insn->adsize) ? true : jump_relative(x);
}
