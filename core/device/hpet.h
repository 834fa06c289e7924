/*
 * The high precision event timers of a PC, in memory at FED0_0000h: the main counter and
 * three comparators. Their only wires are those of the legacy replacement route, where
 * timer 0 stands in for the 8254 at IRQ 0 and timer 1 for the clock at IRQ 8; there is no
 * I/O APIC to route them to. Time comes from the clock alone.
 * IA-PC HPET (High Precision Event Timers) Specification 1.0a.
 */
#ifndef CORE_DEVICE_HPET_H
#define CORE_DEVICE_HPET_H

#include "core/device/clock.h"
#include "core/device/mmio.h"

#define HPET_BASE	UINT64_C(0xfed00000)
#define HPET_SIZE	UINT64_C(0x400)	/* "the timer block's 1,024 bytes" */
#define HPET_TICK_NS	10u		/* of the main counter: 100 MHz */
#define HPET_COUNT	3u		/* timers */
#define HPET_LINES	2u		/* that have a wire */

struct hpet_timer {
	uint64_t	config;		/* the writable bits */
	uint64_t	comparator;
	uint64_t	written;	/* last to the comparator: the period of a periodic one */
	uint64_t	due;		/* tick of the next match; NEVER: none */
};

struct hpet;

/* An input of the interrupt controller, and the two that share it. */
struct hpet_line {
	struct hpet	*hpet;
	struct irq_line	out;
	bool		other;		/* the level of the device whose line it was */
	bool		edge;		/* an edge-triggered timer has matched */
	bool		told;		/* as last told to the controller */
};

struct hpet {
	struct vclock		*clock;
	uint64_t		config, status;
	uint64_t		counter, start;	/* its value, and the tick it had it: if enabled */
	struct hpet_timer	timer[HPET_COUNT];
	struct hpet_line	line[HPET_LINES];
	uint64_t		next;		/* ns of the next interrupt; or NEVER */
};

/* `irq0`, `irq8`: the controller's inputs, that nobody else may be connected to any more. */
void hpet_init(struct hpet *hpet, struct vclock *clock, struct irq_line irq0,
	       struct irq_line irq8);
struct mmio_device hpet_device(struct hpet *hpet);

/* Where the 8254 (0) and the clock (1) are connected instead; a line with nobody there. */
struct irq_line hpet_input(struct hpet *hpet, unsigned line);

/* What matched up to clock->ns; any number of matches are one edge. Sets ->next. */
void hpet_advance(struct hpet *hpet);

/* Have the timers taken the two lines from the 8254 and the clock? */
bool hpet_replaces(const struct hpet *hpet);

/*
 * ns of the next interrupt of line 0 or 1, or NEVER. Of periods too short for the host, so
 * that the guest has time between two: the matches meanwhile are one interrupt.
 */
uint64_t hpet_wakes_at(const struct hpet *hpet, unsigned line);

#endif
