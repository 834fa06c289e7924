/*
 * The virtual machine's one clock, as its devices see it, and the lines on which they
 * interrupt. Whoever runs the devices moves the clock; nothing here knows of a TSC.
 */
#ifndef CORE_DEVICE_CLOCK_H
#define CORE_DEVICE_CLOCK_H

#include "mmu/bits.h"

#define NS_PER_SECOND	UINT64_C(1000000000)
#define NEVER		UINT64_MAX	/* a deadline that does not come */

struct vclock {
	uint64_t	ns;		/* since the machine was switched on; never runs back */
	/*
	 * Set by a device when its next deadline may have changed, or when the CPU's
	 * interrupt input has: whoever runs the vcpu looks before the next entry.
	 */
	bool		attention;
};

static inline uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* `ns` as ticks of a device's own frequency, rounded down; exact to the tick. */
static inline uint64_t ticks_of_ns(uint64_t ns, uint32_t hz)
{
	/* Split at the second: neither product can overflow. */
	return ns / NS_PER_SECOND * hz +
	       ns % NS_PER_SECOND * hz / NS_PER_SECOND;
}

/* The first nanosecond at which ticks_of_ns() gives `ticks`. */
static inline uint64_t ns_of_ticks(uint64_t ticks, uint32_t hz)
{
	return ticks / hz * NS_PER_SECOND +
	       (ticks % hz * NS_PER_SECOND + hz - 1) / hz;
}

/* An interrupt line from a device to a controller's input. A zeroed one leads nowhere. */
struct irq_line {
	void		(*set)(void *controller, unsigned line, bool level);
	void		*controller;
	unsigned	line;
};

static inline void irq_set(const struct irq_line *irq, bool level)
{
	if (irq->set)
		irq->set(irq->controller, irq->line, level);
}

#endif
