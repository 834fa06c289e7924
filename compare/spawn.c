/*
 * Starts a prepared command in a session of its own, on a pty if it wants a
 * screen. Must not know which emulator it is.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include "compare/spawn.h"

enum {
	FILE_MODE = 0666,
	NOT_FOUND = 127,
	SCREEN_ROWS = 25,
	SCREEN_COLUMNS = 80,
	CLOCK_HZ = 1000000000,	/* where an instruction takes 1 ns */
	/*
	 * Under KVM the limit counts cycles, and there an exit of a nested guest takes some
	 * ten thousand of them where on the emulators it takes some hundred instructions.
	 */
	KVM_LIMIT_FACTOR = 64,
};

/* A guest that prints for ever must not fill the disk. */
#define FILE_LIMIT ((rlim_t)16 << 20)

static void words_add(struct launch *l, va_list words)
{
	char **step = l->step[l->steps - 1];
	size_t at = 0;
	const char *word;

	while (step[at])
		at++;
	while ((word = va_arg(words, const char *)) && at < LAUNCH_WORDS - 1)
		step[at++] = xdup(word);
}

void launch_step(struct launch *l, ...)
{
	va_list words;

	l->steps++;
	va_start(words, l);
	words_add(l, words);
	va_end(words);
}

void launch_add(struct launch *l, ...)
{
	va_list words;

	va_start(words, l);
	words_add(l, words);
	va_end(words);
}

void launch_free(struct launch *l)
{
	for (size_t s = 0; s < l->steps; s++)
		for (size_t w = 0; l->step[s][w]; w++)
			free(l->step[s][w]);
}

bool job_refuse(struct job *job, enum outcome outcome, char *why)
{
	job->not_run = outcome;
	text_set(&job->why, why);
	return false;
}

bool job_needs(struct job *job, const char *program)
{
	char *path = program_find(program);

	if (!path)
		return job_refuse(job, OUTCOME_SKIP,
				  fmt("%s is not installed", program));
	free(path);
	return true;
}

unsigned guest_disk(const struct guest *guest)
{
	for (const struct guest_module *m = guest->module; m->file; m++)
		if (!strcmp(m->words, GUEST_DISK))
			return (unsigned)(m - guest->module) + 1;
	return 0;
}

/* The end line as one word: see core/cmdline.h. */
static void until_add(struct buf *b, const char *text)
{
	buf_fmt(b, " until=");
	for (; *text; text++) {
		if (isalnum((unsigned char)*text))
			buf_add(b, text, 1);
		else
			buf_fmt(b, "%%%02x", (unsigned char)*text);
	}
}

char *hypervisor_options(const struct job *job)
{
	const struct rung_choice *c = &job->choice;
	const struct guest *g = job->guest;
	bool kvm = job->machine->emulator == EMULATOR_KVM;
	/* Whoever debugs has all the time there is. */
	uint64_t limit = job->gdb.gdb_port ? 0 :
			 g->limit * (kvm ? KVM_LIMIT_FACTOR : 1);
	struct buf b = { 0 };

	buf_fmt(&b, "rung=%s", c->rung->name);
	for (size_t i = 0; i < c->count; i++)
		buf_fmt(&b, ",%s=%s", c->options[i].name,
			guest_option(g, c->options[i].name,
				     c->options[i].value));
	buf_fmt(&b, " mem=%uM limit=%llu", g->memory_mib,
		(unsigned long long)limit);
	if (*g->kind)
		buf_fmt(&b, " kind=%s", g->kind);
	if (g->tick_shift)
		buf_fmt(&b, " clock=%u", CLOCK_HZ >> g->tick_shift);
	if (guest_disk(g))
		buf_fmt(&b, " disk=%u", guest_disk(g));
	if (g->options)
		buf_fmt(&b, " %s", g->options);
	if (g->ending == ENDING_LINE)
		until_add(&b, g->end_line);
	if (job->gdb.gdb_port)
		buf_fmt(&b, " gdb=com3");
	for (size_t i = 0; i < job->dumps; i++)
		buf_fmt(&b, "%s0x%llx", i ? "," : " dump=",
			(unsigned long long)job->dump[i]);
	if (job->trace && !job_is_bare(job))
		buf_fmt(&b, " trace=%s", job->trace);
	buf_fmt(&b, " --");
	if (g->command_line)
		buf_fmt(&b, " %s", g->command_line);
	return b.text;
}

/* Runs one step to its end with its output in the log. */
static void step_run(char **words, int log)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
		execvp(words[0], words);
		dprintf(log, "%s: %s\n", words[0], strerror(errno));
		_exit(NOT_FOUND);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && !WEXITSTATUS(status))
		return;
	dprintf(log, "%s failed\n", words[0]);
	_exit(STEP_FAILED);
}

static _Noreturn void child(struct job *job, struct launch *l, int tty)
{
	struct rlimit limit = { FILE_LIMIT, FILE_LIMIT };
	sigset_t none;
	int log;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (chdir(job->dir))
		_exit(STEP_FAILED);
	log = open(FILE_EMULATOR, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		   FILE_MODE);
	if (log < 0)
		_exit(STEP_FAILED);
	if (tty >= 0) {
		login_tty(tty);
		setenv("TERM", "xterm", 1);
	} else {
		setsid();
		dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
		dup2(log, STDOUT_FILENO);
		dup2(log, STDERR_FILENO);
	}
	for (size_t i = 0; i + 1 < l->steps; i++)
		step_run(l->step[i], log);
	setrlimit(RLIMIT_FSIZE, &limit);
	execvp(l->step[l->steps - 1][0], l->step[l->steps - 1]);
	dprintf(log, "%s: %s\n", l->step[l->steps - 1][0], strerror(errno));
	_exit(STEP_FAILED);
}

int launch_start(struct job *job, struct launch *l)
{
	struct winsize size = { .ws_row = SCREEN_ROWS, .ws_col = SCREEN_COLUMNS };
	int tty = -1, err = 0;

	job->pty = -1;
	if (l->pty) {
		if (openpty(&job->pty, &tty, NULL, NULL, &size))
			return errno;
		fcntl(job->pty, F_SETFD, FD_CLOEXEC);
		fcntl(job->pty, F_SETFL, O_NONBLOCK);
	}
	fflush(NULL);
	job->pid = fork();
	if (!job->pid)
		child(job, l, tty);
	if (job->pid < 0)
		err = errno;
	if (tty >= 0)
		close(tty);
	return err;
}
