/*
 * A serial log of a disc's runs: docs/metal.md "Getting the records back". Whole runs
 * are never lost, whatever is around them, and what is not whole is told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "compare/metal.h"
#include "core/tour.h"

static const char tour_line[] =
	"{\"record\":\"tour\",\"schema\":\"diptych-tour/1\",\"runs\":2,"
	"\"missing\":{\"vmx-ug\":\"VT-x (VMX)\"}}\n";
static const char tour_end[] = "{\"record\":\"tour-end\",\"runs\":2}\n";

/* One run as the machine sends it, with its sum. */
static void run_add(struct buf *log, unsigned number, const char *rung, const char *output)
{
	static const char sha[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct buf b = { 0 };
	unsigned lines = 0;

	buf_fmt(&b, "{\"record\":\"run\",\"number\":%u,\"guest\":\"mine\",\"sha256\":\"%s\","
		"\"rung\":\"%s\",\"ends\":\"exit\"}\n", number, sha, rung);
	buf_fmt(&b, "{\"record\":\"start\",\"schema\":\"diptych-records/1\",\"build\":\"b\","
		"\"rung\":\"%s\",\"options\":{\"observe\":\"modes\",\"tags\":\"on\"},"
		"\"unit\":\"cycles\",\"memory\":2097152,\"cpu\":{\"vendor\":\"AuthenticAMD\","
		"\"family\":23,\"model\":1,\"stepping\":2,\"name\":\"A CPU (tm) 7\","
		"\"hypervisor\":\"\",\"capabilities\":{}},\"registers\":{},\"guest\":{}}\n", rung);
	buf_fmt(&b, "{\"record\":\"exits\",\"total\":7,\"observe\":1,\"by_reason\":{\"io\":6}}\n");
	buf_fmt(&b, "{\"record\":\"end\",\"end\":\"exit\",\"code\":0,\"reason\":\"done\","
		"\"instructions\":{\"total\":9,\"guest\":4,\"hypervisor\":5,\"emulated\":0,"
		"\"idle\":0},\"dropped_segments\":0}\n");
	buf_fmt(&b, "{\"record\":\"text\",\"text\":\"%s\"}\n", output);
	for (size_t i = 0; i < b.size; i++)
		lines += b.text[i] == '\n';
	buf_add(log, b.text, b.size);
	buf_fmt(log, "{\"record\":\"sum\",\"number\":%u,\"lost\":0,\"lines\":%u,\"crc\":%u}\n",
		number, lines, tour_crc(0, b.text, (unsigned)b.size));
	buf_free(&b);
}

static struct buf whole_log(const char *first, const char *second)
{
	struct buf log = { 0 };

	buf_add(&log, tour_line, sizeof(tour_line) - 1);
	run_add(&log, 1, "svm-npt", first);
	run_add(&log, 2, "svm-shadow", second);
	buf_add(&log, tour_end, sizeof(tour_end) - 1);
	return log;
}

static struct metal read_log(const char *text, size_t size, size_t runs)
{
	struct metal metal;

	assert_int_equal(metal_read(text, size, &metal), runs > 0);
	assert_int_equal(metal.count, runs);
	metal_judge(&metal, NULL);
	return metal;
}

static enum outcome outcome_at(const struct metal *m, size_t i)
{
	return m->runs[i].run->outcome;
}

static void test_whole_runs_that_agree_pass(void **state)
{
	struct buf log = whole_log("one\\u000atwo", "one\\u000atwo");
	struct metal m = read_log(log.text, log.size, 2);
	const struct run *run = m.runs[1].run;

	(void)state;
	assert_int_equal(outcome_at(&m, 0), OUTCOME_PASS);
	assert_int_equal(outcome_at(&m, 1), OUTCOME_PASS);
	assert_false(m.partial);
	assert_string_equal(run->rung, "svm-shadow");
	assert_string_equal(run->machine, "metal:a-cpu-tm-7");
	assert_int_equal(run->exits, 7);
	assert_int_equal(run->of_hypervisor, 5);
	/* What compare would have asked for, not all that the rung was set to. */
	assert_int_equal(json_object_size(run->options), 1);
	assert_string_equal(json_string_value(json_object_get(run->options, "observe")),
			    "modes");
	assert_non_null(strstr(m.notes.text, "vmx-ug: this CPU lacks VT-x (VMX)"));
	metal_free(&m);
	buf_free(&log);
}

static void test_outputs_that_part_differ_both(void **state)
{
	struct buf log = whole_log("same\\u000aone", "same\\u000atwo");
	struct metal m = read_log(log.text, log.size, 2);

	(void)state;
	assert_int_equal(outcome_at(&m, 0), OUTCOME_DIFFERS);
	assert_int_equal(outcome_at(&m, 1), OUTCOME_DIFFERS);
	assert_non_null(strstr(m.runs[0].run->reason, "svm-shadow"));
	metal_free(&m);
	buf_free(&log);
}

static void test_bytes_are_the_guests_own(void **state)
{
	static const char bytes[] = { 'a', '\xe9', '\x80', '\n' };
	struct buf log = whole_log("a\\u00e9\\u0080\\u000a", "a\\u00e9\\u0080\\u000a");
	struct metal m = read_log(log.text, log.size, 2);

	(void)state;
	assert_int_equal(m.runs[0].output.size, sizeof(bytes));
	assert_memory_equal(m.runs[0].output.text, bytes, sizeof(bytes));
	metal_free(&m);
	buf_free(&log);
}

static void test_noise_around_lines_is_passed_over(void **state)
{
	struct buf log = whole_log("x", "x"), noisy = { 0 };
	struct metal m;

	(void)state;
	buf_fmt(&noisy, "\033[2JGRUB loading\xff\xfe");
	for (const char *c = log.text; *c; c++)
		buf_fmt(&noisy, *c == '\n' ? "\r\nnoise {\"record\n" : "%c", *c);
	buf_fmt(&noisy, "login: ");
	m = read_log(noisy.text, noisy.size, 2);
	assert_int_equal(outcome_at(&m, 0), OUTCOME_PASS);
	assert_int_equal(outcome_at(&m, 1), OUTCOME_PASS);
	assert_false(m.partial);
	metal_free(&m);
	buf_free(&noisy);
	buf_free(&log);
}

/* Cut anywhere: each run that is whole is there as it was, the rest is told. */
static void test_a_log_cut_anywhere_keeps_what_is_whole(void **state)
{
	struct buf log = whole_log("x", "x");
	const char *sum1 = strstr(log.text, "\"sum\""), *sum2 = strstr(sum1 + 1, "\"sum\"");
	size_t first = (size_t)(strchr(sum1, '\n') - log.text) + 1;
	size_t second = (size_t)(strchr(sum2, '\n') - log.text) + 1;

	(void)state;
	for (size_t size = 0; size < log.size; size++) {
		char *cut = malloc(size + 1);
		struct metal m;

		memcpy(cut, log.text, size);
		/* The first line alone says that runs were to come. */
		assert_int_equal(metal_read(cut, size, &m), size >= sizeof(tour_line) - 1);
		assert_int_equal(m.partial, size >= sizeof(tour_line) - 1);
		if (m.count) {
			metal_judge(&m, "it");
			assert_int_equal(outcome_at(&m, 0),
					 size < first ? OUTCOME_ERROR :
					 size < second ? OUTCOME_SKIP : OUTCOME_PASS);
			if (size >= first)
				assert_int_equal(m.runs[0].run->exits, 7);
		} else {
			assert_true(size < first);
		}
		metal_free(&m);
		free(cut);
	}
	buf_free(&log);
}

static void test_a_changed_byte_is_noticed(void **state)
{
	struct buf log = whole_log("x", "x");
	char *total = strstr(log.text, "\"total\":7");
	struct metal m;

	(void)state;
	total[8] = '8';
	m = read_log(log.text, log.size, 2);
	assert_int_equal(outcome_at(&m, 0), OUTCOME_ERROR);
	assert_non_null(strstr(m.runs[0].run->reason, "not as they were sent"));
	assert_true(m.partial);
	metal_free(&m);
	buf_free(&log);
}

static void test_a_lost_line_is_noticed(void **state)
{
	struct buf log = whole_log("x", "x");
	char *line = strstr(log.text, "{\"record\":\"exits\""), *next = strchr(line, '\n') + 1;
	struct metal m;

	(void)state;
	memmove(line, next, strlen(next) + 1);
	m = read_log(log.text, strlen(log.text), 2);
	assert_int_equal(outcome_at(&m, 0), OUTCOME_ERROR);
	assert_non_null(strstr(m.runs[0].run->reason, "5 lines were sent and 4 are here"));
	metal_free(&m);
	buf_free(&log);
}

static void test_two_starts_in_one_log_stay_apart(void **state)
{
	struct buf log = whole_log("x", "x"), more = whole_log("y", "y");
	struct metal m;

	(void)state;
	buf_add(&log, more.text, more.size);
	m = read_log(log.text, log.size, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(outcome_at(&m, i), OUTCOME_PASS);
	metal_free(&m);
	buf_free(&more);
	buf_free(&log);
}

static void test_a_log_without_runs_is_none(void **state)
{
	struct metal m;

	(void)state;
	assert_false(metal_read("hello\n{\"record\":\"start\"}\n", 26, &m));
	metal_free(&m);
	assert_false(metal_read(NULL, 0, &m));
	metal_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_runs_that_agree_pass),
		cmocka_unit_test(test_outputs_that_part_differ_both),
		cmocka_unit_test(test_bytes_are_the_guests_own),
		cmocka_unit_test(test_noise_around_lines_is_passed_over),
		cmocka_unit_test(test_a_log_cut_anywhere_keeps_what_is_whole),
		cmocka_unit_test(test_a_changed_byte_is_noticed),
		cmocka_unit_test(test_a_lost_line_is_noticed),
		cmocka_unit_test(test_two_starts_in_one_log_stay_apart),
		cmocka_unit_test(test_a_log_without_runs_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
