/* A command line read, and what is said of one that cannot be. Knows no rule under test. */
#ifndef TESTS_CMDLINE_LOOK_H
#define TESTS_CMDLINE_LOOK_H

#include "core/cmdline.h"

static struct cmdline parsed(const char *text)
{
	struct cmdline c;

	if (!cmdline_parse(text, &c))
		fail_msg("'%s': %s", text, c.error);
	return c;
}

static void expect_error(const char *text, const char *error)
{
	struct cmdline c;

	assert_false(cmdline_parse(text, &c));
	assert_string_equal(c.error, error);
}

#endif
