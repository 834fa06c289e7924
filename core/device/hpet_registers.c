/*
 * The event timers' registers, as they are read and written in any size. Knows nothing of
 * time or lines. IA-PC HPET Specification 1.0a, "Register Definitions" 2.3.3 to 2.3.9.
 */
#include "core/device/hpet_internal.h"

#define BYTE_BITS	8
#define FS_PER_NS	UINT64_C(1000000)

static const uint64_t capabilities =
	FIELD_PUT(CAP_PERIOD, HPET_TICK_NS * FS_PER_NS) |
	FIELD_PUT(CAP_VENDOR, (uint64_t)VENDOR_ID) | CAP_LEGACY | CAP_COUNTER_64 |
	FIELD_PUT(CAP_LAST_TIMER, (uint64_t)HPET_COUNT - 1) |
	FIELD_PUT(CAP_REVISION, (uint64_t)REVISION_ID);

/* The timer whose register it is, or NULL; the rest goes to `at`. */
static struct hpet_timer *timer_at(struct hpet *h, uint64_t offset, uint64_t *at)
{
	const uint64_t number = (offset - HPET_TIMERS) / HPET_TIMER_STEP;

	/* An offset below wraps round to a large number. */
	if (number >= HPET_COUNT)
		return NULL;
	*at = (offset - HPET_TIMERS) % HPET_TIMER_STEP;
	return &h->timer[number];
}

static uint64_t read_timer(const struct hpet_timer *t, uint64_t at)
{
	switch (at) {
	case TIMER_CONFIGURATION:
		return t->config | TIMER_PERIODIC_CAP | TIMER_64_CAP;
	case TIMER_COMPARATOR:
		return t->comparator;
	default:
		return 0;
	}
}

static uint64_t read_register(struct hpet *h, uint64_t offset)
{
	const struct hpet_timer *t;
	uint64_t at;

	switch (offset) {
	case HPET_CAPABILITIES:
		return capabilities;
	case HPET_CONFIGURATION:
		return h->config;
	case HPET_STATUS:
		return h->status;
	case HPET_COUNTER:
		return hpet_counter(h);
	default:
		t = timer_at(h, offset, &at);
		return t ? read_timer(t, at) : 0;
	}
}

/* The counter stands still, or goes on from where it stood. */
static void write_config(struct hpet *h, uint64_t value)
{
	h->counter = hpet_counter(h);
	h->start = hpet_tick(h);
	h->config = value & (CONFIG_ENABLE | CONFIG_LEGACY);
}

/* With a 32-bit one the upper half is gone; an edge leaves no status. */
static void write_timer_config(struct hpet *h, struct hpet_timer *t, uint64_t value)
{
	t->config = value & TIMER_WRITABLE;
	t->comparator &= hpet_width(t);
	t->written &= hpet_width(t);
	if (!(t->config & TIMER_LEVEL))
		h->status &= ~BIT(t - h->timer);
}

static uint64_t merge(uint64_t old, uint64_t value, uint64_t mask)
{
	return (old & ~mask) | (value & mask);
}

/*
 * Periodic ones take a new comparator only behind a 1 to Tn_VAL_SET_CNF, which the write
 * clears; else the new period alone.
 */
static void write_comparator(struct hpet_timer *t, uint64_t value, uint64_t mask)
{
	mask &= hpet_width(t);
	if (!(t->config & TIMER_PERIODIC) || t->config & TIMER_SET)
		t->comparator = merge(t->comparator, value, mask);
	t->written = merge(t->written, value, mask);
	t->config &= ~TIMER_SET;
}

static void write_register(struct hpet *h, uint64_t offset, uint64_t value, uint64_t mask)
{
	struct hpet_timer *t;
	uint64_t at;

	switch (offset) {
	case HPET_CONFIGURATION:
		write_config(h, merge(h->config, value, mask));
		return;
	case HPET_STATUS:
		h->status &= ~(value & mask);
		return;
	case HPET_COUNTER:
		h->counter = merge(hpet_counter(h), value, mask);
		h->start = hpet_tick(h);
		return;
	default:
		t = timer_at(h, offset, &at);
		if (t && at == TIMER_CONFIGURATION)
			write_timer_config(h, t, merge(t->config, value, mask));
		if (t && at == TIMER_COMPARATOR)
			write_comparator(t, value, mask);
	}
}

static uint64_t hpet_read(void *self, uint64_t offset, unsigned size)
{
	struct hpet *h = self;
	const unsigned shift = offset % REGISTER_SIZE * BYTE_BITS;

	(void)size;
	hpet_advance(h);
	return read_register(h, align_down(offset, REGISTER_SIZE)) >> shift;
}

static void hpet_write(void *self, uint64_t offset, unsigned size, uint64_t value)
{
	struct hpet *h = self;
	const unsigned shift = offset % REGISTER_SIZE * BYTE_BITS;
	uint64_t next;

	/* What matched before this write did so by the old registers. */
	hpet_advance(h);
	next = h->next;
	write_register(h, align_down(offset, REGISTER_SIZE), value << shift,
		       BITS(size * BYTE_BITS - 1, 0) << shift);
	hpet_find_all(h);
	hpet_tell_lines(h);
	hpet_find_next(h);
	if (h->next != next)
		h->clock->attention = true;
}

struct mmio_device hpet_device(struct hpet *h)
{
	return (struct mmio_device){ .base = HPET_BASE, .size = HPET_SIZE, .self = h,
				     .read = hpet_read, .write = hpet_write };
}
