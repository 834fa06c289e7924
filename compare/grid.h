/*
 * Prints a grid of cells in groups of columns, wrapped to a width. Knows
 * nothing of runs.
 */
#ifndef COMPARE_GRID_H
#define COMPARE_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { GRID_WIDTH = 100, GRID_PARTS = 6, GRID_HEADS = 2 };

enum paint { PAINT_NONE, PAINT_GOOD, PAINT_BAD, PAINT_WARN, PAINT_DIM, PAINT_BOLD };

struct grid_cell {
	char		*text;		/* owned; NULL: empty */
	enum paint	paint;
};

struct grid_group {
	const char	*head[GRID_HEADS];	/* one above the other */
	struct grid_cell *cells;	/* [row * parts + part], owned */
};

struct grid {
	const char	*row_head;
	const char	**row;		/* labels; array owned */
	size_t		rows;
	size_t		parts;		/* columns in each group */
	const char	*part[GRID_PARTS];	/* their headings; NULL: none */
	bool		left[GRID_PARTS];	/* text, not numbers */
	struct grid_group *groups;	/* array owned */
	size_t		count;
};

/* Whether `out` is a terminal and NO_COLOR is not set. */
bool paint_wanted(FILE *out);

/* Text in its colour, padded to a width (negative: on the left). */
void paint_put(FILE *out, const char *text, enum paint paint, int width,
	       bool colour);

void grid_init(struct grid *g, const char *row_head, size_t rows,
	       size_t parts, size_t groups);

/* Sets a cell; takes over `text`. */
void grid_set(struct grid *g, size_t row, size_t group, size_t part,
	      char *text, enum paint paint);

/* As many groups beside each other as fit GRID_WIDTH, the rest below. */
void grid_print(const struct grid *g, FILE *out, bool colour);
void grid_free(struct grid *g);

#endif
