/*
 * The words of a disc's modules, and what the runs of one guest say together:
 * core/tour.h.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/tour.h"

static void test_only_guest_words_begin_a_guest(void **state)
{
	(void)state;
	assert_true(tour_guest_begins("guest=a --"));
	assert_true(tour_guest_begins("/file.bin guest=a"));
	assert_false(tour_guest_begins("hang one"));
	assert_false(tour_guest_begins("a b guest=c"));
	assert_false(tour_guest_begins("guests=a"));
	assert_false(tour_guest_begins("guest"));
	assert_false(tour_guest_begins(""));
}

static void test_words_are_taken_up_to_the_separator(void **state)
{
	struct tour_guest g;

	(void)state;
	assert_true(tour_guest_parse("f guest=a ends=exit seconds=9 drop=^raw%20 "
				     "drop=MHz -- mem=2M -- x", &g));
	assert_string_equal(g.name, "a");
	assert_string_equal(g.ends, "exit");
	assert_int_equal(g.seconds, 9);
	assert_true(g.compared);
	assert_int_equal(g.drops, 2);
	assert_true(g.drop[0].at_start);
	assert_int_equal(g.drop[0].size, 4);
	assert_memory_equal(g.drop[0].text, "raw ", 4);
	assert_false(g.drop[1].at_start);
	assert_string_equal(g.words, " mem=2M -- x");
	assert_true(tour_guest_parse("guest=b compare=no", &g));
	assert_false(g.compared);
	assert_int_equal(g.seconds, TOUR_SECONDS);
	assert_string_equal(g.words, "");
}

static void test_what_is_wrong_is_named(void **state)
{
	static const char *const wrong[][2] = {
		{ "guest=", "guest" }, { "", "guest" },
		{ "guest=a2345678901234567890123456789", "guest" },
		{ "guest=a seconds=0", "seconds" }, { "guest=a seconds=3601", "seconds" },
		{ "guest=a seconds=x", "seconds" }, { "guest=a compare=yes", "compare" },
		{ "guest=a drop=", "drop" }, { "guest=a drop=^", "drop" },
		{ "guest=a drop=%2", "drop" }, { "guest=a drop=%zz", "drop" },
		{ "guest=a drop=123456789012345678901234567890123", "drop" },
		{ "guest=a drop=a drop=b drop=c drop=d drop=e", "drop" },
		{ "guest=a ends=12345678901234567", "ends" },
		{ "guest=a bogus=1", "bogus" }, { "guest=a word", "word" },
	};
	struct tour_guest g;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_false(tour_guest_parse(wrong[i][0], &g));
		assert_non_null(strstr(g.error, wrong[i][1]));
	}
}

static uint64_t sum_of(const struct tour_guest *g, const char *text)
{
	struct tour_output o;

	tour_output_start(&o, g);
	while (*text)
		tour_output_byte(&o, (uint8_t)*text++);
	return tour_output_end(&o);
}

static void test_dropped_lines_do_not_count(void **state)
{
	struct tour_guest g;
	uint64_t sum;

	(void)state;
	assert_true(tour_guest_parse("guest=a drop=^raw%20 drop=MHz", &g));
	sum = sum_of(&g, "one\ntwo\n");
	assert_int_equal(sum, sum_of(&g, "one\nraw 7\ntwo\n"));
	assert_int_equal(sum, sum_of(&g, "raw 8\none\ntwo\n12 MHz CPU\n"));
	assert_int_equal(sum, sum_of(&g, "one\ntwo\nMMHz"));
	assert_int_not_equal(sum, sum_of(&g, "one\nxraw 7\ntwo\n"));
	assert_int_not_equal(sum, sum_of(&g, "one\nraw7\ntwo\n"));
	assert_int_not_equal(sum, sum_of(&g, "one\ntwo"));
	assert_int_not_equal(sum, sum_of(&g, "two\none\n"));
	assert_int_not_equal(sum, sum_of(&g, "one\n\ntwo\n"));
}

/* One letter for each cell: . not run, e gave up, or the name of its output; upper
 * case: ended by limit. */
static void verdicts(const char *words, const char *cells, char *out)
{
	struct tour_cell cell[8] = { { 0 } };
	struct tour_guest g;
	unsigned count = (unsigned)strlen(cells);

	assert_true(tour_guest_parse(words, &g));
	for (unsigned i = 0; i < count; i++) {
		cell[i].run = cells[i] != '.';
		cell[i].output = (uint64_t)(cells[i] | 0x20);
		cell[i].end = cells[i] == 'e' ? NULL : cells[i] >= 'a' ? "exit" : "limit";
	}
	tour_judge(&g, cell, count);
	for (unsigned i = 0; i < count; i++) {
		const char *name = tour_verdict_name(cell[i].verdict);

		out[i] = !*name ? '.' : !strcmp(name, "error") ? 'e' : name[0];
	}
	out[count] = 0;
}

static void test_verdicts(void **state)
{
	static const struct { const char *words, *cells, *verdicts; } rows[] = {
		{ "guest=g ends=exit", "xxx", "aaa" },
		{ "guest=g ends=exit", "xyx", "ddd" },
		{ "guest=g ends=exit", "x..", "r.." },
		{ "guest=g ends=exit", "xX", "rf" },
		{ "guest=g ends=exit", "xXx", "afa" },
		{ "guest=g ends=exit", "xex", "aea" },
		{ "guest=g ends=exit", "xye", "dde" },
		{ "guest=g ends=limit", "XX", "aa" },
		{ "guest=g", "xX", "dd" },	/* any end, but all alike */
		{ "guest=g", "XX", "aa" },
		{ "guest=g ends=exit compare=no", "xyx", "rrr" },
		{ "guest=g ends=exit compare=no", "xX", "rf" },
	};
	char out[9];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		verdicts(rows[i].words, rows[i].cells, out);
		assert_string_equal(out, rows[i].verdicts);
	}
}

static void test_an_exit_code_other_than_zero_fails(void **state)
{
	struct tour_cell cell = { .run = true, .end = "exit", .code = 3 };
	struct tour_guest g;

	(void)state;
	assert_true(tour_guest_parse("guest=g ends=exit", &g));
	tour_judge(&g, &cell, 1);
	assert_int_equal(cell.verdict, TOUR_FAILS);
}

/* The check value of CRC-32 in every table of them: that of "123456789". */
static void test_crc(void **state)
{
	(void)state;
	assert_int_equal(tour_crc(0, "123456789", 9), 0xcbf43926u);
	assert_int_equal(tour_crc(tour_crc(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_guest_words_begin_a_guest),
		cmocka_unit_test(test_words_are_taken_up_to_the_separator),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_dropped_lines_do_not_count),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_an_exit_code_other_than_zero_fails),
		cmocka_unit_test(test_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
