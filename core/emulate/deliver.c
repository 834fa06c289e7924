/*
 * Delivery of exceptions and interrupts through IVT and IDT. Must not combine
 * faults: a fault on the way is reported, the caller makes #DF of it.
 * SDM 3A "Exception and Interrupt Handling" 6.12, "64-Bit Mode" 6.14; SDM 2A "INT n".
 */
#include "core/emulate/descriptor.h"

#define IVT_ENTRY	4u
#define IOPL_MAX	3u
#define VME_MAP_SIZE	32u	/* the interrupt redirection map, below the I/O map */
#define STACK_ALIGN	15u
#define IST_SIZE	8u

static bool is_soft(const struct event *e)
{
	return e->kind == EVENT_SOFT_INT || e->kind == EVENT_SOFT_EXCEPTION;
}

/* Faults push RF so that the restarted instruction meets no breakpoint again. */
static bool is_fault(const struct event *e)
{
	return e->kind == EVENT_EXCEPTION && e->vector != VEC_DB && e->vector != VEC_BP &&
	       e->vector != VEC_OF && e->vector != VEC_DF && e->vector != VEC_MC;
}

static bool idt_fault(struct exec *x, uint8_t fault, const struct event *e)
{
	return exec_fault_error(x, fault, e->vector * DESC_SIZE | ERROR_IDT);
}

/* Real mode, and virtual-8086 mode where VME redirects: IP, CS, FLAGS through an IVT. */
static bool deliver_ivt(struct exec *x, const struct event *e, uint64_t table, uint64_t image)
{
	uint64_t sp = x->v->gpr[GPR_RSP], entry;

	if (!sys_load(x, table + e->vector * IVT_ENTRY, IVT_ENTRY, &entry) ||
	    !stack_push(x, &sp, 2, image) ||
	    !stack_push(x, &sp, 2, x->v->seg[SEG_CS].sel) ||
	    !stack_push(x, &sp, 2, x->next))
		return false;
	if (exec_vm86(x))
		seg_load_vm86(x, SEG_CS, (uint16_t)(entry >> 16));
	else
		seg_load_real(x, SEG_CS, (uint16_t)(entry >> 16));
	if (!seg_check_rip(x, entry & UINT16_MAX))
		return false;
	stack_commit(x, sp);
	x->next = entry & UINT16_MAX;
	x->flags &= ~(RFLAGS_TF | RFLAGS_RF);
	return true;
}

static bool deliver_real(struct exec *x, const struct event *e)
{
	if (e->vector * IVT_ENTRY + IVT_ENTRY - 1 > x->v->idtr.limit)
		return idt_fault(x, VEC_GP, e);
	if (!deliver_ivt(x, e, x->v->idtr.base, x->flags))
		return false;
	x->flags &= ~(RFLAGS_IF | RFLAGS_AC);
	return true;
}

struct gate {
	struct desc	desc;
	uint64_t	offset;
	unsigned	type, size;	/* size: bytes of each push */
	unsigned	ist;
};

static bool read_gate(struct exec *x, const struct event *e, struct gate *g)
{
	bool is_long = vcpu_long_mode(x->v);
	unsigned entry = is_long ? DESC_SIZE_LONG : DESC_SIZE;
	uint64_t at = x->v->idtr.base + e->vector * entry;

	g->desc.high = 0;
	if (e->vector * entry + entry - 1 > x->v->idtr.limit)
		return idt_fault(x, VEC_GP, e);
	if (!sys_load(x, at, DESC_SIZE, &g->desc.low) ||
	    (is_long && !sys_load(x, at + DESC_SIZE, DESC_SIZE, &g->desc.high)))
		return false;
	g->desc.ar = (uint32_t)(g->desc.low >> DESC_AR_SHIFT) & DESC_AR;
	g->type = desc_type(&g->desc);
	g->size = is_long ? 8 : g->type & SYS_32 ? 4 : 2;
	g->ist = is_long ? FIELD_GET(GATE_IST, g->desc.low) : 0;
	g->offset = FIELD_GET(GATE_OFFSET_LOW, g->desc.low) | g->desc.high << 32;
	if (g->type & SYS_32)
		g->offset |= FIELD_GET(GATE_OFFSET_MID, g->desc.low) << 16;
	return true;
}

static bool check_gate(struct exec *x, const struct event *e, const struct gate *g)
{
	bool wide = g->type == SYS_INT32 || g->type == SYS_TRAP32;
	bool legacy = g->type == SYS_INT16 || g->type == SYS_TRAP16 || g->type == SYS_TASK;

	if (g->desc.ar & AR_S || !(wide || (legacy && !vcpu_long_mode(x->v))))
		return idt_fault(x, VEC_GP, e);
	if (is_soft(e) && desc_dpl(&g->desc) < x->v->cpl)
		return idt_fault(x, VEC_GP, e);
	return g->desc.ar & AR_P ? true : idt_fault(x, VEC_NP, e);
}

static bool gate_code(struct exec *x, const struct gate *g, struct desc *cs)
{
	uint16_t sel = FIELD_GET(GATE_SELECTOR, g->desc.low);

	if (sel_is_null(sel))
		return exec_gp0(x);
	if (!desc_read(x, sel, VEC_GP, cs))
		return false;
	if (!desc_is_code(cs) || desc_dpl(cs) > x->v->cpl ||
	    (vcpu_long_mode(x->v) && (cs->ar & (AR_L | AR_DB)) != AR_L))
		return desc_fault(x, VEC_GP, sel);
	return cs->ar & AR_P ? true : desc_fault(x, VEC_NP, sel);
}

static bool ist_stack(struct exec *x, unsigned ist, uint64_t *sp)
{
	const struct vcpu_seg *tr = &x->v->seg[SEG_TR];
	unsigned at = TSS_IST1 + (ist - 1) * IST_SIZE;

	if (at + IST_SIZE - 1 > tr->limit)
		return desc_fault(x, VEC_TS, tr->sel);
	return sys_load(x, tr->base + at, IST_SIZE, sp);
}

/* What the frame holds, from before anything was switched. */
struct frame {
	uint64_t	sp, flags;
	uint16_t	ss, cs, data[4];	/* GS, FS, DS, ES: pushed from vm86 only */
	bool		outer, vm86;
};

static void frame_take(struct exec *x, const struct event *e, struct frame *f)
{
	static const uint8_t order[] = { SEG_GS, SEG_FS, SEG_DS, SEG_ES };

	f->sp = x->v->gpr[GPR_RSP];
	f->flags = x->flags | (is_fault(e) ? RFLAGS_RF : 0);
	f->ss = x->v->seg[SEG_SS].sel;
	f->cs = x->v->seg[SEG_CS].sel;
	f->outer = false;
	f->vm86 = exec_vm86(x);
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		f->data[i] = x->v->seg[order[i]].sel;
}

static bool frame_push(struct exec *x, const struct event *e, const struct frame *f,
		       unsigned size)
{
	uint64_t sp = x->v->gpr[GPR_RSP];

	for (unsigned i = 0; f->vm86 && i < ARRAY_SIZE(f->data); i++)
		if (!stack_push(x, &sp, size, f->data[i]))
			return false;
	if (f->outer && (!stack_push(x, &sp, size, f->ss) ||
			 !stack_push(x, &sp, size, f->sp)))
		return false;
	if (!stack_push(x, &sp, size, f->flags) || !stack_push(x, &sp, size, f->cs) ||
	    !stack_push(x, &sp, size, x->next))
		return false;
	if (e->has_error && !stack_push(x, &sp, size, e->error))
		return false;
	stack_commit(x, sp);
	return true;
}

static void leave_vm86(struct exec *x)
{
	static const uint8_t segs[] = { SEG_GS, SEG_FS, SEG_DS, SEG_ES };

	for (unsigned i = 0; i < ARRAY_SIZE(segs); i++)
		seg_load_null(x, segs[i], 0);
}

/* CS, and the stack if it changes: privilege, IST, or long mode's alignment. */
static bool enter_handler(struct exec *x, const struct gate *g, struct desc *cs,
			  struct frame *f)
{
	bool inner = !desc_is_conforming(cs) && desc_dpl(cs) < x->v->cpl;
	bool is_long = vcpu_long_mode(x->v);
	uint16_t ss = 0;
	uint64_t sp = f->sp;

	if (f->vm86 && (!inner || desc_dpl(cs) != 0))
		return desc_fault(x, VEC_GP, cs->sel);
	f->outer = inner || is_long;
	if (g->ist ? !ist_stack(x, g->ist, &sp) :
	    inner && !tss_stack(x, desc_dpl(cs), &ss, &sp))
		return false;
	if (is_long)
		sp &= ~(uint64_t)STACK_ALIGN;
	/* The segments checked from here on are ring 0's, not vm86's. */
	x->v->rflags &= ~RFLAGS_VM;
	exec_refresh(x);
	if (inner)
		return stack_switch(x, cs, ss, sp);
	x->v->gpr[GPR_RSP] = sp;
	return seg_load_code(x, cs, x->v->cpl);
}

static bool deliver_gate(struct exec *x, const struct event *e, const struct gate *g)
{
	struct frame f;
	struct desc cs;

	frame_take(x, e, &f);
	if (!gate_code(x, g, &cs) || !enter_handler(x, g, &cs, &f) ||
	    !frame_push(x, e, &f, g->size))
		return false;
	if (f.vm86)
		leave_vm86(x);
	if (!seg_check_rip(x, g->offset))
		return false;
	x->next = g->offset;
	x->flags &= ~(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM);
	if (!(g->type & SYS_TRAP))
		x->flags &= ~RFLAGS_IF;
	return true;
}

static bool deliver_task(struct exec *x, const struct event *e, const struct gate *g)
{
	const struct task_switch ts = {
		.sel = FIELD_GET(GATE_SELECTOR, g->desc.low), .source = TASK_GATE,
		.has_error = e->has_error, .error = e->error,
	};

	return task_switch(x, &ts);
}

/* INT n in virtual-8086 mode: SDM 3B table 20-2. Sets *done when the IVT took it. */
static bool deliver_vme(struct exec *x, const struct event *e, bool *done)
{
	const struct vcpu_seg *tr = &x->v->seg[SEG_TR];
	unsigned iopl = FIELD_GET(RFLAGS_IOPL, x->v->rflags);
	uint64_t map = 0, bits = ~UINT64_C(0), image = x->flags;

	*done = false;
	if (x->v->cr4 & CR4_VME && tr->ar & SYS_32 && tr->limit > TSS_IO_BASE) {
		if (!sys_load(x, tr->base + TSS_IO_BASE, 2, &map))
			return false;
		map += e->vector / 8u;
		if (map >= VME_MAP_SIZE && map - VME_MAP_SIZE <= tr->limit &&
		    !sys_load(x, tr->base + map - VME_MAP_SIZE, 1, &bits))
			return false;
	}
	if (bits >> (e->vector & 7) & 1)
		return iopl < IOPL_MAX ? exec_gp0(x) : true;
	*done = true;
	if (iopl < IOPL_MAX)
		image = (image & ~RFLAGS_IF) | RFLAGS_IOPL |
			(image & RFLAGS_VIF ? RFLAGS_IF : 0);
	if (!deliver_ivt(x, e, 0, image))
		return false;
	x->flags &= ~(iopl < IOPL_MAX ? RFLAGS_VIF : RFLAGS_IF);
	return true;
}

bool deliver_event(struct exec *x, const struct event *e)
{
	bool done = false;
	struct gate g;

	x->keep_rf = x->no_trap = true;
	if (!(x->v->cr0 & CR0_PE))
		return deliver_real(x, e);
	if (exec_vm86(x) && e->kind == EVENT_SOFT_INT &&
	    (!deliver_vme(x, e, &done) || done))
		return done && x->status == EMU_OK;
	if (!read_gate(x, e, &g) || !check_gate(x, e, &g))
		return false;
	return g.type == SYS_TASK ? deliver_task(x, e, &g) : deliver_gate(x, e, &g);
}
