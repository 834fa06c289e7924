/*
 * The virtual machine's memory beyond RAM: which device claims which addresses. What
 * nobody claims reads all ones and swallows writes. Knows no device.
 */
#ifndef CORE_DEVICE_MMIO_H
#define CORE_DEVICE_MMIO_H

#include "mmu/bits.h"

#define MMIO_DEVICES	4u
#define MMIO_ACCESS_MAX	8u	/* bytes that one access may have */

/*
 * Accesses reach a device in pieces of 1, 2, 4 or 8 bytes that are aligned to their size,
 * each wholly in its range, low address first: what an instruction does unaligned, or
 * across a range's end, is split into the largest pieces that are. `value` has no bits
 * above `size` bytes, nor need what is read.
 */
struct mmio_device {
	uint64_t	base, size;	/* multiples of 8 */
	void		*self;
	uint64_t	(*read)(void *self, uint64_t offset, unsigned size);
	void		(*write)(void *self, uint64_t offset, unsigned size, uint64_t value);
};

struct mmio_bus {
	struct mmio_device	device[MMIO_DEVICES];
	unsigned		devices;
	uint64_t		low, high;	/* nothing outside of [low, high) is claimed */
};

/* False when the table is full, the range is no range, or it overlaps another. */
bool mmio_attach(struct mmio_bus *bus, const struct mmio_device *device) MUST_CHECK;

/* May any of `size` bytes at guest-physical `at` be claimed? Cheap: asked of every access. */
static inline bool mmio_near(const struct mmio_bus *bus, uint64_t at, unsigned size)
{
	return at < bus->high && at + size > bus->low;
}

/* `size`: 1 to MMIO_ACCESS_MAX, any alignment; the address does not wrap. */
void mmio_access(struct mmio_bus *bus, uint64_t at, void *data, unsigned size, bool write);

#endif
