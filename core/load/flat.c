/* Flat images: no header; put at 1 MiB and entered at the first byte, in flat 32-bit code. */
#include "core/load/image.h"

enum hv_err load_flat(struct loading *l)
{
	const uint64_t size = l->request->image.size;

	load_flat_start(l, FLAT_ADDRESS);
	return load_place(l, "flat image", FLAT_ADDRESS, 0, size, size);
}
