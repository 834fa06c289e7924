/*
 * Runs to report JSON. Must not know how a run was made or how it will be
 * shown.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/report.h"
#include "compare/report_check.h"
#include "compare/report_dump.h"
#include "compare/util.h"

void runs_free(struct run **runs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_free(runs[i]);
	free(runs);
}

/* Text that a report may hold: '?' for controls, and for what is no UTF-8. */
static json_t *clean_text(const char *text)
{
	char *copy = xdup(text);
	json_t *value;

	for (char *c = copy; *c; c++)
		memset(c, '?', control_size(c));
	value = json_string(copy);
	for (char *c = copy; !value && *c; c++)
		if ((unsigned char)*c > '~')
			*c = '?';
	if (!value)
		value = json_string(copy);
	free(copy);
	return value;
}

/* A copy without controls, of what the hypervisor's records brought. */
static json_t *clean(const json_t *from)
{
	json_t *out, *value;
	const char *key;
	size_t i;

	if (json_is_string(from))
		return clean_text(json_string_value(from));
	if (json_is_array(from)) {
		out = json_array();
		for (i = 0; i < json_array_size(from); i++)
			json_array_append_new(out, clean(json_array_get(from, i)));
		return out;
	}
	if (!json_is_object(from))
		return json_deep_copy(from);
	out = json_object();
	json_object_foreach((json_t *)from, key, value) {
		json_t *name = clean_text(key);

		json_object_set_new(out, json_string_value(name), clean(value));
		json_decref(name);
	}
	return out;
}

static void text_put(json_t *to, const char *key, const char *text)
{
	json_t *value = json_string(text);

	/* A guest may print what is no UTF-8. */
	json_object_set_new(to, key, value ? value : clean_text(text));
}

static void count_put(json_t *to, const char *key, uint64_t n)
{
	json_object_set_new(to, key, json_integer((json_int_t)n));
}

/* What this version does not know, as it was read. */
static void more_put(json_t *out, const char *part, const struct run *run)
{
	json_t *more = json_object_get(run->more, part);

	if (json_is_object(more))
		json_object_update_missing(json_object_get(out, part), more);
}

static json_t *run_write(const struct run *run)
{
	json_t *out = json_object(), *exits = json_object();
	json_t *instructions = json_object();

	text_put(out, "guest", run->guest);
	text_put(out, "guest_sha256", run->guest_sha256);
	text_put(out, "rung", run->rung);
	json_object_set(out, "options", run->options);
	text_put(out, "machine", run->machine);
	json_object_set(out, "cpu", run->cpu);
	json_object_set(out, "fingerprint", run->fingerprint);
	text_put(out, "outcome", outcome_name(run->outcome));
	text_put(out, "reason", run->reason);
	text_put(out, "end", run->end);
	json_object_set_new(out, "code", run->code < 0 ?
			    json_null() : json_integer(run->code));
	text_put(out, "output_sha256", run->output_sha256);
	count_put(exits, "total", run->exits);
	count_put(exits, "observe", run->observe);
	json_object_set(exits, "by_reason", run->by_reason);
	json_object_set_new(out, "exits", exits);
	text_put(out, "unit", run->unit);
	count_put(instructions, "total", run->instructions);
	count_put(instructions, "guest", run->of_guest);
	count_put(instructions, "hypervisor", run->of_hypervisor);
	json_object_set_new(out, "instructions", instructions);
	json_object_set(out, "timeline", run->timeline);
	json_object_set(out, "controls", run->controls);
	if (json_object_size(run->shadow))
		json_object_set(out, "shadow", run->shadow);
	more_put(out, "exits", run);
	more_put(out, "instructions", run);
	json_object_update_missing(out, run->more);
	return out;
}

bool json_has_controls(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == 0x7f || (c == 0xc2 && i + 1 < size &&
				  (text[i + 1] & 0xe0) == 0x80))
			return true;
		if (c != '\\' || i + 1 == size)
			continue;
		c = (unsigned char)text[++i];
		if (strchr("bfnrt", c))
			return true;
		/* \u000x, \u001x, \u007f, \u008x, \u009x */
		if (c == 'u' && i + 4 < size && !memcmp(text + i + 1, "00", 2) &&
		    (strchr("0189", text[i + 3]) ||
		     (text[i + 3] == '7' && (text[i + 4] | ' ') == 'f')))
			return true;
	}
	return false;
}

/* Runs in order, laid out as json_dumps() does it; `cleaned`: without controls. */
static void runs_write(struct run *const *runs, size_t count, bool cleaned,
		       struct buf *out)
{
	struct dumps dumps = { 0 };

	buf_fmt(out, "{\n \"runs\": [");
	for (size_t i = 0; i < count; i++) {
		json_t *run = run_write(runs[i]), *written;

		written = cleaned ? clean(run) : json_incref(run);
		buf_fmt(out, i ? ",\n  " : "\n  ");
		dumps_add(&dumps, written, out);
		json_decref(written);
		json_decref(run);
	}
	buf_fmt(out, count ? "\n ],\n" : "],\n");
	buf_fmt(out, " \"schema\": \"" REPORT_SCHEMA "\"\n}\n");
	dumps_free(&dumps);
}

char *report_write(struct run *const *runs, size_t count)
{
	struct run **sorted = xcalloc(count, sizeof(*sorted));
	struct buf out = { 0 };

	if (count)
		memcpy(sorted, runs, count * sizeof(*sorted));
	runs_sort(sorted, count);
	runs_write(sorted, count, false, &out);
	/* Laid out in lines, so between the strings there are controls: none in them. */
	if (json_has_controls(out.text, out.size)) {
		buf_free(&out);
		runs_write(sorted, count, true, &out);
	}
	free(sorted);
	return out.text;
}
