/*
 * Takes a record stream as the host program would: each line must be one JSON
 * object of the format's size. Knows the format (docs/record.md), not its content.
 */
#ifndef TESTS_RECORD_SINK_H
#define TESTS_RECORD_SINK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/record.h"

#define SINK_BYTES	64

struct sink {
	struct host_io	io;
	json_t		*records;
	char		guest[SINK_BYTES];
	unsigned	guest_bytes;
	uint32_t	pkru;
};

static inline void sink_line(struct host_io *io, const char *line,
			     unsigned size)
{
	struct sink *sink = (struct sink *)io;
	json_t *record;

	assert_in_range(size, 2, RECORD_LINE);
	assert_int_equal(line[size - 1], '\n');
	record = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_is_object(record));
	assert_int_equal(json_array_append_new(sink->records, record), 0);
}

static inline void sink_byte(struct host_io *io, uint8_t byte)
{
	struct sink *sink = (struct sink *)io;

	assert_in_range(sink->guest_bytes, 0, SINK_BYTES - 2);
	sink->guest[sink->guest_bytes++] = (char)byte;
}

static inline void sink_poll(struct host_io *io)
{
	(void)io;
}

static inline uint32_t sink_rdpkru(struct host_io *io)
{
	return ((struct sink *)io)->pkru;
}

static inline void sink_wrpkru(struct host_io *io, uint32_t value)
{
	((struct sink *)io)->pkru = value;
}

#define SINK_CLOCK	1000	/* as FAKE_TSC of fake_backend.h */

static inline uint64_t sink_clock(struct host_io *io)
{
	(void)io;
	return SINK_CLOCK;
}

static inline void sink_init(struct sink *sink)
{
	memset(sink, 0, sizeof(*sink));
	sink->io = (struct host_io){
		.guest_byte = sink_byte, .record_line = sink_line,
		.poll = sink_poll, .clock = sink_clock,
		.rdpkru = sink_rdpkru, .wrpkru = sink_wrpkru,
	};
	sink->records = json_array();
}

static inline void sink_fini(struct sink *sink)
{
	json_decref(sink->records);
}

static inline const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (!text)
		fail_msg("no text called %s", key);
	return text;
}

static inline uint64_t number_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		fail_msg("no number called %s", key);
	return (uint64_t)json_integer_value(value);
}

/* Record `n` of the stream, which must be of this kind. */
static inline const json_t *record_of(const struct sink *sink, unsigned n,
				      const char *kind)
{
	const json_t *record = json_array_get(sink->records, n);

	assert_non_null(record);
	assert_string_equal(text_of(record, "record"), kind);
	return record;
}

static inline void assert_segment(const struct sink *sink, unsigned n,
				  uint64_t at, const char *mode,
				  uint64_t exits, uint64_t instructions)
{
	const json_t *segment = record_of(sink, n, "segment");

	assert_int_equal(number_of(segment, "at"), at);
	assert_string_equal(text_of(segment, "mode"), mode);
	assert_string_equal(text_of(segment, "ran_as"), "native");
	assert_int_equal(number_of(segment, "exits"), exits);
	assert_int_equal(number_of(segment, "instructions"), instructions);
	assert_int_equal(json_object_size(segment), 7);
}

#endif
