/*
 * Takes the picture of an address and holds it against the guest's tables and a walk of
 * the hardware's. Knows no reason.
 */
#ifndef TESTS_SHADOW_PICTURE_FIXTURE_H
#define TESTS_SHADOW_PICTURE_FIXTURE_H

#include "shadow_fixture.h"

#define OTHER	0x7000ul
#define LARGE	0x400000ul
#define PT2	0x8000ul	/* a second lowest table */

static struct shadow_line lines[SHADOW_LINES];
static unsigned count;

static inline void picture(struct rig *r, uint64_t va)
{
	count = shadow_picture(&r->s, &r->mode, gva(va), lines);
	assert_in_range(count, 0, SHADOW_LINES);
}

static inline const struct shadow_line *line(unsigned level)
{
	for (unsigned i = 0; i < count; i++)
		if (lines[i].level == level)
			return &lines[i];
	fail_msg("no line for level %u", level);
	return NULL;
}

#define assert_why(level, reason)	assert_int_equal(line(level)->why, reason)

static inline void assert_guest(unsigned level, uint64_t address, uint64_t entry)
{
	assert_true(line(level)->has_guest);
	assert_int_equal(line(level)->guest_at.v, address);
	assert_int_equal(line(level)->guest, entry);
}

/* What the hardware would read, at the place where it would read it. */
static inline void assert_hardware(struct rig *r, uint64_t va)
{
	struct hw h = hw_walk(r, va);

	for (unsigned i = 0; i < count; i++) {
		unsigned level = lines[i].level;

		assert_int_equal(lines[i].has_shadow, level >= h.level);
		if (!lines[i].has_shadow)
			continue;
		assert_ptr_equal(hpa_ptr(lines[i].shadow_at), h.slot[level]);
		assert_int_equal(lines[i].shadow, *h.slot[level]);
	}
}

#endif
