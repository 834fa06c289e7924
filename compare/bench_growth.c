/*
 * What the growing lines say, for the rungs with shadow tables. Must not know how it was
 * measured.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/bench.h"
#include "compare/grid.h"
#include "compare/growth.h"
#include "compare/table.h"

enum { TOTAL, FIRST, AGAIN, TABLES, BYTES, PARTS };
enum { TABLE_BYTES = 2 * 4096 };	/* what the hardware walks, and the links of its entries */

static char *number(uint64_t n)
{
	return number_text(n);
}

static void cells_fill(struct grid *g, size_t row, size_t at,
		       const struct growth_series *s, const struct growth *v)
{
	grid_set(g, row, at, TOTAL, number(v->first[row] * v->n[row] * s->pages),
		 PAINT_NONE);
	grid_set(g, row, at, FIRST, number(v->first[row]), PAINT_NONE);
	grid_set(g, row, at, AGAIN, number(v->again[row]), PAINT_NONE);
	grid_set(g, row, at, TABLES, v->has_tables ? number(v->tables[row]) : xdup("-"),
		 PAINT_NONE);
	grid_set(g, row, at, BYTES, v->has_tables ?
		 number(v->tables[row] * TABLE_BYTES) : xdup("-"), PAINT_NONE);
}

/*
 * The line of one column below the table; whether it is linear. The first point is where
 * cost starts from: with one space, none is left for another.
 */
static bool verdict(const struct bench_column *column,
		    const struct growth_series *s, const struct growth *v, FILE *out)
{
	uint64_t least, most, low, high;
	bool first = growth_flat(v->first + 1, v->points - 1, &least, &most);
	bool again = growth_flat(v->again + 1, v->points - 1, &low, &high);
	bool tables = !v->has_tables || growth_straight(v->n, v->tables, v->points);

	fprintf(out, "%s,sync=%s, %s, %s: ", column->rung, column->value,
		machine_label(column->machine), s->label);
	fprintf(out, "%llu to %llu a page first, %llu to %llu again: ",
		(unsigned long long)least, (unsigned long long)most,
		(unsigned long long)low, (unsigned long long)high);
	fprintf(out, "%s%s\n", first && again ? "linear" : "NOT LINEAR",
		!v->has_tables ? "" : tables ? ", memory linear" : ", memory NOT LINEAR");
	return first && again && tables;
}

static size_t series_print(const struct growth_series *s,
			   const struct bench_result *const *shown, size_t count,
			   FILE *out, bool colour)
{
	struct growth *values = xcalloc(count, sizeof(*values));
	char *label[GROWTH_MAX] = { NULL }, **head = xcalloc(count, sizeof(*head));
	size_t crooked = 0;
	struct grid g;

	grid_init(&g, s->label, s->points, PARTS, count);
	g.part[TOTAL] = "insns";
	g.part[FIRST] = "/page";
	g.part[AGAIN] = "again";
	g.part[TABLES] = "tables";
	g.part[BYTES] = "bytes";
	for (size_t r = 0; r < s->points; r++)
		g.row[r] = label[r] = number((uint64_t)s->from << r);
	for (size_t c = 0; c < count; c++) {
		head[c] = fmt("%s, %s", shown[c]->column->rung, shown[c]->column->value);
		g.groups[c].head[0] = head[c];
		g.groups[c].head[1] = machine_label(shown[c]->column->machine);
		growth_read(s, shown[c]->output, &values[c]);
		for (size_t r = 0; r < values[c].points; r++)
			cells_fill(&g, r, c, s, &values[c]);
	}
	grid_print(&g, out, colour);
	fputc('\n', out);
	for (size_t c = 0; c < count; c++)
		if (values[c].points)
			crooked += !verdict(shown[c]->column, s, &values[c], out);
	fputc('\n', out);
	for (size_t r = 0; r < s->points; r++)
		free(label[r]);
	for (size_t c = 0; c < count; c++)
		free(head[c]);
	free(head);
	grid_free(&g);
	free(values);
	return crooked;
}

/* The whole run's, which outlasts all lines. */
static void memory_put(const struct bench_result *result, FILE *out)
{
	json_t *most = json_object_get(result->shadow, "pages_most");
	json_t *made = json_object_get(result->shadow, "made");
	json_t *back = json_object_get(result->shadow, "reclaimed");
	char *bytes = number((uint64_t)json_integer_value(most) * TABLE_BYTES);

	if (most)
		fprintf(out, "%s,sync=%s, %s: %lld tables at most (%s bytes), %lld "
			"made, %lld taken back for want of memory\n",
			result->column->rung, result->column->value,
			machine_label(result->column->machine),
			(long long)json_integer_value(most), bytes,
			(long long)json_integer_value(made),
			(long long)json_integer_value(back));
	free(bytes);
}

size_t bench_growth_print(const struct bench_result *results, size_t count,
			  FILE *out, bool colour)
{
	const struct bench_result **shown = xcalloc(count, sizeof(*shown));
	size_t kept = 0, crooked = 0;

	for (size_t i = 0; i < count; i++)
		if (results[i].column->kind == BENCH_SHADOW)
			shown[kept++] = &results[i];
	if (kept) {
		fprintf(out, "\nGrowth: instructions, of each page too, to write pages for "
			"the first time and again; shadow pages\nmade for them, and their "
			"bytes. Linear: from the second row on each page within %d percent "
			"(or %d\ninstructions) of the median, shadow pages (or %d) of a "
			"straight line.\n\n",
			GROWTH_PERCENT, GROWTH_INSTRUCTIONS, GROWTH_PAGES);
		crooked += series_print(&growth_pages, shown, kept, out, colour);
		crooked += series_print(&growth_spaces, shown, kept, out, colour);
	}
	for (size_t i = 0; i < kept; i++)
		memory_put(shown[i], out);
	free(shown);
	return crooked;
}
