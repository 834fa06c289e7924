/*
 * Boots the probe guest under KVM and collects what it and QEMU say, in bounded time
 * and space; keeps the verdict on this host. Must not know what the report means.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compare/kvm.h"
#include "compare/util.h"

#define QEMU_PROGRAM "qemu-system-x86_64"

enum { SAID_MAX = 64 << 10, NOT_STARTED = 127, MS = 1000, NS_PER_MS = 1000000 };

/* Its two streams: the guest's serial line, and QEMU's complaints. */
enum { REPORT, COMPLAINTS, STREAMS };

struct probe {
	pid_t		pid;
	int		from[STREAMS];
	struct buf	text[STREAMS];
};

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * MS + t.tv_nsec / NS_PER_MS;
}

static _Noreturn void child(const char *image, int to[STREAMS])
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	dup2(to[REPORT], STDOUT_FILENO);
	dup2(to[COMPLAINTS], STDERR_FILENO);
	execlp(QEMU_PROGRAM, QEMU_PROGRAM, "-nodefaults", "-no-user-config", "-accel",
	       "kvm", "-cpu", KVM_CPU, "-m", "16", "-display", "none", "-monitor", "none",
	       "-no-reboot", "-bios", image, "-serial", "stdio", "-device",
	       "isa-debug-exit,iobase=0xf4,iosize=1", (char *)NULL);
	_exit(NOT_STARTED);
}

static bool start(struct probe *p, const char *image)
{
	int ends[STREAMS][2], to[STREAMS];

	for (int s = 0; s < STREAMS; s++) {
		if (pipe2(ends[s], O_CLOEXEC)) {
			while (s--) {
				close(ends[s][0]);
				close(ends[s][1]);
			}
			return false;
		}
		p->from[s] = ends[s][0];
		to[s] = ends[s][1];
	}
	p->pid = fork();
	if (!p->pid)
		child(image, to);
	for (int s = 0; s < STREAMS; s++)
		close(to[s]);
	return p->pid > 0;
}

/* One read of a stream that has something; closes it at its end. */
static void take(struct probe *p, int s)
{
	char some[4096];
	ssize_t size = read(p->from[s], some, sizeof(some));

	if (size < 0 && errno == EINTR)
		return;
	if (size > 0 && p->text[s].size + (size_t)size <= SAID_MAX) {
		buf_add(&p->text[s], some, (size_t)size);
		return;
	}
	close(p->from[s]);
	p->from[s] = -1;
}

/* Reads until both streams end; false: time is up. */
static bool listen(struct probe *p, unsigned seconds)
{
	int64_t end = now() + (int64_t)seconds * MS;

	while (p->from[REPORT] >= 0 || p->from[COMPLAINTS] >= 0) {
		struct pollfd fds[STREAMS] = {
			{ .fd = p->from[REPORT], .events = POLLIN },
			{ .fd = p->from[COMPLAINTS], .events = POLLIN },
		};
		int64_t left = end - now();

		if (left <= 0)
			return false;
		if (poll(fds, STREAMS, (int)left) < 0 && errno != EINTR)
			return false;
		for (int s = 0; s < STREAMS; s++)
			if (fds[s].fd >= 0 && fds[s].revents)
				take(p, s);
	}
	return true;
}

static void stop(struct probe *p, int *status)
{
	kill(-p->pid, SIGKILL);
	kill(p->pid, SIGKILL);
	while (waitpid(p->pid, status, 0) < 0 && errno == EINTR)
		;
	for (int s = 0; s < STREAMS; s++)
		if (p->from[s] >= 0)
			close(p->from[s]);
}

/* The first line of a text that may be hostile, as far as it can be shown. */
static char *first_line(const struct buf *text)
{
	static const char prefix[] = QEMU_PROGRAM ": ";
	const char *from = text->size ? text->text : "";
	char *line, *c;

	if (!strncmp(from, prefix, strlen(prefix)))
		from += strlen(prefix);
	line = fmt("%.*s", (int)strcspn(from, "\n"), from);
	for (c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	if (!*line)
		text_set(&line, xdup("QEMU ended and said nothing"));
	return line;
}

/* A report that the guest has ended counts, however QEMU ends after it. */
static bool whole(const struct buf *report)
{
	static const char last[] = "done\n";

	return report->size >= strlen(last) &&
	       !memcmp(report->text + report->size - strlen(last), last, strlen(last));
}

static void probe(struct kvm_facts *f, const char *image, unsigned seconds)
{
	struct probe p = { .pid = 0 };
	bool in_time;
	int status = 0;

	if (!start(&p, image)) {
		f->probe = PROBE_BROKE;
		text_set(&f->said, xdup(strerror(errno)));
		return;
	}
	in_time = listen(&p, seconds);
	stop(&p, &status);
	if (whole(&p.text[REPORT])) {
		f->probe = PROBE_DONE;
		text_set(&f->report, xdup(p.text[REPORT].text));
	} else if (!in_time) {
		f->probe = PROBE_HUNG;
	} else {
		f->probe = PROBE_BROKE;
		text_set(&f->said, first_line(&p.text[COMPLAINTS]));
	}
	for (int s = 0; s < STREAMS; s++)
		buf_free(&p.text[s]);
}

void kvm_probe_run(struct kvm_facts *f, const char *image, unsigned seconds)
{
	char *program = program_find(QEMU_PROGRAM);

	if (!program)
		f->probe = PROBE_NO_QEMU;
	else if (access(image, R_OK))
		f->probe = PROBE_NO_IMAGE;
	else
		probe(f, image, seconds);
	free(program);
}

const struct kvm_verdict *kvm_host(void)
{
	static struct kvm_verdict verdict;
	const char *root = getenv("DIPTYCH_HOST");
	struct kvm_facts facts;
	char *image;

	if (verdict.what)
		return &verdict;
	kvm_facts_read(root ? root : "", &facts);
	image = path_build("guests/probe.bin");
	if (!facts.device)
		kvm_probe_run(&facts, image, KVM_PROBE_SECONDS);
	free(image);
	verdict = kvm_judge(&facts);
	kvm_facts_free(&facts);
	return &verdict;
}
