/*
 * Reads many reports, without reading twice what stands in them twice: merging
 * meets the same CPU, registers and timeline again and again. Knows the layout that
 * report_write() gives, and gives up on any other: then report_read() reads it.
 */
#ifndef COMPARE_REPORT_QUICK_H
#define COMPARE_REPORT_QUICK_H

#include "compare/report.h"
#include "compare/util.h"

struct quick;

struct quick *quick_new(void);
void quick_free(struct quick *quick);

/*
 * As report_read(), of a file: its name begins *why, and each run knows it. But a run whose
 * text was met before is left out: the run that it is a copy of learns of the file, if that
 * is first by name. On an error the runs of earlier calls are still the caller's. Runs do
 * not need `quick`, but may share what they hold: it is not to be changed.
 */
struct run **quick_load(struct quick *quick, const char *path, size_t *count,
			char **why);

#endif
