/* Texts and numbers in HTML: nothing that a report says may become markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "compare/html.h"

#define FFFD "\xef\xbf\xbd"

static void becomes(const char *text, size_t limit, const char *expected)
{
	struct buf out = { 0 };

	buf_add(&out, "", 0);
	html_text(&out, text, limit);
	assert_string_equal(out.text, expected);
	buf_free(&out);
}

static void markup_is_escaped(void **state)
{
	(void)state;
	becomes("<a href=\"x\" id='y'>&amp;", 100,
		"&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;");
	becomes("]]>", 100, "]]&gt;");
}

/* XML 1.0 "Characters": no controls; lines of a text become one line. */
static void controls_are_replaced(void **state)
{
	(void)state;
	becomes("a\x01\x1b[31m\x7f", 100, "a" FFFD FFFD "[31m" FFFD);
	becomes("a\nb\tc", 100, "a b c");
	becomes("\xc2\x85", 100, FFFD);
	becomes("\xef\xbf\xbf", 100, FFFD);
}

/* Text that turns the direction of writing could make a name look like another. */
static void directions_are_replaced(void **state)
{
	(void)state;
	becomes("\xe2\x80\xaetxt", 100, FFFD "txt");
	becomes("\xe2\x81\xa6x", 100, FFFD "x");
	becomes("\xef\xbb\xbfx", 100, FFFD "x");
}

/* Unicode "Well-Formed UTF-8 Byte Sequences". */
static void what_is_no_utf8_is_replaced(void **state)
{
	(void)state;
	becomes("\xff", 100, FFFD);
	becomes("\xc0\xaf", 100, FFFD FFFD);		/* overlong '/' */
	becomes("\xed\xa0\x80", 100, FFFD FFFD FFFD);	/* a surrogate */
	becomes("\xf4\x90\x80\x80", 100, FFFD FFFD FFFD FFFD);
	becomes("\xe2\x82", 100, FFFD FFFD);		/* cut short */
	becomes("\xe2\x82\xac", 100, "\xe2\x82\xac");
	becomes("\xf0\x9f\x99\x82", 100, "\xf0\x9f\x99\x82");
}

static void long_texts_end_in_an_ellipsis(void **state)
{
	(void)state;
	becomes("abcdef", 3, "abc\xe2\x80\xa6");
	becomes("abc", 3, "abc");
	becomes("<<<<", 2, "&lt;&lt;\xe2\x80\xa6");
}

static void numbers_are_short_where_there_is_no_room(void **state)
{
	static const struct { uint64_t n; const char *text; } rows[] = {
		{ 0, "0" }, { 9999, "9,999" }, { 10000, "10.0k" },
		{ 123456, "123k" }, { 999499, "999k" }, { 999500, "1.00M" },
		{ 1234567, "1.23M" }, { 12345678, "12.3M" },
		{ 2300000000, "2.30G" }, { UINT64_MAX, "18.4E" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = { 0 };

		html_short(&out, rows[i].n);
		assert_string_equal(out.text, rows[i].text);
		buf_free(&out);
	}
}

static void sums_stop_at_the_largest(void **state)
{
	(void)state;
	assert_true(add_capped(1, 2) == 3);
	assert_true(add_capped(UINT64_MAX, 0) == UINT64_MAX);
	assert_true(add_capped(UINT64_MAX, 1) == UINT64_MAX);
	assert_true(add_capped(1ull << 63, 1ull << 63) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_is_escaped),
		cmocka_unit_test(controls_are_replaced),
		cmocka_unit_test(directions_are_replaced),
		cmocka_unit_test(what_is_no_utf8_is_replaced),
		cmocka_unit_test(long_texts_end_in_an_ellipsis),
		cmocka_unit_test(numbers_are_short_where_there_is_no_room),
		cmocka_unit_test(sums_stop_at_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
