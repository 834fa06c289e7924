/*
 * Multiboot 1 structures and numbers.
 * Multiboot Specification 0.6.96, "The layout of Multiboot header" 3.1.1 and
 * "Boot information format" 3.3.
 */
#ifndef CORE_LOAD_MULTIBOOT_DEFS_H
#define CORE_LOAD_MULTIBOOT_DEFS_H

#include "mmu/bits.h"

#define MULTIBOOT_MAGIC		0x1badb002u
#define MULTIBOOT_SEARCH	8192	/* the header lies whole in the first bytes */
#define MULTIBOOT_ALIGN		4
#define MULTIBOOT_BOOTED	0x2badb002u	/* EAX at the entry */

struct multiboot_header {
	uint32_t	magic;
	uint32_t	flags;
#define MULTIBOOT_PAGE_ALIGN	BIT(0)	/* modules at page boundaries */
#define MULTIBOOT_MEMORY_INFO	BIT(1)
#define MULTIBOOT_VIDEO		BIT(2)	/* a wish: no video mode is ever set */
#define MULTIBOOT_ADDRESSES	BIT(16)	/* the five fields below count */
#define MULTIBOOT_MUST		BITS(15, 0)	/* unknown ones here: refuse the image */
#define MULTIBOOT_KNOWN		(MULTIBOOT_PAGE_ALIGN | MULTIBOOT_MEMORY_INFO | \
				 MULTIBOOT_VIDEO)
	uint32_t	checksum;	/* the three sum to 0 */
};

struct multiboot_addresses {
	uint32_t	header_addr;
	uint32_t	load_addr;
	uint32_t	load_end_addr;	/* 0: the rest of the file */
	uint32_t	bss_end_addr;	/* 0: no bss */
	uint32_t	entry_addr;
};

struct multiboot_info {
	uint32_t	flags;
#define MBI_MEMORY		BIT(0)
#define MBI_COMMAND_LINE	BIT(2)
#define MBI_MODULES		BIT(3)
#define MBI_MEMORY_MAP		BIT(6)
#define MBI_LOADER_NAME		BIT(9)
	uint32_t	mem_lower, mem_upper;	/* KiB: below 640K, above 1M */
	uint32_t	boot_device;
	uint32_t	command_line;
	uint32_t	modules, modules_at;
	uint32_t	symbols[4];
	uint32_t	map_size, map_at;
	uint32_t	drives_size, drives_at;
	uint32_t	config_table;
	uint32_t	loader_name;
	uint32_t	apm_table;
	uint32_t	vbe[4];
};

struct multiboot_module {
	uint32_t	start, end;	/* end: the first byte past it */
	uint32_t	string;
	uint32_t	reserved;
};

struct multiboot_range {
	uint32_t	size;		/* of what follows */
	uint32_t	base[2], length[2];	/* low half first: unaligned 64-bit fields */
	uint32_t	type;
#define MULTIBOOT_USABLE	1
#define MULTIBOOT_RESERVED	2
};

_Static_assert(sizeof(struct multiboot_header) == 12, "header");
_Static_assert(sizeof(struct multiboot_addresses) == 20, "addresses");
_Static_assert(offsetof(struct multiboot_info, map_size) == 44, "mmap_length");
_Static_assert(offsetof(struct multiboot_info, loader_name) == 64, "loader name");
_Static_assert(sizeof(struct multiboot_info) == 88, "information");
_Static_assert(sizeof(struct multiboot_range) == 24, "memory map entry");

#endif
