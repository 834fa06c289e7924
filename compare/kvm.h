/*
 * Machine kvm:host: what this host's KVM lets a guest have, and if it is too little,
 * which link of the chain is missing. Facts are kept apart from judgement, so that
 * hosts of every sort can be judged from what was recorded of them.
 */
#ifndef COMPARE_KVM_H
#define COMPARE_KVM_H

#include <stdbool.h>

/* How QEMU names the CPU: QEMU 7.2 ends itself on a KVM that does not let it set the
   MSR of arch-capabilities, which nothing here reads. */
#define KVM_CPU "host,-arch-capabilities"

enum { KVM_PROBE_SECONDS = 5 };

/* The two modules that know hardware. */
enum { KVM_INTEL, KVM_AMD, KVM_MODULES };

enum probe_end {
	PROBE_NOT_RUN,
	PROBE_DONE,		/* `report` is whole */
	PROBE_NO_QEMU,
	PROBE_NO_IMAGE,		/* the probe guest is not built */
	PROBE_BROKE,		/* QEMU ended, or the guest said nonsense */
	PROBE_HUNG,		/* stopped after KVM_PROBE_SECONDS */
};

/* All texts are owned. */
struct kvm_facts {
	int		device;		/* errno of opening /dev/kvm; 0: it is open to us */
	bool		svm, vmx;	/* the host's own CPUID, as /proc/cpuinfo has it */
	bool		amd;		/* vendor AMD or Hygon */
	bool		guest;		/* this host runs under a hypervisor itself */
	char		*signature;	/* that one's, CPUID 40000000h; or NULL */
	char		*product;	/* the machine's maker and model; or NULL */
	bool		locked;		/* known that the firmware has it switched off */
	bool		loaded[KVM_MODULES];
	char		*nested[KVM_MODULES];	/* the parameter's text; NULL: not told */
	char		*other;		/* a KVM module of another kind, "kvm_pvm" */
	enum probe_end	probe;
	char		*said;		/* PROBE_BROKE: one line */
	char		*report;	/* what the probe guest wrote */
};

enum kvm_link {
	KVM_FOUND,
	KVM_NO_DEVICE,
	KVM_NO_PERMISSION,
	KVM_NOT_LOADED,
	KVM_NO_CPU,		/* neither SVM nor VT-x, and no hypervisor below */
	KVM_FIRMWARE,		/* there, and locked off */
	KVM_BELOW,		/* a hypervisor below hands on neither */
	KVM_NESTING_OFF,
	KVM_OFFERS_NEITHER,	/* to its guests */
	KVM_NO_PROBE,		/* something of ours or QEMU is not installed */
	KVM_NO_GUEST,		/* no guest runs under it, so none can say */
};

struct kvm_verdict {
	enum kvm_link	link;
	unsigned	caps;		/* enum cap of rungs.h; 0 unless found */
	bool		runs;		/* guests run under this KVM, bare at least */
	char		*what;		/* found: what; else one line on what is missing */
	char		*mend;		/* one line on what to do; empty: nothing */
};

/*
 * Reads /dev, /proc and /sys in the folder `root` ("" for this host). Sets nothing
 * of the probe. facts_free() what comes out.
 */
void kvm_facts_read(const char *root, struct kvm_facts *facts);
void kvm_facts_free(struct kvm_facts *facts);

/*
 * Boots the probe guest, the firmware image of that name, by the QEMU on PATH; takes so
 * many seconds at most, and sets probe, said and report.
 */
void kvm_probe_run(struct kvm_facts *facts, const char *image, unsigned seconds);

/*
 * What the probe guest's report says: caps, words for them, and whether virtualisation
 * is there and locked off. False: it is not a whole report.
 */
bool kvm_report_read(const char *report, unsigned *caps, bool *locked, char **words);

/* Pure. */
struct kvm_verdict kvm_judge(const struct kvm_facts *facts);
void kvm_verdict_free(struct kvm_verdict *verdict);

/*
 * The verdict on this host, found at the first call and kept: boots the probe guest if
 * /dev/kvm is open to us. The folder DIPTYCH_HOST stands for / if it is set, for tests.
 */
const struct kvm_verdict *kvm_host(void);

#endif
