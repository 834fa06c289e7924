/*
 * Merging of reports. Must not know where they came from, or what is shown of
 * them.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/merge.h"
#include "compare/report.h"

static const char *file_of(const struct run *run)
{
	return run->file ? run->file : "";
}

/* Open addressing; at most half full. */
struct set {
	struct run	**slot;
	uint64_t	*hash;
	size_t		size;
};

/* The run in the set that is the same as this, which goes in if there is none. */
static struct run *known(struct set *set, struct run *run)
{
	uint64_t hash = run_hash(run);
	size_t at = hash % set->size;

	for (; set->slot[at]; at = (at + 1) % set->size)
		if (set->hash[at] == hash && run_same(set->slot[at], run))
			return set->slot[at];
	set->slot[at] = run;
	set->hash[at] = hash;
	return run;
}

/* Keeps one of each, from the file that is first by name. */
static void copies_drop(struct run **runs, size_t *count)
{
	struct set set = { .size = 2 * *count + 1 };
	size_t kept = 0;

	set.slot = xcalloc(set.size, sizeof(*set.slot));
	set.hash = xcalloc(set.size, sizeof(*set.hash));
	for (size_t i = 0; i < *count; i++) {
		struct run *first = known(&set, runs[i]);

		if (first == runs[i]) {
			runs[kept++] = first;
			continue;
		}
		if (strcmp(file_of(runs[i]), file_of(first)) < 0)
			first->file = runs[i]->file;
		run_free(runs[i]);
	}
	*count = kept;
	free(set.slot);
	free(set.hash);
}

static int by_image(const void *a, const void *b)
{
	const struct run *l = *(struct run *const *)a;
	const struct run *r = *(struct run *const *)b;
	int order = strcmp(l->guest, r->guest);

	if (!order)
		order = strcmp(l->guest_sha256, r->guest_sha256);
	return order ? order : strcmp(file_of(l), file_of(r));
}

static char *refusal(const struct run *a, const struct run *b)
{
	struct buf b1 = { 0 };
	const struct run *both[] = { a, b };

	buf_fmt(&b1, "guest %s is not the same image in all reports:", a->guest);
	for (int i = 0; i < 2; i++)
		buf_fmt(&b1, "%s sha256 %s%s%s", i ? " and" : "",
			both[i]->guest_sha256, both[i]->file ? " in " : "",
			file_of(both[i]));
	return b1.text;
}

/* A guest's name must stand for one image; a run that was skipped has none. */
static char *images_differ(struct run *const *runs, size_t count)
{
	struct run **sorted = xcalloc(count, sizeof(*sorted));
	const struct run *first = NULL;
	char *why = NULL;

	if (count)
		memcpy(sorted, runs, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_image);
	for (size_t i = 0; i < count && !why; i++) {
		if (!*sorted[i]->guest_sha256)
			continue;
		if (!first || strcmp(first->guest, sorted[i]->guest))
			first = sorted[i];
		else if (strcmp(first->guest_sha256, sorted[i]->guest_sha256))
			why = refusal(first, sorted[i]);
	}
	free(sorted);
	return why;
}

char *merge_runs(struct run **runs, size_t *count)
{
	char *why = images_differ(runs, *count);

	if (why)
		return why;
	copies_drop(runs, count);
	runs_sort(runs, *count);
	return NULL;
}
