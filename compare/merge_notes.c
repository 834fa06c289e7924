/*
 * Says how runs of one key part. Must not know how they were put together.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/fingerprint.h"
#include "compare/merge.h"

enum { VALUES_SHOWN = 4, RUNS_SHOWN = 8 };

/* Runs of one key that ended: what was skipped or broke gives no counts. */
struct group {
	const struct run	**run;	/* array owned */
	size_t			count;
};

static bool ran(const struct run *run)
{
	return run->outcome != OUTCOME_SKIP && run->outcome != OUTCOME_ERROR;
}

static int by_number(const void *a, const void *b)
{
	uint64_t l = *(const uint64_t *)a, r = *(const uint64_t *)b;

	return (l > r) - (l < r);
}

/* "; exits 1, 2 and 7", when there is more than one value. */
static void values_add(struct buf *out, const char *what, uint64_t *values,
		       size_t count)
{
	size_t kept = 0;

	qsort(values, count, sizeof(*values), by_number);
	for (size_t i = 0; i < count; i++)
		if (!kept || values[kept - 1] != values[i])
			values[kept++] = values[i];
	if (kept < 2)
		return;
	buf_fmt(out, "; %s ", what);
	for (size_t i = 0; i < kept && i < VALUES_SHOWN; i++)
		buf_fmt(out, "%s%llu", !i ? "" : i + 1 == kept ? " and " : ", ",
			(unsigned long long)values[i]);
	if (kept > VALUES_SHOWN)
		buf_fmt(out, " and %zu more", kept - VALUES_SHOWN);
}

#define NUMBERS_ADD(out, what, group, member) do { \
	uint64_t *values_ = xcalloc((group)->count, sizeof(*values_)); \
	for (size_t i_ = 0; i_ < (group)->count; i_++) \
		values_[i_] = (group)->run[i_]->member; \
	values_add(out, what, values_, (group)->count); \
	free(values_); \
} while (0)

static void outcomes_add(struct buf *out, const struct group *g)
{
	bool seen[OUTCOMES] = { false };
	size_t number = 0;
	const char *before = "; ";

	for (size_t i = 0; i < g->count; i++) {
		number += !seen[g->run[i]->outcome];
		seen[g->run[i]->outcome] = true;
	}
	for (int o = 0; number > 1 && o < OUTCOMES; o++) {
		if (!seen[o])
			continue;
		buf_fmt(out, "%s%s", before, outcome_name((enum outcome)o));
		before = " and ";
	}
}

/* What is no number is said to part, not how. */
static void parts_add(struct buf *out, const struct group *g)
{
	const struct run *a = g->run[0];
	bool output = false, end = false, reasons = false, timeline = false;
	bool controls = false, shadow = false;

	for (size_t i = 1; i < g->count; i++) {
		const struct run *b = g->run[i];

		output |= strcmp(a->output_sha256, b->output_sha256) != 0;
		end |= strcmp(a->end, b->end) != 0 || a->code != b->code;
		reasons |= !json_equal(a->by_reason, b->by_reason);
		timeline |= !json_equal(a->timeline, b->timeline);
		controls |= !json_equal(a->controls, b->controls);
		shadow |= !json_equal(a->shadow, b->shadow);
	}
	buf_fmt(out, "%s%s%s%s%s%s", output ? "; output" : "", end ? "; end" : "",
		reasons ? "; exits by reason" : "", timeline ? "; timeline" : "",
		controls ? "; controls" : "", shadow ? "; shadow tables" : "");
}

static char *parting(const struct group *g)
{
	struct buf out = { 0 };

	buf_add(&out, "", 0);
	outcomes_add(&out, g);
	NUMBERS_ADD(&out, "exits", g, exits);
	NUMBERS_ADD(&out, "observe exits", g, observe);
	NUMBERS_ADD(&out, "instructions", g, instructions);
	NUMBERS_ADD(&out, "guest instructions", g, of_guest);
	NUMBERS_ADD(&out, "hypervisor instructions", g, of_hypervisor);
	parts_add(&out, g);
	return out.text;
}

static bool same_member(const struct run *a, const struct run *b,
			const char *key)
{
	const json_t *l = json_object_get(a->fingerprint, key);
	const json_t *r = json_object_get(b->fingerprint, key);

	return l == r || json_equal(l, r);
}

/* Why it is no wonder that the runs part; NULL: it is one. */
static const char *cause(const struct group *g)
{
	bool emulator = false, build = false, cycles = false;

	for (size_t i = 0; i < g->count; i++) {
		const struct run *a = g->run[0], *b = g->run[i];

		if (!fingerprint_same_cpu(a->fingerprint, b->fingerprint))
			return "runs on different CPUs";
		emulator |= !same_member(a, b, "emulator") ||
			    !same_member(a, b, "emulator_version");
		build |= !same_member(a, b, "diptych") ||
			 !same_member(a, b, "build");
		cycles |= !strcmp(b->unit, "cycles");
	}
	return emulator ? "runs by different emulators" :
	       build ? "runs of different builds" :
	       cycles ? "runs counted in cycles" : NULL;
}

static void who_add(struct buf *notes, const struct run *run)
{
	char *cpu = fingerprint_cpu(run->fingerprint);
	char *emulator = fingerprint_emulator(run->fingerprint);
	char *commit = fingerprint_commit(run->fingerprint);

	buf_fmt(notes, "  %s, %llu exits, %llu %s", outcome_name(run->outcome),
		(unsigned long long)run->exits,
		(unsigned long long)run->instructions,
		*run->unit ? run->unit : "instructions");
	if (*cpu)
		buf_fmt(notes, "; %s", cpu);
	if (*emulator)
		buf_fmt(notes, "; %s", emulator);
	if (*commit)
		buf_fmt(notes, "; commit %s", commit);
	if (run->file)
		buf_fmt(notes, "; %s", run->file);
	buf_fmt(notes, "\n");
	free(cpu);
	free(emulator);
	free(commit);
}

static bool group_note(const struct group *g, struct buf *notes)
{
	char *how = g->count > 1 ? parting(g) : NULL, *label;
	const char *why;

	if (!how || !*how) {
		free(how);
		return false;
	}
	why = cause(g);
	label = run_label(g->run[0]);
	buf_fmt(notes, "%s, %s, %s: %s%s\n", g->run[0]->guest, label,
		g->run[0]->machine, why ? why : "runs differ", how);
	for (size_t i = 0; i < g->count && i < RUNS_SHOWN; i++)
		who_add(notes, g->run[i]);
	if (g->count > RUNS_SHOWN)
		buf_fmt(notes, "  and %zu more\n", g->count - RUNS_SHOWN);
	free(label);
	free(how);
	return !why;
}

bool merge_notes(struct run *const *runs, size_t count, struct buf *notes)
{
	struct group g = { .run = xcalloc(count, sizeof(struct run *)) };
	bool wrong = false;

	for (size_t i = 0, end; i < count; i = end) {
		g.count = 0;
		for (end = i; end < count &&
			      !run_compare(runs[i], runs[end]); end++)
			if (ran(runs[end]))
				g.run[g.count++] = runs[end];
		wrong |= group_note(&g, notes);
	}
	free(g.run);
	return wrong;
}
