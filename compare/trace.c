/*
 * Turns `trace` records into events: a track of the guest's modes, one of its exits, one
 * of what was emulated. Keeps one line at a time. Must not know what runs a guest.
 */
#include "compare/trace.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/trace_entry.h"
#include "compare/trace_event.h"
#include "compare/trace_insn.h"
#include "compare/util.h"

enum { HEXADECIMAL = 16, NAME_SIZE = 64 };

/* A stretch of the guest's time in one mode, run in one way. */
struct span {
	char		name[NAME_SIZE];	/* empty: none is open */
	uint64_t	began;
};

enum { PAGE_FAULT = 14 };

struct tracer {
	struct trace_out	out;
	struct span		span;
	uint64_t		end;		/* of the entry before */
	uint64_t		pages;		/* shadow pages, as last told */
	bool			told;		/* has there been an entry? */
	bool			from_start;	/* are the first entries there? */
	bool			paging;		/* CR0.PG, as last seen */
	json_t			*tracing;	/* the record that comes before entries */
};

static bool is_paged(const char *mode)
{
	return strcmp(mode, "real") != 0 && strcmp(mode, "unpaged") != 0;
}

static void span_close(struct tracer *t, uint64_t at)
{
	if (!*t->span.name)
		return;
	event_begin(&t->out, PHASE_COMPLETE, t->span.name, TRACK_MODES,
		    t->span.began);
	event_lasts(&t->out, at - t->span.began);
	event_end(&t->out);
	*t->span.name = 0;
}

/* The mode before an entry holds since the entry before it. */
static void mode_put(struct tracer *t, const struct told_entry *e)
{
	bool paging = is_paged(e->field[FIELD_MODE]);
	char name[NAME_SIZE];

	if (!t->told)
		t->end = t->from_start ? 0 : e->at;
	snprintf(name, sizeof(name), "%.24s, %.24s", e->field[FIELD_MODE],
		 e->field[FIELD_RAN_AS]);
	if (strcmp(name, t->span.name) != 0) {
		span_close(t, t->end);
		memcpy(t->span.name, name, sizeof(name));
		t->span.began = t->end;
	}
	if (t->told && paging != t->paging) {
		event_begin(&t->out, PHASE_INSTANT,
			    paging ? "CR0.PG = 1" : "CR0.PG = 0", TRACK_MODES,
			    t->end);
		event_end(&t->out);
	}
	t->paging = paging;
	t->told = true;
}

static size_t bytes_read(const char *hex, uint8_t bytes[INSN_BYTES])
{
	size_t size = 0;

	while (size < INSN_BYTES && isxdigit((unsigned char)hex[0]) &&
	       isxdigit((unsigned char)hex[1])) {
		const char pair[] = { hex[0], hex[1], 0 };

		bytes[size++] = (uint8_t)strtoul(pair, NULL, HEXADECIMAL);
		hex += 2;
	}
	return size;
}

static void insn_put(struct tracer *t, const struct told_entry *e)
{
	const char *mode = e->field[FIELD_MODE], *hex = e->field[FIELD_CODE];
	enum insn_mode how = !strcmp(mode, "real") ? INSN_REAL :
			     !strcmp(mode, "long") ? INSN_LONG : INSN_LEGACY;
	uint8_t bytes[INSN_BYTES] = { 0 };
	size_t size = bytes_read(hex, bytes), length;
	char insn[INSN_TEXT], own[2 * INSN_BYTES + 1];

	length = insn_text(how, (unsigned)trace_field(e, FIELD_BITS),
			   trace_field(e, FIELD_RIP), bytes, size, insn);
	snprintf(own, sizeof(own), "%.*s", (int)(2 * (length ? length : size)),
		 hex);
	trace_text(&t->out, "instruction", length ? insn :
		   size ? "not an instruction" : "not readable");
	trace_text(&t->out, "bytes", own);
}

static void place_put(struct tracer *t, const struct told_entry *e)
{
	uint64_t rip = trace_field(e, FIELD_RIP), base = trace_field(e, FIELD_BASE);

	insn_put(t, e);
	trace_hex(&t->out, "rip", rip);
	trace_hex(&t->out, "cs", trace_field(e, FIELD_CS));
	if (base)
		trace_hex(&t->out, "linear", rip + base);
	trace_text(&t->out, "mode", e->field[FIELD_MODE]);
	trace_text(&t->out, "ran_as", e->field[FIELD_RAN_AS]);
	trace_number(&t->out, "guest", e->guest);
}

/* What `number`, `more` and `value` are by reason; NULL: nothing. */
static const struct detail {
	const char	*reason, *number, *more, *value;
	unsigned	number_if, more_if, value_if;	/* ENTRY_*, or 0: always */
	unsigned	tells;				/* ENTRY_* that are told as they are */
} details[] = {
	{ "cpuid", "leaf", "subleaf", NULL, 0, 0, 0, 0 },
	{ "msr", "msr", NULL, "value", 0, 0, ENTRY_WRITE, ENTRY_WRITE },
	{ "io", "port", "size", "value", 0, 0, 0, ENTRY_WRITE | ENTRY_STRING },
	{ "cr-access", "cr", NULL, "value", ENTRY_KNOWN, 0, ENTRY_WRITE, 0 },
	{ "hypercall", "number", NULL, NULL, 0, 0, 0, 0 },
	{ "memory", NULL, NULL, "physical", 0, 0, 0, ENTRY_WRITE | ENTRY_FETCH },
	{ "exception", "vector", "error", NULL, 0, ENTRY_ERROR, 0, 0 },
	{ "shadow", "vector", "error", NULL, 0, ENTRY_ERROR, 0, 0 },
	{ "invlpg", NULL, NULL, "address", 0, 0, ENTRY_KNOWN, 0 },
	{ "refused-insn", "vector", NULL, NULL, 0, 0, 0, 0 },
	{ "task-switch", "selector", NULL, NULL, ENTRY_KNOWN, 0, 0, 0 },
};

static void detail_one(struct tracer *t, const struct told_entry *e,
		       const char *key, unsigned condition, enum trace_field which)
{
	if (!key || (condition && !trace_is(e, condition)))
		return;
	if (!strcmp(key, "vector") || !strcmp(key, "cr") || !strcmp(key, "size"))
		trace_number(&t->out, key, trace_field(e, which));
	else
		trace_hex(&t->out, key, trace_field(e, which));
}

static void details_put(struct tracer *t, const struct told_entry *e)
{
	const struct detail *d = details, *end = d + sizeof(details) / sizeof(*d);

	while (d < end && strcmp(d->reason, e->field[FIELD_REASON]) != 0)
		d++;
	if (trace_is(e, ENTRY_OBSERVED))
		trace_bool(&t->out, "observed", true);
	trace_hex(&t->out, "code", trace_field(e, FIELD_RAW));
	if (d == end)
		return;
	detail_one(t, e, d->number, d->number_if, FIELD_NUMBER);
	detail_one(t, e, d->more, d->more_if, FIELD_MORE);
	if (!(d->tells & trace_is(e, ENTRY_STRING)))
		detail_one(t, e, d->value, d->value_if, FIELD_VALUE);
	if (d->number && !strcmp(d->number, "vector") && !d->tells &&
	    trace_field(e, FIELD_NUMBER) == PAGE_FAULT)
		trace_hex(&t->out, "address", trace_field(e, FIELD_VALUE));
	if (d->tells & ENTRY_WRITE)
		trace_bool(&t->out, "write", trace_is(e, ENTRY_WRITE));
	if (d->tells & ENTRY_FETCH)
		trace_bool(&t->out, "fetch", trace_is(e, ENTRY_FETCH));
	if (d->tells & ENTRY_STRING)
		trace_bool(&t->out, "string", trace_is(e, ENTRY_STRING));
}

static void exit_put(struct tracer *t, const struct told_entry *e)
{
	event_begin(&t->out, PHASE_COMPLETE, e->field[FIELD_REASON], TRACK_EXITS,
		    e->at);
	event_lasts(&t->out, trace_field(e, FIELD_TOOK));
	event_args(&t->out);
	trace_number(&t->out, "exit", e->exit);
	place_put(t, e);
	details_put(t, e);
	event_end(&t->out);
}

static void stretch_put(struct tracer *t, const struct told_entry *e)
{
	event_begin(&t->out, PHASE_COMPLETE, "emulated", TRACK_EMULATED, e->at);
	event_lasts(&t->out, trace_field(e, FIELD_TOOK));
	event_args(&t->out);
	trace_number(&t->out, "instructions", trace_field(e, FIELD_VALUE));
	place_put(t, e);
	event_end(&t->out);
}

static void pages_put(struct tracer *t, const struct told_entry *e)
{
	uint64_t pages = trace_field(e, FIELD_PAGES);

	if (pages == t->pages)
		return;
	t->pages = pages;
	event_begin(&t->out, PHASE_COUNTER, "shadow pages", 0, t->end);
	event_args(&t->out);
	trace_number(&t->out, "in use", pages);
	event_end(&t->out);
}

static void entry_take(void *opaque, const struct told_entry *e)
{
	struct tracer *t = opaque;

	mode_put(t, e);
	if (trace_is_stretch(e))
		stretch_put(t, e);
	else
		exit_put(t, e);
	t->end = e->at + trace_field(e, FIELD_TOOK);
	pages_put(t, e);
}

static void tracing_take(struct tracer *t, json_t *record)
{
	json_decref(t->tracing);
	t->tracing = json_incref(record);
	t->from_start = !strcmp(trace_word(record, "keeps"), "first") ||
			(!trace_count(record, "dropped_exits") &&
			 !trace_count(record, "dropped_stretches"));
}

static void line_take(struct tracer *t, const char *line, size_t size)
{
	json_t *record;
	const char *kind;

	if (!memmem(line, size, "\"trac", 5))
		return;		/* most lines are not ours */
	record = json_loadb(line, size, 0, NULL);
	kind = trace_word(record, "record");
	if (!strcmp(kind, "tracing"))
		tracing_take(t, record);
	else if (!strcmp(kind, "trace"))
		trace_entries(record, entry_take, t);
	json_decref(record);
}

static void name_put(struct tracer *t, const char *what, unsigned track,
		     const char *name)
{
	event_begin(&t->out, PHASE_METADATA, what, track, 0);
	event_args(&t->out);
	trace_text(&t->out, "name", name);
	event_end(&t->out);
}

static void names_put(struct tracer *t, const struct run *run)
{
	char *label = run_label(run);
	char *title = fmt("%s on %s, %s", run->guest, label, run->machine);

	name_put(t, "process_name", 0, title);
	name_put(t, "thread_name", TRACK_MODES, "guest: mode, and how it ran");
	name_put(t, "thread_name", TRACK_EXITS, "hypervisor: exits");
	name_put(t, "thread_name", TRACK_EMULATED, "hypervisor: guest code emulated");
	free(title);
	free(label);
}

static void other_put(struct tracer *t, const struct run *run)
{
	char *label = run_label(run);
	char *time = fmt("a microsecond here is one of the %s of guest and "
			 "hypervisor; what tracing took is left out", run->unit);

	trace_other(&t->out);
	trace_text(&t->out, "guest", run->guest);
	trace_text(&t->out, "guest_sha256", run->guest_sha256);
	trace_text(&t->out, "rung", label);
	trace_text(&t->out, "machine", run->machine);
	trace_text(&t->out, "unit", run->unit);
	trace_text(&t->out, "time", time);
	trace_text(&t->out, "end", run->end);
	trace_number(&t->out, "exits", run->exits);
	trace_text(&t->out, "keeps", trace_word(t->tracing, "keeps"));
	trace_number(&t->out, "kept", trace_count(t->tracing, "kept"));
	trace_number(&t->out, "dropped_exits",
		     trace_count(t->tracing, "dropped_exits"));
	trace_number(&t->out, "dropped_stretches",
		     trace_count(t->tracing, "dropped_stretches"));
	free(time);
	free(label);
}

bool trace_write(const char *records, size_t size, const struct run *run,
		 FILE *to)
{
	struct tracer t = { 0 };
	const char *end;
	bool held, written;

	trace_open(&t.out, to);
	names_put(&t, run);
	while (size && (end = memchr(records, '\n', size))) {
		line_take(&t, records, (size_t)(end - records));
		size -= (size_t)(end - records) + 1;
		records = end + 1;
	}
	span_close(&t, t.end);
	other_put(&t, run);
	written = trace_close(&t.out);
	held = t.tracing;
	json_decref(t.tracing);
	return held && written;
}

void trace_save(const char *path, const char *records, size_t size,
		const struct run *run)
{
	bool own = strcmp(path, "-") != 0, written;
	FILE *to = own ? fopen(path, "w") : stdout;

	if (!to)
		die(STATUS_ERROR, "%s: %s", path, strerror(errno));
	errno = 0;
	written = trace_write(records, size, run, to);
	if (own && fclose(to))
		written = false;
	if (!written)
		die(STATUS_ERROR, "%s: %s", path, errno ? strerror(errno) :
		    "the record stream holds no trace");
}
