/*
 * `diptych merge`: several reports as one. Must not know how a report came
 * to be.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compare/cmd.h"
#include "compare/grid.h"
#include "compare/merge.h"
#include "compare/report.h"
#include "compare/table.h"
#include "compare/tap.h"

static const struct argp_option options[] = {
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ "html", KEY_HTML, "FILE", 0, "Write the page; - is stdout", 0 },
	{ "junit", KEY_JUNIT, "FILE", 0, "Write JUnit XML; - is stdout", 0 },
	{ "csv", KEY_CSV, "FILE", 0,
	  "Write exits by reason as CSV; - is stdout", 0 },
	{ "tap", KEY_TAP, NULL, 0, "TAP on stdout instead of the table", 0 },
	{ 0 },
};

/* Appends the runs of one report file. */
static void runs_add(const char *path, struct run ***runs, size_t *count)
{
	struct run **more;
	size_t number;
	char *why;

	more = report_load(path, &number, &why);
	if (!more)
		die(STATUS_USAGE, "%s", why);
	*runs = xgrow(*runs, *count + number, sizeof(**runs));
	for (size_t i = 0; i < number; i++)
		(*runs)[(*count)++] = more[i];
	free(more);
}

static void show(const struct request *r, struct run **runs, size_t count,
		 const struct buf *notes)
{
	bool colour = paint_wanted(stdout);

	if (r->tap) {
		tap_print(runs, count, stdout);
		return;
	}
	if (request_stdout(r))
		return;
	table_print(runs, count, false, stdout, colour);
	table_remarks(runs, count, stdout, colour);
	if (notes->size)
		printf("\n%s", notes->text);
}

int cmd_merge(int argc, char **argv)
{
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
		runs_add(r.names[i], &runs, &count);
	why = merge_runs(runs, &count);
	if (why)
		die(STATUS_USAGE, "%s", why);
	wrong = merge_notes(runs, count, &notes);
	show(&r, runs, count, &notes);
	request_save(&r, runs, count);
	status = runs_status(runs, count);
	if (!status && wrong)
		status = STATUS_FAIL;
	buf_free(&notes);
	runs_free(runs, count);
	free(r.names);
	return status;
}
