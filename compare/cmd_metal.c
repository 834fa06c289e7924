/*
 * `diptych metal`: the serial logs of machines that ran the disc of `iso`, as runs
 * like any other. Must not know what a log looks like.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cmd.h"
#include "compare/grid.h"
#include "compare/metal.h"
#include "compare/table.h"
#include "compare/tap.h"

static const struct argp_option options[] = {
	{ "machine", KEY_MACHINE, "NAME", 0,
	  "What to call the machine (default: metal: and its CPU's name)", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ "junit", KEY_JUNIT, "FILE", 0, "Write JUnit XML", 0 },
	{ "csv", KEY_CSV, "FILE", 0,
	  "Write exits by reason as CSV; - is stdout", 0 },
	{ "html", KEY_HTML, "FILE", 0, "Write the page", 0 },
	{ "tap", KEY_TAP, NULL, 0, "Print TAP instead of a table", 0 },
	{ 0 },
};

enum { LOG_MAX = 256 << 20 };

struct logs {
	struct metal	*metal;		/* one of each log */
	size_t		count;
	struct run	**runs;		/* of all; owned by the logs */
	size_t		number;
};

static void log_load(struct logs *l, const char *path, const char *machine)
{
	struct buf text = { 0 };
	int err = file_read_upto(path, LOG_MAX, &text);
	struct metal *m;

	if (err)
		die(STATUS_USAGE, "%s: %s", path, strerror(err));
	l->metal = xgrow(l->metal, l->count + 1, sizeof(*l->metal));
	m = &l->metal[l->count++];
	if (!metal_read(text.text, text.size, m))
		die(STATUS_USAGE, "%s: nothing of a disc's comparison is in it", path);
	metal_judge(m, machine);
	l->runs = xgrow(l->runs, l->number + m->count, sizeof(*l->runs));
	for (size_t i = 0; i < m->count; i++)
		l->runs[l->number++] = m->runs[i].run;
	buf_free(&text);
}

static void notes_put(const struct logs *l, const struct request *r, FILE *out)
{
	for (size_t i = 0; i < l->count; i++) {
		const char *line = l->metal[i].notes.text, *end;

		for (; (end = strchr(line, '\n')); line = end + 1)
			fprintf(out, "%s: %.*s\n", r->names[i], (int)(end - line), line);
	}
}

static void show(const struct logs *l, const struct request *r)
{
	bool colour = paint_wanted(stdout);

	if (r->tap) {
		tap_print(l->runs, l->number, stdout);
		notes_put(l, r, stderr);
	} else if (request_stdout(r)) {
		notes_put(l, r, stderr);
	} else {
		table_print(l->runs, l->number, false, stdout, colour);
		table_remarks(l->runs, l->number, stdout, colour);
		notes_put(l, r, stdout);
		puts("A pass says that the rungs agree with each other: a disc has no run on bare.");
	}
}

int cmd_metal(int argc, char **argv)
{
	struct logs l = { 0 };
	struct request r;
	int status;

	request_parse(argc, argv, options, "LOG...",
		      "Reads what a machine sent to its serial port when it was started "
		      "from the disc of `diptych iso`. See docs/metal.md.", &r);
	if (!r.count)
		die(STATUS_USAGE, "metal takes at least one serial log");
	for (size_t i = 0; i < r.count; i++)
		log_load(&l, r.names[i], r.machines);
	show(&l, &r);
	request_save(&r, l.runs, l.number);
	status = runs_status(l.runs, l.number);
	for (size_t i = 0; i < l.count; i++) {
		if (!status && l.metal[i].partial)
			status = STATUS_ERROR;
		metal_free(&l.metal[i]);
	}
	free(l.metal);
	free(l.runs);
	free(r.names);
	return status;
}
