/*
 * Line by line comparison under a guest's filters. Must not know how the
 * outputs were made.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "compare/filter.h"
#include "compare/util.h"

enum { FILTERS = 32, SHOWN = 60, ESCAPE = 033 };

struct lines {
	const char	*text;
	size_t		left;
	unsigned	number;		/* of the line in `line` */
	struct buf	line;		/* after filtering, without its LF */
	bool		screen;		/* lines begin with ESC too */
	bool		end;		/* no line any more */
};

struct compiled {
	regex_t		regex[FILTERS];
	const struct filter *filter[FILTERS];
	size_t		count;
	bool		keeps;		/* only what one keeps is compared */
};

static void filters_compile(const struct filter *f, struct compiled *out)
{
	out->count = 0;
	out->keeps = false;
	for (; f && f->pattern; f++) {
		if (out->count == FILTERS ||
		    regcomp(&out->regex[out->count], f->pattern, REG_EXTENDED))
			die(STATUS_ERROR, "bad filter \"%s\"", f->pattern);
		out->keeps |= f->action == FILTER_KEEP;
		out->filter[out->count++] = f;
	}
}

static void filters_free(struct compiled *c)
{
	while (c->count)
		regfree(&c->regex[--c->count]);
}

/* Where the line that `text` is in ends: at its LF or before the next one's ESC. */
static const char *line_stop(const char *text, size_t size, bool screen)
{
	const char *stop = memchr(text, '\n', size);

	if (stop)
		size = (size_t)(stop - text);
	if (screen && size > 1) {
		const char *escape = memchr(text + 1, ESCAPE, size - 1);

		stop = escape ? escape : stop;
	}
	return stop;
}

/* Cuts the text after the line, or the words, that mark the guest's end. */
static size_t size_until_end(const struct guest *guest, const char *text,
			     size_t size)
{
	const char *mark, *stop;

	if (!guest->end_line || !size)
		return size;
	mark = memmem(text, size, guest->end_line, strlen(guest->end_line));
	if (!mark)
		return size;
	/* A guest that is stopped at these words has said no more of the line. */
	if (guest->ending == ENDING_LINE)
		return (size_t)(mark - text) + strlen(guest->end_line);
	stop = line_stop(mark, size - (size_t)(mark - text), guest->screen);
	return stop ? (size_t)(stop - text) + (*stop == '\n') : size;
}

/* False when the line is not to be compared; masks what is masked. */
static bool line_filter(const struct compiled *c, struct buf *line)
{
	bool kept = !c->keeps;

	for (size_t i = 0; i < c->count; i++) {
		struct buf out = { 0 };
		const char *at = line->text;
		regmatch_t m;
		int flags = 0;

		if (regexec(&c->regex[i], at, 1, &m, 0))
			continue;
		if (c->filter[i]->action == FILTER_DROP)
			return false;
		kept |= c->filter[i]->action == FILTER_KEEP;
		if (c->filter[i]->action == FILTER_KEEP)
			continue;
		while (m.rm_eo > 0 && !regexec(&c->regex[i], at, 1, &m, flags)) {
			buf_add(&out, at, (size_t)m.rm_so);
			buf_add(&out, "...", 3);
			at += m.rm_eo;
			flags = REG_NOTBOL;
		}
		buf_add(&out, at, strlen(at));
		buf_free(line);
		*line = out;
	}
	return kept;
}

/* Takes the next line from the text, filtered or not; false: there is none. */
static bool line_take(struct lines *l)
{
	const char *stop;
	size_t size;

	buf_free(&l->line);
	buf_add(&l->line, "", 0);
	l->end = !l->left;
	if (l->end)
		return false;
	stop = line_stop(l->text, l->left, l->screen);
	size = stop ? (size_t)(stop - l->text) : l->left;
	buf_add(&l->line, l->text, size);
	size += stop && *stop == '\n';
	l->text += size;
	l->left -= size;
	l->number++;
	return true;
}

static void lines_next(struct lines *l, const struct compiled *c)
{
	struct buf before = l->line;

	l->line = (struct buf){ 0 };
	while (line_take(l)) {
		if (!line_filter(c, &l->line))
			continue;
		if (l->screen && before.text && l->line.size == before.size &&
		    !memcmp(l->line.text, before.text, before.size))
			continue;
		break;
	}
	buf_free(&before);
}

/* What can be shown of a line, in quotes. */
static char *line_show(const struct lines *l)
{
	struct buf b = { 0 };

	if (l->end)
		return xdup("(end of output)");
	buf_add(&b, "\"", 1);
	for (size_t i = 0; i < l->line.size && b.size < SHOWN; i++) {
		unsigned char c = (unsigned char)l->line.text[i];

		if (c >= ' ' && c <= '~')
			buf_add(&b, &c, 1);
		else
			buf_fmt(&b, "\\x%02x", c);
	}
	buf_fmt(&b, "%s\"", b.size < SHOWN ? "" : "...");
	return b.text;
}

char *output_difference(const struct guest *guest, const char *bare,
			size_t bare_size, const char *other, size_t other_size)
{
	struct lines a = { .text = bare, .screen = guest->screen };
	struct lines b = { .text = other, .screen = guest->screen };
	struct compiled filters;
	char *left, *right, *said = NULL;

	a.left = size_until_end(guest, bare, bare_size);
	b.left = size_until_end(guest, other, other_size);
	filters_compile(guest->filters, &filters);
	do {
		lines_next(&a, &filters);
		lines_next(&b, &filters);
	} while (!a.end && !b.end && a.line.size == b.line.size &&
		 !memcmp(a.line.text, b.line.text, a.line.size));
	if (!a.end || !b.end) {
		left = line_show(&a);
		right = line_show(&b);
		said = fmt("line %u: bare %s, here %s",
			   b.end ? a.number : b.number, left, right);
		free(left);
		free(right);
	}
	filters_free(&filters);
	buf_free(&a.line);
	buf_free(&b.line);
	return said;
}

bool output_ended(const struct guest *guest, const char *text, size_t size)
{
	return guest->end_line && size &&
	       memmem(text, size, guest->end_line, strlen(guest->end_line));
}
