/*
 * The MC146818's alarm: when the three alarm bytes next agree with the time. Knows no
 * clock and no registers but those three. MC146818 datasheet, "Time, Calendar, and Alarm".
 */
#ifndef CORE_DEVICE_RTC_ALARM_H
#define CORE_DEVICE_RTC_ALARM_H

#include "core/device/clock.h"

#define ALARM_ANY	UINT16_MAX	/* "don't care" */
#define ALARM_NONE	(UINT16_MAX - 1)	/* a byte that no time ever reads as */

struct rtc_alarm {
	uint16_t	hour, minute, second;
};

/* The first second of the calendar above `seconds` that agrees; or NEVER. No loops. */
uint64_t rtc_alarm_after(const struct rtc_alarm *alarm, uint64_t seconds);

#endif
