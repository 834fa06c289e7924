/* The command line's word for a trace: how many exits, and which end of the run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmdline_look.h"

static void a_trace_has_a_size_and_an_end_to_keep(void **state)
{
	(void)state;
	assert_int_equal(parsed("rung=svm-npt").trace.room, 0);
	assert_int_equal(parsed("rung=svm-npt trace=1").trace.room, 1);
	assert_false(parsed("rung=svm-npt trace=16384").trace.first);
	assert_int_equal(parsed("rung=svm-npt trace=first:9").trace.room, 9);
	assert_true(parsed("rung=svm-npt trace=first:9").trace.first);
	expect_error("rung=svm-npt trace=0", "trace=0: must be 1 to 16384 entries");
	expect_error("rung=svm-npt trace=16385", "trace=16385: must be 1 to 16384 entries");
	expect_error("rung=svm-npt trace=99999999999999999999",
		     "trace=99999999999999999999: must be 1 to 16384 entries");
	expect_error("rung=svm-npt trace=first:", "trace=first:: must be 1 to 16384 entries");
	expect_error("rung=svm-npt trace=last:5",
		     "trace=last:5: must be a number, or first: and a number");
	expect_error("rung=svm-npt trace=first:5:5",
		     "trace=first:5:5: must be 1 to 16384 entries");
	expect_error("rung=bare trace=5",
		     "trace: rung bare has no hypervisor that sees exits");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_has_a_size_and_an_end_to_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
