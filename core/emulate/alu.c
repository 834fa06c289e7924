/* Moves, arithmetic and logic on one or two operands. Knows no memory. */
#include "core/emulate/exec.h"
#include "core/emulate/arith.h"

bool op_add(struct exec *x)
{
	x->dst = alu_sum(x, x->dst, x->src, false);
	return true;
}

bool op_adc(struct exec *x)
{
	x->dst = alu_sum(x, x->dst, x->src, x->v->rflags & RFLAGS_CF);
	return true;
}

bool op_sub(struct exec *x)
{
	x->dst = alu_difference(x, x->dst, x->src, false);
	return true;
}

bool op_sbb(struct exec *x)
{
	x->dst = alu_difference(x, x->dst, x->src, x->v->rflags & RFLAGS_CF);
	return true;
}

bool op_cmp(struct exec *x)
{
	alu_difference(x, x->dst, x->src, false);
	return true;
}

bool op_and(struct exec *x)
{
	flags_logic(x, x->dst &= x->src);
	return true;
}

bool op_or(struct exec *x)
{
	flags_logic(x, x->dst |= x->src);
	return true;
}

bool op_xor(struct exec *x)
{
	flags_logic(x, x->dst ^= x->src);
	return true;
}

bool op_test(struct exec *x)
{
	flags_logic(x, x->dst & x->src);
	return true;
}

/* INC and DEC leave CF alone. */
static void keep_carry(struct exec *x)
{
	x->flags = (x->flags & ~RFLAGS_CF) | (x->v->rflags & RFLAGS_CF);
}

bool op_inc(struct exec *x)
{
	x->dst = alu_sum(x, x->dst, 1, false);
	keep_carry(x);
	return true;
}

bool op_dec(struct exec *x)
{
	x->dst = alu_difference(x, x->dst, 1, false);
	keep_carry(x);
	return true;
}

bool op_not(struct exec *x)
{
	x->dst = ~x->dst;
	return true;
}

bool op_neg(struct exec *x)
{
	x->dst = alu_difference(x, 0, x->dst, false);
	return true;
}

bool op_mov(struct exec *x)
{
	x->dst = x->src;
	return true;
}

bool op_movsx_b(struct exec *x)
{
	x->dst = width_sign(x->src, 1);
	return true;
}

bool op_movsx_w(struct exec *x)
{
	x->dst = width_sign(x->src, 2);
	return true;
}

bool op_lea(struct exec *x)
{
	x->dst = x->offset;
	return true;
}

bool op_cmov(struct exec *x)
{
	if (flags_condition(x, x->insn->opcode))
		x->dst = x->src;
	return true;
}

bool op_setcc(struct exec *x)
{
	x->dst = flags_condition(x, x->insn->opcode);
	return true;
}

bool op_xchg(struct exec *x)
{
	x->g = x->dst;
	x->write_g = true;
	x->dst = x->src;
	return true;
}

/* 90 to 97: with the accumulator. 90 without REX.B is NOP: nothing changes. */
bool op_xchg_acc(struct exec *x)
{
	if (x->insn->opcode == OP_NOP && !(x->insn->rex & REX_B)) {
		x->dst = x->v->gpr[GPR_RAX];
		x->width = sizeof(x->dst);
		return true;
	}
	x->a = x->dst;
	x->write_a = true;
	x->dst = reg_load(x, GPR_RAX, x->width);
	return true;
}

bool op_xadd(struct exec *x)
{
	x->g = x->dst;
	x->write_g = true;
	x->dst = alu_sum(x, x->dst, x->src, false);
	return true;
}

bool op_cmpxchg(struct exec *x)
{
	uint64_t accumulator = reg_load(x, GPR_RAX, x->width);

	alu_difference(x, accumulator, x->dst, false);
	x->write_a = accumulator != x->dst;
	if (x->write_a)
		x->a = x->dst;
	else
		x->dst = x->src;
	return true;
}

bool op_bswap(struct exec *x)
{
	/* 16 bits: undefined by the manuals; CPUs give zero. */
	x->dst = x->width == 8 ? __builtin_bswap64(x->dst) :
		 x->width == 4 ? __builtin_bswap32((uint32_t)x->dst) : 0;
	return true;
}

static uint64_t swapped(const struct exec *x, uint64_t value)
{
	return __builtin_bswap64(value) >> (64 - 8 * x->width);
}

bool op_movbe(struct exec *x)
{
	uint64_t value;

	if (!rm_load(x, x->width, &value))
		return false;
	reg_store(x, x->insn->reg, x->width, swapped(x, value));
	return true;
}

bool op_movbe_to(struct exec *x)
{
	return rm_store(x, x->width, swapped(x, reg_load(x, x->insn->reg, x->width)));
}

bool op_movnti(struct exec *x)
{
	return rm_store(x, x->width, x->src);
}

/* CBW, CWDE, CDQE */
bool op_cbw(struct exec *x)
{
	unsigned half = x->width / 2;

	reg_store(x, GPR_RAX, x->width, width_sign(reg_load(x, GPR_RAX, half), half));
	return true;
}

/* CWD, CDQ, CQO */
bool op_cwd(struct exec *x)
{
	reg_store(x, GPR_RDX, x->width, width_sign(x->v->gpr[GPR_RAX], x->width) >> 63);
	return true;
}

bool op_mov_from_offs(struct exec *x)
{
	unsigned seg = x->insn->seg != INSN_NO_SEG ? x->insn->seg : SEG_DS;

	return mem_load(x, seg, x->insn->imm, x->width, &x->dst);
}

bool op_mov_to_offs(struct exec *x)
{
	unsigned seg = x->insn->seg != INSN_NO_SEG ? x->insn->seg : SEG_DS;

	return mem_store(x, seg, x->insn->imm, x->width, x->dst);
}

bool op_xlat(struct exec *x)
{
	unsigned seg = x->insn->seg != INSN_NO_SEG ? x->insn->seg : SEG_DS;
	uint64_t offset = x->v->gpr[GPR_RBX] + reg_load(x, GPR_RAX, 1), value;

	if (!mem_load(x, seg, offset & width_mask(x->insn->adsize), 1, &value))
		return false;
	reg_store(x, GPR_RAX, 1, value);
	return true;
}

bool op_nop(struct exec *x)
{
	(void)x;
	return true;
}
