/*
 * Asks programs for their versions. Must not know what they are for.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compare/util.h"
#include "compare/version.h"

enum { KNOWN = 4, OUTPUT_MAX = 16384, STEP = 1024, NOT_FOUND = 127 };

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* In a session and folder of its own: it may leave things behind. */
static _Noreturn void child(const char *program, int out)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	dup2(nothing, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	if (!chdir("/"))
		execlp(program, program, "--version", (char *)NULL);
	_exit(NOT_FOUND);
}

static void output_take(int from, unsigned ms, struct buf *out)
{
	long long end = now_ms() + ms, left;

	while ((left = end - now_ms()) > 0 && out->size < OUTPUT_MAX) {
		struct pollfd fd = { .fd = from, .events = POLLIN };
		char step[STEP];
		ssize_t got;

		if (poll(&fd, 1, (int)left) < 1)
			continue;
		got = read(from, step, sizeof(step));
		if (got <= 0)
			return;
		buf_add(out, step, (size_t)got);
	}
}

static char *ask(const char *program, unsigned ms)
{
	struct buf out = { 0 };
	char *path = program_find(program), *version;
	int ends[2];
	pid_t pid;

	free(path);
	if (!path || pipe2(ends, O_CLOEXEC))
		return xdup("");
	pid = fork();
	if (!pid)
		child(program, ends[1]);
	close(ends[1]);
	buf_add(&out, "", 0);
	if (pid > 0) {
		output_take(ends[0], ms, &out);
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	version = emulator_version_find(out.text, out.size);
	buf_free(&out);
	return version ? version : xdup("");
}

const char *emulator_version(const char *program, unsigned ms)
{
	static struct { const char *program; char *version; } known[KNOWN];
	size_t i = 0;

	while (i < KNOWN - 1 && known[i].program &&
	       strcmp(known[i].program, program))
		i++;
	if (!known[i].program || strcmp(known[i].program, program)) {
		known[i].program = program;
		text_set(&known[i].version, ask(program, ms));
	}
	return known[i].version;
}

char *emulator_version_find(const char *text, size_t size)
{
	static const char *const before[] = { "version ", "Emulator " };
	const char *at = NULL;
	struct buf out = { 0 };

	for (size_t i = 0; !at && size && i < 2; i++) {
		at = memmem(text, size, before[i], strlen(before[i]));
		if (at)
			at += strlen(before[i]);
		if (at && (at == text + size || !isdigit((unsigned char)*at)))
			at = NULL;
	}
	if (!at)
		return NULL;
	for (; at < text + size && *at >= ' ' && *at <= '~'; at++)
		buf_add(&out, at, 1);
	while (out.size && out.text[out.size - 1] == ' ')
		out.text[--out.size] = '\0';
	return out.text;
}
