/*
 * Where the virtual PC meets the vcpu: the devices' clock from the TSC, their interrupts
 * into the guest, and HLT until the next one. Knows no vendor and no single device.
 */
#ifndef CORE_BOARD_H
#define CORE_BOARD_H

#include "core/device/pc.h"
#include "core/host.h"
#include "core/vcpu.h"

struct board {
	struct pc	pc;
	/* Fixed point: BOARD_POINT. */
	uint64_t	ns_per_tick, ticks_per_ns;
	uint64_t	start;		/* the guest's TSC when it was switched on */
	uint64_t	next;		/* ns of the devices' next deadline, or NEVER */
	uint64_t	due;		/* the host's TSC then, or UINT64_MAX */
	bool		armed;		/* the host's timer is set for `due` */
	bool		halted;		/* in HLT: to be waited out before the next entry */
	bool		skips;		/* a wait moves the guest's TSC on instead of taking time */
};

/* Before the first entry, at vcpu.tsc.exit; `hz`: of the TSC, 0: not known. */
void board_start(struct vm *vm, uint64_t hz, bool skips);

/*
 * Something is due: devices move to the present, what interrupts goes to the guest or
 * waits for its window, a HLT is waited out. May end the guest. Before an entry only.
 */
void board_service(struct vm *vm);

#define BOARD_POINT	32	/* bits after the point of both ratios */

static inline uint64_t board_scale(uint64_t value, uint64_t ratio)
{
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)value * ratio >> BOARD_POINT);
}

/* The guest's time at this TSC of the host, in ns since it was switched on. */
static inline uint64_t board_ns(const struct board *b, const struct vcpu *v,
				uint64_t tsc)
{
	return board_scale(tsc + v->tsc_offset - b->start, b->ns_per_tick);
}

/* The time for the devices: an access comes at this TSC of the host. */
static inline void board_clock(struct board *b, const struct vcpu *v, uint64_t tsc)
{
	b->pc.clock.ns = board_ns(b, v, tsc);
}

#endif
