/* An 8254 on a port bus with a clock that is told its ticks. Knows no rule. */
#ifndef TESTS_PIT_MACHINE_H
#define TESTS_PIT_MACHINE_H

#include "core/device/pit.h"

struct machine {
	struct vclock	clock;
	struct pit	pit;
	struct bus	bus;
	bool		irq0;		/* the line's level */
	unsigned	edges, changes;	/* rises of it, and calls */
};

static inline void take_irq(void *opaque, unsigned line, bool level)
{
	struct machine *m = opaque;

	assert_int_equal(line, 0);
	m->edges += level && !m->irq0;
	m->changes++;
	m->irq0 = level;
}

static inline uint8_t in(struct machine *m, uint16_t port)
{
	return (uint8_t)bus_in(&m->bus, port, 1);
}

static inline void out(struct machine *m, uint16_t port, uint8_t value)
{
	bus_out(&m->bus, port, 1, value);
}

static inline void machine_init(struct machine *m)
{
	struct irq_line irq = { take_irq, m, PIT_IRQ };
	struct device ports[PIT_DEVICES];

	memset(m, 0, sizeof(*m));
	pit_init(&m->pit, &m->clock, irq);
	pit_devices(&m->pit, ports);
	for (unsigned i = 0; i < PIT_DEVICES; i++)
		assert_true(bus_attach(&m->bus, &ports[i]));
}

static inline uint64_t ticks(const struct machine *m)
{
	return ticks_of_ns(m->clock.ns, PIT_HZ);
}

/* The first nanosecond `n` ticks from now. */
static inline void pass(struct machine *m, uint64_t n)
{
	m->clock.ns = ns_of_ticks(ticks(m) + n, PIT_HZ);
}

/* Both bytes of a count, under access 3. */
static inline void load(struct machine *m, unsigned counter, uint16_t count)
{
	out(m, (uint16_t)(0x40 + counter), (uint8_t)count);
	out(m, (uint16_t)(0x40 + counter), (uint8_t)(count >> 8));
}

/* Access 3, binary; the count is loaded one tick later, and that tick passes. */
static inline void start(struct machine *m, unsigned counter, unsigned mode, uint16_t count)
{
	out(m, 0x43, (uint8_t)(counter << 6 | 0x30 | mode << 1));
	load(m, counter, count);
	pass(m, 1);
}

static inline void gate2(struct machine *m, bool level)
{
	out(m, 0x61, level);
}

static inline bool out2(struct machine *m)
{
	return in(m, 0x61) & 0x20;
}

static inline uint16_t count_of(struct machine *m, unsigned counter)
{
	uint16_t value;

	out(m, 0x43, (uint8_t)(counter << 6));
	value = in(m, (uint16_t)(0x40 + counter));
	return value | (uint16_t)(in(m, (uint16_t)(0x40 + counter)) << 8);
}

static inline uint8_t status_of(struct machine *m, unsigned counter)
{
	out(m, 0x43, (uint8_t)(0xe0 | 2 << counter));
	return in(m, (uint16_t)(0x40 + counter));
}

#endif
