/*
 * Operands in memory longer than a register: whole pieces of pages, copied. Must
 * not know what they hold.
 */
#include <string.h>

#include "core/emulate/block.h"

#define MMIO_MAX	8u	/* bytes of one access to a device */

bool block_open(struct exec *x, unsigned size, unsigned aligned, unsigned access,
		struct memref *ref)
{
	uint64_t linear;

	operand_address(x);
	if (!seg_linear(x, x->seg, x->offset, size, access, &linear))
		return false;
	if (linear & (aligned - 1))
		return exec_gp0(x);
	if (x->v->cpl == 3)
		access |= ACCESS_USER;
	return lin_open(x, linear, size, access, ref);
}

static void device(struct exec *x, gpa_t at, uint8_t *data, unsigned size, bool write)
{
	while (size) {
		unsigned part = size < MMIO_MAX ? size : MMIO_MAX;
		uint64_t value = 0;

		memcpy(&value, data, part);
		x->emu->ops->mmio(x->emu, at, &value, part, write);
		memcpy(data, &value, part);
		at = gpa(at.v + part);
		data += part;
		size -= part;
	}
}

static void load_part(struct exec *x, const struct memref *ref, unsigned part, uint8_t *to)
{
	if (ref->ptr[part])
		memcpy(to, ref->ptr[part], ref->size[part]);
	else
		device(x, ref->at[part], to, ref->size[part], false);
}

void block_load(struct exec *x, const struct memref *ref, void *to)
{
	memset(to, 0, ref->size[0] + ref->size[1]);
	load_part(x, ref, 0, to);
	if (ref->size[1])
		load_part(x, ref, 1, (uint8_t *)to + ref->size[0]);
}

static void store_part(struct exec *x, const struct memref *ref, unsigned part, unsigned at,
		       const uint8_t *from, unsigned size)
{
	const struct emu_ops *ops = x->emu->ops;
	gpa_t to = gpa(ref->at[part].v + at);
	uint8_t copy[PAGE_SIZE / 8];

	if (ref->rom[part])
		return;
	if (!ref->ptr[part]) {
		memcpy(copy, from, size);
		device(x, to, copy, size, true);
		return;
	}
	if (ops->before_write)
		ops->before_write(x->emu, to, size);
	memcpy(ref->ptr[part] + at, from, size);
}

void block_store(struct exec *x, const struct memref *ref, unsigned at, const void *from,
		 unsigned size)
{
	unsigned first = ref->size[0], here = 0;

	if (at < first) {
		here = first - at < size ? first - at : size;
		store_part(x, ref, 0, at, from, here);
		at = first;
	}
	if (here < size)
		store_part(x, ref, 1, at - first, (const uint8_t *)from + here, size - here);
}
