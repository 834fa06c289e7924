/*
 * Instructions on descriptor tables and descriptors: LGDT and kin, LLDT, LTR,
 * LAR, LSL, VERR, VERW, ARPL. Must not know control transfers.
 */
#include "core/emulate/descriptor.h"

#define DTR_LIMIT_SIZE	2u
#define DTR_BASE24	BITS(23, 0)	/* LGDT with 16-bit operands */

bool system_umip(struct exec *x);

static uint64_t after_limit(const struct exec *x)
{
	return (x->offset + DTR_LIMIT_SIZE) & width_mask(x->insn->adsize);
}

static bool store_dtr(struct exec *x, const struct vcpu_dtr *dtr)
{
	struct memref limit, base;

	if (!system_umip(x) ||
	    !mem_open(x, x->seg, x->offset, DTR_LIMIT_SIZE, ACCESS_WRITE, &limit) ||
	    !mem_open(x, x->seg, after_limit(x), x->width, ACCESS_WRITE, &base))
		return false;
	ref_store(x, &limit, dtr->limit);
	ref_store(x, &base, dtr->base);
	return true;
}

bool op_sgdt(struct exec *x) { return store_dtr(x, &x->v->gdtr); }
bool op_sidt(struct exec *x) { return store_dtr(x, &x->v->idtr); }

static bool load_dtr(struct exec *x, struct vcpu_dtr *dtr)
{
	uint64_t limit, base;

	if (!mem_load(x, x->seg, x->offset, DTR_LIMIT_SIZE, &limit) ||
	    !mem_load(x, x->seg, after_limit(x), x->width, &base))
		return false;
	if (exec_code64(x) && !seg_canonical_base(x, base))
		return exec_gp0(x);
	if (!exec_code64(x) && x->insn->opsize == 2)
		base &= DTR_BASE24;
	dtr->limit = (uint16_t)limit;
	dtr->base = base;
	vcpu_touch(x->v, ST_DTR);
	return true;
}

bool op_lgdt(struct exec *x) { return load_dtr(x, &x->v->gdtr); }
bool op_lidt(struct exec *x) { return load_dtr(x, &x->v->idtr); }

static bool store_selector(struct exec *x, unsigned seg)
{
	if (!system_umip(x))
		return false;
	return rm_store(x, x->insn->mod == 3 ? x->width : 2, x->v->seg[seg].sel);
}

bool op_sldt(struct exec *x) { return store_selector(x, SEG_LDTR); }
bool op_str(struct exec *x) { return store_selector(x, SEG_TR); }

/* A system descriptor out of the GDT, present, and in long mode 16 bytes. */
static bool read_system(struct exec *x, uint16_t sel, bool tss, struct desc *d)
{
	bool fits;

	if (sel & SELECTOR_TI)
		return desc_fault(x, VEC_GP, sel);
	if (!desc_read(x, sel, VEC_GP, d))
		return false;
	fits = tss ? desc_type(d) == SYS_TSS32 ||
		     (desc_type(d) == SYS_TSS16 && !vcpu_long_mode(x->v)) :
		     desc_type(d) == SYS_LDT;
	if (d->ar & AR_S || !fits)
		return desc_fault(x, VEC_GP, sel);
	if (!(d->ar & AR_P))
		return desc_fault(x, VEC_NP, sel);
	return vcpu_long_mode(x->v) ? desc_read_high(x, VEC_GP, d) : true;
}

bool op_lldt(struct exec *x)
{
	struct vcpu_seg *ldt = &x->v->seg[SEG_LDTR];
	uint16_t sel = (uint16_t)x->src;
	struct vcpu_seg loaded;
	struct desc d;

	if (sel_is_null(sel)) {
		ldt->sel = sel;
		ldt->ar = AR_UNUSABLE;
	} else {
		if (!read_system(x, sel, false, &d))
			return false;
		desc_to_seg(&d, &loaded);
		if (vcpu_long_mode(x->v) && !seg_canonical_base(x, loaded.base))
			return desc_fault(x, VEC_GP, sel);
		*ldt = loaded;
	}
	vcpu_touch(x->v, ST_SEG);
	return true;
}

bool op_ltr(struct exec *x)
{
	uint16_t sel = (uint16_t)x->src;
	struct vcpu_seg loaded;
	struct desc d;

	if (sel_is_null(sel))
		return exec_gp0(x);
	if (!read_system(x, sel, true, &d))
		return false;
	desc_to_seg(&d, &loaded);
	if (vcpu_long_mode(x->v) && !seg_canonical_base(x, loaded.base))
		return desc_fault(x, VEC_GP, sel);
	if (!desc_set_type(x, &d, SYS_BUSY, 0))
		return false;
	loaded.ar = d.ar;
	x->v->seg[SEG_TR] = loaded;
	vcpu_touch(x->v, ST_SEG);
	return true;
}

/* A descriptor that may be looked at; *visible tells, false means a page fault. */
static bool probe(struct exec *x, struct desc *d, bool *visible)
{
	uint16_t sel = (uint16_t)x->src;
	bool conforming;
	uint64_t at;

	*visible = false;
	if (sel_is_null(sel) || !desc_in_table(x, sel, &at))
		return true;
	if (!desc_read(x, sel, VEC_GP, d))
		return false;
	conforming = desc_is_code(d) && desc_is_conforming(d);
	*visible = conforming || (desc_dpl(d) >= x->v->cpl &&
				  desc_dpl(d) >= (sel & SELECTOR_RPL));
	return true;
}

/* System types that LAR answers, and those of them with a limit for LSL. */
static bool type_answers(const struct exec *x, const struct desc *d, bool limit)
{
	if (d->ar & AR_S)
		return true;
	switch (desc_type(d)) {
	case SYS_LDT:
	case SYS_TSS32:
	case SYS_TSS32 | SYS_BUSY:
		return true;
	case SYS_TSS16:
	case SYS_TSS16 | SYS_BUSY:
		return !vcpu_long_mode(x->v);
	case SYS_CALL32:
		return !limit;
	case SYS_CALL16:
	case SYS_TASK:
		return !limit && !vcpu_long_mode(x->v);
	default:
		return false;
	}
}

static bool lar_lsl(struct exec *x, bool limit)
{
	struct vcpu_seg seg;
	struct desc d;
	bool visible;

	if (!probe(x, &d, &visible))
		return false;
	visible = visible && type_answers(x, &d, limit);
	flags_put(x, RFLAGS_ZF, visible);
	if (!visible)
		return true;
	desc_to_seg(&d, &seg);
	reg_store(x, x->insn->reg, x->width,
		  limit ? seg.limit : (d.low >> 32) & LAR_MASK);
	return true;
}

bool op_lar(struct exec *x) { return lar_lsl(x, false); }
bool op_lsl(struct exec *x) { return lar_lsl(x, true); }

bool op_verr(struct exec *x)
{
	struct desc d;
	bool visible;

	if (!probe(x, &d, &visible))
		return false;
	flags_put(x, RFLAGS_ZF, visible && d.ar & AR_S &&
		  (!desc_is_code(&d) || d.ar & AR_TYPE_WRITE));
	return true;
}

bool op_verw(struct exec *x)
{
	struct desc d;
	bool visible;

	if (!probe(x, &d, &visible))
		return false;
	flags_put(x, RFLAGS_ZF, visible && d.ar & AR_S && !desc_is_code(&d) &&
		  d.ar & AR_TYPE_WRITE);
	return true;
}

static bool arpl(struct exec *x)
{
	uint64_t dst, src = reg_load(x, x->insn->reg, 2);
	bool raise;

	if (!exec_protected(x))
		return exec_ud(x);
	if (x->insn->mod != 3) {
		if (!mem_open(x, x->seg, x->offset, 2, ACCESS_WRITE, &x->ref))
			return false;
		dst = ref_load(x, &x->ref);
	} else {
		dst = reg_load(x, x->insn->rm, 2);
	}
	raise = (dst & SELECTOR_RPL) < (src & SELECTOR_RPL);
	flags_put(x, RFLAGS_ZF, raise);
	if (raise)
		dst = (dst & ~SELECTOR_RPL) | (src & SELECTOR_RPL);
	if (x->insn->mod != 3)
		ref_store(x, &x->ref, dst);
	else
		reg_store(x, x->insn->rm, 2, dst);
	return true;
}

/* 63: ARPL, and in 64-bit code MOVSXD. */
bool op_arpl_movsxd(struct exec *x)
{
	unsigned size = x->width == 2 ? 2 : 4;
	uint64_t value;

	if (!exec_code64(x))
		return arpl(x);
	if (!rm_load(x, size, &value))
		return false;
	reg_store(x, x->insn->reg, x->width, (uint64_t)width_sign(value, size));
	return true;
}
