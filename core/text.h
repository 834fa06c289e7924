/*
 * Text into fixed buffers, for the side that has no C library. Knows no meaning.
 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>

/*
 * printf's %s %c %d %u %x %% with l, ll and z sizes, widths ("%016lx", "%-8s",
 * "%*u") and precisions of %s ("%.40s", "%.*s": that many bytes at most are read).
 * Writes size-1 bytes at most and always terminates when size > 0. Returns the
 * bytes written without the terminator. An unknown conversion is copied as it is.
 */
unsigned text_format(char *out, unsigned size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
unsigned text_vformat(char *out, unsigned size, const char *format,
		      va_list list) __attribute__((format(printf, 3, 0)));

/* Two terminated strings, byte by byte. */
static inline bool text_equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

#endif
