/*
 * `diptych bench`: what single operations cost, beside Linux KVM's counts.
 * Must not know how an emulator is started.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare/bench.h"
#include "compare/cmd.h"
#include "compare/counts.h"
#include "compare/grid.h"
#include "compare/table.h"

static const struct argp_option options[] = {
	{ "rungs", KEY_RUNGS, "LIST", 0, "Only these rungs", 0 },
	{ "machines", KEY_MACHINES, "LIST", 0, "Only these machines", 0 },
	{ "jobs", KEY_JOBS, "N", 0, "Runs at a time (default: one per CPU)", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "Wall-clock limit of a run (default: the guest's own)", 0 },
	{ "check", KEY_CHECK, NULL, 0,
	  "Fail if a bar is missed or growth is not linear", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ 0 },
};

/* What --rungs and --machines leave. */
struct wanted {
	struct rung_choice	*rungs;
	const struct machine	**machines;
	size_t			rung_count, machine_count;
};

/* Whether the rung is the column's, with no other option than the column has. */
static bool choice_fits(const struct rung_choice *choice,
			const struct bench_column *column)
{
	if (strcmp(choice->rung->name, column->rung))
		return false;
	for (size_t i = 0; i < choice->count; i++) {
		const struct rung_option *o = &choice->options[i];

		if (strcmp(o->name, "observe") &&
		    (!column->option || strcmp(o->name, column->option) ||
		     strcmp(o->value, column->value)))
			return false;
	}
	return true;
}

static bool column_wanted(const struct wanted *w, const struct bench_column *column)
{
	bool rung = !w->rungs, machine = !w->machines;

	for (size_t i = 0; w->rungs && i < w->rung_count; i++)
		rung |= choice_fits(&w->rungs[i], column);
	for (size_t i = 0; w->machines && i < w->machine_count; i++)
		machine |= !strcmp(w->machines[i]->name, column->machine);
	return rung && machine;
}

/* The columns asked for; an array to be freed. */
static const struct bench_column **columns_choose(const struct request *r,
						  size_t *count)
{
	const struct bench_column **chosen =
		xcalloc(bench_columns_count, sizeof(*chosen));
	struct wanted w = { 0 };

	if (r->rungs)
		w.rungs = request_rungs(r->rungs, &w.rung_count);
	if (r->machines)
		w.machines = request_machines(r->machines, &w.machine_count);
	*count = 0;
	for (size_t i = 0; i < bench_columns_count; i++)
		if (column_wanted(&w, &bench_columns[i]))
			chosen[(*count)++] = &bench_columns[i];
	for (size_t i = 0; i < w.rung_count; i++)
		rung_choice_free(&w.rungs[i]);
	free(w.rungs);
	free(w.machines);
	if (!*count)
		die(STATUS_USAGE, "bench times none of these rungs on none of "
		    "these machines");
	return chosen;
}

static size_t plan_column(struct plan *plan, const struct bench_column *column)
{
	struct rung_choice choice = { .rung = rung_named(column->rung) };
	struct job *job;

	rung_choice_default(&choice, "observe", "none");
	if (column->option)
		rung_choice_default(&choice, column->option, column->value);
	job = plan_add(plan, guest_find("bench", NULL), &choice,
		       machine_find(column->machine));
	rung_choice_free(&choice);
	return (size_t)(job - plan->jobs);
}

/* Prints all tables; how much is above its bar or not linear. */
static size_t tables_print(const struct bench_result *results, size_t count)
{
	json_t *kvm = kvm_counts_load();
	bool colour = paint_wanted(stdout);
	size_t bad = 0;

	puts("Instructions of guest and hypervisor around one operation, "
	     "medians; \"-\": not timed there,\n"
	     "or interpreted and no more than an empty body.");
	bench_native_print(results, count, kvm, stdout, colour);
	bad += bench_shadow_print(results, count, kvm, stdout, colour);
	bad += bench_growth_print(results, count, stdout, colour);
	json_decref(kvm);
	return bad;
}

int cmd_bench(int argc, char **argv)
{
	const struct bench_column **columns;
	struct bench_result *results;
	struct plan plan = { 0 };
	struct request r;
	struct run **runs;
	size_t count, *at, bad = 0;
	time_t start = time(NULL);
	int status;

	request_parse(argc, argv, options, NULL, "Times single operations on "
		      "bare and on the rungs, beside Linux KVM's counts.", &r);
	plan.parallel = r.jobs;
	plan.seconds = r.seconds;
	columns = columns_choose(&r, &count);
	at = xcalloc(count, sizeof(*at));
	results = xcalloc(count, sizeof(*results));
	for (size_t c = 0; c < count; c++)
		at[c] = plan_column(&plan, columns[c]);
	plan_run(&plan);
	for (size_t c = 0; c < count; c++)
		results[c] = (struct bench_result){
			.column = columns[c],
			.output = &plan.jobs[at[c]].output,
			.shadow = plan.jobs[at[c]].run->shadow,
		};
	runs = plan_runs(&plan);
	request_save(&r, runs, plan.count);
	status = runs_status(runs, plan.count);
	if (!r.json || strcmp(r.json, "-")) {
		bad = tables_print(results, count);
		table_remarks(runs, plan.count, stdout, paint_wanted(stdout));
	}
	if (fflush(stdout))
		die(STATUS_ERROR, "cannot write to stdout");
	fprintf(stderr, "took %ld s\n", (long)(time(NULL) - start));
	free(at);
	free(columns);
	free(results);
	free(runs);
	plan_free(&plan);
	return status == STATUS_PASS && r.check && bad ? STATUS_FAIL : status;
}
