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

static struct column column_of(const struct run *run)
{
	return (struct column){
		.label = run_label(run),
		.machine = run->machine,
		.rung = run->rung,
		.rung_rank = rung_rank(run->rung),
		.machine_rank = machine_rank(run->machine),
	};
}

struct column *columns_make(struct run *const *runs, size_t count,
			    size_t *made)
{
	struct column *list = xcalloc(count, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = column_of(runs[i]);
	qsort(list, count, sizeof(*list), column_order);
	*made = 0;
	for (size_t i = 0; i < count; i++) {
		if (*made && !column_order(&list[*made - 1], &list[i]))
			free(list[i].label);
		else
			list[(*made)++] = list[i];
	}
	return list;
}

size_t column_find(const struct column *columns, size_t count,
		   const struct run *run)
{
	struct column like = column_of(run);
	const struct column *found = bsearch(&like, columns, count,
					     sizeof(like), column_order);

	free(like.label);
	return (size_t)(found - columns);
}

void columns_free(struct column *columns, size_t count)
{
	for (size_t c = 0; c < count; c++)
		free(columns[c].label);
	free(columns);
}

static int name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **guest_names(struct run *const *runs, size_t count, size_t *made)
{
	const char **list = xcalloc(count, sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = runs[i]->guest;
	qsort(list, count, sizeof(*list), name_order);
	*made = 0;
	for (size_t i = 0; i < count; i++)
		if (!*made || strcmp(list[*made - 1], list[i]))
			list[(*made)++] = list[i];
	qsort(list, *made, sizeof(*list), guest_order);
	return list;
}

size_t guest_name_find(const char *const *names, size_t count, const char *name)
{
	const char *const *found = bsearch(&name, names, count, sizeof(name),
					   guest_order);

	return (size_t)(found - names);
}
