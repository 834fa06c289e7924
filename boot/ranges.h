/*
 * A set of address ranges, for memory maps. Pure; knows no memory map's format.
 * A set that runs full forgets its smallest range: memory is lost, never invented.
 */
#ifndef BOOT_RANGES_H
#define BOOT_RANGES_H

#include "mmu/addr.h"

#define RANGES_MAX	64

struct range {
	uint64_t	base, end;	/* end: first byte past it; base < end */
};

struct ranges {
	struct range	at[RANGES_MAX];	/* ascending, apart from each other */
	unsigned	count;
};

/* [base, end) joins the set; ranges it touches or overlaps become one with it. */
void ranges_add(struct ranges *set, uint64_t base, uint64_t end);

/* [base, end) leaves the set. */
void ranges_remove(struct ranges *set, uint64_t base, uint64_t end);

/* Every range cut inward to multiples of `align`, a power of two. */
void ranges_trim(struct ranges *set, uint64_t align);

bool ranges_contain(const struct ranges *set, uint64_t base, uint64_t end);

/* Bytes in all. */
uint64_t ranges_total(const struct ranges *set);

/*
 * Take the highest `size` bytes at a multiple of `align` within [low, high).
 * False, and nothing taken, when there is no such piece. size > 0.
 */
bool ranges_take(struct ranges *set, uint64_t size, uint64_t align,
		 uint64_t low, uint64_t high, uint64_t *base) MUST_CHECK;

/* The largest multiple of `align` that ranges_take() would find there. */
uint64_t ranges_largest(const struct ranges *set, uint64_t align,
			uint64_t low, uint64_t high);

#endif
