/*
 * Finds the integers that a signed 64-bit reader of JSON refuses. Must not
 * know what they count.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/wide.h"

enum { DECIMAL = 10 };

/* The characters that may follow an integer's first digit in a number. */
static size_t number_size(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && (isalnum((unsigned char)text[i]) ||
			    strchr("+-.", text[i])) && text[i])
		i++;
	return i;
}

static void number_add(const char *text, size_t size, struct buf *out)
{
	char *copy = fmt("%.*s", (int)size, text), *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(copy, &end, DECIMAL);
	if (!*end && !errno && *copy != '-' && n > INT64_MAX)
		buf_fmt(out, "\"0x%016llx\"", n);
	else
		buf_add(out, text, size);
	free(copy);
}

/* Bytes of the string that starts here, quotes included. */
static size_t string_size(const char *text, size_t size)
{
	size_t i = 1;

	while (i < size && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	return i < size ? i + 1 : size;
}

void wide_numbers_quote(const char *text, size_t size, struct buf *out)
{
	while (size) {
		size_t step = 1;

		if (isdigit((unsigned char)*text) || *text == '-') {
			step = number_size(text, size);
			number_add(text, step, out);
		} else {
			if (*text == '"')
				step = string_size(text, size);
			buf_add(out, text, step);
		}
		text += step;
		size -= step;
	}
}
