/*
 * Who gets which part of the machine's memory: the frame pool, the guest. Knows
 * the memory map, not what the memory is for.
 */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include "boot/info.h"
#include "mmu/frame.h"

struct memory {
	struct ranges		free;
	struct frame_pool	pool;
};

/* Free memory: RAM from 1 MiB up without the image and the modules. */
void memory_init(struct memory *memory, const struct boot_info *info);

/* False when there is too little. The pool lies below 4 GiB: entry.asm maps that. */
bool memory_take_pool(struct memory *memory) MUST_CHECK;

/*
 * `size` bytes for a guest, zeroed, 2 MiB aligned. On failure *size is what would
 * have fitted. The memory must be mapped.
 */
bool memory_take_guest(struct memory *memory, uint64_t *size, hpa_t *base)
	MUST_CHECK;

/*
 * The same, but such that it lies below 4 GiB and clear of physical [0, size),
 * where it is going to be copied, with one page for the copying code.
 */
bool memory_take_staging(struct memory *memory, uint64_t *size, hpa_t *base,
			 hpa_t *page) MUST_CHECK;

#endif
