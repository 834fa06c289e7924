/* The pieces of a string instruction, shared by memory and port strings. */
#ifndef CORE_EMULATE_STRINGS_H
#define CORE_EMULATE_STRINGS_H

#include "core/emulate/exec.h"

/* DS:rSI or its override, by address size. */
bool string_source(struct exec *x, uint64_t *value);
/* ES:rDI; no override. */
bool string_target(struct exec *x, unsigned access, struct memref *ref);
/* Move rSI or rDI by the operand's size as DF says. */
void string_step(struct exec *x, unsigned reg);
/* Once, or with REP up to EMU_REP_MAX times. */
bool string_repeat(struct exec *x, bool (*once)(struct exec *x), bool compares);

#endif
