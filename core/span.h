/*
 * Pieces of hostile text: compared, cut, and read as numbers. Knows no meaning.
 */
#ifndef CORE_SPAN_H
#define CORE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* A piece of the text; never terminated. */
struct span {
	const char	*at;
	unsigned	size;
};

bool span_is(struct span span, const char *word);

/* Cut at the first `mark`: what is before it; `rest` is what is after, at NULL without one. */
struct span span_cut(struct span span, char mark, struct span *rest);

/*
 * Digits and one suffix, of K, M, G as powers of `unit`. False when malformed or over
 * 64 bits.
 */
bool span_number(struct span span, uint64_t unit, uint64_t *number);

/*
 * The next word of the text and past it; any of `blanks` stands between words. Size 0
 * at the end.
 */
struct span span_word(const char **text, const char *blanks);

/*
 * The byte at span.at[*at], written as itself or as %xx, and past it. False when % has
 * not two digits, 0 to 9 and a to f.
 */
bool span_byte(struct span span, unsigned *at, char *byte);

/* A hexadecimal digit's value, or UINT32_MAX. */
unsigned span_digit(char c);

/* 0x and hexadecimal digits, or decimal ones, of 64 bits at most. */
bool span_address(struct span span, uint64_t *address);

#endif
