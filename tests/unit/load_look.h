/* What a loader has put into guest memory, or said instead. Knows no kind of image. */
#ifndef TESTS_LOAD_LOOK_H
#define TESTS_LOAD_LOOK_H

#include "images.h"

static inline uint32_t get32(const struct bench *b, uint64_t at)
{
	uint32_t value;

	memcpy(&value, b->ram + at, sizeof(value));
	return value;
}

static inline uint64_t get64(const struct bench *b, uint64_t at)
{
	uint64_t value;

	memcpy(&value, b->ram + at, sizeof(value));
	return value;
}

/* The load fails, and its one line begins with the field; the bench is done with. */
static inline void expect_error(struct bench *b, enum hv_err err, const char *field)
{
	assert_int_equal(bench_load(b), err);
	if (strncmp(b->result.error, field, strlen(field)))
		fail_msg("'%s' does not name %s", b->result.error, field);
	bench_fini(b);
}

#endif
