/* A virtual PC on its bus, with somebody at its lines. Knows no device. */
#ifndef TESTS_PC_MACHINE_H
#define TESTS_PC_MACHINE_H

#include <stdlib.h>

#include "core/device/pc.h"

#define MEMORY		(UINT64_C(64) << 20)
#define DISK_SIZE	(64 * 512)

struct machine {
	struct pc		pc;
	struct pc_config	config;
	uint8_t			*disk;
	unsigned		serial, debug, resets;
	uint8_t			last;
};

static inline void serial_byte(void *opaque, uint8_t byte)
{
	struct machine *m = opaque;

	m->serial++;
	m->last = byte;
}

static inline void debug_byte(void *opaque, uint8_t byte)
{
	struct machine *m = opaque;

	m->debug++;
	m->last = byte;
}

static inline void reset(void *opaque)
{
	struct machine *m = opaque;

	m->resets++;
}

/* The disk is a heap block: the sanitizers see a byte beyond it. */
static inline struct machine *machine(bool disk, bool pci, bool firmware)
{
	struct machine *m = calloc(1, sizeof(*m));

	m->disk = disk ? calloc(1, DISK_SIZE) : NULL;
	m->config = (struct pc_config){
		.memory = MEMORY, .pci = pci, .hpet = true, .firmware = firmware,
		.disk = m->disk, .disk_size = disk ? DISK_SIZE : 0,
		.serial_byte = serial_byte, .debug_byte = debug_byte,
		.reset = reset, .opaque = m,
	};
	assert_true(pc_init(&m->pc, &m->config));
	return m;
}

static inline void machine_free(struct machine *m)
{
	free(m->disk);
	free(m);
}

static inline uint8_t in(struct machine *m, uint16_t port)
{
	return (uint8_t)bus_in(&m->pc.bus, port, 1);
}

static inline void out(struct machine *m, uint16_t port, uint8_t value)
{
	bus_out(&m->pc.bus, port, 1, value);
}

#endif
