/*
 * The command lines that make runs again. Quotes for the shell what a report
 * says: a name may be anything.
 */
#include <string.h>

#include "compare/page_parts.h"

enum { WORD = 200 };

/* A word of the shell's, quoted where it is not plain. */
static void word_put(struct buf *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._/:=,+-";
	struct buf quoted = { 0 };

	if (*text && *text != '-' && !text[strspn(text, plain)]) {
		html_text(out, text, WORD);
		return;
	}
	buf_fmt(&quoted, "'");
	for (; *text; text++)
		buf_fmt(&quoted, *text == '\'' ? "'\\''" : "%c", *text);
	buf_fmt(&quoted, "'");
	html_text(out, quoted.text, WORD);
	buf_free(&quoted);
}

void page_repeat(struct page *page, const struct section *s)
{
	struct buf *out = &page->out;

	html_put(out, "<details><summary>How to repeat these runs</summary>\n"
		 "<pre class=\"scroll\" tabindex=\"0\">");
	for (size_t i = 0; i < s->count; i++) {
		if (s->lanes[i].copy)
			continue;
		html_put(out, "build/diptych run ");
		word_put(out, s->guest);
		html_put(out, " --rung ");
		word_put(out, s->lanes[i].label);
		html_put(out, " --machine ");
		word_put(out, s->lanes[i].run->machine);
		html_put(out, "\n");
	}
	html_put(out, "</pre></details>\n");
}
