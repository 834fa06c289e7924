/* Exits as CSV: RFC 4180, and no cell that a spreadsheet would carry out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/csv.h"
#include "tests/unit/runs.h"

#define HEADING "guest,guest_sha256,rung,options,machine,outcome,unit,cpu," \
	"emulator,commit,reason,exits\r\n"

static void exits(struct run *run, const char *reason, int count)
{
	json_object_set_new(run->by_reason, reason, json_integer(count));
}

static void expect(struct run **runs, size_t count, const char *rows)
{
	char *text = csv_write(runs, count), *all = fmt(HEADING "%s", rows);

	assert_string_equal(text, all);
	free(text);
	free(all);
	for (size_t i = 0; i < count; i++)
		run_free(runs[i]);
}

static void no_run_is_a_heading(void **state)
{
	(void)state;
	expect(NULL, 0, "");
}

static void a_row_for_each_reason_by_name(void **state)
{
	struct run *run = run_make("modes", "svm-npt", "qemu:EPYC",
				   OUTCOME_PASS, 6);

	(void)state;
	exits(run, "msr", 1);
	exits(run, "cpuid", 3);
	run->observe = 2;
	expect(&run, 1,
	       "modes," IMAGE_A ",svm-npt,,qemu:EPYC,pass,instructions,,,,cpuid,3\r\n"
	       "modes," IMAGE_A ",svm-npt,,qemu:EPYC,pass,instructions,,,,msr,1\r\n"
	       "modes," IMAGE_A ",svm-npt,,qemu:EPYC,pass,instructions,,,,observe,2\r\n");
}

/* The rung has a column of its own; the default of `observe` is not said. */
static void options_stand_without_the_rung(void **state)
{
	struct run *run = run_make("modes", "vmx-ept", "bochs:ryzen",
				   OUTCOME_PASS, 0);

	(void)state;
	json_object_set_new(run->options, "unpaged", json_string("emulate"));
	json_object_set_new(run->options, "tags", json_string("off"));
	expect(&run, 1, "modes," IMAGE_A ",vmx-ept,\"tags=off,unpaged=emulate\","
	       "bochs:ryzen,pass,instructions,,,,,0\r\n");
}

static void the_fingerprint_has_columns(void **state)
{
	struct run *run = run_make("modes", "svm-npt", "kvm:host",
				   OUTCOME_PASS, 0);

	(void)state;
	json_decref(run->fingerprint);
	run->fingerprint = json_pack(
		"{s:s, s:i, s:i, s:i, s:s, s:s, s:s, s:s, s:s}",
		"vendor", "AuthenticAMD", "family", 25, "model", 1, "stepping", 2,
		"hypervisor", "KVMKVMKVM", "emulator", "qemu",
		"emulator_version", "7.2.22", "diptych", "aaa", "build", "bbb");
	expect(&run, 1, "modes," IMAGE_A ",svm-npt,,kvm:host,pass,instructions,"
	       "\"AuthenticAMD 25/1/2, KVMKVMKVM\",qemu 7.2.22,"
	       "\"aaa, hypervisor bbb\",,0\r\n");
}

/* RFC 4180, 2: a cell with comma, quote or line break is quoted, quotes doubled. */
static void cells_are_quoted_where_they_must(void **state)
{
	struct run *run = run_make("a,b \"c\"\r\nd", "bare", "m", OUTCOME_FAIL, 0);

	(void)state;
	expect(&run, 1, "\"a,b \"\"c\"\"\r\nd\"," IMAGE_A
	       ",bare,,m,fail,instructions,,,,,0\r\n");
}

static void a_cell_is_no_formula(void **state)
{
	static const char *const names[] = { "=1+1", "+1", "-1", "@f", "\t=1" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct run *run = run_make(names[i], "bare", "m", OUTCOME_PASS, 0);
		char *row = fmt("\"'%s\"," IMAGE_A ",bare,,m,pass,instructions,"
				",,,,0\r\n", names[i]);

		expect(&run, 1, row);
		free(row);
	}
}

static void rows_do_not_depend_on_the_order_of_runs(void **state)
{
	struct run *a = run_make("a", "bare", "m", OUTCOME_PASS, 0);
	struct run *b = run_make("b", "bare", "m", OUTCOME_PASS, 0);
	struct run *runs[] = { b, a };

	(void)state;
	expect(runs, 2, "a," IMAGE_A ",bare,,m,pass,instructions,,,,,0\r\n"
	       "b," IMAGE_A ",bare,,m,pass,instructions,,,,,0\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_run_is_a_heading),
		cmocka_unit_test(a_row_for_each_reason_by_name),
		cmocka_unit_test(options_stand_without_the_rung),
		cmocka_unit_test(the_fingerprint_has_columns),
		cmocka_unit_test(cells_are_quoted_where_they_must),
		cmocka_unit_test(a_cell_is_no_formula),
		cmocka_unit_test(rows_do_not_depend_on_the_order_of_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
