/*
 * Exits as CSV, for spreadsheets and scripts. Knows nothing of how they were
 * counted.
 */
#ifndef COMPARE_CSV_H
#define COMPARE_CSV_H

#include "compare/run.h"

/*
 * RFC 4180, a heading first: one row for each run and reason of exit, `observe`
 * (exits made to watch only) as a reason of its own. Rows come in the reports' order,
 * reasons by name; a run without an exit has one row, its reason empty and
 * its count 0. A cell that a spreadsheet would take for a formula begins with '. The
 * columns are in docs/report.md. The text is to be freed.
 */
char *csv_write(struct run *const *runs, size_t count);

#endif
