/*
 * `diptych iso`: a disc that compares the real machine it is started on. Must not
 * run anything itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare/cmd.h"
#include "compare/disc.h"
#include "compare/sha256.h"
#include "compare/spawn.h"

static const struct argp_option options[] = {
	{ "rungs", KEY_RUNGS, "LIST", 0,
	  "Rungs to run (default: all that the machine's CPU can do)", 0 },
	{ "kind", KEY_KIND, "KIND", 0, "What a GUEST that is a file is", 0 },
	{ "output", KEY_OUTPUT, "FILE", 0,
	  "The disc (default: diptych.iso in the build folder)", 0 },
	{ 0 },
};

/* One guest that is on the disc. */
struct entry {
	const struct guest	*guest;
	char			sha256[SHA256_TEXT];
};

static void copy(const char *from, const char *folder, const char *name, char *sha256)
{
	char *to = fmt("%s/%s", folder, name), *slash = strrchr(to, '/');
	struct buf content = { 0 };
	int err;

	*slash = '\0';
	err = dir_make(to);
	*slash = '/';
	if (!err)
		err = file_read(from, &content);
	if (!err)
		err = file_write(to, content.text, content.size);
	if (err)
		die(STATUS_ERROR, "%s to %s: %s", from, to, strerror(err));
	if (sha256)
		sha256_text(content.text, content.size, sha256);
	buf_free(&content);
	free(to);
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

/* Copies the guest's files; one that is not here is left out. */
static bool entry_make(struct entry *e, const char *folder)
{
	char *path, *name;

	if (!here(e->guest)) {
		fprintf(stderr, "diptych: guest %s is not here: left out%s\n",
			e->guest->name, e->guest->fetched ?
			" (make guests fetches it)" : "");
		return false;
	}
	path = guest_path(e->guest);
	name = disc_file(e->guest);
	copy(path, folder, name, e->sha256);
	free(name);
	free(path);
	for (const struct guest_module *m = e->guest->module; m->file; m++) {
		path = path_build("%s", m->file);
		copy(path, folder, m->file, NULL);
		free(path);
	}
	return true;
}

static void hypervisor_line(struct buf *menu, const struct request *r)
{
	buf_fmt(menu, "\tmultiboot2 /" FILE_HYPERVISOR " tour");
	if (r->rungs)
		buf_fmt(menu, " 'rungs=%s'", r->rungs);
}

/* The machine becomes the guest's: for a look at what it prints there. */
static void bare_add(struct buf *menu, const struct guest *guest)
{
	static const struct rung bare = { .name = "bare" };
	struct job job = {
		.guest = guest, .choice = { .rung = &bare },
		.machine = machine_find("metal"),
	};
	char *words = hypervisor_options(&job), *file = disc_file(guest);

	buf_fmt(menu, "menuentry '%s on the bare machine' {\n\tmultiboot2 /"
		FILE_HYPERVISOR, guest->name);
	words_quote(menu, words);
	buf_fmt(menu, "\n\tmodule2 '/%s'", file);
	for (const struct guest_module *m = guest->module; m->file; m++) {
		buf_fmt(menu, "\n\tmodule2 '/%s'", m->file);
		words_quote(menu, m->words);
	}
	buf_fmt(menu, "\n}\n");
	free(words);
	free(file);
}

static void menu_write(struct buf *menu, const struct entry *entries, size_t count,
		       const struct request *r)
{
	/* Under UEFI the loader hands over a framebuffer when it has its drivers. */
	buf_fmt(menu, "set timeout=5\ninsmod all_video\n"
		"menuentry 'Compare: every guest on every rung of this machine' {\n");
	hypervisor_line(menu, r);
	for (size_t i = 0; i < count; i++)
		disc_guest_lines(menu, entries[i].guest, entries[i].sha256);
	buf_fmt(menu, "\n}\nsubmenu 'One guest' {\n");
	for (size_t i = 0; i < count; i++) {
		const struct guest *guest = entries[i].guest;

		buf_fmt(menu, "menuentry '%s on every rung' {\n", guest->name);
		hypervisor_line(menu, r);
		disc_guest_lines(menu, guest, entries[i].sha256);
		buf_fmt(menu, "\n}\n");
		if (!guest_is_firmware(guest))
			bare_add(menu, guest);
	}
	buf_fmt(menu, "}\n");
}

/* GRUB's own tool: the disc that it makes boots from a stick, too, by BIOS and UEFI. */
static void disc_make(const char *folder, const char *output)
{
	char *log = fmt("%s.log", folder);
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		if (!freopen(log, "w", stdout) || dup2(1, 2) < 0)
			_exit(STEP_FAILED);
		execlp("grub-mkrescue", "grub-mkrescue", "-o", output,
		       "--fonts=", "--locales=", "--themes=",
		       "--install-modules=normal multiboot2 all_video configfile "
		       "part_msdos part_gpt iso9660 fat test echo", folder,
		       "--", "-volid", "DIPTYCH", (char *)NULL);
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
		return disc_guests[i] ? request_guest(disc_guests[i], NULL) : NULL;
	return i < r->count ? request_guest(r->names[i], r->kind) : NULL;
}

/* What the hypervisor would refuse is said here. */
static void check(const struct request *r, size_t count)
{
	struct rung_choice *choices;
	size_t rungs = 0;

	if (!count)
		die(STATUS_USAGE, "iso: none of the guests is here");
	if (!r->rungs)
		return;
	choices = request_rungs(r->rungs, &rungs);
	for (size_t c = 0; c < rungs; c++) {
		if (!strcmp(choices[c].rung->name, "bare"))
			die(STATUS_USAGE, "iso: nothing comes back from rung bare: "
			    "its guests have entries of their own in the menu");
		rung_choice_free(&choices[c]);
	}
	free(choices);
}

int cmd_iso(int argc, char **argv)
{
	struct entry *entries = NULL;
	struct buf menu = { 0 };
	struct request r;
	char *folder, *path, *output;
	const struct guest *guest;
	size_t count = 0;
	int err;

	request_parse(argc, argv, options, "[GUEST...]",
		      "Makes a disc, or stick, that compares the machine it is started "
		      "on: every guest on every rung. See docs/metal.md.", &r);
	output = r.output ? xdup(r.output) : path_build("diptych.iso");
	folder = folder_make();
	path = path_build(FILE_HYPERVISOR);
	copy(path, folder, FILE_HYPERVISOR, NULL);
	free(path);
	for (size_t i = 0; (guest = asked(&r, i)); i++) {
		entries = xgrow(entries, count + 1, sizeof(*entries));
		entries[count].guest = guest;
		count += entry_make(&entries[count], folder);
	}
	check(&r, count);
	menu_write(&menu, entries, count, &r);
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
	free(entries);
	buf_free(&menu);
	free(r.names);
	return STATUS_PASS;
}
