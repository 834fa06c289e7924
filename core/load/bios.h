/*
 * What stands for the BIOS of a guest that starts with real-mode code of its own. Its code
 * is core/load/bios.asm, which knows this layout. Private to core/load.
 */
#ifndef CORE_LOAD_BIOS_H
#define CORE_LOAD_BIOS_H

#include "core/load/image.h"

/* In the area that the memory map tells as the BIOS's own; its first byte is its size. */
#define BIOS_AREA		LOW_EBDA
#define BIOS_AREA_KIB		1
#define BIOS_DATA		(BIOS_AREA + 0x10)
#define BIOS_CODE		(BIOS_AREA + 0x80)
#define BIOS_AREA_END		(BIOS_AREA + 1024)
#define BIOS_VECTORS		256

/* Sizes of contiguous memory, as INT 15h AX=E801h and AH=88h tell them. */
#define BIOS_SIZES_SPLIT	(UINT64_C(16) << 20)
#define BIOS_UNIT_ABOVE		(UINT64_C(64) << 10)
#define BIOS_ABOVE_1M_MAX	0xfc00u		/* KiB: 63 MiB, what the old word is filled to */

/* ACPI "System Address Map Interfaces", "Address Range Descriptor Structure". */
struct bios_range {
	uint64_t	base, size;
	uint32_t	type;
#define BIOS_RANGE_MEMORY	1
#define BIOS_RANGE_RESERVED	2
} __attribute__((packed));

struct bios_data {
	uint32_t		entries;
	uint16_t		below_16m;	/* KiB from 1 MiB on */
	uint16_t		above_16m;	/* units of 64 KiB */
	uint16_t		above_1m;	/* KiB */
	uint16_t		reserved;
	struct bios_range	map[LOAD_RANGES];
} __attribute__((packed));

_Static_assert(sizeof(struct bios_range) == 20, "MAP_ENTRY");
_Static_assert(offsetof(struct bios_data, map) == 12, "data.map");
_Static_assert(BIOS_DATA + sizeof(struct bios_data) <= BIOS_CODE, "the data's room");

struct bios_vector { uint16_t vector, offset; };

extern const uint8_t bios_code[];
extern const struct bios_vector bios_vectors[];
extern const uint16_t bios_code_size, bios_vector_count;

/* Vectors, code and what it tells into guest memory. */
void load_bios(struct loading *l);

#endif
