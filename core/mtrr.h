/*
 * Memory type range registers as a store without effect: firmware sets them up and may
 * not go on without; what memory is cached how stays the host's. Knows no vcpu.
 */
#ifndef CORE_MTRR_H
#define CORE_MTRR_H

#include "mmu/bits.h"

#define MTRR_FIXED	11u
#define MTRR_VARIABLE	8u	/* pairs */

struct mtrrs {
	uint64_t	type;			/* IA32_MTRR_DEF_TYPE */
	uint64_t	fixed[MTRR_FIXED];
	uint64_t	variable[2 * MTRR_VARIABLE];
};

/* False: no such register. */
bool mtrr_read(struct mtrrs *m, uint32_t number, uint64_t *value) MUST_CHECK;
/* False: no such register, one that cannot be written, or reserved bits or types. */
bool mtrr_write(struct mtrrs *m, uint32_t number, uint64_t value,
		unsigned phys_bits) MUST_CHECK;

#endif
