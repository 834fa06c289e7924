/* Reports: version 1 as documented, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/report.h"
#include "compare/tap.h"
#include "tests/unit/runs.h"

static void a_report_has_the_documented_fields(void **state)
{
	static const char *const fields[] = {
		"guest", "guest_sha256", "rung", "options", "machine", "cpu",
		"outcome", "reason", "output_sha256", "exits", "instructions",
		"timeline", "controls", "end", "unit",
	};
	struct run *run = run_make("modes", "svm-npt", "qemu:EPYC",
				   OUTCOME_PASS, 7);
	char *text = report_write(&run, 1);
	json_t *report = json_loads(text, 0, NULL);
	json_t *entry = json_array_get(json_object_get(report, "runs"), 0);
	json_t *exits = json_object_get(entry, "exits");

	(void)state;
	assert_string_equal(json_string_value(
		json_object_get(report, "schema")), "diptych-report/1");
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		assert_non_null(json_object_get(entry, fields[i]));
	assert_int_equal(json_integer_value(
		json_object_get(exits, "total")), 7);
	assert_non_null(json_object_get(exits, "observe"));
	assert_non_null(json_object_get(exits, "by_reason"));
	json_decref(report);
	free(text);
	run_free(run);
}

static void what_is_written_reads_back_the_same(void **state)
{
	struct run *run = run_make("modes", "svm-npt", "qemu:EPYC",
				   OUTCOME_DIFFERS, 7);
	char *text, *again, *why;
	struct run **back;
	size_t count;

	(void)state;
	text_set(&run->reason, xdup("line 3: bare \"a\", here \"b\""));
	run->code = 0;
	text = report_write(&run, 1);
	back = report_read(text, strlen(text), &count, &why);
	assert_int_equal(count, 1);
	again = report_write(back, count);
	assert_string_equal(text, again);
	free(text);
	free(again);
	run_free(run);
	runs_free(back, count);
}

/* The layout is that of the library, all of it in one piece: any reader of JSON's. */
static void the_layout_is_the_librarys(void **state)
{
	struct run *run = run_make("modes", "svm-npt", "qemu:EPYC",
				   OUTCOME_PASS, 7);
	struct run *twin = run_make("tables", "svm-npt", "qemu:EPYC",
				    OUTCOME_PASS, 7);
	struct run *runs[] = { run, twin };
	char *text, *dumped, *line;
	json_t *report;

	(void)state;
	json_array_append_new(run->timeline, json_pack("{s:i, s:[s]}", "at", 1,
						       "x", "two\"lines"));
	json_decref(twin->timeline);
	twin->timeline = json_incref(run->timeline);
	text = report_write(runs, 2);
	report = json_loads(text, 0, NULL);
	dumped = json_dumps(report, JSON_INDENT(1) | JSON_SORT_KEYS);
	line = fmt("%s\n", dumped);
	assert_string_equal(text, line);
	json_decref(report);
	free(line);
	free(dumped);
	free(text);
	run_free(run);
	run_free(twin);
}

static void the_order_of_runs_does_not_show(void **state)
{
	struct run *a = run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 1);
	struct run *b = run_make("modes", "svm-npt", "bochs:ryzen",
				 OUTCOME_PASS, 2);
	struct run *c = run_make("denied", "vmx-ug", "bochs:tigerlake",
				 OUTCOME_PASS, 3);
	struct run *one[] = { a, b, c }, *other[] = { c, a, b };
	char *left = report_write(one, 3), *right = report_write(other, 3);

	(void)state;
	assert_string_equal(left, right);
	free(left);
	free(right);
	run_free(a);
	run_free(b);
	run_free(c);
}

/* Text from a guest or a CPU may hold anything: no control reaches a report. */
static void controls_are_not_written(void **state)
{
	struct run *run = run_make("mo\ndes", "svm-npt", "qemu:EPYC",
				   OUTCOME_FAIL, 0);
	struct run **back;
	char *text, *why;
	size_t count;

	(void)state;
	text_set(&run->reason, xdup("a\033[31m\177b\302\233c\xff"));
	json_object_set_new(run->cpu, "name", json_string("C\tPU"));
	text = report_write(&run, 1);
	back = report_read(text, strlen(text), &count, &why);
	assert_non_null(back);
	assert_string_equal(back[0]->guest, "mo?des");
	assert_string_equal(back[0]->reason, "a?[31m?b??c?");
	assert_string_equal(json_string_value(
		json_object_get(back[0]->cpu, "name")), "C?PU");
	runs_free(back, count);
	free(text);
	run_free(run);
}

/* design.md: 0 all pass or skip, 1 any differs or fail, 6 error. */
static void the_exit_status_follows_the_outcomes(void **state)
{
	struct run *pass = run_make("a", "r", "m", OUTCOME_PASS, 0);
	struct run *skip = run_make("a", "r", "m", OUTCOME_SKIP, 0);
	struct run *fail = run_make("a", "r", "m", OUTCOME_FAIL, 0);
	struct run *differs = run_make("a", "r", "m", OUTCOME_DIFFERS, 0);
	struct run *error = run_make("a", "r", "m", OUTCOME_ERROR, 0);

	(void)state;
	assert_int_equal(runs_status((struct run *[]){ pass, skip }, 2), 0);
	assert_int_equal(runs_status((struct run *[]){ pass, fail }, 2), 1);
	assert_int_equal(runs_status((struct run *[]){ pass, differs }, 2), 1);
	assert_int_equal(runs_status((struct run *[]){ error, pass }, 2), 6);
	assert_int_equal(runs_status((struct run *[]){ error, fail }, 2), 1);
	run_free(pass);
	run_free(skip);
	run_free(fail);
	run_free(differs);
	run_free(error);
}

static void junit_escapes_what_xml_reserves(void **state)
{
	struct run *run = run_make("a<b>&\"c\"", "svm-npt", "qemu:EPYC",
				   OUTCOME_FAIL, 0);
	char *text;

	(void)state;
	text_set(&run->reason, xdup("\001 < &"));
	text = junit_write(&run, 1);
	assert_non_null(strstr(text, "name=\"a&lt;b&gt;&amp;&quot;c&quot;\""));
	assert_non_null(strstr(text, "<failure type=\"fail\" message=\"? &lt; "
			       "&amp;\"/>"));
	assert_non_null(strstr(text, "tests=\"1\" failures=\"1\""));
	free(text);
	run_free(run);
}

/* XML 1.0 "Characters": letters beyond ASCII are text, broken UTF-8 is not. */
static void junit_keeps_letters_and_drops_broken_ones(void **state)
{
	struct run *run = run_make("\303\251 \342\206\222 \303 \302\233 \355\240\200",
				   "svm-npt", "qemu:EPYC", OUTCOME_PASS, 0);
	char *text = junit_write(&run, 1);

	(void)state;
	assert_non_null(strstr(text, "name=\"\303\251 \342\206\222 ? ?? ???\""));
	free(text);
	run_free(run);
}

/* Some readers of JUnit take two cases of one name for one. */
static void junit_tells_runs_of_one_key_apart(void **state)
{
	struct run *runs[] = {
		run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 1),
		run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 2),
		run_make("modes", "vmx-ug", "qemu:EPYC", OUTCOME_PASS, 1),
	};
	char *text = junit_write(runs, 3);

	(void)state;
	assert_non_null(strstr(text, "\"svm-npt qemu:EPYC\" name=\"modes\"/>"));
	assert_non_null(strstr(text, "\"svm-npt qemu:EPYC\" name=\"modes #2\"/>"));
	assert_non_null(strstr(text, "\"vmx-ug qemu:EPYC\" name=\"modes\"/>"));
	free(text);
	for (int i = 0; i < 3; i++)
		run_free(runs[i]);
}

/* TAP 13: a plan, `ok` with SKIP for a skip, `not ok` and a line of diagnostics. */
static void tap_has_a_plan_and_directives(void **state)
{
	struct run *runs[] = {
		run_make("a", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 0),
		run_make("b#\n", "svm-npt", "qemu:EPYC", OUTCOME_SKIP, 0),
		run_make("c", "svm-npt", "qemu:EPYC", OUTCOME_DIFFERS, 0),
	};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	text_set(&runs[1]->reason, xdup("no KVM"));
	text_set(&runs[2]->reason, xdup("line 1\nnot ok 4"));
	tap_print(runs, 3, out);
	fclose(out);
	assert_string_equal(text, "TAP version 13\n1..3\n"
			    "ok 1 - a svm-npt qemu:EPYC\n"
			    "ok 2 - b   svm-npt qemu:EPYC # SKIP no KVM\n"
			    "not ok 3 - c svm-npt qemu:EPYC\n"
			    "# differs: line 1 not ok 4\n");
	free(text);
	for (int i = 0; i < 3; i++)
		run_free(runs[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_has_the_documented_fields),
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(the_layout_is_the_librarys),
		cmocka_unit_test(the_order_of_runs_does_not_show),
		cmocka_unit_test(controls_are_not_written),
		cmocka_unit_test(the_exit_status_follows_the_outcomes),
		cmocka_unit_test(junit_escapes_what_xml_reserves),
		cmocka_unit_test(junit_keeps_letters_and_drops_broken_ones),
		cmocka_unit_test(junit_tells_runs_of_one_key_apart),
		cmocka_unit_test(tap_has_a_plan_and_directives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
