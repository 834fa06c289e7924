/*
 * Reads what the commands that run things are asked. Must not run anything.
 */
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cmd.h"
#include "compare/csv.h"
#include "compare/page.h"
#include "compare/report.h"
#include "compare/save.h"
#include "compare/tap.h"

enum { DECIMAL = 10, HEXADECIMAL = 16, NUMBER_MAX = 100000, PORT_MAX = 65535,
       GDB_PORT = 1234 };

static unsigned number(const char *option, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, DECIMAL);

	if (!*text || *end || *text == '-' || !n || n > NUMBER_MAX)
		die(STATUS_USAGE, "--%s: %s is not a number from 1 to %d",
		    option, text, NUMBER_MAX);
	return (unsigned)n;
}

static unsigned port(const char *text)
{
	unsigned n = number("gdb", text);

	if (n > PORT_MAX)
		die(STATUS_USAGE, "--gdb: %s is not a port: 65535 is the last", text);
	return n;
}

/* Linear addresses as the hypervisor reads them: 0x.., or decimal. */
static void dump_add(struct request *r, const char *text)
{
	bool hexadecimal = !strncmp(text, "0x", 2);
	const char *digits = hexadecimal ? text + 2 : text;
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(digits, &end, hexadecimal ? HEXADECIMAL : DECIMAL);
	if (!isxdigit((unsigned char)*digits) || *end || errno)
		die(STATUS_USAGE, "--dump-mmu: %s is not an address such as 0x400000",
		    text);
	if (r->dumps == REQUEST_DUMPS)
		die(STATUS_USAGE, "--dump-mmu: more than %d addresses", REQUEST_DUMPS);
	r->dump[r->dumps++] = n;
}

static bool text_option(struct request *r, int key, const char *value)
{
	switch (key) {
	case KEY_RUNG:
	case KEY_RUNGS:
		r->rungs = value;
		return true;
	case KEY_MACHINE:
	case KEY_MACHINES:
		r->machines = value;
		return true;
	case KEY_REQUIRE:
		r->require = value;
		return true;
	case KEY_KIND:
		r->kind = value;
		return true;
	case KEY_JSON:
		r->json = value;
		return true;
	case KEY_JUNIT:
		r->junit = value;
		return true;
	case KEY_OUTPUT:
		r->output = value;
		return true;
	case KEY_HTML:
		r->html = value;
		return true;
	case KEY_CSV:
		r->csv = value;
		return true;
	case KEY_RECORDS:
		r->records = value;
		return true;
	case KEY_TRACE:
		r->trace = value;
		return true;
	case KEY_TRACE_KEEP:
		r->trace_keep = value;
		return true;
	}
	return false;
}

static error_t option_take(int key, char *value, struct argp_state *state)
{
	struct request *r = state->input;

	if (text_option(r, key, value))
		return 0;
	switch (key) {
	case ARGP_KEY_INIT:
		state->err_stream = NULL;	/* our own one line is enough */
		return 0;
	case KEY_JOBS:
		r->jobs = number("jobs", value);
		return 0;
	case KEY_TIMEOUT:
		r->seconds = number("timeout", value);
		return 0;
	case KEY_GDB:
		r->gdb = value ? port(value) : GDB_PORT;
		return 0;
	case KEY_DUMP_MMU:
		dump_add(r, value);
		return 0;
	case KEY_TAP:
		r->tap = true;
		return 0;
	case KEY_CHECK:
		r->check = true;
		return 0;
	case KEY_ALL:
		r->all = true;
		return 0;
	case KEY_DETAILS:
		r->details = true;
		return 0;
	case ARGP_KEY_ARG:
		r->names = xgrow(r->names, r->count + 1, sizeof(*r->names));
		r->names[r->count++] = value;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

bool request_stdout(const struct request *r)
{
	return is_stdout(r->json) || is_stdout(r->html) || is_stdout(r->junit) ||
	       is_stdout(r->csv) || is_stdout(r->trace);
}

/* Two texts in one stream are neither. */
static void stdout_check(const struct request *r)
{
	if (is_stdout(r->json) + is_stdout(r->html) + is_stdout(r->junit) +
	    is_stdout(r->csv) + is_stdout(r->trace) + r->tap > 1)
		die(STATUS_USAGE, "only one text can go to stdout");
}

void request_parse(int argc, char **argv, const struct argp_option *options,
		   const char *arguments, const char *doc, struct request *r)
{
	struct argp argp = { options, option_take, arguments, doc, NULL, NULL,
			     NULL };

	*r = (struct request){ 0 };
	if (argp_parse(&argp, argc, argv, 0, NULL, r))
		exit(STATUS_USAGE);
	if (!arguments && r->count)
		die(STATUS_USAGE, "%s takes no argument: %s",
		    strchr(argv[0], ' ') + 1, r->names[0]);
	stdout_check(r);
}

struct rung_choice *request_rungs(const char *list, size_t *count)
{
	char *why;
	struct rung_choice *choices = rung_list_parse(list, count, &why);

	if (!choices)
		die(STATUS_USAGE, "%s (see `diptych rungs`)", why);
	for (size_t i = 0; i < *count; i++)
		rung_choice_default(&choices[i], "observe", "modes");
	return choices;
}

const struct machine **request_machines(const char *list, size_t *count)
{
	const struct machine **found = NULL;
	char *copy = xdup(list), *rest = copy, *name;

	*count = 0;
	while ((name = strsep(&rest, ","))) {
		const struct machine *m = machine_find(name);

		if (!m)
			die(STATUS_USAGE, "unknown machine %s (see `diptych "
			    "machines`)", name);
		for (size_t i = 0; i < *count; i++)
			if (!strcmp(found[i]->name, name))
				die(STATUS_USAGE, "machine %s given twice", name);
		found = xgrow(found, *count + 1, sizeof(*found));
		found[(*count)++] = m;
	}
	free(copy);
	return found;
}

const struct guest *request_guest(const char *name, const char *kind)
{
	const struct guest *g = guest_find(name, kind);

	if (!g)
		die(STATUS_USAGE, "%s is neither a guest (see `diptych guests`) "
		    "nor a file", name);
	return g;
}

/* Saves a text, which is then freed. */
static bool text_save(const char *path, char *text)
{
	bool ok = file_save(path, text, strlen(text));

	free(text);
	return ok;
}

void request_save(const struct request *r, struct run *const *runs,
		  size_t count)
{
	bool ok = true;

	/* Each of them, even when one cannot be: the runs took long. */
	if (fflush(stdout)) {
		fprintf(stderr, "diptych: stdout: %s\n", strerror(errno));
		ok = false;
	}
	if (r->json)
		ok &= text_save(r->json, report_write(runs, count));
	if (r->junit)
		ok &= text_save(r->junit, junit_write(runs, count));
	if (r->csv)
		ok &= text_save(r->csv, csv_write(runs, count));
	if (r->html)
		ok &= text_save(r->html, page_for(r->html, runs, count));
	if (!ok)
		exit(STATUS_ERROR);
}
