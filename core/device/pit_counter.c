/*
 * The six modes of an 8254's counter as functions of the tick. Knows no port and no
 * interrupt. 8254 datasheet (Intel, 231164), "Mode Definitions".
 */
#include "core/device/pit_counter.h"

#include "core/device/pit_defs.h"

static bool periodic(const struct pit_counter *c)
{
	return c->mode == MODE_RATE || c->mode == MODE_SQUARE;
}

/* Modes 1 and 5: the gate starts the count and does not stop it. */
static bool triggered(const struct pit_counter *c)
{
	return c->mode == MODE_ONE_SHOT || c->mode == MODE_STROBE_HARDWARE;
}

static bool strobes(const struct pit_counter *c)
{
	return c->mode == MODE_STROBE || c->mode == MODE_STROBE_HARDWARE;
}

static unsigned modulus(const struct pit_counter *c)
{
	return c->bcd ? MODULUS_BCD : MODULUS_BINARY;
}

static unsigned from_bcd(uint16_t digits)
{
	unsigned value = 0;

	for (int shift = 3 * BCD_DIGIT_BITS; shift >= 0; shift -= BCD_DIGIT_BITS)
		value = value * 10 + (digits >> shift & BCD_DIGIT);
	/* Digits above 9 are the guest's fault, and stay within the modulus. */
	return value % MODULUS_BCD;
}

static uint16_t to_bcd(unsigned value)
{
	unsigned digits = 0;

	for (int shift = 0; shift <= 3 * BCD_DIGIT_BITS; shift += BCD_DIGIT_BITS, value /= 10)
		digits |= value % 10 << shift;
	return (uint16_t)digits;
}

/* The ticks that a count written as `raw` stands for. "Operation Common to All Modes" */
static unsigned ticks_in(const struct pit_counter *c, uint16_t raw)
{
	unsigned ticks = c->bcd ? from_bcd(raw) : raw;

	if (!ticks)
		return modulus(c);
	/* 1 is illegal where there are two levels in a period. "Mode 2", "Mode 3" */
	return ticks == 1 && periodic(c) ? 2 : ticks;
}

/* Mode 3: (N + 1) / 2 ticks for odd counts. */
static unsigned high_ticks(unsigned period)
{
	return (period + 1) / 2;
}

/* Ticks since the count was loaded, those at a low gate left out. */
static uint64_t elapsed(const struct pit_counter *c, uint64_t now)
{
	if (now <= c->start || c->stopped || (!c->gate && !triggered(c)))
		return c->done;
	return c->done + (now - c->start);
}

static uint64_t tick_of(const struct pit_counter *c, uint64_t elapsed)
{
	return c->start + (elapsed - c->done);
}

/* Where a new count takes over: mode 2 at the period's end, mode 3 at the half's. */
static uint64_t takes_over(const struct pit_counter *c, uint64_t now)
{
	const unsigned period = ticks_in(c, c->reload);
	const uint64_t e = elapsed(c, now), first = e - e % period;

	if (!c->gate)
		return NEVER;
	if (c->mode == MODE_SQUARE && e - first < high_ticks(period))
		return tick_of(c, first + high_ticks(period));
	return tick_of(c, first + period);
}

static void settle(struct pit_counter *c, uint64_t now)
{
	uint64_t phase;

	if (!c->next_due || now < c->due)
		return;
	phase = elapsed(c, c->due) % ticks_in(c, c->reload);
	c->reload = c->next_reload;
	c->next_due = false;
	c->start = c->due;
	/* Mode 3 in the middle of a period: the low half comes next. */
	c->done = phase ? high_ticks(ticks_in(c, c->reload)) : 0;
}

/* A strobe is one tick long, whatever becomes of its count within that tick. */
static void keep_strobe(struct pit_counter *c, uint64_t now)
{
	c->strobed = strobes(c) && c->counting && !pit_counter_out(c, now);
	if (c->strobed)
		c->strobe = now;
}

static void begin(struct pit_counter *c, uint16_t count, uint64_t now)
{
	keep_strobe(c, now);
	if (!c->strobed)
		c->strobe = NEVER;
	c->strobed = false;
	c->reload = count;
	c->next_due = false;
	c->counting = true;
	c->stopped = false;
	c->start = now + 1;
	c->done = 0;
}

void pit_counter_control(struct pit_counter *c, uint8_t control, uint64_t now)
{
	*c = (struct pit_counter){
		.held = pit_counter_count(c, now),
		.gate = c->gate,
		.control = control & CONTROL_KEPT,
		.mode = FIELD_GET(CONTROL_MODE, control),
		.access = FIELD_GET(CONTROL_RW, control),
		.bcd = control & CONTROL_BCD,
	};
	if (c->mode > MODE_STROBE_HARDWARE)
		c->mode &= MODE_TWO_BITS;
}

/* The ticks up to now are counted, whatever becomes of those that follow. */
static void count_up_to(struct pit_counter *c, uint64_t now)
{
	c->done = elapsed(c, now);
	if (c->start < now)
		c->start = now;
}

/* "Mode 0": the first byte disables counting and sets OUT low at once. */
void pit_counter_half(struct pit_counter *c, uint64_t now)
{
	if (c->mode != MODE_TERMINAL_COUNT)
		return;
	count_up_to(c, now);
	c->stopped = true;
}

void pit_counter_load(struct pit_counter *c, uint16_t count, uint64_t now)
{
	settle(c, now);
	/* What waits for the tick that loads it is replaced, not followed. */
	if (now < c->start || !(triggered(c) || (periodic(c) && c->counting))) {
		c->null_until = now + 1;
		begin(c, count, now);
		return;
	}
	if (!c->next_due)
		c->due = triggered(c) ? NEVER : takes_over(c, now);
	c->next_due = true;
	c->next_reload = count;
}

void pit_counter_gate(struct pit_counter *c, bool level, uint64_t now)
{
	if (level == c->gate)
		return;
	settle(c, now);
	/* Mode 4: the count may now stay at 0. */
	if (!c->strobed)
		keep_strobe(c, now);
	count_up_to(c, now);
	c->gate = level;
	if (!level && periodic(c))
		c->due = NEVER;		/* until the trigger */
	/* A trigger: the count starts anew, the new one if there is one. */
	if (!level || !(periodic(c) || triggered(c)) || !(c->counting || c->next_due))
		return;
	if (c->next_due)
		c->null_until = now + 1;
	begin(c, c->next_due ? c->next_reload : c->reload, now);
}

/* Mode 3 counts down by two, in each half anew, odd counts from one below. */
static unsigned square_count(unsigned period, unsigned phase)
{
	unsigned high = high_ticks(period);

	return period - period % 2 - 2 * (phase < high ? phase : phase - high);
}

uint16_t pit_counter_count(struct pit_counter *c, uint64_t now)
{
	unsigned ticks, value;
	uint64_t e;

	settle(c, now);
	if (!c->counting)
		return c->held;
	ticks = ticks_in(c, c->reload);
	e = elapsed(c, now);
	if (c->mode == MODE_RATE)
		value = ticks - (unsigned)(e % ticks);
	else if (c->mode == MODE_SQUARE)
		value = square_count(ticks, (unsigned)(e % ticks));
	else
		/* Past 0 the count wraps and goes on. */
		value = ticks + modulus(c) - (unsigned)(e % modulus(c));
	value %= modulus(c);
	return c->bcd ? to_bcd(value) : (uint16_t)value;
}

bool pit_counter_out(struct pit_counter *c, uint64_t now)
{
	unsigned ticks;
	uint64_t e;

	settle(c, now);
	if (!c->counting)
		return c->mode != MODE_TERMINAL_COUNT;
	ticks = ticks_in(c, c->reload);
	e = elapsed(c, now);
	switch (c->mode) {
	case MODE_TERMINAL_COUNT:
	case MODE_ONE_SHOT:
		return e >= ticks && !c->stopped;
	case MODE_RATE:
		return !c->gate || e % ticks != ticks - 1;
	case MODE_SQUARE:
		return !c->gate || e % ticks < high_ticks(ticks);
	default:
		/* Both strobes: low for the one tick at 0. */
		return now != c->strobe && (e != ticks || c->strobed);
	}
}

bool pit_counter_null(struct pit_counter *c, uint64_t now)
{
	settle(c, now);
	return !c->counting || c->next_due || now < c->null_until;
}

static uint64_t periodic_rise(const struct pit_counter *c, uint64_t now)
{
	const unsigned period = ticks_in(c, c->reload);
	const uint64_t e = elapsed(c, now);

	/* A new count for the low half moves its end. */
	if (c->next_due && c->mode == MODE_SQUARE && e % period < high_ticks(period))
		return c->due + ticks_in(c, c->next_reload) / 2;
	return tick_of(c, e - e % period + period);
}

uint64_t pit_counter_rise(struct pit_counter *c, uint64_t now)
{
	uint64_t at;

	settle(c, now);
	if (strobes(c) && c->counting && now == c->strobe)
		return now + 1;
	if (!c->counting || c->stopped || (!c->gate && !triggered(c)))
		return NEVER;
	if (periodic(c))
		return periodic_rise(c, now);
	at = ticks_in(c, c->reload);
	if (strobes(c))
		at++;
	return elapsed(c, now) < at ? tick_of(c, at) : NEVER;
}
