/*
 * The life of one job: work folder, start, watching, end. Must not judge
 * what came out.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compare/filter.h"
#include "compare/job.h"
#include "compare/kvm.h"
#include "compare/records.h"
#include "compare/spawn.h"

/* How long, in ms, an emulator may still run after each thing noticed. */
enum {
	GRACE_END_LINE = 300,
	GRACE_PANIC = 300,
	GRACE_RECORDS = 5000,	/* ... and after each byte that still comes from the guest */
};

bool job_is_bare(const struct job *job)
{
	return !strcmp(job->choice.rung->name, "bare");
}

bool job_is_firmware(const struct job *job)
{
	return guest_is_firmware(job->guest);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool dir_prepare(struct job *job)
{
	char *parent = path_build("runs");
	char *label = fmt("%s-%s-%s", job->guest->name, job->choice.rung->name,
			  job->machine->name);
	int err = dir_make(parent);

	job->dir = fmt("%s/%s-XXXXXX", parent, label);
	if (!err && !mkdtemp(job->dir))
		err = errno;
	if (err) {
		job_refuse(job, OUTCOME_ERROR,
			   fmt("%s: %s", parent, strerror(err)));
		text_set(&job->dir, NULL);
	}
	free(parent);
	free(label);
	return !err;
}

char *job_impossible(const struct rung_choice *choice,
		     const struct machine *m)
{
	const struct rung *rung = choice->rung;
	bool kvm = m->emulator == EMULATOR_KVM;
	const char *missing = rung_missing(rung, machine_caps(m));

	if (m->emulator == EMULATOR_NONE)
		return fmt("%s is not an emulator: boot the disc of `diptych "
			   "iso` there", m->name);
	if (kvm && (!kvm_host()->runs || (rung->needs && kvm_host()->link != KVM_FOUND)))
		return fmt("%s: %s", m->name, kvm_host()->what);
	if (missing)
		return fmt("%s has %s", m->name, missing);
	if (!rung->built)
		return fmt("rung %s is not built in", rung->name);
	return NULL;
}

static bool possible(struct job *job)
{
	char *why = job_impossible(&job->choice, job->machine);

	return !why || job_refuse(job, OUTCOME_SKIP, why);
}

static void request_note(struct job *job)
{
	struct run *run = run_new();

	text_set(&run->guest, xdup(job->guest->name));
	text_set(&run->rung, xdup(job->choice.rung->name));
	text_set(&run->machine, xdup(job->machine->name));
	for (size_t i = 0; i < job->choice.count; i++)
		json_object_set_new(run->options, job->choice.options[i].name,
				    json_string(guest_option(job->guest,
					job->choice.options[i].name,
					job->choice.options[i].value)));
	job->run = run;
}

/* With gdb, its line first: the emulator connects to it. */
static bool line_open(struct job *job)
{
	char *why = job->gdb.gdb_port ? gdb_line_open(&job->gdb) : NULL;

	return !why || job_refuse(job, OUTCOME_ERROR, why);
}

bool job_start(struct job *job)
{
	struct launch l = { 0 };
	bool ok;
	int err;

	request_note(job);
	job->pty = -1;
	ok = possible(job) && dir_prepare(job) && job_bring(job) && line_open(job);
	if (ok)
		ok = job->machine->emulator == EMULATOR_BOCHS ?
		     bochs_prepare(job, &l) : qemu_prepare(job, &l);
	err = ok ? launch_start(job, &l) : 0;
	if (err)
		ok = job_refuse(job, OUTCOME_ERROR,
				fmt("cannot start: %s", strerror(err)));
	launch_free(&l);
	job->started = now_ms();
	return ok;
}

static void collect(struct job *job, const char *name, struct buf *out)
{
	char *path = fmt("%s/%s", job->dir, name);

	buf_free(out);
	buf_add(out, "", 0);
	file_read(path, out);
	free(path);
}

static bool has(const struct buf *b, const char *text)
{
	return b->size && memmem(b->text, b->size, text, strlen(text));
}

/* Reads the screen so that Bochs never waits for us. */
static void screen_drain(struct job *job)
{
	char dump[4096];

	while (job->pty >= 0 && read(job->pty, dump, sizeof(dump)) > 0)
		;
}

/* Looks into a file that tells the end, if it has grown since last time. */
static bool file_tells(struct job *job, const char *name)
{
	char *path = fmt("%s/%s", job->dir, name);
	struct stat st;
	bool grown = !stat(path, &st) && st.st_size != job->seen_size;

	if (grown)
		job->seen_size = st.st_size;
	free(path);
	return grown;
}

static enum cause notice(struct job *job)
{
	bool bare = job_is_bare(job);

	if (bare && job->guest->end_line && file_tells(job, FILE_OUTPUT)) {
		collect(job, FILE_OUTPUT, &job->output);
		if (output_ended(job->guest, job->output.text, job->output.size))
			return CAUSE_END_LINE;
	}
	if (!bare && file_tells(job, FILE_RECORDS)) {
		collect(job, FILE_RECORDS, &job->records);
		if (records_finished(job->records.text, job->records.size))
			return CAUSE_LINGERED;
	}
	if (job->machine->emulator == EMULATOR_BOCHS) {
		collect(job, "bochs.log", &job->emulator_log);
		if (has(&job->emulator_log, ">>PANIC<<"))
			return CAUSE_PANIC;
	}
	return CAUSE_NONE;
}

static bool grace_over(const struct job *job, uint64_t now)
{
	uint64_t grace = job->seen == CAUSE_END_LINE ? GRACE_END_LINE :
			 job->seen == CAUSE_PANIC ? GRACE_PANIC : GRACE_RECORDS;

	return now - job->noticed >= grace;
}

static void finish(struct job *job, enum cause cause)
{
	int err;

	job->cause = cause;
	kill(-job->pid, SIGKILL);	/* what the emulator may have left */
	if (job->pty >= 0)
		close(job->pty);
	job->pty = -1;
	job->pid = 0;
	gdb_line_close(&job->gdb);
	collect(job, FILE_OUTPUT, &job->output);
	collect(job, FILE_RECORDS, &job->records);
	collect(job, job->machine->emulator == EMULATOR_BOCHS ? "bochs.log" :
		"qemu.log", &job->emulator_log);
	if (!job->records_file)
		return;
	err = file_write(job->records_file, job->records.text, job->records.size);
	if (err)
		die(STATUS_ERROR, "%s: %s", job->records_file, strerror(err));
}

void job_kill(struct job *job)
{
	if (job->pid <= 0)
		return;
	kill(-job->pid, SIGKILL);
	kill(job->pid, SIGKILL);
	while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

bool job_poll(struct job *job)
{
	unsigned seconds = job->seconds ? job->seconds : job->guest->seconds;
	uint64_t now = now_ms();
	enum cause cause;
	int status;

	screen_drain(job);
	if (waitpid(job->pid, &status, WNOHANG) == job->pid) {
		bool signal = WIFSIGNALED(status);

		job->exit_status = signal ? WTERMSIG(status) :
				   WEXITSTATUS(status);
		finish(job, signal ? CAUSE_SIGNAL : CAUSE_EXITED);
		return true;
	}
	if (!job->seen) {
		job->seen = notice(job);
		job->noticed = now;
	}
	/* A busy host takes its time over what the serial line still holds. */
	if (job->seen == CAUSE_LINGERED && file_tells(job, FILE_OUTPUT))
		job->noticed = now;
	cause = job->seen && grace_over(job, now) ? job->seen :
		now - job->started >= 1000ull * seconds ? CAUSE_TIME : CAUSE_NONE;
	if (!cause)
		return false;
	job_kill(job);
	finish(job, cause);
	return true;
}

void job_close(struct job *job, bool keep)
{
	if (!job->dir)
		return;
	if (keep)
		text_set(&job->run->log, xdup(job->dir));
	else
		dir_remove(job->dir);
	text_set(&job->dir, NULL);
}

void job_free(struct job *job)
{
	rung_choice_free(&job->choice);
	buf_free(&job->output);
	buf_free(&job->records);
	buf_free(&job->emulator_log);
	free(job->why);
	free(job->dir);
	run_free(job->run);
}
