/*
 * Loads of segment registers: real, virtual-8086 and protected mode.
 * SDM 2B "MOV" (loading a segment register); APM vol. 2 "Segment Register Loads".
 */
#include "core/emulate/descriptor.h"

#define REAL_SHIFT	4
#define VM86_LIMIT	BITS(15, 0)
#define AR_VM86		(AR_REAL_DATA | AR_DPL)	/* DPL 3 */

static inline void touch(struct exec *x, unsigned seg)
{
	static const uint32_t groups[SEG_COUNT] = {
		[SEG_ES] = ST_SEG, [SEG_CS] = ST_CS_SS, [SEG_SS] = ST_CS_SS, [SEG_DS] = ST_SEG,
		[SEG_FS] = ST_SEG, [SEG_GS] = ST_SEG, [SEG_LDTR] = ST_SEG, [SEG_TR] = ST_SEG,
	};

	vcpu_touch(x->v, groups[seg]);
}

void seg_touch(struct exec *x, unsigned seg)
{
	touch(x, seg);
}

/*
 * Real mode replaces selector and base. Limit and size stay as they are, which is
 * what "big real mode" lives on; so do the type (read-only, expand-down) and DPL.
 */
static inline void load_real(struct exec *x, unsigned seg, uint16_t sel)
{
	struct vcpu_seg *s = &x->v->seg[seg];

	s->sel = sel;
	s->base = (uint32_t)sel << REAL_SHIFT;
	s->ar = (s->ar & ~AR_UNUSABLE) | AR_P | AR_S;
	touch(x, seg);
}

void seg_load_real(struct exec *x, unsigned seg, uint16_t sel)
{
	load_real(x, seg, sel);
}

void seg_load_vm86(struct exec *x, unsigned seg, uint16_t sel)
{
	x->v->seg[seg] = (struct vcpu_seg){
		.sel = sel, .base = (uint32_t)sel << REAL_SHIFT,
		.limit = VM86_LIMIT, .ar = AR_VM86,
	};
	seg_touch(x, seg);
}

/* AMD CPUs keep the base where Intel's clear it. */
void seg_load_null(struct exec *x, unsigned seg, uint16_t sel)
{
	struct vcpu_seg *s = &x->v->seg[seg];

	s->sel = sel;
	s->ar = AR_UNUSABLE | (seg == SEG_SS ? FIELD_PUT(AR_DPL, (uint32_t)x->v->cpl) : 0);
	if (!x->emu->amd) {
		s->base = 0;
		s->limit = 0;
	}
	seg_touch(x, seg);
}

static bool store_seg(struct exec *x, unsigned seg, struct desc *d)
{
	if (!desc_set_accessed(x, d))
		return false;
	desc_to_seg(d, &x->v->seg[seg]);
	seg_touch(x, seg);
	return true;
}

bool seg_load_stack(struct exec *x, uint16_t sel, unsigned cpl, uint8_t vector)
{
	struct desc d;

	if (sel_is_null(sel))
		return exec_fault_error(x, vector, 0);
	if (!desc_read(x, sel, vector, &d))
		return false;
	if ((sel & SELECTOR_RPL) != cpl || desc_dpl(&d) != cpl ||
	    (d.ar & (AR_S | AR_TYPE_CODE | AR_TYPE_WRITE)) != (AR_S | AR_TYPE_WRITE))
		return desc_fault(x, vector, sel);
	if (!(d.ar & AR_P))
		return desc_fault(x, VEC_SS, sel);
	return store_seg(x, SEG_SS, &d);
}

static bool load_ss(struct exec *x, uint16_t sel)
{
	/* 64-bit code below CPL 3 may run on a null SS. */
	if (sel_is_null(sel) && exec_code64(x) && x->v->cpl < 3 &&
	    (sel & SELECTOR_RPL) == x->v->cpl) {
		seg_load_null(x, SEG_SS, sel);
		return true;
	}
	return seg_load_stack(x, sel, x->v->cpl, VEC_GP);
}

bool seg_load_data(struct exec *x, unsigned seg, uint16_t sel, uint8_t vector)
{
	struct desc d;
	unsigned rpl = sel & SELECTOR_RPL;

	if (sel_is_null(sel)) {
		seg_load_null(x, seg, sel);
		return true;
	}
	if (!desc_read(x, sel, vector, &d))
		return false;
	if (!(d.ar & AR_S) || (desc_is_code(&d) && !(d.ar & AR_TYPE_WRITE)))
		return desc_fault(x, vector, sel);
	if (!(desc_is_code(&d) && desc_is_conforming(&d)) &&
	    (rpl > desc_dpl(&d) || x->v->cpl > desc_dpl(&d)))
		return desc_fault(x, vector, sel);
	if (!(d.ar & AR_P))
		return desc_fault(x, VEC_NP, sel);
	return store_seg(x, seg, &d);
}

bool seg_load(struct exec *x, unsigned seg, uint16_t sel)
{
	if (exec_vm86(x)) {
		seg_load_vm86(x, seg, sel);
		return true;
	}
	if (!exec_protected(x)) {
		seg_load_real(x, seg, sel);
		return true;
	}
	return seg == SEG_SS ? load_ss(x, sel) : seg_load_data(x, seg, sel, VEC_GP);
}

bool seg_load_code(struct exec *x, struct desc *d, unsigned cpl)
{
	d->sel = (uint16_t)((d->sel & ~SELECTOR_RPL) | cpl);
	if (!store_seg(x, SEG_CS, d))
		return false;
	x->v->cpl = (uint8_t)cpl;
	exec_refresh(x);
	return true;
}

void seg_drop_inner(struct exec *x)
{
	static const uint8_t segs[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

	for (unsigned i = 0; i < ARRAY_SIZE(segs); i++) {
		const struct vcpu_seg *s = &x->v->seg[segs[i]];
		bool conforming = (s->ar & (AR_TYPE_CODE | AR_TYPE_DOWN)) ==
				  (AR_TYPE_CODE | AR_TYPE_DOWN);

		if (!(s->ar & AR_UNUSABLE) && !conforming &&
		    FIELD_GET(AR_DPL, s->ar) < x->v->cpl)
			seg_load_null(x, segs[i], 0);
	}
}

/* MOV SS and POP SS hold interrupts off for one instruction; LSS does not need it. */
static __attribute__((noinline))
bool load_protected(struct exec *x, unsigned seg, uint16_t sel)
{
	if (!seg_load(x, seg, sel))
		return false;
	if (seg == SEG_SS)
		x->shadow = SHADOW_MOV_SS;
	return true;
}

static inline bool load_from_insn(struct exec *x, unsigned seg, uint16_t sel)
{
	if (x->v->cr0 & CR0_PE)
		return load_protected(x, seg, sel);
	load_real(x, seg, sel);
	if (seg == SEG_SS)
		x->shadow = SHADOW_MOV_SS;
	return true;
}

bool op_mov_to_seg(struct exec *x)
{
	return load_from_insn(x, x->insn->reg & 7, (uint16_t)x->src);
}

bool op_mov_from_seg(struct exec *x)
{
	uint16_t sel = x->v->seg[x->insn->reg & 7].sel;

	/* A register gets it zero-extended, memory always 16 bits. */
	return rm_store(x, x->insn->mod == 3 ? x->width : 2, sel);
}

/* 06 0E 16 1E, and 0F A0, 0F A8: the register is in bits 5:3 of the opcode. */
static unsigned opcode_segment(const struct exec *x)
{
	return x->insn->opcode >> 3 & 7;
}

bool op_push_seg(struct exec *x)
{
	uint64_t sp = x->v->gpr[GPR_RSP];
	uint64_t to = (sp - x->width) & width_mask(stack_width(x));

	/* Intel CPUs write only 16 bits of a 32-bit slot: SDM 2B "PUSH". */
	if (!mem_store(x, SEG_SS, to, x->width == 4 && !x->emu->amd ? 2 : x->width,
		       x->v->seg[opcode_segment(x)].sel))
		return false;
	stack_commit(x, to);
	return true;
}

bool op_pop_seg(struct exec *x)
{
	uint64_t sp = x->v->gpr[GPR_RSP], sel;
	unsigned seg = opcode_segment(x), width = stack_width(x);

	if (!mem_load(x, SEG_SS, sp & width_mask(width), 2, &sel) ||
	    !load_from_insn(x, seg, (uint16_t)sel))
		return false;
	/* The increment is by the stack's width before POP SS. */
	reg_store(x, GPR_RSP, width, sp + x->width);
	return true;
}

static unsigned far_segment(const struct exec *x)
{
	if (x->insn->map == MAP_ONE)
		return x->insn->opcode == BYTE_VEX3 ? SEG_ES : SEG_DS;
	return x->insn->opcode & 7;	/* 0F B2, B4, B5 */
}

/* LES, LDS, LSS, LFS, LGS */
bool op_load_far(struct exec *x)
{
	uint64_t offset, sel;

	if (!mem_load(x, x->seg, x->offset, x->width, &offset) ||
	    !mem_load(x, x->seg, (x->offset + x->width) & width_mask(x->insn->adsize),
		      2, &sel) ||
	    !seg_load(x, far_segment(x), (uint16_t)sel))
		return false;
	reg_store(x, x->insn->reg, x->width, offset);
	return true;
}
