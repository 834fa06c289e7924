/*
 * What may stand where in a report; whoever is wrong is named by its place, as
 * "runs[2].exits.total". Knows nothing of runs as the program holds them.
 */
#ifndef COMPARE_REPORT_CHECK_H
#define COMPARE_REPORT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* The first thing that is wrong, in one line; to be freed. */
struct check {
	char	*why;
	bool	known;		/* the parts of a run have been held to their form before */
};

/* A place: a member (key) or an item (key NULL) of the one above; the root has no `up`. */
struct at {
	const struct at	*up;
	const char	*key;
	size_t		index;
};

enum form {
	FORM_TEXT,
	FORM_NAME,	/* not empty */
	FORM_HASH,	/* empty, or 64 small hexadecimal digits */
};

/* JSON text to a value; NULL when it is none, with line and column. */
json_t *check_parse(struct check *c, const char *text, size_t size);

/* The outermost object: its schema by name, its array of runs. */
bool check_top(struct check *c, json_t *report, const char *schema);

/* Each returns whether the value is what its name says; NULL never is. */
bool check_object(struct check *c, const struct at *at, json_t *value);
bool check_text(struct check *c, const struct at *at, json_t *value,
		enum form form);
bool check_count(struct check *c, const struct at *at, json_t *value);
bool check_counts(struct check *c, const struct at *at, json_t *value);
bool check_options(struct check *c, const struct at *at, json_t *value);
bool check_cpu(struct check *c, const struct at *at, json_t *value);
bool check_fingerprint(struct check *c, const struct at *at, json_t *value);
bool check_timeline(struct check *c, const struct at *at, json_t *value);
bool check_values(struct check *c, const struct at *at, json_t *value);

/* Bytes of the control character that begins here: 1 (C0, DEL), 2 (C1, in UTF-8) or 0. */
static inline size_t control_size(const char *at)
{
	unsigned char c = (unsigned char)at[0];

	if ((c && c < ' ') || c == 0x7f)
		return 1;
	return c == 0xc2 && (at[1] & 0xe0) == 0x80 ? 2 : 0;
}

/* No control character in any text, names of members too. */
bool check_no_controls(struct check *c, const struct at *at, json_t *value);

/* Sets why: what was expected, and what is there instead. Returns false. */
bool check_wrong(struct check *c, const struct at *at, const char *expected,
		 json_t *value);

#endif
