/*
 * Merging of reports. Must not know where they came from.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/merge.h"
#include "compare/report.h"

/* A run's whole content as text: the last word in ordering equal keys. */
static char *content(struct run *run)
{
	return report_write(&run, 1);
}

static int order(const void *a, const void *b)
{
	struct run *l = *(struct run *const *)a, *r = *(struct run *const *)b;
	int order = run_compare(l, r);
	char *left, *right;

	if (order)
		return order;
	left = content(l);
	right = content(r);
	order = strcmp(left, right);
	free(left);
	free(right);
	return order;
}

static bool ran(const struct run *run)
{
	return run->outcome != OUTCOME_SKIP && run->outcome != OUTCOME_ERROR;
}

bool merge_differs(const struct run *a, const struct run *b)
{
	return run_compare(a, b) == 0 && order(&a, &b) != 0;
}

static void note_count(struct buf *notes, const char *what, uint64_t a,
		       uint64_t b)
{
	if (a != b)
		buf_fmt(notes, "; %s %llu and %llu", what, (unsigned long long)a,
			(unsigned long long)b);
}

static void note(const struct run *a, const struct run *b, struct buf *notes)
{
	char *label = run_label(a);

	buf_fmt(notes, "%s, %s, %s: runs differ", a->guest, label, a->machine);
	if (a->outcome != b->outcome)
		buf_fmt(notes, "; %s and %s", outcome_name(a->outcome),
			outcome_name(b->outcome));
	note_count(notes, "exits", a->exits, b->exits);
	note_count(notes, "instructions", a->instructions, b->instructions);
	note_count(notes, "guest instructions", a->of_guest, b->of_guest);
	note_count(notes, "hypervisor instructions", a->of_hypervisor,
		   b->of_hypervisor);
	if (strcmp(a->output_sha256, b->output_sha256))
		buf_fmt(notes, "; output");
	buf_fmt(notes, "\n");
	free(label);
}

/* The hash of a guest that was run must be the same in all reports. */
static char *images_differ(struct run *const *runs, size_t count)
{
	const struct run *known = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!*runs[i]->guest_sha256)
			continue;
		if (known && !strcmp(known->guest, runs[i]->guest) &&
		    strcmp(known->guest_sha256, runs[i]->guest_sha256))
			return fmt("guest %s is not the same image in all "
				   "reports (%.12s and %.12s)", known->guest,
				   known->guest_sha256, runs[i]->guest_sha256);
		known = runs[i];
	}
	return NULL;
}

char *merge_runs(struct run **runs, size_t *count, struct buf *notes)
{
	size_t kept = 0;
	char *why;

	qsort(runs, *count, sizeof(*runs), order);
	why = images_differ(runs, *count);
	if (why)
		return why;
	for (size_t i = 0; i < *count; i++) {
		struct run *last = kept ? runs[kept - 1] : NULL;

		if (last && !order(&last, &runs[i])) {
			run_free(runs[i]);
			continue;
		}
		if (last && !run_compare(last, runs[i]) && ran(last) &&
		    ran(runs[i]))
			note(last, runs[i], notes);
		runs[kept++] = runs[i];
	}
	*count = kept;
	return NULL;
}
