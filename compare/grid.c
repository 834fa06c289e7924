/*
 * Lays out and prints grids. Must not know what the cells mean.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/grid.h"
#include "compare/util.h"

enum { GAP_PART = 2, GAP_GROUP = 3 };

static const char *const sgr[] = {
	[PAINT_NONE] = "",
	[PAINT_GOOD] = "\033[32m",
	[PAINT_BAD] = "\033[1;31m",
	[PAINT_WARN] = "\033[33m",
	[PAINT_DIM] = "\033[2m",
	[PAINT_BOLD] = "\033[1m",
};

/* Widths of one group: of each part, and of all with their gaps. */
struct layout {
	int	part[GRID_PARTS];
	int	all;
};

bool paint_wanted(FILE *out)
{
	const char *no = getenv("NO_COLOR");

	return isatty(fileno(out)) && !(no && *no);
}

void paint_put(FILE *out, const char *text, enum paint paint, int width,
	       bool colour)
{
	bool on = colour && paint != PAINT_NONE;
	int pad = abs(width) - (int)strlen(text);

	if (width > 0)
		fprintf(out, "%*s", pad > 0 ? pad : 0, "");
	fprintf(out, "%s%s%s", on ? sgr[paint] : "", text, on ? "\033[0m" : "");
	if (width < 0)
		fprintf(out, "%*s", pad > 0 ? pad : 0, "");
}

void grid_init(struct grid *g, const char *row_head, size_t rows, size_t parts,
	       size_t groups)
{
	*g = (struct grid){
		.row_head = row_head,
		.row = xcalloc(rows, sizeof(*g->row)),
		.rows = rows,
		.parts = parts,
		.groups = xcalloc(groups, sizeof(*g->groups)),
		.count = groups,
	};
	for (size_t i = 0; i < groups; i++)
		g->groups[i].cells = xcalloc(rows * parts,
					     sizeof(*g->groups[i].cells));
}

void grid_set(struct grid *g, size_t row, size_t group, size_t part,
	      char *text, enum paint paint)
{
	struct grid_cell *cell = &g->groups[group].cells[row * g->parts + part];

	text_set(&cell->text, text);
	cell->paint = paint;
}

static int at_least(int width, const char *text)
{
	int size = text ? (int)strlen(text) : 0;

	return size > width ? size : width;
}

static struct layout measure(const struct grid *g, const struct grid_group *c)
{
	struct layout l = { 0 };
	int head = 0;

	for (size_t p = 0; p < g->parts; p++) {
		l.part[p] = at_least(0, g->part[p]);
		for (size_t r = 0; r < g->rows; r++)
			l.part[p] = at_least(l.part[p],
					     c->cells[r * g->parts + p].text);
		l.all += l.part[p] + (p ? GAP_PART : 0);
	}
	for (int h = 0; h < GRID_HEADS; h++)
		head = at_least(head, c->head[h]);
	if (head > l.all) {
		l.part[g->parts - 1] += head - l.all;
		l.all = head;
	}
	return l;
}

static void line_end(FILE *out)
{
	fputc('\n', out);
}

static void heads_print(const struct grid *g, const struct layout *l,
			size_t from, size_t to, int label, FILE *out, bool colour)
{
	for (int h = 0; h < GRID_HEADS; h++) {
		if (!g->groups[from].head[h])
			continue;
		fprintf(out, "%*s", label, "");
		for (size_t i = from; i < to; i++) {
			const char *text = g->groups[i].head[h];

			fprintf(out, "%*s", GAP_GROUP, "");
			paint_put(out, text ? text : "",
				  h ? PAINT_DIM : PAINT_BOLD,
				  i + 1 < to ? -l[i].all : 0, colour);
		}
		line_end(out);
	}
}

/* Cells of one line; blanks are owed, so that none ends the line. */
static void cell_print(const char *text, enum paint paint, bool left, int width,
		       int *owed, FILE *out, bool colour)
{
	int size = text ? (int)strlen(text) : 0;

	if (!size) {
		*owed += width;
		return;
	}
	fprintf(out, "%*s", *owed + (left ? 0 : width - size), "");
	paint_put(out, text, paint, 0, colour);
	*owed = left ? width - size : 0;
}

static void parts_print(const struct grid *g, const struct layout *l,
			size_t from, size_t to, int label, FILE *out, bool colour)
{
	int owed = 0;

	if (!g->part[0])
		return;
	cell_print(g->row_head, PAINT_DIM, true, label, &owed, out, colour);
	for (size_t i = from; i < to; i++)
		for (size_t p = 0; p < g->parts; p++) {
			owed += p ? GAP_PART : GAP_GROUP;
			cell_print(g->part[p], PAINT_DIM, g->left[p],
				   l[i].part[p], &owed, out, colour);
		}
	line_end(out);
}

static void row_print(const struct grid *g, const struct layout *l, size_t row,
		      size_t from, size_t to, int label, FILE *out, bool colour)
{
	int owed = 0;

	cell_print(g->row[row], PAINT_NONE, true, label, &owed, out, colour);
	for (size_t i = from; i < to; i++)
		for (size_t p = 0; p < g->parts; p++) {
			const struct grid_cell *c =
				&g->groups[i].cells[row * g->parts + p];

			owed += p ? GAP_PART : GAP_GROUP;
			cell_print(c->text, c->paint, g->left[p], l[i].part[p],
				   &owed, out, colour);
		}
	line_end(out);
}

static void rule_print(const struct layout *l, size_t from, size_t to,
		       int label, FILE *out, bool colour)
{
	struct buf b = { 0 };

	for (int i = 0; i < label; i++)
		buf_add(&b, "-", 1);
	for (size_t i = from; i < to; i++) {
		buf_fmt(&b, "%*s", GAP_GROUP, "");
		for (int k = 0; k < l[i].all; k++)
			buf_add(&b, "-", 1);
	}
	paint_put(out, b.text, PAINT_DIM, 0, colour);
	line_end(out);
	buf_free(&b);
}

void grid_print(const struct grid *g, FILE *out, bool colour)
{
	struct layout *l = xcalloc(g->count, sizeof(*l));
	int label = at_least(0, g->row_head);

	for (size_t r = 0; r < g->rows; r++)
		label = at_least(label, g->row[r]);
	for (size_t i = 0; i < g->count; i++)
		l[i] = measure(g, &g->groups[i]);
	for (size_t from = 0, to; from < g->count; from = to) {
		int width = label + GAP_GROUP + l[from].all;

		for (to = from + 1; to < g->count; to++) {
			width += GAP_GROUP + l[to].all;
			if (width > GRID_WIDTH)
				break;
		}
		if (from)
			line_end(out);
		heads_print(g, l, from, to, label, out, colour);
		parts_print(g, l, from, to, label, out, colour);
		rule_print(l, from, to, label, out, colour);
		for (size_t r = 0; r < g->rows; r++)
			row_print(g, l, r, from, to, label, out, colour);
	}
	free(l);
}

void grid_free(struct grid *g)
{
	for (size_t i = 0; i < g->count; i++) {
		for (size_t c = 0; c < g->rows * g->parts; c++)
			free(g->groups[i].cells[c].text);
		free(g->groups[i].cells);
	}
	free(g->groups);
	free(g->row);
}
