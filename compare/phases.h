/*
 * A timeline as phases: stretches of one mode of the guest, whatever ways they ran
 * in. Takes the timeline for hostile. Knows nothing of how it is shown.
 */
#ifndef COMPARE_PHASES_H
#define COMPARE_PHASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* The guest's modes; all from P_32BIT to P_LONG have paging on. */
enum phase_mode {
	P_REAL, P_UNPAGED, P_32BIT, P_PAE, P_LONG, P_UNKNOWN, PHASE_MODES
};
enum phase_way {
	W_NATIVE, W_PAGED_REAL, W_HIDDEN, W_VM86, W_EMULATED, W_SHADOW, W_RING3,
	W_UNKNOWN, PHASE_WAYS
};

/* As docs/record.md has them; the last of each is "unknown". */
const char *phase_mode_name(enum phase_mode mode);
const char *phase_way_name(enum phase_way way);
bool phase_paged(enum phase_mode mode);

/* More stretches than this are not read: the hypervisor writes 2,048 at most. */
enum { STRETCHES = 20000 };

struct stretch {
	enum phase_mode	mode;
	enum phase_way	way;
	uint64_t	at, instructions, exits, hypervisor;
};

struct share {
	uint64_t	stretches, instructions, exits, hypervisor;
};

/*
 * `times` phases of this mode: one, or each `period`th of a sequence that repeats, of
 * which this is number `place`; or, with `rest`, all that lies between two others.
 */
struct phase {
	enum phase_mode	mode;
	bool		rest;
	uint64_t	times;
	unsigned	period, place;
	struct share	all, way[PHASE_WAYS];
};

struct timeline {
	struct stretch	*stretch;
	size_t		stretches;
	size_t		left_out;	/* not read, or no stretches at all */
	bool		hypervisor;	/* the stretches say what it executed */
	struct phase	*phase;
	size_t		phases;
	uint64_t	changes;	/* phases before any were put together */
	uint64_t	end;		/* guest instructions up to there */
	struct share	sum[PHASE_MODES][PHASE_WAYS];
};

/*
 * Reads an array of segments into at most `limit` (4 or more) phases. Where there
 * are more than 32, sequences of up to 8 modes that come three times or more in a row
 * are put together; then, if need be, what lies in the middle. Which are, depends on
 * the modes alone: runs of one guest on different rungs come out alike.
 */
void timeline_read(const json_t *segments, size_t limit, struct timeline *out);
void timeline_free(struct timeline *timeline);

/* Whether both go through the same phases. */
bool timeline_alike(const struct timeline *a, const struct timeline *b);

#endif
