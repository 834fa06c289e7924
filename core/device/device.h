/*
 * The virtual machine's port I/O: who answers which port. An empty bus reads
 * all ones and swallows writes. Devices know nothing of vendors or vcpus.
 */
#ifndef CORE_DEVICE_DEVICE_H
#define CORE_DEVICE_DEVICE_H

#include "mmu/bits.h"

#define BUS_DEVICES	24

struct device {
	uint16_t	first, last;	/* ports, inclusive */
	void		*self;
	/* One byte. Wider accesses reach a device as its bytes, low port first. */
	uint8_t		(*in)(void *self, uint16_t port);
	void		(*out)(void *self, uint16_t port, uint8_t value);
	/*
	 * Either may be NULL. Else an access of 2 or 4 bytes that lies wholly in the ports
	 * above comes here first, in one piece; false: send it as bytes after all.
	 * `value` has no bits above `size` bytes, nor may it get any.
	 */
	bool		(*in_wide)(void *self, uint16_t port, unsigned size, uint32_t *value);
	bool		(*out_wide)(void *self, uint16_t port, unsigned size, uint32_t value);
};

struct bus {
	struct device	device[BUS_DEVICES];
	unsigned	devices;
};

/* False when the table is full or the ports overlap. */
bool bus_attach(struct bus *bus, const struct device *device) MUST_CHECK;
/* `size` is 1, 2 or 4. */
uint32_t bus_in(struct bus *bus, uint16_t port, unsigned size);
void bus_out(struct bus *bus, uint16_t port, unsigned size, uint32_t value);

#endif
