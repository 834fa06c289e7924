/*
 * The memory bus beyond RAM: splits accesses, finds who answers. Few devices, so a scan
 * is the fastest table.
 */
#include "core/device/mmio.h"

#include <string.h>

#define UNIT		8u	/* ranges begin and end at its multiples */

bool mmio_attach(struct mmio_bus *bus, const struct mmio_device *device)
{
	const uint64_t end = device->base + device->size;

	if (bus->devices == MMIO_DEVICES || end <= device->base ||
	    (device->base | device->size) % UNIT)
		return false;
	for (unsigned i = 0; i < bus->devices; i++)
		if (device->base < bus->device[i].base + bus->device[i].size &&
		    bus->device[i].base < end)
			return false;
	if (!bus->devices || device->base < bus->low)
		bus->low = device->base;
	if (bus->high < end)
		bus->high = end;
	bus->device[bus->devices++] = *device;
	return true;
}

/* The largest power of two that fits into `size` bytes and to which `at` is aligned. */
static unsigned piece_of(uint64_t at, unsigned size)
{
	unsigned piece = UNIT;

	while (piece > size || at % piece)
		piece /= 2;
	return piece;
}

/* One aligned piece: no range begins or ends in it. */
static void access_piece(struct mmio_bus *bus, uint64_t at, uint8_t *data, unsigned size,
			 bool write)
{
	uint64_t value = UINT64_MAX;

	if (write) {
		value = 0;
		memcpy(&value, data, size);
	}
	for (unsigned i = 0; i < bus->devices; i++) {
		const struct mmio_device *d = &bus->device[i];
		const uint64_t offset = at - d->base;

		if (offset >= d->size)
			continue;
		if (write)
			d->write(d->self, offset, size, value);
		else
			value = d->read(d->self, offset, size);
		break;
	}
	if (!write)
		memcpy(data, &value, size);
}

void mmio_access(struct mmio_bus *bus, uint64_t at, void *data, unsigned size, bool write)
{
	uint8_t *next = data;

	while (size) {
		const unsigned piece = piece_of(at, size);

		access_piece(bus, at, next, piece, write);
		at += piece;
		next += piece;
		size -= piece;
	}
}
