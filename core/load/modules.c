/*
 * Modules into guest memory, one after the other, for every loader that has them.
 * Knows nothing of how the image is told.
 */
#include "core/load/image.h"

enum hv_err load_module(struct loading *l, unsigned index, uint64_t *at)
{
	const struct load_blob *blob = &l->request->module[index];

	*at = align_up(l->end < LOW_1M ? LOW_1M : l->end, PAGE_SIZE);
	if (*at > l->ram || blob->size > l->ram - *at)
		return load_fail(l, HV_TOO_LARGE,
				 "module %u: %lu bytes do not fit into guest RAM above 0x%lx",
				 index + 1, blob->size, *at);
	if (blob->size)
		load_write(l, *at, blob->data, blob->size);
	l->end = *at + blob->size;
	return HV_OK;
}
