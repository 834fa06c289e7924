/* AMD-V on one CPU: what it can do, on, off. Knows no vcpu. */
#include "core/cpuid_defs.h"
#include "core/policy.h"
#include "core/text.h"
#include "core/x86_insn.h"
#include "svm/svm.h"
#include "svm/svm_insn.h"

/* Level indices of the largest nested page: 2 MiB, or 1 GiB. */
#define LEVEL_2M	1
#define LEVEL_1G	2

static void list(struct hv_caps *caps, const char *name, uint64_t value)
{
	caps->listed[caps->count++] = (struct control){ name, value };
}

static uint32_t extended_edx(const struct host_cpu *host, uint32_t leaf)
{
	return host->extended[leaf - CPUID_EXTENDED].edx;
}

/* APM vol. 3 "Function 8000_000Ah" E.4.9; ECX is reserved. */
static void probe_raw(const struct host_cpu *host, struct hv_caps *caps)
{
	const struct cpuid_regs *r =
		&host->extended[SVM_CPUID_LEAF - CPUID_EXTENDED];
	const struct control raw[] = {
		{ "cpuid_8000000a_eax", r->eax },
		{ "cpuid_8000000a_ebx", r->ebx },
		{ "cpuid_8000000a_edx", r->edx },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(raw); i++)
		caps->raw[caps->raw_count++] = raw[i];
}

static bool tcg(const struct host_cpu *host)
{
	return text_equal(host->hypervisor, "TCGTCGTCGTCG");
}

void svm_probe(const struct host_cpu *host, struct hv_caps *caps)
{
	uint32_t ecx1 = host->extended[EXT_FEATURES].ecx;
	uint32_t features = extended_edx(host, SVM_CPUID_LEAF);
	uint64_t vm_cr;

	*caps = (struct hv_caps){ 0 };
	if (!host->amd || !(ecx1 & CPUID_AMD_SVM)) {
		caps->missing = "SVM (AMD-V)";
		list(caps, "svm", 0);
		return;
	}
	probe_raw(host, caps);
	/* APM vol. 2 "Enabling SVM" 15.4. Emulators may have SVM and no VM_CR. */
	if (x86_rdmsr_safe(MSR_VM_CR, &vm_cr) && (vm_cr & VM_CR_SVMDIS))
		caps->missing = features & SVM_FEATURE_SVM_LOCK ?
				"SVM: the firmware has locked it off (VM_CR)" :
				"SVM: the firmware has disabled it (VM_CR)";
	caps->nested = features & SVM_FEATURE_NP;
	caps->unrestricted = caps->nested;
	/* Ours and the host's. */
	caps->tags = host->extended[SVM_CPUID_LEAF - CPUID_EXTENDED].ebx > SVM_ASID;
	caps->paged_real = true;	/* APM vol. 2 "Paged Real Mode" 15.19 */
	caps->nx = extended_edx(host, CPUID_EXTENDED + EXT_FEATURES) & CPUID_NX;
	/* APM vol. 2 "Legacy PAE Mode" 15.25.10: not under nested paging. */
	caps->pdptes = !caps->nested;
	/* Bochs 2.7 ends itself on a triple fault in a guest: it has no shutdown intercept. */
	caps->df_deliver = true;
	caps->next_rip = features & SVM_FEATURE_NRIPS;
	/*
	 * Nested paging has a PAT of its own, G_PAT. QEMU's TCG has the field but
	 * does not switch it: guest and host would share the one register. And
	 * its exit drops the host's CR0 when it finds LME without PAE.
	 */
	caps->pat_switch = caps->nested && !tcg(host);
	caps->lme_needs_pae = tcg(host);
	caps->break_flat = tcg(host);
	caps->efer_hidden = true;
	caps->efer_must = EFER_SVME;
	caps->cr4_can = host->cr4_supported;
	caps->nested_largest = extended_edx(host, CPUID_EXTENDED + EXT_FEATURES) &
			       CPUID_PAGE1G ? LEVEL_1G : LEVEL_2M;
	list(caps, "svm", 1);
	list(caps, "npt", caps->nested);
	list(caps, "nrip", caps->next_rip);
	list(caps, "pat_switch", caps->pat_switch);
	list(caps, "flush_by_asid", !!(features & SVM_FEATURE_FLUSH_BY_ASID));
	list(caps, "decode_assists", !!(features & SVM_FEATURE_DECODE_ASSISTS));
	list(caps, "vmcb_clean", !!(features & SVM_FEATURE_VMCB_CLEAN));
	list(caps, "asids", host->extended[SVM_CPUID_LEAF - CPUID_EXTENDED].ebx);
}

enum hv_err svm_cpu_on(struct hv_cpu *cpu)
{
	struct svm_cpu *svm;
	enum hv_err err;
	hpa_t own;

	err = frame_alloc(cpu->pool, &own);
	if (err != HV_OK)
		return err;
	svm = hpa_ptr(own);
	err = frame_alloc(cpu->pool, &svm->host_save);
	if (err != HV_OK)
		goto free_own;
	err = frame_alloc(cpu->pool, &svm->host_extra);
	if (err != HV_OK)
		goto free_save;
	svm->features = extended_edx(cpu->host, SVM_CPUID_LEAF);
	svm->tcg = tcg(cpu->host);
	cpu->own = svm;
	x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) | EFER_SVME);
	x86_wrmsr(MSR_VM_HSAVE_PA, svm->host_save.v);
	return HV_OK;

free_save:
	frame_free(cpu->pool, svm->host_save);
free_own:
	frame_free(cpu->pool, own);
	return err;
}

void svm_cpu_off(struct hv_cpu *cpu)
{
	struct svm_cpu *svm = cpu->own;

	x86_wrmsr(MSR_VM_HSAVE_PA, 0);
	x86_wrmsr(MSR_EFER, x86_rdmsr(MSR_EFER) & ~EFER_SVME);
	frame_free(cpu->pool, svm->host_extra);
	frame_free(cpu->pool, svm->host_save);
	frame_free(cpu->pool, hpa_of(svm));
	cpu->own = NULL;
}
