/*
 * Text and numbers into HTML that is well-formed XML too. Takes every text for
 * hostile. Knows nothing of runs.
 */
#ifndef COMPARE_HTML_H
#define COMPARE_HTML_H

#include <stdint.h>

#include "compare/util.h"

/* What a name and what a sentence from a report may have of a page, in characters. */
enum { HTML_NAME = 48, HTML_SENTENCE = 400 };

/*
 * Appends `text`, fit for content and for attributes in double quotes: markup
 * escaped; what is no UTF-8, controls, and the characters that turn the direction of
 * writing become U+FFFD; after `limit` characters an ellipsis ends it.
 */
void html_text(struct buf *out, const char *text, size_t limit);

/* Appends markup as it stands: of ours, never of a report. */
void html_put(struct buf *out, const char *markup);

/* Takes back all after the first `size` bytes. */
void html_cut(struct buf *out, size_t size);

/* 1234567 as "1,234,567"; as "1.23M". */
void html_number(struct buf *out, uint64_t n);
void html_short(struct buf *out, uint64_t n);

/* Adds numbers that a report may have made up: stops at the largest. */
static inline uint64_t add_capped(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

#endif
