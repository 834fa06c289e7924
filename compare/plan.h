/*
 * Which runs are made: guests by rungs by machines, and for each the bare
 * run that it must agree with. Knows nothing of how results are shown.
 */
#ifndef COMPARE_PLAN_H
#define COMPARE_PLAN_H

#include "compare/job.h"

struct plan {
	struct job	*jobs;
	size_t		count;
	unsigned	parallel;	/* 0: one per online CPU */
	unsigned	seconds;	/* 0: each guest's own limit */
};

/*
 * Adds a run unless it is there already, and the bare run that it must agree
 * with, on that machine or the guest's reference, if the run is possible at all.
 * Copies `choice`.
 */
struct job *plan_add(struct plan *plan, const struct guest *guest,
		     const struct rung_choice *choice,
		     const struct machine *machine);

/* Runs and judges everything; keeps the work folders of what went wrong. */
void plan_run(struct plan *plan);

/* The runs in order of the plan; the array is to be freed, the runs not. */
struct run **plan_runs(const struct plan *plan);

void plan_free(struct plan *plan);

#endif
