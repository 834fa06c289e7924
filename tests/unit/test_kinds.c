/* The kinds of guest images as `diptych` tells of them: all that the loaders know, no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "compare/cmd.h"
#include "core/load/load.h"

/* How often the word stands there as a whole. */
static unsigned told(const char *word)
{
	const char *text = KIND_HELP;
	unsigned count = 0;

	for (const char *at = text; (at = strstr(at, word)); at++)
		count += at[-1] == ' ' && strchr(" ,", at[strlen(word)]);
	return count;
}

static void help_names_every_kind(void **state)
{
	unsigned commas = 0;

	(void)state;
	for (unsigned kind = GUEST_AUTO + 1; kind < GUEST_KINDS; kind++)
		if (told(guest_kind_name(kind)) != 1)
			fail_msg("%s", guest_kind_name(kind));
	for (const char *at = KIND_HELP; *at; at++)
		commas += *at == ',';
	assert_int_equal(commas + 1, GUEST_KINDS - GUEST_AUTO - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_names_every_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
