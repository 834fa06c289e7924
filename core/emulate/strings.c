/*
 * String instructions and their REP loop, bounded and restartable. Port strings
 * are in io.c. SDM 2B "REP/REPE/REPZ/REPNE/REPNZ".
 */
#include "core/emulate/strings.h"
#include "core/emulate/arith.h"

static unsigned source_segment(const struct exec *x)
{
	return x->insn->seg != INSN_NO_SEG ? x->insn->seg : SEG_DS;
}

bool string_source(struct exec *x, uint64_t *value)
{
	return mem_load(x, source_segment(x), reg_load(x, GPR_RSI, x->insn->adsize),
			x->width, value);
}

bool string_target(struct exec *x, unsigned access, struct memref *ref)
{
	return mem_open(x, SEG_ES, reg_load(x, GPR_RDI, x->insn->adsize), x->width,
			access, ref);
}

void string_step(struct exec *x, unsigned reg)
{
	uint64_t by = x->v->rflags & RFLAGS_DF ? -(uint64_t)x->width : x->width;

	reg_store(x, reg, x->insn->adsize, reg_load(x, reg, x->insn->adsize) + by);
}

/* CMPS and SCAS: REPE goes on while equal, REPNE while not. */
static bool compare_ends(const struct exec *x)
{
	return !(x->flags & RFLAGS_ZF) == !!(x->insn->prefixes & PFX_REP);
}

/*
 * What an interrupted repetition leaves is a valid state to go on from: the
 * count and the pointers are moved, RIP is still on the instruction.
 */
bool string_repeat(struct exec *x, bool (*once)(struct exec *x), bool compares)
{
	unsigned size = x->insn->adsize;

	if (!(x->insn->prefixes & (PFX_REP | PFX_REPNE)))
		return once(x);
	x->hits = vcpu_held_hits(x->v);
	for (unsigned i = 0; i < EMU_REP_MAX; i++) {
		uint64_t count = reg_load(x, GPR_RCX, size);

		if (!count)
			return true;
		if (!once(x))
			return false;
		reg_store(x, GPR_RCX, size, count - 1);
		if (count == 1 || (compares && compare_ends(x)))
			return true;
		if (x->v->rflags & RFLAGS_TF || x->hits)
			break;
	}
	/* Until the last one RF is set: the instruction was begun. SDM 3B 17.3.1.1 */
	x->flags |= RFLAGS_RF;
	x->next = x->v->rip;
	x->keep_rf = true;
	return true;
}

static bool movs_once(struct exec *x)
{
	struct memref to;
	uint64_t value;

	/* The source's fault comes first, but nothing is read before both are open. */
	struct memref from;

	if (!mem_open(x, source_segment(x), reg_load(x, GPR_RSI, x->insn->adsize),
		      x->width, ACCESS_READ, &from) ||
	    !string_target(x, ACCESS_WRITE, &to))
		return false;
	value = ref_load(x, &from);
	ref_store(x, &to, value);
	string_step(x, GPR_RSI);
	string_step(x, GPR_RDI);
	return true;
}

static bool cmps_once(struct exec *x)
{
	struct memref to;
	uint64_t a;

	if (!string_source(x, &a) || !string_target(x, ACCESS_READ, &to))
		return false;
	alu_difference(x, a, ref_load(x, &to), false);
	string_step(x, GPR_RSI);
	string_step(x, GPR_RDI);
	return true;
}

static bool stos_once(struct exec *x)
{
	struct memref to;

	if (!string_target(x, ACCESS_WRITE, &to))
		return false;
	ref_store(x, &to, reg_load(x, GPR_RAX, x->width));
	string_step(x, GPR_RDI);
	return true;
}

static bool lods_once(struct exec *x)
{
	uint64_t value;

	if (!string_source(x, &value))
		return false;
	reg_store(x, GPR_RAX, x->width, value);
	string_step(x, GPR_RSI);
	return true;
}

static bool scas_once(struct exec *x)
{
	struct memref to;

	if (!string_target(x, ACCESS_READ, &to))
		return false;
	alu_difference(x, reg_load(x, GPR_RAX, x->width), ref_load(x, &to), false);
	string_step(x, GPR_RDI);
	return true;
}

bool op_movs(struct exec *x) { return string_repeat(x, movs_once, false); }
bool op_cmps(struct exec *x) { return string_repeat(x, cmps_once, true); }
bool op_stos(struct exec *x) { return string_repeat(x, stos_once, false); }
bool op_lods(struct exec *x) { return string_repeat(x, lods_once, false); }
bool op_scas(struct exec *x) { return string_repeat(x, scas_once, true); }
