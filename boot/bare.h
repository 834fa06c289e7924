/*
 * Rung `bare`: the guest gets the machine itself, and the hypervisor is gone.
 * The reference that the other rungs are compared with.
 */
#ifndef BOOT_BARE_H
#define BOOT_BARE_H

#include "boot/memory.h"
#include "core/hv.h"
#include "mmu/ptab.h"

/* `caps`: what the CPU could have done, for the record alone. */
_Noreturn void bare_start(const struct hv_start *asked,
			  const struct hv_caps *caps, struct memory *memory,
			  struct ptab *pt);

#endif
