/* An MC146818 with its clock in hand and its line watched. */
#ifndef TESTS_UNIT_RTC_FIXTURE_H
#define TESTS_UNIT_RTC_FIXTURE_H

#include "core/device/rtc.h"

#define SECOND	UINT64_C(1000000000)
#define DAY	(86400 * SECOND)

struct machine {
	struct vclock	clock;
	struct rtc	rtc;
	struct device	device;
	bool		level;
	unsigned	rises;
};

static inline void take_level(void *opaque, unsigned number, bool level)
{
	struct machine *m = opaque;

	assert_int_equal(number, 8);
	assert_int_not_equal(level, m->level);
	m->level = level;
	m->rises += level;
}

static inline void start(struct machine *m, uint64_t memory)
{
	memset(m, 0, sizeof(*m));
	rtc_init(&m->rtc, &m->clock, (struct irq_line){ take_level, m, 8 },
		 memory);
	m->device = rtc_device(&m->rtc);
}

static inline int setup(void **state)
{
	static struct machine m;

	start(&m, UINT64_C(64) << 20);
	*state = &m;
	return 0;
}

static inline uint8_t in(struct machine *m, uint8_t reg)
{
	m->device.out(m->device.self, 0x70, reg);
	return m->device.in(m->device.self, 0x71);
}

static inline void out(struct machine *m, uint8_t reg, uint8_t value)
{
	m->device.out(m->device.self, 0x70, reg);
	m->device.out(m->device.self, 0x71, value);
}

static inline void advance(struct machine *m, uint64_t ns)
{
	m->clock.ns += ns;
	rtc_advance(&m->rtc);
}

/* Century, year, month, day, hours, minutes, seconds, as the registers' digits show them. */
static inline void expect_time(struct machine *m, uint64_t date, unsigned time)
{
	assert_int_equal(in(m, 0x32), date >> 24 & 0xff);
	assert_int_equal(in(m, 9), date >> 16 & 0xff);
	assert_int_equal(in(m, 8), date >> 8 & 0xff);
	assert_int_equal(in(m, 7), date & 0xff);
	assert_int_equal(in(m, 4), time >> 16 & 0xff);
	assert_int_equal(in(m, 2), time >> 8 & 0xff);
	assert_int_equal(in(m, 0), time & 0xff);
}

static inline void set_time(struct machine *m, uint64_t date, unsigned time)
{
	uint8_t b = in(m, 0x0b);

	out(m, 0x0b, b | 0x80);
	out(m, 0x32, (uint8_t)(date >> 24));
	out(m, 9, (uint8_t)(date >> 16));
	out(m, 8, (uint8_t)(date >> 8));
	out(m, 7, (uint8_t)date);
	out(m, 4, (uint8_t)(time >> 16));
	out(m, 2, (uint8_t)(time >> 8));
	out(m, 0, (uint8_t)time);
	out(m, 0x0b, b);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

#endif
