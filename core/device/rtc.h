/*
 * The MC146818 clock and its CMOS memory at ports 70h and 71h. The time starts at a
 * fixed date so that runs repeat, and then follows the clock.
 * MC146818 datasheet (Motorola); the memory's use: "CMOS RAM" of the IBM AT.
 */
#ifndef CORE_DEVICE_RTC_H
#define CORE_DEVICE_RTC_H

#include "core/device/clock.h"
#include "core/device/device.h"

#define RTC_IRQ		8u
#define RTC_CMOS	128u
/* 2000-01-01 00:00:00 UTC, the date that the emulators are told too. */
#define RTC_EPOCH	UINT64_C(946684800)

struct rtc {
	/* The time's registers are computed; they are kept here while it stands still. */
	uint8_t		cmos[RTC_CMOS];
	uint8_t		index;
	struct vclock	*clock;
	struct irq_line	irq;
	uint64_t	phase;		/* ns from clock to divider: seconds begin at its own */
	uint64_t	offset;		/* seconds from divider to calendar */
	uint64_t	seen;		/* divider's ns up to where flags were raised */
	bool		level;		/* of the line, as last told */
	uint64_t	next;		/* ns of the next event that would interrupt; or NEVER */
};

/* `memory`: bytes of RAM, told where a BIOS would look (base, extended, above 16 MiB). */
void rtc_init(struct rtc *rtc, struct vclock *clock, struct irq_line irq,
	      uint64_t memory);
struct device rtc_device(struct rtc *rtc);

/* Raise what flags are due at clock->ns and set ->next. Constant time. */
void rtc_advance(struct rtc *rtc);

#endif
