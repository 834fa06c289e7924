/*
 * Multiboot 2 structures as a boot loader leaves them in memory.
 * Multiboot2 Specification 2.0 "Boot information format" 3.6.
 */
#ifndef BOOT_MULTIBOOT2_H
#define BOOT_MULTIBOOT2_H

#include "mmu/bits.h"

#define MB2_BOOT_MAGIC	0x36d76289u	/* in EAX at entry */
#define MB2_ALIGN	8u		/* every tag starts at such a boundary */

struct mb2_info {
	uint32_t	total_size;	/* this header and the end tag too */
	uint32_t	reserved;
};
_Static_assert(sizeof(struct mb2_info) == 8, "multiboot 2");

struct mb2_tag {
	uint32_t	type;
#define MB2_TAG_END	0u
#define MB2_TAG_COMMAND	1u
#define MB2_TAG_MODULE	3u
#define MB2_TAG_MMAP	6u
#define MB2_TAG_SCREEN	8u
	uint32_t	size;		/* this header too, padding not */
};
_Static_assert(sizeof(struct mb2_tag) == 8, "multiboot 2");

struct mb2_module {
	struct mb2_tag	tag;
	uint32_t	start;
	uint32_t	end;
	/* then the string, terminated */
};
_Static_assert(sizeof(struct mb2_module) == 16, "multiboot 2");

struct mb2_mmap {
	struct mb2_tag	tag;
	uint32_t	entry_size;
	uint32_t	entry_version;
	/* then the entries */
};
_Static_assert(sizeof(struct mb2_mmap) == 16, "multiboot 2");

struct mb2_mmap_entry {
	uint64_t	base;
	uint64_t	length;
	uint32_t	type;		/* MB_MEMORY_AVAILABLE, as in multiboot 1 */
	uint32_t	reserved;
};
_Static_assert(sizeof(struct mb2_mmap_entry) == 24, "multiboot 2");

struct mb2_screen {
	struct mb2_tag	tag;
	uint64_t	address;
	uint32_t	pitch;		/* bytes */
	uint32_t	width, height;	/* pixels, or characters */
	uint8_t		depth;		/* bits */
	uint8_t		type;
#define MB2_SCREEN_RGB	1u		/* where each colour lies follows */
#define MB2_SCREEN_TEXT	2u		/* EGA text */
	uint16_t	reserved;
};
_Static_assert(sizeof(struct mb2_screen) == 32, "multiboot 2");

/* Bits from `at` up, `size` of them. */
struct mb2_colours {
	uint8_t	red_at, red_size, green_at, green_size, blue_at, blue_size;
};
_Static_assert(sizeof(struct mb2_colours) == 6, "multiboot 2");

#endif
