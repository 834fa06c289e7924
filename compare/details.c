/*
 * The tables below the table: how each mode ran, exits by reason, controls.
 * Must not know how a run was made.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/grid.h"
#include "compare/table.h"
#include "compare/util.h"

/* Segments of one mode that ran the same way, added up. */
struct sum {
	const char	*mode, *ran_as;
	size_t		place;		/* among this run's ways of that mode */
	uint64_t	stretches, exits, instructions;
};

/* A row: the n-th way in which some run ran that mode. */
struct row {
	const char	*mode;
	size_t		place;
};

static const char *const modes[] = { "real", "unpaged", "32bit", "pae", "long" };

static const char *text_of(json_t *from, const char *key)
{
	const char *text = json_string_value(json_object_get(from, key));

	return text ? text : "";
}

static uint64_t count_of(json_t *from, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(from, key));
}

/* Adds up a timeline; the array is to be freed. */
static struct sum *timeline_sum(const struct run *run, size_t *count)
{
	struct sum *sums = xcalloc(json_array_size(run->timeline), sizeof(*sums));
	size_t at;
	json_t *segment;

	*count = 0;
	json_array_foreach(run->timeline, at, segment) {
		const char *mode = text_of(segment, "mode");
		const char *ran_as = text_of(segment, "ran_as");
		size_t i, place = 0;

		for (i = 0; i < *count; i++) {
			if (strcmp(sums[i].mode, mode))
				continue;
			if (!strcmp(sums[i].ran_as, ran_as))
				break;
			place++;
		}
		if (i == *count)
			sums[(*count)++] = (struct sum){ mode, ran_as, place,
							 0, 0, 0 };
		sums[i].stretches++;
		sums[i].exits += count_of(segment, "exits");
		sums[i].instructions += count_of(segment, "instructions");
	}
	return sums;
}

static size_t ways_of(const struct run *run, const char *mode)
{
	size_t count, ways = 0;
	struct sum *sums = timeline_sum(run, &count);

	for (size_t i = 0; i < count; i++)
		ways += !strcmp(sums[i].mode, mode);
	free(sums);
	return ways;
}

/* Rows in order of modes, as many of each as the run with most ways needs. */
static struct row *rows_make(struct run *const *runs, size_t count,
			     size_t *made)
{
	enum { MODES = sizeof(modes) / sizeof(*modes) };
	struct row *rows = NULL;

	*made = 0;
	for (size_t m = 0; m < MODES; m++) {
		size_t most = 0;

		for (size_t i = 0; i < count; i++) {
			size_t ways = ways_of(runs[i], modes[m]);

			most = ways > most ? ways : most;
		}
		rows = xgrow(rows, *made + most, sizeof(*rows));
		for (size_t k = 0; k < most; k++)
			rows[(*made)++] = (struct row){ modes[m], k };
	}
	return rows;
}

/* Headings that belong to the grid's groups; to be freed after it. */
static char **heads_make(struct grid *g, struct run *const *runs)
{
	char **labels = xcalloc(g->count, sizeof(*labels));

	for (size_t i = 0; i < g->count; i++) {
		labels[i] = run_label(runs[i]);
		g->groups[i].head[0] = labels[i];
		g->groups[i].head[1] = machine_label(runs[i]->machine);
	}
	return labels;
}

static void heads_free(char **labels, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(labels[i]);
	free(labels);
}

static void modes_fill(struct grid *g, size_t column, const struct run *run,
		       const struct row *rows)
{
	size_t count;
	struct sum *sums = timeline_sum(run, &count);

	for (size_t i = 0; i < count; i++)
		for (size_t r = 0; r < g->rows; r++) {
			if (strcmp(rows[r].mode, sums[i].mode) ||
			    rows[r].place != sums[i].place)
				continue;
			grid_set(g, r, column, 0, xdup(sums[i].ran_as), PAINT_NONE);
			grid_set(g, r, column, 1, number_text(sums[i].stretches),
				 PAINT_NONE);
			grid_set(g, r, column, 2, number_text(sums[i].exits),
				 PAINT_NONE);
			grid_set(g, r, column, 3,
				 number_text(sums[i].instructions), PAINT_NONE);
		}
	free(sums);
}

static void modes_print(struct run *const *runs, size_t count, FILE *out,
			bool colour)
{
	size_t height;
	struct row *rows = rows_make(runs, count, &height);
	struct grid g;
	char **labels;

	grid_init(&g, "mode", height, 4, count);
	g.part[0] = "ran as";
	g.part[1] = "times";
	g.part[2] = "exits";
	g.part[3] = "guest insns";
	g.left[0] = true;
	labels = heads_make(&g, runs);
	for (size_t r = 0; r < height; r++)
		g.row[r] = rows[r].place ? "" : rows[r].mode;
	for (size_t i = 0; i < count; i++)
		modes_fill(&g, i, runs[i], rows);
	grid_print(&g, out, colour);
	grid_free(&g);
	heads_free(labels, count);
	free(rows);
}

static int text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char **reasons_make(struct run *const *runs, size_t count,
				 size_t *made)
{
	const char **list = NULL, *key;
	json_t *value;

	*made = 0;
	for (size_t i = 0; i < count; i++)
		json_object_foreach(runs[i]->by_reason, key, value) {
			size_t k = 0;

			while (k < *made && strcmp(list[k], key))
				k++;
			if (k < *made)
				continue;
			list = xgrow(list, *made + 1, sizeof(*list));
			list[(*made)++] = key;
		}
	if (*made)
		qsort(list, *made, sizeof(*list), text_order);
	return list;
}

static void reasons_print(struct run *const *runs, size_t count, FILE *out,
			  bool colour)
{
	size_t height;
	const char **reasons = reasons_make(runs, count, &height);
	struct grid g;
	char **labels;

	grid_init(&g, "exits", height + 2, 1, count);
	labels = heads_make(&g, runs);
	for (size_t r = 0; r < height; r++)
		g.row[r] = reasons[r];
	g.row[height] = "(observe)";
	g.row[height + 1] = "total";
	for (size_t i = 0; i < count; i++) {
		for (size_t r = 0; r < height; r++) {
			json_t *n = json_object_get(runs[i]->by_reason,
						    reasons[r]);
			uint64_t exits = (uint64_t)json_integer_value(n);

			grid_set(&g, r, i, 0, n ? number_text(exits) : NULL,
				 PAINT_NONE);
		}
		grid_set(&g, height, i, 0, number_text(runs[i]->observe),
			 PAINT_DIM);
		grid_set(&g, height + 1, i, 0, number_text(runs[i]->exits),
			 PAINT_BOLD);
	}
	grid_print(&g, out, colour);
	grid_free(&g);
	heads_free(labels, count);
	free(reasons);
}

void table_details(struct run *const *runs, size_t count, FILE *out,
		   bool colour)
{
	struct run **of = xcalloc(count, sizeof(*of));

	for (size_t i = 0; i < count; i++) {
		size_t found = 0;
		bool first = true;

		for (size_t k = 0; k < count; k++) {
			if (strcmp(runs[k]->guest, runs[i]->guest) ||
			    !strcmp(runs[k]->rung, "bare") || !*runs[k]->end)
				continue;
			first = first && k >= i;
			of[found++] = runs[k];
		}
		if (!found || of[0] != runs[i] || !first)
			continue;
		fputc('\n', out);
		paint_put(out, runs[i]->guest, PAINT_BOLD, 0, colour);
		fputs(": how each mode ran\n\n", out);
		modes_print(of, found, out, colour);
		fputc('\n', out);
		paint_put(out, runs[i]->guest, PAINT_BOLD, 0, colour);
		fputs(": exits by reason\n\n", out);
		reasons_print(of, found, out, colour);
	}
	free(of);
}

void table_controls(const struct run *run, FILE *out, bool colour)
{
	size_t count = json_object_size(run->controls), i = 0;
	const char **keys = xcalloc(count, sizeof(*keys)), *key;
	json_t *value;

	json_object_foreach(run->controls, key, value)
		keys[i++] = key;
	qsort(keys, count, sizeof(*keys), text_order);
	if (count)
		fputs("\ncontrols, read back after the last exit\n\n", out);
	for (i = 0; i < count; i++) {
		json_t *n = json_object_get(run->controls, keys[i]);

		fputs("  ", out);
		paint_put(out, keys[i], PAINT_NONE, -40, colour);
		if (json_is_string(n))	/* too wide for a JSON integer */
			fprintf(out, " %s\n", json_string_value(n));
		else
			fprintf(out, " 0x%llx\n",
				(unsigned long long)json_integer_value(n));
	}
	free(keys);
}
