/*
 * Puts reports together. The result does not depend on their order.
 */
#ifndef COMPARE_MERGE_H
#define COMPARE_MERGE_H

#include "compare/run.h"
#include "compare/util.h"

/*
 * Sorts the runs of all reports and drops copies; *count is what is left,
 * the dropped ones are freed. Runs of the same guest, rung, options and
 * machine that are not equal all stay, and a line of `notes` says how they
 * part. Returns NULL, or one line (to be freed) on why these reports cannot
 * be put together: one guest's name for two different images.
 */
char *merge_runs(struct run **runs, size_t *count, struct buf *notes);

/* Whether two runs of one key gave different results. */
bool merge_differs(const struct run *a, const struct run *b);

#endif
