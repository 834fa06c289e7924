/*
 * The MC146818's three interrupts, its flags and its line; each rule from the datasheet
 * (Motorola), "Interrupts" and "Registers".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/rtc_fixture.h"

#define TRAFFIC	100000u

/* Table 5, the column of 32.768 kHz. */
static void periodic_rates_are_the_table_s(void **state)
{
	static const double us[] = {
		0, 3906.25, 7812.5, 122.0703125, 244.140625, 488.28125,
		976.5625, 1953.125, 3906.25, 7812.5, 15625, 31250, 62500,
		125000, 250000, 500000,
	};
	struct machine *m = *state;

	out(m, 0x0b, 0x42);
	for (unsigned rate = 1; rate < 16; rate++) {
		start(m, 0);
		out(m, 0x0a, (uint8_t)(0x20 | rate));
		m->clock.attention = false;
		out(m, 0x0b, 0x42);
		assert_true(m->clock.attention);
		for (unsigned i = 1; i <= 40; i++) {
			double due = us[rate] * 1000 * i;

			assert_true((double)m->rtc.next >= due);
			assert_true((double)m->rtc.next < due + 1);
			advance(m, m->rtc.next - m->clock.ns - 1);
			assert_false(m->level);
			advance(m, 1);
			assert_true(m->level);
			assert_true(m->rtc.next == NEVER);
			assert_int_equal(in(m, 0x0c) & 0xc0, 0xc0);
			assert_false(m->level);
		}
	}
	start(m, 0);
	out(m, 0x0a, 0x20);
	out(m, 0x0b, 0x42);
	assert_true(m->rtc.next == NEVER);
	advance(m, DAY);
	assert_int_equal(in(m, 0x0c) & 0xc0, 0x00);
	/* No period while the divider is held. */
	out(m, 0x0a, 0x66);
	assert_true(m->rtc.next == NEVER);
}

/* However many periods pass, it is one flag and one rise until register C is read. */
static void many_periods_are_one_flag(void **state)
{
	struct machine *m = *state;

	out(m, 0x0b, 0x42);
	advance(m, 3650 * DAY);
	advance(m, DAY);
	assert_int_equal(m->rises, 1);
	assert_int_equal(in(m, 0x0c), 0xf0);
	assert_int_equal(in(m, 0x0c), 0x00);
	assert_true(m->rtc.next > m->clock.ns);
	assert_true(m->rtc.next <= m->clock.ns + 976563);
}

/* "Register C": flags rise without their enables; IRQF needs both; reading clears. */
static void flags_need_no_enable_but_the_line_does(void **state)
{
	struct machine *m = *state;

	out(m, 1, 0x59);
	advance(m, SECOND);
	assert_false(m->level);
	assert_int_equal(in(m, 0x0c), 0x50);
	assert_int_equal(in(m, 0x0c), 0x00);
	advance(m, SECOND);
	/* A flag that is there already interrupts when it is enabled, and no more after. */
	out(m, 0x0b, 0x12);
	assert_true(m->level);
	out(m, 0x0b, 0x02);
	assert_false(m->level);
	out(m, 0x0b, 0x42);
	assert_true(m->level);
	assert_int_equal(in(m, 0x0c), 0xd0);
	assert_false(m->level);
	out(m, 0x0c, 0xff);
	out(m, 0x0d, 0x00);
	assert_int_equal(in(m, 0x0c), 0x00);
	assert_int_equal(in(m, 0x0d), 0x80);
}

static void update_interrupts_each_second(void **state)
{
	struct machine *m = *state;

	advance(m, 300);
	out(m, 0x0b, 0x12);
	for (unsigned i = 1; i < 5; i++) {
		assert_true(m->rtc.next == i * SECOND);
		advance(m, m->rtc.next - m->clock.ns);
		assert_int_equal(m->rises, i);
		assert_int_equal(in(m, 0x0c) & 0x90, 0x90);
	}
	out(m, 0x0b, 0x92);
	assert_true(m->rtc.next == NEVER);
}

/* "Time, Calendar, and Alarm": once a day at the time; C0h to FFh agree with any. */
static void alarm_goes_off_when_its_bytes_agree(void **state)
{
	static const struct {
		uint8_t b, hour, minute, second;
		uint64_t first, period;		/* seconds; 0: never */
	} row[] = {
		{ 0x22, 0x06, 0x30, 0x15, 23415, 86400 },
		{ 0x22, 0xff, 0x30, 0x15, 1815, 3600 },
		{ 0x22, 0xc0, 0xff, 0x15, 15, 60 },
		{ 0x22, 0xff, 0xff, 0xff, 1, 1 },
		{ 0x22, 0x00, 0x00, 0x00, 86400, 86400 },
		{ 0x22, 0x24, 0x00, 0x00, 0, 0 },
		{ 0x22, 0x06, 0x1f, 0x00, 0, 0 },
		{ 0x22, 0x06, 0x00, 0x60, 0, 0 },
		{ 0x22, 0x86, 0x30, 0x15, 0, 0 },
		{ 0x20, 0x86, 0x30, 0x15, 66615, 86400 },
		{ 0x20, 0x12, 0x00, 0x10, 10, 86400 },
		{ 0x20, 0x00, 0x00, 0x10, 0, 0 },
		{ 0x26, 6, 30, 15, 23415, 86400 },
		{ 0x24, 0x8c, 30, 15, 45015, 86400 },
	};
	struct machine *m = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(row); i++) {
		start(m, 0);
		out(m, 1, row[i].second);
		out(m, 3, row[i].minute);
		out(m, 5, row[i].hour);
		assert_int_equal(in(m, 5), row[i].hour);
		out(m, 0x0b, row[i].b);
		if (!row[i].first) {
			assert_true(m->rtc.next == NEVER);
			advance(m, 3 * DAY);
			assert_int_equal(in(m, 0x0c) & 0x20, 0);
			continue;
		}
		for (unsigned j = 0; j < 3; j++) {
			assert_true(m->rtc.next == (row[i].first +
				    j * row[i].period) * SECOND);
			advance(m, m->rtc.next - m->clock.ns - 1);
			assert_false(m->level);
			advance(m, 1);
			assert_true(m->level);
			assert_int_equal(in(m, 0x0c) & 0xa0, 0xa0);
		}
	}
}

/* An alarm between two looks is seen however far apart they are; one outside is not. */
static void alarm_is_seen_over_any_gap(void **state)
{
	struct machine *m = *state;

	out(m, 5, 0x12);
	advance(m, DAY / 2 - 1);
	assert_int_equal(in(m, 0x0c) & 0x20, 0x00);
	advance(m, 1);
	assert_int_equal(in(m, 0x0c) & 0x20, 0x20);
	advance(m, DAY - 1);
	assert_int_equal(in(m, 0x0c) & 0x20, 0x00);
	advance(m, 400 * DAY);
	assert_int_equal(in(m, 0x0c) & 0x20, 0x20);
	/* Setting the time to the alarm's is no update. */
	set_time(m, 0x20000101, 0x120000);
	assert_int_equal(in(m, 0x0c) & 0x20, 0x00);
}

/* A register that is touched tells what is due, looked after or not. */
static void flags_are_raised_by_the_touch(void **state)
{
	struct machine *m = *state;

	out(m, 0x0b, 0x12);
	m->clock.ns += SECOND;
	assert_int_equal(in(m, 0x0c), 0xd0);
	assert_int_equal(m->rises, 0);
	/* The second that ended before SET counts; the rate that was, not the new one. */
	m->clock.ns += SECOND;
	out(m, 0x0b, 0x82);
	out(m, 0x0a, 0x20);
	assert_int_equal(in(m, 0x0c), 0x50);
	m->clock.ns += SECOND;
	out(m, 0x0a, 0x26);
	assert_int_equal(in(m, 0x0c), 0x00);
}

static void check(struct machine *m)
{
	const struct rtc *r = &m->rtc;

	assert_int_equal(m->level,
			 (r->cmos[0x0b] & r->cmos[0x0c] & 0x70) != 0);
	assert_int_equal(r->cmos[0x0c] & 0x8f, 0);
	assert_int_equal(r->cmos[0x0d], 0x80);
	assert_int_equal(r->cmos[0x0a] & 0x80, 0);
	assert_in_range(r->index, 0, 127);
	if (m->level || !(r->cmos[0x0b] & 0x70))
		assert_true(r->next == NEVER);
	else
		assert_true(r->next > m->clock.ns);
}

/* Two looks or one: the same flags, line and time. */
static void check_gap(const struct machine *m, uint64_t ns)
{
	struct machine one = *m, two = *m;

	one.rtc.clock = &one.clock;
	two.rtc.clock = &two.clock;
	one.rtc.irq = two.rtc.irq = (struct irq_line){ 0 };
	advance(&one, ns);
	advance(&two, ns / 3);
	advance(&two, ns - ns / 3);
	assert_memory_equal(one.rtc.cmos, two.rtc.cmos, RTC_CMOS);
	assert_int_equal(one.rtc.level, two.rtc.level);
	assert_true(one.rtc.next == two.rtc.next);
	/* The deadline is the first at which the line rises. */
	if (m->rtc.next <= m->clock.ns + ns)
		assert_true(one.rtc.level);
	else
		assert_int_equal(one.rtc.level, m->level);
}

/* Any traffic at any pace: the line is what the registers say, deadlines lie ahead. */
static void random_traffic_keeps_line_and_registers_one(void **state)
{
	struct machine *m = *state;
	uint64_t seed = 1;

	for (unsigned i = 0; i < TRAFFIC; i++) {
		uint64_t ns;
		uint8_t reg;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		/* Mostly the clock's own registers. */
		reg = (uint8_t)(seed >> 33) & (seed >> 62 ? 0x0f : 0xff);
		ns = (seed >> 8) >> (seed >> 56) % 48 & (DAY - 1);
		check_gap(m, ns);
		advance(m, ns);
		check(m);
		if (seed >> 63)
			in(m, reg);
		else
			out(m, reg, (uint8_t)(seed >> 40));
		check(m);
		in(m, 0);
		in(m, 0x0a);
	}
	assert_true(m->rises > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(periodic_rates_are_the_table_s),
		TEST(many_periods_are_one_flag),
		TEST(flags_need_no_enable_but_the_line_does),
		TEST(update_interrupts_each_second),
		TEST(alarm_goes_off_when_its_bytes_agree),
		TEST(alarm_is_seen_over_any_gap),
		TEST(flags_are_raised_by_the_touch),
		TEST(random_traffic_keeps_line_and_registers_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
