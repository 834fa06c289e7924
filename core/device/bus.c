/* The port bus: finds who answers. Few devices, so a scan is the fastest table. */
#include "core/device/device.h"

#define EMPTY_BUS	0xff	/* what a byte reads that nobody drives */
#define BYTE_BITS	8
#define BYTE_MASK	BITS(7, 0)

static struct device *find(struct bus *bus, uint16_t port)
{
	struct device *end = bus->device + bus->devices;

	for (struct device *d = bus->device; d < end; d++)
		/* Unsigned: a port below `first` becomes a large offset. */
		if ((uint16_t)(port - d->first) <= (uint16_t)(d->last - d->first))
			return d;
	return NULL;
}

static uint8_t byte_in(struct bus *bus, uint16_t port)
{
	struct device *d = find(bus, port);

	return d ? d->in(d->self, port) : EMPTY_BUS;
}

bool bus_attach(struct bus *bus, const struct device *device)
{
	if (bus->devices == BUS_DEVICES || device->first > device->last)
		return false;
	for (unsigned i = 0; i < bus->devices; i++)
		if (device->first <= bus->device[i].last &&
		    bus->device[i].first <= device->last)
			return false;
	bus->device[bus->devices++] = *device;
	return true;
}

static void byte_out(struct bus *bus, uint16_t port, uint8_t value)
{
	struct device *d = find(bus, port);

	if (d)
		d->out(d->self, port, value);
}

/* The device that the whole access goes to, if there is one. */
static struct device *find_whole(struct bus *bus, uint16_t port, unsigned size)
{
	struct device *d = find(bus, port);

	return d && (unsigned)(d->last - port) >= size - 1 ? d : NULL;
}

/* Out of line: a byte is the common case and needs none of its registers. */
__attribute__((noinline))
static uint32_t wide_in(struct bus *bus, uint16_t port, unsigned size)
{
	struct device *d = find_whole(bus, port, size);
	uint32_t value = 0;

	if (d && d->in_wide && d->in_wide(d->self, port, size, &value))
		return value;
	value = 0;
	/* The port number wraps: 16 address lines. */
	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)byte_in(bus, (uint16_t)(port + i))
			 << (i * BYTE_BITS);
	return value;
}

__attribute__((noinline))
static void wide_out(struct bus *bus, uint16_t port, unsigned size, uint32_t value)
{
	struct device *d = find_whole(bus, port, size);

	value &= BITS(size * BYTE_BITS - 1, 0);
	if (d && d->out_wide && d->out_wide(d->self, port, size, value))
		return;
	for (unsigned i = 0; i < size; i++, port++, value >>= BYTE_BITS)
		byte_out(bus, port, value & BYTE_MASK);
}

uint32_t bus_in(struct bus *bus, uint16_t port, unsigned size)
{
	return size == 1 ? byte_in(bus, port) : wide_in(bus, port, size);
}

void bus_out(struct bus *bus, uint16_t port, unsigned size, uint32_t value)
{
	if (size == 1)
		byte_out(bus, port, value & BYTE_MASK);
	else
		wide_out(bus, port, size, value);
}
