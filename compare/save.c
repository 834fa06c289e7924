/*
 * Files for people, whole or not at all. Must not know what they hold.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/save.h"
#include "compare/util.h"

enum { MODE_NEW = 0666 };

static int all_write(int fd, const char *text, size_t size)
{
	while (size) {
		ssize_t done = write(fd, text, size);

		if (done < 0 && errno != EINTR)
			return errno;
		if (done > 0) {
			text += done;
			size -= (size_t)done;
		}
	}
	return 0;
}

/* A disk may be found full only when the bytes go there, or at the close. */
static int all_close(int fd, int err)
{
	if (!err && fsync(fd) && errno != EINVAL && errno != EROFS)
		err = errno;
	if (close(fd) && !err)
		err = errno;
	return err;
}

/* What a new file may be read and written by: the old one's mode, or the umask's. */
static mode_t mode_of(const struct stat *old)
{
	mode_t mask;

	if (old)
		return old->st_mode & (mode_t)~S_IFMT;
	mask = umask(0);
	umask(mask);
	return MODE_NEW & ~mask;
}

static int replace(const char *path, const struct stat *old, const char *text,
		   size_t size)
{
	char *beside = fmt("%s.XXXXXX", path);
	int fd = mkostemp(beside, O_CLOEXEC), err;

	if (fd < 0) {
		err = errno;
		free(beside);
		return err;
	}
	err = all_write(fd, text, size);
	if (!err && fchmod(fd, mode_of(old)))
		err = errno;
	err = all_close(fd, err);
	if (!err && rename(beside, path))
		err = errno;
	if (err)
		unlink(beside);
	free(beside);
	return err;
}

static int in_place(const char *path, const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? errno : all_close(fd, all_write(fd, text, size));
}

static int save(const char *path, const char *text, size_t size)
{
	char *real = realpath(path, NULL);	/* a link is to stay one */
	struct stat st;
	bool here = real && !stat(real, &st);
	int err;

	if (here && S_ISDIR(st.st_mode))
		err = EISDIR;
	else if (here && !S_ISREG(st.st_mode))
		err = in_place(path, text, size);
	else if (here && access(real, W_OK))
		err = errno;	/* a name that can be changed is no leave to */
	else
		err = replace(here ? real : path, here ? &st : NULL, text, size);
	free(real);
	return err;
}

bool file_save(const char *path, const char *text, size_t size)
{
	bool out = !strcmp(path, "-");
	int err = 0;

	errno = 0;
	if (!out)
		err = save(path, text, size);
	else if (fwrite(text, 1, size, stdout) != size || fflush(stdout))
		err = errno ? errno : EIO;
	if (err)
		fprintf(stderr, "diptych: %s: %s\n", out ? "stdout" : path,
			strerror(err));
	return !err;
}
