/*
 * The Gregorian calendar in closed form, without loops. Years begin in March here, so that
 * the leap day is a year's last, and 400 years early, so that no year is below 0.
 */
#include "core/device/calendar.h"

#define SECONDS_PER_HOUR	3600u
#define SECONDS_PER_MINUTE	60u
#define DAYS_PER_YEAR		365u
#define DAYS_PER_4_YEARS	1461u
#define DAYS_PER_CENTURY	36524u
#define DAYS_PER_400_YEARS	146097u
/* Five months from March or August on: 31, 30, 31, 30, 31 days. */
#define DAYS_PER_5_MONTHS	153u
#define YEARS_EARLY		400u
#define WEEKDAY_OF_DAY_0	3u

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

struct calendar calendar_of(uint64_t seconds)
{
	uint64_t day = seconds / SECONDS_PER_DAY;
	unsigned rest = (unsigned)(seconds % SECONDS_PER_DAY);
	unsigned left = (unsigned)(day % DAYS_PER_400_YEARS);
	unsigned year = (unsigned)(day / DAYS_PER_400_YEARS) * 400;
	unsigned century, four, one, month;
	struct calendar date = {
		.hour = rest / SECONDS_PER_HOUR,
		.minute = rest / SECONDS_PER_MINUTE % 60,
		.second = rest % 60,
		.weekday = (unsigned)((day + WEEKDAY_OF_DAY_0) % 7) + 1,
	};

	/* The last century of four, and the last year of four, are a day longer. */
	century = least(left / DAYS_PER_CENTURY, 3);
	left -= century * DAYS_PER_CENTURY;
	four = left / DAYS_PER_4_YEARS;
	left -= four * DAYS_PER_4_YEARS;
	one = least(left / DAYS_PER_YEAR, 3);
	left -= one * DAYS_PER_YEAR;
	month = (5 * left + 2) / DAYS_PER_5_MONTHS;
	date.day = left - (DAYS_PER_5_MONTHS * month + 2) / 5 + 1;
	date.month = month < 10 ? month + 3 : month - 9;
	date.year = year + 100 * century + 4 * four + one - YEARS_EARLY +
		    (date.month <= 2);
	return date;
}

uint64_t calendar_seconds(const struct calendar *date)
{
	unsigned month = date->month ? least(date->month, 12) : 1;
	unsigned day = date->day ? date->day : 1;
	uint64_t year = date->year + YEARS_EARLY - (month <= 2);
	uint64_t days = year * DAYS_PER_YEAR + year / 4 - year / 100 + year / 400;

	month = month > 2 ? month - 3 : month + 9;
	days += (DAYS_PER_5_MONTHS * month + 2) / 5 + day - 1;
	return days * SECONDS_PER_DAY + date->hour * SECONDS_PER_HOUR +
	       date->minute * SECONDS_PER_MINUTE + date->second;
}
