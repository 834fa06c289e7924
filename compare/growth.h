/*
 * The bench's lines that grow: N pages touched, sixteen pages in each of S address
 * spaces. Knows the outputs only.
 */
#ifndef COMPARE_GROWTH_H
#define COMPARE_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare/util.h"

enum {
	GROWTH_MAX = 8,			/* points of a series */
	GROWTH_PERCENT = 10,		/* a point may be off the line by so much .. */
	GROWTH_INSTRUCTIONS = 16,	/* .. or so many instructions a page .. */
	GROWTH_PAGES = 4,		/* .. or shadow pages */
};

/* One series: the first time, and once more over the same pages. */
struct growth_series {
	const char	*first, *again, *tables;	/* names of lines, up to the number */
	const char	*label;
	unsigned	from, points;	/* doubled from point to point */
	unsigned	pages;		/* that one of N stands for */
};

extern const struct growth_series growth_pages, growth_spaces;

struct growth {
	size_t		points;		/* 0: not in this output */
	uint64_t	n[GROWTH_MAX];
	uint64_t	first[GROWTH_MAX], again[GROWTH_MAX];	/* instructions a page */
	uint64_t	tables[GROWTH_MAX];	/* made for them, if has_tables */
	bool		has_tables;
};

void growth_read(const struct growth_series *series, const struct buf *output,
		 struct growth *g);

/* Lines whose name says that they belong to a series. */
bool growth_line(const char *name);

/*
 * Whether each page costs the same however many there are: all within the tolerance of
 * their median. *least and *most are what they cost.
 */
bool growth_flat(const uint64_t *cost, size_t points, uint64_t *least,
		 uint64_t *most);

/* Whether all (n, tables) lie within the tolerance of the line from the first to the last. */
bool growth_straight(const uint64_t *n, const uint64_t *tables, size_t points);

#endif
