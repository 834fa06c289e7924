/* Text in pieces, as numbers: every overflow and stray character is refused. */
#include "core/span.h"

#include <stddef.h>

#define DECIMAL_BASE	10u
#define HEX_BASE	16u

bool span_is(struct span span, const char *word)
{
	for (unsigned i = 0; i < span.size; i++)
		if (!word[i] || word[i] != span.at[i])
			return false;
	return !word[span.size];
}

struct span span_cut(struct span span, char mark, struct span *rest)
{
	for (unsigned i = 0; i < span.size; i++) {
		if (span.at[i] != mark)
			continue;
		*rest = (struct span){ span.at + i + 1, span.size - i - 1 };
		return (struct span){ span.at, i };
	}
	*rest = (struct span){ NULL, 0 };
	return span;
}

static bool is_one_of(char c, const char *set)
{
	while (*set && *set != c)
		set++;
	return *set;
}

struct span span_word(const char **text, const char *blanks)
{
	struct span word;

	while (is_one_of(**text, blanks))
		(*text)++;
	word = (struct span){ *text, 0 };
	while (**text && !is_one_of(**text, blanks)) {
		(*text)++;
		word.size++;
	}
	return word;
}

bool span_number(struct span span, uint64_t unit, uint64_t *number)
{
	const char suffixes[] = "KMG";
	uint64_t value = 0;
	unsigned i = 0;

	for (; i < span.size && span.at[i] >= '0' && span.at[i] <= '9'; i++)
		if (__builtin_mul_overflow(value, DECIMAL_BASE, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(span.at[i] - '0'),
					   &value))
			return false;
	if (!i || span.size - i > 1)
		return false;
	if (i < span.size) {
		const char *suffix = suffixes;

		while (*suffix && *suffix != span.at[i])
			suffix++;
		if (!*suffix)
			return false;
		for (; suffix >= suffixes; suffix--)
			if (__builtin_mul_overflow(value, unit, &value))
				return false;
	}
	*number = value;
	return true;
}

unsigned span_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + DECIMAL_BASE;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + DECIMAL_BASE;
	return UINT32_MAX;
}

/* Small letters only: one way to write a byte. */
static unsigned escape_digit(char c)
{
	return c >= 'A' && c <= 'F' ? UINT32_MAX : span_digit(c);
}

bool span_byte(struct span span, unsigned *at, char *byte)
{
	unsigned i = (*at)++, high, low;

	*byte = span.at[i];
	if (*byte != '%')
		return true;
	if (span.size - i <= 2)
		return false;
	high = escape_digit(span.at[i + 1]);
	low = escape_digit(span.at[i + 2]);
	if (high == UINT32_MAX || low == UINT32_MAX)
		return false;
	*byte = (char)(high * HEX_BASE + low);
	*at += 2;
	return true;
}

bool span_address(struct span span, uint64_t *address)
{
	uint64_t value = 0;

	if (span.size <= 2 || span.at[0] != '0' || span.at[1] != 'x')
		return span.size && span_digit(span.at[span.size - 1]) < DECIMAL_BASE &&
		       span_number(span, 1, address);
	for (unsigned i = 2; i < span.size; i++) {
		unsigned digit = span_digit(span.at[i]);

		if (digit == UINT32_MAX || __builtin_mul_overflow(value, HEX_BASE, &value))
			return false;
		value |= digit;
	}
	*address = value;
	return true;
}
