/*
 * `diptych explain`: what the hypervisor does on a rung, or with an exit code. Must not
 * run anything.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "compare/cmd.h"
#include "compare/exit_show.h"
#include "compare/explain.h"
#include "compare/grid.h"

static const struct argp_option options[] = {
	{ "all", KEY_ALL, NULL, 0, "Every exit code, as a page (docs/exits.md)", 0 },
	{ 0 }
};

/* What the hypervisor assumes where nothing is said, so that it is shown. */
static void defaults_set(struct rung_choice *choice)
{
	const struct rung *rung = choice->rung;

	rung_choice_default(choice, "tags", "on");
	if (!strcmp(rung->paged, "shadow"))
		rung_choice_default(choice, "sync", "unsync");
	if (strcmp(rung->unpaged, "hidden"))
		return;
	rung_choice_default(choice, "unpaged", "hidden");
	if (rung->needs & CAP_VMX)
		rung_choice_default(choice, "vm86", "exact");
}

static void explain_rung_named(const char *name)
{
	size_t count;
	struct rung_choice *choices = request_rungs(name, &count);

	if (count != 1)
		die(STATUS_USAGE, "explain takes one rung, not %zu", count);
	defaults_set(choices);
	if (!choices->rung->needs && choices->rung->built)
		printf("%s: the guest alone on the machine; there is no strategy\n",
		       choices->rung->name);
	else if (!explain_print(choices, stdout, paint_wanted(stdout)))
		die(STATUS_USAGE, "rung %s is planned: this build has no strategy "
		    "for it", choices->rung->name);
	rung_choice_free(choices);
	free(choices);
}

/* A number without a vendor is asked of both: say which has none. */
static void silent_put(const char *text, const struct exit_hit *hits, size_t count)
{
	if (count != 1 || (*text != '-' && !isdigit((unsigned char)*text)))
		return;
	printf("\n%s:%s  no such code\n", exit_vendor_name(!hits[0].vendor), text);
}

/* Both vendors' codes of that name or number. False: there is none. */
static bool explain_code(const char *text)
{
	struct exit_hit hits[EXIT_HITS];
	size_t count = exit_find(text, hits);

	for (size_t i = 0; i < count; i++) {
		if (i)
			putchar('\n');
		exit_show(&hits[i], stdout, paint_wanted(stdout));
	}
	silent_put(text, hits, count);
	return count;
}

static _Noreturn void unknown(const char *text)
{
	char *nearest = exit_nearest(text);

	die(STATUS_USAGE, "%s is no rung, exit code or reason%s%s (see `diptych rungs`, "
	    "`diptych explain --all`)", text, nearest ? "; like it: " : "",
	    nearest ? nearest : "");
}

static void explain(const char *text)
{
	const struct exit_cause *cause = exit_cause_named(text);

	/* Options and lists are of rungs alone. */
	if (rung_named(text) || strpbrk(text, ",="))
		explain_rung_named(text);
	else if (cause)
		exit_show_cause(cause, stdout, paint_wanted(stdout));
	else if (!explain_code(text))
		unknown(text);
}

/* `explain -1`: a code, not an option. */
static char **negative_kept(int *argc, char **argv)
{
	static char end_of_options[] = "--";
	char **copy = xcalloc((size_t)*argc + 2, sizeof(*copy));
	int n = 0;

	for (int i = 0; i < *argc; i++) {
		if (i && n == i && argv[i][0] == '-' && isdigit((unsigned char)argv[i][1]))
			copy[n++] = end_of_options;
		copy[n++] = argv[i];
	}
	*argc = n;
	return copy;
}

int cmd_explain(int argc, char **argv)
{
	char **arguments = negative_kept(&argc, argv);
	struct request r;

	request_parse(argc, arguments, options, "RUNG[,option=value...]|CODE|REASON",
		      "Prints what the hypervisor's own strategy function says of a rung, for "
		      "each mode of the guest; or what an exit is, what goes with it and who "
		      "handles it: vmx:48, svm:0x400, 48 (both), EPT_VIOLATION, NPF, '#PF', or "
		      "a reason as the record counts them (memory).", &r);
	if (r.all && !r.count)
		exit_page(stdout);
	else if (r.count != 1)
		die(STATUS_USAGE, "explain takes one rung, exit code or reason (see "
		    "`diptych rungs`, `diptych explain --all`)");
	else
		explain(r.names[0]);
	free(r.names);
	free(arguments);
	return STATUS_PASS;
}
