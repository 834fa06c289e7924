/*
 * The record stream's writer: JSON objects, one per line, built in a fixed
 * buffer. Knows the format (docs/record.md), not what is told in it.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/host.h"

#define RECORD_LINE	4000

struct record {
	struct host_io	*io;
	unsigned	used;
	bool		comma, full;	/* full: something did not fit; the line then carries "truncated":true */
	char		line[RECORD_LINE];
};

/* record_begin(r, "start") ... record_string / _number / _bool / _open / _close ... record_end(r) */
void record_begin(struct record *r, struct host_io *io, const char *kind);
void record_string(struct record *r, const char *key, const char *text);
void record_number(struct record *r, const char *key, uint64_t value);
void record_bool(struct record *r, const char *key, bool value);
void record_open(struct record *r, const char *key);
void record_close(struct record *r);
void record_end(struct record *r);

/* printf for the freestanding side: %s %c %d %u %x %lu %lx %zu %% and widths ("%016lx"). Always terminates. */
unsigned text_format(char *out, unsigned size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
