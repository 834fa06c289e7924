/*
 * Which rungs ran on hardware: under KVM or on a machine without an emulator. Knows
 * runs; nothing of how they were made.
 */
#ifndef COMPARE_NATIVELY_H
#define COMPARE_NATIVELY_H

#include "compare/run.h"
#include "compare/rungs.h"
#include "compare/util.h"

/* Whether a CPU that is no emulator's ran it, and did so to the end. */
bool run_is_native(const struct run *run);

/*
 * A line for each vendor: its rungs that ran on hardware and the CPUs, or that there is
 * no such report and which rungs had emulators only.
 */
void natively_put(struct run *const *runs, size_t count, struct buf *out);

/*
 * Adds a line for each of the rungs that did not run on hardware. Returns whether all did.
 */
bool natively_required(struct run *const *runs, size_t count,
		       const struct rung_choice *wanted, size_t wanted_count,
		       struct buf *out);

#endif
