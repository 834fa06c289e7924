/*
 * Operands: registers, effective addresses, and the load-handle-store around
 * each handler as its row says, LOCK included. Must not know what handlers do.
 */
#include "core/emulate/exec.h"

/* Without REX, byte registers 4 to 7 are AH, CH, DH, BH. */
static inline bool high_byte(const struct exec *x, unsigned reg, unsigned size)
{
	return size == 1 && reg >= 4 && reg < 8 && !x->insn->rex;
}

static inline uint64_t load(const struct exec *x, unsigned reg, unsigned size)
{
	if (high_byte(x, reg, size))
		return (x->v->gpr[reg - 4] >> 8) & width_mask(1);
	return x->v->gpr[reg] & width_mask(size);
}

uint64_t reg_load(const struct exec *x, unsigned reg, unsigned size)
{
	return load(x, reg, size);
}

static inline void store(struct exec *x, unsigned reg, unsigned size, uint64_t value)
{
	uint64_t *gpr = x->v->gpr;

	if (high_byte(x, reg, size)) {
		gpr[reg - 4] = (gpr[reg - 4] & ~(width_mask(1) << 8)) |
			       (value & width_mask(1)) << 8;
		return;
	}
	gpr[reg] = width_merge(gpr[reg], value, size);
}

void reg_store(struct exec *x, unsigned reg, unsigned size, uint64_t value)
{
	store(x, reg, size, value);
}

/* SDM 1 "Specifying an Offset" 3.7.5; the default segment follows the base. */
static inline void address(struct exec *x)
{
	const struct insn *insn = x->insn;
	uint64_t offset = insn->disp;

	x->seg = SEG_DS;
	if (insn->has_base) {
		offset += x->v->gpr[insn->base];
		if (insn->base == GPR_RSP || insn->base == GPR_RBP)
			x->seg = SEG_SS;
	}
	if (insn->has_index)
		offset += x->v->gpr[insn->index] * insn->scale;
	if (insn->rip_relative)
		offset += x->next;
	x->offset = offset & width_mask(insn->adsize);
	if (insn->seg != INSN_NO_SEG)
		x->seg = insn->seg;
}

void operand_address(struct exec *x)
{
	address(x);
}

bool rm_load(struct exec *x, unsigned size, uint64_t *value)
{
	if (x->insn->mod == 3) {
		*value = reg_load(x, x->insn->rm, size);
		return true;
	}
	return mem_load(x, x->seg, x->offset, size, value);
}

bool rm_store(struct exec *x, unsigned size, uint64_t value)
{
	if (x->insn->mod == 3) {
		reg_store(x, x->insn->rm, size, value);
		return true;
	}
	return mem_store(x, x->seg, x->offset, size, value);
}

static uint64_t immediate(const struct exec *x)
{
	const struct insn *insn = x->insn;

	if (x->op->imm == IMM_UB)
		return insn->imm;
	return width_sign(insn->imm, insn->imm_size) & width_mask(x->width);
}

static unsigned opcode_reg(const struct insn *insn)
{
	return (insn->opcode & 7) | (insn->rex & REX_B ? 8 : 0);
}

static inline __attribute__((always_inline)) bool load_src(struct exec *x, bool in_memory)
{
	switch ((enum opnd)x->op->src) {
	case OPND_G:
		x->src = load(x, x->insn->reg, x->width);
		return true;
	case OPND_E:
		if (in_memory)
			return mem_load(x, x->seg, x->offset, x->width, &x->src);
		x->src = load(x, x->insn->rm, x->width);
		return true;
	case OPND_EB:
		if (in_memory)
			return mem_load(x, x->seg, x->offset, 1, &x->src);
		x->src = load(x, x->insn->rm, 1);
		return true;
	case OPND_EW:
		if (in_memory)
			return mem_load(x, x->seg, x->offset, 2, &x->src);
		x->src = load(x, x->insn->rm, 2);
		return true;
	case OPND_I:
		x->src = immediate(x);
		return true;
	case OPND_A:
		x->src = load(x, GPR_RAX, x->width);
		return true;
	case OPND_ONE:
		x->src = 1;
		return true;
	case OPND_CL:
		x->src = x->v->gpr[GPR_RCX] & width_mask(1);
		return true;
	default:
		return true;
	}
}

static __attribute__((noinline)) void store_extra(struct exec *x)
{
	if (x->write_g)
		reg_store(x, x->insn->reg, x->width, x->g);
	if (x->write_a)
		reg_store(x, GPR_RAX, x->width, x->a);
}

static inline bool run_register(struct exec *x, unsigned reg)
{
	unsigned access = x->op->access;

	if (access & ACCESS_OF_R)
		x->dst = load(x, reg, x->width);
	if (!x->op->fn(x))
		return false;
	if (x->write_g | x->write_a)
		store_extra(x);
	if (access & ACCESS_OF_W)
		store(x, reg, x->width, x->dst);
	return true;
}

/* With LOCK: again until nobody came between. */
static bool run_locked(struct exec *x)
{
	uint64_t old, src = x->src;

	do {
		x->src = src;
		x->dst = old = ref_load(x, &x->ref);
		x->flags = x->v->rflags;
		if (!x->op->fn(x))
			return false;
	} while (!ref_cas(x, &x->ref, old, x->dst & width_mask(x->width)));
	store_extra(x);
	return true;
}

/* Read, modify and write. */
static inline bool run_memory(struct exec *x)
{
	unsigned access = x->op->access;

	if (!mem_open(x, x->seg, x->offset, x->width,
		      access & ACCESS_OF_W ? ACCESS_WRITE : ACCESS_READ, &x->ref))
		return false;
	if (access == ACCESS_OF_W) {	/* a plain store: there is no second result */
		if (!x->op->fn(x))
			return false;
		ref_store(x, &x->ref, x->dst);
		return true;
	}
	if (access & ACCESS_OF_W && (x->insn->prefixes & PFX_LOCK || x->op->fn == op_xchg))
		return run_locked(x);
	x->dst = ref_load(x, &x->ref);
	if (!x->op->fn(x))
		return false;
	if (access & ACCESS_OF_W)
		ref_store(x, &x->ref, x->dst);
	if (x->write_g | x->write_a)
		store_extra(x);
	return true;
}

/* ModRM names memory: the destination, or else the source or nobody's but the handler's. */
static __attribute__((noinline)) bool run_modrm_memory(struct exec *x)
{
	address(x);
	if (!load_src(x, true))
		return false;
	if (x->op->access == ACCESS_OF_N)
		return x->op->fn(x);
	return x->op->dst == OPND_G ? run_register(x, x->insn->reg) : run_memory(x);
}

/* The destination of an instruction whose source is loaded. */
static __attribute__((noinline)) bool run_destination(struct exec *x)
{
	unsigned reg;

	switch ((enum opnd)x->op->dst) {
	case OPND_I:	/* PUSH */
		x->dst = width_sign(x->insn->imm, x->insn->imm_size);
		return x->op->fn(x);
	case OPND_G:
		reg = x->insn->reg;
		break;
	case OPND_A:
		reg = GPR_RAX;
		break;
	case OPND_O:
		reg = opcode_reg(x->insn);
		break;
	default:
		reg = x->insn->rm;
		break;
	}
	return run_register(x, reg);
}

/* With no source in memory nothing faults before the handler. */
bool operand_run_registers(struct exec *x)
{
	(void)load_src(x, false);
	return x->op->access == ACCESS_OF_N ? x->op->fn(x) : run_destination(x);
}

bool operand_run(struct exec *x)
{
	if (x->insn->has_modrm && x->insn->mod != 3)
		return run_modrm_memory(x);
	return operand_run_registers(x);
}
