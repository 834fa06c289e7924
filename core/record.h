/*
 * The record stream's writer: JSON objects, one per line, built in a fixed
 * buffer. Knows the format (docs/record.md), not what is told in it.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/host.h"
#include "core/text.h"

#define RECORD_LINE	4000

struct record {
	struct host_io	*io;
	unsigned	used;
	unsigned	depth;		/* objects open in the line, the outermost too */
	bool		comma, full;	/* full: the line carries "truncated":true */
	char		line[RECORD_LINE];
};

/*
 * record_begin(r, io, "start"), then record_string / _number / _bool, and
 * record_open ... record_close around a nested object, then record_end(r), which hands
 * the line with its LF to io->record_line. What does not fit is left out whole, and so is
 * all after it; the line stays valid JSON. Text is taken as bytes: those that are
 * not printable ASCII are written as \u00XX.
 */
void record_begin(struct record *r, struct host_io *io, const char *kind);
void record_string(struct record *r, const char *key, const char *text);
void record_number(struct record *r, const char *key, uint64_t value);
void record_bool(struct record *r, const char *key, bool value);
void record_open(struct record *r, const char *key);
void record_close(struct record *r);
void record_end(struct record *r);

#endif
