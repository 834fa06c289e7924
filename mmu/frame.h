/*
 * The frame pool: 4 KiB host frames for tables and hardware structures, from
 * one range given at start. Knows nothing of what the frames are for.
 */
#ifndef MMU_FRAME_H
#define MMU_FRAME_H

#include "mmu/addr.h"
#include "mmu/err.h"

struct frame_pool {
	hpa_t		next;		/* first never used frame */
	hpa_t		end;		/* first byte past the range */
	hpa_t		free_list;	/* freed frames, linked through their first word; 0: none */
	uint64_t	used;		/* frames handed out and not freed */
};

/* [base, base+size): rounded inward to whole frames. */
void frame_pool_init(struct frame_pool *pool, hpa_t base, uint64_t size);

/* One zeroed frame, or HV_NO_MEMORY. */
enum hv_err frame_alloc(struct frame_pool *pool, hpa_t *frame) MUST_CHECK;

/* One frame with whatever it held, or HV_NO_MEMORY. */
enum hv_err frame_alloc_raw(struct frame_pool *pool, hpa_t *frame) MUST_CHECK;

/* `count` zeroed frames in a row (never from the free list), or HV_NO_MEMORY. */
enum hv_err frame_alloc_run(struct frame_pool *pool, unsigned count,
			    hpa_t *first) MUST_CHECK;

void frame_free(struct frame_pool *pool, hpa_t frame);

#endif
