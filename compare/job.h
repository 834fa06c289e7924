/*
 * One run of an emulator: what is asked, what is under way, what came out.
 * Knows emulators; judging the outcome is evaluate.h's.
 */
#ifndef COMPARE_JOB_H
#define COMPARE_JOB_H

#include <stdbool.h>
#include <sys/types.h>

#include "compare/gdb_line.h"
#include "compare/guests.h"
#include "compare/machines.h"
#include "compare/rungs.h"
#include "compare/run.h"
#include "compare/util.h"

/* What ended the emulator. */
enum cause {
	CAUSE_NONE,		/* not run at all: `why` says why */
	CAUSE_EXITED,		/* of itself, with `exit_status` */
	CAUSE_SIGNAL,		/* killed by signal `exit_status`, not ours */
	CAUSE_TIME,		/* we: wall-clock limit */
	CAUSE_END_LINE,		/* we: the guest's end line was printed */
	CAUSE_PANIC,		/* we: Bochs panicked and did not end */
	CAUSE_LINGERED,		/* we: the record stream was complete */
};

struct job {
	/* asked */
	const struct guest	*guest;
	const struct machine	*machine;
	struct rung_choice	choice;
	unsigned		seconds;	/* 0: the guest's own limit */
	const char		*records_file;	/* keep the records here; or NULL */
	const uint64_t		*dump;		/* addresses to show at the end */
	size_t			dumps;
	const char		*trace;		/* "4096", "first:10": exits to keep; or NULL */

	struct gdb_line		gdb;		/* its port given: gdb controls the guest */

	/* under way */
	pid_t			pid;
	int			pty;		/* Bochs's screen; -1: none */
	char			*dir;		/* work folder; NULL: none */
	uint64_t		image_bytes;	/* of all that is loaded */
	uint64_t		started, noticed;	/* ms */
	off_t			seen_size;	/* of the file watched */
	enum cause		seen;		/* noticed, in its grace time */

	/* came out */
	enum cause		cause;
	int			exit_status;
	char			*why;		/* CAUSE_NONE: reason */
	enum outcome		not_run;	/* CAUSE_NONE: skip or error */
	struct buf		output, records, emulator_log;
	struct run		*run;
};

bool job_is_bare(const struct job *job);
bool job_is_firmware(const struct job *job);

/* What the tables know to be missing, in words to be freed; NULL: nothing. */
char *job_impossible(const struct rung_choice *choice,
		     const struct machine *machine);

/* Copies what the job needs into its folder; as *_prepare() of spawn.h. */
bool job_bring(struct job *job);

/* MiB of memory that the machine must have; after job_bring(). */
unsigned job_machine_mib(const struct job *job);

/*
 * Prepares and starts; false when there is nothing to wait for (cause NONE,
 * why and not_run set).
 */
bool job_start(struct job *job);

/* True when it has come to its end; output, records and log are then read. */
bool job_poll(struct job *job);

/* Kills the emulator and all it started, and waits for it. */
void job_kill(struct job *job);

/* Removes the work folder, or keeps it and says so in run->log. */
void job_close(struct job *job, bool keep);
void job_free(struct job *job);

/*
 * Runs all jobs, `parallel` at once, with a progress line when stderr is a
 * terminal. Ctrl-C kills what runs and ends the program.
 */
void jobs_run(struct job *jobs, size_t count, unsigned parallel);

#endif
