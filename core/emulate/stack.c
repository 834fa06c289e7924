/*
 * The stack: pushes, pops and frames. The width of the stack pointer is the
 * stack segment's, not the operand's. SDM 1 "Stack Behavior in 64-Bit Mode" 6.2.
 */
#include "core/emulate/exec.h"

#define LEVEL_MASK	31u

unsigned stack_width(const struct exec *x)
{
	if (exec_code64(x))
		return 8;
	return x->v->seg[SEG_SS].ar & AR_DB ? 4 : 2;
}

static uint64_t stack_pointer(const struct exec *x)
{
	return x->v->gpr[GPR_RSP] & width_mask(stack_width(x));
}

bool stack_push(struct exec *x, uint64_t *sp, unsigned size, uint64_t value)
{
	uint64_t to = (*sp - size) & width_mask(stack_width(x));

	if (!mem_store(x, SEG_SS, to, size, value))
		return false;
	*sp = to;
	return true;
}

bool stack_pop(struct exec *x, uint64_t *sp, unsigned size, uint64_t *value)
{
	if (!mem_load(x, SEG_SS, *sp & width_mask(stack_width(x)), size, value))
		return false;
	*sp = (*sp + size) & width_mask(stack_width(x));
	return true;
}

void stack_commit(struct exec *x, uint64_t sp)
{
	reg_store(x, GPR_RSP, stack_width(x), sp);
}

static bool push(struct exec *x, uint64_t value)
{
	uint64_t sp = stack_pointer(x);

	if (!stack_push(x, &sp, x->width, value))
		return false;
	stack_commit(x, sp);
	return true;
}

bool op_push(struct exec *x)
{
	return push(x, x->dst);
}

bool op_pop_reg(struct exec *x)
{
	unsigned reg = (x->insn->opcode & 7) | (x->insn->rex & REX_B ? 8 : 0);
	uint64_t sp = stack_pointer(x), value;

	if (!stack_pop(x, &sp, x->width, &value))
		return false;
	stack_commit(x, sp);
	reg_store(x, reg, x->width, value);
	return true;
}

/* An address by RSP is computed after the pop has moved it. */
bool op_pop_rm(struct exec *x)
{
	uint64_t old = x->v->gpr[GPR_RSP], sp = stack_pointer(x), value;

	if (!stack_pop(x, &sp, x->width, &value))
		return false;
	stack_commit(x, sp);
	if (x->insn->mod != 3)
		operand_address(x);
	if (!rm_store(x, x->width, value)) {
		x->v->gpr[GPR_RSP] = old;
		return false;
	}
	return true;
}

/* PUSHA: eight registers, RSP as it was before the first. */
bool op_pusha(struct exec *x)
{
	uint64_t sp = stack_pointer(x);

	for (unsigned reg = 0; reg < 8; reg++)
		if (!stack_push(x, &sp, x->width, x->v->gpr[reg]))
			return false;
	stack_commit(x, sp);
	return true;
}

bool op_popa(struct exec *x)
{
	uint64_t sp = stack_pointer(x), value[8];

	for (unsigned reg = 8; reg-- > 0;)
		if (!stack_pop(x, &sp, x->width, &value[reg]))
			return false;
	for (unsigned reg = 0; reg < 8; reg++)
		if (reg != GPR_RSP)
			reg_store(x, reg, x->width, value[reg]);
	stack_commit(x, sp);
	return true;
}

/* The frame pointers of outer procedures, copied from the old frame. */
static bool enter_levels(struct exec *x, unsigned level, uint64_t frame, uint64_t *sp)
{
	uint64_t bp = x->v->gpr[GPR_RBP], value;

	for (unsigned i = 1; i < level; i++) {
		bp = (bp - x->width) & width_mask(stack_width(x));
		if (!mem_load(x, SEG_SS, bp, x->width, &value) ||
		    !stack_push(x, sp, x->width, value))
			return false;
	}
	return stack_push(x, sp, x->width, frame);
}

/* SDM 2A "ENTER" */
bool op_enter(struct exec *x)
{
	unsigned level = x->insn->imm2 & LEVEL_MASK;
	uint64_t sp = stack_pointer(x), frame;
	struct memref ref;

	if (!stack_push(x, &sp, x->width, x->v->gpr[GPR_RBP]))
		return false;
	/* The frame pointer is all of ESP, though only SP may have moved. */
	frame = width_merge(x->v->gpr[GPR_RSP], sp, stack_width(x));
	if (level && !enter_levels(x, level, frame, &sp))
		return false;
	sp = (sp - x->insn->imm) & width_mask(stack_width(x));
	/* "A write to the final stack pointer's address" must be possible. */
	if (!mem_open(x, SEG_SS, sp, x->width, ACCESS_WRITE, &ref))
		return false;
	reg_store(x, GPR_RBP, stack_width(x), frame);
	stack_commit(x, sp);
	return true;
}

bool op_leave(struct exec *x)
{
	uint64_t sp = x->v->gpr[GPR_RBP] & width_mask(stack_width(x)), value;

	if (!stack_pop(x, &sp, x->width, &value))
		return false;
	stack_commit(x, sp);
	reg_store(x, GPR_RBP, x->width, value);
	return true;
}

bool op_call_near_rm(struct exec *x)
{
	uint64_t target = x->dst;

	if (!seg_check_rip(x, target) || !push(x, x->next))
		return false;
	x->next = target;
	return true;
}

bool op_call(struct exec *x)
{
	x->dst = (x->next + (uint64_t)width_sign(x->insn->imm, x->insn->imm_size)) &
		 width_mask(x->width);
	return op_call_near_rm(x);
}

bool op_ret(struct exec *x)
{
	uint64_t sp = stack_pointer(x), target;

	if (!stack_pop(x, &sp, x->width, &target) || !seg_check_rip(x, target))
		return false;
	stack_commit(x, sp + x->insn->imm);
	x->next = target;
	return true;
}
