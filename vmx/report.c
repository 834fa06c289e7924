/* What a run tells of its VMCS: the controls as they were run, or the rule that the entry broke. */
#include <string.h>

#include "core/text.h"
#include "core/x86_insn.h"
#include "vmx/controls.h"
#include "vmx/rules.h"
#include "vmx/vmx.h"
#include "vmx/vmx_insn.h"

static void add(struct vcpu *v, const char *name, uint64_t value)
{
	if (v->controls < CONTROLS_MAX)
		v->control[v->controls++] = (struct control){ name, value };
}

/* From the VMCS, or, on a CPU that has no such field, as the entry made it: vmx/cr.c. */
static void add_efer(struct vcpu *v)
{
	uint64_t entry = vmx_read(VMCS_CTL_ENTRY), efer;

	if (entry & VMX_ENTRY_LOAD_EFER) {
		add(v, "vmcs.efer", vmx_read(VMCS_GUEST_EFER));
		return;
	}
	efer = x86_rdmsr(MSR_EFER) & ~(EFER_LME | EFER_LMA);
	add(v, "msr.efer", entry & VMX_ENTRY_IA32E ?
	    efer | EFER_LME | EFER_LMA : efer);
}

void vmx_controls_read(struct vcpu *v)
{
	static const struct { const char *name; enum vmcs_field field; } fields[] = {
		{ "vmcs.pin_based", VMCS_CTL_PIN },
		{ "vmcs.proc_based", VMCS_CTL_PROC },
		{ "vmcs.exit_controls", VMCS_CTL_EXIT },
		{ "vmcs.entry_controls", VMCS_CTL_ENTRY },
		{ "vmcs.exception_bitmap", VMCS_EXCEPTION_BITMAP },
		{ "vmcs.cr0_mask", VMCS_CR0_MASK },
		{ "vmcs.cr4_mask", VMCS_CR4_MASK },
		{ "vmcs.cr0_shadow", VMCS_CR0_SHADOW },
		{ "vmcs.cr4_shadow", VMCS_CR4_SHADOW },
		{ "vmcs.cr0", VMCS_GUEST_CR0 },
		{ "vmcs.cr3", VMCS_GUEST_CR3 },
		{ "vmcs.cr4", VMCS_GUEST_CR4 },
	};
	uint64_t proc2 = 0;

	v->controls = 0;
	if (vmx_read(VMCS_CTL_PROC) & VMX_PROC_SECONDARY)
		proc2 = vmx_read(VMCS_CTL_PROC2);
	add(v, "ept", !!(proc2 & VMX_PROC2_EPT));
	add(v, "unrestricted_guest", !!(proc2 & VMX_PROC2_UNRESTRICTED));
	add(v, "vpid", !!(proc2 & VMX_PROC2_VPID));
	add(v, "vmcs.proc_based2", proc2);
	if (proc2 & VMX_PROC2_EPT)
		add(v, "vmcs.eptp", vmx_read(VMCS_EPTP));
	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++)
		add(v, fields[i].name, vmx_read(fields[i].field));
	add_efer(v);
}

/* For the rules: a field that this CPU does not have reads as zero. */
static uint64_t read_or_zero(void *context, uint32_t field)
{
	uint64_t value = 0;
	bool ok;

	(void)context;
	__asm__ volatile("vmread %2, %0" : "+r"(value), "=@cca"(ok)
			 : "r"((uint64_t)field));
	return ok ? value : 0;
}

static void rule_caps(const struct vcpu *v, struct vmx_rule_caps *caps)
{
	const struct host_cpu *host = v->vm->cpu->host;
	uint64_t basic = x86_rdmsr(MSR_VMX_BASIC);

	*caps = (struct vmx_rule_caps){
		.basic = basic,
		.misc = x86_rdmsr(MSR_VMX_MISC),
		.ept_vpid = vmx_of(v)->cpu->ept_vpid,
		.pin = x86_rdmsr(vmx_ctrl_msr(VMCS_CTL_PIN, basic)),
		.proc = x86_rdmsr(vmx_ctrl_msr(VMCS_CTL_PROC, basic)),
		.exit = x86_rdmsr(vmx_ctrl_msr(VMCS_CTL_EXIT, basic)),
		.entry = x86_rdmsr(vmx_ctrl_msr(VMCS_CTL_ENTRY, basic)),
		.cr0_fixed0 = x86_rdmsr(MSR_VMX_CR0_FIXED0),
		.cr0_fixed1 = x86_rdmsr(MSR_VMX_CR0_FIXED1),
		.cr4_fixed0 = x86_rdmsr(MSR_VMX_CR4_FIXED0),
		.cr4_fixed1 = x86_rdmsr(MSR_VMX_CR4_FIXED1),
		.efer_supported = v->vm->policy.efer_allowed | EFER_LMA,
		.phys_bits = host->phys_bits,
		.linear_bits = host->linear_bits,
		.long_mode = true,
	};
	if (FIELD_GET(VMX_CTRL_ALLOWED1, caps->proc) & VMX_PROC_SECONDARY)
		caps->proc2 = x86_rdmsr(MSR_VMX_PROC2);
}

/* Without EPT the tables are ours, and in PAE format the root is four PDPTEs. */
static void pdptes_read(const struct vcpu *v, uint64_t pdpte[4])
{
	memset(pdpte, 0, 4 * sizeof(pdpte[0]));
	if (!v->vm->hw.nested && !(v->vm->hw.efer & EFER_LMA))
		memcpy(pdpte, hpa_ptr(hpa(vmx_of(v)->shadow_root)),
		       4 * sizeof(pdpte[0]));
}

void vmx_entry_diagnose(struct vcpu *v, char *text, unsigned size)
{
	const struct vmx_rule *rule;
	struct vmx_rule_input in;
	uint32_t fail = vmx_of(v)->fail;

	vmx_fields_read(&in.f, read_or_zero, NULL);
	rule_caps(v, &in.caps);
	pdptes_read(v, in.pdpte);
	rule = vmx_rules_broken(&in);
	text_format(text, size, "VM entry: %s (%s)%s%s",
		    rule ? rule->name : "no known rule is broken",
		    rule ? rule->clause : "exit reason names guest state",
		    fail ? "; the CPU says: " : "",
		    fail ? vmx_insn_error_text(fail) : "");
}
