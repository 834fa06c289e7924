/* VT-x on one CPU: what it can do, on, off. Knows no vcpu. */
#include "core/cpuid_defs.h"
#include "core/x86_insn.h"
#include "vmx/vmx.h"
#include "vmx/vmx_insn.h"

/* Level indices of the largest EPT page. */
#define LEVEL_4K	0
#define LEVEL_2M	1
#define LEVEL_1G	2

static void list(struct hv_caps *caps, const char *name, uint64_t value)
{
	caps->listed[caps->count++] = (struct control){ name, value };
}

/* Whether a control can be one, by its capability MSR. */
static bool allowed(uint32_t msr, uint64_t control)
{
	return FIELD_GET(VMX_CTRL_ALLOWED1, x86_rdmsr(msr)) & control;
}

static uint64_t ept_vpid_capabilities(void)
{
	if (!allowed(MSR_VMX_PROC, VMX_PROC_SECONDARY) ||
	    !allowed(MSR_VMX_PROC2, VMX_PROC2_EPT | VMX_PROC2_VPID))
		return 0;
	return x86_rdmsr(MSR_VMX_EPT_VPID_CAP);
}

/* SDM 3C "Enabling and Entering VMX Operation" 23.7 */
static const char *feature_control_missing(void)
{
	uint64_t control = x86_rdmsr(MSR_FEATURE_CONTROL);

	if ((control & FEATURE_CONTROL_LOCK) &&
	    !(control & FEATURE_CONTROL_VMX))
		return "VT-x: the firmware has locked it off (IA32_FEATURE_CONTROL)";
	return NULL;
}

/* Every CPU with VT-x has these, so no rung says that it needs them. */
static const char *control_missing(void)
{
	if (!allowed(MSR_VMX_PROC, VMX_PROC_INTR_WINDOW))
		return "VT-x: interrupt-window exiting";
	if (!allowed(MSR_VMX_PROC, VMX_PROC_TSC_OFFSET))
		return "VT-x: use TSC offsetting";
	return NULL;
}

/*
 * SDM 3D "VMX Capability Reporting Facility", appendix A: each MSR, and the bit of
 * another by which it is there.
 */
static void probe_raw(struct hv_caps *caps)
{
#define ALLOWS(control)	FIELD_PUT(VMX_CTRL_ALLOWED1, (uint64_t)(control))
	static const struct {
		const char *name;
		uint32_t msr, by;	/* by: 0: every CPU with VMX has it */
		uint64_t bits;		/* one of them */
	} known[] = {
		{ "ia32_vmx_basic", MSR_VMX_BASIC, 0, 0 },
		{ "ia32_vmx_pinbased_ctls", MSR_VMX_PIN, 0, 0 },
		{ "ia32_vmx_procbased_ctls", MSR_VMX_PROC, 0, 0 },
		{ "ia32_vmx_exit_ctls", MSR_VMX_EXIT, 0, 0 },
		{ "ia32_vmx_entry_ctls", MSR_VMX_ENTRY, 0, 0 },
		{ "ia32_vmx_misc", MSR_VMX_MISC, 0, 0 },
		{ "ia32_vmx_cr0_fixed0", MSR_VMX_CR0_FIXED0, 0, 0 },
		{ "ia32_vmx_cr0_fixed1", MSR_VMX_CR0_FIXED1, 0, 0 },
		{ "ia32_vmx_cr4_fixed0", MSR_VMX_CR4_FIXED0, 0, 0 },
		{ "ia32_vmx_cr4_fixed1", MSR_VMX_CR4_FIXED1, 0, 0 },
		{ "ia32_vmx_vmcs_enum", MSR_VMX_VMCS_ENUM, 0, 0 },
		{ "ia32_vmx_procbased_ctls2", MSR_VMX_PROC2,
		  MSR_VMX_PROC, ALLOWS(VMX_PROC_SECONDARY) },
		{ "ia32_vmx_ept_vpid_cap", MSR_VMX_EPT_VPID_CAP,
		  MSR_VMX_PROC2, ALLOWS(VMX_PROC2_EPT | VMX_PROC2_VPID) },
		{ "ia32_vmx_true_pinbased_ctls", MSR_VMX_TRUE_PIN,
		  MSR_VMX_BASIC, VMX_BASIC_TRUE_CONTROLS },
		{ "ia32_vmx_true_procbased_ctls", MSR_VMX_TRUE_PROC,
		  MSR_VMX_BASIC, VMX_BASIC_TRUE_CONTROLS },
		{ "ia32_vmx_true_exit_ctls", MSR_VMX_TRUE_EXIT,
		  MSR_VMX_BASIC, VMX_BASIC_TRUE_CONTROLS },
		{ "ia32_vmx_true_entry_ctls", MSR_VMX_TRUE_ENTRY,
		  MSR_VMX_BASIC, VMX_BASIC_TRUE_CONTROLS },
		{ "ia32_vmx_vmfunc", MSR_VMX_VMFUNC,
		  MSR_VMX_PROC2, ALLOWS(VMX_PROC2_VMFUNC) },
		{ "ia32_vmx_procbased_ctls3", MSR_VMX_PROC3,
		  MSR_VMX_PROC, ALLOWS(VMX_PROC_TERTIARY) },
		{ "ia32_vmx_exit_ctls2", MSR_VMX_EXIT2,
		  MSR_VMX_EXIT, ALLOWS(VMX_EXIT_SECONDARY) },
	};
	bool secondary = allowed(MSR_VMX_PROC, VMX_PROC_SECONDARY);

	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].by == MSR_VMX_PROC2 && !secondary)
			continue;
		if (known[i].by && !(x86_rdmsr(known[i].by) & known[i].bits))
			continue;
		caps->raw[caps->raw_count++] = (struct control){
			known[i].name, x86_rdmsr(known[i].msr),
		};
	}
#undef ALLOWS
}

static void probe_secondary(struct hv_caps *caps)
{
	uint64_t ept = ept_vpid_capabilities();
	bool secondary = allowed(MSR_VMX_PROC, VMX_PROC_SECONDARY);

	caps->nested = secondary && allowed(MSR_VMX_PROC2, VMX_PROC2_EPT) &&
		       (ept & VMX_EPT_WALK_4) && (ept & VMX_EPT_TYPE_WB);
	caps->unrestricted = caps->nested &&
			     allowed(MSR_VMX_PROC2, VMX_PROC2_UNRESTRICTED);
	caps->tags = secondary && allowed(MSR_VMX_PROC2, VMX_PROC2_VPID) &&
		     (ept & VMX_VPID_INVVPID) && (ept & VMX_VPID_INVVPID_SINGLE);
	caps->nested_largest = ept & VMX_EPT_1G ? LEVEL_1G :
			       ept & VMX_EPT_2M ? LEVEL_2M : LEVEL_4K;
	list(caps, "ept", caps->nested);
	list(caps, "unrestricted_guest", caps->unrestricted);
	list(caps, "vpid", caps->tags);
	list(caps, "ept_2m", !!(ept & VMX_EPT_2M));
	list(caps, "ept_1g", !!(ept & VMX_EPT_1G));
	list(caps, "secondary_allowed", secondary ?
	     FIELD_GET(VMX_CTRL_ALLOWED1, x86_rdmsr(MSR_VMX_PROC2)) : 0);
}

void vmx_probe(const struct host_cpu *host, struct hv_caps *caps)
{
	*caps = (struct hv_caps){ 0 };
	if (host->amd || !(host->basic[LEAF_FEATURES].ecx & CPUID_VMX)) {
		caps->missing = "VT-x (VMX)";
		list(caps, "vmx", 0);
		return;
	}
	probe_raw(caps);
	caps->missing = feature_control_missing();
	if (!caps->missing)
		caps->missing = control_missing();
	caps->masks = true;
	caps->pdptes = true;
	caps->next_rip = true;
	caps->nx = host->extended[EXT_FEATURES].edx & CPUID_NX;
	caps->pat_switch = allowed(MSR_VMX_ENTRY, VMX_ENTRY_LOAD_PAT) &&
			   allowed(MSR_VMX_EXIT, VMX_EXIT_SAVE_PAT) &&
			   allowed(MSR_VMX_EXIT, VMX_EXIT_LOAD_PAT);
	caps->cr0_must = x86_rdmsr(MSR_VMX_CR0_FIXED0) & ~(CR0_PE | CR0_PG);
	caps->cr4_must = x86_rdmsr(MSR_VMX_CR4_FIXED0);
	caps->cr4_can = host->cr4_supported;
	list(caps, "vmx", 1);
	probe_secondary(caps);
	list(caps, "pat_switch", caps->pat_switch);
	list(caps, "true_controls",
	     !!(x86_rdmsr(MSR_VMX_BASIC) & VMX_BASIC_TRUE_CONTROLS));
}

static void feature_control_set(void)
{
	uint64_t control = x86_rdmsr(MSR_FEATURE_CONTROL);

	if (!(control & FEATURE_CONTROL_LOCK))
		x86_wrmsr(MSR_FEATURE_CONTROL, control | FEATURE_CONTROL_VMX |
			  FEATURE_CONTROL_LOCK);
}

enum hv_err vmx_cpu_on(struct hv_cpu *cpu)
{
	struct vmx_cpu *vmx;
	enum hv_err err;
	hpa_t own;

	err = frame_alloc(cpu->pool, &own);
	if (err != HV_OK)
		return err;
	vmx = hpa_ptr(own);
	err = frame_alloc(cpu->pool, &vmx->vmxon);
	if (err != HV_OK)
		goto free_own;
	vmx->basic = x86_rdmsr(MSR_VMX_BASIC);
	vmx->ept_vpid = ept_vpid_capabilities();
	*(uint32_t *)hpa_ptr(vmx->vmxon) = FIELD_GET(VMX_BASIC_REVISION,
						     vmx->basic);
	feature_control_set();
	/* SDM 3C "Restrictions on VMX Operation" 23.8: fixed bits of CR0 and CR4. */
	x86_write_cr0(x86_read_cr0() | x86_rdmsr(MSR_VMX_CR0_FIXED0));
	x86_write_cr4(x86_read_cr4() | x86_rdmsr(MSR_VMX_CR4_FIXED0));
	if (vmx_vmxon(vmx->vmxon)) {
		cpu->own = vmx;
		return HV_OK;
	}
	x86_write_cr4(x86_read_cr4() & ~CR4_VMXE);
	err = HV_UNSUPPORTED;
	frame_free(cpu->pool, vmx->vmxon);
free_own:
	frame_free(cpu->pool, own);
	return err;
}

void vmx_cpu_off(struct hv_cpu *cpu)
{
	struct vmx_cpu *vmx = cpu->own;

	vmx_vmxoff();
	x86_write_cr4(x86_read_cr4() & ~CR4_VMXE);
	frame_free(cpu->pool, vmx->vmxon);
	frame_free(cpu->pool, hpa_of(vmx));
	cpu->own = NULL;
}
