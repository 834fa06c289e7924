/*
 * The table of machines: emulated CPU models and what each offers. Must not
 * know how an emulator is started.
 */
#include <ctype.h>
#include <string.h>

#include "compare/kvm.h"
#include "compare/machines.h"
#include "compare/rungs.h"
#include "compare/util.h"

#define QEMU(model, caps, note) \
	{ "qemu:" model, "qemu " model, EMULATOR_QEMU, model, caps, note }
#define BOCHS(model, label, caps, note) \
	{ "bochs:" model, "bochs " label, EMULATOR_BOCHS, model, caps, note }

enum {
	AMD_OLD = CAP_SVM,
	AMD_NPT = CAP_SVM | CAP_NPT,
	INTEL_OLD = CAP_VMX,
	INTEL_EPT = CAP_VMX | CAP_EPT,
	INTEL_UG = CAP_VMX | CAP_EPT | CAP_UG,
};

const struct machine machines[] = {
	QEMU("EPYC", AMD_NPT, "SVM, NPT; no next RIP, no decode assists"),
	/* A CPU like EPYC that hides what it has: named as QEMU would be told. */
	{ "qemu:EPYC-npt", "qemu EPYC-npt", EMULATOR_QEMU, "EPYC,+svm,-npt",
	  AMD_OLD, "SVM; NPT hidden, as on the first CPUs with SVM" },
	{ "qemu:EPYC-la57", "qemu EPYC-la57", EMULATOR_QEMU,
	  "EPYC,+svm,+la57,+pku", AMD_NPT,
	  "SVM, NPT; five-level paging, protection keys" },
	QEMU("qemu64", AMD_NPT, "SVM, NPT; QEMU's own model"),
	BOCHS("athlon64_venice", "venice", 0, "AMD, no SVM"),
	BOCHS("turion64_tyler", "tyler", AMD_OLD, "SVM, no nested paging"),
	BOCHS("phenom_8650_toliman", "toliman", AMD_NPT, "SVM, NPT"),
	BOCHS("zambezi", "zambezi", AMD_NPT,
	      "SVM, NPT, next RIP, flush by ASID"),
	BOCHS("trinity_apu", "trinity", AMD_NPT,
	      "SVM, NPT, next RIP, flush by ASID"),
	BOCHS("ryzen", "ryzen", AMD_NPT, "SVM, NPT, next RIP, flush by ASID"),
	BOCHS("p4_prescott_celeron_336", "prescott", 0, "Intel, no VT-x"),
	BOCHS("core2_penryn_t9600", "penryn", INTEL_OLD, "VT-x; no EPT, no VPID"),
	BOCHS("corei5_lynnfield_750", "lynnfield", INTEL_EPT,
	      "VT-x, EPT, VPID; no unrestricted guest"),
	BOCHS("corei5_arrandale_m520", "arrandale", INTEL_UG,
	      "VT-x, EPT, VPID; first with unrestricted guest"),
	BOCHS("corei7_haswell_4770", "haswell", INTEL_UG,
	      "VT-x, EPT with A/D, unrestricted guest"),
	BOCHS("corei7_skylake_x", "skylake", INTEL_UG,
	      "VT-x, EPT with A/D, unrestricted guest, PML"),
	BOCHS("corei7_icelake_u", "icelake", INTEL_UG,
	      "VT-x, EPT with A/D, unrestricted guest, PML"),
	BOCHS("tigerlake", "tigerlake", INTEL_UG,
	      "VT-x, EPT with A/D, unrestricted guest, PML"),
	{ "kvm:host", "kvm host (cycles)", EMULATOR_KVM, KVM_CPU, 0,
	  "this host's CPU through /dev/kvm, nested" },
	{ "metal", "metal (cycles)", EMULATOR_NONE, "", CAP_UNKNOWN,
	  "a real machine, booted from the disc of `iso`" },
};
const size_t machines_count = sizeof(machines) / sizeof(*machines);

static const struct machine *made_up(const char *name, const char *model,
				     enum emulator emulator)
{
	struct machine *m;

	if (!*model)
		return NULL;
	for (const char *c = model; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-+.", *c))
			return NULL;
	m = xcalloc(1, sizeof(*m));
	*m = (struct machine){
		.name = xdup(name),
		.label = fmt("%s %s", emulator == EMULATOR_QEMU ? "qemu" : "bochs",
			     model),
		.emulator = emulator,
		.model = xdup(model),
		.caps = CAP_UNKNOWN,
		.note = "not in the table",
	};
	return m;
}

const struct machine *machine_find(const char *name)
{
	static const char qemu[] = "qemu:", bochs[] = "bochs:";

	for (size_t i = 0; i < machines_count; i++)
		if (!strcmp(machines[i].name, name))
			return &machines[i];
	if (!strncmp(name, qemu, strlen(qemu)))
		return made_up(name, name + strlen(qemu), EMULATOR_QEMU);
	if (!strncmp(name, bochs, strlen(bochs)))
		return made_up(name, name + strlen(bochs), EMULATOR_BOCHS);
	return NULL;
}

unsigned machine_caps(const struct machine *machine)
{
	return machine->emulator == EMULATOR_KVM ? kvm_host()->caps : machine->caps;
}
