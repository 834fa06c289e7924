/*
 * What a run is counted by: exits by reason, guest and hypervisor
 * instructions, and the timeline of modes. Pure bookkeeping.
 */
#ifndef CORE_TALLY_H
#define CORE_TALLY_H

#include "core/exit.h"
#include "core/record.h"
#include "core/strategy.h"

#define TALLY_SEGMENTS	2048

struct segment {
	uint64_t	at, exits, instructions, hypervisor;
	uint8_t		mode, ran_as;
};

struct tally {
	uint64_t	by_reason[EXIT_REASONS];
	uint64_t	observe;
	uint64_t	guest;		/* TSC units in the guest, and emulated instructions */
	uint64_t	emulated;	/* instructions carried out in software */
	uint64_t	idle;		/* in HLT, where that takes time */
	uint64_t	first_entry, last_exit;
	uint64_t	exits;		/* all but the failed entries */
	uint64_t	segment_at, segment_exits;	/* where the open segment began */
	uint64_t	segment_host;	/* the clock less guest and idle time, there */
	uint64_t	dropped;	/* segments that found no room */
	unsigned	segments;	/* closed ones */
	uint8_t		mode, ran_as;	/* of the open segment */
	bool		open;
	struct segment	segment[TALLY_SEGMENTS];
};

/* The clock is `now`, and the guest is about to run for the first time. */
void tally_start(struct tally *tally, uint64_t now);

/* Whether the guest running on like this begins another segment. */
static inline bool tally_changes(const struct tally *tally, enum guest_mode mode,
				 enum ran_as ran_as)
{
	return !tally->open || tally->mode != mode || tally->ran_as != ran_as;
}

/*
 * It does, at `now`: closes the open segment. What the hypervisor did for a segment
 * in which the guest did nothing counts to the next one.
 */
void tally_mode(struct tally *tally, enum guest_mode mode, enum ran_as ran_as,
		uint64_t now);

/* Close the last segment and tell all of it. */
void tally_report(struct tally *tally, struct record *record, struct host_io *io);

/* So many guest instructions were carried out in software. */
static inline void tally_emulated(struct tally *tally, unsigned count)
{
	tally->emulated += count;
	tally->guest += count;
}

static inline void tally_run(struct tally *tally, const struct vcpu *vcpu)
{
	tally->exits++;
	tally->last_exit = vcpu->tsc.exit;
	tally->guest += vcpu->tsc.exit - vcpu->tsc.entry;
}

#endif
