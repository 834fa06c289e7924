/*
 * The report, version 1: runs to JSON and back. Knows nothing of tables or
 * emulators.
 */
#ifndef COMPARE_REPORT_H
#define COMPARE_REPORT_H

#include <stddef.h>

#include "compare/run.h"

#define REPORT_SCHEMA "diptych-report/1"

/* Sorts by run_compare. */
void runs_sort(struct run **runs, size_t count);

/*
 * The report as text, to be freed: the same runs in any order give the same
 * bytes.
 */
char *report_write(struct run *const *runs, size_t count);

/*
 * Reads a report. Returns its runs, *count of them, or NULL with one line in
 * *why; the caller frees either.
 */
struct run **report_read(const char *text, size_t size, size_t *count,
			 char **why);

/* Writes the report to a file ("-": stdout); ends the program if it cannot. */
void report_save(const char *path, struct run *const *runs, size_t count);

void runs_free(struct run **runs, size_t count);

#endif
