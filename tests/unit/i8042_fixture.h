/* A keyboard controller with its lines watched, for the tests of its halves. */
#ifndef TESTS_UNIT_I8042_FIXTURE_H
#define TESTS_UNIT_I8042_FIXTURE_H

#include "core/device/i8042.h"

struct machine {
	struct i8042	i8042;
	struct device	device[I8042_DEVICES];
	bool		level[16];
	unsigned	rises[16], resets;
};

static inline void take_level(void *opaque, unsigned number, bool level)
{
	struct machine *m = opaque;

	assert_true(number == 1 || number == 12);
	assert_int_not_equal(level, m->level[number]);
	m->level[number] = level;
	m->rises[number] += level;
}

static inline void take_reset(void *opaque)
{
	struct machine *m = opaque;

	m->resets++;
}

static inline int setup(void **state)
{
	static struct machine m;

	memset(&m, 0, sizeof(m));
	i8042_init(&m.i8042, (struct irq_line){ take_level, &m, 1 },
		   (struct irq_line){ take_level, &m, 12 }, take_reset, &m);
	i8042_devices(&m.i8042, m.device);
	*state = &m;
	return 0;
}

static inline const struct device *at(const struct machine *m, uint16_t port)
{
	for (unsigned i = 0; i < I8042_DEVICES; i++) {
		if (m->device[i].first <= port && port <= m->device[i].last)
			return &m->device[i];
	}
	fail();
	return NULL;
}

static inline uint8_t in(struct machine *m, uint16_t port)
{
	const struct device *d = at(m, port);

	return d->in(d->self, port);
}

static inline void out(struct machine *m, uint16_t port, uint8_t value)
{
	const struct device *d = at(m, port);

	d->out(d->self, port, value);
}

static inline void command(struct machine *m, uint8_t value)
{
	out(m, 0x64, value);
}

/* The bytes that wait at port 60h are these, and no more. */
static inline void expect(struct machine *m, const char *bytes, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		assert_int_equal(in(m, 0x64) & 0x01, 0x01);
		assert_int_equal(in(m, 0x60), (uint8_t)bytes[i]);
	}
	assert_int_equal(in(m, 0x64) & 0x01, 0x00);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

#endif
