/*
 * Runs in the Test Anything Protocol. Must not know how they were made.
 */
#include <stdlib.h>

#include "compare/tap.h"

/* TAP ends a description at '#' and a line at LF; other controls are no text. */
static void clean_put(const char *text, FILE *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		fputc(c == '#' || c < ' ' || c == 0x7f ? ' ' : c, out);
	}
}

static void run_print(const struct run *run, size_t number, FILE *out)
{
	bool ok = run->outcome == OUTCOME_PASS || run->outcome == OUTCOME_SKIP;
	char *label = run_label(run);

	fprintf(out, "%s %zu - ", ok ? "ok" : "not ok", number);
	clean_put(run->guest, out);
	fputc(' ', out);
	clean_put(label, out);
	fputc(' ', out);
	clean_put(run->machine, out);
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

void tap_print(struct run *const *runs, size_t count, FILE *out)
{
	fprintf(out, "TAP version 13\n1..%zu\n", count);
	for (size_t i = 0; i < count; i++)
		run_print(runs[i], i + 1, out);
}
