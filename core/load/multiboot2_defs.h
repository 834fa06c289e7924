/*
 * Multiboot 2 structures and numbers, as a loader writes and reads them. Knows no
 * image. Multiboot2 Specification 2.0, "OS image format" 3.1 and "Boot information
 * format" 3.6.
 */
#ifndef CORE_LOAD_MULTIBOOT2_DEFS_H
#define CORE_LOAD_MULTIBOOT2_DEFS_H

#include "mmu/bits.h"

#define MULTIBOOT2_MAGIC	0xe85250d6u
#define MULTIBOOT2_SEARCH	32768	/* the header lies whole in the first bytes */
#define MULTIBOOT2_ALIGN	8	/* of the header, and of every tag */
#define MULTIBOOT2_BOOTED	0x36d76289u	/* EAX at the entry */

struct multiboot2_header {
	uint32_t	magic;
	uint32_t	architecture;
#define MULTIBOOT2_I386		0	/* 32-bit protected mode */
	uint32_t	header_length;	/* tags included */
	uint32_t	checksum;	/* the four sum to 0 */
};

/* The image's tags. */
struct multiboot2_header_tag {
	uint16_t	type;
#define MULTIBOOT2_HEADER_END		0
#define MULTIBOOT2_INFORMATION_REQUEST	1
#define MULTIBOOT2_ADDRESS		2
#define MULTIBOOT2_ENTRY_ADDRESS	3
#define MULTIBOOT2_CONSOLE_FLAGS	4
#define MULTIBOOT2_HEADER_FRAMEBUFFER	5
#define MULTIBOOT2_MODULE_ALIGNMENT	6
#define MULTIBOOT2_EFI_BOOT_SERVICES	7
#define MULTIBOOT2_EFI_32_ENTRY		8
#define MULTIBOOT2_EFI_64_ENTRY		9
#define MULTIBOOT2_RELOCATABLE		10
	uint16_t	flags;
#define MULTIBOOT2_OPTIONAL	BIT(0)	/* may be ignored */
	uint32_t	size;		/* this head included, padding not */
};

struct multiboot2_address {
	uint32_t	header_addr;
	uint32_t	load_addr;
#define MULTIBOOT2_FROM_START	0xffffffffu	/* the file from its first byte */
	uint32_t	load_end_addr;	/* 0: the rest of the file */
	uint32_t	bss_end_addr;	/* 0: no bss */
};

#define MULTIBOOT2_CONSOLE_REQUIRED	BIT(0)	/* one that the information describes */

struct multiboot2_relocatable {
	uint32_t	min_addr, max_addr;	/* no byte below, none above */
	uint32_t	align;
	uint32_t	preference;
};

/* What the image is told: a head, then tags. */
struct multiboot2_info {
	uint32_t	total_size, reserved;
};

struct multiboot2_tag {
	uint32_t	type;
#define MULTIBOOT2_END			0
#define MULTIBOOT2_COMMAND_LINE		1
#define MULTIBOOT2_LOADER_NAME		2
#define MULTIBOOT2_MODULE		3
#define MULTIBOOT2_BASIC_MEMORY		4
#define MULTIBOOT2_MEMORY_MAP		6
#define MULTIBOOT2_LOAD_BASE		21
#define MULTIBOOT2_TAGS			22	/* types from here on are nobody's */
	uint32_t	size;
};

struct multiboot2_basic_memory {
	uint32_t	lower, upper;	/* KiB: below 640K, above 1M */
};

struct multiboot2_module {
	uint32_t	start, end;	/* end: the first byte past it; a string follows */
};

struct multiboot2_map {
	uint32_t	entry_size, entry_version;
};

struct multiboot2_range {
	uint64_t	base, length;
	uint32_t	type;
#define MULTIBOOT2_USABLE	1
#define MULTIBOOT2_RESERVED	2
	uint32_t	reserved;
};

_Static_assert(sizeof(struct multiboot2_header) == 16, "header");
_Static_assert(sizeof(struct multiboot2_header_tag) == 8, "header tag");
_Static_assert(sizeof(struct multiboot2_address) == 16, "address tag");
_Static_assert(sizeof(struct multiboot2_relocatable) == 16, "relocatable tag");
_Static_assert(sizeof(struct multiboot2_tag) == 8, "information tag");
_Static_assert(sizeof(struct multiboot2_range) == 24, "memory map entry");

#endif
