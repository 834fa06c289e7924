/*
 * Prints the strategy of a rung: a line for each state of the guest, then what
 * the hardware is given. Must not know any of it itself.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/explain.h"
#include "compare/explain_strategy.h"
#include "compare/grid.h"
#include "compare/util.h"

enum { LABEL_WIDTH = 14, MODE_WIDTH = 19, RAN_WIDTH = 10 };

static const char *const labels[EXPLAIN_FIELDS] = {
	[EXPLAIN_CR0] = "CR0", [EXPLAIN_CR3] = "CR3 root",
	[EXPLAIN_CR4] = "CR4", [EXPLAIN_EFER] = "EFER",
	[EXPLAIN_CR0_OWN] = "own CR0 bits", [EXPLAIN_CR4_OWN] = "own CR4 bits",
	[EXPLAIN_INTERCEPTS] = "intercepts", [EXPLAIN_OBSERVING] = "to observe",
	[EXPLAIN_EXCEPTIONS] = "exceptions", [EXPLAIN_WHY] = "why",
};

static bool option_is(const struct rung_choice *c, const char *name,
		      const char *value)
{
	for (size_t i = 0; i < c->count; i++)
		if (!strcmp(c->options[i].name, name))
			return !strcmp(c->options[i].value, value);
	return false;
}

/* Words within GRID_WIDTH, each further line below the first one's text. */
void explain_wrapped(const char *label, const char *text, FILE *out, bool colour)
{
	int at = LABEL_WIDTH + 2;

	fputs("  ", out);
	paint_put(out, label, PAINT_DIM, -LABEL_WIDTH, colour);
	while (*text) {
		int size = (int)strcspn(text, " ");

		if (at + 1 + size > GRID_WIDTH) {
			fprintf(out, "\n%*s", LABEL_WIDTH + 2, "");
			at = LABEL_WIDTH + 2;
		}
		fprintf(out, " %.*s", size, text);
		at += 1 + size;
		text += size;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static bool same_fields(const struct explain_row *a, const struct explain_row *b)
{
	for (int f = 0; f < EXPLAIN_FIELDS; f++)
		if (strcmp(a->field[f], b->field[f]))
			return false;
	return !strcmp(a->ran_as, b->ran_as);
}

/* The lines at the top, numbered by the block below that belongs to each. */
static void summary_put(const struct explain_row *rows, size_t count,
			unsigned *block, FILE *out, bool colour)
{
	unsigned blocks = 0;

	fputc('\n', out);
	paint_put(out, "guest mode", PAINT_BOLD, -MODE_WIDTH, colour);
	paint_put(out, "ran as", PAINT_BOLD, -RAN_WIDTH, colour);
	paint_put(out, "row  state", PAINT_BOLD, 0, colour);
	fputc('\n', out);
	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		while (j < i && !same_fields(&rows[i], &rows[j]))
			j++;
		block[i] = j < i ? block[j] : ++blocks;
		fprintf(out, "%-*s%-*s%3u  %s\n", MODE_WIDTH, rows[i].mode,
			RAN_WIDTH, rows[i].ran_as, block[i], rows[i].when);
	}
}

static void block_put(const struct explain_row *row, unsigned number, FILE *out,
		      bool colour)
{
	char *title = fmt("row %u: %s", number, row->ran_as);

	fputc('\n', out);
	paint_put(out, title, PAINT_BOLD, 0, colour);
	fputc('\n', out);
	free(title);
	for (int f = 0; f < EXPLAIN_FIELDS; f++)
		if (*row->field[f])
			explain_wrapped(labels[f], row->field[f], out, colour);
}

static void head_put(const struct rung_choice *choice,
		     const struct explain_options *options, FILE *out, bool colour)
{
	const char *sync = explain_sync(choice->rung->name, options);
	char *label = rung_choice_text(choice);
	char *rung = explain_rung(choice->rung->name);
	char *cpu = explain_cpu(choice->rung->name);

	paint_put(out, label, PAINT_BOLD, 0, colour);
	fprintf(out, "\n");
	explain_wrapped("hardware", rung, out, colour);
	explain_wrapped("CPU assumed", cpu, out, colour);
	if (sync)
		explain_wrapped("sync", sync, out, colour);
	free(label);
	free(rung);
	free(cpu);
}

bool explain_print(const struct rung_choice *choice, FILE *out, bool colour)
{
	const struct explain_options options = {
		.observe_none = option_is(choice, "observe", "none"),
		.tags_off = option_is(choice, "tags", "off"),
		.unpaged_emulate = option_is(choice, "unpaged", "emulate"),
		.vm86_fast = option_is(choice, "vm86", "fast"),
		.sync_protect = option_is(choice, "sync", "protect"),
		.sync_flush = option_is(choice, "sync", "flush"),
	};
	struct explain_row rows[EXPLAIN_ROWS];
	unsigned block[EXPLAIN_ROWS] = { 0 }, shown = 0;
	size_t count = explain_rows(choice->rung->name, &options, rows);

	if (!count)
		return false;
	head_put(choice, &options, out, colour);
	summary_put(rows, count, block, out, colour);
	for (size_t i = 0; i < count; i++)
		if (block[i] > shown)
			block_put(&rows[i], ++shown, out, colour);
	explain_rows_free(rows, count);
	return true;
}
