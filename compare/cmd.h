/*
 * The commands of `diptych`. Each takes its own arguments, argv[0] being
 * "diptych COMMAND", and returns the program's exit status.
 */
#ifndef COMPARE_CMD_H
#define COMPARE_CMD_H

#include <argp.h>

#include "compare/guests.h"
#include "compare/machines.h"
#include "compare/plan.h"
#include "compare/rungs.h"

int cmd_doctor(int argc, char **argv);
int cmd_guests(int argc, char **argv);
int cmd_rungs(int argc, char **argv);
int cmd_machines(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_iso(int argc, char **argv);
int cmd_metal(int argc, char **argv);
int cmd_explain(int argc, char **argv);

enum option_key {
	KEY_RUNG = 0x100, KEY_RUNGS, KEY_MACHINE, KEY_MACHINES, KEY_JOBS,
	KEY_JSON, KEY_JUNIT, KEY_TAP, KEY_REQUIRE, KEY_TIMEOUT, KEY_KIND,
	KEY_TRACE, KEY_DETAILS, KEY_OUTPUT, KEY_CHECK, KEY_DUMP_MMU,
	KEY_ALL, KEY_HTML, KEY_CSV, KEY_RECORDS,
	KEY_TRACE_KEEP, KEY_GDB,
};

/* All that core/load/kind.c knows: a test compares them. */
#define KIND_HELP							\
	"What a guest file is: boot-sector, flat, firmware, multiboot1, "	\
	"multiboot2, linux16, linux32, linux64, vmlinux, pvh, limine "		\
	"(default: by its own header)"

enum { REQUEST_DUMPS = 4 };	/* as the hypervisor's command line takes */

/* Options and arguments as given; all texts are argv's. */
struct request {
	char		**names;	/* array owned */
	size_t		count;
	const char	*rungs, *machines, *require, *kind;
	const char	*json, *junit, *html, *csv, *records, *trace, *trace_keep, *output;
	bool		tap, details, check, all;
	unsigned	gdb;		/* a port, 0: none */
	unsigned	jobs, seconds;
	uint64_t	dump[REQUEST_DUMPS];
	size_t		dumps;
};

/* Parses into *r; a usage error is one line and exit status 2. */
void request_parse(int argc, char **argv, const struct argp_option *options,
		   const char *arguments, const char *doc, struct request *r);

/* Parsed lists; a name that is not one is a usage error. */
struct rung_choice *request_rungs(const char *list, size_t *count);
const struct machine **request_machines(const char *list, size_t *count);
const struct guest *request_guest(const char *name, const char *kind);

/* Whether a file that is asked for goes to stdout, where nothing else may be then. */
bool request_stdout(const struct request *r);

/* Writes what --json, --junit, --csv ask for; ends the program if it cannot. */
void request_save(const struct request *r, struct run *const *runs,
		  size_t count);

#endif
