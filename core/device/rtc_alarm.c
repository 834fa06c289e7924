/*
 * The next second on which the MC146818's alarm bytes agree with the time. Knows no clock.
 */
#include "core/device/rtc_alarm.h"

#include "core/device/calendar.h"

#define HOURS		24u
#define SIXTY		60u

/* The first value from `from` on that agrees; `limit` when there is none below it. */
static unsigned first(uint16_t want, unsigned from, unsigned limit)
{
	if (want != ALARM_ANY)
		return want >= from && want < limit ? want : limit;
	return from < limit ? from : limit;
}

static unsigned second_of_day(unsigned hour, unsigned minute, unsigned second)
{
	if (hour >= HOURS || minute >= SIXTY || second >= SIXTY)
		return SECONDS_PER_DAY;
	return (hour * SIXTY + minute) * SIXTY + second;
}

/* The first second of the day from `from` on; SECONDS_PER_DAY when there is none. */
static unsigned on_this_day(const struct rtc_alarm *a, unsigned from)
{
	unsigned hour = from / (SIXTY * SIXTY), minute = from / SIXTY % SIXTY;
	unsigned found = SECONDS_PER_DAY;

	if (first(a->hour, hour, HOURS) == hour) {
		if (first(a->minute, minute, SIXTY) == minute)
			found = second_of_day(hour, minute,
					      first(a->second, from % SIXTY, SIXTY));
		if (found == SECONDS_PER_DAY)
			found = second_of_day(hour,
					      first(a->minute, minute + 1, SIXTY),
					      first(a->second, 0, SIXTY));
	}
	if (found == SECONDS_PER_DAY)
		found = second_of_day(first(a->hour, hour + 1, HOURS),
				      first(a->minute, 0, SIXTY),
				      first(a->second, 0, SIXTY));
	return found;
}

uint64_t rtc_alarm_after(const struct rtc_alarm *alarm, uint64_t seconds)
{
	uint64_t from = seconds + 1;
	uint64_t day = from / SECONDS_PER_DAY * SECONDS_PER_DAY;
	unsigned at = on_this_day(alarm, (unsigned)(from % SECONDS_PER_DAY));

	if (at < SECONDS_PER_DAY)
		return day + at;
	at = on_this_day(alarm, 0);
	return at < SECONDS_PER_DAY ? day + SECONDS_PER_DAY + at : NEVER;
}
