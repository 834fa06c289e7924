/* Raising exceptions in the guest, with the double-fault rules; no hardware. */
#include "core/event.h"

enum vector_class { CLASS_BENIGN, CLASS_CONTRIBUTORY, CLASS_PAGE_FAULT };

/* SDM 3A table 6-4 "Interrupt and Exception Classes" */
static enum vector_class vector_class(uint8_t vector)
{
	switch (vector) {
	case VEC_DE:
	case VEC_TS:
	case VEC_NP:
	case VEC_SS:
	case VEC_GP:
	case VEC_CP:
		return CLASS_CONTRIBUTORY;
	case VEC_PF:
	case VEC_VE:
		return CLASS_PAGE_FAULT;
	default:
		return CLASS_BENIGN;
	}
}

bool vector_has_error(uint8_t vector)
{
	switch (vector) {
	case VEC_DF:
	case VEC_TS:
	case VEC_NP:
	case VEC_SS:
	case VEC_GP:
	case VEC_PF:
	case VEC_AC:
	case VEC_CP:
		return true;
	default:
		return false;
	}
}

/* SDM 3A table 6-5 "Conditions for Generating a Double Fault" */
enum event_merge event_merge(const struct event *first,
			     const struct event *second)
{
	enum vector_class a, b;

	if (first->kind != EVENT_EXCEPTION)
		return MERGE_SECOND;
	if (first->vector == VEC_DF)
		return vector_class(second->vector) == CLASS_BENIGN ?
		       MERGE_SECOND : MERGE_TRIPLE_FAULT;
	a = vector_class(first->vector);
	b = vector_class(second->vector);
	if (a == CLASS_CONTRIBUTORY && b == CLASS_CONTRIBUTORY)
		return MERGE_DOUBLE_FAULT;
	if (a == CLASS_PAGE_FAULT && b != CLASS_BENIGN)
		return MERGE_DOUBLE_FAULT;
	return MERGE_SECOND;
}

/* Real mode delivers no error codes. APM vol. 2 "Error Codes" 8.4. */
static bool error_delivered(struct vcpu *v, uint8_t vector)
{
	if (!vector_has_error(vector))
		return false;
	vcpu_need(v, ST_CR);
	return v->cr0 & CR0_PE;
}

void event_raise_event(struct vm *vm, const struct event *event)
{
	struct vcpu *v = &vm->vcpu;

	/*
	 * Of two events that do not make a double fault the second is delivered
	 * and the first is lost: an instruction's own will be raised again
	 * when it restarts, as on the bare CPU.
	 */
	switch (event_merge(&v->pending, event)) {
	case MERGE_SECOND:
		v->pending = *event;
		break;
	case MERGE_DOUBLE_FAULT:
		v->pending = (struct event){
			.kind = EVENT_EXCEPTION, .vector = VEC_DF,
			.has_error = error_delivered(v, VEC_DF),
		};
		break;
	case MERGE_TRIPLE_FAULT:
		vm_finish(vm, END_TRIPLE_FAULT, 0,
			  "exception %u while delivering a double fault",
			  event->vector);
		return;
	}
	/*
	 * A #PF loads CR2 even when it leads to a double fault. SDM 3C
	 * "Architectural State Before a VM Exit" 27.1.
	 */
	if (event->vector == VEC_PF) {
		v->cr2 = event->cr2;
		vcpu_touch(v, ST_CR2);
	}
}

void event_raise(struct vm *vm, uint8_t vector, uint32_t error)
{
	struct event event = {
		.kind = EVENT_EXCEPTION, .vector = vector,
		.has_error = error_delivered(&vm->vcpu, vector),
	};

	if (event.has_error)
		event.error = error;
	event_raise_event(vm, &event);
}

/* "Certain debug exceptions may clear bits 0-3." SDM 3B "Debug Status Register (DR6)" 17.2.3 */
void event_raise_debug(struct vm *vm, uint64_t why)
{
	struct vcpu *v = &vm->vcpu;

	vcpu_need(v, ST_DR);
	v->dr6 = (v->dr6 & ~DR6_B) | why;
	v->held_hits = 0;
	vcpu_touch(v, ST_DR);
	event_raise(vm, VEC_DB, 0);
}
