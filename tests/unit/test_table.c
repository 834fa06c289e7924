/* The tables that people read, and what of a guest's output is compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/filter.h"
#include "compare/grid.h"
#include "compare/required.h"
#include "compare/table.h"
#include "tests/unit/runs.h"

enum { RUNS = 6 };

static const char *const machine_names[RUNS] = {
	"qemu:EPYC", "bochs:ryzen", "bochs:corei5_arrandale_m520",
	"bochs:corei7_skylake_x", "bochs:tigerlake", "bochs:zambezi",
};

/* One guest on six machines, printed; the text is to be freed. */
static char *printed(bool colour, enum outcome outcome, const char *rung)
{
	struct run *runs[RUNS];
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (int i = 0; i < RUNS; i++)
		runs[i] = run_make("modes", rung, machine_names[i], outcome,
				   1234567);
	table_print(runs, RUNS, false, out, colour);
	fclose(out);
	for (int i = 0; i < RUNS; i++)
		run_free(runs[i]);
	return text;
}

static void columns_wrap_at_100(void **state)
{
	char *text = printed(false, OUTCOME_PASS, "svm-npt");
	char *rest = text, *line;
	int guests = 0;

	(void)state;
	while ((line = strsep(&rest, "\n"))) {
		assert_true(strlen(line) <= 100);
		guests += !strncmp(line, "modes", 5);
	}
	/* 5 for the guest, 3 + 7 + 2 + 9 + 2 + 13 a column: two to a block. */
	assert_int_equal(guests, 3);
	free(text);
}

static void lines_end_without_blanks(void **state)
{
	char *text = printed(false, OUTCOME_SKIP, "svm-npt");

	(void)state;
	assert_null(strstr(text, " \n"));
	free(text);
}

/* Of several reports: what came out otherwise stands below, what looks alike does not. */
static void runs_of_one_key_stand_below_each_other(void **state)
{
	struct run *runs[] = {
		run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 1),
		run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 1),
		run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 2),
		run_make("tables", "svm-npt", "qemu:EPYC", OUTCOME_FAIL, 3),
	};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	table_print(runs, 4, false, out, false);
	fclose(out);
	assert_non_null(strstr(text, "\nmodes      pass         1     1,000\n"
			       "modes #2   pass         2     2,000\n"
			       "tables     fail         3     3,000\n"));
	free(text);
	for (int i = 0; i < 4; i++)
		run_free(runs[i]);
}

static void colour_is_only_there_when_asked_for(void **state)
{
	char *plain = printed(false, OUTCOME_PASS, "svm-npt");
	char *painted = printed(true, OUTCOME_PASS, "svm-npt");

	(void)state;
	assert_null(strchr(plain, '\033'));
	assert_non_null(strchr(painted, '\033'));
	free(plain);
	free(painted);
}

static void cells_hold_outcome_exits_and_instructions(void **state)
{
	char *text = printed(false, OUTCOME_DIFFERS, "svm-npt");

	(void)state;
	assert_non_null(strstr(text, "differs  1,234,567  1,234,567,000"));
	free(text);
}

/* Bare is the reference, not a column, until it is asked for. */
static void bare_is_no_column(void **state)
{
	char *text = printed(false, OUTCOME_PASS, "bare");

	(void)state;
	assert_string_equal(text, "");
	free(text);
}

static void skips_of_one_reason_are_said_once(void **state)
{
	struct run *runs[2];
	char *text, *first;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (int i = 0; i < 2; i++) {
		runs[i] = run_make(i ? "tables" : "modes", "vmx-ug",
				   "bochs:ryzen", OUTCOME_SKIP, 0);
		text_set(&runs[i]->reason, xdup("no VT-x"));
	}
	table_remarks(runs, 2, out, false);
	fclose(out);
	first = strstr(text, "no VT-x");
	assert_non_null(first);
	assert_null(strstr(first + 1, "no VT-x"));
	assert_non_null(strstr(text, "2 runs: 2 skip"));
	free(text);
	run_free(runs[0]);
	run_free(runs[1]);
}

/* A grid's numbers are told apart in groups of three. */
static void numbers_are_grouped(void **state)
{
	static const struct { uint64_t n; const char *text; } rows[] = {
		{ 0, "0" }, { 999, "999" }, { 1000, "1,000" },
		{ 1234567, "1,234,567" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char *text = number_text(rows[i].n);

		assert_string_equal(text, rows[i].text);
		free(text);
	}
}

/* What differs between two outputs of this guest; NULL: nothing. */
static void compares(const struct guest *guest, const char *bare,
		     const char *other, const char *expected)
{
	char *said = output_difference(guest, bare, strlen(bare), other,
				       strlen(other));

	if (expected)
		assert_string_equal(said, expected);
	else
		assert_null(said);
	free(said);
}

static void the_first_difference_is_named(void **state)
{
	static const struct guest plain = { .name = "plain" };

	(void)state;
	compares(&plain, "a\nb\n", "a\nb\n", NULL);
	compares(&plain, "", "", NULL);
	compares(&plain, "a\nb\nc\n", "a\nB\nC\n",
		 "line 2: bare \"b\", here \"B\"");
	compares(&plain, "a\nb\n", "a\n",
		 "line 2: bare \"b\", here (end of output)");
	compares(&plain, "a\n", "a\nb\n",
		 "line 2: bare (end of output), here \"b\"");
	compares(&plain, "a\n", "\001\n", "line 1: bare \"a\", here \"\\x01\"");
}

static void dropped_lines_are_not_compared(void **state)
{
	static const struct filter filters[] = {
		{ FILTER_DROP, "^raw ", "the machine's own" },
		{ FILTER_DROP, NULL, NULL },
	};
	static const struct guest g = { .name = "g", .filters = filters };

	(void)state;
	compares(&g, "a\nraw 1\nb\n", "a\nraw 2\nraw 3\nb\n", NULL);
	compares(&g, "raw 1\na\n", "raw 2\nraw 3\nb\n",
		 "line 3: bare \"a\", here \"b\"");
	compares(&g, "draw 1\n", "draw 2\n",
		 "line 1: bare \"draw 1\", here \"draw 2\"");
}

static void masked_parts_are_not_compared(void **state)
{
	static const struct filter filters[] = {
		{ FILTER_MASK, "[0-9]+ MHz", "clock" },
		{ FILTER_DROP, NULL, NULL },
	};
	static const struct guest g = { .name = "g", .filters = filters };

	(void)state;
	compares(&g, "cpu 50 MHz or 60 MHz ok\n", "cpu 7 MHz or 8 MHz ok\n",
		 NULL);
	compares(&g, "cpu 50 MHz ok\n", "cpu 7 MHz no\n",
		 "line 1: bare \"cpu ... ok\", here \"cpu ... no\"");
}

static void nothing_after_the_end_line_counts(void **state)
{
	static const struct guest g = { .name = "g", .end_line = "the end" };

	(void)state;
	compares(&g, "a\nthe end.\nx\ny\n", "a\nthe end.\nz\n", NULL);
	compares(&g, "a\nthe end.\n", "b\nthe end.\n",
		 "line 1: bare \"a\", here \"b\"");
	assert_true(output_ended(&g, "a\nthe end", 9));
	assert_false(output_ended(&g, "a\nthe en", 8));
}

static void required_lines_must_be_whole_lines(void **state)
{
	static const char table[] = "# a comment\ng\tany\tport ok\n"
		"g\tlimits\tlimit ok\nother\tany\tabsent\n";
	struct buf good = { .text = (char *)"a\nport ok\n", .size = 10 };
	struct buf bad = { .text = (char *)"port okay\n", .size = 10 };
	char *lacks = required_lacks(table, "g", false, &bad);

	(void)state;
	assert_string_equal(lacks, "port ok");
	free(lacks);
	assert_null(required_lacks(table, "g", false, &good));
	lacks = required_lacks(table, "g", true, &good);
	assert_string_equal(lacks, "limit ok");
	free(lacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_wrap_at_100),
		cmocka_unit_test(lines_end_without_blanks),
		cmocka_unit_test(runs_of_one_key_stand_below_each_other),
		cmocka_unit_test(colour_is_only_there_when_asked_for),
		cmocka_unit_test(cells_hold_outcome_exits_and_instructions),
		cmocka_unit_test(bare_is_no_column),
		cmocka_unit_test(skips_of_one_reason_are_said_once),
		cmocka_unit_test(numbers_are_grouped),
		cmocka_unit_test(the_first_difference_is_named),
		cmocka_unit_test(dropped_lines_are_not_compared),
		cmocka_unit_test(masked_parts_are_not_compared),
		cmocka_unit_test(nothing_after_the_end_line_counts),
		cmocka_unit_test(required_lines_must_be_whole_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
