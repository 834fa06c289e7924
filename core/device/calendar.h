/*
 * Seconds as a date of the Gregorian calendar and back. Knows no clock.
 */
#ifndef CORE_DEVICE_CALENDAR_H
#define CORE_DEVICE_CALENDAR_H

#include "mmu/bits.h"

#define SECONDS_PER_DAY	86400u
/* 1970-01-01 00:00:00 as calendar_seconds() counts: what to add to seconds of Unix. */
#define CALENDAR_UNIX	(UINT64_C(865565) * SECONDS_PER_DAY)

struct calendar {
	unsigned	year, month, day;	/* month and day from 1 */
	unsigned	weekday;		/* Sunday is 1 */
	unsigned	hour, minute, second;
};

/* Any second; the year modulo 2^32. */
struct calendar calendar_of(uint64_t seconds);

/*
 * Any numbers below 2^16 are taken: a month outside 1..12 as the nearest one, day 0 as 1,
 * and what is too much of a day or of a month runs over into the next. The weekday is
 * not looked at.
 */
uint64_t calendar_seconds(const struct calendar *date);

#endif
