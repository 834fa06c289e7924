/*
 * Sums up which rungs ran on hardware, vendor by vendor. Must not judge runs.
 */
#include <string.h>

#include "compare/natively.h"

static const struct {
	const char	*vendor;
	unsigned	cap;
} vendors[] = {
	{ "AMD", CAP_SVM },
	{ "Intel", CAP_VMX },
};

static const char *text_of(const json_t *from, const char *key)
{
	const char *text = json_string_value(json_object_get(from, key));

	return text ? text : "";
}

static bool ran(const struct run *run)
{
	return run->outcome != OUTCOME_SKIP && run->outcome != OUTCOME_ERROR;
}

bool run_is_native(const struct run *run)
{
	const char *nesting = text_of(run->fingerprint, "nesting");

	return ran(run) && (!strcmp(nesting, "nested") || !strcmp(nesting, "metal"));
}

/* Whether the rung ran somewhere; `native`: on hardware. */
static bool rung_ran(struct run *const *runs, size_t count, const struct rung *rung,
		     bool native)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(runs[i]->rung, rung->name) &&
		    (native ? run_is_native(runs[i]) : ran(runs[i])))
			return true;
	return false;
}

/* "svm-npt, svm-shadow": the vendor's rungs that ran so. */
static void rungs_add(struct run *const *runs, size_t count, unsigned cap, bool native,
		      struct buf *out)
{
	const char *comma = "";

	for (size_t r = 0; r < rung_table_size; r++) {
		const struct rung *rung = &rung_table[r];

		if (!(rung->needs & cap) || !rung_ran(runs, count, rung, native))
			continue;
		buf_fmt(out, "%s%s", comma, rung->name);
		comma = ", ";
	}
}

static bool of_vendor(const struct run *run, unsigned cap)
{
	const struct rung *rung = rung_named(run->rung);

	return rung && (rung->needs & cap) && run_is_native(run);
}

/* " (NAME, MACHINE; NAME, MACHINE)": each CPU once. */
static void cpus_add(struct run *const *runs, size_t count, unsigned cap,
		     struct buf *out)
{
	struct buf list = { 0 };

	buf_add(&list, "", 0);
	for (size_t i = 0; i < count; i++) {
		const char *name = text_of(runs[i]->cpu, "name");
		char *one = fmt("%s, %s", *name ? name : "a CPU without a name",
				runs[i]->machine);

		if (of_vendor(runs[i], cap) && !strstr(list.text, one))
			buf_fmt(&list, "%s%s", list.size ? "; " : "", one);
		text_set(&one, NULL);
	}
	buf_fmt(out, " (%s)\n", list.text);
	buf_free(&list);
}

void natively_put(struct run *const *runs, size_t count, struct buf *out)
{
	for (size_t v = 0; v < sizeof(vendors) / sizeof(*vendors); v++) {
		struct buf rungs = { 0 };

		buf_add(&rungs, "", 0);
		rungs_add(runs, count, vendors[v].cap, true, &rungs);
		if (rungs.size) {
			buf_fmt(out, "on %s hardware: %s", vendors[v].vendor, rungs.text);
			cpus_add(runs, count, vendors[v].cap, out);
		} else {
			buf_fmt(out, "no %s hardware among the reports", vendors[v].vendor);
			rungs_add(runs, count, vendors[v].cap, false, &rungs);
			if (rungs.size)
				buf_fmt(out, "; on emulators only: %s", rungs.text);
			buf_fmt(out, "\n");
		}
		buf_free(&rungs);
	}
}

bool natively_required(struct run *const *runs, size_t count,
		       const struct rung_choice *wanted, size_t wanted_count,
		       struct buf *out)
{
	bool all = true;

	for (size_t i = 0; i < wanted_count; i++) {
		if (rung_ran(runs, count, wanted[i].rung, true))
			continue;
		buf_fmt(out, "required on hardware, and missing: %s\n",
			wanted[i].rung->name);
		all = false;
	}
	return all;
}
