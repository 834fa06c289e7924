/*
 * `diptych compare`: guests by rungs by machines, side by side. Must not
 * know how an emulator is started.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compare/cmd.h"
#include "compare/grid.h"
#include "compare/report.h"
#include "compare/table.h"
#include "compare/tap.h"

static const struct argp_option options[] = {
	{ "rungs", KEY_RUNGS, "LIST", 0,
	  "Rungs, with options: svm-npt,vmx-ug,tags=off (default: those that "
	  "are built in)", 0 },
	{ "machines", KEY_MACHINES, "LIST", 0,
	  "Machines (default: those that each rung is tried on)", 0 },
	{ "require", KEY_REQUIRE, "LIST", 0,
	  "Rungs of which a skip is a failure", 0 },
	{ "kind", KEY_KIND, "KIND", 0,
	  KIND_HELP, 0 },
	{ "all", KEY_ALL, NULL, 0,
	  "All guests, those too that are left out for time", 0 },
	{ "jobs", KEY_JOBS, "N", 0,
	  "Runs at a time (default: one per CPU)", 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "Wall-clock limit of a run (default: each guest's own)", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ "html", KEY_HTML, "FILE", 0, "Write the page; - is stdout", 0 },
	{ "junit", KEY_JUNIT, "FILE", 0, "Write JUnit XML; - is stdout", 0 },
	{ "csv", KEY_CSV, "FILE", 0,
	  "Write exits by reason as CSV; - is stdout", 0 },
	{ "tap", KEY_TAP, NULL, 0, "TAP on stdout instead of the table", 0 },
	{ "details", KEY_DETAILS, NULL, 0,
	  "How each mode ran, and exits by reason, for every guest", 0 },
	{ 0 },
};

static const char default_rungs[] = "svm-npt,svm-shadow,vmx-ug,vmx-ept,vmx-shadow";

/* Whether some machine of the list can run the rung. */
static bool some_machine(const struct rung_choice *choice,
			 const struct machine **list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!rung_missing(choice->rung, machine_caps(list[i])))
			return true;
	return false;
}

/* Whether some machine of the list can run any of the rungs. */
static bool some_rung(const struct rung_choice *choices, size_t number,
		      const struct machine **list, size_t count)
{
	for (size_t c = 0; c < number; c++)
		if (some_machine(&choices[c], list, count))
			return true;
	return false;
}

/*
 * On the machines given: a machine that cannot run the rung is left out if
 * another one can, else it stays, to be shown as a skip.
 */
static void add_on(struct plan *plan, const struct guest *guest,
		   const struct rung_choice *choice,
		   const struct machine **list, size_t count)
{
	bool some = some_machine(choice, list, count);

	for (size_t i = 0; i < count; i++)
		if (!some || !rung_missing(choice->rung, machine_caps(list[i])))
			plan_add(plan, guest, choice, list[i]);
}

static void add_default(struct plan *plan, const struct guest *guest,
			const struct rung_choice *choice)
{
	const char *const *name = choice->rung->machines;
	const struct machine *host = machine_find("kvm:host");

	for (; *name; name++)
		plan_add(plan, guest, choice, machine_find(*name));
	/* Nobody asked for it by name: where it cannot be had, it is no skip. */
	if (choice->rung->needs && !rung_missing(choice->rung, machine_caps(host)))
		plan_add(plan, guest, choice, host);
}

/* Guest number `i` of the arguments or, without any, of all; NULL: no more. */
static const struct guest *asked(const struct request *r, size_t i)
{
	if (!r->count)
		return guest_at(i);
	return i < r->count ? request_guest(r->names[i], r->kind) : NULL;
}

static void plan_make(struct plan *plan, const struct request *r)
{
	size_t choices, listed = 0;
	struct rung_choice *choice = request_rungs(r->rungs ? r->rungs :
						   default_rungs, &choices);
	const struct machine **list = r->machines ?
		request_machines(r->machines, &listed) : NULL;
	bool some = list && some_rung(choice, choices, list, listed);
	const struct guest *guest;

	for (size_t g = 0; (guest = asked(r, g)); g++) {
		for (size_t c = 0; c < choices; c++) {
			if (!r->count && !r->all && !guest->by_default)
				continue;
			/* Nobody asked for it: then one that none has is no skip. */
			if (some && !r->rungs &&
			    !some_machine(&choice[c], list, listed))
				continue;
			if (list)
				add_on(plan, guest, &choice[c], list, listed);
			else
				add_default(plan, guest, &choice[c]);
		}
	}
	for (size_t c = 0; c < choices; c++)
		rung_choice_free(&choice[c]);
	free(choice);
	free(list);
	if (!plan->count)
		die(STATUS_USAGE, "bare has no machine of its own: give "
		    "--machines");
}

/* Skips of the rungs that are required become failures. */
static void require(const struct request *r, struct run **runs, size_t count)
{
	size_t wanted;
	struct rung_choice *choice;

	if (!r->require)
		return;
	choice = request_rungs(r->require, &wanted);
	for (size_t c = 0; c < wanted; c++) {
		for (size_t i = 0; i < count; i++)
			if (runs[i]->outcome == OUTCOME_SKIP &&
			    !strcmp(runs[i]->rung, choice[c].rung->name))
				run_judge(runs[i], OUTCOME_FAIL,
					  fmt("required, but: %s",
					      runs[i]->reason));
		rung_choice_free(&choice[c]);
	}
	free(choice);
}

/* A wrong --require must be said before minutes of work, not after. */
static void require_check(const struct request *r, const struct plan *plan)
{
	size_t wanted;
	struct rung_choice *choice;

	if (!r->require)
		return;
	choice = request_rungs(r->require, &wanted);
	for (size_t c = 0; c < wanted; c++) {
		size_t i = 0;

		while (i < plan->count &&
		       plan->jobs[i].choice.rung != choice[c].rung)
			i++;
		if (i == plan->count)
			die(STATUS_USAGE, "--require %s: not among the rungs "
			    "compared", choice[c].rung->name);
		rung_choice_free(&choice[c]);
	}
	free(choice);
}

static bool bare_asked(const struct request *r)
{
	return r->rungs && strstr(r->rungs, "bare");
}

static void show(const struct request *r, struct run **runs, size_t count)
{
	bool colour = paint_wanted(stdout);

	if (r->tap) {
		tap_print(runs, count, stdout);
		return;
	}
	if (request_stdout(r))
		return;
	table_print(runs, count, bare_asked(r), stdout, colour);
	table_remarks(runs, count, stdout, colour);
	if (r->details || r->count == 1)
		table_details(runs, count, stdout, colour);
}

/* Who types `make compare` has named no file. */
static void where(const struct request *r)
{
	if (r->json && strcmp(r->json, "-"))
		fprintf(stderr, "report: %s\n", r->json);
	if (r->html && strcmp(r->html, "-"))
		fprintf(stderr, "page:   %s\n", r->html);
}

int cmd_compare(int argc, char **argv)
{
	struct plan plan = { 0 };
	struct request r;
	struct run **runs;
	time_t start = time(NULL);
	int status;

	request_parse(argc, argv, options, "[GUEST...]",
		      "Runs guests on rungs and on the bare machines, and sets "
		      "the results side by side.", &r);
	plan.parallel = r.jobs;
	plan.seconds = r.seconds;
	plan_make(&plan, &r);
	require_check(&r, &plan);
	plan_run(&plan);
	runs = plan_runs(&plan);
	runs_sort(runs, plan.count);
	require(&r, runs, plan.count);
	show(&r, runs, plan.count);
	request_save(&r, runs, plan.count);
	fprintf(stderr, "took %ld s\n", (long)(time(NULL) - start));
	where(&r);
	status = runs_status(runs, plan.count);
	free(runs);
	free(r.names);
	plan_free(&plan);
	return status;
}
