/* The record writer: valid JSON lines, whatever is told, and its text formatter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/record.h"

struct sink {
	struct host_io	io;
	char		line[RECORD_LINE + 1];
	unsigned	size, lines;
};

static void take_line(struct host_io *io, const char *line, unsigned size)
{
	struct sink *sink = (struct sink *)io;

	assert_in_range(size, 1, RECORD_LINE);
	memcpy(sink->line, line, size);
	sink->line[size] = '\0';
	sink->size = size;
	sink->lines++;
}

static struct sink new_sink(void)
{
	return (struct sink){ .io.record_line = take_line };
}

static void members_are_separated_and_nested(void **state)
{
	struct sink sink = new_sink();
	struct record r;

	(void)state;
	record_begin(&r, &sink.io, "exits");
	record_number(&r, "total", UINT64_MAX);
	record_open(&r, "by_reason");
	record_number(&r, "cpuid", 3);
	record_number(&r, "io", 0);
	record_close(&r);
	record_open(&r, "empty");
	record_close(&r);
	record_bool(&r, "yes", true);
	record_bool(&r, "no", false);
	record_string(&r, "text", "ok");
	record_end(&r);
	assert_string_equal(sink.line,
		"{\"record\":\"exits\",\"total\":18446744073709551615,"
		"\"by_reason\":{\"cpuid\":3,\"io\":0},\"empty\":{},"
		"\"yes\":true,\"no\":false,\"text\":\"ok\"}\n");
	assert_int_equal(sink.lines, 1);
}

/* RFC 8259 "Strings" 7: quote, backslash and controls are escaped; here all non-ASCII too. */
static void text_is_escaped(void **state)
{
	struct sink sink = new_sink();
	struct record r;

	(void)state;
	record_begin(&r, &sink.io, "note");
	record_string(&r, "t\"", "a\"b\\c\n\x01\x7f\x80\xff~ ");
	record_end(&r);
	assert_string_equal(sink.line,
		"{\"record\":\"note\",\"t\\\"\":\"a\\\"b\\\\c\\u000a\\u0001"
		"\\u007f\\u0080\\u00ff~ \"}\n");
}

/* What does not fit is left out whole, the line says so and stays valid. */
static void full_line_is_truncated_at_a_member(void **state)
{
	static char big[RECORD_LINE];
	struct sink sink = new_sink();
	struct record r;

	(void)state;
	memset(big, '"', sizeof(big) - 1);
	record_begin(&r, &sink.io, "note");
	record_open(&r, "in");
	record_number(&r, "a", 1);
	record_string(&r, "text", big);
	record_number(&r, "b", 2);
	record_close(&r);
	record_number(&r, "c", 3);
	record_end(&r);
	assert_string_equal(sink.line, "{\"record\":\"note\",\"in\":{\"a\":1},"
			    "\"truncated\":true}\n");
}

/* Lines of every length around the limit: balanced, ended, never over it. */
static void no_length_breaks_a_line(void **state)
{
	static char text[RECORD_LINE];
	unsigned truncated = 0, whole = 0;

	(void)state;
	for (unsigned length = RECORD_LINE - 150; length < RECORD_LINE; length++) {
		struct sink sink = new_sink();
		struct record r;
		int depth = 0;

		memset(text, 'x', length);
		text[length] = '\0';
		record_begin(&r, &sink.io, "note");
		for (unsigned i = 0; i < 6; i++)
			record_open(&r, "o");
		record_string(&r, "t", text);
		for (unsigned i = 0; i < 6; i++) {
			record_close(&r);
			record_open(&r, "p");
			record_close(&r);
		}
		record_end(&r);
		for (unsigned i = 0; i < sink.size; i++)
			depth += (sink.line[i] == '{') - (sink.line[i] == '}');
		assert_int_equal(depth, 0);
		assert_int_equal(sink.line[sink.size - 1], '\n');
		assert_int_equal(sink.line[sink.size - 2], '}');
		if (strstr(sink.line, ",\"truncated\":true}\n"))
			truncated++;
		else
			whole++;
	}
	assert_true(truncated && whole);
}

static void deep_nesting_is_cut(void **state)
{
	struct sink sink = new_sink();
	struct record r;

	(void)state;
	record_begin(&r, &sink.io, "note");
	for (unsigned i = 0; i < 100; i++)
		record_open(&r, "o");
	for (unsigned i = 0; i < 100; i++)
		record_close(&r);
	record_end(&r);
	assert_string_equal(sink.line, "{\"record\":\"note\",\"o\":{\"o\":{\"o\":{"
		"\"o\":{\"o\":{\"o\":{\"o\":{}}}}}}},\"truncated\":true}\n");
}

/* The C standard's printf is the reference for all that text_format takes over. */
#define SAME(...) do { \
	char mine[64], theirs[64]; \
	unsigned used = text_format(mine, sizeof(mine), __VA_ARGS__); \
	snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
	assert_string_equal(mine, theirs); \
	assert_int_equal(used, strlen(theirs)); \
} while (0)

static void format_is_printf_s(void **state)
{
	(void)state;
	SAME("%s|%10s|%-10s|%.3s|%.*s", "abc", "abc", "abc", "abcdef", 2, "xyz");
	SAME("%d|%d|%5d|%-5d|%05d", 0, -1, -42, -42, -42);
	SAME("%d %ld", INT32_MIN, INT64_MIN);
	SAME("%u|%x|%lx|%016lx", 4294967295u, 0xdeadbeefu,
	     UINT64_C(0xfedcba9876543210), UINT64_C(0x1234));
	SAME("%lu|%zu|%llu", UINT64_MAX, (size_t)7, 8ull);
	SAME("%c%%|%*u|", 'x', 6, 12u);
}

static void format_never_overruns(void **state)
{
	char out[8] = "#######";

	(void)state;
	assert_int_equal(text_format(out, 5, "%s", "abcdefgh"), 4);
	assert_string_equal(out, "abcd");
	assert_int_equal(out[5], '#');
	assert_int_equal(text_format(out, 1, "x"), 0);
	assert_string_equal(out, "");
	assert_int_equal(text_format(NULL, 0, "%d", 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_separated_and_nested),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(full_line_is_truncated_at_a_member),
		cmocka_unit_test(no_length_breaks_a_line),
		cmocka_unit_test(deep_nesting_is_cut),
		cmocka_unit_test(format_is_printf_s),
		cmocka_unit_test(format_never_overruns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
