/*
 * The bare hand-over's parameter block and code, as handoff.asm lays them out.
 */
#ifndef BOOT_HANDOFF_H
#define BOOT_HANDOFF_H

#include "mmu/bits.h"

struct handoff {
	uint32_t	staging, size;	/* copied to physical 0, but for the hole below 1 MiB */
	uint32_t	protected_mode;
	uint32_t	gdt;
	uint32_t	eip;
	uint16_t	ip, cs;
	uint32_t	eax, ebx, edx, esi, esp;
	uint16_t	ds, reserved;
};
_Static_assert(offsetof(struct handoff, ip) == 20, "handoff.asm");
_Static_assert(offsetof(struct handoff, esp) == 40, "handoff.asm");
_Static_assert(offsetof(struct handoff, ds) == 44, "handoff.asm");
_Static_assert(sizeof(struct handoff) == 48, "handoff.asm");

extern const uint8_t handoff_blob[], handoff_blob_end[];
extern const uint32_t handoff_entry_offset;

#endif
