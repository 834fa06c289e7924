/*
 * Reads bench lines and KVM's counts. Must not know rungs or machines.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/counts.h"

static const char prefix[] = "bench ", base[] = "_base";

enum { DECIMAL = 10 };

/* Steps to the next bench line; false at the end of the output. */
static bool line_next(const char **at, char **name, char **value)
{
	while (**at) {
		size_t size = strcspn(*at, "\r\n");
		char *line = fmt("%.*s", (int)size, *at), *space;

		*at += size;
		*at += strspn(*at, "\r\n");
		space = strncmp(line, prefix, strlen(prefix)) ? NULL :
			strchr(line + strlen(prefix), ' ');
		if (space) {
			*space = '\0';
			*name = xdup(line + strlen(prefix));
			*value = xdup(space + 1);
			(*value)[strcspn(*value, " ")] = '\0';
		}
		free(line);
		if (space)
			return true;
	}
	return false;
}

char *counts_find(const struct buf *output, const char *name)
{
	const char *at = output->text ? output->text : "";
	char *found, *value;

	while (line_next(&at, &found, &value)) {
		bool same = !strcmp(found, name);

		free(found);
		if (same)
			return value;
		free(value);
	}
	return NULL;
}

static bool ends(const char *text, const char *with)
{
	size_t size = strlen(text), tail = strlen(with);

	return size >= tail && !strcmp(text + size - tail, with);
}

static bool signed_number(const char *text, long long *out)
{
	char *end;

	*out = strtoll(text, &end, DECIMAL);
	return *text && !*end;
}

char *counts_net(const struct buf *output, const char *name)
{
	const char *at = output->text ? output->text : "";
	long long number, empty = 0;
	char *found, *value;

	while (line_next(&at, &found, &value)) {
		bool same = !strcmp(found, name);
		bool counted = signed_number(value, &number);

		if (counted && ends(found, base))
			empty = number;
		free(found);
		if (same && counted)
			text_set(&value, fmt("%lld", number - empty));
		if (same)
			return value;
		free(value);
	}
	return NULL;
}

bool counts_number(const char *text, uint64_t *out)
{
	long long number;

	if (!signed_number(text, &number) || number < 0)
		return false;
	*out = (uint64_t)number;
	return true;
}

char **counts_names(const struct buf *output, size_t *count)
{
	const char *at = output->text ? output->text : "";
	char **names = NULL, *name, *value;

	*count = 0;
	while (line_next(&at, &name, &value)) {
		names = xgrow(names, *count + 1, sizeof(*names));
		names[(*count)++] = name;
		free(value);
	}
	return names;
}

json_t *kvm_counts_load(void)
{
	char *path = path_build("../data/kvm-counts.json");
	json_error_t error;
	json_t *data = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	json_t *lines = json_incref(json_object_get(data, "lines"));
	const char *schema =
		json_string_value(json_object_get(data, "schema"));

	if (!data)
		die(STATUS_ERROR, "%s: %s", path, error.text);
	if (!schema || strcmp(schema, COUNTS_SCHEMA) || !json_is_array(lines))
		die(STATUS_ERROR, "%s: not " COUNTS_SCHEMA, path);
	json_decref(data);
	free(path);
	return lines;
}

char *kvm_count(json_t *lines, const char *line, const char *column)
{
	json_t *entry, *value;
	size_t at;

	json_array_foreach(lines, at, entry) {
		const char *name =
			json_string_value(json_object_get(entry, "line"));

		if (!name || strcmp(name, line))
			continue;
		value = json_object_get(json_object_get(entry, "counts"), column);
		if (json_is_integer(value))
			return fmt("%lld", (long long)json_integer_value(value));
		return value ? xdup(json_string_value(value)) : NULL;
	}
	return NULL;
}
