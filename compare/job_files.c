/*
 * Brings a job's files into its work folder: the guest, its modules, the hypervisor.
 * Must not know what is done with them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/sha256.h"
#include "compare/spawn.h"

enum {
	MIB_SHIFT = 20,
	HYPERVISOR_MIB = 48,		/* its image, its pool, what alignment costs */
	MACHINE_STEP_MIB = 64,
	MACHINE_MIN_MIB = 256,
};

/* Copies a file into the work folder, which protects a run from a rebuild. */
static bool file_bring(struct job *job, const char *from, const char *name,
		       struct buf *content)
{
	char *to = fmt("%s/%s", job->dir, name);
	int err = file_read(from, content), wrong = 0;

	if (!err)
		wrong = file_write(to, content->text, content->size);
	if (err == ENOENT)
		job_refuse(job, OUTCOME_ERROR,
			   fmt("%s is not there: run make", from));
	else if (err || wrong)
		job_refuse(job, OUTCOME_ERROR, fmt("%s: %s", wrong ? to : from,
			   strerror(wrong ? wrong : err)));
	job->image_bytes += content->size;
	free(to);
	return !err && !wrong;
}

/* A file that `make guests` fetches or makes: without it the guest is skipped. */
static bool fetched_is_here(struct job *job, const char *path)
{
	return !job->guest->fetched || !access(path, R_OK) ||
	       job_refuse(job, OUTCOME_SKIP,
			  fmt("%s is not in the cache: make guests "
			      "(needs the network)", job->guest->name));
}

static bool guest_bring(struct job *job)
{
	char *path = guest_path(job->guest);
	char sum[SHA256_TEXT];
	struct buf image = { 0 };
	bool ok = fetched_is_here(job, path) &&
		  file_bring(job, path, FILE_GUEST, &image);

	if (ok) {
		sha256_text(image.text, image.size, sum);
		text_set(&job->run->guest_sha256, xdup(sum));
	}
	buf_free(&image);
	free(path);
	return ok;
}

static bool module_bring(struct job *job, const struct guest_module *module)
{
	char *path = path_build("%s", module->file);
	char *name = guest_module_name(module);
	struct buf content = { 0 };
	bool ok = fetched_is_here(job, path) &&
		  file_bring(job, path, name, &content);

	buf_free(&content);
	free(name);
	free(path);
	return ok;
}

static bool hypervisor_bring(struct job *job)
{
	char *path = path_build(FILE_HYPERVISOR);
	struct buf image = { 0 };
	bool ok = (job_is_bare(job) && job_is_firmware(job)) ||
		  file_bring(job, path, FILE_HYPERVISOR, &image);

	buf_free(&image);
	free(path);
	return ok;
}

bool job_bring(struct job *job)
{
	const struct guest_module *m = job->guest->module;
	bool ok = guest_bring(job);

	for (; ok && m->file; m++)
		ok = module_bring(job, m);
	return ok && hypervisor_bring(job);
}

/*
 * On bare the guest's memory is there twice: made in one place, moved to where it
 * belongs. Every rung gets the same machine.
 */
unsigned job_machine_mib(const struct job *job)
{
	uint64_t images = job->image_bytes >> MIB_SHIFT;
	uint64_t mib = 2ull * job->guest->memory_mib + images + HYPERVISOR_MIB;

	mib = (mib + MACHINE_STEP_MIB - 1) / MACHINE_STEP_MIB * MACHINE_STEP_MIB;
	return mib < MACHINE_MIN_MIB ? MACHINE_MIN_MIB : (unsigned)mib;
}
