/*
 * Events in the VMCB's format: into the guest, and out of an exit that came in the
 * middle of one. Knows no priorities. APM vol. 2 "Event Injection" 15.20.
 */
#include "core/emulate/decode_defs.h"
#include "core/insn.h"
#include "svm/svm.h"

static uint64_t encode(const struct event *event)
{
	static const uint8_t types[] = {
		[EVENT_INTERRUPT] = VMCB_EVENT_INTR,
		[EVENT_NMI] = VMCB_EVENT_NMI,
		[EVENT_EXCEPTION] = VMCB_EVENT_EXCEPTION,
		[EVENT_SOFT_INT] = VMCB_EVENT_SOFT_INT,
		[EVENT_SOFT_EXCEPTION] = VMCB_EVENT_EXCEPTION,
		[EVENT_PRIV_SOFT_EXCEPTION] = VMCB_EVENT_EXCEPTION,
	};

	return VMCB_EVENT_V | event->vector |
	       FIELD_PUT(VMCB_EVENT_TYPE, (uint64_t)types[event->kind]) |
	       (event->has_error ? VMCB_EVENT_EV |
		FIELD_PUT(VMCB_EVENT_ERROR_CODE, (uint64_t)event->error) : 0);
}

void svm_event_inject(struct vcpu *v)
{
	struct svm_vcpu *svm = svm_of(v);
	struct vmcb *vmcb = svm->vmcb;

	vmcb->control.eventinj = encode(&v->pending);
	/* The handler does not start in the interrupted code's shadow. */
	vmcb->control.int_state &= ~VMCB_INT_SHADOW;
	svm->injected_after = v->vm->tally.last_exit;
	svm->injected_rip = vmcb->save.rip;
	v->pending.kind = EVENT_NONE;
}

/* Has the event that went in at the last entry been cut short, or nothing run since? */
static bool just_injected(const struct vcpu *v)
{
	const struct svm_vcpu *svm = svm_of(v);

	return svm->injected_rip == v->rip &&
	       svm->injected_after == v->vm->tally.last_exit;
}

/*
 * Bochs 2.7 does not note that it is an INT n whose delivery an exit cuts short, and
 * reports the event before it instead. INT n is restarted, and with it any fault of
 * its own; only what we have just put in front of it would be lost.
 */
static bool stale(struct vcpu *v, const struct event *event)
{
	bool fault = event->kind == EVENT_EXCEPTION && event->vector != VEC_DB;
	struct insn insn;

	if (svm_of(v)->soft_ints_told || (!fault && just_injected(v)))
		return false;
	return insn_at_rip(v->vm, &insn) && insn.map == MAP_ONE &&
	       insn.opcode == OP_INT;
}

void svm_event_decode(struct vcpu *v, struct event *event)
{
	static const uint8_t kinds[] = {
		[VMCB_EVENT_INTR] = EVENT_INTERRUPT,
		[VMCB_EVENT_NMI] = EVENT_NMI,
		[VMCB_EVENT_EXCEPTION] = EVENT_EXCEPTION,
		[VMCB_EVENT_SOFT_INT] = EVENT_SOFT_INT,
	};
	uint64_t info = svm_of(v)->vmcb->control.exitintinfo;
	unsigned type = FIELD_GET(VMCB_EVENT_TYPE, info);

	*event = (struct event){
		.kind = type < ARRAY_SIZE(kinds) ? kinds[type] : EVENT_NONE,
		.vector = FIELD_GET(VMCB_EVENT_VECTOR, info),
		.has_error = info & VMCB_EVENT_EV,
		.error = FIELD_GET(VMCB_EVENT_ERROR_CODE, info),
	};
	if (event->kind == EVENT_SOFT_INT)
		svm_of(v)->soft_ints_told = true;
	/*
	 * INT n is restarted, not reinjected: RIP still points at it. INT3 and
	 * INTO are reported as exceptions with RIP at the instruction too.
	 */
	if (event->kind == EVENT_SOFT_INT ||
	    (event->kind == EVENT_EXCEPTION &&
	     (event->vector == VEC_BP || event->vector == VEC_OF)) ||
	    stale(v, event))
		event->kind = EVENT_NONE;
}
