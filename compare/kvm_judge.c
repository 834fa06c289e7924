/*
 * From facts about a host to a verdict on kvm:host: found, or the one link that is
 * missing and what mends it. Must not look at the host itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/kvm.h"
#include "compare/rungs.h"
#include "compare/util.h"

static struct kvm_verdict missing(enum kvm_link link, char *what, char *mend)
{
	return (struct kvm_verdict){ .link = link, .what = what, .mend = mend };
}

/* The hypervisor below, by a name that people know. */
static char *below(const struct kvm_facts *f)
{
	static const struct { const char *signature, *name; } known[] = {
		{ "KVMKVMKVM", "KVM" },
		{ "VMwareVMware", "VMware" },
		{ "Microsoft Hv", "Hyper-V" },
		{ "XenVMMXenVMM", "Xen" },
		{ "VBoxVBoxVBox", "VirtualBox" },
		{ "bhyve bhyve ", "bhyve" },
		{ "TCGTCGTCGTCG", "QEMU without KVM" },
	};
	const char *name = f->signature && *f->signature ? f->signature :
			   "a hypervisor without a name";

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (f->signature && !strcmp(f->signature, known[i].signature))
			name = known[i].name;
	return f->product ? fmt("%s (%s)", name, f->product) : xdup(name);
}

static const char *module_name(const struct kvm_facts *f)
{
	return f->amd ? "kvm_amd" : "kvm_intel";
}

/* The host's CPU has neither, as far as the host can see. */
static struct kvm_verdict no_cpu(const struct kvm_facts *f)
{
	struct kvm_verdict v;
	char *name;

	if (!f->guest)
		return missing(KVM_NO_CPU, xdup("no /dev/kvm: this CPU shows neither SVM "
						"nor VT-x"),
			       xdup("look for SVM or VT-x in the firmware's set-up: it "
				    "may be switched off there"));
	name = below(f);
	v = missing(KVM_BELOW,
		    fmt("no /dev/kvm: this host is itself a guest of %s, which gives "
			"it neither SVM nor VT-x", name),
		    xdup("have nested virtualisation turned on for this guest there, or "
			 "use a host of another kind"));
	free(name);
	return v;
}

static struct kvm_verdict no_device(const struct kvm_facts *f)
{
	const char *module = module_name(f);

	if (!f->svm && !f->vmx)
		return no_cpu(f);
	if (f->locked)
		return missing(KVM_FIRMWARE,
			       fmt("no /dev/kvm: the firmware has locked %s off",
				   f->amd ? "SVM" : "VT-x"),
			       xdup("turn it on in the firmware's set-up"));
	if (!f->loaded[f->amd ? KVM_AMD : KVM_INTEL])
		return missing(KVM_NOT_LOADED,
			       fmt("no /dev/kvm: the module %s is not loaded", module),
			       fmt("sudo modprobe %s; if it refuses, the firmware has %s "
				   "switched off", module, f->amd ? "SVM" : "VT-x"));
	return missing(KVM_NO_DEVICE,
		       fmt("no /dev/kvm, although %s is loaded: a container?", module),
		       xdup("let the container have it: --device /dev/kvm"));
}

static struct kvm_verdict not_open(const struct kvm_facts *f)
{
	switch (f->device) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return no_device(f);
	case EACCES:
		return missing(KVM_NO_PERMISSION, xdup("/dev/kvm is not for this user"),
			       xdup("sudo usermod -aG kvm $USER, and log in again"));
	case EPERM:
		return missing(KVM_NO_PERMISSION, xdup("/dev/kvm is not allowed here: a "
						       "container?"),
			       xdup("let the container have it: --device /dev/kvm"));
	default:
		return missing(KVM_NO_DEVICE,
			       fmt("/dev/kvm cannot be opened: %s", strerror(f->device)),
			       xdup(""));
	}
}

/* "N" or "0"; older kernels write numbers. */
static bool is_off(const char *nested)
{
	return nested && (*nested == 'N' || *nested == 'n' || *nested == '0');
}

/* A guest runs, and sees neither. */
static struct kvm_verdict sees_neither(const struct kvm_facts *f)
{
	const char *module = module_name(f);
	const char *nested = f->nested[f->amd ? KVM_AMD : KVM_INTEL];
	const char *other = f->loaded[KVM_INTEL] || f->loaded[KVM_AMD] ? NULL : f->other;
	struct kvm_verdict v;
	char *name, *what;

	if (is_off(nested))
		return missing(KVM_NESTING_OFF,
			       fmt("nesting is off: %s has nested=%s", module, nested),
			       fmt("with no guest running: sudo modprobe -r %s && sudo "
				   "modprobe %s nested=1", module, module));
	what = fmt("a guest under KVM sees neither SVM nor VT-x%s%s%s%s",
		   other ? ": this is " : "", other ? other : "",
		   nested ? ", although nested=" : "", nested ? nested : "");
	if (f->svm || f->vmx || !f->guest)
		return missing(KVM_OFFERS_NEITHER, what,
			       xdup("see what the kernel says: sudo dmesg | grep -i kvm"));
	name = below(f);
	v = missing(KVM_OFFERS_NEITHER, what,
		    fmt("this host is itself a guest of %s, which gives it neither: have "
			"nested virtualisation turned on there", name));
	free(name);
	return v;
}

static struct kvm_verdict found(const struct kvm_facts *f, unsigned caps,
				const char *words)
{
	char *name = f->guest ? below(f) : xdup("");
	struct kvm_verdict v = {
		.link = KVM_FOUND, .caps = caps, .mend = xdup(""),
		.what = fmt("%s; nested below KVM%s%s", words,
			    f->guest ? ", itself below " : "", name),
	};

	free(name);
	return v;
}

static struct kvm_verdict judge_report(const struct kvm_facts *f)
{
	struct kvm_verdict v;
	bool locked;
	unsigned caps;
	char *words;

	if (!kvm_report_read(f->report ? f->report : "", &caps, &locked, &words))
		return missing(KVM_NO_GUEST, xdup("the probe guest under KVM did not end "
						  "its report"), xdup(""));
	if (caps)
		v = found(f, caps, words);
	else if (locked)
		v = missing(KVM_FIRMWARE, xdup("a guest under KVM sees virtualisation "
					       "that is locked off"), xdup(""));
	else
		v = sees_neither(f);
	v.runs = true;
	free(words);
	return v;
}

struct kvm_verdict kvm_judge(const struct kvm_facts *f)
{
	if (f->device)
		return not_open(f);
	switch (f->probe) {
	case PROBE_DONE:
		return judge_report(f);
	case PROBE_NO_QEMU:
		return missing(KVM_NO_PROBE, xdup("qemu-system-x86_64 is not installed"),
			       xdup("sudo apt-get install -y qemu-system-x86"));
	case PROBE_HUNG:
		return missing(KVM_NO_GUEST,
			       fmt("the probe guest under KVM did not end within %d s",
				   KVM_PROBE_SECONDS), xdup(""));
	case PROBE_BROKE:
		return missing(KVM_NO_GUEST, fmt("no guest runs under KVM: %s",
						 f->said ? f->said : "QEMU ended"),
			       xdup(""));
	default:
		return missing(KVM_NO_PROBE, xdup("the probe guest is not built"),
			       xdup("make"));
	}
}

void kvm_verdict_free(struct kvm_verdict *v)
{
	free(v->what);
	free(v->mend);
	*v = (struct kvm_verdict){ 0 };
}
