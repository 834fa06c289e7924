/*
 * Runs as a JUnit XML document. Must not know how they were made.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/tap.h"
#include "compare/util.h"

static void escaped_add(struct buf *b, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

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
		else	/* XML 1.0 has no way to write most of these */
			buf_add(b, "?", 1);
	}
}

static void case_add(struct buf *b, const struct run *run)
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
	free(label);
	if (run->outcome == OUTCOME_PASS) {
		buf_fmt(b, "\"/>\n");
		return;
	}
	buf_fmt(b, "\">\n    <%s message=\"", element[run->outcome]);
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

	buf_fmt(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"diptych\" tests=\"%zu\" failures=\"%zu\" "
		"errors=\"%zu\" skipped=\"%zu\">\n", count,
		number_of(runs, count, OUTCOME_FAIL, OUTCOME_DIFFERS),
		number_of(runs, count, OUTCOME_ERROR, OUTCOME_ERROR),
		number_of(runs, count, OUTCOME_SKIP, OUTCOME_SKIP));
	for (size_t i = 0; i < count; i++)
		case_add(&b, runs[i]);
	buf_fmt(&b, "</testsuite>\n");
	return b.text;
}

void junit_save(const char *path, struct run *const *runs, size_t count)
{
	char *text = junit_write(runs, count);
	int err = file_write(path, text, strlen(text));

	if (err)
		die(STATUS_ERROR, "%s: %s", path, strerror(err));
	free(text);
}
