/*
 * The rungs with shadow tables: three policies beside each other, KVM, and the bar. Must
 * not know how a policy works.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/bars.h"
#include "compare/bench_rows.h"
#include "compare/counts.h"
#include "compare/grid.h"
#include "compare/table.h"

enum { POLICIES = 3, KVM = POLICIES, BAR, MARK, PARTS };
enum { WORTH_NAMING = 2 };	/* percent that the best must be ahead by */
enum { PERCENT = 100 };

/* One rung on one machine: its policies, the default first. */
struct group {
	const struct bench_result *policy[POLICIES];
	size_t count;
	size_t wins[POLICIES], alike, missed;
};

static bool same_group(const struct bench_column *a, const struct bench_column *b)
{
	return a->kind == BENCH_SHADOW && b->kind == BENCH_SHADOW &&
	       !strcmp(a->rung, b->rung) && !strcmp(a->machine, b->machine);
}

/* Adjacent columns of one rung on one machine; an array to be freed. */
static struct group *groups_make(const struct bench_result *results, size_t count,
				 size_t *made)
{
	struct group *list = xcalloc(count, sizeof(*list));

	*made = 0;
	for (size_t i = 0; i < count; i++) {
		struct group *last = *made ? &list[*made - 1] : NULL;

		if (results[i].column->kind != BENCH_SHADOW)
			continue;
		if (!last || last->count == POLICIES ||
		    !same_group(last->policy[0]->column, results[i].column))
			last = &list[(*made)++];
		last->policy[last->count++] = &results[i];
	}
	return list;
}

/* The policy that is ahead of all others by enough to say so; `count`: none. */
static size_t winner(const uint64_t *value, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (value[i] < value[best])
			best = i;
	for (size_t i = 0; i < count; i++)
		if (i != best && value[best] * PERCENT >=
		    value[i] * (PERCENT - WORTH_NAMING))
			return count;
	return count > 1 ? best : count;
}

/*
 * Each policy's count, 0 where it has none; the winner's has a star, which the others
 * leave room for.
 */
static void policies_fill(struct grid *g, size_t row, size_t at,
			  struct group *group, uint64_t *value)
{
	char *text[POLICIES];
	size_t counted = 0, best = group->count;

	for (size_t p = 0; p < group->count; p++) {
		text[p] = counts_net(group->policy[p]->output, g->row[row]);
		if (text[p] && counts_number(text[p], &value[p]))
			counted++;
	}
	if (group->count && counted == group->count)
		best = winner(value, group->count);
	if (best < group->count)
		group->wins[best]++;
	else
		group->alike++;
	for (size_t p = 0; p < group->count; p++) {
		grid_set(g, row, at, p, fmt("%s%s", text[p] ? text[p] : "-",
					    p == best ? "*" : " "),
			 p == best ? PAINT_GOOD : PAINT_NONE);
		free(text[p]);
	}
}

static void row_fill(struct grid *g, size_t row, size_t at, struct group *group,
		     json_t *kvm)
{
	const char *own = group->policy[0]->column->kvm;
	char *theirs = kvm_count(kvm, g->row[row], own);
	uint64_t value[POLICIES] = { 0 }, most;
	bool missed = false, held = bar_find(kvm, g->row[row], own, &most);

	policies_fill(g, row, at, group, value);
	missed = held && value[0] > most;
	grid_set(g, row, at, KVM, theirs ? theirs : xdup("-"), PAINT_DIM);
	grid_set(g, row, at, BAR, held ? fmt("%llu", (unsigned long long)most) :
		 xdup("-"), missed ? PAINT_BAD : PAINT_DIM);
	grid_set(g, row, at, MARK, missed ? xdup(">") : NULL, PAINT_BAD);
	group->missed += missed;
}

static void group_summary(const struct group *group, FILE *out)
{
	const struct bench_column *column = group->policy[0]->column;

	fprintf(out, "%s, %s: best is ", column->rung, machine_label(column->machine));
	for (size_t p = 0; p < group->count; p++)
		fprintf(out, "%s in %zu lines, ", group->policy[p]->column->value,
			group->wins[p]);
	fprintf(out, "none in %zu; %zu over the bar (>)\n", group->alike,
		group->missed);
}

static size_t groups_print(struct grid *g, struct group *list, size_t count,
			   json_t *kvm, FILE *out, bool colour)
{
	size_t missed = 0;

	for (size_t i = 0; i < count; i++) {
		const struct bench_column *column = list[i].policy[0]->column;

		g->groups[i].head[0] = column->head;
		g->groups[i].head[1] = machine_label(column->machine);
		for (size_t r = 0; r < g->rows; r++)
			row_fill(g, r, i, &list[i], kvm);
		missed += list[i].missed;
	}
	fputs("\nShadow tables by policy (*: the best, by more than 2 percent); KVM with "
	      "shadow tables on\nthe like; bar: for the first policy, a third of KVM's "
	      "better rung, or what was agreed.\n\n", out);
	grid_print(g, out, colour);
	fputc('\n', out);
	for (size_t i = 0; i < count; i++)
		group_summary(&list[i], out);
	return missed;
}

size_t bench_shadow_print(const struct bench_result *results, size_t count,
			  json_t *kvm, FILE *out, bool colour)
{
	size_t missed = 0, groups;
	struct group *list = groups_make(results, count, &groups);
	struct bench_rows rows;
	struct grid g;

	bench_rows_make(&rows, BENCH_SHADOW, results, count, kvm);
	grid_init(&g, "line", rows.count, PARTS, groups);
	for (size_t p = 0; groups && p < list[0].count; p++)
		g.part[p] = list[0].policy[p]->column->value;
	g.part[KVM] = "KVM";
	g.part[BAR] = "bar";
	g.part[MARK] = "";
	for (size_t r = 0; r < rows.count; r++)
		g.row[r] = rows.name[r];
	if (groups)
		missed = groups_print(&g, list, groups, kvm, out, colour);
	grid_free(&g);
	bench_rows_free(&rows);
	free(list);
	return missed;
}
