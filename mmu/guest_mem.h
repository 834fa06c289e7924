/*
 * Guest-physical memory: a few slots of RAM or ROM, each one run of host memory.
 * Everything that touches guest memory from the host goes through here.
 */
#ifndef MMU_GUEST_MEM_H
#define MMU_GUEST_MEM_H

#include "mmu/addr.h"

#define GUEST_MEM_SLOTS	8

struct guest_mem_slot {
	gpa_t		base;
	uint64_t	size;		/* bytes, a multiple of PAGE_SIZE */
	hpa_t		host;
	bool		rom;		/* guest may read and execute only */
};

struct guest_mem {
	struct guest_mem_slot	slot[GUEST_MEM_SLOTS];
	unsigned		slots;
};

/*
 * The host memory behind [at, at+len), or NULL when any byte of it lies
 * outside one slot, or when `write` and the slot is ROM. len > 0.
 * The bytes belong to a hostile guest: copy once, check the copy.
 */
static inline void *guest_mem_ptr(const struct guest_mem *mem, gpa_t at,
				  uint64_t len, bool write)
{
	for (unsigned i = 0; i < mem->slots; i++) {
		const struct guest_mem_slot *s = &mem->slot[i];
		uint64_t offset = at.v - s->base.v;

		/* Unsigned: an `at` below base becomes a huge offset. */
		if (offset < s->size && len <= s->size - offset)
			return write && s->rom ? NULL :
			       (uint8_t *)hpa_ptr(s->host) + offset;
	}
	return NULL;
}

#endif
