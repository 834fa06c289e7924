/*
 * Who gets which part of the machine's memory: the frame pool, the guest. Knows
 * the memory map, not what the memory is for.
 */
#include "boot/memory.h"

#include "boot/layout.h"

#include <string.h>

#define LOW_MEMORY	BIT(20)		/* firmware data, adapters: left alone */
#define POOL_MIN	(UINT64_C(4) << 20)
#define POOL_MAX	(UINT64_C(16) << 20)
#define POOL_SHARE	8		/* of the machine's memory, one part in */

void memory_init(struct memory *memory, const struct boot_info *info)
{
	memory->free = info->ram;
	ranges_remove(&memory->free, 0, LOW_MEMORY);
	ranges_remove(&memory->free, (uintptr_t)image_start,
		      (uintptr_t)image_end);
	for (unsigned i = 0; i < info->modules; i++)
		ranges_remove(&memory->free, info->module[i].start,
			      info->module[i].end);
	ranges_trim(&memory->free, PAGE_SIZE);
}

bool memory_take_pool(struct memory *memory)
{
	uint64_t size = ranges_total(&memory->free) / POOL_SHARE;
	uint64_t base;

	if (size > POOL_MAX)
		size = POOL_MAX;
	if (size < POOL_MIN)
		size = POOL_MIN;
	size = align_down(size, PAGE_SIZE);
	if (!ranges_take(&memory->free, size, PAGE_SIZE, 0, SIZE_4G, &base))
		return false;
	frame_pool_init(&memory->pool, hpa(base), size);
	return true;
}

bool memory_take_guest(struct memory *memory, uint64_t *size, hpa_t *base)
{
	uint64_t at;

	/* Below 4 GiB if possible: fewer kinds of machine to tell apart. */
	if (!ranges_take(&memory->free, *size, SIZE_2M, 0, SIZE_4G, &at) &&
	    !ranges_take(&memory->free, *size, SIZE_2M, 0, BIT(52), &at)) {
		*size = ranges_largest(&memory->free, SIZE_2M, 0, BIT(52));
		return false;
	}
	*base = hpa(at);
	memset(hpa_ptr(*base), 0, *size);
	return true;
}

/* How much could lie above its own size: it is copied down to [0, size). */
static uint64_t staging_largest(const struct ranges *free)
{
	uint64_t largest = 0;

	for (unsigned i = 0; i < free->count; i++) {
		uint64_t end = free->at[i].end < SIZE_4G ? free->at[i].end :
			       SIZE_4G;
		uint64_t base = align_up(free->at[i].base, SIZE_2M);
		uint64_t half = align_down(align_down(end, SIZE_2M) / 2,
					   SIZE_2M);
		uint64_t size = base < end ? align_down(end - base, SIZE_2M) :
				0;

		if (size > half)
			size = half;
		if (size > largest)
			largest = size;
	}
	return largest;
}

bool memory_take_staging(struct memory *memory, uint64_t *size, hpa_t *base,
			 hpa_t *page)
{
	uint64_t at, code;

	if (!ranges_take(&memory->free, PAGE_SIZE, PAGE_SIZE, *size, SIZE_4G,
			 &code) ||
	    !ranges_take(&memory->free, *size, SIZE_2M, *size, SIZE_4G, &at)) {
		*size = staging_largest(&memory->free);
		return false;
	}
	*base = hpa(at);
	*page = hpa(code);
	memset(hpa_ptr(*base), 0, *size);
	return true;
}
