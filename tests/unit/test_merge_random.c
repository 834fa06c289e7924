/*
 * What merging must keep to whatever the runs are: the same bytes for any order and any
 * way of putting the reports together, nothing lost, nothing told twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/merge.h"
#include "compare/report.h"
#include "tests/unit/runs_random.h"

enum { ROUNDS = 25, RUNS_MAX = 24 };

/* The runs of the texts, merged and written, with the notes after them; to be freed. */
static char *merged(char *const *texts, size_t count, char **notes_out)
{
	struct run **all = xcalloc(1, sizeof(*all));
	struct buf notes = { 0 };
	size_t total = 0;
	char *out;

	for (size_t i = 0; i < count; i++) {
		size_t number;
		char *why;
		struct run **runs = report_read(texts[i], strlen(texts[i]),
						&number, &why);

		assert_null(why);
		all = xgrow(all, total + number, sizeof(*all));
		for (size_t k = 0; k < number; k++)
			all[total++] = runs[k];
		free(runs);
	}
	assert_null(merge_runs(all, &total));
	merge_notes(all, total, &notes);
	out = report_write(all, total);
	runs_free(all, total);
	if (notes_out)
		*notes_out = notes.text;
	else
		buf_free(&notes);
	return out;
}

static char *random_report(uint64_t *seed)
{
	struct run *runs[RUNS_MAX] = { NULL };
	size_t count = pick(seed, RUNS_MAX);
	char *text;

	for (size_t i = 0; i < count; i++)
		runs[i] = random_run(seed);
	text = report_write(runs, count);
	for (size_t i = 0; i < count; i++)
		run_free(runs[i]);
	return text;
}

static void shuffle(char **texts, size_t count, uint64_t *seed)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = pick(seed, (unsigned)i);
		char *text = texts[i - 1];

		texts[i - 1] = texts[other];
		texts[other] = text;
	}
}

static void any_order_gives_the_same_bytes(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char *texts[4], *first, *again, *notes, *notes_again;

		for (int i = 0; i < 4; i++)
			texts[i] = random_report(&seed);
		first = merged(texts, 4, &notes);
		shuffle(texts, 4, &seed);
		again = merged(texts, 4, &notes_again);
		assert_string_equal(first, again);
		assert_string_equal(notes ? notes : "",
				    notes_again ? notes_again : "");
		free(first);
		free(again);
		free(notes);
		free(notes_again);
		for (int i = 0; i < 4; i++)
			free(texts[i]);
	}
}

static void merging_in_steps_is_merging_at_once(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char *texts[3], *two[2], *at_once, *in_steps;

		for (int i = 0; i < 3; i++)
			texts[i] = random_report(&seed);
		at_once = merged(texts, 3, NULL);
		two[0] = merged(texts, 2, NULL);
		two[1] = texts[2];
		in_steps = merged(two, 2, NULL);
		assert_string_equal(at_once, in_steps);
		free(two[0]);
		two[0] = texts[0];
		two[1] = merged(texts + 1, 2, NULL);
		free(in_steps);
		in_steps = merged(two, 2, NULL);
		assert_string_equal(at_once, in_steps);
		free(two[1]);
		free(at_once);
		free(in_steps);
		for (int i = 0; i < 3; i++)
			free(texts[i]);
	}
}

static void merging_again_changes_nothing(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		char *texts[2] = { random_report(&seed), NULL }, *again;

		texts[1] = merged(texts, 1, NULL);
		again = merged(texts, 2, NULL);
		assert_string_equal(texts[1], again);
		free(texts[0]);
		free(texts[1]);
		free(again);
	}
}

/* Each distinct run of the input, found by looking at all pairs, is there once. */
static void nothing_is_lost(void **state)
{
	uint64_t seed = 4;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct run *runs[RUNS_MAX], *all[RUNS_MAX];
		size_t count = RUNS_MAX, distinct = 0, kept = RUNS_MAX;
		char *left, *right;

		for (size_t i = 0; i < count; i++) {
			uint64_t again = seed;

			all[i] = random_run(&seed);
			runs[i] = random_run(&again);
		}
		for (size_t i = 0; i < count; i++) {
			size_t k = 0;

			while (k < distinct && !run_same(all[k], all[i]))
				k++;
			if (k < distinct) {
				run_free(all[i]);
				continue;
			}
			all[distinct++] = all[i];
		}
		assert_null(merge_runs(runs, &kept));
		assert_int_equal(kept, distinct);
		left = report_write(all, distinct);
		right = report_write(runs, kept);
		assert_string_equal(left, right);
		free(left);
		free(right);
		for (size_t i = 0; i < kept; i++) {
			run_free(all[i]);
			run_free(runs[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_gives_the_same_bytes),
		cmocka_unit_test(merging_in_steps_is_merging_at_once),
		cmocka_unit_test(merging_again_changes_nothing),
		cmocka_unit_test(nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
