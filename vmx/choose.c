/* Which VMX controls a rung wants and must have; the bit logic is vmx/controls.c. */
#include "core/x86_insn.h"
#include "vmx/controls.h"
#include "vmx/vmx.h"

#define PIN_REQUIRED	(VMX_PIN_EXT_INTR | VMX_PIN_NMI)

/*
 * MOV CR8 would reach the host's own task priority; HLT, I/O and MSRs are ours, and
 * the guest's TSC is its own; MOV DR exits at first (see vmx_dr_give()); the rest are
 * instructions this virtual CPU does not have.
 */
#define PROC_REQUIRED	(VMX_PROC_HLT | VMX_PROC_MWAIT | VMX_PROC_MONITOR | \
			 VMX_PROC_RDPMC | VMX_PROC_CR8_LOAD | \
			 VMX_PROC_CR8_STORE | VMX_PROC_UNCOND_IO | \
			 VMX_PROC_MSR_BITMAPS | VMX_PROC_TSC_OFFSET | \
			 VMX_PROC_MOV_DR)

/*
 * Without EPT the guest's CR3 is not the CPU's, and its tables' translations are ours
 * to drop. SDM 3C "Emulating the Guest's Page Tables" 32.3.
 */
#define PROC_SHADOW	(VMX_PROC_CR3_LOAD | VMX_PROC_CR3_STORE | VMX_PROC_INVLPG)

#define EXIT_REQUIRED	(VMX_EXIT_HOST_64 | VMX_EXIT_SAVE_DEBUG)
#define EXIT_EFER	(VMX_EXIT_SAVE_EFER | VMX_EXIT_LOAD_EFER)
#define EXIT_PAT	(VMX_EXIT_SAVE_PAT | VMX_EXIT_LOAD_PAT)

#define ENTRY_REQUIRED	VMX_ENTRY_LOAD_DEBUG

static bool adjust(uint32_t msr, uint32_t required, uint32_t wanted,
		   uint32_t *out)
{
	uint32_t missing;

	return vmx_ctrl_adjust(x86_rdmsr(msr), required, wanted, out, &missing);
}

static bool all_allowed(uint32_t msr, uint64_t controls)
{
	return !(controls & ~FIELD_GET(VMX_CTRL_ALLOWED1, x86_rdmsr(msr)));
}

/*
 * The first CPUs with VT-x have no controls for EFER: vmx/cr.c says how shadow tables
 * do without. EPT is younger than they are.
 */
static bool efer_switched(const struct vm *vm)
{
	return vm->hw.nested || (all_allowed(MSR_VMX_EXIT, EXIT_EFER) &&
				 all_allowed(MSR_VMX_ENTRY, VMX_ENTRY_LOAD_EFER));
}

static bool choose_proc(const struct vm *vm, uint64_t basic,
			struct vmx_controls *out)
{
	uint32_t proc = PROC_REQUIRED, proc2 = 0;

	if (vm->hw.nested)
		proc2 |= VMX_PROC2_EPT;
	else
		proc |= PROC_SHADOW;
	if (vm->hw.unrestricted)
		proc2 |= VMX_PROC2_UNRESTRICTED;
	if (vm->options.tags && vm->cpu->caps.tags)
		proc2 |= VMX_PROC2_VPID;
	if (proc2)
		proc |= VMX_PROC_SECONDARY;
	out->proc2 = 0;
	return adjust(vmx_ctrl_msr(VMCS_CTL_PROC, basic), proc, 0, &out->proc) &&
	       (!proc2 || adjust(MSR_VMX_PROC2, proc2, 0, &out->proc2));
}

bool vmx_controls_choose(const struct vm *vm, struct vmx_controls *out)
{
	bool pat = vm->cpu->caps.pat_switch, efer = efer_switched(vm);
	uint64_t basic = x86_rdmsr(MSR_VMX_BASIC);

	return adjust(vmx_ctrl_msr(VMCS_CTL_PIN, basic), PIN_REQUIRED, 0,
		      &out->pin) &&
	       choose_proc(vm, basic, out) &&
	       adjust(vmx_ctrl_msr(VMCS_CTL_EXIT, basic),
		      EXIT_REQUIRED | (efer ? EXIT_EFER : 0) |
		      (pat ? EXIT_PAT : 0), 0, &out->exit) &&
	       adjust(vmx_ctrl_msr(VMCS_CTL_ENTRY, basic), ENTRY_REQUIRED |
		      (efer ? VMX_ENTRY_LOAD_EFER : 0) |
		      (pat ? VMX_ENTRY_LOAD_PAT : 0), 0, &out->entry);
}
