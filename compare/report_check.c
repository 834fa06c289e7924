/*
 * Holds JSON to the form of a report. Must not know what is made of it.
 */
#include <string.h>

#include "compare/report.h"
#include "compare/report_check.h"
#include "compare/util.h"

enum { SHOWN_MAX = 40, HASH_DIGITS = 64 };

/* The start of a text, on one line, printable: it may hold anything. */
static void shown_add(struct buf *b, const char *text)
{
	size_t size = 0;

	for (; *text && size < SHOWN_MAX; text++, size++)
		buf_add(b, *text >= ' ' && *text <= '~' ? text : "?", 1);
	if (*text)
		buf_fmt(b, "...");
}

static void place_add(struct buf *b, const struct at *at)
{
	if (!at || !at->up)
		return;
	place_add(b, at->up);
	if (!at->key) {
		buf_fmt(b, "[%zu]", at->index);
		return;
	}
	if (b->size)
		buf_fmt(b, ".");
	shown_add(b, at->key);
}

static void value_add(struct buf *b, json_t *value)
{
	if (!value)
		buf_fmt(b, "nothing");
	else if (json_is_string(value)) {
		buf_fmt(b, "\"");
		shown_add(b, json_string_value(value));
		buf_fmt(b, "\"");
	} else if (json_is_integer(value))
		buf_fmt(b, "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		buf_fmt(b, "%g", json_real_value(value));
	else
		buf_fmt(b, json_is_object(value) ? "an object" :
			json_is_array(value) ? "an array" :
			json_is_null(value) ? "null" :
			json_is_true(value) ? "true" : "false");
}

bool check_wrong(struct check *c, const struct at *at, const char *expected,
		 json_t *value)
{
	struct buf b = { 0 };

	place_add(&b, at);
	buf_fmt(&b, "%sexpected %s, found ", b.size ? ": " : "", expected);
	value_add(&b, value);
	text_set(&c->why, b.text);
	return false;
}

json_t *check_parse(struct check *c, const char *text, size_t size)
{
	json_error_t error;
	json_t *value;
	struct buf b = { 0 };

	if (!size) {
		text_set(&c->why, xdup("is empty"));
		return NULL;
	}
	value = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (value)
		return value;
	buf_fmt(&b, "line %d, column %d: ", error.line, error.column);
	for (const char *e = error.text; *e; e++)
		buf_add(&b, *e >= ' ' && *e <= '~' ? e : "?", 1);
	if (!strncmp(text, "{\"record\":", strlen("{\"record\":")))
		buf_fmt(&b, " (this is a record stream, not a report)");
	text_set(&c->why, b.text);
	return NULL;
}

bool check_top(struct check *c, json_t *report, const char *schema)
{
	struct at root = { NULL, NULL, 0 };
	struct at name = { &root, "schema", 0 }, runs = { &root, "runs", 0 };
	json_t *named = json_object_get(report, "schema");
	json_t *list = json_object_get(report, "runs");
	const char *text = json_string_value(named);
	bool ok;
	char *quoted;

	if (!check_object(c, &root, report))
		return false;
	quoted = fmt("\"%s\"", schema);
	ok = text && !strcmp(text, schema);
	if (!ok)
		check_wrong(c, &name, quoted, named);
	/* Another number of the same schema: nothing is damaged. */
	if (!ok && text && !strncmp(text, schema, strcspn(schema, "/") + 1))
		text_set(&c->why, fmt("%s: this program reads no other version",
				      c->why));
	free(quoted);
	if (ok && !json_is_array(list))
		ok = check_wrong(c, &runs, "an array", list);
	return ok;
}

bool check_object(struct check *c, const struct at *at, json_t *value)
{
	return json_is_object(value) || check_wrong(c, at, "an object", value);
}

static bool is_hash(const char *text)
{
	return !*text || (strlen(text) == HASH_DIGITS &&
			  strspn(text, "0123456789abcdef") == HASH_DIGITS);
}

bool check_text(struct check *c, const struct at *at, json_t *value,
		enum form form)
{
	const char *text = json_string_value(value);

	if (!text)
		return check_wrong(c, at, "a text", value);
	if (form == FORM_NAME && !*text)
		return check_wrong(c, at, "a name", value);
	if (form == FORM_HASH && !is_hash(text))
		return check_wrong(c, at, "64 hexadecimal digits or \"\"", value);
	return true;
}

bool check_count(struct check *c, const struct at *at, json_t *value)
{
	return (json_is_integer(value) && json_integer_value(value) >= 0) ||
	       check_wrong(c, at, "a count (0 to 2^63 - 1)", value);
}

/* Holds every member to `sound`. */
static bool members(struct check *c, const struct at *at, json_t *value,
		    bool (*sound)(struct check *, const struct at *, json_t *))
{
	json_t *member;
	const char *key;

	if (!check_object(c, at, value))
		return false;
	json_object_foreach(value, key, member) {
		struct at here = { at, key, 0 };

		if (!sound(c, &here, member))
			return false;
	}
	return true;
}

static bool plain_text(struct check *c, const struct at *at, json_t *value)
{
	return check_text(c, at, value, FORM_TEXT);
}

/* Numbers of 2^63 and more are texts: "0x" and hexadecimal digits. */
static bool plain_value(struct check *c, const struct at *at, json_t *value)
{
	return json_is_string(value) || json_is_boolean(value) ||
	       (json_is_integer(value) && json_integer_value(value) >= 0) ||
	       check_wrong(c, at, "a count, a text, true or false", value);
}

bool check_counts(struct check *c, const struct at *at, json_t *value)
{
	return members(c, at, value, check_count);
}

bool check_options(struct check *c, const struct at *at, json_t *value)
{
	return members(c, at, value, plain_text);
}

bool check_values(struct check *c, const struct at *at, json_t *value)
{
	return members(c, at, value, plain_value);
}

/* Members with a fixed form, where they are. */
struct field {
	const char *key;
	bool (*sound)(struct check *c, const struct at *at, json_t *value);
	bool needed;
};

static bool fields(struct check *c, const struct at *at, json_t *value,
		   const struct field *field, size_t count)
{
	if (!check_object(c, at, value))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct at here = { at, field[i].key, 0 };
		json_t *member = json_object_get(value, field[i].key);

		if ((member || field[i].needed) &&
		    !field[i].sound(c, &here, member))
			return false;
	}
	return true;
}

#define FIELDS(c, at, value, table) \
	fields(c, at, value, table, sizeof(table) / sizeof(*(table)))

bool check_cpu(struct check *c, const struct at *at, json_t *value)
{
	static const struct field table[] = {
		{ "vendor", plain_text, false },
		{ "family", check_count, false },
		{ "model", check_count, false },
		{ "stepping", check_count, false },
		{ "name", plain_text, false },
		{ "hypervisor", plain_text, false },
		{ "capabilities", check_values, false },
	};

	return FIELDS(c, at, value, table);
}

bool check_fingerprint(struct check *c, const struct at *at, json_t *value)
{
	static const struct field table[] = {
		{ "vendor", plain_text, false },
		{ "family", check_count, false },
		{ "model", check_count, false },
		{ "stepping", check_count, false },
		{ "hypervisor", plain_text, false },
		{ "registers", check_options, false },
		{ "nesting", plain_text, false },
		{ "emulator", plain_text, false },
		{ "emulator_version", plain_text, false },
		{ "diptych", plain_text, false },
		{ "build", plain_text, false },
	};

	return FIELDS(c, at, value, table);
}

bool check_timeline(struct check *c, const struct at *at, json_t *value)
{
	static const struct field table[] = {
		{ "at", check_count, true },
		{ "mode", plain_text, true },
		{ "ran_as", plain_text, true },
		{ "exits", check_count, true },
		{ "instructions", check_count, true },
		{ "hypervisor", check_count, false },
	};
	json_t *segment;
	size_t i;

	if (!json_is_array(value))
		return check_wrong(c, at, "an array", value);
	json_array_foreach(value, i, segment) {
		struct at here = { at, NULL, i };

		if (!FIELDS(c, &here, segment, table))
			return false;
	}
	return true;
}

static bool has_controls(const char *text)
{
	while (*text && !control_size(text))
		text++;
	return *text;
}

bool check_no_controls(struct check *c, const struct at *at, json_t *value)
{
	struct at root = { NULL, NULL, 0 };
	const struct at *here = at ? at : &root;
	const char *text = json_string_value(value), *key;
	json_t *item;
	size_t i;

	if (text && has_controls(text))
		return check_wrong(c, here, "a text without control characters",
				   value);
	json_array_foreach(value, i, item) {
		struct at in = { here, NULL, i };

		if (!check_no_controls(c, &in, item))
			return false;
	}
	json_object_foreach(value, key, item) {
		struct at in = { here, key, 0 };

		if (has_controls(key))
			return check_wrong(c, &in, "a name without control "
					   "characters", item);
		if (!check_no_controls(c, &in, item))
			return false;
	}
	return true;
}
