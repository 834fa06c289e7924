/*
 * Multiboot 1 structures as a boot loader leaves them in memory.
 * Multiboot Specification 0.6.96 "Boot information format" 3.3.
 */
#ifndef BOOT_MULTIBOOT1_H
#define BOOT_MULTIBOOT1_H

#include "mmu/bits.h"

#define MB1_BOOT_MAGIC	0x2badb002u	/* in EAX at entry */

#define MB1_LOW		UINT64_C(0x0)
#define MB1_HIGH_BASE	UINT64_C(0x100000)	/* mem_upper counts from here */

struct mb1_info {
	uint32_t	flags;
#define MB1_MEMORY	BIT(0)
#define MB1_COMMAND	BIT(2)
#define MB1_MODULES	BIT(3)
#define MB1_MMAP	BIT(6)
	uint32_t	mem_lower;	/* KiB from 0 */
	uint32_t	mem_upper;	/* KiB from 1 MiB */
	uint32_t	boot_device;
	uint32_t	cmdline;
	uint32_t	mods_count;
	uint32_t	mods_addr;
	uint32_t	syms[4];
	uint32_t	mmap_length;
	uint32_t	mmap_addr;
};
_Static_assert(offsetof(struct mb1_info, mmap_addr) == 48, "multiboot 1");
_Static_assert(sizeof(struct mb1_info) == 52, "multiboot 1");

struct mb1_module {
	uint32_t	start;
	uint32_t	end;
	uint32_t	string;
	uint32_t	reserved;
};
_Static_assert(sizeof(struct mb1_module) == 16, "multiboot 1");

struct mb1_mmap {
	uint32_t	size;		/* of what follows this field */
	uint64_t	base;
	uint64_t	length;
	uint32_t	type;
#define MB_MEMORY_AVAILABLE	1u
} __attribute__((packed));
_Static_assert(sizeof(struct mb1_mmap) == 24, "multiboot 1");

#endif
