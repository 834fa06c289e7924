/*
 * `diptych merge`: several reports as one. Must not know how a report came
 * to be.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cmd.h"
#include "compare/grid.h"
#include "compare/merge.h"
#include "compare/natively.h"
#include "compare/report.h"
#include "compare/report_quick.h"
#include "compare/table.h"
#include "compare/tap.h"

static const struct argp_option options[] = {
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ "html", KEY_HTML, "FILE", 0, "Write the page; - is stdout", 0 },
	{ "junit", KEY_JUNIT, "FILE", 0, "Write JUnit XML; - is stdout", 0 },
	{ "csv", KEY_CSV, "FILE", 0,
	  "Write exits by reason as CSV; - is stdout", 0 },
	{ "tap", KEY_TAP, NULL, 0, "TAP on stdout instead of the table", 0 },
	{ "require", KEY_REQUIRE, "LIST", 0,
	  "Rungs that must have run on hardware, under KVM or without", 0 },
	{ 0 },
};

/* In TAP it is a comment; beside a text on stdout it must not be in that. */
static void notes_put(const char *notes, const char *before, FILE *out)
{
	while (*notes) {
		size_t size = strcspn(notes, "\n");

		fprintf(out, "%s%.*s\n", before, (int)size, notes);
		notes += size + (notes[size] == '\n');
	}
}

/* Appends the runs of one report file. */
static void runs_add(struct quick *quick, const char *path,
		     struct run ***runs, size_t *count)
{
	struct run **more;
	size_t number;
	char *why;

	more = quick_load(quick, path, &number, &why);
	if (!more)
		die(STATUS_USAGE, "%s", why);
	*runs = xgrow(*runs, *count + number, sizeof(**runs));
	for (size_t i = 0; i < number; i++)
		(*runs)[(*count)++] = more[i];
	free(more);
}

/* What ran on hardware; false: a rung did not that was required to. */
static bool hardware_note(const struct request *r, struct run **runs, size_t count,
			  struct buf *notes)
{
	struct rung_choice *wanted;
	bool all = true;
	size_t number;

	natively_put(runs, count, notes);
	if (!r->require)
		return true;
	wanted = request_rungs(r->require, &number);
	all = natively_required(runs, count, wanted, number, notes);
	for (size_t i = 0; i < number; i++)
		rung_choice_free(&wanted[i]);
	free(wanted);
	return all;
}

static void show(const struct request *r, struct run **runs, size_t count,
		 const struct buf *notes, bool wrong)
{
	bool colour = paint_wanted(stdout);

	if (r->tap) {
		tap_print(runs, count, stdout);
		notes_put(notes->size ? notes->text : "", "# ", stdout);
		return;
	}
	if (request_stdout(r)) {
		notes_put(wrong ? notes->text : "", "diptych: ", stderr);
		return;
	}
	table_print(runs, count, false, stdout, colour);
	table_remarks(runs, count, stdout, colour);
	if (notes->size)
		printf("\n%s", notes->text);
}

int cmd_merge(int argc, char **argv)
{
	struct quick *quick = quick_new();
	struct buf notes = { 0 };
	struct run **runs = NULL;
	struct request r;
	size_t count = 0;
	char *why;
	bool wrong;
	int status;

	request_parse(argc, argv, options, "REPORT...",
		      "Puts reports together; their order does not matter.", &r);
	if (!r.count)
		die(STATUS_USAGE, "merge takes at least one report");
	for (size_t i = 0; i < r.count; i++)
		runs_add(quick, r.names[i], &runs, &count);
	why = merge_runs(runs, &count);
	if (why)
		die(STATUS_USAGE, "%s", why);
	wrong = merge_notes(runs, count, &notes);
	wrong |= !hardware_note(&r, runs, count, &notes);
	show(&r, runs, count, &notes, wrong);
	request_save(&r, runs, count);
	status = runs_status(runs, count);
	if (!status && wrong)
		status = STATUS_FAIL;
	buf_free(&notes);
	runs_free(runs, count);
	quick_free(quick);
	free(r.names);
	return status;
}
