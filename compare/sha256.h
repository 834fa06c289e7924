/* SHA-256 (FIPS 180-4) of a piece of memory, as text. */
#ifndef COMPARE_SHA256_H
#define COMPARE_SHA256_H

#include <stddef.h>

enum { SHA256_TEXT = 65 };	/* 64 hexadecimal digits and a NUL */

void sha256_text(const void *data, size_t size, char out[SHA256_TEXT]);

#endif
