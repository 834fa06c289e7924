/*
 * Asks a program for its version. Knows nothing of what the program is for.
 */
#ifndef COMPARE_VERSION_H
#define COMPARE_VERSION_H

#include <stddef.h>

/*
 * What the program on PATH says to --version, as emulator_version_find() reads it:
 * asked once for each name, for `ms` at most; "" when nothing comes of it. The text
 * is ours.
 */
const char *emulator_version(const char *program, unsigned ms);

/* Enough for a busy host: a version that is told one time and not the next is none. */
enum { VERSION_MS = 10000 };

/*
 * From the first line with "version V" (QEMU) or "Emulator V" (Bochs) what begins at V, to
 * the end of the line, printable ASCII only; to be freed. NULL: there is none.
 */
char *emulator_version_find(const char *text, size_t size);

#endif
