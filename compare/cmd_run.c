/*
 * `diptych run`: one guest on one rung, its output and how it ran. Must not
 * know how an emulator is started.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cmd.h"
#include "compare/grid.h"
#include "compare/picture.h"
#include "compare/table.h"
#include "compare/trace.h"

#define TRACE_KEEP	"4096"
enum {
	TRACE_MAX = 16384,	/* as the hypervisor's command line takes */
	TRACE_SECONDS = 120,	/* more, for the slowest serial port */
};

static const struct argp_option options[] = {
	{ "rung", KEY_RUNG, "RUNG", 0,
	  "Rung, with options: svm-npt,tags=off (default: svm-npt)", 0 },
	{ "machine", KEY_MACHINE, "MACHINE", 0,
	  "Machine (default: the first that the rung is tried on)", 0 },
	{ "kind", KEY_KIND, "KIND", 0,
	  KIND_HELP, 0 },
	{ "timeout", KEY_TIMEOUT, "SECONDS", 0,
	  "Wall-clock limit (default: the guest's own)", 0 },
	{ "dump-mmu", KEY_DUMP_MMU, "ADDRESS", 0,
	  "Show how the linear address was translated when the guest ended: its "
	  "own tables, and what the hardware walks (up to four times)", 0 },
	{ "records", KEY_RECORDS, "FILE", 0,
	  "Keep the hypervisor's record stream", 0 },
	{ "trace", KEY_TRACE, "FILE", 0,
	  "Write each exit as an event of a Chrome trace, for ui.perfetto.dev", 0 },
	{ "trace-keep", KEY_TRACE_KEEP, "[first:]N", 0,
	  "How many exits of the trace are kept, 16384 at most: the last ones, or the "
	  "first (default: " TRACE_KEEP ")", 0 },
	{ "gdb", KEY_GDB, "PORT", OPTION_ARG_OPTIONAL,
	  "Stop the guest before its first instruction and let gdb control it, on "
	  "this port of 127.0.0.1 (default: 1234)", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the report; - is stdout", 0 },
	{ "html", KEY_HTML, "FILE", 0, "Write the page; - is stdout", 0 },
	{ 0 },
};

/* A terminal gets no control characters from a guest. */
static void output_put(const struct buf *output)
{
	bool raw = !paint_wanted(stdout);

	for (size_t i = 0; i < output->size; i++) {
		unsigned char c = (unsigned char)output->text[i];

		if (raw || c == '\n' || c == '\t' || (c >= ' ' && c <= '~'))
			putchar(c);
		else if (c != '\r')
			printf("\\x%02x", c);
	}
	if (output->size && output->text[output->size - 1] != '\n')
		putchar('\n');
}

static const char *default_machine(const struct rung_choice *choice)
{
	const char *first = choice->rung->machines[0];

	return first ? first : "qemu:EPYC";
}

static void end_put(const struct run *run)
{
	if (!*run->end)
		return;
	printf("\nended by %s", run->end);
	if (run->code >= 0)
		printf(" with code %lld", (long long)run->code);
	if (*run->unit && strcmp(run->rung, "bare"))
		printf(" after %llu %s: %llu of the guest, %llu of the hypervisor",
		       (unsigned long long)run->instructions, run->unit,
		       (unsigned long long)run->of_guest,
		       (unsigned long long)run->of_hypervisor);
	putchar('\n');
}

/* A number, maybe after "first:"; the hypervisor would say no more than that it is none. */
static const char *trace_keep(const struct request *r)
{
	const char *keep = r->trace_keep ? r->trace_keep : TRACE_KEEP;
	const char *digits = strncmp(keep, "first:", 6) ? keep : keep + 6;
	char *end;
	unsigned long n = strtoul(digits, &end, 10);

	if (r->trace_keep && !r->trace)
		die(STATUS_USAGE, "--trace-keep: without --trace there is nothing to keep");
	if (!isdigit((unsigned char)*digits) || *end || !n || n > TRACE_MAX)
		die(STATUS_USAGE, "--trace-keep: %s is neither a number from 1 to %d nor "
		    "first: and one", keep, TRACE_MAX);
	return r->trace ? keep : NULL;
}

static void trace_put(const struct request *r, const struct job *job)
{
	if (!r->trace)
		return;
	if (job->records.size)
		trace_save(r->trace, job->records.text, job->records.size, job->run);
	else
		fprintf(stderr, "diptych: %s: not written, the guest has not run\n",
			r->trace);
}

static void show(const struct job *job, struct run **runs, size_t count)
{
	bool colour = paint_wanted(stdout);

	output_put(&job->output);
	end_put(job->run);
	pictures_print(job->records.text, job->records.size, job->run->rung, stdout,
		       colour);
	table_remarks(runs, count, stdout, colour);
	table_details(runs, count, stdout, colour);
	table_controls(job->run, stdout, colour);
}

/* Whoever debugs takes the time that it takes. */
enum { GDB_SECONDS = 7 * 24 * 3600 };

int cmd_run(int argc, char **argv)
{
	struct plan plan = { .parallel = 0 };
	struct rung_choice *choice;
	const struct machine *machine;
	struct request r;
	struct run **runs;
	struct job *job;
	size_t count;
	int status;

	request_parse(argc, argv, options, "GUEST",
		      "Runs one guest on one rung, and on the bare machine to "
		      "agree with.", &r);
	if (r.count != 1)
		die(STATUS_USAGE, "run takes one guest, not %zu", r.count);
	choice = request_rungs(r.rungs ? r.rungs : "svm-npt", &count);
	if (count != 1)
		die(STATUS_USAGE, "run takes one rung, not %zu", count);
	if (r.dumps && !strcmp(choice->rung->name, "bare"))
		die(STATUS_USAGE, "--dump-mmu: on bare no hypervisor could look");
	if (r.trace && !strcmp(choice->rung->name, "bare"))
		die(STATUS_USAGE, "--trace: on bare there is no hypervisor to exit to");
	machine = machine_find(r.machines ? r.machines : default_machine(choice));
	if (!machine)
		die(STATUS_USAGE, "unknown machine %s (see `diptych machines`)",
		    r.machines);
	plan.seconds = r.seconds;
	job = plan_add(&plan, request_guest(r.names[0], r.kind), choice, machine);
	job->records_file = r.records;
	if (r.gdb && !strcmp(choice->rung->name, "bare"))
		die(STATUS_USAGE, "--gdb: on bare there is no hypervisor to stop the guest");
	job->gdb.gdb_port = r.gdb;
	if (r.gdb && !r.seconds)
		job->seconds = GDB_SECONDS;
	job->dump = r.dump;
	job->dumps = r.dumps;
	job->trace = trace_keep(&r);
	if (r.trace && !r.seconds)
		job->seconds = job->guest->seconds + TRACE_SECONDS;
	plan_run(&plan);
	runs = plan_runs(&plan);
	request_save(&r, runs, plan.count);
	trace_put(&r, job);
	if (!request_stdout(&r))
		show(job, runs, plan.count);
	status = runs_status(runs, plan.count);
	free(runs);
	free(r.names);
	rung_choice_free(choice);
	free(choice);
	plan_free(&plan);
	return status;
}
