/*
 * What stands in for paging and a task while the guest has neither, on hardware that
 * insists on both: an identity map, and the task state that virtual-8086 mode needs.
 * Knows no vendor.
 */
#ifndef MMU_HIDDEN_H
#define MMU_HIDDEN_H

#include "mmu/addr.h"
#include "mmu/err.h"
#include "mmu/frame.h"

#define HIDDEN_ENTRIES	1024u

/*
 * Where it is, linear and (under nested paging) guest-physical: in 4 MiB that no
 * guest can get to. Above all RAM (at most 3 GiB), below all ROM (the last 16 MiB).
 */
#define HIDDEN_BASE	UINT64_C(0xfb000000)
#define HIDDEN_MAP	HIDDEN_BASE
#define HIDDEN_MAP_VM86	(HIDDEN_BASE + PAGE_SIZE)
#define HIDDEN_TSS	(HIDDEN_BASE + 2 * PAGE_SIZE)

/* SDM 3A "Task-State Segment (TSS)" 7.2.1; "I/O Permission Bit Map" SDM 1 19.5.2. */
#define TSS_IO_BASE_AT	102u	/* 16 bits: where the I/O bitmap starts */
#define TSS_SIZE	104u
#define TSS_REDIRECTION	32u	/* bytes, right below the I/O bitmap */
#define TSS_IO_BITMAP	8192u
#define TSS_LIMIT	(TSS_SIZE + TSS_REDIRECTION + TSS_IO_BITMAP)	/* and the byte of ones */
#define TSS_FRAMES	3u

/*
 * Fill `directory` (one frame) in 32-bit format: linear address = guest-physical
 * address for all 4 GiB, open to all privilege levels, accessed and dirty preset so
 * that the CPU has no reason to write. The 4 MiB at `hole` are not mapped for the
 * guest: they are not present, or, with `supervisor`, only for accesses the CPU makes
 * itself (its task state). SDM 3A "32-Bit Paging" 4.3, table 4-4.
 */
void hidden_fill(uint32_t *directory, gpa_t hole, bool supervisor);

/*
 * Fill TSS_FRAMES zeroed frames in a row. All I/O and all interrupts go where they
 * would go without a task: bits clear, for the rung's own controls to decide.
 */
void hidden_tss_fill(uint8_t *tss);

/*
 * The task state at HIDDEN_TSS for hardware that walks our tables: a page directory
 * in PAE format for the fourth GiB that leads to a TSS and to nothing else, for
 * supervisor accesses alone, accessed and dirty preset. HV_NO_MEMORY leaves the pool
 * as it was.
 */
enum hv_err hidden_task_make(struct frame_pool *pool,
			     hpa_t *directory) MUST_CHECK;
void hidden_task_free(struct frame_pool *pool, hpa_t directory);

#endif
