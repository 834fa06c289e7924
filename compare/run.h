/*
 * One entry of `runs` in a report: a guest on a rung on a machine, and what
 * came of it. Knows nothing of emulators or of how it is printed.
 */
#ifndef COMPARE_RUN_H
#define COMPARE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum outcome {
	OUTCOME_PASS,		/* ran, agrees with bare */
	OUTCOME_DIFFERS,	/* its output is not bare's */
	OUTCOME_FAIL,		/* ended otherwise than it must */
	OUTCOME_SKIP,		/* something it needs is not here */
	OUTCOME_ERROR,		/* the harness broke */
	OUTCOMES
};

struct run {
	char		*guest, *guest_sha256;
	char		*rung;
	json_t		*options;	/* object of strings */
	char		*machine;
	json_t		*cpu;		/* object, empty when not read */
	json_t		*fingerprint;	/* object: what this machine is made of, see
					   docs/report.md; empty when not run */
	enum outcome	outcome;
	char		*reason;	/* empty on a pass */
	char		*output_sha256;	/* empty when there was no run */
	uint64_t	exits, observe;
	json_t		*by_reason;	/* object of numbers */
	uint64_t	instructions, of_guest, of_hypervisor;
	json_t		*timeline;	/* array of objects */
	json_t		*controls;	/* object of numbers */
	json_t		*shadow;	/* object; empty: no shadow tables */
	char		*end;		/* how the guest ended; empty: it did not */
	int64_t		code;		/* written to the exit port; -1: none */
	char		*unit;		/* of `instructions` */
	json_t		*more;		/* members of a report that are not known here */
	char		*log;		/* folder kept for a look; not in reports */
	const char	*file;		/* the report it came from; nor is this; not owned */
};

struct run *run_new(void);
void run_free(struct run *run);

const char *outcome_name(enum outcome outcome);
bool outcome_find(const char *name, enum outcome *out);

/* Sets outcome and reason; takes over `reason`. */
void run_judge(struct run *run, enum outcome outcome, char *reason);

/*
 * "svm-npt" or "vmx-ept,unpaged=emulate": rung and options, without
 * observe=modes, which is the default. To be freed.
 */
char *run_label(const struct run *run);

/* The options alone, "tags=off,unpaged=emulate" or "", observe=modes left out or not. */
char *run_options(const struct run *run, bool defaults);

/* Order of reports: guest, rung, options, machine. */
int run_compare(const struct run *a, const struct run *b);

/* 0, 1 or 6, as design.md says for a set of outcomes. */
int runs_status(struct run *const *runs, size_t count);

#endif
