/*
 * Writes the files that people ask for. Knows nothing of what they hold.
 */
#ifndef COMPARE_SAVE_H
#define COMPARE_SAVE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Writes a file whole or not at all: what lies there under the name stays until
 * the new text is on the disk. "-" is stdout; a device or a pipe is written as it
 * is. False with one line on stderr when it cannot.
 */
bool file_save(const char *path, const char *text, size_t size);

#endif
