/*
 * Reads the lines of a trace back into entries. Must not know what is made of them.
 */
#include "compare/trace_entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/util.h"

enum { HEXADECIMAL = 16 };

uint64_t trace_field(const struct told_entry *e, enum trace_field which)
{
	return strtoull(e->field[which], NULL, HEXADECIMAL);
}

bool trace_is(const struct told_entry *e, unsigned bits)
{
	return trace_field(e, FIELD_IS) & bits;
}

bool trace_is_stretch(const struct told_entry *e)
{
	return !strcmp(e->field[FIELD_REASON], "emulated");
}

uint64_t trace_count(const json_t *record, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(record, key));
}

const char *trace_word(const json_t *record, const char *key)
{
	const char *value = json_string_value(json_object_get(record, key));

	return value ? value : "";
}

/* What is empty is as it was, but for the code: there may be none. */
static void fields_read(struct told_entry *e, char *text)
{
	for (unsigned i = 0; i < FIELDS && text; i++) {
		const char *value = strsep(&text, ",");

		if (*value || i == FIELD_CODE)
			snprintf(e->field[i], sizeof(e->field[i]), "%s", value);
	}
	e->at += trace_field(e, FIELD_GAP);
	e->guest += trace_field(e, FIELD_GAP);
}

static void pass(struct told_entry *e)
{
	e->at += trace_field(e, FIELD_TOOK);
	if (trace_is_stretch(e))
		e->guest += trace_field(e, FIELD_VALUE);
	else
		e->exit++;
}

void trace_entries(const json_t *record,
		   void (*take)(void *opaque, const struct told_entry *entry),
		   void *opaque)
{
	struct told_entry e = { .exit = trace_count(record, "exit"),
				 .at = trace_count(record, "at"),
				 .guest = trace_count(record, "guest") };
	char *copy = xdup(trace_word(record, "entries")), *rest = copy, *text;

	while ((text = strsep(&rest, ";"))) {
		if (!*text)
			continue;
		fields_read(&e, text);
		take(opaque, &e);
		pass(&e);
	}
	free(copy);
}
