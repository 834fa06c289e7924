/*
 * The order of guests, and of rungs on machines. Must not know how they are
 * shown.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/columns.h"
#include "compare/guests.h"
#include "compare/machines.h"
#include "compare/rungs.h"
#include "compare/util.h"

bool run_is_bare(const struct run *run)
{
	return !strcmp(run->rung, "bare");
}

static size_t rung_rank(const char *name)
{
	const struct rung *rung = rung_named(name);

	return rung ? (size_t)(rung - rung_table) : rung_table_size;
}

static size_t machine_rank(const char *name)
{
	size_t i = 0;

	while (i < machines_count && strcmp(machines[i].name, name))
		i++;
	return i;
}

static int column_order(const void *a, const void *b)
{
	const struct column *l = a, *r = b;
	int order = (l->rung_rank > r->rung_rank) - (l->rung_rank < r->rung_rank);

	if (!order)
		order = strcmp(l->label, r->label);
	if (!order)
		order = (l->machine_rank > r->machine_rank) -
			(l->machine_rank < r->machine_rank);
	return order ? order : strcmp(l->machine, r->machine);
}

static int guest_order(const void *a, const void *b)
{
	const char *l = *(const char *const *)a, *r = *(const char *const *)b;
	size_t left = guest_rank(l), right = guest_rank(r);

	return left != right ? (left > right) - (left < right) : strcmp(l, r);
}

bool column_has(const struct column *c, const struct run *run)
{
	char *label;
	bool same;

	if (strcmp(run->machine, c->machine) || strcmp(run->rung, c->rung))
		return false;
	label = run_label(run);
	same = !strcmp(label, c->label);
	free(label);
	return same;
}

struct column *columns_make(struct run *const *runs, size_t count,
			    size_t *made)
{
	struct column *list = xcalloc(count, sizeof(*list));

	*made = 0;
	for (size_t i = 0; i < count; i++) {
		size_t c = 0;

		while (c < *made && !column_has(&list[c], runs[i]))
			c++;
		if (c < *made)
			continue;
		list[(*made)++] = (struct column){
			.label = run_label(runs[i]),
			.machine = runs[i]->machine,
			.rung = runs[i]->rung,
			.rung_rank = rung_rank(runs[i]->rung),
			.machine_rank = machine_rank(runs[i]->machine),
		};
	}
	qsort(list, *made, sizeof(*list), column_order);
	return list;
}

void columns_free(struct column *columns, size_t count)
{
	for (size_t c = 0; c < count; c++)
		free(columns[c].label);
	free(columns);
}

const char **guest_names(struct run *const *runs, size_t count, size_t *made)
{
	const char **list = xcalloc(count, sizeof(*list));

	*made = 0;
	for (size_t i = 0; i < count; i++) {
		size_t r = 0;

		while (r < *made && strcmp(list[r], runs[i]->guest))
			r++;
		if (r == *made)
			list[(*made)++] = runs[i]->guest;
	}
	qsort(list, *made, sizeof(*list), guest_order);
	return list;
}
