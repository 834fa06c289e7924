/* The event timers on a bus of their own, and somebody at the two lines. Knows no rule. */
#ifndef TESTS_HPET_FIXTURE_H
#define TESTS_HPET_FIXTURE_H

#include <string.h>

#include "core/device/hpet.h"

#define BASE		UINT64_C(0xfed00000)
#define TICK		10u		/* ns: the period that the capabilities tell */

#define CONFIG		0x10
#define STATUS		0x20
#define COUNTER		0xf0
#define TIMER(n)	(0x100 + 0x20 * (n))
#define COMPARE(n)	(TIMER(n) + 8)

struct machine {
	struct hpet	hpet;
	struct vclock	clock;
	struct mmio_bus	bus;
	bool		level[2];
	unsigned	rises[2], changes;
};

static inline void line_set(void *controller, unsigned line, bool level)
{
	struct machine *m = controller;
	const unsigned i = line == 8;

	m->rises[i] += level && !m->level[i];
	m->changes++;
	m->level[i] = level;
}

static inline void machine_init(struct machine *m)
{
	struct mmio_device device;

	memset(m, 0, sizeof(*m));
	hpet_init(&m->hpet, &m->clock, (struct irq_line){ line_set, m, 0 },
		  (struct irq_line){ line_set, m, 8 });
	device = hpet_device(&m->hpet);
	assert_true(mmio_attach(&m->bus, &device));
}

static inline uint64_t get(struct machine *m, unsigned at, unsigned size)
{
	uint64_t value = 0;

	mmio_access(&m->bus, BASE + at, &value, size, false);
	return value;
}

static inline void put(struct machine *m, unsigned at, unsigned size, uint64_t value)
{
	mmio_access(&m->bus, BASE + at, &value, size, true);
}

/* Time goes on by whole ticks, and the devices are looked at once. */
static inline void pass(struct machine *m, uint64_t ticks)
{
	m->clock.ns += ticks * TICK;
	hpet_advance(&m->hpet);
}

#endif
