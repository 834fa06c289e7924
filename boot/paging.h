/*
 * The hypervisor's own address space: RAM one to one and never executable, the
 * image W^X, a hole under every stack and at address 0.
 */
#ifndef BOOT_PAGING_H
#define BOOT_PAGING_H

#include "boot/info.h"
#include "mmu/ptab.h"

/*
 * Build the tables from `pool` and switch to them. Failure: HV_NO_MEMORY. A screen that
 * cannot be mapped leaves info->screen without width.
 */
enum hv_err paging_init(struct ptab *pt, struct boot_info *info,
			struct frame_pool *pool) MUST_CHECK;

#endif
