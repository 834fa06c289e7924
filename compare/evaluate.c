/*
 * Judges runs. Must not start anything or know how it was started.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/evaluate.h"
#include "compare/filter.h"
#include "compare/records.h"
#include "compare/required.h"
#include "compare/sha256.h"
#include "compare/spawn.h"

/* QEMU's isa-debug-exit device turns code v into status 2v+1. */
enum { DEBUG_EXIT_FACTOR = 2 };

/* How QEMU logs KVM_EXIT_SHUTDOWN: a triple fault. */
#define KVM_SHUTDOWN "kvm_run_exit cpu_index 0, reason 8\n"

static bool log_has(const struct job *job, const char *text)
{
	const struct buf *log = &job->emulator_log;

	return log->size && memmem(log->text, log->size, text, strlen(text));
}

static void end_set(struct run *run, const char *end, int64_t code)
{
	text_set(&run->end, xdup(end));
	run->code = code;
}

/* What of the emulator itself is an error whatever it printed; or NULL. */
static char *emulator_broke(const struct job *job)
{
	/*
	 * Bochs 2.7 now and then crashes while it is already leaving, in the
	 * thread of its display: what it had to say is said by then.
	 */
	if (job->cause == CAUSE_SIGNAL &&
	    !log_has(job, "quit_sim called with exit code"))
		return fmt("the emulator was killed by signal %d (%s)",
			   job->exit_status, strsignal(job->exit_status));
	if (job->cause == CAUSE_EXITED && job->exit_status == STEP_FAILED)
		return xdup("the emulator could not be started");
	return NULL;
}

/* Everything that keeps a job from being judged by its guest's end. */
static bool judged_early(struct job *job)
{
	char *why;

	if (job->cause == CAUSE_NONE) {
		run_judge(job->run, job->not_run, xdup(job->why));
		return true;
	}
	why = emulator_broke(job);
	if (!why)
		return false;
	run_judge(job->run, OUTCOME_ERROR, why);
	return true;
}

static void output_sum(struct job *job)
{
	char sum[SHA256_TEXT];

	sha256_text(job->output.text, job->output.size, sum);
	text_set(&job->run->output_sha256, xdup(sum));
}

/* Sets run->end from how QEMU ended without a hypervisor's word on it. */
static void bare_end_qemu(struct job *job)
{
	int status = job->exit_status;

	if (log_has(job, "Triple fault") || log_has(job, KVM_SHUTDOWN))
		end_set(job->run, "triple-fault", -1);
	else if (job->cause == CAUSE_EXITED && status % DEBUG_EXIT_FACTOR &&
		 (job->emulator_log.size || job->records.size))
		end_set(job->run, "exit", status / DEBUG_EXIT_FACTOR);
}

static void bare_end_bochs(struct job *job)
{
	if (log_has(job, "3rd (") && log_has(job, "with no resolution"))
		end_set(job->run, "triple-fault", -1);
	else if (log_has(job, "shutdown requested"))
		end_set(job->run, "exit", -1);
}

/* A guest that does not end itself has ended when it printed its end line. */
static const char *end_by_line(const struct guest *guest)
{
	return guest->ending == ENDING_HALT ? "halt" : ending_name(guest->ending);
}

/* Reads the record stream; true when the run can be judged by its end. */
static bool stream_take(struct job *job, enum stream wanted)
{
	struct run *run = job->run;
	json_t *options = json_incref(run->options);
	char *rung = xdup(run->rung), *why;
	enum stream s = records_read(job->records.text, job->records.size, run,
				     &why);
	const char *key;
	json_t *value;

	if (s == STREAM_MISSING)
		run_judge(run, OUTCOME_SKIP, why);
	else if (s == STREAM_TRUNCATED && job->cause == CAUSE_TIME)
		run_judge(run, OUTCOME_ERROR,
			  fmt("killed at the wall-clock limit; %s", why));
	else if (s == STREAM_TRUNCATED && job->cause == CAUSE_EXITED)
		run_judge(run, OUTCOME_ERROR,
			  fmt("%s; the emulator ended with status %d", why,
			      job->exit_status));
	else if (s != wanted)
		run_judge(run, OUTCOME_ERROR,
			  why ? xdup(why) : xdup("record stream of another rung"));
	else if (*run->unit && strcmp(run->rung, rung))
		run_judge(run, OUTCOME_ERROR,
			  fmt("asked for rung %s, ran as %s", rung, run->rung));
	json_object_foreach(options, key, value) {
		json_t *got = json_object_get(run->options, key);

		if (s == wanted && got && !json_equal(got, value))
			run_judge(run, OUTCOME_ERROR,
				  fmt("asked for another %s than it ran with",
				      key));
	}
	if (s != STREAM_MISSING)
		free(why);
	text_set(&run->rung, rung);
	json_decref(run->options);
	run->options = options;
	return run->outcome == OUTCOME_PASS;
}

/* NULL when the end is the one that the guest's table wants. */
static char *end_wrong(const struct job *job, const char *wanted, int64_t code)
{
	const struct run *run = job->run;

	if (!*run->end)
		return job->cause == CAUSE_TIME ?
		       xdup("did not end within the wall-clock limit") :
		       job->cause == CAUSE_PANIC ?
		       xdup("the emulator panicked") :
		       fmt("the emulator ended with status %d",
			   job->exit_status);
	if (strcmp(run->end, wanted))
		return fmt("ended by %s%s%s, not %s", run->end,
			   *run->reason ? ": " : "", run->reason, wanted);
	if (run->code >= 0 && code >= 0 && run->code != code)
		return fmt("exit code %lld, not %lld", (long long)run->code,
			   (long long)code);
	return NULL;
}

static void judge_end(struct job *job, const char *wanted, int64_t code)
{
	char *why = end_wrong(job, wanted, code);

	if (why)
		run_judge(job->run, OUTCOME_FAIL, why);
	else
		run_judge(job->run, OUTCOME_PASS, xdup(""));
}

void evaluate_bare(struct job *job)
{
	const struct guest *g = job->guest;

	if (judged_early(job))
		return;
	if (!job_is_firmware(job) && !stream_take(job, STREAM_HANDOFF))
		return;
	output_sum(job);
	if (job->machine->emulator == EMULATOR_BOCHS)
		bare_end_bochs(job);
	else
		bare_end_qemu(job);
	if (!*job->run->end && job->cause == CAUSE_END_LINE)
		end_set(job->run, end_by_line(g), -1);
	judge_end(job, g->ending == ENDING_AS_BARE ? job->run->end :
		  ending_name(g->ending),
		  g->ending == ENDING_EXIT ? 0 : -1);
}

/* The bare run must have passed, or there is nothing to agree with. */
static bool reference_missing(struct job *job, const struct job *bare)
{
	const struct run *ref = bare->run;

	if (ref->outcome == OUTCOME_PASS)
		return false;
	run_judge(job->run, ref->outcome == OUTCOME_SKIP ? OUTCOME_SKIP :
		  ref->outcome == OUTCOME_ERROR ? OUTCOME_ERROR : OUTCOME_FAIL,
		  fmt("no bare run to agree with: %s", ref->reason));
	return true;
}

/* What a guest of ours must say under a hypervisor, and does not; or NULL. */
static char *required_wrong(const struct job *job)
{
	char *path = path_build("../tests/guests/raw.txt");
	bool limits = job->machine->emulator != EMULATOR_QEMU;
	struct buf table = { 0 };
	char *lacks = NULL, *why = NULL;

	if (!job->guest->is_path && file_read(path, &table))
		why = fmt("%s cannot be read", path);
	else if (table.text)
		lacks = required_lacks(table.text, job->guest->name, limits,
				       &job->output);
	if (lacks)
		why = fmt("does not print \"%s\"", lacks);
	free(lacks);
	free(path);
	buf_free(&table);
	return why;
}

void evaluate_rung(struct job *job, const struct job *bare)
{
	const struct guest *g = job->guest;
	char *difference, *lacks;

	if (judged_early(job) || !stream_take(job, STREAM_END))
		return;
	output_sum(job);
	if (reference_missing(job, bare))
		return;
	if (g->ending == ENDING_AS_BARE)
		judge_end(job, bare->run->end, bare->run->code);
	else
		judge_end(job, ending_name(g->ending),
			  g->ending == ENDING_EXIT ? 0 : -1);
	difference = output_difference(g, bare->output.text, bare->output.size,
				       job->output.text, job->output.size);
	/* A wrong end often is why the outputs part: say both. */
	if (job->run->outcome == OUTCOME_FAIL && difference)
		text_set(&difference, fmt("%s; %s", job->run->reason, difference));
	if (job->run->outcome == OUTCOME_FAIL) {
		if (difference)
			run_judge(job->run, OUTCOME_FAIL, difference);
		return;
	}
	lacks = required_wrong(job);
	if (difference)
		run_judge(job->run, OUTCOME_DIFFERS, difference);
	else if (lacks)
		run_judge(job->run, OUTCOME_FAIL, xdup(lacks));
	free(lacks);
}
