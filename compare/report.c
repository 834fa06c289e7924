/*
 * Runs to report JSON and back. Must not know how a run was made or how it
 * will be shown.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/report.h"
#include "compare/util.h"

static int order(const void *a, const void *b)
{
	return run_compare(*(struct run *const *)a, *(struct run *const *)b);
}

void runs_sort(struct run **runs, size_t count)
{
	qsort(runs, count, sizeof(*runs), order);
}

void runs_free(struct run **runs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		run_free(runs[i]);
	free(runs);
}

static void text_put(json_t *to, const char *key, const char *text)
{
	json_t *value = json_string(text);

	/* A guest may print what is no UTF-8. */
	if (!value)
		value = json_string("(not text)");
	json_object_set_new(to, key, value);
}

static void count_put(json_t *to, const char *key, uint64_t n)
{
	json_object_set_new(to, key, json_integer((json_int_t)n));
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
	return out;
}

char *report_write(struct run *const *runs, size_t count)
{
	struct run **sorted = xcalloc(count, sizeof(*sorted));
	json_t *report = json_object(), *list = json_array();
	char *text, *line;

	if (count)
		memcpy(sorted, runs, count * sizeof(*sorted));
	runs_sort(sorted, count);
	text_put(report, "schema", REPORT_SCHEMA);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, run_write(sorted[i]));
	json_object_set_new(report, "runs", list);
	text = json_dumps(report, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (!text)
		die(STATUS_ERROR, "cannot write the report as JSON");
	line = fmt("%s\n", text);
	free(text);
	json_decref(report);
	free(sorted);
	return line;
}

/* The text of `key`, or what `missing` says; sets *bad when it is no text. */
static void text_get(json_t *from, const char *key, char **out, bool needed,
		     const char **bad)
{
	json_t *value = json_object_get(from, key);

	if (json_is_string(value))
		text_set(out, xdup(json_string_value(value)));
	else if (value || needed)
		*bad = key;
}

static void count_get(json_t *from, const char *key, uint64_t *out,
		      const char **bad)
{
	json_t *value = json_object_get(from, key);

	if (!value)
		return;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		*bad = key;
	else
		*out = (uint64_t)json_integer_value(value);
}

static void part_get(json_t *from, const char *key, json_t **out,
		     const char **bad)
{
	json_t *value = json_object_get(from, key);

	if (!value)
		return;
	if (json_typeof(value) != json_typeof(*out)) {
		*bad = key;
		return;
	}
	json_decref(*out);
	*out = json_incref(value);
}

static void counts_get(json_t *from, struct run *run, const char **bad)
{
	json_t *exits = json_object_get(from, "exits");
	json_t *instructions = json_object_get(from, "instructions");
	json_t *value;
	const char *key;

	count_get(exits, "total", &run->exits, bad);
	count_get(exits, "observe", &run->observe, bad);
	part_get(exits, "by_reason", &run->by_reason, bad);
	json_object_foreach(run->by_reason, key, value)
		if (!json_is_integer(value))
			*bad = "by_reason";
	json_object_foreach(run->options, key, value)
		if (!json_is_string(value))
			*bad = "options";
	count_get(instructions, "total", &run->instructions, bad);
	count_get(instructions, "guest", &run->of_guest, bad);
	count_get(instructions, "hypervisor", &run->of_hypervisor, bad);
}

/* NULL and *bad naming the field when the entry is not a run. */
static struct run *run_read(json_t *from, const char **bad)
{
	struct run *run = run_new();
	char *outcome = xdup("");

	*bad = NULL;
	text_get(from, "guest", &run->guest, true, bad);
	text_get(from, "guest_sha256", &run->guest_sha256, true, bad);
	text_get(from, "rung", &run->rung, true, bad);
	text_get(from, "machine", &run->machine, true, bad);
	text_get(from, "outcome", &outcome, true, bad);
	text_get(from, "reason", &run->reason, false, bad);
	text_get(from, "end", &run->end, false, bad);
	text_get(from, "output_sha256", &run->output_sha256, false, bad);
	text_get(from, "unit", &run->unit, false, bad);
	part_get(from, "options", &run->options, bad);
	part_get(from, "cpu", &run->cpu, bad);
	part_get(from, "fingerprint", &run->fingerprint, bad);
	part_get(from, "timeline", &run->timeline, bad);
	part_get(from, "controls", &run->controls, bad);
	part_get(from, "shadow", &run->shadow, bad);
	counts_get(from, run, bad);
	if (json_is_integer(json_object_get(from, "code")))
		run->code = json_integer_value(json_object_get(from, "code"));
	if (!outcome_find(outcome, &run->outcome) && !*bad)
		*bad = "outcome";
	free(outcome);
	if (!*bad)
		return run;
	run_free(run);
	return NULL;
}

struct run **report_read(const char *text, size_t size, size_t *count,
			 char **why)
{
	json_error_t error;
	json_t *report = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	json_t *list = json_object_get(report, "runs");
	const char *schema =
		json_string_value(json_object_get(report, "schema")), *bad;
	struct run **runs = NULL;

	*why = NULL;
	*count = 0;
	if (!report)
		*why = fmt("line %d: %s", error.line, error.text);
	else if (!schema || strcmp(schema, REPORT_SCHEMA))
		*why = xdup("schema is not " REPORT_SCHEMA);
	else if (!json_is_array(list))
		*why = xdup("no array runs");
	runs = xcalloc(json_array_size(list), sizeof(*runs));
	for (size_t i = 0; !*why && i < json_array_size(list); i++) {
		runs[i] = run_read(json_array_get(list, i), &bad);
		if (runs[i])
			++*count;
		else
			*why = fmt("run %zu: bad or missing %s", i + 1, bad);
	}
	json_decref(report);
	if (!*why)
		return runs;
	runs_free(runs, *count);
	return NULL;
}

void report_save(const char *path, struct run *const *runs, size_t count)
{
	char *text = report_write(runs, count);
	int err = 0;

	if (strcmp(path, "-"))
		err = file_write(path, text, strlen(text));
	else if (fputs(text, stdout) == EOF)
		err = errno;

	if (err)
		die(STATUS_ERROR, "%s: %s", path, strerror(err));
	free(text);
}
