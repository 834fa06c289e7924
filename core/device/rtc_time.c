/*
 * The time's registers in the format that register B asks for. Knows no clock.
 * MC146818 datasheet, "Time, Calendar, and Alarm Locations" table 3.
 */
#include "core/device/rtc_time.h"

#include "core/device/rtc_defs.h"

static uint8_t bcd(unsigned value)
{
	return (uint8_t)(value / 10 << 4 | value % 10);
}

static unsigned of_bcd(uint8_t byte)
{
	return (byte >> 4) * 10u + byte % 16;
}

/* A number as its register shows it, and back. Bytes that are no BCD give some number. */
static uint8_t shown(const uint8_t *cmos, unsigned value)
{
	return cmos[RTC_B] & RTC_B_DM ? (uint8_t)value : bcd(value);
}

static unsigned told(const uint8_t *cmos, uint8_t byte)
{
	return cmos[RTC_B] & RTC_B_DM ? byte : of_bcd(byte);
}

static uint8_t hour_shown(const uint8_t *cmos, unsigned hour)
{
	if (cmos[RTC_B] & RTC_B_24)
		return shown(cmos, hour);
	return shown(cmos, hour % 12 ? hour % 12 : 12) |
	       (hour >= 12 ? RTC_HOURS_PM : 0);
}

static unsigned hour_told(const uint8_t *cmos, uint8_t byte)
{
	if (cmos[RTC_B] & RTC_B_24)
		return told(cmos, byte);
	return told(cmos, byte & (uint8_t)~RTC_HOURS_PM) % 12 +
	       (byte & RTC_HOURS_PM ? 12 : 0);
}

void rtc_time_show(uint8_t cmos[RTC_CMOS], const struct calendar *time)
{
	cmos[RTC_SECONDS] = shown(cmos, time->second);
	cmos[RTC_MINUTES] = shown(cmos, time->minute);
	cmos[RTC_HOURS] = hour_shown(cmos, time->hour);
	cmos[RTC_WEEKDAY] = shown(cmos, time->weekday);
	cmos[RTC_DAY] = shown(cmos, time->day);
	cmos[RTC_MONTH] = shown(cmos, time->month);
	cmos[RTC_YEAR] = shown(cmos, time->year % 100);
	cmos[CMOS_CENTURY] = bcd(time->year / 100 % 100);
}

struct calendar rtc_time_told(const uint8_t cmos[RTC_CMOS])
{
	return (struct calendar){
		.second = told(cmos, cmos[RTC_SECONDS]),
		.minute = told(cmos, cmos[RTC_MINUTES]),
		.hour = hour_told(cmos, cmos[RTC_HOURS]),
		.day = told(cmos, cmos[RTC_DAY]),
		.month = told(cmos, cmos[RTC_MONTH]),
		.year = told(cmos, cmos[RTC_YEAR]) +
			of_bcd(cmos[CMOS_CENTURY]) * 100,
	};
}

/* The alarm compares bytes: one that the register never shows agrees with no time. */
static uint16_t alarm_unit(uint8_t byte, unsigned value, uint8_t again)
{
	if ((byte & RTC_ALARM_ANY) == RTC_ALARM_ANY)
		return ALARM_ANY;
	return again == byte ? (uint16_t)value : ALARM_NONE;
}

struct rtc_alarm rtc_time_alarm(const uint8_t cmos[RTC_CMOS])
{
	const uint8_t s = cmos[RTC_SECONDS_ALARM], m = cmos[RTC_MINUTES_ALARM];
	const uint8_t h = cmos[RTC_HOURS_ALARM];
	const unsigned second = told(cmos, s), minute = told(cmos, m);
	const unsigned hour = hour_told(cmos, h);

	return (struct rtc_alarm){
		.second = alarm_unit(s, second, shown(cmos, second)),
		.minute = alarm_unit(m, minute, shown(cmos, minute)),
		.hour = alarm_unit(h, hour, hour_shown(cmos, hour)),
	};
}
