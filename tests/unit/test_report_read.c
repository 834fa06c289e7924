/* Reading reports: what is wrong is refused by its place, what is new is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "compare/report.h"
#include "compare/report_quick.h"
#include "tests/unit/runs_random.h"

enum { DAMAGES = 1000, SAMPLE_RUNS = 6, QUICK_FILES = 40 };

#define SCHEMA	"\"schema\":\"diptych-report/1\""
#define EXITS	"\"exits\":{\"total\":1,\"observe\":0,\"by_reason\":{}},"
#define COUNTS	"\"instructions\":{\"total\":1,\"guest\":1,\"hypervisor\":0},"
#define NAMES	"\"guest\":\"a\",\"guest_sha256\":\"\",\"rung\":\"bare\"," \
	"\"machine\":\"m\",\"outcome\":\"pass\",\"reason\":\"\"," \
	"\"output_sha256\":\"\",\"options\":{},\"cpu\":{},"
#define RUN	NAMES EXITS COUNTS "\"controls\":{},\"timeline\":[]"

static void refused(const char *text, const char *expected)
{
	size_t count;
	char *why;

	assert_null(report_read(text, strlen(text), &count, &why));
	assert_string_equal(why, expected);
	free(why);
}

static void another_version_is_refused_by_name(void **state)
{
	(void)state;
	refused("{\"schema\":\"diptych-report/2\",\"runs\":[]}",
		"schema: expected \"diptych-report/1\", found \"diptych-report/2\": "
		"this program reads no other version");
	refused("{\"schema\":\"other/1\",\"runs\":[]}",
		"schema: expected \"diptych-report/1\", found \"other/1\"");
	refused("{\"runs\":[]}",
		"schema: expected \"diptych-report/1\", found nothing");
}

static void damage_is_refused_by_its_place(void **state)
{
	(void)state;
	refused("", "is empty");
	refused("[]", "expected an object, found an array");
	refused("{" SCHEMA "}", "runs: expected an array, found nothing");
	refused("{" SCHEMA ",\"runs\":[7]}",
		"runs[0]: expected an object, found 7");
	refused("{" SCHEMA ",\"runs\":[{" RUN "},{}]}",
		"runs[1].guest: expected a text, found nothing");
	refused("{" SCHEMA ",\"runs\":[{" NAMES EXITS COUNTS "\"controls\":{},"
		"\"timeline\":[{\"at\":0,\"mode\":\"real\",\"ran_as\":\"native\","
		"\"exits\":1,\"instructions\":-5}]}]}",
		"runs[0].timeline[0].instructions: expected a count (0 to 2^63 - "
		"1), found -5");
	refused("{" SCHEMA ",\"runs\":[{" NAMES COUNTS "\"exits\":{\"total\":1,"
		"\"observe\":0,\"by_reason\":{\"io\":1.5}}}]}",
		"runs[0].exits.by_reason.io: expected a count (0 to 2^63 - 1), "
		"found 1.5");
	refused("{" SCHEMA ",\"runs\":[{\"guest\":\"a\\u001b[2J\"," RUN "}]}",
		"line 1, column 66: duplicate object key near '\"guest\"'");
}

/* What is quoted in an error must not do to a terminal what it says. */
static void an_error_is_one_printable_line(void **state)
{
	static const char *const texts[] = {
		"\033[2J\n\n", "{\"\\u001b\n\"", "{" SCHEMA ",\"runs\":[{\"guest\":\n\n"
		"\"\\n\\n\",\"guest_sha256\":\"\\u001b[31m\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		size_t count;
		char *why;

		assert_null(report_read(texts[i], strlen(texts[i]), &count, &why));
		for (char *c = why; *c; c++)
			assert_in_range(*c, ' ', '~');
		free(why);
	}
}

/* "More fields may be added": a program that does not know them must not lose them. */
static void members_that_are_not_known_are_kept(void **state)
{
	static const char text[] = "{" SCHEMA ",\"new\":1,\"runs\":[{" NAMES COUNTS
		"\"exits\":{\"total\":1,\"observe\":0,\"by_reason\":{},\"slow\":4},"
		"\"controls\":{},\"timeline\":[],\"extra\":{\"a\":[null]}}]}";
	size_t count;
	char *why, *again;
	struct run **runs = report_read(text, strlen(text), &count, &why);

	(void)state;
	assert_non_null(runs);
	again = report_write(runs, count);
	assert_non_null(strstr(again, "\"extra\": {\n    \"a\": [\n     null"));
	assert_non_null(strstr(again, "\"slow\": 4"));
	free(again);
	runs_free(runs, count);
}

static char *sample(uint64_t seed)
{
	struct run *runs[SAMPLE_RUNS];
	char *text;

	for (int i = 0; i < SAMPLE_RUNS; i++)
		runs[i] = random_run(&seed);
	text = report_write(runs, SAMPLE_RUNS);
	for (int i = 0; i < SAMPLE_RUNS; i++)
		run_free(runs[i]);
	return text;
}

static void write_to(const char *path, const char *text, size_t size)
{
	assert_int_equal(file_write(path, text, size), 0);
}

/* Both readers, on the same file: the same runs, or the same refusal. */
static void both_agree(const char *path, const char *text, size_t size)
{
	struct quick *quick = quick_new();
	size_t count, number;
	char *why, *quick_why, *left, *right;
	struct run **runs = report_read(text, size, &count, &why), **others;

	write_to(path, text, size);
	others = quick_load(quick, path, &number, &quick_why);
	assert_int_equal(!runs, !others);
	if (runs) {
		size_t once = 0;

		/* Of runs that are copies, the quick one gives one. */
		left = report_write(runs, count);
		right = report_write(others, number);
		for (size_t i = 0; i < count; i++) {
			size_t k = 0;

			while (k < i && !run_same(runs[k], runs[i]))
				k++;
			once += k == i;
		}
		if (once == count)
			assert_string_equal(left, right);
		else
			assert_true(number >= once);
		free(left);
		free(right);
		runs_free(runs, count);
		runs_free(others, number);
	} else {
		char *named = fmt("%s: %s", path, why);

		assert_string_equal(named, quick_why);
		assert_true(*why);
		free(named);
	}
	free(why);
	free(quick_why);
	quick_free(quick);
}

static void damage_one(char *text, size_t *size, uint64_t *seed)
{
	size_t at = pick(seed, (unsigned)*size), more = pick(seed, 40);

	switch (pick(seed, 5)) {
	case 0:
		text[at] = (char)pick(seed, 256);
		break;
	case 1:
		text[at] ^= (char)(1 << pick(seed, 8));
		break;
	case 2:
		*size = at;
		break;
	case 3:		/* a piece is lost */
		more = more < *size - at ? more : *size - at;
		memmove(text + at, text + at + more, *size - at - more);
		*size -= more;
		break;
	case 4:		/* a digit, a brace, a quote in place of another */
		text[at] = "09-.eE{}[],:\"\\nft"[pick(seed, 17)];
		break;
	}
}

/* ASan and UBSan look on. */
static void no_damage_breaks_the_reader(void **state)
{
	char path[] = "/tmp/diptych-report-XXXXXX";
	char *whole = sample(7), *text = xdup(whole);
	size_t length = strlen(whole);
	uint64_t seed = 8;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	for (int i = 0; i < DAMAGES; i++) {
		size_t size = length;

		memcpy(text, whole, length + 1);
		for (unsigned n = 1 + pick(&seed, 3); n && size; n--)
			damage_one(text, &size, &seed);
		both_agree(path, text, size);
	}
	unlink(path);
	free(text);
	free(whole);
}

/* Of files that repeat each other the quick reader gives what the other gives, once each. */
static void quick_reading_loses_nothing(void **state)
{
	char *names[QUICK_FILES];
	struct quick *quick = quick_new();
	struct run **all = NULL;
	size_t total = 0;

	(void)state;
	for (int i = 0; i < QUICK_FILES; i++) {
		char path[] = "/tmp/diptych-report-XXXXXX";
		int fd = mkstemp(path);
		char *text = sample((uint64_t)i % 7), *why;
		struct run **runs;
		size_t count;

		assert_true(fd >= 0);
		close(fd);
		names[i] = xdup(path);
		write_to(path, text, strlen(text));
		runs = quick_load(quick, names[i], &count, &why);
		assert_non_null(runs);
		all = xgrow(all, total + count, sizeof(*all));
		for (size_t k = 0; k < count; k++)
			all[total++] = runs[k];
		free(runs);
		free(text);
		unlink(path);
	}
	for (int i = 0; i < 7; i++) {
		char *text = sample((uint64_t)i), *why;
		size_t count;
		struct run **runs = report_read(text, strlen(text), &count, &why);

		for (size_t k = 0; k < count; k++) {
			size_t found = 0;

			for (size_t n = 0; n < total; n++)
				found += run_same(all[n], runs[k]);
			assert_true(found >= 1 && found <= 7);
		}
		runs_free(runs, count);
		free(text);
	}
	assert_true(total <= 7 * SAMPLE_RUNS);
	quick_free(quick);
	runs_free(all, total);
	for (int i = 0; i < QUICK_FILES; i++)
		free(names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_version_is_refused_by_name),
		cmocka_unit_test(damage_is_refused_by_its_place),
		cmocka_unit_test(an_error_is_one_printable_line),
		cmocka_unit_test(members_that_are_not_known_are_kept),
		cmocka_unit_test(no_damage_breaks_the_reader),
		cmocka_unit_test(quick_reading_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
