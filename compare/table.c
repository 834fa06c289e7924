/*
 * The table of outcomes and the remarks below it. Must not know how a run
 * was made.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/columns.h"
#include "compare/grid.h"
#include "compare/machines.h"
#include "compare/table.h"
#include "compare/util.h"

static const enum paint paints[OUTCOMES] = {
	[OUTCOME_PASS] = PAINT_GOOD,
	[OUTCOME_DIFFERS] = PAINT_BAD,
	[OUTCOME_FAIL] = PAINT_BAD,
	[OUTCOME_SKIP] = PAINT_WARN,
	[OUTCOME_ERROR] = PAINT_BAD,
};

const char *machine_label(const char *name)
{
	for (size_t i = 0; i < machines_count; i++)
		if (!strcmp(machines[i].name, name))
			return machines[i].label;
	return name;
}

static void cell_fill(struct grid *g, size_t row, size_t column,
		      const struct run *run)
{
	bool counted = *run->end && !run_is_bare(run);

	grid_set(g, row, column, 0, xdup(outcome_name(run->outcome)),
		 paints[run->outcome]);
	grid_set(g, row, column, 1, counted ? number_text(run->exits) : NULL,
		 PAINT_NONE);
	grid_set(g, row, column, 2,
		 counted ? number_text(run->of_hypervisor) : NULL, PAINT_NONE);
}

/* Runs that the table shows, in a new array. */
static struct run **shown(struct run *const *runs, size_t *count, bool bare)
{
	struct run **list = xcalloc(*count, sizeof(*list));
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++)
		if (bare || !run_is_bare(runs[i]))
			list[kept++] = runs[i];
	*count = kept;
	return list;
}

static bool look_same(const struct run *a, const struct run *b)
{
	return a->outcome == b->outcome && a->exits == b->exits &&
	       a->of_hypervisor == b->of_hypervisor && !*a->end == !*b->end;
}

/*
 * For each run how many before it have its key and another look: of several reports,
 * what did not come out alike is shown below each other.
 */
static size_t *twins_make(struct run *const *runs, size_t count)
{
	size_t *twin = xcalloc(count, sizeof(*twin));

	for (size_t i = 1; i < count; i++)
		if (!run_compare(runs[i - 1], runs[i]))
			twin[i] = twin[i - 1] +
				  !look_same(runs[i - 1], runs[i]);
	return twin;
}

/* Where the rows of each guest begin, and in the last place where they all end. */
static size_t *rows_make(struct run *const *runs, size_t count,
			 const size_t *twin, const char *const *guests,
			 size_t height)
{
	size_t *row = xcalloc(height + 1, sizeof(*row));

	for (size_t i = 0; i < count; i++) {
		size_t g = guest_name_find(guests, height, runs[i]->guest);
		size_t needed = (twin[i] < TABLE_TWINS ? twin[i] : TABLE_TWINS - 1) + 1;

		if (row[g + 1] < needed)
			row[g + 1] = needed;
	}
	for (size_t g = 0; g < height; g++)
		row[g + 1] += row[g];
	return row;
}

static void grid_fill(struct grid *g, struct run *const *runs, size_t count,
		      const struct column *columns, const char *const *guests,
		      size_t height)
{
	size_t *twin = twins_make(runs, count), width = g->count;
	size_t *row = rows_make(runs, count, twin, guests, height);

	grid_init(g, "guest", row[height], 3, width);
	for (size_t r = 0; r < height; r++)
		for (size_t i = row[r]; i < row[r + 1]; i++)
			g->row[i] = i == row[r] ? xdup(guests[r]) :
				    fmt("%s #%zu", guests[r], i - row[r] + 1);
	for (size_t i = 0; i < count; i++) {
		size_t at = row[guest_name_find(guests, height, runs[i]->guest)];

		if (twin[i] < TABLE_TWINS)
			cell_fill(g, at + twin[i],
				  column_find(columns, width, runs[i]), runs[i]);
	}
	free(row);
	free(twin);
}

void table_print(struct run *const *all, size_t count, bool bare, FILE *out,
		 bool colour)
{
	struct run **runs = shown(all, &count, bare);
	size_t width, height;
	struct column *columns = columns_make(runs, count, &width);
	const char **guests = guest_names(runs, count, &height);
	struct grid g = { .count = width };

	grid_fill(&g, runs, count, columns, guests, height);
	g.part[0] = "outcome";
	g.part[1] = "exits";
	g.part[2] = "hv insns";
	g.left[0] = true;
	for (size_t c = 0; c < width; c++) {
		g.groups[c].head[0] = columns[c].label;
		g.groups[c].head[1] = machine_label(columns[c].machine);
	}
	if (count)
		grid_print(&g, out, colour);
	for (size_t r = 0; r < g.rows; r++)
		free((char *)g.row[r]);
	grid_free(&g);
	columns_free(columns, width);
	free(guests);
	free(runs);
}

/* How many runs before `i` say the same: skips are said once. */
static bool said_before(struct run *const *runs, size_t i)
{
	if (runs[i]->outcome != OUTCOME_SKIP)
		return false;
	for (size_t k = 0; k < i; k++)
		if (runs[k]->outcome == OUTCOME_SKIP &&
		    !strcmp(runs[k]->reason, runs[i]->reason))
			return true;
	return false;
}

/* Text in lines that fit, each after `indent` blanks. */
static void wrapped_put(const char *text, int indent, FILE *out)
{
	size_t room = (size_t)(GRID_WIDTH - indent);

	while (*text) {
		size_t size = strlen(text), cut;

		if (size > room) {
			for (cut = room; cut && text[cut] != ' '; cut--)
				;
			size = cut ? cut : room;
		}
		fprintf(out, "%*s%.*s\n", indent, "", (int)size, text);
		text += size;
		text += strspn(text, " ");
	}
}

static void remark(const struct run *run, FILE *out, bool colour)
{
	enum { INDENT = 11 };
	char *label = run_label(run);

	fputs("  ", out);
	paint_put(out, outcome_name(run->outcome), paints[run->outcome],
		  -(int)strlen("differs"), colour);
	if (run->outcome == OUTCOME_SKIP) {
		fprintf(out, "  %s\n", run->reason);
	} else {
		fprintf(out, "  %s, %s, %s\n", run->guest, label,
			machine_label(run->machine));
		wrapped_put(run->reason, INDENT, out);
	}
	if (run->log)	/* one word, to be copied, however long */
		fprintf(out, "%*s%s\n", INDENT, "", run->log);
	free(label);
}

void table_remarks(struct run *const *runs, size_t count, FILE *out,
		   bool colour)
{
	size_t number[OUTCOMES] = { 0 }, bare = 0, total = 0;
	bool some = false;
	const char *comma = "";

	for (size_t i = 0; i < count; i++) {
		if (runs[i]->outcome != OUTCOME_PASS && !said_before(runs, i)) {
			fputs(some ? "" : "\n", out);
			remark(runs[i], out, colour);
			some = true;
		}
		if (run_is_bare(runs[i]) && runs[i]->outcome == OUTCOME_PASS) {
			bare++;
			continue;
		}
		number[runs[i]->outcome]++;
		total++;
	}
	fprintf(out, "\n%zu run%s: ", total, total == 1 ? "" : "s");
	for (int o = 0; o < OUTCOMES; o++) {
		if (!number[o])
			continue;
		fprintf(out, "%s%zu ", comma, number[o]);
		paint_put(out, outcome_name((enum outcome)o), paints[o], 0, colour);
		comma = ", ";
	}
	fprintf(out, "%s%zu on bare as reference\n", *comma ? "; " : "", bare);
}
