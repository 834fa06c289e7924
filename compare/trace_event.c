/*
 * Trace events as JSON text. Must not know what they mean.
 */
#include <inttypes.h>

#include "compare/trace_event.h"

static void quoted(FILE *to, const char *text)
{
	putc('"', to);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c < ' ' || c > '~')
			fprintf(to, "\\u%04x", c);
		else
			putc(c, to);
	}
	putc('"', to);
}

static void key_put(struct trace_out *out, const char *key)
{
	if (out->comma)
		putc(',', out->to);
	out->comma = true;
	quoted(out->to, key);
	putc(':', out->to);
}

void trace_text(struct trace_out *out, const char *key, const char *text)
{
	key_put(out, key);
	quoted(out->to, text);
}

void trace_number(struct trace_out *out, const char *key, uint64_t value)
{
	key_put(out, key);
	fprintf(out->to, "%" PRIu64, value);
}

/* A text: readers of JSON keep 53 bits of a number. */
void trace_hex(struct trace_out *out, const char *key, uint64_t value)
{
	key_put(out, key);
	fprintf(out->to, "\"0x%" PRIx64 "\"", value);
}

void trace_bool(struct trace_out *out, const char *key, bool value)
{
	key_put(out, key);
	fputs(value ? "true" : "false", out->to);
}

void trace_open(struct trace_out *out, FILE *to)
{
	*out = (struct trace_out){ .to = to };
	fputs("{\"traceEvents\":[", to);
}

void event_begin(struct trace_out *out, char phase, const char *name,
		 unsigned track, uint64_t at)
{
	fputs(out->comma ? ",\n{" : "\n{", out->to);
	out->comma = false;
	key_put(out, "ph");
	fprintf(out->to, "\"%c\"", phase);
	trace_text(out, "name", name);
	trace_number(out, "pid", TRACE_PROCESS);
	trace_number(out, "tid", track);
	if (phase != PHASE_METADATA)
		trace_number(out, "ts", at);
	if (phase == PHASE_INSTANT)
		trace_text(out, "s", "p");	/* drawn across the process */
}

void event_lasts(struct trace_out *out, uint64_t duration)
{
	trace_number(out, "dur", duration);
}

void event_args(struct trace_out *out)
{
	key_put(out, "args");
	putc('{', out->to);
	out->nested = true;
	out->comma = false;
}

void event_end(struct trace_out *out)
{
	fputs(out->nested ? "}}" : "}", out->to);
	out->nested = false;
	out->comma = true;
}

void trace_other(struct trace_out *out)
{
	fputs("\n],\n\"otherData\":{", out->to);
	out->comma = false;
}

bool trace_close(struct trace_out *out)
{
	fputs("}}\n", out->to);
	return !fflush(out->to) && !ferror(out->to);
}
