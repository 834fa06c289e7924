/*
 * Makes the disc that Bochs boots: GRUB, the hypervisor and the guest. Must
 * not know what the guest is.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/spawn.h"

#define GRUB_IMAGE "eltorito.img"

void words_quote(struct buf *out, const char *text)
{
	while (*text) {
		size_t size = strcspn(text, " ");

		buf_fmt(out, " '%.*s'", (int)size, text);
		text += size + (text[size] == ' ');
	}
}

/* GRUB hands on what follows the file name, and the name is part of it here. */
static void module_line(struct buf *out, const struct guest_module *module)
{
	char *name = guest_module_name(module);

	buf_fmt(out, "\nmodule2 /%s", name);
	words_quote(out, module->words);
	free(name);
}

static void modules_graft(const struct job *job, struct launch *l)
{
	for (const struct guest_module *m = job->guest->module; m->file; m++) {
		char *name = guest_module_name(m);
		char *graft = fmt("/%s=%s", name, name);

		launch_add(l, graft, LAST_WORD);
		free(graft);
		free(name);
	}
}

static bool config_write(struct job *job)
{
	char *options = hypervisor_options(job);
	char *path = fmt("%s/grub.cfg", job->dir);
	struct buf b = { 0 };
	int err;

	buf_fmt(&b, "set timeout=0\nmultiboot2 /" FILE_HYPERVISOR);
	words_quote(&b, options);
	buf_fmt(&b, "\nmodule2 /" FILE_GUEST);
	for (const struct guest_module *m = job->guest->module; m->file; m++)
		module_line(&b, m);
	buf_fmt(&b, "\nboot\n");
	err = file_write(path, b.text, b.size);
	if (err)
		job_refuse(job, OUTCOME_ERROR,
			   fmt("%s: %s", path, strerror(err)));
	buf_free(&b);
	free(options);
	free(path);
	return !err;
}

/*
 * GRUB's own image is the same for all: made by whichever job finds none and
 * moved into place in one step, so that others never see half of it.
 */
static const char image_script[] =
	"if [ ! -e \"$1\" ]; then grub-mkimage -O i386-pc-eltorito -p /"
	" -o new.img biosdisk iso9660 multiboot multiboot2 normal boot"
	" configfile && mv new.img \"$1\" || exit 1; fi; cp \"$1\" " GRUB_IMAGE;

bool iso_prepare(struct job *job, struct launch *l)
{
	char *folder = path_build("boot-image");
	char *kept = fmt("%s/" GRUB_IMAGE, folder);
	bool ok = job_needs(job, "xorriso") &&
		  (!access(kept, R_OK) || job_needs(job, "grub-mkimage")) &&
		  config_write(job);
	int err = dir_make(folder);

	if (ok && err)
		ok = job_refuse(job, OUTCOME_ERROR,
				fmt("%s: %s", folder, strerror(err)));
	launch_step(l, "sh", "-c", image_script, "sh", kept, LAST_WORD);
	launch_step(l, "xorriso", "-as", "mkisofs", "-quiet", "-o", FILE_ISO,
		    "-b", GRUB_IMAGE, "-no-emul-boot", "-boot-load-size", "4",
		    "-boot-info-table", "-graft-points",
		    "/" GRUB_IMAGE "=" GRUB_IMAGE, "/grub.cfg=grub.cfg",
		    "/" FILE_HYPERVISOR "=" FILE_HYPERVISOR,
		    "/" FILE_GUEST "=" FILE_GUEST, LAST_WORD);
	modules_graft(job, l);
	free(folder);
	free(kept);
	return ok;
}
