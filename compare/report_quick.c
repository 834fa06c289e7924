/*
 * Quick reading of reports by remembering texts. Must not take what report_read()
 * would not: whatever it does not know it leaves to that.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compare/report_check.h"
#include "compare/report_quick.h"

#define HEAD	"{\n \"runs\": [\n  {\n"
#define BETWEEN	"\n  },\n  {\n"
#define TAIL	"\n  }\n ],\n \"schema\": \"" REPORT_SCHEMA "\"\n}\n"
#define MEMBER	"   \""		/* how each member of a run begins, */
#define NEXT	",\n   \""	/* ... and how the one before it ends */
#define VALUE	"\": "

#define HASH_PRIME	UINT64_C(0x9e3779b97f4a7c15)
enum { SLOTS_MIN = 1024, HASH_SHIFT = 29 };

struct text {
	const char	*at;
	size_t		size;
};

/* A text, and what it was read as: a run, or a member's value. */
struct known {
	struct text	text;
	uint64_t	hash;
	void		*is;
};

struct table {
	struct known	*slot;
	size_t		size, used;
};

struct quick {
	struct table	runs, members;
	struct buf	*file;		/* array: the texts point into them */
	size_t		files;
};

static uint64_t text_hash(struct text text)
{
	uint64_t hash = text.size, word;
	const char *at = text.at;

	for (; text.size >= sizeof(word); text.size -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = (hash ^ word) * HASH_PRIME;
		hash ^= hash >> HASH_SHIFT;
		at += sizeof(word);
	}
	word = 0;
	memcpy(&word, at, text.size);
	hash = (hash ^ word) * HASH_PRIME;
	return hash ^ hash >> HASH_SHIFT;
}

static void grow(struct table *t)
{
	struct table wide = { .size = t->size ? 2 * t->size : SLOTS_MIN };

	wide.slot = xcalloc(wide.size, sizeof(*wide.slot));
	for (size_t i = 0; i < t->size; i++) {
		size_t at = t->slot[i].hash % wide.size;

		if (!t->slot[i].text.at)
			continue;
		while (wide.slot[at].text.at)
			at = (at + 1) % wide.size;
		wide.slot[at] = t->slot[i];
	}
	wide.used = t->used;
	free(t->slot);
	*t = wide;
}

/* The text's slot: with `is` set where it is known; else for table_keep(). */
static struct known *find(struct table *t, struct text text)
{
	uint64_t hash = text_hash(text);
	struct known *k;

	if (2 * t->used >= t->size)
		grow(t);
	for (size_t at = hash % t->size;; at = (at + 1) % t->size) {
		k = &t->slot[at];
		if (!k->text.at || (k->hash == hash && k->text.size == text.size &&
				    !memcmp(k->text.at, text.at, text.size)))
			break;
	}
	k->hash = hash;
	return k;
}

static void keep(struct table *t, struct known *k, struct text text, void *is)
{
	k->text = text;
	k->is = is;
	t->used++;
}

/* Takes the next part of *rest, up to `end` or to the end of all. */
static struct text part_take(struct text *rest, const char *end)
{
	const char *found = memmem(rest->at, rest->size, end, strlen(end));
	size_t size = found ? (size_t)(found - rest->at) : rest->size;
	struct text part = { rest->at, size };

	size += found ? strlen(end) : 0;
	rest->at += size;
	rest->size -= size;
	return part;
}

/* A member's value, if it is sound; NULL: to be read slowly. */
static json_t *value_read(const char *key, struct text value)
{
	json_t *read;

	if (json_has_controls(value.at, value.size))
		return NULL;
	read = json_loadb(value.at, value.size,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (read && !report_part_sound(key, read)) {
		json_decref(read);
		read = NULL;
	}
	return read;
}

/* Adds the member that `text` is ("guest\": \"modes\""); false: leave it all. */
static bool member_add(struct quick *quick, json_t *to, struct text text)
{
	struct known *k = find(&quick->members, text);
	struct text rest = text, name = part_take(&rest, VALUE);
	char key[32];

	if (!rest.size || name.size >= sizeof(key))
		return false;
	for (size_t i = 0; i < name.size; i++)
		if (!isalnum((unsigned char)name.at[i]) && name.at[i] != '_')
			return false;
	memcpy(key, name.at, name.size);
	key[name.size] = '\0';
	if (!k->is) {
		json_t *value = value_read(key, rest);

		if (!value)
			return false;
		keep(&quick->members, k, text, value);
	}
	return !json_object_get(to, key) && !json_object_set(to, key, k->is);
}

static struct run *run_quick(struct quick *quick, struct text text)
{
	json_t *from = json_object();
	struct run *run = NULL;
	bool ok = text.size > strlen(MEMBER) &&
		  !memcmp(text.at, MEMBER, strlen(MEMBER));

	text.at += ok ? strlen(MEMBER) : 0;
	text.size -= ok ? strlen(MEMBER) : 0;
	while (ok && text.size)
		ok = member_add(quick, from, part_take(&text, NEXT));
	if (ok)
		run = report_run_of(from);
	json_decref(from);
	return run;
}

/* False: what has been read of it is of no use. */
static bool runs_quick(struct quick *quick, struct text rest, const char *path,
		       struct buf *out)
{
	while (rest.size) {
		struct text text = part_take(&rest, BETWEEN);
		struct known *k = find(&quick->runs, text);
		struct run *run = k->is;

		if (run) {
			if (strcmp(path, run->file) < 0)
				run->file = path;
			continue;
		}
		run = run_quick(quick, text);
		if (!run)
			return false;
		run->file = path;
		keep(&quick->runs, k, text, run);
		buf_add(out, &run, sizeof(run));
	}
	return true;
}

static bool has(struct text text, const char *head, const char *tail)
{
	return text.size > strlen(head) + strlen(tail) &&
	       !memcmp(text.at, head, strlen(head)) &&
	       !memcmp(text.at + text.size - strlen(tail), tail, strlen(tail));
}

static void slow_add(const char *path, const struct buf *file, struct buf *out,
		     char **why)
{
	size_t count;
	struct run **read = report_read(file->text, file->size, &count, why);

	if (!read) {
		text_set(why, fmt("%s: %s", path, *why));
		return;
	}
	for (size_t i = 0; i < count; i++)
		read[i]->file = path;
	buf_add(out, read, count * sizeof(*read));
	free(read);
}

struct run **quick_load(struct quick *quick, const char *path, size_t *count,
			char **why)
{
	struct buf file = { 0 }, runs = { 0 };
	struct text text;
	bool done;

	*why = report_file_read(path, &file);
	if (*why)
		return NULL;
	buf_add(&runs, "", 0);
	text = (struct text){ file.text, file.size };
	done = has(text, HEAD, TAIL);
	if (done) {
		text.at += strlen(HEAD);
		text.size -= strlen(HEAD) + strlen(TAIL);
		done = runs_quick(quick, text, path, &runs);
	}
	/* What was read quickly up to there is read again: copies, which merging drops. */
	if (!done)
		slow_add(path, &file, &runs, why);
	quick->file = xgrow(quick->file, quick->files + 1, sizeof(*quick->file));
	quick->file[quick->files++] = file;
	*count = runs.size / sizeof(struct run *);
	if (!*why)
		return (struct run **)(void *)runs.text;
	/* Those that were read of it are gone: no copy may be taken for one of them. */
	runs_free((struct run **)(void *)runs.text, *count);
	free(quick->runs.slot);
	quick->runs = (struct table){ 0 };
	*count = 0;
	return NULL;
}

struct quick *quick_new(void)
{
	return xcalloc(1, sizeof(struct quick));
}

void quick_free(struct quick *quick)
{
	for (size_t i = 0; i < quick->members.size; i++)
		json_decref(quick->members.slot[i].is);
	for (size_t i = 0; i < quick->files; i++)
		buf_free(&quick->file[i]);
	free(quick->members.slot);
	free(quick->runs.slot);
	free(quick->file);
	free(quick);
}
