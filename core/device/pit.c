/*
 * A PC's 8254 at its ports: bytes of counts, latches, read-back, port 61h, and counter
 * 0's interrupt. Knows no controller, and nothing of how a counter counts.
 * 8254 datasheet (Intel, 231164).
 */
#include "core/device/pit.h"

#include "core/device/pit_counter.h"
#include "core/device/pit_defs.h"

#define BYTE_BITS	8

static uint64_t now(const struct pit *pit)
{
	return ticks_of_ns(pit->clock->ns, PIT_HZ);
}

/* The line gets an edge, whatever its level was. */
static void tell_rise(struct pit *pit)
{
	if (pit->out0)
		irq_set(&pit->irq, false);
	irq_set(&pit->irq, true);
	pit->out0 = true;
}

static void find_next(struct pit *pit)
{
	const uint64_t tick = pit_counter_rise(&pit->counter[0], now(pit));

	pit->next = tick == NEVER ? NEVER : ns_of_ticks(tick, PIT_HZ);
}

void pit_advance(struct pit *pit)
{
	if (pit->clock->ns < pit->next)
		return;
	tell_rise(pit);
	find_next(pit);
}

/* After a port write: OUT 0 may have moved, and with it the deadline. */
static void written(struct pit *pit, bool before)
{
	const bool after = pit_counter_out(&pit->counter[0], now(pit));
	const uint64_t next = pit->next;

	if (after && !before)
		tell_rise(pit);
	if (before && !after && pit->out0) {
		irq_set(&pit->irq, false);
		pit->out0 = false;
	}
	find_next(pit);
	if (pit->next != next)
		pit->clock->attention = true;
}

/* ---- latches ---- */

/* A latch holds until it is read: another one before that is ignored. */
static void latch_count(struct pit *pit, struct pit_counter *c)
{
	if (c->latched)
		return;
	c->latched = true;
	c->latch = pit_counter_count(c, now(pit));
	c->read_high = false;
}

static void latch_status(struct pit *pit, struct pit_counter *c)
{
	if (c->status_latched)
		return;
	c->status_latched = true;
	c->status = c->control;
	if (pit_counter_out(c, now(pit)))
		c->status |= STATUS_OUT;
	if (pit_counter_null(c, now(pit)))
		c->status |= STATUS_NULL_COUNT;
}

static void read_back(struct pit *pit, uint8_t command)
{
	for (unsigned i = 0; i < PIT_COUNTERS; i++) {
		if (!(command & READ_BACK_COUNTER(i)))
			continue;
		if (!(command & READ_BACK_NO_COUNT))
			latch_count(pit, &pit->counter[i]);
		if (!(command & READ_BACK_NO_STATUS))
			latch_status(pit, &pit->counter[i]);
	}
}

/* ---- bytes ---- */

static uint8_t read_counter(struct pit *pit, struct pit_counter *c)
{
	bool high = c->access == RW_HIGH;
	uint16_t count;

	/* "Read-Back Command": with both latched, the status comes first. */
	if (c->status_latched) {
		c->status_latched = false;
		return c->status;
	}
	count = c->latched ? c->latch : pit_counter_count(c, now(pit));
	if (c->access == RW_BOTH) {
		high = c->read_high;
		c->read_high = !high;
	}
	if (high || c->access == RW_LOW)
		c->latched = false;
	return (uint8_t)(high ? count >> BYTE_BITS : count);
}

static void write_counter(struct pit *pit, struct pit_counter *c, uint8_t value)
{
	if (c->access == RW_BOTH && !c->write_high) {
		c->write_low = value;
		c->write_high = true;
		pit_counter_half(c, now(pit));
		return;
	}
	c->write_high = false;
	if (c->access == RW_LOW)
		pit_counter_load(c, value, now(pit));
	else
		/* Under RW_HIGH the low byte is 0, as the control word left it. */
		pit_counter_load(c, (uint16_t)(value << BYTE_BITS | c->write_low), now(pit));
}

static void write_control(struct pit *pit, uint8_t value)
{
	const unsigned select = FIELD_GET(CONTROL_SC, value);

	if (select == SC_READ_BACK)
		read_back(pit, value);
	else if (FIELD_GET(CONTROL_RW, value) == RW_LATCH)
		latch_count(pit, &pit->counter[select]);
	else
		pit_counter_control(&pit->counter[select], value, now(pit));
}

/* ---- ports ---- */

static uint8_t pit_in(void *self, uint16_t port)
{
	struct pit *pit = self;

	/* The control word cannot be read: nobody drives the bus. */
	if (port == PIT_PORT_CONTROL)
		return UINT8_MAX;
	return read_counter(pit, &pit->counter[port & PIT_PORT_MASK]);
}

static void pit_out(void *self, uint16_t port, uint8_t value)
{
	struct pit *pit = self;
	bool before;

	/* What was due before this write is told before it. */
	pit_advance(pit);
	before = pit_counter_out(&pit->counter[0], now(pit));
	if (port == PIT_PORT_CONTROL)
		write_control(pit, value);
	else
		write_counter(pit, &pit->counter[port & PIT_PORT_MASK], value);
	written(pit, before);
}

static uint8_t port61_in(void *self, uint16_t port)
{
	struct pit *pit = self;
	uint8_t value = pit->port61;

	(void)port;
	if (pit->clock->ns / REFRESH_NS % 2)
		value |= PORT61_REFRESH;
	if (pit_counter_out(&pit->counter[2], now(pit)))
		value |= PORT61_OUT2;
	return value;
}

static void port61_out(void *self, uint16_t port, uint8_t value)
{
	struct pit *pit = self;

	(void)port;
	pit->port61 = value & PORT61_KEPT;
	pit_counter_gate(&pit->counter[2], value & PORT61_GATE2, now(pit));
}

void pit_init(struct pit *pit, struct vclock *clock, struct irq_line irq)
{
	*pit = (struct pit){ .clock = clock, .irq = irq };
	for (unsigned i = 0; i < PIT_COUNTERS; i++) {
		/* Counter 2's gate is at port 61h, the others' are high by wire. */
		pit->counter[i].gate = i != 2;
		pit_counter_control(&pit->counter[i], CONTROL_BIOS, now(pit));
	}
	pit_counter_load(&pit->counter[0], 0, now(pit));
	find_next(pit);
}

void pit_devices(struct pit *pit, struct device out[PIT_DEVICES])
{
	out[0] = (struct device){ .first = PIT_PORT, .last = PIT_PORT_CONTROL,
				  .self = pit, .in = pit_in, .out = pit_out };
	out[1] = (struct device){ .first = PORT61, .last = PORT61, .self = pit,
				  .in = port61_in, .out = port61_out };
}
