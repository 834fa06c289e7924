/*
 * Numbers of 64 bits in JSON text, for a library whose integers are signed.
 * Knows nothing of records.
 */
#ifndef COMPARE_WIDE_H
#define COMPARE_WIDE_H

#include <stddef.h>

#include "compare/util.h"

/*
 * Appends the text with every integer from 2^63 to 2^64-1 turned into a
 * string, "0x" and 16 hexadecimal digits: no reader of JSON loses its low
 * bits then. Everything else stays as it is, valid JSON or not.
 */
void wide_numbers_quote(const char *text, size_t size, struct buf *out);

#endif
