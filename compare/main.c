/*
 * The host program `diptych`: hands the command line to its command. Must
 * not know what a command does.
 */
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cmd.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "doctor", cmd_doctor },
	{ "guests", cmd_guests },
	{ "rungs", cmd_rungs },
	{ "machines", cmd_machines },
	{ "run", cmd_run },
	{ "compare", cmd_compare },
	{ "merge", cmd_merge },
	{ "bench", cmd_bench },
	{ "iso", cmd_iso },
	{ "metal", cmd_metal },
	{ "explain", cmd_explain },
};

static const char doc[] =
	"Runs one guest on each rung of AMD-V and VT-x, and on the bare machine, "
	"and sets the results side by side."
	"\v"
	"Commands:\n"
	"  doctor                 what this host can run, and what is missing\n"
	"  guests|rungs|machines  what there is\n"
	"  run GUEST              one guest on one rung, in detail\n"
	"  compare [GUEST...]     guests by rungs by machines\n"
	"  merge REPORT...        several reports as one\n"
	"  bench                  single operations, beside Linux KVM's\n"
	"  iso [GUEST...]         a disc that compares a real machine\n"
	"  metal LOG...           what that machine sent to its serial port\n"
	"  explain RUNG|CODE      what a rung does in each mode; what an exit is\n"
	"\n"
	"GUEST is a name from `guests', or a file. `diptych COMMAND --help' says "
	"more.\n"
	"Exit status: 0 all pass or skip, 1 any differs or fail, 2 usage, "
	"6 error.";

static error_t command_find(int key, char *arg, struct argp_state *state)
{
	int *at = state->input;

	if (key == ARGP_KEY_INIT) {
		state->err_stream = NULL;
		return 0;
	}
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	(void)arg;
	*at = state->next - 1;
	state->next = state->argc;	/* the rest is the command's */
	return 0;
}

int main(int argc, char **argv)
{
	struct argp argp = { NULL, command_find, "COMMAND [ARGUMENT...]", doc,
			     NULL, NULL, NULL };
	int at = 0;
	char *name;

	argp_err_exit_status = STATUS_USAGE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &at))
		return STATUS_USAGE;
	if (!at)
		die(STATUS_USAGE, "a command is missing (see `diptych --help`)");
	name = argv[at];
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(commands[i].name, name))
			continue;
		argv[at] = fmt("diptych %s", name);
		return commands[i].run(argc - at, argv + at);
	}
	die(STATUS_USAGE, "unknown command %s (see `diptych --help`)", name);
}
