/*
 * What the parts of the multiboot 2 loader share: the header as read, and who makes
 * what of it. Private to core/load; knows nothing of other kinds.
 */
#ifndef CORE_LOAD_MULTIBOOT2_H
#define CORE_LOAD_MULTIBOOT2_H

#include "core/load/image.h"
#include "core/load/multiboot2_defs.h"

/* What the header's tags ask for. */
struct multiboot2_wish {
	uint64_t			offset;	/* of the header, in the image */
	bool				has_address, has_entry, has_relocatable;
	bool				relocatable_optional;
	struct multiboot2_address	address;
	struct multiboot2_relocatable	relocatable;
	uint32_t			entry;
};

/* All tags; HV_BAD_IMAGE when one is damaged or asks for what cannot be had. */
enum hv_err multiboot2_read_header(struct loading *l,
				   struct multiboot2_wish *wish) MUST_CHECK;

/*
 * Modules above l->end, then the information at LOADER_INFO. `load_base` is told
 * to images that can be relocated, NULL for others.
 */
enum hv_err load_multiboot2_info(struct loading *l, const uint32_t *load_base)
	MUST_CHECK;

#endif
