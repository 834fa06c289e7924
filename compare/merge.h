/*
 * Puts reports together. The result does not depend on their order.
 */
#ifndef COMPARE_MERGE_H
#define COMPARE_MERGE_H

#include "compare/run.h"
#include "compare/util.h"

/*
 * Sorts the runs of all reports and drops copies: runs that are the same in all that
 * a report tells. *count is what is left, the dropped ones are freed. Runs of the
 * same guest, rung, options and machine that are not the same all stay. Returns NULL,
 * or one line (to be freed) on why these reports cannot be put together: one
 * guest's name for two different images.
 */
char *merge_runs(struct run **runs, size_t *count);

/*
 * Of sorted runs: a note for each key whose runs did not come out alike: how they
 * part, whose they are, from which file. Whether some part that never should:
 * same CPU, emulator and build, on a machine that counts instructions.
 */
bool merge_notes(struct run *const *runs, size_t count, struct buf *notes);

#endif
