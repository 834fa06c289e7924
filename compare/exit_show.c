/* One exit code, or one neutral reason, for people. Must not know what it says. */
#include <stdlib.h>
#include <string.h>

#include "compare/exit_show.h"
#include "compare/explain.h"
#include "compare/grid.h"
#include "compare/util.h"

enum { CODE_WIDTH = 18, NAME_WIDTH = 21 };

static const char *const always[EXIT_VENDORS] = {
	[EXIT_VMX] = "exit reason; the guest's state in the VMCS",
	[EXIT_SVM] = "EXITCODE; nRIP, where the CPU has it; EXITINTINFO, if the delivery of an "
		     "event was cut short",
};

static const char *const decoder[EXIT_VENDORS] = {
	[EXIT_VMX] = "vmx/exit.c:vmx_exit_decode",
	[EXIT_SVM] = "svm/exit.c:svm_exit_decode",
};

/* The appendix with the table of codes: in every answer, but not twice. */
static const char *const appendix[EXIT_VENDORS] = {
	[EXIT_VMX] = "\"VMX Basic Exit Reasons\"",
	[EXIT_SVM] = "\"SVM Intercept Exit Codes\"",
};

static void cause_put(const struct exit_cause *cause, FILE *out, bool colour)
{
	char *text = fmt("%s: %s", cause->name, cause->what);

	explain_wrapped("becomes", text, out, colour);
	explain_wrapped("handled by", cause->handler, out, colour);
	free(text);
}

/* An entry that failed is just that, whatever the reason. */
static void causes_put(const struct exit_hit *hit, FILE *out, bool colour)
{
	if (hit->flags & EXIT_VMX_FAILED) {
		cause_put(exit_cause_named("entry-failed"), out, colour);
		return;
	}
	for (const struct exit_cause *c = exit_causes; c->name; c++)
		if (exit_becomes(hit->row, c->name))
			cause_put(c, out, colour);
}

static void flags_put(const struct exit_hit *hit, FILE *out, bool colour)
{
	for (unsigned bit = 0; bit < 32; bit++)
		if (hit->flags >> bit & 1) {
			char *label = fmt("bit %u", bit);

			explain_wrapped(label, exit_flag_text(bit), out, colour);
			free(label);
		}
}

void exit_show(const struct exit_hit *hit, FILE *out, bool colour)
{
	const struct exit_code *row = hit->row;
	char *code = exit_code_text(hit), *name = exit_name_text(hit);
	char *head = fmt("%s  %s", code, name);
	bool alone = !strcmp(row->manual, appendix[hit->vendor]);
	char *titles = fmt("%s: %s%sappendix %s",
			   hit->vendor == EXIT_VMX ? "SDM vol. 3" : "APM vol. 2",
			   alone ? "" : row->manual, alone ? "" : "; ",
			   appendix[hit->vendor]);

	paint_put(out, head, PAINT_BOLD, 0, colour);
	fprintf(out, "  %s\n", row->what);
	flags_put(hit, out, colour);
	causes_put(hit, out, colour);
	explain_wrapped("when", row->when, out, colour);
	explain_wrapped("comes with", row->fields, out, colour);
	explain_wrapped("always", always[hit->vendor], out, colour);
	explain_wrapped("decoded by", decoder[hit->vendor], out, colour);
	explain_wrapped("manual", titles, out, colour);
	if (row->also)
		explain_wrapped("also called", row->also, out, colour);
	free(titles);
	free(head);
	free(name);
	free(code);
}

static void line_put(const struct exit_hit *hit, FILE *out)
{
	char *code = exit_code_text(hit), *name = exit_name_text(hit);

	fprintf(out, "  %-*s %-*s %s\n", CODE_WIDTH, code, NAME_WIDTH, name,
		hit->row->what);
	free(code);
	free(name);
}

void exit_show_cause(const struct exit_cause *cause, FILE *out, bool colour)
{
	const struct exit_code *row;
	size_t count = 0;

	paint_put(out, cause->name, PAINT_BOLD, 0, colour);
	fputc('\n', out);
	explain_wrapped("is", cause->what, out, colour);
	explain_wrapped("handled by", cause->handler, out, colour);
	fputc('\n', out);
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++)
		for (size_t n = 0; (row = exit_row(v, n)); n++) {
			struct exit_hit hit = { .vendor = v, .row = row,
						.code = row->first, .run = true };

			if (!exit_becomes(row, cause->name))
				continue;
			line_put(&hit, out);
			count++;
		}
	if (!count)
		fputs("  no code of either vendor\n", out);
}
