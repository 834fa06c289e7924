/* JSON lines in a fixed buffer: escaping, commas, and staying valid when full. */
#include "core/record.h"

#include <string.h>

/* Room kept for the end of a line: its closing braces, the mark, the LF. */
#define RECORD_DEPTH	8
#define TRUNCATED	",\"truncated\":true"
#define RECORD_TAIL	(RECORD_DEPTH + sizeof(TRUNCATED) + 1)
#define FIRST_PRINTABLE	' '
#define LAST_PRINTABLE	'~'
#define LATIN_MASK	BITS(7, 0)

static void put(struct record *r, char c)
{
	if (r->used >= RECORD_LINE - RECORD_TAIL)
		r->full = true;
	else
		r->line[r->used++] = c;
}

static void put_text(struct record *r, const char *text)
{
	while (*text)
		put(r, *text++);
}

static void put_quoted(struct record *r, const char *text)
{
	char escape[8];

	put(r, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\') {
			put(r, '\\');
			put(r, *text);
		} else if (*text < FIRST_PRINTABLE || *text > LAST_PRINTABLE) {
			text_format(escape, sizeof(escape), "\\u%04x",
				    (unsigned)(*text & LATIN_MASK));
			put_text(r, escape);
		} else {
			put(r, *text);
		}
	}
	put(r, '"');
}

/* Where a member starts, to take it back when it does not fit. */
static unsigned member(struct record *r, const char *key)
{
	unsigned start = r->used;

	if (r->comma)
		put(r, ',');
	put_quoted(r, key);
	put(r, ':');
	return start;
}

static void member_done(struct record *r, unsigned start)
{
	if (r->full)
		r->used = start;
	else
		r->comma = true;
}

void record_begin(struct record *r, struct host_io *io, const char *kind)
{
	r->io = io;
	r->used = 0;
	r->depth = 1;
	r->comma = false;
	r->full = false;
	put(r, '{');
	record_string(r, "record", kind);
}

void record_string(struct record *r, const char *key, const char *text)
{
	unsigned start;

	if (r->full)
		return;
	start = member(r, key);
	put_quoted(r, text);
	member_done(r, start);
}

void record_number(struct record *r, const char *key, uint64_t value)
{
	char digits[24];
	unsigned start;

	if (r->full)
		return;
	start = member(r, key);
	text_format(digits, sizeof(digits), "%lu", value);
	put_text(r, digits);
	member_done(r, start);
}

void record_bool(struct record *r, const char *key, bool value)
{
	unsigned start;

	if (r->full)
		return;
	start = member(r, key);
	put_text(r, value ? "true" : "false");
	member_done(r, start);
}

void record_open(struct record *r, const char *key)
{
	unsigned start;

	if (r->full)
		return;
	start = member(r, key);
	put(r, '{');
	if (r->depth == RECORD_DEPTH)
		r->full = true;
	member_done(r, start);
	if (r->full)
		return;
	r->depth++;
	r->comma = false;
}

void record_close(struct record *r)
{
	/* In a full line record_end() closes what is open. */
	if (r->full || r->depth == 1)
		return;
	/* The tail keeps room for it. */
	r->line[r->used++] = '}';
	r->depth--;
	r->comma = true;
}

void record_end(struct record *r)
{
	while (r->depth > 1) {
		r->line[r->used++] = '}';
		r->depth--;
		r->comma = true;
	}
	if (r->full) {
		/* No comma in an object that is still empty. */
		unsigned skip = r->comma ? 0 : 1;
		unsigned size = (unsigned)sizeof(TRUNCATED) - 1 - skip;

		memcpy(r->line + r->used, &TRUNCATED[skip], size);
		r->used += size;
	}
	r->line[r->used++] = '}';
	r->line[r->used++] = '\n';
	r->io->record_line(r->io, r->line, r->used);
}
