/*
 * Reads the hypervisor's record stream (docs/record.md) into a run. Knows
 * nothing of how the stream was had.
 */
#ifndef COMPARE_RECORDS_H
#define COMPARE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "compare/run.h"

#define RECORDS_SCHEMA "diptych-records/1"

enum { RECORD_MAX = 4000 };	/* bytes of one line */

enum stream {
	STREAM_END,		/* complete: the guest ended */
	STREAM_HANDOFF,		/* complete: the machine is the guest's */
	STREAM_ERROR,		/* complete: the hypervisor gave up */
	STREAM_MISSING,		/* as before, because the CPU lacks something */
	STREAM_TRUNCATED,	/* stops before its last record */
	STREAM_GARBLED,		/* not what docs/record.md describes */
};

/*
 * Fills `run` with what the stream says, as far as it goes. For everything
 * but END and HANDOFF *why says what is wrong; to be freed (else NULL).
 * `end`'s own reason goes to run->reason.
 */
enum stream records_read(const char *text, size_t size, struct run *run,
			 char **why);

/* Whether the stream holds its last record: the emulator may be stopped. */
bool records_finished(const char *text, size_t size);

#endif
