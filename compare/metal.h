/*
 * The serial log of a machine that was started from the disc of `iso`: the runs that
 * are in it, whole or not. Knows docs/metal.md; nothing of how the log was had.
 */
#ifndef COMPARE_METAL_H
#define COMPARE_METAL_H

#include "compare/run.h"
#include "compare/util.h"

/* One run of the log. */
struct metal_run {
	char		*guest, *sha256, *rung, *ends;	/* as the disc told them */
	unsigned	tour, number;	/* which start of the disc, and its run, from 1 */
	struct buf	stream, output;	/* the records of the run; the guest's bytes */
	uint64_t	lost;		/* bytes of output that the machine had no room for */
	char		*damage;	/* what is wrong with the log here; NULL: all is there */
	struct run	*run;		/* what came of it; metal_judge() makes it */
};

struct metal {
	struct metal_run *runs;
	size_t		count;
	struct buf	notes;		/* lines on what the log as a whole lacks */
	bool		partial;	/* something is missing or damaged */
};

/* Reads a log; false when there is nothing of a disc's comparison in it. */
bool metal_read(const char *text, size_t size, struct metal *metal);
void metal_free(struct metal *metal);

/*
 * Makes and judges each run: by its end, and by its output, which must agree with
 * that of the guest's other rungs at the same start. `machine`: its name, or NULL:
 * made from the CPU's.
 */
void metal_judge(struct metal *metal, const char *machine);

#endif
