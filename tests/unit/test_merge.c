/* Merging of reports: order-free, and honest about what does not agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/merge.h"
#include "compare/report.h"
#include "tests/unit/runs.h"

static struct run *modes(const char *machine, uint64_t exits)
{
	return run_make("modes", "svm-npt", machine, OUTCOME_PASS, exits);
}

static void runs_of_all_reports_are_there(void **state)
{
	struct run *runs[] = { modes("qemu:EPYC", 1), modes("bochs:ryzen", 2) };
	struct buf notes = { 0 };
	size_t count = 2;

	(void)state;
	assert_null(merge_runs(runs, &count, &notes));
	assert_int_equal(count, 2);
	assert_int_equal(notes.size, 0);
	run_free(runs[0]);
	run_free(runs[1]);
}

static void copies_are_dropped(void **state)
{
	struct run *runs[] = { modes("qemu:EPYC", 1), modes("qemu:EPYC", 1) };
	struct buf notes = { 0 };
	size_t count = 2;

	(void)state;
	assert_null(merge_runs(runs, &count, &notes));
	assert_int_equal(count, 1);
	assert_int_equal(notes.size, 0);
	run_free(runs[0]);
}

static void counts_that_part_stay_and_are_said(void **state)
{
	struct run *runs[] = { modes("qemu:EPYC", 2), modes("qemu:EPYC", 1) };
	struct buf notes = { 0 };
	size_t count = 2;

	(void)state;
	assert_null(merge_runs(runs, &count, &notes));
	assert_int_equal(count, 2);
	assert_non_null(strstr(notes.text, "modes, svm-npt, qemu:EPYC: runs "
			       "differ; exits 1 and 2"));
	buf_free(&notes);
	run_free(runs[0]);
	run_free(runs[1]);
}

static void one_name_for_two_images_is_refused(void **state)
{
	struct run *runs[] = { modes("qemu:EPYC", 1), modes("bochs:ryzen", 1) };
	struct buf notes = { 0 };
	size_t count = 2;
	char *why;

	(void)state;
	text_set(&runs[1]->guest_sha256, xdup("00bb"));
	why = merge_runs(runs, &count, &notes);
	assert_non_null(why);
	assert_non_null(strstr(why, "modes"));
	free(why);
	run_free(runs[0]);
	run_free(runs[1]);
}

/* A skip has no image, and is no contradiction to a run elsewhere. */
static void a_skip_contradicts_nothing(void **state)
{
	struct run *runs[] = { modes("qemu:EPYC", 1), modes("qemu:EPYC", 0) };
	struct buf notes = { 0 };
	size_t count = 2;

	(void)state;
	runs[1]->outcome = OUTCOME_SKIP;
	text_set(&runs[1]->guest_sha256, xdup(""));
	assert_null(merge_runs(runs, &count, &notes));
	assert_int_equal(count, 2);
	assert_int_equal(notes.size, 0);
	run_free(runs[0]);
	run_free(runs[1]);
}

/* The report and the notes for one order of input; to be freed. */
static char *merged(const int order[3])
{
	struct run *made[] = { modes("qemu:EPYC", 1), modes("qemu:EPYC", 2),
			       modes("bochs:ryzen", 3) };
	struct run *runs[3];
	struct buf notes = { 0 };
	size_t count = 3;
	char *text, *all;

	for (int i = 0; i < 3; i++)
		runs[i] = made[order[i]];
	assert_null(merge_runs(runs, &count, &notes));
	text = report_write(runs, count);
	all = fmt("%s%s", text, notes.text);
	free(text);
	buf_free(&notes);
	for (size_t i = 0; i < count; i++)
		run_free(runs[i]);
	return all;
}

static void the_order_of_reports_does_not_matter(void **state)
{
	static const int orders[][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
		{ 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	char *first = merged(orders[0]);

	(void)state;
	for (size_t i = 1; i < sizeof(orders) / sizeof(*orders); i++) {
		char *other = merged(orders[i]);

		assert_string_equal(first, other);
		free(other);
	}
	free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_of_all_reports_are_there),
		cmocka_unit_test(copies_are_dropped),
		cmocka_unit_test(counts_that_part_stay_and_are_said),
		cmocka_unit_test(one_name_for_two_images_is_refused),
		cmocka_unit_test(a_skip_contradicts_nothing),
		cmocka_unit_test(the_order_of_reports_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
