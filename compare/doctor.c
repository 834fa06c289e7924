/*
 * `diptych doctor`: what this host has, what it lacks, and the line that
 * mends it. Starts nothing but the probe guest, which has its time limit.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/cmd.h"
#include "compare/grid.h"
#include "compare/kvm.h"

static const struct argp_option none[] = { { 0 } };

/* One thing to look for. */
static const struct {
	const char *what;
	const char *probe;	/* a program, or a path pattern if it has a / */
	const char *package;	/* Debian's name */
	bool to_run;		/* else only to build and test */
} checks[] = {
	{ "QEMU", "qemu-system-x86_64", "qemu-system-x86", true },
	{ "Bochs", "bochs", "bochs", true },
	{ "Bochs term display", "/usr/lib/*/bochs/plugins/libbx_term_gui.so*",
	  "bochs-term", true },
	{ "Bochs BIOS", "/usr/share/bochs/BIOS-bochs-latest", "bochsbios", true },
	{ "VGA BIOS", "/usr/share/bochs/VGABIOS-lgpl-latest", "vgabios", true },
	{ "grub-mkimage", "grub-mkimage", "grub-common", true },
	{ "GRUB for BIOS", "/usr/lib/grub/i386-pc/multiboot2.mod",
	  "grub-pc-bin", true },
	{ "xorriso", "xorriso", "xorriso", true },
	{ "mtools", "mformat", "mtools", false },
	{ "C compiler", "gcc", "gcc", false },
	{ "C library headers", "/usr/include/stdio.h", "libc6-dev", false },
	{ "make", "make", "make", false },
	{ "nasm", "nasm", "nasm", false },
	{ "jansson", "/usr/include/jansson.h", "libjansson-dev", false },
	{ "Zydis", "/usr/include/Zydis/Zydis.h", "libzydis-dev", false },
	{ "cmocka", "/usr/include/cmocka.h", "libcmocka-dev", false },
};

static bool present(const char *probe)
{
	glob_t found;
	char *path;
	bool here;

	if (!strchr(probe, '/')) {
		path = program_find(probe);
		here = path != NULL;
		free(path);
		return here;
	}
	here = !glob(probe, 0, NULL, &found);
	globfree(&found);
	return here;
}

static void line(const char *state, enum paint paint, const char *what,
		 const char *detail, bool colour)
{
	fputs("  ", stdout);
	paint_put(stdout, state, paint, -8, colour);
	printf("  %-20s  %s\n", what, detail);
}

/* Never a failure: everything runs without KVM, too. */
static void kvm_line(bool colour)
{
	const struct kvm_verdict *host = kvm_host();
	bool found = host->link == KVM_FOUND;

	line(found ? "ok" : "note", found ? PAINT_GOOD : PAINT_DIM, "machine kvm:host",
	     host->what, colour);
	if (*host->mend)
		line("", PAINT_DIM, "", host->mend, colour);
}

/* Our own products: mended by make, not by apt. */
static void built_line(const char *what, const char *file, const char *mend,
		       bool colour)
{
	char *path = path_build("%s", file);
	bool here = !access(path, R_OK);

	line(here ? "ok" : "note", here ? PAINT_GOOD : PAINT_DIM, what,
	     here ? path : mend, colour);
	free(path);
}

int cmd_doctor(int argc, char **argv)
{
	bool colour = paint_wanted(stdout);
	struct buf missing = { 0 };
	bool runs = true;
	struct request r;

	request_parse(argc, argv, none, NULL, "Says what this host has and "
		      "lacks, and the line that mends it.", &r);
	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		bool here = present(checks[i].probe);
		char *lacks = fmt("package %s%s", checks[i].package,
				  checks[i].to_run ? "" : ", to build and test");

		line(here ? "ok" : "missing", here ? PAINT_GOOD : PAINT_BAD,
		     checks[i].what, here ? checks[i].probe : lacks, colour);
		if (!here)
			buf_fmt(&missing, " %s", checks[i].package);
		runs = runs && (here || !checks[i].to_run);
		free(lacks);
	}
	kvm_line(colour);
	built_line("hypervisor", "diptych.elf", "not built: make", colour);
	built_line("guest xen", "cache/xen", "not fetched: make guests", colour);
	built_line("guest linux-setup", "cache/linux-setup.bin",
		   "not fetched: make guests", colour);
	if (missing.size)
		printf("\n%sapt-get install -y%s\n", geteuid() ? "sudo " : "",
		       missing.text);
	else
		printf("\nThis host has all it takes.\n");
	buf_free(&missing);
	return runs ? STATUS_PASS : STATUS_FAIL;
}
