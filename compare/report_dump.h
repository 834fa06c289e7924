/*
 * JSON text of runs, laid out as in a report. Runs of merged reports share parts: the
 * text of each is made once. Knows nothing of what the members mean.
 */
#ifndef COMPARE_REPORT_DUMP_H
#define COMPARE_REPORT_DUMP_H

#include <jansson.h>

#include "compare/util.h"

struct dumped {
	const json_t	*value;
	char		*text;
};

/* Made of zeros; what it was asked about must live as long as it. */
struct dumps {
	struct dumped	*slot;
	size_t		size, used;
};

/*
 * Appends an object as it stands in the array `runs`: the bytes that json_dumps() writes
 * there with JSON_INDENT(1) and JSON_SORT_KEYS.
 */
void dumps_add(struct dumps *dumps, json_t *object, struct buf *out);
void dumps_free(struct dumps *dumps);

#endif
