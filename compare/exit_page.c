/* Every exit code and neutral reason as a page in Markdown. Must not know what it says. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compare/exit_show.h"
#include "compare/util.h"

static const char head[] =
	"# Exits: VMX reasons and SVM codes\n"
	"\n"
	"Made by `make docs` from `compare/exit_table*.c`, which `diptych explain CODE` reads, "
	"too; a test holds the\n"
	"table to both decoders, `svm/exit.c:svm_exit_decode` and "
	"`vmx/exit.c:vmx_exit_decode`. A name after a file's is a function in it.\n"
	"\n"
	"An exit tells its vendor's code. The decoder makes a neutral reason of it, the "
	"`by_reason` of [record.md](record.md), and\n"
	"`core/vm.c:dispatch` calls one handler for each reason; core sees no vendor's code "
	"but in messages.\n"
	"\n"
	"## Neutral reasons\n"
	"\n"
	"| reason | what it is | handler |\n"
	"|---|---|---|\n";

static const char vmx_head[] =
	"\n## VMX basic exit reasons\n"
	"\n"
	"Bits 15:0 of the exit reason. Above it: bit 26, a bus lock was asserted; 27, the guest "
	"was in an enclave; 28, a monitor-trap-flag\n"
	"exit is pending; 29, the exit is from VMX root operation; 31, the entry failed. "
	"Every title is of SDM vol. 3; the codes are in its\n"
	"appendix \"VMX Basic Exit Reasons\". Numbers that are missing are not in use.\n";

static const char svm_head[] =
	"\n## SVM exit codes\n"
	"\n"
	"EXITCODE in the VMCB. With every code come EXITINTINFO, the event whose delivery the "
	"exit cut short, and, where the CPU has it,\n"
	"nRIP, the address of the next instruction. Every title is of APM vol. 2; the codes are "
	"in its appendix \"SVM Intercept Exit Codes\".\n";

static const char columns[] =
	"\n| code | name | event | becomes | when | comes with | handler | manual |\n"
	"|---|---|---|---|---|---|---|---|\n";

static void reasons_put(FILE *out)
{
	for (const struct exit_cause *c = exit_causes; c->name; c++)
		fprintf(out, "| %s | %s | `%s` |\n", c->name, c->what, c->handler);
}

/* The reasons, and who handles them, each once. */
static void causes_put(const struct exit_code *row, bool handlers, FILE *out)
{
	const struct exit_cause *put[EXIT_HITS];
	size_t count = 0;

	for (const struct exit_cause *c = exit_causes; c->name; c++) {
		size_t i = 0;

		if (!exit_becomes(row, c->name))
			continue;
		while (handlers && i < count && strcmp(put[i]->handler, c->handler))
			i++;
		if (handlers && i < count)
			continue;
		fprintf(out, handlers ? "%s`%s`" : "%s%s", count ? ", " : "",
			handlers ? c->handler : c->name);
		put[count++] = c;
	}
}

static void row_put(enum exit_vendor vendor, const struct exit_code *row, FILE *out)
{
	struct exit_hit hit = { .vendor = vendor, .row = row, .code = row->first, .run = true };
	char *code = exit_code_text(&hit), *name = exit_name_text(&hit);

	fprintf(out, "| %s | %s | %s | ", strchr(code, ':') + 1, name, row->what);
	causes_put(row, false, out);
	fprintf(out, " | %s | %s | ", row->when, row->fields);
	causes_put(row, true, out);
	fprintf(out, " | %s |\n", row->manual);
	free(code);
	free(name);
}

void exit_page(FILE *out)
{
	const struct exit_code *row;

	fputs(head, out);
	reasons_put(out);
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++) {
		fputs(v == EXIT_VMX ? vmx_head : svm_head, out);
		fputs(columns, out);
		for (size_t n = 0; (row = exit_row(v, n)); n++)
			row_put(v, row, out);
	}
}
