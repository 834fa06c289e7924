/* `diptych explain RUNG`: what the hypervisor does on a rung. Must not run anything. */
#include <stdlib.h>
#include <string.h>

#include "compare/cmd.h"
#include "compare/explain.h"
#include "compare/grid.h"

static const struct argp_option none[] = { { 0 } };

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

int cmd_explain(int argc, char **argv)
{
	struct rung_choice *choices;
	struct request r;
	size_t count;

	request_parse(argc, argv, none, "RUNG[,option=value...]",
		      "Prints what the hypervisor's own strategy function says of "
		      "a rung, for each mode of the guest.", &r);
	if (r.count != 1)
		die(STATUS_USAGE, "explain takes one rung (see `diptych rungs`)");
	choices = request_rungs(r.names[0], &count);
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
	free(r.names);
	return STATUS_PASS;
}
