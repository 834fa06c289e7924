/* Operands in memory longer than a register. For core/emulate alone. */
#ifndef CORE_EMULATE_BLOCK_H
#define CORE_EMULATE_BLOCK_H

#include "core/emulate/exec.h"

/*
 * ModRM's memory operand of `size` bytes, at most a page, all of it allowed. `aligned`:
 * #GP(0) unless it lies at a multiple of that (a power of two; 1: anywhere).
 */
bool block_open(struct exec *x, unsigned size, unsigned aligned, unsigned access,
		struct memref *ref);
/* All of it, once: what the guest does to it later changes nothing. */
void block_load(struct exec *x, const struct memref *ref, void *to);
/* `size` bytes from `at` of it; they must lie inside. */
void block_store(struct exec *x, const struct memref *ref, unsigned at, const void *from,
		 unsigned size);

#endif
