/*
 * The event timers: when a comparator matches, and what that does to the lines. Knows no
 * controller and no CPU, nor how a register is read or written.
 * IA-PC HPET Specification 1.0a, "Timer Operation Modes" 2.3.9.2.
 */
#include "core/device/hpet_internal.h"

/* Ticks between two looks at a periodic timer: 2 us, a little more than the 8254's shortest. */
#define PACE		200u

uint64_t hpet_tick(const struct hpet *h)
{
	return h->clock->ns / HPET_TICK_NS;
}

uint64_t hpet_counter(const struct hpet *h)
{
	if (!(h->config & CONFIG_ENABLE))
		return h->counter;
	return h->counter + (hpet_tick(h) - h->start);
}

/* Comparator and counter are compared in as many bits. */
uint64_t hpet_width(const struct hpet_timer *t)
{
	return t->config & TIMER_32 ? UINT32_MAX : UINT64_MAX;
}

static uint64_t after(uint64_t tick, uint64_t distance)
{
	return tick + distance < tick ? NEVER : tick + distance;
}

/* A match is the counter's coming to the value: where it stands already, a round later. */
static void find_due(const struct hpet *h, struct hpet_timer *t)
{
	const uint64_t width = hpet_width(t);
	uint64_t distance = (t->comparator - hpet_counter(h)) & width;

	if (!distance)
		distance = after(width, 1);
	t->due = h->config & CONFIG_ENABLE ? after(hpet_tick(h), distance) : NEVER;
}

/*
 * "Non-Periodic Mode": the comparator stays, and a 32-bit one matches again when the
 * counter has gone round. "Periodic Mode": it grows by what was written last.
 */
static void pass_matches(struct hpet_timer *t, uint64_t now)
{
	const uint64_t width = hpet_width(t);
	uint64_t step = t->config & TIMER_PERIODIC ? t->written & width : 0, steps;

	if (step) {
		steps = (now - t->due) / step + 1;
		t->comparator = (t->comparator + steps * step) & width;
	} else {
		step = after(width, 1);
		if (step == NEVER) {
			t->due = NEVER;
			return;
		}
		steps = (now - t->due) / step + 1;
	}
	t->due = after(t->due + (steps - 1) * step, step);
}

bool hpet_replaces(const struct hpet *h)
{
	return (h->config & (CONFIG_ENABLE | CONFIG_LEGACY)) == (CONFIG_ENABLE | CONFIG_LEGACY);
}

static void tell(struct hpet_line *line, bool level)
{
	if (line->told == level)
		return;
	line->told = level;
	irq_set(&line->out, level);
}

static bool timer_level(const struct hpet *h, unsigned i)
{
	const uint64_t config = h->timer[i].config;

	if (!(config & TIMER_ENABLE))
		return false;
	return config & TIMER_LEVEL ? h->status & BIT(i) : h->line[i].edge;
}

void hpet_tell_lines(struct hpet *h)
{
	for (unsigned i = 0; i < HPET_LINES; i++) {
		struct hpet_line *line = &h->line[i];

		if (!hpet_replaces(h) || !(h->timer[i].config & TIMER_ENABLE))
			line->edge = false;
		tell(line, hpet_replaces(h) ? timer_level(h, i) : line->other);
	}
}

/* An edge goes up and stays, so that the CPU has time to acknowledge it. */
static void matched(struct hpet *h, unsigned i)
{
	const uint64_t config = h->timer[i].config;

	if (config & TIMER_LEVEL) {
		h->status |= BIT(i);
		return;
	}
	if (i >= HPET_LINES || !(config & TIMER_ENABLE) || !hpet_replaces(h))
		return;
	tell(&h->line[i], false);
	h->line[i].edge = true;
}

/* A period that the host could not keep up with: it would do nothing but look at this timer. */
static bool too_fast(const struct hpet_timer *t)
{
	return t->config & TIMER_PERIODIC && (t->written & hpet_width(t)) < PACE;
}

uint64_t hpet_wakes_at(const struct hpet *h, unsigned line)
{
	const struct hpet_timer *t = &h->timer[line];
	uint64_t due = t->due;

	if (!hpet_replaces(h) || !(t->config & TIMER_ENABLE) || due > NEVER / HPET_TICK_NS)
		return NEVER;
	if (too_fast(t) && due < hpet_tick(h) + PACE)
		due = hpet_tick(h) + PACE;
	return due * HPET_TICK_NS;
}

void hpet_find_next(struct hpet *h)
{
	h->next = earlier(hpet_wakes_at(h, 0), hpet_wakes_at(h, 1));
}

void hpet_advance(struct hpet *h)
{
	const uint64_t now = hpet_tick(h);

	for (unsigned i = 0; i < HPET_COUNT; i++) {
		if (h->timer[i].due > now)
			continue;
		pass_matches(&h->timer[i], now);
		matched(h, i);
	}
	hpet_tell_lines(h);
	hpet_find_next(h);
}

void hpet_find_all(struct hpet *h)
{
	for (unsigned i = 0; i < HPET_COUNT; i++)
		find_due(h, &h->timer[i]);
}

/* The level of the device whose line it was: the controller hears of it if it still is. */
static void other_set(void *controller, unsigned number, bool level)
{
	struct hpet_line *line = controller;

	(void)number;
	line->other = level;
	if (!hpet_replaces(line->hpet))
		tell(line, level);
}

struct irq_line hpet_input(struct hpet *h, unsigned line)
{
	return (struct irq_line){ .set = other_set, .controller = &h->line[line] };
}

void hpet_init(struct hpet *h, struct vclock *clock, struct irq_line irq0,
	       struct irq_line irq8)
{
	*h = (struct hpet){ .clock = clock, .next = NEVER };
	h->line[0] = (struct hpet_line){ .hpet = h, .out = irq0 };
	h->line[1] = (struct hpet_line){ .hpet = h, .out = irq8 };
	for (unsigned i = 0; i < HPET_COUNT; i++)
		h->timer[i] = (struct hpet_timer){ .comparator = UINT64_MAX, .due = NEVER };
}
