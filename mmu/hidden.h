/*
 * The identity map for a guest whose paging is off on hardware that insists on
 * paging: one 32-bit page directory of 4 MiB pages. Knows no vendor.
 */
#ifndef MMU_HIDDEN_H
#define MMU_HIDDEN_H

#include "mmu/addr.h"

#define HIDDEN_ENTRIES	1024u

/*
 * Fill `directory` (one frame): linear address = guest-physical address for all
 * 4 GiB, open to all privilege levels, accessed and dirty preset so that the CPU
 * has no reason to write. The 4 MiB at `hole` are not mapped for the guest: they
 * are not present, or, with `supervisor`, only for accesses the CPU makes itself
 * (its task state). SDM 3A "32-Bit Paging" 4.3, table 4-4.
 */
void hidden_fill(uint32_t *directory, gpa_t hole, bool supervisor);

#endif
