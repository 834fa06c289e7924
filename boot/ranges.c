/*
 * A set of address ranges, for memory maps. Pure; knows no memory map's format.
 * A set that runs full forgets its smallest range: memory is lost, never invented.
 */
#include "boot/ranges.h"

static void drop(struct ranges *set, unsigned i)
{
	set->count--;
	for (; i < set->count; i++)
		set->at[i] = set->at[i + 1];
}

static void drop_smallest(struct ranges *set)
{
	unsigned smallest = 0;

	for (unsigned i = 1; i < set->count; i++) {
		if (set->at[i].end - set->at[i].base <
		    set->at[smallest].end - set->at[smallest].base)
			smallest = i;
	}
	drop(set, smallest);
}

/* A range that touches no other one. */
static void insert(struct ranges *set, uint64_t base, uint64_t end)
{
	unsigned i;

	if (base >= end)
		return;
	if (set->count == RANGES_MAX)
		drop_smallest(set);
	for (i = set->count; i > 0 && set->at[i - 1].base > base; i--)
		set->at[i] = set->at[i - 1];
	set->at[i] = (struct range){ base, end };
	set->count++;
}

void ranges_add(struct ranges *set, uint64_t base, uint64_t end)
{
	if (base >= end)
		return;
	for (unsigned i = 0; i < set->count;) {
		struct range r = set->at[i];

		if (r.base > end || r.end < base) {
			i++;
			continue;
		}
		base = r.base < base ? r.base : base;
		end = r.end > end ? r.end : end;
		drop(set, i);
	}
	insert(set, base, end);
}

void ranges_remove(struct ranges *set, uint64_t base, uint64_t end)
{
	for (unsigned i = 0; base < end && i < set->count;) {
		struct range r = set->at[i];

		if (r.base >= end || r.end <= base) {
			i++;
			continue;
		}
		drop(set, i);
		/* What is left of it overlaps [base, end) no more. */
		insert(set, r.base, base);
		insert(set, end, r.end);
		i = 0;
	}
}

void ranges_trim(struct ranges *set, uint64_t align)
{
	for (unsigned i = 0; i < set->count;) {
		struct range *r = &set->at[i];
		uint64_t base = align_up(r->base, align);

		r->end = align_down(r->end, align);
		/* align_up wraps to 0 at the very top. */
		if (base < r->base || base >= r->end) {
			drop(set, i);
			continue;
		}
		r->base = base;
		i++;
	}
}

bool ranges_contain(const struct ranges *set, uint64_t base, uint64_t end)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (base >= set->at[i].base && end <= set->at[i].end)
			return base <= end;
	}
	return false;
}

uint64_t ranges_total(const struct ranges *set)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < set->count; i++)
		total += set->at[i].end - set->at[i].base;
	return total;
}

/* The part of range i in [low, high), its base aligned; false when empty. */
static bool part(const struct ranges *set, unsigned i, uint64_t align,
		 uint64_t low, uint64_t high, struct range *out)
{
	uint64_t base = set->at[i].base;

	*out = set->at[i];
	if (base < low)
		base = low;
	if (out->end > high)
		out->end = high;
	out->base = align_up(base, align);
	return out->base >= base && out->base < out->end;
}

bool ranges_take(struct ranges *set, uint64_t size, uint64_t align,
		 uint64_t low, uint64_t high, uint64_t *base)
{
	struct range r;

	for (unsigned i = set->count; i-- > 0;) {
		if (!part(set, i, align, low, high, &r) ||
		    r.end - r.base < size)
			continue;
		*base = align_down(r.end - size, align);
		ranges_remove(set, *base, *base + size);
		return true;
	}
	return false;
}

uint64_t ranges_largest(const struct ranges *set, uint64_t align,
			uint64_t low, uint64_t high)
{
	struct range r;
	uint64_t largest = 0;

	for (unsigned i = 0; i < set->count; i++) {
		if (part(set, i, align, low, high, &r) &&
		    align_down(r.end - r.base, align) > largest)
			largest = align_down(r.end - r.base, align);
	}
	return largest;
}
