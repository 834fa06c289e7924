/*
 * Memory, strings and files for the host program. Must not know what any of
 * them mean.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/util.h"

enum { READ_STEP = 65536, WALK_DEPTH = 16, DIR_MODE = 0777 };

_Noreturn void die(enum status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("diptych: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(status);
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size);

	if (!p)
		die(STATUS_ERROR, "out of memory");
	return p;
}

void *xgrow(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size);

	if (!p)
		die(STATUS_ERROR, "out of memory");
	return p;
}

char *xdup(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		die(STATUS_ERROR, "out of memory");
	return copy;
}

char *fmt(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		die(STATUS_ERROR, "out of memory");
	va_end(args);
	return text;
}

void text_set(char **slot, char *text)
{
	free(*slot);
	*slot = text;
}

void buf_add(struct buf *b, const void *data, size_t size)
{
	if (!b->text || b->size + size + 1 > b->room) {
		b->room = 2 * (b->size + size) + 64;
		b->text = xgrow(b->text, b->room, 1);
	}
	if (size)
		memcpy(b->text + b->size, data, size);
	b->size += size;
	b->text[b->size] = '\0';
}

void buf_fmt(struct buf *b, const char *format, ...)
{
	va_list args;
	char *text;
	int size;

	va_start(args, format);
	size = vasprintf(&text, format, args);
	va_end(args);
	if (size < 0)
		die(STATUS_ERROR, "out of memory");
	buf_add(b, text, (size_t)size);
	free(text);
}

void buf_free(struct buf *b)
{
	free(b->text);
	*b = (struct buf){ 0 };
}

int file_read(const char *path, struct buf *out)
{
	return file_read_upto(path, SIZE_MAX, out);
}

int file_read_upto(const char *path, size_t most, struct buf *out)
{
	char *step;
	struct stat st;
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;
	/* A device may have no end. */
	if (fstat(fd, &st) || S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
		close(fd);
		return EINVAL;
	}
	step = xcalloc(READ_STEP, 1);
	buf_add(out, "", 0);
	while ((got = read(fd, step, READ_STEP)) > 0 && (size_t)got <= most) {
		buf_add(out, step, (size_t)got);
		most -= (size_t)got;
	}
	err = got < 0 ? errno : got > 0 ? EFBIG : 0;
	free(step);
	close(fd);
	return err;
}

int file_write(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "we");
	int err = 0;

	if (!f)
		return errno;
	if (fwrite(data, 1, size, f) != size)
		err = errno ? errno : EIO;
	if (fclose(f) && !err)
		err = errno;
	return err;
}

int dir_make(const char *path)
{
	char *part = xdup(path), *slash = part;
	int err = 0;

	while (!err && (slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(part, DIR_MODE) && errno != EEXIST)
			err = errno;
		*slash = '/';
	}
	if (!err && mkdir(part, DIR_MODE) && errno != EEXIST)
		err = errno;
	free(part);
	return err;
}

static int entry_remove(const char *path, const struct stat *st, int kind,
			struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	remove(path);
	return 0;
}

void dir_remove(const char *path)
{
	nftw(path, entry_remove, WALK_DEPTH, FTW_DEPTH | FTW_PHYS);
}

char *program_find(const char *name)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		int size = (int)strcspn(at, ":");
		char *path = fmt("%.*s/%s", size, at, name);
		struct stat st;

		if (!access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode))
			return path;
		free(path);
		at += size + (at[size] == ':');
	}
	return NULL;
}

char *number_text(uint64_t n)
{
	char digits[24], out[32], *to = out;
	int size = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < size; i++) {
		if (i && (size - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return xdup(out);
}

char *path_build(const char *format, ...)
{
	char self[4096], *slash, *rest, *path;
	ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
	va_list args;

	if (size < 0)
		die(STATUS_ERROR, "/proc/self/exe: %s", strerror(errno));
	self[size] = '\0';
	slash = strrchr(self, '/');
	*slash = '\0';
	va_start(args, format);
	if (vasprintf(&rest, format, args) < 0)
		die(STATUS_ERROR, "out of memory");
	va_end(args);
	path = fmt("%s/%s", self, rest);
	free(rest);
	return path;
}
