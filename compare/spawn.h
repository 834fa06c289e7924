/*
 * Starting emulators: command lines, configuration files, processes. Knows
 * each emulator's ways; nothing of outcomes.
 */
#ifndef COMPARE_SPAWN_H
#define COMPARE_SPAWN_H

#include "compare/job.h"

enum { LAUNCH_STEPS = 3, LAUNCH_WORDS = 64 };

/* Exit status of the child when a step before the emulator failed. */
enum { STEP_FAILED = 125 };

/* File names in the work folder, which is the emulator's current one. */
#define FILE_OUTPUT	"guest.log"
#define FILE_RECORDS	"records.jsonl"
#define FILE_GUEST	"guest.bin"
#define FILE_HYPERVISOR	"diptych.elf"
#define FILE_EMULATOR	"emulator.log"
#define FILE_ISO	"boot.iso"

/* Commands run one after the other; the last is the emulator itself. */
struct launch {
	char	*step[LAUNCH_STEPS][LAUNCH_WORDS];
	size_t	steps;
	bool	pty;
};

#define LAST_WORD ((char *)NULL)

/* Appends words up to LAST_WORD, to a new step or the last; they are copied. */
void launch_step(struct launch *l, ...) __attribute__((sentinel));
void launch_add(struct launch *l, ...) __attribute__((sentinel));
void launch_free(struct launch *l);

/*
 * Fill in the launch and write what it needs into job->dir. On failure set
 * job->why and job->not_run and return false.
 */
bool qemu_prepare(struct job *job, struct launch *l);
bool bochs_prepare(struct job *job, struct launch *l);

/* Adds the steps that make FILE_ISO; as the above. */
bool iso_prepare(struct job *job, struct launch *l);

/* Appends the words, each in quotes, so that GRUB hands them on as they are. */
void words_quote(struct buf *out, const char *text);

/* Which of the guest's modules, from 1, is its disk; 0: it has none. */
unsigned guest_disk(const struct guest *guest);

/* Starts it in a session of its own; sets pid and pty. Returns 0 or errno. */
int launch_start(struct job *job, struct launch *l);

/* The hypervisor's options for the job, each a word; to be freed. */
char *hypervisor_options(const struct job *job);

/* job->why = reason, job->not_run = outcome; returns false. */
bool job_refuse(struct job *job, enum outcome outcome, char *why);

/* Checks that a program is on PATH; refuses the job as a skip if not. */
bool job_needs(struct job *job, const char *program);

#endif
