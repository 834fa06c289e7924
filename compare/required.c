/*
 * Checks required lines. Must not know how the output was made.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/required.h"

static bool line_printed(const struct buf *output, const char *line)
{
	size_t size = strlen(line);
	const char *at = output->text ? output->text : "";

	while ((at = strstr(at, line))) {
		bool first = at == output->text || at[-1] == '\n';

		if (first && (!at[size] || at[size] == '\n' || at[size] == '\r'))
			return true;
		at++;
	}
	return false;
}

char *required_lacks(const char *table, const char *guest, bool limits,
		     const struct buf *output)
{
	char *copy = xdup(table), *rest = copy, *line, *lacks = NULL;

	while (!lacks && (line = strsep(&rest, "\n"))) {
		char *name = strsep(&line, "\t"), *where = strsep(&line, "\t");

		/* Comments have no tab, lines have two. */
		if (!line || strcmp(name, guest) ||
		    (!strcmp(where, "limits") && !limits))
			continue;
		if (!line_printed(output, line))
			lacks = xdup(line);
	}
	free(copy);
	return lacks;
}
