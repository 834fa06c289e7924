/*
 * The 8254 timer of a PC: three counters in all modes, read-back, latches, gate and
 * output of counter 2 at port 61h. Time comes from the clock alone.
 * 8254 datasheet (Intel, 231164).
 */
#ifndef CORE_DEVICE_PIT_H
#define CORE_DEVICE_PIT_H

#include "core/device/clock.h"
#include "core/device/device.h"

#define PIT_HZ		1193182u
#define PIT_IRQ		0u
#define PIT_COUNTERS	3u
#define PIT_DEVICES	2u	/* ports 40h to 43h, and 61h */

struct pit_counter {
	uint8_t		control;	/* the control word without its counter, as written */
	uint8_t		mode;		/* 0..5 */
	uint8_t		access;		/* 1 low, 2 high, 3 low then high */
	bool		bcd, gate;
	bool		counting;	/* a count was loaded, or will be by the next tick */
	bool		stopped;	/* mode 0: the first byte of a new count has come */
	uint64_t	null_until;	/* tick that loads the count written last */
	uint64_t	strobe;		/* tick of a strobe in which gate or count changed */
	bool		strobed;	/* and it was this count's */
	uint16_t	reload;		/* as written; 0 stands for 65536, or 10000 in BCD */
	uint64_t	start;		/* tick from which on `done` grows, while it does */
	uint64_t	done;		/* ticks of this count before `start` */
	/* A count still to be loaded: at a tick (modes 2, 3) or a trigger; then `due` is NEVER. */
	bool		next_due;
	uint16_t	next_reload;
	uint64_t	due;
	uint16_t	held;		/* what reads before a count is there */
	bool		write_high, read_high;	/* which half comes next under access 3 */
	uint8_t		write_low;
	bool		latched, status_latched;
	uint16_t	latch;
	uint8_t		status;
};

struct pit {
	struct pit_counter	counter[PIT_COUNTERS];
	struct vclock		*clock;
	struct irq_line		irq;	/* counter 0's OUT */
	bool			out0;	/* its level as last told */
	uint8_t			port61;	/* the bits that are kept as written */
	uint64_t		next;	/* ns of OUT 0's next rise; NEVER: none */
};

/* Counter 0 as a PC's BIOS leaves it: mode 3, 65536; the others stopped. */
void pit_init(struct pit *pit, struct vclock *clock, struct irq_line irq);
void pit_devices(struct pit *pit, struct device out[PIT_DEVICES]);

/*
 * Tell counter 0's line of the rises of OUT 0 up to clock->ns: any number of them are one
 * edge, so the work is bounded. Then ->next is the next rise. A fall is told when a port
 * write causes it or just before the next rise, and not when it comes by time alone: it
 * would take back a request that the CPU has had no time to acknowledge. Constant time.
 */
void pit_advance(struct pit *pit);

#endif
