/*
 * How a run ended, for the one who started it. Private to core/hv*.c.
 */
#ifndef CORE_HV_RESULT_H
#define CORE_HV_RESULT_H

#include "core/hv.h"
#include "core/vm.h"

/* As the record says it: "exit", "halt", ... */
const char *hv_end_name(enum vm_end end);

/* The `error` that ends the stream, and the result's reason. */
void hv_fail(const struct hv_start *start, bool missing, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The guest has ended: the result, when one is asked for. */
void hv_tell(const struct hv_start *start, const struct vm *vm);

#endif
