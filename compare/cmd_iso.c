/*
 * `diptych iso`: a disc for real machines, with a menu of guests and rungs.
 * Must not run any of them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare/cmd.h"
#include "compare/spawn.h"

static const struct argp_option options[] = {
	{ "rungs", KEY_RUNGS, "LIST", 0,
	  "Rungs in the menu (default: those that are built in)", 0 },
	{ "output", KEY_OUTPUT, "FILE", 0,
	  "The disc (default: diptych.iso in the build folder)", 0 },
	{ 0 },
};

static const char default_rungs[] = "svm-npt,vmx-ug";

static void copy(const char *from, const char *folder, const char *name)
{
	char *to = fmt("%s/%s", folder, name);
	struct buf content = { 0 };
	int err = file_read(from, &content);

	if (!err)
		err = file_write(to, content.text, content.size);
	if (err)
		die(STATUS_ERROR, "%s to %s: %s", from, to, strerror(err));
	buf_free(&content);
	free(to);
}

static void entry_add(struct buf *menu, const struct guest *guest,
		      const struct rung_choice *choice)
{
	struct job job = { .guest = guest, .choice = *choice };
	char *rung = rung_choice_text(choice);
	char *words = hypervisor_options(&job);

	buf_fmt(menu, "menuentry '%s on %s' {\n\tmultiboot2 /" FILE_HYPERVISOR,
		guest->name, rung);
	words_quote(menu, words);
	buf_fmt(menu, "\n\tmodule2 /%s.bin", guest->name);
	for (const struct guest_module *m = guest->module; m->file; m++) {
		char *name = guest_module_name(m);

		buf_fmt(menu, "\n\tmodule2 /%s.%s", guest->name, name);
		words_quote(menu, m->words);
		free(name);
	}
	buf_fmt(menu, "\n}\n");
	free(rung);
	free(words);
}

/* Whether the guest's files are here. */
static bool here(const struct guest *guest)
{
	char *path = guest_path(guest);
	bool all = !access(path, R_OK);

	free(path);
	for (const struct guest_module *m = guest->module; all && m->file; m++) {
		path = path_build("%s", m->file);
		all = !access(path, R_OK);
		free(path);
	}
	return all;
}

static void modules_copy(const struct guest *guest, const char *folder)
{
	for (const struct guest_module *m = guest->module; m->file; m++) {
		char *path = path_build("%s", m->file);
		char *word = guest_module_name(m);
		char *name = fmt("%s.%s", guest->name, word);

		copy(path, folder, name);
		free(name);
		free(word);
		free(path);
	}
}

/* Copies the guest and adds its entries; one that is not here is left out. */
static void guest_add(struct buf *menu, const struct guest *guest,
		      const struct rung_choice *choices, size_t count,
		      const char *folder)
{
	char *path, *name;

	if (!here(guest)) {
		fprintf(stderr, "diptych: guest %s is not here: left out\n",
			guest->name);
		return;
	}
	path = guest_path(guest);
	name = fmt("%s.bin", guest->name);
	copy(path, folder, name);
	modules_copy(guest, folder);
	for (size_t c = 0; c < count; c++)
		entry_add(menu, guest, &choices[c]);
	free(name);
	free(path);
}

/* GRUB's own tool: it makes a disc that BIOS and, with its files, UEFI boot. */
static void disc_make(const char *folder, const char *output)
{
	char *log = fmt("%s.log", folder);
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (!freopen(log, "w", stdout) || dup2(1, 2) < 0)
			_exit(STEP_FAILED);
		execlp("grub-mkrescue", "grub-mkrescue", "-o", output, folder,
		       (char *)NULL);
		_exit(STEP_FAILED);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || status)
		die(STATUS_ERROR, "grub-mkrescue failed (it needs xorriso and "
		    "mtools), see %s", log);
	unlink(log);
	free(log);
}

static char *folder_make(void)
{
	char *parent = path_build("runs");
	char *folder = fmt("%s/iso-XXXXXX", parent), *grub;
	int err = dir_make(parent);

	if (!err && !mkdtemp(folder))
		err = errno;
	grub = fmt("%s/boot/grub", folder);
	if (!err)
		err = dir_make(grub);
	if (err)
		die(STATUS_ERROR, "%s: %s", folder, strerror(err));
	free(grub);
	free(parent);
	return folder;
}

/* Guest number `i` of those that are wanted; NULL: no more. */
static const struct guest *asked(const struct request *r, size_t i)
{
	if (!r->count)
		return guest_at(i);
	return i < r->count ? request_guest(r->names[i], NULL) : NULL;
}

int cmd_iso(int argc, char **argv)
{
	struct buf menu = { 0 };
	struct rung_choice *choices;
	struct request r;
	char *folder, *path, *output;
	const struct guest *guest;
	size_t rungs;
	int err;

	request_parse(argc, argv, options, "[GUEST...]",
		      "Makes a disc that boots the hypervisor on a real machine, "
		      "with a menu of guests and rungs.", &r);
	choices = request_rungs(r.rungs ? r.rungs : default_rungs, &rungs);
	output = r.output ? xdup(r.output) : path_build("diptych.iso");
	folder = folder_make();
	path = path_build(FILE_HYPERVISOR);
	copy(path, folder, FILE_HYPERVISOR);
	free(path);
	buf_fmt(&menu, "set timeout=10\n");
	for (size_t i = 0; (guest = asked(&r, i)); i++)
		guest_add(&menu, guest, choices, rungs, folder);
	path = fmt("%s/boot/grub/grub.cfg", folder);
	err = file_write(path, menu.text, menu.size);
	if (err)
		die(STATUS_ERROR, "%s: %s", path, strerror(err));
	disc_make(folder, output);
	dir_remove(folder);
	printf("%s\n", output);
	free(path);
	free(folder);
	free(output);
	buf_free(&menu);
	for (size_t c = 0; c < rungs; c++)
		rung_choice_free(&choices[c]);
	free(choices);
	free(r.names);
	return STATUS_PASS;
}
