/* What the two parts of the PVH loader share. Private to core/load. */
#ifndef CORE_LOAD_PVH_H
#define CORE_LOAD_PVH_H

#include "core/load/elf.h"

/* The entry that the image's note tells, unchecked; an error when there is none. */
enum hv_err pvh_entry(struct loading *l, const struct elf *elf, uint64_t *entry)
		      MUST_CHECK;

#endif
