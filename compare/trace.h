/*
 * The exits of a run as a trace file, for Perfetto or chrome://tracing. Knows the
 * record stream's `trace` lines (docs/record.md), not how the stream was had.
 */
#ifndef COMPARE_TRACE_H
#define COMPARE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "compare/run.h"

/* Tracks of the file. */
enum { TRACK_MODES = 1, TRACK_EXITS, TRACK_EMULATED };

/*
 * Writes what the stream holds, line by line; `run` gives names. True: it held a
 * trace, and all of it could be written.
 */
bool trace_write(const char *records, size_t size, const struct run *run,
		 FILE *to);

/* The same into a file, "-" being stdout. A failure ends the program. */
void trace_save(const char *path, const char *records, size_t size,
		const struct run *run);

#endif
