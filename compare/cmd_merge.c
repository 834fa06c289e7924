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
#include "compare/report.h"
#include "compare/table.h"

static const struct argp_option options[] = {
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ "junit", KEY_JUNIT, "FILE", 0, "Write JUnit XML", 0 },
	{ "csv", KEY_CSV, "FILE", 0,
	  "Write exits by reason as CSV; - is stdout", 0 },
	{ 0 },
};

/* Appends the runs of one report file. */
static void report_load(const char *path, struct run ***runs, size_t *count)
{
	struct buf text = { 0 };
	struct run **more;
	size_t number;
	char *why;
	int err = file_read(path, &text);

	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(err));
	more = report_read(text.text, text.size, &number, &why);
	if (!more)
		die(STATUS_USAGE, "%s: %s", path, why);
	*runs = xgrow(*runs, *count + number, sizeof(**runs));
	for (size_t i = 0; i < number; i++)
		(*runs)[(*count)++] = more[i];
	free(more);
	buf_free(&text);
}

int cmd_merge(int argc, char **argv)
{
	struct buf notes = { 0 };
	struct run **runs = NULL;
	struct request r;
	size_t count = 0;
	char *why;
	int status;

	request_parse(argc, argv, options, "REPORT...",
		      "Puts reports together; their order does not matter.", &r);
	if (!r.count)
		die(STATUS_USAGE, "merge takes at least one report");
	for (size_t i = 0; i < r.count; i++)
		report_load(r.names[i], &runs, &count);
	why = merge_runs(runs, &count, &notes);
	if (why)
		die(STATUS_USAGE, "%s", why);
	request_save(&r, runs, count);
	if (!r.json || strcmp(r.json, "-")) {
		bool colour = paint_wanted(stdout);

		table_print(runs, count, false, stdout, colour);
		table_remarks(runs, count, stdout, colour);
		if (notes.size)
			printf("\n%s", notes.text);
	}
	status = runs_status(runs, count);
	if (!status && notes.size)
		status = STATUS_FAIL;
	buf_free(&notes);
	runs_free(runs, count);
	free(r.names);
	return status;
}
