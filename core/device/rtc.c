/*
 * The MC146818's registers, computed from the clock when they are touched. Knows no
 * interrupt controller, and no time but the clock's.
 */
#include "core/device/rtc.h"

#include "core/device/calendar.h"
#include "core/device/rtc_alarm.h"
#include "core/device/rtc_defs.h"
#include "core/device/rtc_memory.h"
#include "core/device/rtc_time.h"

static bool divider_held(const struct rtc *r)
{
	return (r->cmos[RTC_A] & RTC_A_DV_RESET) == RTC_A_DV_RESET;
}

static bool time_stands(const struct rtc *r)
{
	return (r->cmos[RTC_B] & RTC_B_SET) || divider_held(r);
}

static uint64_t divider_ns(const struct rtc *r)
{
	return r->clock->ns + r->phase;
}

static void time_to_registers(struct rtc *r)
{
	struct calendar now = calendar_of(divider_ns(r) / NS_PER_SECOND +
					  r->offset);

	rtc_time_show(r->cmos, &now);
}

static void time_from_registers(struct rtc *r)
{
	struct calendar set = rtc_time_told(r->cmos);

	r->offset = calendar_seconds(&set) - divider_ns(r) / NS_PER_SECOND;
}

/* The periodic interrupt's period in ticks of the crystal, as a power of two; 0: off. */
static unsigned period_shift(const struct rtc *r)
{
	unsigned rate = r->cmos[RTC_A] & RTC_A_RS;

	if (divider_held(r) || !rate)
		return 0;
	/* "Periodic Interrupt Rate and Square Wave Output Frequency" table 5 */
	if (rate <= RTC_RS_REPEATED)
		rate += RTC_RS_REPEAT;
	return rate - 1;
}

/* The next second of the calendar on which the alarm goes off. */
static uint64_t alarm_after(const struct rtc *r, uint64_t second)
{
	struct rtc_alarm alarm = rtc_time_alarm(r->cmos);

	return rtc_alarm_after(&alarm, second);
}

/* However long ago the last look was: of each kind one flag. */
static void raise_due(struct rtc *r)
{
	const uint64_t now = divider_ns(r), seen = r->seen;
	const uint64_t second = now / NS_PER_SECOND;
	const unsigned shift = period_shift(r);

	r->seen = now;
	if (shift && ticks_of_ns(now, RTC_HZ) >> shift !=
		     ticks_of_ns(seen, RTC_HZ) >> shift)
		r->cmos[RTC_C] |= RTC_C_PF;
	if (time_stands(r) || second == seen / NS_PER_SECOND)
		return;
	r->cmos[RTC_C] |= RTC_C_UF;
	if (alarm_after(r, seen / NS_PER_SECOND + r->offset) <=
	    second + r->offset)
		r->cmos[RTC_C] |= RTC_C_AF;
}

/* When the next flag that is enabled will be raised. */
static uint64_t next_flag(const struct rtc *r)
{
	const uint64_t now = divider_ns(r), second = now / NS_PER_SECOND;
	const uint8_t b = r->cmos[RTC_B];
	const unsigned shift = period_shift(r);
	uint64_t next = NEVER, alarm;

	if ((b & RTC_B_PIE) && shift)
		next = ns_of_ticks(((ticks_of_ns(now, RTC_HZ) >> shift) + 1)
				   << shift, RTC_HZ);
	if ((b & RTC_B_UIE) && !time_stands(r))
		next = earlier(next, (second + 1) * NS_PER_SECOND);
	if ((b & RTC_B_AIE) && !time_stands(r)) {
		alarm = alarm_after(r, second + r->offset);
		if (alarm != NEVER)
			next = earlier(next, (alarm - r->offset) *
					     NS_PER_SECOND);
	}
	return next == NEVER ? NEVER : next - r->phase;
}

/* The line, and the deadline: none while the line is high, as nothing can be added. */
static void settle(struct rtc *r)
{
	bool level = r->cmos[RTC_C] & r->cmos[RTC_B] & RTC_FLAGS;

	r->next = level ? NEVER : next_flag(r);
	if (level == r->level)
		return;
	r->level = level;
	irq_set(&r->irq, level);
}

static void settle_after_access(struct rtc *r)
{
	uint64_t before = r->next;

	settle(r);
	if (r->next != before)
		r->clock->attention = true;
}

void rtc_advance(struct rtc *rtc)
{
	raise_due(rtc);
	settle(rtc);
}

/* Time's registers as on the chip: computed at a write too, as one may stop them. */
static void write_control(struct rtc *r, uint8_t reg, uint8_t value)
{
	const bool stood = time_stands(r), was_held = divider_held(r);

	if (!stood)
		time_to_registers(r);
	if (reg == RTC_A)
		value &= (uint8_t)~RTC_A_UIP;
	/* "Register B": SET going high clears UIE. */
	else if (value & RTC_B_SET)
		value &= (uint8_t)~RTC_B_UIE;
	r->cmos[reg] = value;
	if (was_held && !divider_held(r)) {
		r->phase = (NS_PER_SECOND + RTC_RELEASE_NS -
			    r->clock->ns % NS_PER_SECOND) % NS_PER_SECOND;
		r->seen = divider_ns(r);
	}
	if (stood && !time_stands(r))
		time_from_registers(r);
}

static void write_time(struct rtc *r, uint8_t reg, uint8_t value)
{
	const bool stands = time_stands(r);

	if (!stands)
		time_to_registers(r);
	r->cmos[reg] = value;
	if (!stands)
		time_from_registers(r);
}

static void rtc_out(void *self, uint16_t port, uint8_t value)
{
	struct rtc *r = self;
	const uint8_t reg = r->index;

	if (port == RTC_INDEX_PORT) {
		r->index = value & RTC_INDEX_MASK;
		return;
	}
	raise_due(r);
	switch (reg) {
	case RTC_A:
	case RTC_B:
		write_control(r, reg, value);
		break;
	case RTC_C:
	case RTC_D:
		return;
	case RTC_SECONDS:
		/* "Address Map": the highest bit of the seconds is read-only. */
		write_time(r, reg, value & (uint8_t)~BIT(7));
		break;
	case RTC_MINUTES:
	case RTC_HOURS:
	case RTC_WEEKDAY:
	case RTC_DAY:
	case RTC_MONTH:
	case RTC_YEAR:
	case CMOS_CENTURY:
		write_time(r, reg, value);
		break;
	default:
		r->cmos[reg] = value;
		break;
	}
	settle_after_access(r);
}

static uint8_t read_a(const struct rtc *r)
{
	bool soon = divider_ns(r) % NS_PER_SECOND >= NS_PER_SECOND - RTC_UIP_NS;

	return r->cmos[RTC_A] | (soon && !time_stands(r) ? RTC_A_UIP : 0);
}

/* What is due and not yet told on the line is told here, and needs the line no more. */
static uint8_t read_c(struct rtc *r)
{
	uint8_t flags;

	raise_due(r);
	flags = r->cmos[RTC_C];
	r->cmos[RTC_C] = 0;
	settle_after_access(r);
	return flags | (flags & r->cmos[RTC_B] ? RTC_C_IRQF : 0);
}

static uint8_t rtc_in(void *self, uint16_t port)
{
	struct rtc *r = self;

	if (port == RTC_INDEX_PORT)
		return UINT8_MAX;
	switch (r->index) {
	case RTC_A:
		return read_a(r);
	case RTC_C:
		return read_c(r);
	case RTC_SECONDS:
	case RTC_MINUTES:
	case RTC_HOURS:
	case RTC_WEEKDAY:
	case RTC_DAY:
	case RTC_MONTH:
	case RTC_YEAR:
	case CMOS_CENTURY:
		if (!time_stands(r))
			time_to_registers(r);
		break;
	default:
		break;
	}
	return r->cmos[r->index];
}

void rtc_init(struct rtc *rtc, struct vclock *clock, struct irq_line irq,
	      uint64_t memory)
{
	*rtc = (struct rtc){
		.clock = clock,
		.irq = irq,
		.offset = RTC_EPOCH + CALENDAR_UNIX - clock->ns / NS_PER_SECOND,
		.seen = clock->ns,
		.next = NEVER,
	};
	/* As a PC's BIOS leaves them. */
	rtc->cmos[RTC_A] = RTC_A_DV_RUN | RTC_RS_1024_HZ;
	rtc->cmos[RTC_B] = RTC_B_24;
	rtc->cmos[RTC_D] = RTC_D_VRT;
	rtc_memory_fill(rtc->cmos, memory);
}

struct device rtc_device(struct rtc *rtc)
{
	return (struct device){
		.first = RTC_INDEX_PORT,
		.last = RTC_DATA_PORT,
		.self = rtc,
		.in = rtc_in,
		.out = rtc_out,
	};
}
