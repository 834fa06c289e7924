/*
 * One order for all runs, whatever order they came in. Must not know what is
 * made of them.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/report.h"
#include "compare/util.h"

/* FNV-1a, 64 bits: quick, and no secret. */
#define HASH_START	UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME	UINT64_C(0x100000001b3)

/* A run with what comparing it needs, each made once. */
struct entry {
	struct run	*run;
	char		*options, *content;
	uint64_t	hash;
	bool		hashed;
};

static uint64_t bytes_hash(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	while (size--)
		hash = (hash ^ *bytes++) * HASH_PRIME;
	return hash;
}

static uint64_t number_hash(uint64_t hash, uint64_t n)
{
	hash = (hash ^ n) * HASH_PRIME;
	return (hash ^ hash >> 32) * HASH_PRIME;
}

/* Members count in any order: their hashes are added up. */
static uint64_t json_hash(const json_t *value)
{
	uint64_t hash = number_hash(HASH_START, value ? json_typeof(value) : 0);
	json_t *item;
	const char *key;
	double real;
	size_t i;

	if (json_is_string(value))
		return bytes_hash(hash, json_string_value(value),
				  json_string_length(value));
	if (json_is_integer(value))
		return number_hash(hash, (uint64_t)json_integer_value(value));
	real = json_real_value(value);
	if (json_is_real(value))
		return bytes_hash(hash, &real, sizeof(real));
	if (json_is_array(value))
		json_array_foreach(value, i, item)
			hash = number_hash(hash, json_hash(item));
	else
		json_object_foreach((json_t *)value, key, item)
			hash += number_hash(bytes_hash(HASH_START, key,
						       strlen(key)),
					    json_hash(item));
	return hash;
}

/* All that a report tells of a run. */
enum { TEXTS = 8, NUMBERS = 7, PARTS = 8 };

struct content {
	const char	*text[TEXTS];
	uint64_t	number[NUMBERS];
	const json_t	*part[PARTS];
};

static struct content content_of(const struct run *r)
{
	return (struct content){
		{ r->guest, r->guest_sha256, r->rung, r->machine, r->reason,
		  r->output_sha256, r->end, r->unit },
		{ r->outcome, r->exits, r->observe, r->instructions,
		  r->of_guest, r->of_hypervisor, (uint64_t)r->code },
		{ r->options, r->cpu, r->fingerprint, r->by_reason,
		  r->timeline, r->controls, r->shadow, r->more },
	};
}

uint64_t run_hash(const struct run *run)
{
	struct content c = content_of(run);
	uint64_t hash = HASH_START;

	for (int i = 0; i < TEXTS; i++)
		hash = bytes_hash(hash, c.text[i], strlen(c.text[i]) + 1);
	for (int i = 0; i < NUMBERS; i++)
		hash = number_hash(hash, c.number[i]);
	for (int i = 0; i < PARTS; i++)
		hash = number_hash(hash, json_hash(c.part[i]));
	return hash;
}

bool run_same(const struct run *a, const struct run *b)
{
	struct content l = content_of(a), r = content_of(b);

	for (int i = 0; i < NUMBERS; i++)
		if (l.number[i] != r.number[i])
			return false;
	for (int i = 0; i < TEXTS; i++)
		if (strcmp(l.text[i], r.text[i]))
			return false;
	for (int i = 0; i < PARTS; i++)
		if (!json_equal(l.part[i], r.part[i]))
			return false;
	return true;
}

static int numbers_order(const struct run *a, const struct run *b)
{
	struct content l = content_of(a), r = content_of(b);

	for (int i = 0; i < NUMBERS; i++)
		if (l.number[i] != r.number[i])
			return l.number[i] < r.number[i] ? -1 : 1;
	return 0;
}

static uint64_t entry_hash(struct entry *e)
{
	if (!e->hashed)
		e->hash = run_hash(e->run);
	e->hashed = true;
	return e->hash;
}

static const char *entry_content(struct entry *e)
{
	if (!e->content) {
		struct content c = content_of(e->run);
		struct buf b = { 0 };

		for (int i = 0; i < TEXTS; i++)
			buf_fmt(&b, "%s\n", c.text[i]);
		for (int i = 0; i < PARTS; i++) {
			char *part = json_dumps(c.part[i], JSON_SORT_KEYS);

			buf_fmt(&b, "%s\n", part ? part : "");
			free(part);
		}
		e->content = b.text;
	}
	return e->content;
}

/* The last word has the content, should two hashes be the same. */
static int order(const void *a, const void *b)
{
	struct entry *l = (struct entry *)a, *r = (struct entry *)b;
	int order = strcmp(l->run->guest, r->run->guest);

	if (!order)
		order = strcmp(l->run->rung, r->run->rung);
	if (!order)
		order = strcmp(l->options, r->options);
	if (!order)
		order = strcmp(l->run->machine, r->run->machine);
	if (!order)
		order = numbers_order(l->run, r->run);
	if (order)
		return order;
	if (entry_hash(l) != entry_hash(r))
		return entry_hash(l) < entry_hash(r) ? -1 : 1;
	return run_same(l->run, r->run) ? 0 :
	       strcmp(entry_content(l), entry_content(r));
}

void runs_sort(struct run **runs, size_t count)
{
	struct entry *list = xcalloc(count, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = (struct entry){
			.run = runs[i], .options = run_options(runs[i], true),
		};
	qsort(list, count, sizeof(*list), order);
	for (size_t i = 0; i < count; i++) {
		runs[i] = list[i].run;
		free(list[i].options);
		free(list[i].content);
	}
	free(list);
}
