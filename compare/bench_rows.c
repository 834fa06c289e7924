/*
 * Collects names of lines. Must not know their values.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/bench_rows.h"
#include "compare/counts.h"
#include "compare/growth.h"

static bool in_list(char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* What some result of the kind printed, each name once. */
static char **ours_make(enum bench_kind kind, const struct bench_result *results,
			size_t count, size_t *made)
{
	char **ours = NULL;

	*made = 0;
	for (size_t r = 0; r < count; r++) {
		size_t lines;
		char **names;

		if (results[r].column->kind != kind)
			continue;
		names = counts_names(results[r].output, &lines);
		ours = xgrow(ours, *made + lines, sizeof(*ours));
		for (size_t i = 0; i < lines; i++)
			if (growth_line(names[i]) || in_list(ours, *made, names[i]))
				free(names[i]);
			else
				ours[(*made)++] = names[i];
		free(names);
	}
	return ours;
}

void bench_rows_make(struct bench_rows *rows, enum bench_kind kind,
		     const struct bench_result *results, size_t count, json_t *kvm)
{
	size_t all, at;
	char **ours = ours_make(kind, results, count, &all);
	json_t *entry;

	*rows = (struct bench_rows){
		.name = xcalloc(all + json_array_size(kvm), sizeof(*rows->name)),
	};
	json_array_foreach(kvm, at, entry) {
		const char *name =
			json_string_value(json_object_get(entry, "line"));

		if (name && in_list(ours, all, name))
			rows->name[rows->count++] = xdup(name);
		else
			rows->untimed++;
	}
	for (size_t i = 0; i < all; i++) {
		if (in_list(rows->name, rows->count, ours[i]))
			free(ours[i]);
		else
			rows->name[rows->count++] = ours[i];
	}
	free(ours);
}

void bench_rows_free(struct bench_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->name[i]);
	free(rows->name);
}
