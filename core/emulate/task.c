/*
 * Hardware task switches with 16- and 32-bit TSSs. Must not know what asked
 * for the switch beyond its kind. SDM 3A "Task Switching" 7.3.
 */
#include "core/emulate/descriptor.h"

#define TASK_GPRS	8u
#define TASK_SEGS	6u

/* Where a TSS keeps the dynamic fields. SDM 3A figures 7-2 and 7-10. */
struct tss_layout {
	uint8_t size;		/* of a field */
	uint8_t stride;		/* of the segment fields */
	uint8_t cr3, rip, flags, gpr, seg, ldt, trap;
	uint8_t limit;
};

static const struct tss_layout tss16 = { 2, 2, 0, 14, 16, 18, 34, 42, 0, TSS_LIMIT16 };
static const struct tss_layout tss32 = { 4, 4, 28, 32, 36, 40, 72, 96, 100, TSS_LIMIT32 };

static const uint8_t seg_order[TASK_SEGS] = {
	SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS
};

struct task_state {
	uint64_t cr3, rip, flags, gpr[TASK_GPRS], seg[TASK_SEGS], ldt, trap;
};

static const struct tss_layout *layout(uint32_t ar)
{
	return ar & SYS_32 ? &tss32 : &tss16;
}

/* A 16-bit TSS has no FS and GS. */
static unsigned segs_in(const struct tss_layout *l)
{
	return l == &tss16 ? 4 : TASK_SEGS;
}

/* Both ends of the dynamic part are tried for writing before anything is. */
static bool old_writable(struct exec *x, uint64_t base, const struct tss_layout *l)
{
	struct memref ref;
	unsigned access = ACCESS_WRITE | ACCESS_IMPLICIT;

	return lin_open(x, (uint32_t)(base + l->rip), l->size, access, &ref) &&
	       lin_open(x, (uint32_t)(base + l->ldt - l->size), l->size, access, &ref);
}

static bool save_old(struct exec *x, uint64_t flags)
{
	const struct vcpu *v = x->v;
	const struct vcpu_seg *tr = &v->seg[SEG_TR];
	const struct tss_layout *l = layout(tr->ar);

	if (!old_writable(x, tr->base, l) ||
	    !sys_store(x, tr->base + l->rip, l->size, x->next) ||
	    !sys_store(x, tr->base + l->flags, l->size, flags))
		return false;
	for (unsigned i = 0; i < TASK_GPRS; i++)
		if (!sys_store(x, tr->base + l->gpr + i * l->size, l->size, v->gpr[i]))
			return false;
	for (unsigned i = 0; i < segs_in(l); i++)
		if (!sys_store(x, tr->base + l->seg + i * l->stride, 2,
			       v->seg[seg_order[i]].sel))
			return false;
	return true;
}

static bool read_new(struct exec *x, uint64_t base, const struct tss_layout *l,
		     struct task_state *t)
{
	*t = (struct task_state){ 0 };
	if (!sys_load(x, base + l->rip, l->size, &t->rip) ||
	    !sys_load(x, base + l->flags, l->size, &t->flags) ||
	    !sys_load(x, base + l->ldt, 2, &t->ldt))
		return false;
	for (unsigned i = 0; i < TASK_GPRS; i++)
		if (!sys_load(x, base + l->gpr + i * l->size, l->size, &t->gpr[i]))
			return false;
	for (unsigned i = 0; i < segs_in(l); i++)
		if (!sys_load(x, base + l->seg + i * l->stride, 2, &t->seg[i]))
			return false;
	if (l == &tss16)
		return true;
	return sys_load(x, base + l->cr3, 4, &t->cr3) &&
	       sys_load(x, base + l->trap, 2, &t->trap);
}

/* The new TSS's descriptor: an available one, or for IRET a busy one. */
static bool find_tss(struct exec *x, const struct task_switch *ts, struct desc *d)
{
	bool back = ts->source == TASK_IRET;
	uint8_t vector = back || ts->source == TASK_GATE ? VEC_TS : VEC_GP;
	struct vcpu_seg seg;

	if (ts->sel & SELECTOR_TI || sel_is_null(ts->sel))
		return desc_fault(x, vector, ts->sel);
	if (!desc_read(x, ts->sel, vector, d))
		return false;
	if (d->ar & AR_S || (desc_type(d) & ~SYS_32) != (SYS_TSS16 | (back ? SYS_BUSY : 0)))
		return desc_fault(x, vector, ts->sel);
	if (!(d->ar & AR_P))
		return desc_fault(x, VEC_NP, ts->sel);
	desc_to_seg(d, &seg);
	return seg.limit >= layout(d->ar)->limit ? true : desc_fault(x, VEC_TS, ts->sel);
}

static bool set_busy(struct exec *x, uint16_t sel, bool busy)
{
	struct desc d;

	return desc_read(x, sel, VEC_TS, &d) &&
	       desc_set_type(x, &d, busy ? SYS_BUSY : 0, busy ? 0 : SYS_BUSY);
}

/* Registers of the new task; segments as selectors only, not yet usable. */
static void load_registers(struct exec *x, const struct task_state *t,
			   const struct tss_layout *l, bool nested)
{
	struct vcpu *v = x->v;
	uint64_t flags = l == &tss16 ? (v->rflags & ~BITS(15, 0)) | t->flags : t->flags;

	flags &= RFLAGS_ARITH | RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | RFLAGS_NT |
		 RFLAGS_RF | RFLAGS_VM | RFLAGS_AC | RFLAGS_VIF | RFLAGS_VIP | RFLAGS_ID;
	if (l == &tss16)
		flags &= ~(RFLAGS_VM | RFLAGS_RF);
	x->flags = v->rflags = flags | RFLAGS_ONE | (nested ? RFLAGS_NT : 0);
	x->next = v->rip = t->rip;
	for (unsigned i = 0; i < TASK_GPRS; i++)
		v->gpr[i] = l == &tss16 ? (v->gpr[i] & ~width_mask(2)) | t->gpr[i] : t->gpr[i];
	for (unsigned i = 0; i < TASK_SEGS; i++) {
		v->seg[seg_order[i]].sel = (uint16_t)t->seg[i];
		v->seg[seg_order[i]].ar = AR_UNUSABLE;
		seg_touch(x, seg_order[i]);
	}
	v->seg[SEG_LDTR].sel = (uint16_t)t->ldt;
	v->seg[SEG_LDTR].ar = AR_UNUSABLE;
	v->cpl = v->rflags & RFLAGS_VM ? 3 : t->seg[SEG_CS] & SELECTOR_RPL;
	vcpu_touch(v, ST_RIP | ST_SEG | ST_CS_SS);
	exec_refresh(x);
}

static bool load_ldt(struct exec *x, uint16_t sel)
{
	struct desc d;

	if (sel_is_null(sel))
		return true;
	if (sel & SELECTOR_TI)
		return desc_fault(x, VEC_TS, sel);
	if (!desc_read(x, sel, VEC_TS, &d))
		return false;
	if (d.ar & AR_S || desc_type(&d) != SYS_LDT || !(d.ar & AR_P))
		return desc_fault(x, VEC_TS, sel);
	desc_to_seg(&d, &x->v->seg[SEG_LDTR]);
	return true;
}

static bool load_code(struct exec *x, uint16_t sel)
{
	unsigned rpl = sel & SELECTOR_RPL;
	struct desc d;

	if (sel_is_null(sel))
		return desc_fault(x, VEC_TS, sel);
	if (!desc_read(x, sel, VEC_TS, &d))
		return false;
	if (!desc_is_code(&d) ||
	    (desc_is_conforming(&d) ? desc_dpl(&d) > rpl : desc_dpl(&d) != rpl))
		return desc_fault(x, VEC_TS, sel);
	if (!(d.ar & AR_P))
		return desc_fault(x, VEC_NP, sel);
	return seg_load_code(x, &d, rpl);
}

static bool load_segments(struct exec *x, const struct task_state *t)
{
	static const uint8_t data[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

	if (exec_vm86(x)) {
		for (unsigned i = 0; i < TASK_SEGS; i++)
			seg_load_vm86(x, seg_order[i], (uint16_t)t->seg[i]);
		exec_refresh(x);
		return load_ldt(x, (uint16_t)t->ldt);
	}
	if (!load_ldt(x, (uint16_t)t->ldt) || !load_code(x, (uint16_t)t->seg[SEG_CS]) ||
	    !seg_load_stack(x, (uint16_t)t->seg[SEG_SS], x->v->cpl, VEC_TS))
		return false;
	for (unsigned i = 0; i < ARRAY_SIZE(data); i++)
		if (!seg_load_data(x, data[i], (uint16_t)t->seg[data[i]], VEC_TS))
			return false;
	return true;
}

/* With paging on, a 32-bit TSS brings its own page tables. */
static bool load_cr3(struct exec *x, const struct task_state *t, const struct tss_layout *l)
{
	if (l == &tss16 || !(x->v->cr0 & CR0_PG) || t->cr3 == x->v->cr3)
		return true;
	if (!x->emu->ops->write_cr(x->emu, 3, t->cr3))
		return exec_fault_given(x);
	exec_refresh(x);
	return true;
}

static bool finish(struct exec *x, const struct task_switch *ts, const struct task_state *t,
		   const struct tss_layout *l)
{
	uint64_t sp;

	if (!load_segments(x, t))
		return false;
	if (ts->has_error) {
		sp = x->v->gpr[GPR_RSP];
		if (!stack_push(x, &sp, l->size, ts->error))
			return false;
		stack_commit(x, sp);
	}
	if (!seg_check_rip(x, x->next))
		return false;
	if (t->trap & 1) {	/* the T flag: a #DB before the first instruction */
		x->v->dr6 |= DR6_BT;
		x->v->pending = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_DB };
		vcpu_touch(x->v, ST_DR);
	}
	return true;
}

static bool leave_old(struct exec *x, const struct task_switch *ts)
{
	bool back = ts->source == TASK_IRET;
	uint64_t flags = x->flags & ~(back ? RFLAGS_NT : 0);

	if (!save_old(x, flags))
		return false;
	if (back || ts->source == TASK_JMP)
		return set_busy(x, x->v->seg[SEG_TR].sel, false);
	return true;
}

bool task_switch(struct exec *x, const struct task_switch *ts)
{
	bool nested = ts->source == TASK_CALL || ts->source == TASK_GATE;
	uint16_t old = x->v->seg[SEG_TR].sel;
	const struct tss_layout *l;
	struct task_state t;
	struct vcpu_seg tr;
	struct desc d;

	if (!find_tss(x, ts, &d))
		return false;
	desc_to_seg(&d, &tr);
	l = layout(d.ar);
	if (!read_new(x, tr.base, l, &t) || !leave_old(x, ts))
		return false;
	if (nested && !sys_store(x, tr.base, 2, old))
		return false;
	if (ts->source != TASK_IRET && !desc_set_type(x, &d, SYS_BUSY, 0))
		return false;
	tr.sel = ts->sel;
	tr.ar = d.ar;
	if (!load_cr3(x, &t, l))
		return false;
	x->v->seg[SEG_TR] = tr;
	x->v->cr0 |= CR0_TS;
	/* Local breakpoints are the old task's. SDM 3B 17.2.4 */
	x->v->dr7 &= ~DR7_LOCALS;
	vcpu_touch(x->v, ST_CR | ST_DR);
	/* From here on faults are the new task's: SDM 3A 7.3, step 12. */
	x->switched = true;
	x->keep_rf = x->no_trap = true;
	x->external = ts->source == TASK_GATE && x->external;
	load_registers(x, &t, l, nested);
	return finish(x, ts, &t, l);
}
