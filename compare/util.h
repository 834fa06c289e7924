/*
 * Small helpers of the host program: memory, strings, files. Knows nothing
 * of guests, rungs or emulators.
 */
#ifndef COMPARE_UTIL_H
#define COMPARE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses of the host program. */
enum status {
	STATUS_PASS	= 0,
	STATUS_FAIL	= 1,
	STATUS_USAGE	= 2,
	STATUS_ERROR	= 6,
};

/* Growing byte string; `text` always ends in a NUL that `size` leaves out. */
struct buf {
	char	*text;
	size_t	size, room;
};

void buf_add(struct buf *b, const void *data, size_t size);
void buf_fmt(struct buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buf_free(struct buf *b);

/* One line "diptych: ..." on stderr, then exit(status). */
_Noreturn void die(enum status status, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* These never return NULL: no memory left ends the program. */
void *xcalloc(size_t count, size_t size);
void *xgrow(void *old, size_t count, size_t size);
char *xdup(const char *text);
char *fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Replaces *slot, freeing what it held; takes over `text`. */
void text_set(char **slot, char *text);

/*
 * Each returns 0 or an errno, EINVAL for a device. file_read appends to `out`;
 * file_read_upto reads no more than `most` bytes, of a pipe too, and gives EFBIG
 * when there are more.
 */
int file_read(const char *path, struct buf *out);
int file_read_upto(const char *path, size_t most, struct buf *out);
int file_write(const char *path, const void *data, size_t size);
int dir_make(const char *path);		/* with its parents */
void dir_remove(const char *path);	/* with all it holds; best effort */

/* Full path of a program on PATH, to be freed; NULL: not there. */
char *program_find(const char *name);

/* 1234567 as "1,234,567", to be freed. */
char *number_text(uint64_t n);

/* Path inside the build folder, which is where the program itself lies. */
char *path_build(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif
