/*
 * Runs in the Test Anything Protocol. Must not know how they were made.
 */
#include <stdlib.h>

#include "compare/tap.h"

/* TAP ends a description at '#' and a line at LF. */
static void clean_put(const char *text, FILE *out)
{
	for (; *text; text++)
		fputc(*text == '#' || *text == '\n' ? ' ' : *text, out);
}

void tap_print(struct run *const *runs, size_t count, FILE *out)
{
	fprintf(out, "TAP version 13\n1..%zu\n", count);
	for (size_t i = 0; i < count; i++) {
		const struct run *run = runs[i];
		bool ok = run->outcome == OUTCOME_PASS ||
			  run->outcome == OUTCOME_SKIP;
		char *label = run_label(run);

		fprintf(out, "%s %zu - ", ok ? "ok" : "not ok", i + 1);
		clean_put(run->guest, out);
		fprintf(out, " %s %s", label, run->machine);
		if (run->outcome == OUTCOME_SKIP)
			fputs(" # SKIP ", out);
		else if (!ok)
			fprintf(out, "\n# %s: ", outcome_name(run->outcome));
		if (run->outcome != OUTCOME_PASS)
			clean_put(run->reason, out);
		fputc('\n', out);
		if (run->log)
			fprintf(out, "# %s\n", run->log);
		free(label);
	}
}
