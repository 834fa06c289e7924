/*
 * The entries of a `trace` record, one by one: docs/record.md. Knows the stream's way of
 * writing them, not what becomes of them.
 */
#ifndef COMPARE_TRACE_ENTRY_H
#define COMPARE_TRACE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/* The fields of an entry, in the stream's order. */
enum trace_field {
	FIELD_GAP, FIELD_TOOK, FIELD_REASON, FIELD_MODE, FIELD_RAN_AS, FIELD_BITS,
	FIELD_CS, FIELD_RIP, FIELD_BASE, FIELD_CODE, FIELD_PAGES, FIELD_RAW,
	FIELD_IS, FIELD_NUMBER, FIELD_MORE, FIELD_VALUE,
	FIELDS
};

/* Bits of FIELD_IS. */
enum { ENTRY_OBSERVED = 1, ENTRY_WRITE = 2, ENTRY_FETCH = 4, ENTRY_STRING = 8,
       ENTRY_KNOWN = 16, ENTRY_ERROR = 32 };

enum { FIELD_SIZE = 40 };

/* One exit, or one stretch of emulated code. */
struct told_entry {
	char		field[FIELDS][FIELD_SIZE];	/* as told, or told before */
	uint64_t	exit;		/* its number; of a stretch: the next one's */
	uint64_t	at, guest;	/* the clock, and the guest's instructions, before it */
};

/* Hands on each entry of the record in order, all its fields filled in. */
void trace_entries(const json_t *record,
		   void (*take)(void *opaque, const struct told_entry *entry),
		   void *opaque);

/* A field's number. */
uint64_t trace_field(const struct told_entry *entry, enum trace_field which);

/* Whether one of these ENTRY_* is set. */
bool trace_is(const struct told_entry *entry, unsigned bits);
bool trace_is_stretch(const struct told_entry *entry);

/* A member of a record: 0 or "" when it is not there. */
uint64_t trace_count(const json_t *record, const char *key);
const char *trace_word(const json_t *record, const char *key);

#endif
