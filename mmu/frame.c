/* The frame pool's body: hands out zeroed frames; must not know what they hold. */
#include "mmu/frame.h"

#include <string.h>

void frame_pool_init(struct frame_pool *pool, hpa_t base, uint64_t size)
{
	uint64_t first = align_up(base.v, PAGE_SIZE);
	uint64_t end = align_down(base.v + size, PAGE_SIZE);

	/* A range too small for a frame, or one that wraps, is an empty pool. */
	if (base.v + size < base.v || first < base.v || end < first)
		end = first;
	pool->next = hpa(first);
	pool->end = hpa(end);
	pool->free_list = hpa(0);
	pool->used = 0;
}

enum hv_err frame_alloc_raw(struct frame_pool *pool, hpa_t *frame)
{
	hpa_t taken = pool->free_list;

	if (taken.v) {
		memcpy(&pool->free_list, hpa_ptr(taken), sizeof(pool->free_list));
	} else {
		if (pool->end.v - pool->next.v < PAGE_SIZE)
			return HV_NO_MEMORY;
		taken = pool->next;
		pool->next.v += PAGE_SIZE;
	}
	pool->used++;
	*frame = taken;
	return HV_OK;
}

enum hv_err frame_alloc(struct frame_pool *pool, hpa_t *frame)
{
	enum hv_err err = frame_alloc_raw(pool, frame);

	if (err == HV_OK)
		memset(hpa_ptr(*frame), 0, PAGE_SIZE);
	return err;
}

enum hv_err frame_alloc_run(struct frame_pool *pool, unsigned count,
			    hpa_t *first)
{
	uint64_t bytes = count * PAGE_SIZE;

	if (!count)
		return HV_BAD_ARGUMENT;
	if (bytes > pool->end.v - pool->next.v)
		return HV_NO_MEMORY;

	*first = pool->next;
	pool->next.v += bytes;
	pool->used += count;
	memset(hpa_ptr(*first), 0, bytes);
	return HV_OK;
}

void frame_free(struct frame_pool *pool, hpa_t frame)
{
	memcpy(hpa_ptr(frame), &pool->free_list, sizeof(pool->free_list));
	pool->free_list = frame;
	pool->used--;
}
