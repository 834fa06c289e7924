/*
 * Bare and the rungs whose hardware walks the guest's tables, beside KVM. Must not know
 * shadow tables.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/bench_rows.h"
#include "compare/counts.h"
#include "compare/grid.h"
#include "compare/table.h"

enum { OURS, KVM, MARK, PARTS };

/* Fills one cell; returns whether ours exceeds KVM's. */
static bool cell_fill(struct grid *g, size_t row, size_t group,
		      const struct bench_result *result, json_t *kvm)
{
	char *ours = counts_net(result->output, g->row[row]);
	char *theirs = kvm_count(kvm, g->row[row], result->column->kvm);
	uint64_t a, b;
	bool more = ours && theirs && counts_number(ours, &a) &&
		    counts_number(theirs, &b) && a > b;

	/* Interpreted, an empty body can cost more than one with an instruction. */
	if (ours && *ours == '-')
		text_set(&ours, NULL);

	grid_set(g, row, group, OURS, ours ? ours : xdup("-"),
		 more ? PAINT_BAD : PAINT_NONE);
	grid_set(g, row, group, KVM, theirs ? theirs : xdup("-"), PAINT_DIM);
	grid_set(g, row, group, MARK, more ? xdup(">") : NULL, PAINT_BAD);
	return more;
}

size_t bench_native_print(const struct bench_result *results, size_t count,
			  json_t *kvm, FILE *out, bool colour)
{
	size_t more = 0, groups = 0;
	struct bench_rows rows;
	struct grid g;

	bench_rows_make(&rows, BENCH_NATIVE, results, count, kvm);
	grid_init(&g, "line", rows.count, PARTS, count);
	g.part[OURS] = "ours";
	g.part[KVM] = "KVM";
	g.part[MARK] = "";
	for (size_t r = 0; r < rows.count; r++)
		g.row[r] = rows.name[r];
	for (size_t c = 0; c < count; c++) {
		const struct bench_column *column = results[c].column;

		if (column->kind != BENCH_NATIVE)
			continue;
		g.groups[groups].head[0] = column->head;
		g.groups[groups].head[1] = machine_label(column->machine);
		for (size_t r = 0; r < rows.count; r++)
			more += cell_fill(&g, r, groups, &results[c], kvm);
		groups++;
	}
	if (groups) {
		g.count = groups;
		fputs("\nBare, and hardware that walks the guest's own tables, or none "
		      "yet; >: above KVM.\n\n", out);
		grid_print(&g, out, colour);
		fprintf(out, "\n%zu above Linux KVM's (>); %zu of KVM's lines are "
			"not timed here\n", more, rows.untimed);
	}
	g.count = count;
	grid_free(&g);
	bench_rows_free(&rows);
	return more;
}
