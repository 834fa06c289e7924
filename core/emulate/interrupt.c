/*
 * Where deliveries begin: INT n, INT3, INTO, INT1, BOUND, and events from
 * outside. The delivery itself is deliver.c's.
 */
#include "core/emulate/debug.h"
#include "core/emulate/descriptor.h"

/* The event of a guarded delivery, by way of the instruction in progress. */
static bool soft_body(struct exec *x)
{
	const struct event e = { .kind = (uint8_t)x->dst, .vector = (uint8_t)x->src };

	return deliver_event(x, &e);
}

bool deliver_soft(struct exec *x, uint8_t kind, uint8_t vector)
{
	x->dst = kind;
	x->src = vector;
	return exec_guarded(x, soft_body);
}

bool op_int(struct exec *x)
{
	return deliver_soft(x, EVENT_SOFT_INT, (uint8_t)x->insn->imm);
}

bool op_int3(struct exec *x)
{
	return deliver_soft(x, EVENT_SOFT_EXCEPTION, VEC_BP);
}

bool op_into(struct exec *x)
{
	if (!(x->v->rflags & RFLAGS_OF))
		return true;
	return deliver_soft(x, EVENT_SOFT_EXCEPTION, VEC_OF);
}

bool op_int1(struct exec *x)
{
	x->external = true;	/* EXT is set: SDM 3A "Error Code" 6.13 */
	return deliver_soft(x, EVENT_PRIV_SOFT_EXCEPTION, VEC_DB);
}

bool op_bound(struct exec *x)
{
	uint64_t at = (x->offset + x->width) & width_mask(x->insn->adsize), low, high;
	int64_t index = width_sign(x->dst, x->width);

	if (!mem_load(x, x->seg, x->offset, x->width, &low) ||
	    !mem_load(x, x->seg, at, x->width, &high))
		return false;
	if (index < width_sign(low, x->width) || index > width_sign(high, x->width))
		return exec_fault(x, VEC_BR);
	return true;
}

/* What an event does besides entering its handler. */
static void deliver_commit(struct exec *x, const struct event *e)
{
	struct vcpu *v = x->v;

	v->rip = x->next;
	v->rflags = x->flags;
	vcpu_touch(v, ST_RIP);
	v->shadow &= (uint8_t)~(SHADOW_STI | SHADOW_MOV_SS);
	if (e->kind == EVENT_NMI)
		v->shadow |= SHADOW_NMI;
	vcpu_touch(v, ST_SHADOW);
}

struct outside {
	struct exec x;
	const struct event *event;
};

static bool outside_body(struct exec *x)
{
	const struct outside *o = (const struct outside *)x;

	return deliver_event(x, o->event);
}

_Static_assert(offsetof(struct outside, x) == 0, "outside_body() casts");

enum emu_status emu_deliver(struct emu *emu, const struct event *event)
{
	struct outside o = { .event = event };
	struct exec *x = &o.x;
	bool soft = event->kind == EVENT_SOFT_INT || event->kind == EVENT_SOFT_EXCEPTION ||
		    event->kind == EVENT_PRIV_SOFT_EXCEPTION;

	exec_begin(x, emu);
	x->external = event->kind != EVENT_SOFT_INT && event->kind != EVENT_SOFT_EXCEPTION;
	if (soft)
		x->next += event->insn_len;
	if (event->kind == EVENT_EXCEPTION && event->vector == VEC_PF) {
		emu->vcpu->cr2 = event->cr2;
		vcpu_touch(emu->vcpu, ST_CR2);
	}
	if (!exec_guarded(x, outside_body))
		return x->status;
	deliver_commit(x, event);
	debug_trap(x);
	return EMU_OK;
}
