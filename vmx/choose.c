/* Which VMX controls a rung wants and must have; the bit logic is vmx/controls.c. */
#include "core/x86_insn.h"
#include "vmx/controls.h"
#include "vmx/vmx.h"

#define PIN_REQUIRED	(VMX_PIN_EXT_INTR | VMX_PIN_NMI)

/*
 * MOV CR8 would reach the host's own task priority; the rest are instructions
 * this virtual CPU does not have.
 */
#define PROC_REQUIRED	(VMX_PROC_HLT | VMX_PROC_MWAIT | VMX_PROC_MONITOR | \
			 VMX_PROC_RDPMC | VMX_PROC_CR8_LOAD | \
			 VMX_PROC_CR8_STORE | VMX_PROC_UNCOND_IO | \
			 VMX_PROC_MSR_BITMAPS)

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

bool vmx_controls_choose(const struct vm *vm, struct vmx_controls *out)
{
	bool pat = vm->cpu->caps.pat_switch;
	uint64_t basic = x86_rdmsr(MSR_VMX_BASIC);
	uint32_t proc2 = 0;

	if (vm->hw.nested)
		proc2 |= VMX_PROC2_EPT;
	if (vm->hw.unrestricted)
		proc2 |= VMX_PROC2_UNRESTRICTED;
	if (vm->options.tags && vm->cpu->caps.tags)
		proc2 |= VMX_PROC2_VPID;
	out->proc2 = 0;
	return adjust(vmx_ctrl_msr(VMCS_CTL_PIN, basic), PIN_REQUIRED, 0,
		      &out->pin) &&
	       adjust(vmx_ctrl_msr(VMCS_CTL_PROC, basic), PROC_REQUIRED |
		      (proc2 ? VMX_PROC_SECONDARY : 0), 0, &out->proc) &&
	       (!proc2 || adjust(MSR_VMX_PROC2, proc2, 0, &out->proc2)) &&
	       adjust(vmx_ctrl_msr(VMCS_CTL_EXIT, basic),
		      EXIT_REQUIRED | EXIT_EFER | (pat ? EXIT_PAT : 0), 0,
		      &out->exit) &&
	       adjust(vmx_ctrl_msr(VMCS_CTL_ENTRY, basic), ENTRY_REQUIRED |
		      VMX_ENTRY_LOAD_EFER | (pat ? VMX_ENTRY_LOAD_PAT : 0), 0,
		      &out->entry);
}
