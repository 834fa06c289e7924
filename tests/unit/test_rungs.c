/* The syntax of lists of rungs, and what a CPU must offer for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/rungs.h"

/* The list as it was understood, choices separated by blanks. */
static void understood(const char *list, const char *expected)
{
	size_t count;
	char *why, got[256] = "";
	struct rung_choice *c = rung_list_parse(list, &count, &why);

	assert_null(why);
	assert_non_null(c);
	for (size_t i = 0; i < count; i++) {
		char *text = rung_choice_text(&c[i]);

		strcat(got, i ? " " : "");
		strcat(got, text);
		free(text);
		rung_choice_free(&c[i]);
	}
	free(c);
	assert_string_equal(got, expected);
}

static void refused(const char *list, const char *expected)
{
	size_t count;
	char *why;

	assert_null(rung_list_parse(list, &count, &why));
	assert_string_equal(why, expected);
	free(why);
}

static void items_are_rungs(void **state)
{
	(void)state;
	understood("svm-npt,vmx-ug", "svm-npt vmx-ug");
}

static void an_option_belongs_to_the_rung_before_it(void **state)
{
	(void)state;
	understood("svm-npt,vmx-ept,unpaged=emulate,vm86=exact,vmx-shadow,"
		   "sync=flush",
		   "svm-npt vmx-ept,unpaged=emulate,vm86=exact "
		   "vmx-shadow,sync=flush");
}

static void the_order_of_options_does_not_matter(void **state)
{
	(void)state;
	understood("vmx-ept,vm86=exact,unpaged=emulate,observe=none",
		   "vmx-ept,observe=none,unpaged=emulate,vm86=exact");
}

static void one_rung_may_come_with_different_options(void **state)
{
	(void)state;
	understood("svm-npt,svm-npt,tags=off", "svm-npt svm-npt,tags=off");
}

static void what_is_wrong_is_said(void **state)
{
	(void)state;
	refused("svm-ntp", "unknown rung svm-ntp");
	refused("", "empty item in the list of rungs");
	refused("svm-npt,", "empty item in the list of rungs");
	refused("tags=on,svm-npt", "option tags=on comes before any rung");
	refused("svm-npt,tag=on", "unknown option tag=on");
	refused("svm-npt,tags=maybe", "tags=maybe: not one of on, off");
	refused("svm-npt,sync=flush", "rung svm-npt has no option sync");
	refused("bare,observe=none", "rung bare has no option observe");
	refused("svm-npt,tags=on,tags=off", "option tags given twice");
	refused("svm-npt,vmx-ug,svm-npt", "rung svm-npt given twice");
}

static void a_default_yields_to_what_is_given(void **state)
{
	size_t count;
	char *why, *text;
	struct rung_choice *c =
		rung_list_parse("svm-npt,observe=none,vmx-ug,bare", &count, &why);

	(void)state;
	assert_int_equal(count, 3);
	for (size_t i = 0; i < count; i++) {
		static const char *const expected[] = {
			"svm-npt,observe=none", "vmx-ug,observe=modes", "bare",
		};

		rung_choice_default(&c[i], "observe", "modes");
		text = rung_choice_text(&c[i]);
		assert_string_equal(text, expected[i]);
		free(text);
		rung_choice_free(&c[i]);
	}
	free(c);
}

static void a_rung_says_what_the_cpu_lacks(void **state)
{
	const struct rung *ug = rung_named("vmx-ug");

	(void)state;
	assert_null(rung_missing(ug, CAP_VMX | CAP_EPT | CAP_UG));
	assert_string_equal(rung_missing(ug, CAP_VMX | CAP_EPT),
			    "no unrestricted guest");
	assert_string_equal(rung_missing(ug, CAP_SVM | CAP_NPT), "no VT-x");
	assert_string_equal(rung_missing(rung_named("svm-npt"), CAP_SVM),
			    "no nested paging");
}

/* A CPU that is not in the table must answer for itself. */
static void an_unknown_cpu_is_not_ruled_out(void **state)
{
	(void)state;
	assert_null(rung_missing(rung_named("vmx-ug"), CAP_UNKNOWN));
}

static void a_newer_cpu_can_run_an_older_rung(void **state)
{
	unsigned newest = CAP_VMX | CAP_EPT | CAP_UG;

	(void)state;
	assert_null(rung_missing(rung_named("vmx-ept"), newest));
	assert_null(rung_missing(rung_named("vmx-shadow"), newest));
	assert_null(rung_missing(rung_named("ring3"), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_rungs),
		cmocka_unit_test(an_option_belongs_to_the_rung_before_it),
		cmocka_unit_test(the_order_of_options_does_not_matter),
		cmocka_unit_test(one_rung_may_come_with_different_options),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_default_yields_to_what_is_given),
		cmocka_unit_test(a_rung_says_what_the_cpu_lacks),
		cmocka_unit_test(an_unknown_cpu_is_not_ruled_out),
		cmocka_unit_test(a_newer_cpu_can_run_an_older_rung),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
