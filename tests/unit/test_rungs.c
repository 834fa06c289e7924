/* The syntax of lists of rungs, and what a CPU must offer for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/machines.h"
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

/* The CPUs that never had nested paging, and a newer one with it left off or hidden. */
static void shadow_rungs_run_where_there_is_no_nested_paging(void **state)
{
	static const struct {
		const char *rung, *oldest, *newer;
		unsigned newer_caps;
	} rows[] = {
		{ "svm-shadow", "bochs:turion64_tyler", "qemu:EPYC-npt", CAP_SVM },
		{ "vmx-shadow", "bochs:core2_penryn_t9600",
		  "bochs:corei7_skylake_x", CAP_VMX | CAP_EPT | CAP_UG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct rung *rung = rung_named(rows[i].rung);

		assert_true(rung->built);
		assert_string_equal(rung->paged, "shadow");
		assert_string_equal(rung->machines[0], rows[i].oldest);
		assert_string_equal(rung->machines[1], rows[i].newer);
		assert_null(rung->machines[2]);
		assert_int_equal(machine_find(rows[i].oldest)->caps, rung->needs);
		assert_int_equal(machine_find(rows[i].newer)->caps,
				 rows[i].newer_caps);
	}
}

/* Whatever a rung is tried on is in the table, ends its list, and can run it. */
static void every_default_machine_can_run_its_rung(void **state)
{
	(void)state;
	for (size_t i = 0; i < rung_table_size; i++) {
		const char *const *name = rung_table[i].machines;

		for (; *name; name++) {
			const struct machine *m = machine_find(*name);

			assert_non_null(m);
			assert_false(m->caps & CAP_UNKNOWN);
			assert_null(rung_missing(&rung_table[i], m->caps));
			assert_true(name < &rung_table[i].machines[2]);
		}
	}
}

/* A list is cut at its commas: the machine without NPT has a name that has none. */
static void a_hidden_feature_needs_no_comma_in_a_name(void **state)
{
	const struct machine *m = machine_find("qemu:EPYC-npt");

	(void)state;
	for (size_t i = 0; i < machines_count; i++)
		assert_null(strchr(machines[i].name, ','));
	assert_int_equal(m->emulator, EMULATOR_QEMU);
	assert_string_equal(m->model, "EPYC,+svm,-npt");
	assert_string_equal(rung_missing(rung_named("svm-npt"), m->caps),
			    "no nested paging");
	assert_null(machine_find("qemu:EPYC,-npt"));
}

/* SVM has paged real mode, so that virtual-8086 mode has no part in it. */
static void shadow_rungs_have_the_options_that_mean_something(void **state)
{
	(void)state;
	understood("svm-shadow,sync=protect,tags=off,unpaged=emulate,vmx-shadow,"
		   "sync=unsync,tags=on,unpaged=hidden,vm86=fast",
		   "svm-shadow,sync=protect,tags=off,unpaged=emulate "
		   "vmx-shadow,sync=unsync,tags=on,unpaged=hidden,vm86=fast");
	refused("svm-shadow,vm86=fast", "rung svm-shadow has no option vm86");
	refused("vmx-ept,sync=flush", "rung vmx-ept has no option sync");
	refused("vmx-shadow,sync=on",
		"sync=on: not one of protect, unsync, flush");
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
		cmocka_unit_test(shadow_rungs_run_where_there_is_no_nested_paging),
		cmocka_unit_test(every_default_machine_can_run_its_rung),
		cmocka_unit_test(a_hidden_feature_needs_no_comma_in_a_name),
		cmocka_unit_test(shadow_rungs_have_the_options_that_mean_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
