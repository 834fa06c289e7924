/*
 * Runs as a JUnit XML document. Must not know how they were made.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/tap.h"
#include "compare/util.h"

/* Lead bytes of UTF-8, and what those that follow have in common. RFC 3629, 4 */
enum {
	UTF8_FOLLOW_MASK = 0xc0, UTF8_FOLLOW = 0x80,
	UTF8_TWO = 0xc3,	/* C2h leads to C1 controls too */
	UTF8_THREE = 0xe1, UTF8_THREE_LAST = 0xec,
};

/*
 * Bytes of the character that begins here, if it is one beyond ASCII that any reader of
 * XML takes: of two or three bytes, short of the surrogates; else 0.
 */
static size_t wide_size(const unsigned char *c)
{
	size_t size = *c >= UTF8_TWO && *c < UTF8_THREE - 1 ? 2 :
		      *c >= UTF8_THREE && *c <= UTF8_THREE_LAST ? 3 : 0;

	for (size_t i = 1; i < size; i++)
		if ((c[i] & UTF8_FOLLOW_MASK) != UTF8_FOLLOW)
			return 0;
	return size;
}

static void escaped_add(struct buf *b, const char *text)
{
	while (*text) {
		unsigned char c = (unsigned char)*text;
		size_t wide = wide_size((const unsigned char *)text);

		if (c == '&')
			buf_fmt(b, "&amp;");
		else if (c == '<')
			buf_fmt(b, "&lt;");
		else if (c == '>')
			buf_fmt(b, "&gt;");
		else if (c == '"')
			buf_fmt(b, "&quot;");
		else if (c >= ' ' && c <= '~')
			buf_add(b, &c, 1);
		else if (wide)
			buf_add(b, text, wide);
		else	/* XML 1.0 has no way to write most of these */
			buf_add(b, "?", 1);
		text += wide ? wide : 1;
	}
}

static void case_add(struct buf *b, const struct run *run, size_t twin)
{
	static const char *const element[OUTCOMES] = {
		[OUTCOME_DIFFERS] = "failure",
		[OUTCOME_FAIL] = "failure",
		[OUTCOME_SKIP] = "skipped",
		[OUTCOME_ERROR] = "error",
	};
	char *label = run_label(run);

	buf_fmt(b, "  <testcase classname=\"");
	escaped_add(b, label);
	buf_fmt(b, " ");
	escaped_add(b, run->machine);
	buf_fmt(b, "\" name=\"");
	escaped_add(b, run->guest);
	if (twin)
		buf_fmt(b, " #%zu", twin + 1);
	free(label);
	if (run->outcome == OUTCOME_PASS) {
		buf_fmt(b, "\"/>\n");
		return;
	}
	buf_fmt(b, "\">\n    <%s", element[run->outcome]);
	if (run->outcome != OUTCOME_SKIP)
		buf_fmt(b, " type=\"%s\"", outcome_name(run->outcome));
	buf_fmt(b, " message=\"");
	escaped_add(b, run->reason);
	buf_fmt(b, "\"/>\n  </testcase>\n");
}

static size_t number_of(struct run *const *runs, size_t count,
			enum outcome a, enum outcome b)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += runs[i]->outcome == a || runs[i]->outcome == b;
	return n;
}

char *junit_write(struct run *const *runs, size_t count)
{
	struct buf b = { 0 };
	size_t twin = 0;

	buf_fmt(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"diptych\" tests=\"%zu\" failures=\"%zu\" "
		"errors=\"%zu\" skipped=\"%zu\">\n", count,
		number_of(runs, count, OUTCOME_FAIL, OUTCOME_DIFFERS),
		number_of(runs, count, OUTCOME_ERROR, OUTCOME_ERROR),
		number_of(runs, count, OUTCOME_SKIP, OUTCOME_SKIP));
	for (size_t i = 0; i < count; i++) {
		twin = i && !run_compare(runs[i - 1], runs[i]) ? twin + 1 : 0;
		case_add(&b, runs[i], twin);
	}
	buf_fmt(&b, "</testsuite>\n");
	return b.text;
}
