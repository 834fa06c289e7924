/*
 * The reader of record streams. Must not know guests, rungs or emulators:
 * a stream is judged by docs/record.md alone.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/fingerprint.h"
#include "compare/records.h"
#include "compare/util.h"
#include "compare/wide.h"

struct reader {
	struct run	*run;
	unsigned	line;
	bool		started;
	bool		last;		/* end, error or handoff has been seen */
	enum stream	result;
	char		*why;
};

static bool garbled(struct reader *r, const char *what)
{
	text_set(&r->why, fmt("record stream, line %u: %s", r->line, what));
	r->result = STREAM_GARBLED;
	return false;
}

static bool take_text(struct reader *r, json_t *from, const char *key,
		      char **out)
{
	const char *text = json_string_value(json_object_get(from, key));

	if (!text) {
		text_set(&r->why, fmt("record stream, line %u: no text %s",
				      r->line, key));
		r->result = STREAM_GARBLED;
		return false;
	}
	text_set(out, xdup(text));
	return true;
}

static bool take_count(struct reader *r, json_t *from, const char *key,
		       uint64_t *out)
{
	json_t *value = json_object_get(from, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		text_set(&r->why, fmt("record stream, line %u: no count %s",
				      r->line, key));
		r->result = STREAM_GARBLED;
		return false;
	}
	*out = (uint64_t)json_integer_value(value);
	return true;
}

static bool take_object(struct reader *r, json_t *from, const char *key,
			json_t **out)
{
	json_t *value = json_object_get(from, key);

	if (!json_is_object(value)) {
		text_set(&r->why, fmt("record stream, line %u: no object %s",
				      r->line, key));
		r->result = STREAM_GARBLED;
		return false;
	}
	json_decref(*out);
	*out = json_incref(value);
	return true;
}

static bool on_start(struct reader *r, json_t *record)
{
	const char *schema =
		json_string_value(json_object_get(record, "schema"));

	if (r->started)
		return garbled(r, "a second start");
	if (!schema || strcmp(schema, RECORDS_SCHEMA))
		return garbled(r, "schema is not " RECORDS_SCHEMA);
	r->started = true;
	json_decref(r->run->fingerprint);
	r->run->fingerprint = fingerprint_read(record);
	return take_text(r, record, "rung", &r->run->rung) &&
	       take_text(r, record, "unit", &r->run->unit) &&
	       take_object(r, record, "options", &r->run->options) &&
	       take_object(r, record, "cpu", &r->run->cpu);
}

static bool on_segment(struct reader *r, json_t *record)
{
	static const char *const counts[] = { "at", "exits", "instructions" };
	static const char *const texts[] = { "mode", "ran_as" };
	json_t *segment = json_object();
	uint64_t n;

	json_array_append_new(r->run->timeline, segment);
	for (size_t i = 0; i < 3; i++) {
		if (!take_count(r, record, counts[i], &n))
			return false;
		json_object_set(segment, counts[i],
				json_object_get(record, counts[i]));
	}
	/* Streams of older hypervisors do not have it. */
	if (json_object_get(record, "hypervisor")) {
		if (!take_count(r, record, "hypervisor", &n))
			return false;
		json_object_set(segment, "hypervisor",
				json_object_get(record, "hypervisor"));
	}
	for (size_t i = 0; i < 2; i++) {
		json_t *text = json_object_get(record, texts[i]);

		if (!json_is_string(text))
			return garbled(r, "a segment without mode or ran_as");
		json_object_set(segment, texts[i], text);
	}
	return true;
}

static bool on_controls(struct reader *r, json_t *record)
{
	return take_object(r, record, "fields", &r->run->controls);
}

/* All its members but the record's own name. */
static bool on_shadow(struct reader *r, json_t *record)
{
	json_t *value;
	const char *key;

	json_object_clear(r->run->shadow);
	json_object_foreach(record, key, value)
		if (strcmp(key, "record"))
			json_object_set(r->run->shadow, key, value);
	return true;
}

static bool on_exits(struct reader *r, json_t *record)
{
	const char *key;
	json_t *value;

	if (!take_count(r, record, "total", &r->run->exits) ||
	    !take_count(r, record, "observe", &r->run->observe) ||
	    !take_object(r, record, "by_reason", &r->run->by_reason))
		return false;
	json_object_foreach(r->run->by_reason, key, value)
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return garbled(r, "by_reason holds what is no count");
	return true;
}

static bool on_end(struct reader *r, json_t *record)
{
	json_t *counts = json_object_get(record, "instructions");
	json_t *code = json_object_get(record, "code");
	json_t *reason = json_object_get(record, "reason");

	if (!r->started)
		return garbled(r, "end before start");
	if (json_is_integer(code))
		r->run->code = json_integer_value(code);
	if (json_is_string(reason))
		text_set(&r->run->reason, xdup(json_string_value(reason)));
	r->last = true;
	r->result = STREAM_END;
	return take_text(r, record, "end", &r->run->end) &&
	       take_count(r, counts, "total", &r->run->instructions) &&
	       take_count(r, counts, "guest", &r->run->of_guest) &&
	       take_count(r, counts, "hypervisor", &r->run->of_hypervisor);
}

static bool on_error(struct reader *r, json_t *record)
{
	r->last = true;
	r->result = json_is_true(json_object_get(record, "missing")) ?
		    STREAM_MISSING : STREAM_ERROR;
	return take_text(r, record, "reason", &r->why);
}

static bool on_handoff(struct reader *r, json_t *record)
{
	(void)record;
	r->last = true;
	r->result = STREAM_HANDOFF;
	return true;
}

static const struct {
	const char *name;
	bool (*take)(struct reader *r, json_t *record);
} kinds[] = {
	{ "start", on_start },
	{ "segment", on_segment },
	{ "controls", on_controls },
	{ "shadow", on_shadow },
	{ "exits", on_exits },
	{ "end", on_end },
	{ "error", on_error },
	{ "handoff", on_handoff },
};

static bool line_take(struct reader *r, const char *text, size_t size)
{
	struct buf line = { 0 };
	json_t *record;
	const char *name;
	bool ok = true;

	if (size > RECORD_MAX)
		return garbled(r, "longer than a record may be");
	buf_add(&line, "", 0);
	wide_numbers_quote(text, size, &line);
	record = json_loadb(line.text, line.size, JSON_REJECT_DUPLICATES, NULL);
	buf_free(&line);
	name = json_string_value(json_object_get(record, "record"));
	if (!name)
		ok = garbled(r, "not a record");
	else if (r->last)
		ok = garbled(r, "a record after the last one");
	for (size_t i = 0; ok && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name))
			ok = kinds[i].take(r, record);
	json_decref(record);
	return ok;
}

enum stream records_read(const char *text, size_t size, struct run *run,
			 char **why)
{
	struct reader r = { .run = run, .result = STREAM_TRUNCATED };
	const char *end;

	while (size && (end = memchr(text, '\n', size))) {
		r.line++;
		if (!line_take(&r, text, (size_t)(end - text)))
			break;
		size -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	if (size && r.result != STREAM_GARBLED && r.last)
		garbled(&r, "bytes after the last record");
	if (r.result == STREAM_TRUNCATED)
		text_set(&r.why, size || r.line ?
			 fmt("record stream stops after line %u", r.line) :
			 xdup("record stream is empty"));
	*why = r.why;
	return r.result;
}

bool records_finished(const char *text, size_t size)
{
	struct run *run = run_new();
	char *why;
	enum stream s = records_read(text, size, run, &why);

	free(why);
	run_free(run);
	return s == STREAM_END || s == STREAM_ERROR || s == STREAM_MISSING;
}
