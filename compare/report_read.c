/*
 * Report JSON to runs, every place of it held to docs/report.md. Must not know how
 * a run was made or how it will be shown.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/report.h"
#include "compare/report_check.h"
#include "compare/util.h"

/* The parts of a run that are texts. */
static const struct {
	const char *key;
	enum form form;
	bool needed;
	size_t at;
} texts[] = {
	{ "guest", FORM_NAME, true, offsetof(struct run, guest) },
	{ "guest_sha256", FORM_HASH, true, offsetof(struct run, guest_sha256) },
	{ "rung", FORM_NAME, true, offsetof(struct run, rung) },
	{ "machine", FORM_NAME, true, offsetof(struct run, machine) },
	{ "reason", FORM_TEXT, true, offsetof(struct run, reason) },
	{ "output_sha256", FORM_HASH, true, offsetof(struct run, output_sha256) },
	{ "end", FORM_TEXT, false, offsetof(struct run, end) },
	{ "unit", FORM_TEXT, false, offsetof(struct run, unit) },
};

/* Those that are kept as they are, once they are known to be sound. */
static const struct {
	const char *key;
	bool (*sound)(struct check *c, const struct at *at, json_t *value);
	bool needed;
	size_t at;
} parts[] = {
	{ "options", check_options, true, offsetof(struct run, options) },
	{ "cpu", check_cpu, true, offsetof(struct run, cpu) },
	{ "fingerprint", check_fingerprint, false,
	  offsetof(struct run, fingerprint) },
	{ "timeline", check_timeline, true, offsetof(struct run, timeline) },
	{ "controls", check_values, true, offsetof(struct run, controls) },
	{ "shadow", check_values, false, offsetof(struct run, shadow) },
};

enum { EXITS, INSTRUCTIONS };
static const char *const groups[] = { "exits", "instructions" };

/* And the counts, each in its group. */
static const struct {
	int group;
	const char *key;
	size_t at;
} counts[] = {
	{ EXITS, "total", offsetof(struct run, exits) },
	{ EXITS, "observe", offsetof(struct run, observe) },
	{ INSTRUCTIONS, "total", offsetof(struct run, instructions) },
	{ INSTRUCTIONS, "guest", offsetof(struct run, of_guest) },
	{ INSTRUCTIONS, "hypervisor", offsetof(struct run, of_hypervisor) },
};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))
#define SLOT(run, type, offset) ((type *)(void *)((char *)(run) + (offset)))

static bool texts_read(struct check *c, const struct at *at, json_t *from,
		       struct run *run)
{
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct at here = { at, texts[i].key, 0 };
		json_t *value = json_object_get(from, texts[i].key);

		if (!value && !texts[i].needed)
			continue;
		if (!check_text(c, &here, value, texts[i].form))
			return false;
		text_set(SLOT(run, char *, texts[i].at),
			 xdup(json_string_value(value)));
	}
	return true;
}

static bool parts_read(struct check *c, const struct at *at, json_t *from,
		       struct run *run)
{
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		struct at here = { at, parts[i].key, 0 };
		json_t *value = json_object_get(from, parts[i].key);
		json_t **slot = SLOT(run, json_t *, parts[i].at);

		if (!value && !parts[i].needed)
			continue;
		if (!(c->known && value) && !parts[i].sound(c, &here, value))
			return false;
		json_decref(*slot);
		*slot = json_incref(value);
	}
	return true;
}

static bool counts_read(struct check *c, const struct at *at, json_t *from,
			struct run *run)
{
	struct at in[] = { { at, groups[EXITS], 0 },
			   { at, groups[INSTRUCTIONS], 0 } };
	struct at reasons = { &in[EXITS], "by_reason", 0 };
	json_t *exits = json_object_get(from, groups[EXITS]), *by_reason;

	for (int g = 0; g < 2; g++)
		if (!check_object(c, &in[g], json_object_get(from, groups[g])))
			return false;
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		int group = counts[i].group;
		json_t *of = json_object_get(from, groups[group]);
		json_t *value = json_object_get(of, counts[i].key);
		struct at here = { &in[group], counts[i].key, 0 };

		if (!check_count(c, &here, value))
			return false;
		*SLOT(run, uint64_t, counts[i].at) =
			(uint64_t)json_integer_value(value);
	}
	by_reason = json_object_get(exits, "by_reason");
	if (!check_counts(c, &reasons, by_reason))
		return false;
	json_decref(run->by_reason);
	run->by_reason = json_incref(by_reason);
	return true;
}

static bool outcome_read(struct check *c, const struct at *at, json_t *from,
			 struct run *run)
{
	struct at outcome = { at, "outcome", 0 }, code = { at, "code", 0 };
	json_t *name = json_object_get(from, "outcome");
	json_t *number = json_object_get(from, "code");

	if (!json_is_string(name) ||
	    !outcome_find(json_string_value(name), &run->outcome))
		return check_wrong(c, &outcome, "pass, differs, fail, skip or "
				   "error", name);
	if (!number || json_is_null(number))
		return true;
	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return check_wrong(c, &code, "null or a count", number);
	run->code = json_integer_value(number);
	return true;
}

static bool known_in_run(const char *key)
{
	static const char *const others[] = { "outcome", "code" };

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		if (!strcmp(key, texts[i].key))
			return true;
	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (!strcmp(key, parts[i].key))
			return true;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		if (!strcmp(key, others[i]))
			return true;
	return false;
}

static bool known_in_group(int group, const char *key)
{
	for (size_t i = 0; i < COUNT_OF(counts); i++)
		if (counts[i].group == group && !strcmp(key, counts[i].key))
			return true;
	return group == EXITS && !strcmp(key, "by_reason");
}

/* Members that a later version 1 has added are kept for whoever knows them. */
static void more_read(json_t *from, struct run *run)
{
	json_t *value, *member;
	const char *key, *name;

	json_object_foreach(from, key, value) {
		int group = !strcmp(key, groups[EXITS]) ? EXITS :
			    !strcmp(key, groups[INSTRUCTIONS]) ? INSTRUCTIONS : -1;

		if (group < 0 && !known_in_run(key))
			json_object_set(run->more, key, value);
		if (group < 0)
			continue;
		json_object_foreach(value, name, member) {
			json_t *more = json_object_get(run->more, key);

			if (known_in_group(group, name))
				continue;
			if (!more) {
				more = json_object();
				json_object_set_new(run->more, key, more);
			}
			json_object_set(more, name, member);
		}
	}
}

static struct run *run_read(struct check *c, const struct at *at, json_t *from)
{
	struct run *run = run_new();

	if (check_object(c, at, from) && texts_read(c, at, from, run) &&
	    outcome_read(c, at, from, run) && counts_read(c, at, from, run) &&
	    parts_read(c, at, from, run)) {
		more_read(from, run);
		return run;
	}
	run_free(run);
	return NULL;
}

bool report_part_sound(const char *key, json_t *value)
{
	struct check c = { NULL, false };
	bool sound = true;

	for (size_t i = 0; i < COUNT_OF(parts); i++)
		if (!strcmp(key, parts[i].key))
			sound = parts[i].sound(&c, NULL, value);
	free(c.why);
	return sound;
}

struct run *report_run_of(json_t *from)
{
	struct check c = { NULL, true };
	struct run *run = run_read(&c, NULL, from);

	free(c.why);
	return run;
}

static bool runs_read(struct check *c, json_t *report, struct run **runs,
		      size_t *count)
{
	struct at root = { NULL, NULL, 0 }, list = { &root, "runs", 0 };
	json_t *from = json_object_get(report, "runs"), *entry;
	size_t i;

	json_array_foreach(from, i, entry) {
		struct at here = { &list, NULL, i };

		runs[i] = run_read(c, &here, entry);
		if (!runs[i])
			return false;
		++*count;
	}
	return true;
}

struct run **report_read(const char *text, size_t size, size_t *count,
			 char **why)
{
	struct check c = { NULL, false };
	json_t *report = check_parse(&c, text, size);
	json_t *list = json_object_get(report, "runs");
	struct run **runs = xcalloc(json_array_size(list), sizeof(*runs));
	bool ok;

	*count = 0;
	ok = report && check_top(&c, report, REPORT_SCHEMA) &&
	     runs_read(&c, report, runs, count);
	/* Its place is looked for only when there is one: that takes time. */
	if (ok && json_has_controls(text, size))
		ok = check_no_controls(&c, NULL, report);
	json_decref(report);
	*why = c.why;
	if (ok)
		return runs;
	runs_free(runs, *count);
	*count = 0;
	return NULL;
}

char *report_file_read(const char *path, struct buf *text)
{
	int err = file_read_upto(path, REPORT_MAX, text);

	if (err == EFBIG)
		return fmt("%s: larger than the %zu MiB that a report may have",
			   path, REPORT_MAX >> 20);
	if (err)
		return fmt("%s: %s", path, err == EINVAL ?
			   "is a device, not a file" : strerror(err));
	return NULL;
}
