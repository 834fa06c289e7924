/*
 * Exceptions on their way into the guest: raising one, alone or on top of
 * another. SDM 3A "Interrupt 8 - Double Fault Exception (#DF)" 6.15.
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include "core/vm.h"

/* What becomes of a second exception while the first is being delivered. */
enum event_merge { MERGE_SECOND, MERGE_DOUBLE_FAULT, MERGE_TRIPLE_FAULT };

enum event_merge event_merge(const struct event *first,
			     const struct event *second);

/* Raise an exception in the guest; error is used where the vector has one. */
void event_raise(struct vm *vm, uint8_t vector, uint32_t error);
/* #DB, DR6 saying `why`: B0 to B3, BS. */
void event_raise_debug(struct vm *vm, uint64_t why);
void event_raise_event(struct vm *vm, const struct event *event);

bool vector_has_error(uint8_t vector);

#endif
