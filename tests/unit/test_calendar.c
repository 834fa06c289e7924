/* The calendar beside the C library's, and the alarm beside a search second by second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "core/device/calendar.h"
#include "core/device/rtc_alarm.h"

static void check_date(int64_t seconds_of_unix)
{
	time_t t = (time_t)seconds_of_unix;
	uint64_t seconds = (uint64_t)seconds_of_unix + CALENDAR_UNIX;
	struct calendar date = calendar_of(seconds);
	struct tm tm;

	assert_non_null(gmtime_r(&t, &tm));
	assert_int_equal(date.year, tm.tm_year + 1900);
	assert_int_equal(date.month, tm.tm_mon + 1);
	assert_int_equal(date.day, tm.tm_mday);
	assert_int_equal(date.weekday, tm.tm_wday + 1);
	assert_int_equal(date.hour, tm.tm_hour);
	assert_int_equal(date.minute, tm.tm_min);
	assert_int_equal(date.second, tm.tm_sec);
	assert_true(calendar_seconds(&date) == seconds);
}

/* Over two whole cycles of 400 years, and at both ends of four digits. */
static void dates_are_the_gregorian_calendar_s(void **state)
{
	const struct tm zero = { .tm_year = -1900, .tm_mday = 1 };
	struct tm tm = zero;
	int64_t first = timegm(&tm);

	(void)state;
	for (int64_t day = 0; day < 2 * 146097; day++)
		check_date(first + day * 86400 + day % 86400);
	for (int64_t day = 0; day < 800; day++)
		check_date(253402300799 - day * 86400 - day);
}

/* What a hostile setting of the clock can ask for. */
static void nonsense_runs_over(void **state)
{
	struct calendar date = { .year = 2001, .month = 2, .day = 29 };
	struct calendar seen;

	(void)state;
	seen = calendar_of(calendar_seconds(&date));
	assert_int_equal(seen.month, 3);
	assert_int_equal(seen.day, 1);
	date = (struct calendar){ .year = 2001, .hour = 25, .minute = 61 };
	seen = calendar_of(calendar_seconds(&date));
	assert_int_equal(seen.month, 1);
	assert_int_equal(seen.day, 2);
	assert_int_equal(seen.hour, 2);
	assert_int_equal(seen.minute, 1);
	date = (struct calendar){ 65535, 65535, 65535, 0, 65535, 65535, 65535 };
	seen = calendar_of(calendar_seconds(&date));
	assert_in_range(seen.year, 65535, 65800);
}

static bool agrees(uint16_t want, uint64_t value)
{
	return want == ALARM_ANY || want == value;
}

static uint64_t search(const struct rtc_alarm *a, uint64_t after)
{
	for (uint64_t s = after + 1; s <= after + 2 * 86400; s++) {
		if (agrees(a->hour, s / 3600 % 24) &&
		    agrees(a->minute, s / 60 % 60) && agrees(a->second, s % 60))
			return s;
	}
	return NEVER;
}

/* Every mix of fixed, any and impossible units, from times near each border. */
static void alarm_is_the_first_second_that_agrees(void **state)
{
	static const uint16_t hour[] = { 0, 7, 23, 24, ALARM_ANY, ALARM_NONE };
	static const uint16_t sixty[] = { 0, 31, 59, 60, ALARM_ANY, ALARM_NONE };
	static const uint64_t from[] = {
		0, 30, 31, 58, 59, 60, 1859, 1860, 1891, 1919, 3598, 3599,
		25199, 25200, 27059, 27090, 27091, 28799, 82799, 86398, 86399,
	};

	(void)state;
	for (unsigned i = 0; i < 6 * 6 * 6; i++) {
		const struct rtc_alarm a = {
			hour[i / 36], sixty[i / 6 % 6], sixty[i % 6],
		};
		bool ever = a.hour != ALARM_NONE && a.hour != 24 &&
			    a.minute != ALARM_NONE && a.minute != 60 &&
			    a.second != ALARM_NONE && a.second != 60;

		for (unsigned f = 0; f < ARRAY_SIZE(from); f++) {
			uint64_t at = 1000 * 86400 + from[f];

			assert_true(rtc_alarm_after(&a, at) ==
				    (ever ? search(&a, at) : NEVER));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_the_gregorian_calendar_s),
		cmocka_unit_test(nonsense_runs_over),
		cmocka_unit_test(alarm_is_the_first_second_that_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
