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
	uint16_t	reload;		/* as written; 0 stands for 65536, or 10000 in BCD */
	uint8_t		mode;		/* 0..5 */
	uint8_t		access;		/* 1 low, 2 high, 3 low then high */
	bool		bcd, gate, null_count;
	bool		counting;	/* loaded and started */
	uint64_t	start;		/* tick at which the count was loaded */
	bool		write_high, read_high;	/* which half comes next under access 3 */
	uint8_t		write_low;
	bool		latched, status_latched;
	uint16_t	latch;
	uint8_t		status;
	/* What a new count waits for in modes 2 and 3 and in 1 and 5 is the implementation's. */
	uint16_t	next_reload;
	bool		next_due;
};

struct pit {
	struct pit_counter	counter[PIT_COUNTERS];
	struct vclock		*clock;
	struct irq_line		irq;	/* counter 0's OUT */
	bool			out0;	/* its level as last told */
	bool			speaker;
	uint64_t		next;	/* ns of counter 0's next change; NEVER: none */
};

/* Counter 0 as a PC's BIOS leaves it: mode 3, 65536; the others stopped. */
void pit_init(struct pit *pit, struct vclock *clock, struct irq_line irq);
void pit_devices(struct pit *pit, struct device out[PIT_DEVICES]);

/*
 * Tell counter 0's line what has happened up to clock->ns: any number of periods are at
 * most one edge, so the work is bounded. Then ->next is the next change that matters
 * (a rise of OUT 0). Constant time.
 */
void pit_advance(struct pit *pit);

#endif
