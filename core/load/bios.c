/*
 * Puts what stands for a BIOS into guest memory, and into it the memory map that every
 * guest is told. Does not know what the services do.
 */
#include <string.h>

#include "core/load/bios.h"
#include "mmu/panic.h"

#define KIB		1024
#define PARAGRAPH	16
#define SEGMENT_SHIFT	16	/* of the upper half of a vector */

static uint64_t at_most(uint64_t value, uint64_t most)
{
	return value < most ? value : most;
}

static void put_data(struct loading *l)
{
	const uint8_t area_kib = BIOS_AREA_KIB;
	struct bios_data data = { .entries = LOAD_RANGES };
	struct load_range map[LOAD_RANGES];

	load_memory_map(l, map);
	for (unsigned i = 0; i < LOAD_RANGES; i++)
		data.map[i] = (struct bios_range){
			.base = map[i].base, .size = map[i].end - map[i].base,
			.type = map[i].usable ? BIOS_RANGE_MEMORY :
						BIOS_RANGE_RESERVED,
		};
	data.above_1m = at_most((l->ram - LOW_1M) / KIB, BIOS_ABOVE_1M_MAX);
	data.below_16m = (at_most(l->ram, BIOS_SIZES_SPLIT) - LOW_1M) / KIB;
	if (l->ram > BIOS_SIZES_SPLIT)
		data.above_16m = (l->ram - BIOS_SIZES_SPLIT) / BIOS_UNIT_ABOVE;
	load_write(l, BIOS_AREA, &area_kib, sizeof(area_kib));
	load_write(l, BIOS_DATA, &data, sizeof(data));
}

static uint32_t vector_to(unsigned offset)
{
	return BIOS_AREA / PARAGRAPH << SEGMENT_SHIFT |
	       (uint32_t)(BIOS_CODE - BIOS_AREA + offset);
}

static void put_vectors(struct loading *l)
{
	uint32_t ivt[BIOS_VECTORS];

	for (unsigned i = 0; i < BIOS_VECTORS; i++)
		ivt[i] = vector_to(0);
	for (unsigned i = 0; i < bios_vector_count; i++)
		ivt[bios_vectors[i].vector] = vector_to(bios_vectors[i].offset);
	load_write(l, 0, ivt, sizeof(ivt));
}

void load_bios(struct loading *l)
{
	if (bios_code_size > BIOS_AREA_END - BIOS_CODE)
		panic("BIOS code of %u bytes", bios_code_size);
	put_data(l);
	put_vectors(l);
	load_write(l, BIOS_CODE, bios_code, bios_code_size);
}
