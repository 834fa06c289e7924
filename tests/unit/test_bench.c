/* What the bench makes of its lines: net counts, bars, policies, growth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/bars.h"
#include "compare/bench.h"
#include "compare/counts.h"
#include "compare/growth.h"

static struct buf output(const char *text)
{
	return (struct buf){ .text = (char *)text, .size = strlen(text) };
}

static json_t *kvm_lines(const char *text)
{
	json_t *lines = json_loads(text, 0, NULL);

	assert_non_null(lines);
	return lines;
}

static void net_is(const struct buf *out, const char *line, const char *expected)
{
	char *found = counts_net(out, line);

	assert_string_equal(found, expected);
	free(found);
}

/* The empty body of the guest's phase is taken off, whichever phase measured it first. */
static void counts_are_net_of_their_phase(void **state)
{
	struct buf out = output("bench base 300\nbench cpuid 40\nbench pg_base -298\n"
				"bench pg_cpuid -200\nbench lm_base -290\n"
				"bench lm_cpuid 10\nbench vmcall UD\n");

	(void)state;
	net_is(&out, "base", "300");
	net_is(&out, "cpuid", "40");
	net_is(&out, "pg_base", "0");
	net_is(&out, "pg_cpuid", "98");
	net_is(&out, "lm_base", "0");
	net_is(&out, "lm_cpuid", "300");
	net_is(&out, "vmcall", "UD");
	assert_null(counts_net(&out, "no such line"));
}

static void only_numbers_from_0_on_count(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(counts_number("0", &n) && n == 0);
	assert_true(counts_number("12", &n) && n == 12);
	assert_false(counts_number("-1", &n));
	assert_false(counts_number("UD", &n));
	assert_false(counts_number("", &n));
	assert_false(counts_number("12x", &n));
}

static const char kvm_text[] =
	"[{\"line\":\"plain\",\"counts\":{\"bare\":2,\"npt0\":901,\"vmx_ept0_bochs\":1201}},"
	"{\"line\":\"masked\",\"counts\":{\"bare\":2,\"npt0\":900,\"vmx_ept0_bochs\":2}},"
	"{\"line\":\"faults\",\"counts\":{\"bare\":10,\"npt0\":11,\"vmx_ept0_bochs\":11}},"
	"{\"line\":\"invlpg\",\"counts\":{\"bare\":1,\"npt0\":3417,\"vmx_ept0_bochs\":1203}},"
	"{\"line\":\"text\",\"counts\":{\"bare\":2,\"npt0\":\"UD\"}}]";

static void bar_is(json_t *kvm, const char *line, const char *own, uint64_t expected)
{
	uint64_t most;

	assert_true(bar_find(kvm, line, own, &most));
	assert_int_equal(most, expected);
}

/* A third of the better of KVM's rungs that exit at all, rounded down. */
static void the_bar_is_a_third_of_kvms_best(void **state)
{
	json_t *kvm = kvm_lines(kvm_text);
	uint64_t most;

	(void)state;
	bar_is(kvm, "plain", "npt0", 300);
	bar_is(kvm, "plain", "vmx_ept0_bochs", 300);
	bar_is(kvm, "invlpg", "npt0", 400);		/* agreed, not 401 */
	assert_false(bar_find(kvm, "text", "npt0", &most));
	assert_false(bar_find(kvm, "no such line", "npt0", &most));
	json_decref(kvm);
}

/* Where KVM's own rung does not exit, no exit is the bar; elsewhere that one does not count. */
static void without_an_exit_the_bar_is_kvms_count(void **state)
{
	json_t *kvm = kvm_lines(kvm_text);

	(void)state;
	bar_is(kvm, "masked", "vmx_ept0_bochs", 2);
	bar_is(kvm, "masked", "npt0", 300);
	bar_is(kvm, "faults", "npt0", 11);	/* Bochs counts the faulting instruction */
	json_decref(kvm);
}

static const struct bench_column columns[] = {
	{ BENCH_SHADOW, "svm-shadow", "svm-shadow", "sync", "unsync", "qemu:EPYC-npt",
	  "npt0" },
	{ BENCH_SHADOW, "svm-shadow", "svm-shadow", "sync", "protect", "qemu:EPYC-npt",
	  "npt0" },
	{ BENCH_SHADOW, "svm-shadow", "svm-shadow", "sync", "flush", "qemu:EPYC-npt",
	  "npt0" },
	{ BENCH_NATIVE, "svm-npt", "svm-npt", NULL, NULL, "qemu:EPYC", "npt0" },
};
enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

typedef size_t printer(const struct bench_result *results, size_t count,
		       json_t *kvm, FILE *out, bool colour);

/* What is printed of three policies' and one native column's output; *bad as returned. */
static char *printed(printer *print, const char *const *text, size_t *bad)
{
	struct bench_result results[COLUMNS];
	struct buf out[COLUMNS];
	json_t *kvm = kvm_lines(kvm_text);
	char *all;
	size_t size;
	FILE *to = open_memstream(&all, &size);

	for (size_t i = 0; i < COLUMNS; i++) {
		out[i] = output(text[i]);
		results[i] = (struct bench_result){ &columns[i], &out[i], NULL };
	}
	*bad = print(results, COLUMNS, kvm, to, false);
	fclose(to);
	json_decref(kvm);
	return all;
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

/* The best has a star if it is ahead by more than two percent of the next. */
static void the_best_policy_is_marked(void **state)
{
	static const char *const text[COLUMNS] = {
		"bench plain 99\nbench invlpg 500\nbench zero 0\n",
		"bench plain 100\nbench invlpg 300\nbench zero 0\n",
		"bench plain 200\nbench invlpg 400\nbench zero 0\n",
		"bench plain 7\n",
	};
	size_t bad;
	char *all = printed(bench_shadow_print, text, &bad);

	(void)state;
	has(all, "99      100    200 ");
	has(all, "500      300*   400 ");
	has(all, "best is unsync in 0 lines, protect in 1 lines, flush in 0 lines, "
		 "none in 2");
	free(all);
}

/* Only the first policy, which is the default, is held to the bar. */
static void a_missed_bar_is_shown_and_counted(void **state)
{
	static const char *const text[COLUMNS] = {
		"bench plain 301\nbench invlpg 400\n",
		"bench plain 1\nbench invlpg 9000\n",
		"bench plain 1\nbench invlpg 9000\n",
		"",
	};
	size_t bad;
	char *all = printed(bench_shadow_print, text, &bad);

	(void)state;
	assert_int_equal(bad, 1);
	has(all, "901  300  >\n");
	has(all, "3417  400\n");
	has(all, "; 1 over the bar (>)\n");
	free(all);
}

/* A policy that did not run, or a line without a number, wins and misses nothing. */
static void what_is_no_number_is_not_judged(void **state)
{
	static const char *const text[COLUMNS] = {
		"bench plain -\nbench invlpg 401\n", "bench plain 5\n", "", "",
	};
	size_t bad;
	char *all = printed(bench_shadow_print, text, &bad);

	(void)state;
	assert_int_equal(bad, 1);	/* invlpg, whatever the others did */
	has(all, "400  >\n");
	assert_null(strchr(strstr(all, "line "), '*'));
	free(all);
}

static void native_counts_above_kvms_are_marked(void **state)
{
	static const char *const text[COLUMNS] = {
		"bench only_shadow 1\n", "", "",
		"bench plain 902\nbench masked 900\nbench invlpg -5\nbench grow_256 7\n",
	};
	size_t bad;
	char *all = printed(bench_native_print, text, &bad);

	(void)state;
	assert_int_equal(bad, 1);
	has(all, "902   901  >\n");
	has(all, "900   900\n");
	assert_null(strstr(all, "-5"));		/* less than the empty body: no count */
	assert_null(strstr(all, "only_shadow"));
	assert_null(strstr(all, "grow_256"));	/* a table of its own has these */
	free(all);
}

/* ---- growth ---- */

static void a_page_costs_the_same_within_10_percent(void **state)
{
	static const struct {
		uint64_t cost[3];
		bool flat;
	} rows[] = {
		{ { 1000, 1000, 1000 }, true }, { { 900, 1000, 1100 }, true },
		{ { 899, 1000, 1000 }, false }, { { 1000, 1000, 1101 }, false },
		{ { 20, 4, 5 }, true },		/* few instructions are no growth */
		{ { 30, 5, 5 }, false },
	};
	uint64_t least, most;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(growth_flat(rows[i].cost, 3, &least, &most),
				 rows[i].flat);
	assert_int_equal(least, 5);
	assert_int_equal(most, 30);
}

static void memory_grows_in_a_straight_line(void **state)
{
	static const uint64_t n[4] = { 256, 512, 1024, 2048 };
	static const uint64_t line[4] = { 100, 200, 400, 800 };
	static const uint64_t slack[4] = { 4, 4, 5, 7 };	/* whole tables only */
	static const uint64_t square[4] = { 10, 40, 160, 640 };
	static const uint64_t falls[4] = { 100, 50, 20, 10 };

	(void)state;
	assert_true(growth_straight(n, line, 4));
	assert_true(growth_straight(n, slack, 4));
	assert_false(growth_straight(n, square, 4));
	assert_false(growth_straight(n, falls, 4));
}

/* All points of a series as the guest prints them. */
static char *series(const struct growth_series *s, bool tables)
{
	struct buf b = { 0 };

	for (unsigned i = 0, n = s->from; i < s->points; i++, n *= 2) {
		buf_fmt(&b, "bench %s%u %u\n", s->first, n, 700 + i);
		buf_fmt(&b, "bench %s%u %u\n", s->again, n, 5 + i);
		if (tables)
			buf_fmt(&b, "bench %s%u %u\n", s->tables, n, 4 * n);
	}
	return b.text;
}

static void growth_reads_all_points(void **state)
{
	char *text = series(&growth_spaces, true), *bare = series(&growth_pages, false);
	struct buf out = output(text), without = output(bare);
	struct growth g;

	(void)state;
	growth_read(&growth_spaces, &out, &g);
	assert_int_equal(g.points, 7);
	assert_int_equal(g.n[6], 64);
	assert_int_equal(g.first[6], 706);
	assert_int_equal(g.again[0], 5);
	assert_true(g.has_tables);
	assert_int_equal(g.tables[6], 256);
	growth_read(&growth_pages, &without, &g);
	assert_int_equal(g.points, 8);
	assert_int_equal(g.n[7], 32768);
	assert_false(g.has_tables);
	growth_read(&growth_pages, &out, &g);	/* not in this one */
	assert_int_equal(g.points, 0);
	free(text);
	free(bare);
}

static void crooked_growth_is_said_and_counted(void **state)
{
	char *text = series(&growth_pages, true), *at, *all;
	struct buf out = output(text);
	struct bench_result result = { &columns[0], &out, NULL };
	size_t size;
	FILE *to = open_memstream(&all, &size);

	(void)state;
	assert_int_equal(bench_growth_print(&result, 1, to, false), 0);
	fclose(to);
	has(all, "701 to 707 a page first, 6 to 12 again: linear, memory linear");
	free(all);
	at = strstr(text, "grow_32768 7");
	assert_non_null(at);
	at[strlen("grow_32768 ")] = '9';
	to = open_memstream(&all, &size);
	assert_int_equal(bench_growth_print(&result, 1, to, false), 1);
	fclose(to);
	has(all, "NOT LINEAR, memory linear");
	free(all);
	free(text);
}

/* The columns of one rung on one machine follow each other, the default policy first. */
static void columns_start_with_the_default_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < bench_columns_count; i++) {
		const struct bench_column *c = &bench_columns[i];

		if (c->kind != BENCH_SHADOW)
			continue;
		assert_string_equal(c[0].value, "unsync");
		assert_string_equal(c[1].value, "protect");
		assert_string_equal(c[2].value, "flush");
		assert_string_equal(c[0].machine, c[2].machine);
		assert_string_equal(c[0].rung, c[2].rung);
		i += 2;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_net_of_their_phase),
		cmocka_unit_test(only_numbers_from_0_on_count),
		cmocka_unit_test(the_bar_is_a_third_of_kvms_best),
		cmocka_unit_test(without_an_exit_the_bar_is_kvms_count),
		cmocka_unit_test(the_best_policy_is_marked),
		cmocka_unit_test(a_missed_bar_is_shown_and_counted),
		cmocka_unit_test(what_is_no_number_is_not_judged),
		cmocka_unit_test(native_counts_above_kvms_are_marked),
		cmocka_unit_test(a_page_costs_the_same_within_10_percent),
		cmocka_unit_test(memory_grows_in_a_straight_line),
		cmocka_unit_test(growth_reads_all_points),
		cmocka_unit_test(crooked_growth_is_said_and_counted),
		cmocka_unit_test(columns_start_with_the_default_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
