/*
 * Escaping, and numbers for people. Must not know what is written.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/html.h"

static const char replacement[] = "\xef\xbf\xbd";	/* U+FFFD */
static const char ellipsis[] = "\xe2\x80\xa6";

/*
 * The character at `text` and how many bytes it has; 0 where there is no
 * well-formed one ("Well-Formed UTF-8 Byte Sequences" of the Unicode Standard).
 */
static int character(const unsigned char *text, unsigned *code)
{
	static const struct { unsigned mask, lead, least; int size; } forms[] = {
		{ 0x80, 0x00, 0, 1 }, { 0xe0, 0xc0, 0x80, 2 },
		{ 0xf0, 0xe0, 0x800, 3 }, { 0xf8, 0xf0, 0x10000, 4 },
	};

	for (size_t f = 0; f < sizeof(forms) / sizeof(*forms); f++) {
		if ((text[0] & forms[f].mask) != forms[f].lead)
			continue;
		*code = text[0] & ~forms[f].mask;
		for (int i = 1; i < forms[f].size; i++) {
			if ((text[i] & 0xc0) != 0x80)
				return 0;
			*code = *code << 6 | (text[i] & 0x3f);
		}
		return *code >= forms[f].least && *code <= 0x10ffff &&
		       (*code < 0xd800 || *code > 0xdfff) ? forms[f].size : 0;
	}
	return 0;
}

/* Neither a control nor one of those that change how the others are read. */
static bool harmless(unsigned code)
{
	return code >= ' ' && !(code >= 0x7f && code <= 0x9f) &&
	       !(code >= 0x200b && code <= 0x200f) &&
	       !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2060 && code <= 0x206f) && code != 0xfeff &&
	       (code & 0xfffe) != 0xfffe;
}

static const char *escape(unsigned code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
	case '\t':
		return " ";
	}
	return NULL;
}

void html_put(struct buf *out, const char *markup)
{
	buf_add(out, markup, strlen(markup));
}

void html_cut(struct buf *out, size_t size)
{
	out->size = size;
	out->text[size] = '\0';
}

void html_text(struct buf *out, const char *text, size_t limit)
{
	for (; *text; limit--) {
		unsigned code;
		int size = character((const unsigned char *)text, &code);

		if (!limit) {
			html_put(out, ellipsis);
			return;
		}
		if (size && escape(code))
			html_put(out, escape(code));
		else if (size && harmless(code))
			buf_add(out, text, (size_t)size);
		else
			html_put(out, replacement);
		text += size ? size : 1;
	}
}

void html_number(struct buf *out, uint64_t n)
{
	char *text = number_text(n);

	html_put(out, text);
	free(text);
}

void html_short(struct buf *out, uint64_t n)
{
	static const char units[] = "kMGTPE";
	enum { PLAIN = 10000, STEP = 1000 };
	double value = (double)n;
	size_t unit = 0;

	if (n < PLAIN) {
		html_number(out, n);
		return;
	}
	value /= STEP;
	while (value >= STEP - 0.5 && unit + 1 < strlen(units)) {
		value /= STEP;
		unit++;
	}
	buf_fmt(out, "%.*f%c", value < 10 - 0.005 ? 2 : value < 100 - 0.05 ? 1 : 0,
		value, units[unit]);
}
