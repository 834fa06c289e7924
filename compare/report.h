/*
 * The report, version 1 (docs/report.md): runs to JSON and back. Knows nothing of
 * tables or emulators.
 */
#ifndef COMPARE_REPORT_H
#define COMPARE_REPORT_H

#include <stddef.h>

#include "compare/run.h"
#include "compare/util.h"

#define REPORT_SCHEMA "diptych-report/1"

/* A report that is larger is not read. */
#define REPORT_MAX	((size_t)128 << 20)

/*
 * Sorts by run_compare, and runs that are equal in that by what they are: any order
 * of the same runs comes out the same.
 */
void runs_sort(struct run **runs, size_t count);

/* Whether two runs are the same in all that a report tells of them. */
bool run_same(const struct run *a, const struct run *b);

/* Equal for runs that are the same; the same in every run of the program. */
uint64_t run_hash(const struct run *run);

/*
 * The report as text, to be freed: the same runs in any order give the same
 * bytes.
 */
char *report_write(struct run *const *runs, size_t count);

/*
 * Reads a report. Returns its runs, *count of them, or NULL with one line in
 * *why, which names the place and what is expected there; the caller frees either.
 */
struct run **report_read(const char *text, size_t size, size_t *count,
			 char **why);

/* Reads a file's text; NULL, or one line that begins with its name; to be freed. */
char *report_file_read(const char *path, struct buf *text);

/* A part of a run alone: whether what stands under that name may stand there. */
bool report_part_sound(const char *key, json_t *value);

/* A run of parts that are sound, which it shares; NULL when it is none. */
struct run *report_run_of(json_t *from);

void runs_free(struct run **runs, size_t count);

/*
 * Whether JSON text has a control character (C0, DEL, C1) in one of its strings, where
 * it can only be as an escape, or as DEL or C1 itself. Never in a report.
 */
bool json_has_controls(const char *text, size_t size);

#endif
