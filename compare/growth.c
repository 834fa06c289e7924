/*
 * Reads growing lines and judges whether they are linear. Must not know rungs.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/counts.h"
#include "compare/growth.h"

enum { PERCENT = 100 };

const struct growth_series growth_pages = {
	"grow_", "regrow_", "grow_tables_", "pages", 256, 8, 1,
};
const struct growth_series growth_spaces = {
	"spaces_", "respaces_", "spaces_tables_", "spaces of 16", 1, 7, 16,
};

static bool point(const struct buf *output, const char *name, uint64_t n,
		  uint64_t *out)
{
	char *line = fmt("%s%llu", name, (unsigned long long)n);
	char *value = counts_find(output, line);
	bool found = value && counts_number(value, out);

	free(line);
	free(value);
	return found;
}

void growth_read(const struct growth_series *s, const struct buf *output,
		 struct growth *g)
{
	uint64_t n = s->from;

	*g = (struct growth){ .has_tables = true };
	for (unsigned i = 0; i < s->points; i++, n *= 2) {
		g->n[i] = n;
		if (!point(output, s->first, n, &g->first[i]) ||
		    !point(output, s->again, n, &g->again[i]))
			return;
		if (!point(output, s->tables, n, &g->tables[i]))
			g->has_tables = false;
	}
	g->points = s->points;
}

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

bool growth_line(const char *name)
{
	const struct growth_series *const all[] = { &growth_pages, &growth_spaces };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (starts(name, all[i]->first) || starts(name, all[i]->again))
			return true;
	return false;
}

static int order(const void *a, const void *b)
{
	uint64_t l = *(const uint64_t *)a, r = *(const uint64_t *)b;

	return (l > r) - (l < r);
}

static bool near(uint64_t value, uint64_t line, uint64_t slack)
{
	uint64_t off = value > line ? value - line : line - value;

	return off <= slack || off * PERCENT <= line * GROWTH_PERCENT;
}

bool growth_flat(const uint64_t *cost, size_t points, uint64_t *least,
		 uint64_t *most)
{
	uint64_t sorted[GROWTH_MAX], middle;

	memcpy(sorted, cost, points * sizeof(*cost));
	qsort(sorted, points, sizeof(*sorted), order);
	middle = sorted[points / 2];
	*least = sorted[0];
	*most = sorted[points - 1];
	return near(*least, middle, GROWTH_INSTRUCTIONS) &&
	       near(*most, middle, GROWTH_INSTRUCTIONS);
}

bool growth_straight(const uint64_t *n, const uint64_t *tables, size_t points)
{
	const size_t last = points - 1;

	if (tables[last] < tables[0])
		return false;
	for (size_t i = 0; i < points; i++) {
		uint64_t line = tables[0] + (tables[last] - tables[0]) *
				(n[i] - n[0]) / (n[last] - n[0]);

		if (!near(tables[i], line, GROWTH_PAGES))
			return false;
	}
	return true;
}
