/*
 * The MC146818's registers 0 to 9 and the century: numbers in BCD or binary, hours by 12
 * or 24, as register B in the same memory says. Knows no clock.
 */
#ifndef CORE_DEVICE_RTC_TIME_H
#define CORE_DEVICE_RTC_TIME_H

#include "core/device/calendar.h"
#include "core/device/rtc.h"
#include "core/device/rtc_alarm.h"

/* All but the alarm's bytes. */
void rtc_time_show(uint8_t cmos[RTC_CMOS], const struct calendar *time);
/* Bytes that are no time give some numbers, none above 2^16; the weekday is left out. */
struct calendar rtc_time_told(const uint8_t cmos[RTC_CMOS]);
struct rtc_alarm rtc_time_alarm(const uint8_t cmos[RTC_CMOS]);

#endif
