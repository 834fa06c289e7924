/*
 * Writes the events of a trace file, one after the other, as they come: Chrome's trace
 * event format, which Perfetto reads too. Knows JSON, not what is told in it.
 */
#ifndef COMPARE_TRACE_EVENT_H
#define COMPARE_TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct trace_out {
	FILE	*to;
	bool	comma, nested;	/* a comma is due; inside `args` */
};

/* Phases of the format: complete event, instant, counter, metadata. */
enum { PHASE_COMPLETE = 'X', PHASE_INSTANT = 'i', PHASE_COUNTER = 'C',
       PHASE_METADATA = 'M' };

enum { TRACE_PROCESS = 1 };	/* the one there is */

/* The file's opening; then events; trace_close() says whether all could be written. */
void trace_open(struct trace_out *out, FILE *to);

/* The events are over: what goes with all of them follows, by trace_text() and so on. */
void trace_other(struct trace_out *out);
bool trace_close(struct trace_out *out);

/*
 * event_begin(), event_lasts() for complete ones, then event_args() and members if there
 * are any, event_end(). Metadata has no time.
 */
void event_begin(struct trace_out *out, char phase, const char *name,
		 unsigned track, uint64_t at);
void event_lasts(struct trace_out *out, uint64_t duration);
void event_args(struct trace_out *out);
void event_end(struct trace_out *out);

/* Members of the object that is open. Text is escaped; bytes above 7Eh as \u00xx. */
void trace_text(struct trace_out *out, const char *key, const char *text);
void trace_number(struct trace_out *out, const char *key, uint64_t value);
void trace_hex(struct trace_out *out, const char *key, uint64_t value);
void trace_bool(struct trace_out *out, const char *key, bool value);

#endif
