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

/* A pair of runs, merged: how many are left, and the notes on them. */
struct merged {
	struct run	*runs[2];
	size_t		count;
	struct buf	notes;
	bool		wrong;
};

static struct merged merge(struct run *a, struct run *b)
{
	struct merged m = { { a, b }, 2, { 0 }, false };

	assert_null(merge_runs(m.runs, &m.count));
	m.wrong = merge_notes(m.runs, m.count, &m.notes);
	return m;
}

static void merged_free(struct merged *m)
{
	for (size_t i = 0; i < m->count; i++)
		run_free(m->runs[i]);
	buf_free(&m->notes);
}

static void fingerprint(struct run *run, const char *key, const char *value)
{
	json_object_set_new(run->fingerprint, key, json_string(value));
}

static void runs_of_all_reports_are_there(void **state)
{
	struct merged m = merge(modes("qemu:EPYC", 1), modes("bochs:ryzen", 2));

	(void)state;
	assert_int_equal(m.count, 2);
	assert_int_equal(m.notes.size, 0);
	merged_free(&m);
}

static void copies_are_dropped(void **state)
{
	struct merged m = merge(modes("qemu:EPYC", 1), modes("qemu:EPYC", 1));

	(void)state;
	assert_int_equal(m.count, 1);
	assert_int_equal(m.notes.size, 0);
	merged_free(&m);
}

/* The file that a copy is said to be from must not depend on which was read first. */
static void a_copy_is_of_the_file_first_by_name(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct run *a = modes("qemu:EPYC", 1);
		struct run *b = modes("qemu:EPYC", 1);
		struct merged m;

		a->file = turn ? "b.json" : "a.json";
		b->file = turn ? "a.json" : "b.json";
		m = merge(a, b);
		assert_string_equal(m.runs[0]->file, "a.json");
		merged_free(&m);
	}
}

static void counts_that_part_stay_and_are_said(void **state)
{
	struct merged m = merge(modes("qemu:EPYC", 2), modes("qemu:EPYC", 1));

	(void)state;
	assert_int_equal(m.count, 2);
	assert_true(m.wrong);
	assert_non_null(strstr(m.notes.text, "modes, svm-npt, qemu:EPYC: runs "
			       "differ; exits 1 and 2; hypervisor instructions "
			       "1000 and 2000\n"));
	merged_free(&m);
}

/* What is no count may part too: nothing is dropped without a word. */
static void a_timeline_that_parts_is_said(void **state)
{
	struct run *a = modes("qemu:EPYC", 1), *b = modes("qemu:EPYC", 1);
	struct merged m;

	(void)state;
	json_array_append_new(a->timeline, json_object());
	m = merge(a, b);
	assert_int_equal(m.count, 2);
	assert_true(m.wrong);
	assert_non_null(strstr(m.notes.text, "runs differ; timeline\n"));
	merged_free(&m);
}

static void each_run_that_parts_tells_whose_it_is(void **state)
{
	struct run *a = modes("qemu:EPYC", 1), *b = modes("qemu:EPYC", 2);
	struct merged m;

	(void)state;
	fingerprint(a, "emulator", "qemu");
	fingerprint(a, "emulator_version", "7.2");
	fingerprint(b, "emulator", "qemu");
	fingerprint(b, "emulator_version", "9.0");
	a->file = "a.json";
	b->file = "b.json";
	m = merge(a, b);
	assert_non_null(strstr(m.notes.text, "runs by different emulators; "));
	assert_non_null(strstr(m.notes.text, "; qemu 7.2; a.json\n"));
	assert_non_null(strstr(m.notes.text, "; qemu 9.0; b.json\n"));
	assert_false(m.wrong);
	merged_free(&m);
}

/* kvm:host and metal are names of many machines: their runs need not be alike. */
static void one_name_for_two_cpus_is_no_contradiction(void **state)
{
	struct run *a = modes("kvm:host", 1), *b = modes("kvm:host", 2);
	struct merged m;

	(void)state;
	fingerprint(a, "vendor", "AuthenticAMD");
	fingerprint(b, "vendor", "GenuineIntel");
	m = merge(a, b);
	assert_int_equal(m.count, 2);
	assert_false(m.wrong);
	assert_non_null(strstr(m.notes.text, "runs on different CPUs; exits"));
	merged_free(&m);
}

/* docs/record.md: where the TSC counts cycles no two runs take as many. */
static void cycles_never_repeat(void **state)
{
	struct run *a = modes("kvm:host", 1), *b = modes("kvm:host", 2);
	struct merged m;

	(void)state;
	text_set(&a->unit, xdup("cycles"));
	text_set(&b->unit, xdup("cycles"));
	m = merge(a, b);
	assert_int_equal(m.count, 2);
	assert_false(m.wrong);
	assert_non_null(strstr(m.notes.text, "runs counted in cycles; "));
	merged_free(&m);
}

/* Two builds that came to the same agree, and both are still told of. */
static void another_build_with_the_same_counts_agrees(void **state)
{
	struct run *a = modes("qemu:EPYC", 1), *b = modes("qemu:EPYC", 1);
	struct merged m;

	(void)state;
	fingerprint(a, "diptych", "111111111111");
	fingerprint(b, "diptych", "222222222222");
	m = merge(a, b);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.notes.size, 0);
	assert_false(m.wrong);
	merged_free(&m);
}

static void one_name_for_two_images_is_refused_with_both(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct run *a = modes("qemu:EPYC", 1);
		struct run *b = modes("bochs:ryzen", 1);
		struct run *runs[] = { turn ? a : b, turn ? b : a };
		size_t count = 2;
		char *why;

		text_set(&b->guest_sha256, xdup(IMAGE_B));
		a->file = "a.json";
		b->file = "b.json";
		why = merge_runs(runs, &count);
		assert_string_equal(why, "guest modes is not the same image in "
				    "all reports: sha256 " IMAGE_A " in a.json "
				    "and sha256 " IMAGE_B " in b.json");
		free(why);
		run_free(a);
		run_free(b);
	}
}

/* A skip has no image, and is no contradiction to a run elsewhere. */
static void a_skip_contradicts_nothing(void **state)
{
	struct run *skip = modes("qemu:EPYC", 0);
	struct merged m;

	(void)state;
	skip->outcome = OUTCOME_SKIP;
	text_set(&skip->guest_sha256, xdup(""));
	m = merge(modes("qemu:EPYC", 1), skip);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.notes.size, 0);
	merged_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_of_all_reports_are_there),
		cmocka_unit_test(copies_are_dropped),
		cmocka_unit_test(a_copy_is_of_the_file_first_by_name),
		cmocka_unit_test(counts_that_part_stay_and_are_said),
		cmocka_unit_test(a_timeline_that_parts_is_said),
		cmocka_unit_test(each_run_that_parts_tells_whose_it_is),
		cmocka_unit_test(one_name_for_two_cpus_is_no_contradiction),
		cmocka_unit_test(cycles_never_repeat),
		cmocka_unit_test(another_build_with_the_same_counts_agrees),
		cmocka_unit_test(one_name_for_two_images_is_refused_with_both),
		cmocka_unit_test(a_skip_contradicts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
