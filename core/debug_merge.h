/*
 * DR0 to DR3 and DR7 of the guest and of its user in one set of registers, and apart
 * again. For core/debug.c alone.
 */
#ifndef CORE_DEBUG_MERGE_H
#define CORE_DEBUG_MERGE_H

#include "core/debug.h"

/* The vcpu's registers hold both, or the guest's alone. Need ST_DR; no harm when they do. */
void debug_merge(struct vm *vm);
void debug_part(struct vm *vm);

/* While merged: which of DR6's B0 to B3 are the user's. */
uint8_t debug_ours(const struct debug *d, unsigned kinds);

/* Is there a breakpoint of the user's on the code at CS:RIP? Needs ST_RIP, ST_CR, ST_CS. */
bool debug_code_here(const struct vm *vm);

#endif
