/*
 * Plans and carries out a set of runs. Must not know commands or tables.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/evaluate.h"
#include "compare/fingerprint.h"
#include "compare/plan.h"

static struct job *find(const struct plan *plan, const struct guest *guest,
			const struct rung_choice *choice,
			const struct machine *machine)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct job *j = &plan->jobs[i];

		if (j->guest == guest && j->machine == machine &&
		    rung_choice_equal(&j->choice, choice))
			return j;
	}
	return NULL;
}

static struct job *append(struct plan *plan, const struct guest *guest,
			  const struct rung_choice *choice,
			  const struct machine *machine)
{
	plan->jobs = xgrow(plan->jobs, plan->count + 1, sizeof(*plan->jobs));
	plan->jobs[plan->count] = (struct job){
		.guest = guest,
		.machine = machine,
		.choice = rung_choice_copy(choice),
		.seconds = plan->seconds,
		.pty = -1,
	};
	return &plan->jobs[plan->count++];
}

static const struct rung_choice *bare(void)
{
	static struct rung_choice choice;

	choice.rung = rung_named("bare");
	return &choice;
}

/* Where the bare run is made that a run on this machine must agree with. */
static const struct machine *reference_machine(const struct guest *guest,
					       const struct machine *machine)
{
	return guest->reference ? machine_find(guest->reference) : machine;
}

struct job *plan_add(struct plan *plan, const struct guest *guest,
		     const struct rung_choice *choice,
		     const struct machine *machine)
{
	const struct machine *of = reference_machine(guest, machine);
	struct job *job = find(plan, guest, choice, machine);
	char *why = job_impossible(choice, machine);

	if (!job && !why && !rung_choice_equal(choice, bare()) &&
	    !find(plan, guest, bare(), of))
		append(plan, guest, bare(), of);
	free(why);
	if (!job)
		job = append(plan, guest, choice, machine);
	return job;
}

/* The bare output beside one that is not like it, for whoever looks. */
static void reference_keep(const struct job *job, const struct job *ref)
{
	char *path;

	if (!ref || !job->dir)
		return;
	path = fmt("%s/bare.log", job->dir);
	file_write(path, ref->output.text ? ref->output.text : "",
		   ref->output.size);
	free(path);
}

void plan_run(struct plan *plan)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned parallel = plan->parallel ? plan->parallel :
			    cpus > 0 ? (unsigned)cpus : 1;

	jobs_run(plan->jobs, plan->count, parallel);
	for (size_t i = 0; i < plan->count; i++)
		if (job_is_bare(&plan->jobs[i]))
			evaluate_bare(&plan->jobs[i]);
	for (size_t i = 0; i < plan->count; i++) {
		struct job *job = &plan->jobs[i];
		enum outcome o;

		if (!job_is_bare(job)) {
			struct job *ref = find(plan, job->guest, bare(),
				reference_machine(job->guest, job->machine));

			evaluate_rung(job, ref);
			reference_keep(job, ref);
		}
		if (job->cause != CAUSE_NONE)
			fingerprint_complete(job->run->fingerprint,
					     job->machine->emulator);
		o = job->run->outcome;
		job_close(job, o != OUTCOME_PASS && o != OUTCOME_SKIP);
	}
}

struct run **plan_runs(const struct plan *plan)
{
	struct run **runs = xcalloc(plan->count, sizeof(*runs));

	for (size_t i = 0; i < plan->count; i++)
		runs[i] = plan->jobs[i].run;
	return runs;
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		job_free(&plan->jobs[i]);
	free(plan->jobs);
}
