/*
 * `diptych bench`: what single operations cost, beside Linux KVM's counts.
 * Must not know how an emulator is started.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare/cmd.h"
#include "compare/counts.h"
#include "compare/grid.h"
#include "compare/table.h"

static const struct argp_option options[] = {
	{ "jobs", KEY_JOBS, "N", 0, "Runs at a time (default: one per CPU)", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "Wall-clock limit of a run (default: the guest's own)", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ 0 },
};

/*
 * What is timed, and KVM's column for the same CPU. KVM was not measured with EPT
 * and without unrestricted guest: for what that costs, the column that has neither.
 */
static const struct {
	const char *rung, *head, *option, *value, *machine, *kvm;
} columns[] = {
	{ "bare", "bare", NULL, NULL, "qemu:EPYC", "bare" },
	{ "svm-npt", "svm-npt", NULL, NULL, "qemu:EPYC", "npt1" },
	{ "svm-npt", "svm-npt", NULL, NULL, "bochs:ryzen", "svm_npt1_bochs" },
	{ "vmx-ug", "vmx-ug", NULL, NULL, "bochs:corei7_haswell_4770",
	  "vmx_ept1_bochs" },
	{ "vmx-ept", "vmx-ept", NULL, NULL, "bochs:corei7_haswell_4770",
	  "vmx_ept0_bochs" },
	{ "vmx-ept", "..vm86=fast", "vm86", "fast",
	  "bochs:corei7_haswell_4770", "vmx_ept0_bochs" },
	{ "vmx-ept", "..=emulate", "unpaged", "emulate",
	  "bochs:corei7_haswell_4770", "vmx_ept0_bochs" },
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns), MARK = 2 };

static size_t plan_column(struct plan *plan, size_t c)
{
	struct rung_choice choice = { .rung = rung_named(columns[c].rung) };
	struct job *job;

	rung_choice_default(&choice, "observe", "none");
	if (columns[c].option)
		rung_choice_default(&choice, columns[c].option,
				    columns[c].value);
	job = plan_add(plan, guest_find("bench", NULL), &choice,
		       machine_find(columns[c].machine));
	rung_choice_free(&choice);
	return (size_t)(job - plan->jobs);
}

static bool in_list(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* All names that some column printed: KVM's in its order, then our own. */
static size_t rows_make(json_t *kvm, const struct job *const *job,
			char ***out, size_t *untimed)
{
	char **rows = NULL, **ours = NULL;
	size_t made = 0, all = 0, at;
	json_t *entry;

	*untimed = 0;
	for (size_t c = 0; c < COLUMNS; c++) {
		size_t count;
		char **names = counts_names(&job[c]->output, &count);

		ours = xgrow(ours, all + count, sizeof(*ours));
		for (size_t i = 0; i < count; i++)
			if (in_list(ours, all, names[i]))
				free(names[i]);
			else
				ours[all++] = names[i];
		free(names);
	}
	rows = xcalloc(all + json_array_size(kvm), sizeof(*rows));
	json_array_foreach(kvm, at, entry) {
		const char *name =
			json_string_value(json_object_get(entry, "line"));

		if (name && in_list(ours, all, name))
			rows[made++] = xdup(name);
		else
			++*untimed;
	}
	for (size_t i = 0; i < all; i++) {
		if (in_list(rows, made, ours[i]))
			free(ours[i]);
		else
			rows[made++] = ours[i];
	}
	free(ours);
	*out = rows;
	return made;
}

static bool exceeds(const char *ours, const char *kvm)
{
	char *end_ours, *end_kvm;
	unsigned long long a = strtoull(ours, &end_ours, 10);
	unsigned long long b = strtoull(kvm, &end_kvm, 10);

	/* Below the base: it was measured in another mode, where all is emulated. */
	return *ours && *ours != '-' && *kvm && !*end_ours && !*end_kvm && a > b;
}

/* Fills one cell; returns whether ours exceeds KVM's. */
static bool cell_fill(struct grid *g, size_t row, size_t column,
		      const struct job *job, json_t *kvm)
{
	char *ours = counts_find(&job->output, g->row[row]);
	char *theirs = kvm_count(kvm, g->row[row], columns[column].kvm);
	bool more = ours && theirs && exceeds(ours, theirs);

	grid_set(g, row, column, 0, ours ? ours : xdup("-"),
		 more ? PAINT_BAD : PAINT_NONE);
	grid_set(g, row, column, 1, theirs ? theirs : xdup("-"), PAINT_DIM);
	grid_set(g, row, column, MARK, more ? xdup(">") : NULL, PAINT_BAD);
	return more;
}

static void table_show(const struct job *const *job, json_t *kvm)
{
	bool colour = paint_wanted(stdout);
	size_t untimed, more = 0;
	char **rows;
	size_t height = rows_make(kvm, job, &rows, &untimed);
	struct grid g;

	grid_init(&g, "line", height, 3, COLUMNS);
	g.part[0] = "ours";
	g.part[1] = "KVM";
	g.part[MARK] = "";
	for (size_t r = 0; r < height; r++)
		g.row[r] = rows[r];
	for (size_t c = 0; c < COLUMNS; c++) {
		g.groups[c].head[0] = columns[c].head;
		g.groups[c].head[1] = machine_label(columns[c].machine);
		for (size_t r = 0; r < height; r++)
			more += cell_fill(&g, r, c, job[c], kvm);
	}
	puts("Instructions of guest and hypervisor around one operation, "
	     "medians; \"-\": not timed there.\n");
	grid_print(&g, stdout, colour);
	grid_free(&g);
	printf("\n%zu above Linux KVM's (>); %zu of KVM's lines are not timed "
	       "here\n", more, untimed);
	for (size_t r = 0; r < height; r++)
		free(rows[r]);
	free(rows);
}

int cmd_bench(int argc, char **argv)
{
	const struct job *job[COLUMNS];
	struct plan plan = { 0 };
	struct request r;
	struct run **runs;
	size_t at[COLUMNS];
	time_t start = time(NULL);
	json_t *kvm = kvm_counts_load();
	int status;

	request_parse(argc, argv, options, NULL, "Times single operations on "
		      "bare and on the rungs, beside Linux KVM's counts.", &r);
	plan.parallel = r.jobs;
	plan.seconds = r.seconds;
	for (size_t c = 0; c < COLUMNS; c++)
		at[c] = plan_column(&plan, c);
	plan_run(&plan);
	for (size_t c = 0; c < COLUMNS; c++)
		job[c] = &plan.jobs[at[c]];
	runs = plan_runs(&plan);
	request_save(&r, runs, plan.count);
	status = runs_status(runs, plan.count);
	if (!r.json || strcmp(r.json, "-")) {
		table_show(job, kvm);
		table_remarks(runs, plan.count, stdout, paint_wanted(stdout));
	}
	if (fflush(stdout))
		die(STATUS_ERROR, "cannot write to stdout");
	fprintf(stderr, "took %ld s\n", (long)(time(NULL) - start));
	json_decref(kvm);
	free(runs);
	plan_free(&plan);
	return status;
}
