/*
 * The memory map that every loader tells, as a PC's firmware would. Knows no format in
 * which it is told.
 */
#include "core/load/image.h"

void load_memory_map(const struct loading *l, struct load_range map[LOAD_RANGES])
{
	map[0] = (struct load_range){ 0, LOW_EBDA, true };
	map[1] = (struct load_range){ LOW_EBDA, LOW_RAM_END, false };
	map[2] = (struct load_range){ LOW_BIOS, LOW_1M, false };
	map[3] = (struct load_range){ LOW_1M, l->ram, true };
}
