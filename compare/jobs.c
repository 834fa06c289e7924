/*
 * Runs many jobs, a few at once. Must not know what a job is about.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/job.h"

enum { TICK_MS = 10, PROGRESS_WIDTH = 78 };

static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
	stop_signal = number;
}

static void progress(const struct job *last, size_t done, size_t count)
{
	char *rung;
	char *line;

	if (!isatty(STDERR_FILENO))
		return;
	rung = rung_choice_text(&last->choice);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it lies in the array */
	line = fmt("[%zu/%zu] %s %s %s", done, count, last->guest->name, rung,
		   last->machine->label);
	fprintf(stderr, "\r%-*.*s", PROGRESS_WIDTH, PROGRESS_WIDTH, line);
	free(rung);
	free(line);
}

static void progress_clear(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", PROGRESS_WIDTH, "");
}

/* Ctrl-C: nothing may outlive us, and no work folder either. */
static _Noreturn void stop(struct job **running, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!running[i])
			continue;
		job_kill(running[i]);
		job_close(running[i], false);
	}
	progress_clear();
	signal(stop_signal, SIG_DFL);
	raise(stop_signal);
	_exit(STATUS_ERROR);
}

/* Waits for a tick, or less when a screen has something to read. */
static void wait_tick(struct job **running, unsigned count)
{
	struct pollfd *fds = xcalloc(count, sizeof(*fds));

	for (unsigned i = 0; i < count; i++)
		fds[i] = (struct pollfd){
			.fd = running[i] ? running[i]->pty : -1,
			.events = 0,
		};
	poll(fds, count, TICK_MS);
	free(fds);
}

/* Puts the next job that really starts into the slot; counts the others. */
static void slot_fill(struct job **slot, struct job *jobs, size_t count,
		      size_t *next, size_t *done)
{
	while (!*slot && *next < count) {
		struct job *job = &jobs[(*next)++];

		if (job_start(job)) {
			*slot = job;
			progress(job, *done, count);
		} else {
			++*done;
		}
	}
}

void jobs_run(struct job *jobs, size_t count, unsigned parallel)
{
	struct job **running = xcalloc(parallel, sizeof(*running));
	struct sigaction catch = { .sa_handler = on_signal };
	size_t next = 0, done = 0;

	sigaction(SIGINT, &catch, NULL);
	sigaction(SIGTERM, &catch, NULL);
	while (done < count) {
		for (unsigned i = 0; i < parallel; i++) {
			if (running[i] && job_poll(running[i])) {
				running[i] = NULL;
				done++;
			}
			slot_fill(&running[i], jobs, count, &next, &done);
			if (stop_signal)
				stop(running, parallel);
		}
		if (done < count)
			wait_tick(running, parallel);
	}
	progress_clear();
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	free(running);
}
