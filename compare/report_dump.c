/*
 * Runs as text, shared parts but once. Must not know what a part is.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/report_dump.h"

/* The run's own reference, and the one in the object that is being written. */
enum { REFERENCES_OF_ONE = 2 };
enum { SLOTS_MIN = 256, POINTER_SHIFT = 4 };
#define HASH_PRIME	UINT64_C(0x9e3779b97f4a7c15)
#define HASH_SHIFT	32
#define MARGIN		"   "

static struct dumped *slot_of(struct dumped *slot, size_t size,
			      const json_t *value)
{
	uint64_t hash = ((uint64_t)(uintptr_t)value >> POINTER_SHIFT) * HASH_PRIME;
	size_t at = (hash >> HASH_SHIFT) % size;

	while (slot[at].value && slot[at].value != value)
		at = (at + 1) % size;
	return &slot[at];
}

static void grow(struct dumps *d)
{
	struct dumps wide = { .size = d->size ? 2 * d->size : SLOTS_MIN,
			      .used = d->used };

	wide.slot = xcalloc(wide.size, sizeof(*wide.slot));
	for (size_t i = 0; i < d->size; i++)
		if (d->slot[i].value)
			*slot_of(wide.slot, wide.size, d->slot[i].value) =
				d->slot[i];
	free(d->slot);
	*d = wide;
}

/* The value's text, each line of it after the first behind the margin; to be freed. */
static char *text_make(const json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(1) | JSON_SORT_KEYS |
				JSON_ENCODE_ANY);
	struct buf out = { 0 };

	if (text && !strchr(text, '\n'))
		return text;
	if (!text)
		die(STATUS_ERROR, "cannot write the report as JSON");
	buf_add(&out, "", 0);
	/* In a string a line's end is an escape: these are the layout's. */
	for (const char *at = text; at && *at;) {
		size_t size = strcspn(at, "\n");

		buf_add(&out, at, size);
		at += size;
		if (*at)
			buf_add(&out, "\n" MARGIN, 1 + strlen(MARGIN));
		at += *at != '\0';
	}
	free(text);
	return out.text;
}

static void value_add(struct dumps *d, const json_t *value, struct buf *out)
{
	bool shared = (json_is_object(value) || json_is_array(value)) &&
		      value->refcount > REFERENCES_OF_ONE;
	struct dumped *known;
	char *text;

	if (!shared) {
		text = text_make(value);
		buf_add(out, text, strlen(text));
		free(text);
		return;
	}
	if (2 * d->used >= d->size)
		grow(d);
	known = slot_of(d->slot, d->size, value);
	if (!known->value) {
		*known = (struct dumped){ value, text_make(value) };
		d->used++;
	}
	buf_add(out, known->text, strlen(known->text));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void dumps_add(struct dumps *d, json_t *object, struct buf *out)
{
	size_t count = json_object_size(object), i = 0;
	const char **names = xcalloc(count, sizeof(*names)), *name;
	const char *before = "{\n" MARGIN;
	json_t *value, *key;

	json_object_foreach(object, name, value)
		names[i++] = name;
	qsort(names, count, sizeof(*names), by_name);
	for (i = 0; i < count; i++) {
		buf_add(out, before, strlen(before));
		key = json_string(names[i]);
		value_add(d, key, out);
		json_decref(key);
		buf_add(out, ": ", 2);
		value_add(d, json_object_get(object, names[i]), out);
		before = ",\n" MARGIN;
	}
	buf_add(out, "\n  }", strlen("\n  }"));
	free(names);
}

void dumps_free(struct dumps *d)
{
	for (size_t i = 0; i < d->size; i++)
		free(d->slot[i].text);
	free(d->slot);
	*d = (struct dumps){ 0 };
}
