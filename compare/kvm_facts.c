/*
 * Collects the facts about a host's KVM from its /dev, /proc and /sys. Must not judge
 * them, and must not start anything.
 */
#include <cpuid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare/kvm.h"
#include "compare/kvm_defs.h"
#include "compare/util.h"

/* The text of a file without its line end, to be freed; NULL: it cannot be read. */
static char *text_read(const char *root, const char *path)
{
	char *full = fmt("%s%s", root, path);
	struct buf text = { 0 };
	int err = file_read(full, &text);

	free(full);
	if (err || !text.text) {
		buf_free(&text);
		return NULL;
	}
	text.text[strcspn(text.text, "\n")] = '\0';
	return text.text;
}

static int device_open(const char *root)
{
	char *path = fmt("%s/dev/kvm", root);
	int fd = open(path, O_RDWR | O_CLOEXEC), err = fd < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	free(path);
	return err;
}

/* Whether the line of flags has this word. */
static bool flag(const char *flags, const char *word)
{
	size_t size = strlen(word);
	const char *at = flags, *line = flags + strcspn(flags, "\n");

	while ((at = strstr(at, word)) && at < line) {
		if (at[-1] == ' ' && (at[size] == ' ' || at[size] == '\n'))
			return true;
		at += size;
	}
	return false;
}

static void cpuinfo_read(const char *root, struct kvm_facts *f)
{
	char *path = fmt("%s/proc/cpuinfo", root);
	struct buf text = { 0 };
	const char *flags;

	buf_add(&text, "", 0);
	file_read(path, &text);
	free(path);
	f->amd = strstr(text.text, "AuthenticAMD") || strstr(text.text, "HygonGenuine");
	flags = strstr(text.text, "\nflags\t");
	if (flags) {
		flags++;
		f->svm = flag(flags, "svm");
		f->vmx = flag(flags, "vmx");
		f->guest = flag(flags, "hypervisor");
	}
	buf_free(&text);
}

static void modules_read(const char *root, struct kvm_facts *f)
{
	static const char *const names[KVM_MODULES] = { "kvm_intel", "kvm_amd" };
	char *path = fmt("%s/sys/module", root);
	DIR *modules = opendir(path);
	const struct dirent *entry;

	free(path);
	while (modules && (entry = readdir(modules))) {
		bool known = false;

		for (int i = 0; i < KVM_MODULES; i++) {
			if (strcmp(entry->d_name, names[i]))
				continue;
			known = true;
			f->loaded[i] = true;
			path = fmt("/sys/module/%s/parameters/nested", names[i]);
			f->nested[i] = text_read(root, path);
			free(path);
		}
		if (!known && !strncmp(entry->d_name, "kvm_", 4))
			text_set(&f->other, xdup(entry->d_name));
	}
	if (modules)
		closedir(modules);
}

/* "Amazon EC2 m5.large", or NULL where there is no such table. */
static char *product_read(const char *root)
{
	char *maker = text_read(root, "/sys/class/dmi/id/sys_vendor");
	char *model = text_read(root, "/sys/class/dmi/id/product_name");
	char *both = maker && model ? fmt("%s %s", maker, model) : NULL;

	free(maker);
	free(model);
	return both;
}

/* This host's own; of a recorded one the file `signature` has it. */
static char *signature_read(const char *root)
{
	unsigned r[4];
	char text[sizeof(unsigned) * 3 + 1] = "";

	if (*root)
		return text_read(root, "/signature");
	__cpuid(LEAF_HYPERVISOR, r[0], r[1], r[2], r[3]);
	memcpy(text, r + 1, sizeof(text) - 1);
	return xdup(text);
}

/* Needs root and the module msr: else it is not known, and false. */
static bool firmware_locked(const char *root, bool amd)
{
	char *path = fmt("%s/dev/cpu/0/msr", root);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t at = amd ? PROBE_VM_CR : PROBE_FEATURE_CONTROL;
	uint64_t value = 0;
	bool known;

	free(path);
	if (fd < 0)
		return false;
	known = pread(fd, &value, sizeof(value), at) == sizeof(value);
	close(fd);
	if (amd)
		return known && (value & VM_CR_LOW_SVMDIS);
	return known && (value & FEATURE_LOW_LOCK) && !(value & FEATURE_LOW_VMX);
}

void kvm_facts_read(const char *root, struct kvm_facts *f)
{
	*f = (struct kvm_facts){ .device = device_open(root) };
	cpuinfo_read(root, f);
	modules_read(root, f);
	if (f->guest)
		f->signature = signature_read(root);
	f->product = product_read(root);
	if (f->device && (f->svm || f->vmx))
		f->locked = firmware_locked(root, f->amd);
}

void kvm_facts_free(struct kvm_facts *f)
{
	for (int i = 0; i < KVM_MODULES; i++)
		free(f->nested[i]);
	free(f->signature);
	free(f->product);
	free(f->other);
	free(f->said);
	free(f->report);
	*f = (struct kvm_facts){ 0 };
}
