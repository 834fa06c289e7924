/*
 * The Limine boot protocol's numbers and structures, as they lie in guest memory.
 * Knows no image. "The Limine Boot Protocol", base revisions 0 to 3.
 */
#ifndef CORE_LOAD_LIMINE_DEFS_H
#define CORE_LOAD_LIMINE_DEFS_H

#include "mmu/bits.h"

#define LIMINE_ALIGN		8	/* of all that is searched for */
#define LIMINE_LOWEST		UINT64_C(0xffffffff80000000)	/* a kernel's addresses */
#define LIMINE_HHDM		UINT64_C(0xffff800000000000)	/* our choice */
#define LIMINE_BASE_REVISIONS	4u	/* 0 to 3 are known */
#define LIMINE_STACK		65536u	/* at least */
#define LIMINE_ANSWERS		65536u	/* room for GDT and responses: our choice */

/* What the image holds; each begins on an 8-byte boundary. */
#define LIMINE_REQUEST_MAGIC	{ UINT64_C(0xc7b1dd30df4c8b88), \
				  UINT64_C(0x0a82e883a194f07b) }
#define LIMINE_REVISION_MAGIC	{ UINT64_C(0xf9562b2d5c95a6c8), \
				  UINT64_C(0x6a7b384944536bdc) }
#define LIMINE_START_MARKER	{ UINT64_C(0xf6b8f4b39de7d1ae), \
				  UINT64_C(0xfab91a6940fcb9cf), \
				  UINT64_C(0x785c6ed015d3e316), \
				  UINT64_C(0x181e920a7852b9d9) }
#define LIMINE_END_MARKER	{ UINT64_C(0xadc0e0531bb10d03), \
				  UINT64_C(0x9572709f31764c62) }

struct limine_revision_tag {
	uint64_t	magic;
	uint64_t	loaded;		/* from revision 3 on: by which it was loaded */
	uint64_t	requested;	/* becomes 0 when it is known */
};

struct limine_request {
	uint64_t	id[4];
	uint64_t	revision;
	uint64_t	response;	/* untouched: not answered */
	/* Behind this, by feature: */
	uint64_t	own[3];
#define LIMINE_OWN_STACK_SIZE	0
#define LIMINE_OWN_ENTRY	0
#define LIMINE_OWN_MODE		0
#define LIMINE_OWN_MAX_MODE	1	/* request revision 1 */
#define LIMINE_OWN_MIN_MODE	2
};
#define LIMINE_REQUEST_SIZE	48u	/* without `own` */

/* The second half of each id. */
#define LIMINE_ID_BOOTLOADER	{ UINT64_C(0xf55038d8e2a1202f), UINT64_C(0x279426fcf5f59740) }
#define LIMINE_ID_FIRMWARE	{ UINT64_C(0x8c2f75d90bef28a8), UINT64_C(0x7045a4688eac00c3) }
#define LIMINE_ID_STACK		{ UINT64_C(0x224ef0460a8e8926), UINT64_C(0xe1cb0fc25f46ea3d) }
#define LIMINE_ID_HHDM		{ UINT64_C(0x48dcf1cb8ad2b852), UINT64_C(0x63984e959a98244b) }
#define LIMINE_ID_PAGING	{ UINT64_C(0x95c1a0edab0944cb), UINT64_C(0xa4e5cb3842f7488a) }
#define LIMINE_ID_MP		{ UINT64_C(0x95a67b819a1b857e), UINT64_C(0xa0b61b723b6a73e0) }
#define LIMINE_ID_MAP		{ UINT64_C(0x67cf3d9d378a806f), UINT64_C(0xe304acdfc50c3c62) }
#define LIMINE_ID_ENTRY		{ UINT64_C(0x13d86c035a1cd3e1), UINT64_C(0x2b0caa89d8f3026a) }
#define LIMINE_ID_FILE		{ UINT64_C(0xad97e90e83f1ed67), UINT64_C(0x31eb5d1c5ff23b69) }
#define LIMINE_ID_MODULES	{ UINT64_C(0x3e7e279702be32af), UINT64_C(0xca1c4f3bd1280cee) }
#define LIMINE_ID_ADDRESS	{ UINT64_C(0x71ba76863cc55f63), UINT64_C(0xb2644a48c516a487) }
#define LIMINE_ID_COMMAND_LINE	{ UINT64_C(0x4b161536e598651e), UINT64_C(0xb390ad4a2f1f303a) }

/* Every response: its revision, then what the feature has to say. */
struct limine_response {
	uint64_t	revision;
	uint64_t	value[2];
};
#define LIMINE_FIRMWARE_BIOS	0
#define LIMINE_PAGING_4_LEVELS	0

struct limine_map_entry {
	uint64_t	base, length;
	uint64_t	type;
#define LIMINE_USABLE		0
#define LIMINE_RESERVED		1
#define LIMINE_RECLAIMABLE	5	/* the boot loader's */
#define LIMINE_KERNEL		6	/* and modules */
};

struct limine_file {
	uint64_t	revision;
	uint64_t	address, size;
	uint64_t	path, command_line;
	uint32_t	media_type, unused, tftp_ip, tftp_port;
	uint32_t	partition, mbr_disk;
	uint8_t		gpt_disk[16], gpt_partition[16], partition_uuid[16];
};

struct limine_mp {
	uint64_t	revision;
	uint32_t	flags, bsp_lapic;
	uint64_t	cpus, list;
};

struct limine_cpu {
	uint32_t	processor, lapic;
	uint64_t	reserved, go_to, argument;
};

/*
 * The PAT: WB, WT, UC-, UC, WP, WC; the last two are nobody's and stay as after reset.
 * SDM 3A "Programming the PAT" 11.12.4.
 */
#define LIMINE_PAT	UINT64_C(0x0007010500070406)

/* The GDT at the entry, and the selectors of its 64-bit segments. */
#define LIMINE_CODE16	UINT64_C(0x00009b000000ffff)
#define LIMINE_DATA16	UINT64_C(0x000093000000ffff)
#define LIMINE_CS	0x28
#define LIMINE_DS	0x30

_Static_assert(offsetof(struct limine_request, own) == LIMINE_REQUEST_SIZE, "request");
_Static_assert(sizeof(struct limine_map_entry) == 24, "memory map entry");
_Static_assert(sizeof(struct limine_file) == 112, "file");
_Static_assert(sizeof(struct limine_mp) == 32, "MP response");
_Static_assert(sizeof(struct limine_cpu) == 32, "MP information");

#endif
