/*
 * The bare hand-over's parameter block and code, as handoff.asm lays them out.
 */
#ifndef BOOT_HANDOFF_H
#define BOOT_HANDOFF_H

#include "mmu/bits.h"

struct handoff {
	uint32_t	staging, size;	/* copied to physical 0, but for the hole below 1 MiB */
	uint32_t	mode;		/* enum load_mode */
	uint16_t	ip, cs;
	uint32_t	eax, ebx, edx;
	uint32_t	cr0, cr3, cr4;	/* long mode */
	uint32_t	efer;		/* without LMA, which the CPU sets */
	uint16_t	ds;
	uint16_t	gdt_limit;	/* with gdt: what LGDT takes */
	uint64_t	gdt;
	uint64_t	rip, rsp, rsi, rdi;
	uint64_t	pat;		/* long mode */
};
_Static_assert(offsetof(struct handoff, ip) == 12, "handoff.asm");
_Static_assert(offsetof(struct handoff, cr0) == 28, "handoff.asm");
_Static_assert(offsetof(struct handoff, gdt_limit) == 46, "handoff.asm");
_Static_assert(offsetof(struct handoff, rip) == 56, "handoff.asm");
_Static_assert(sizeof(struct handoff) == 96, "handoff.asm");

extern const uint8_t handoff_blob[], handoff_blob_end[];
extern const uint32_t handoff_entry_offset;

#endif
