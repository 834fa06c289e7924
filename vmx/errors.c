/* The texts of the VM-instruction errors; knows the numbers, nothing of VMREAD. */
#include "vmx/vmcs_exit.h"

/* SDM 3C "VM-Instruction Error Numbers" 30.4 table 30-1, shortened */
static const char *const texts[] = {
	[VMX_ERR_VMCALL_IN_ROOT] = "VMCALL executed in VMX root operation",
	[VMX_ERR_VMCLEAR_ADDRESS] = "VMCLEAR with invalid physical address",
	[VMX_ERR_VMCLEAR_VMXON_POINTER] = "VMCLEAR with VMXON pointer",
	[VMX_ERR_VMLAUNCH_NOT_CLEAR] = "VMLAUNCH with non-clear VMCS",
	[VMX_ERR_VMRESUME_NOT_LAUNCHED] = "VMRESUME with non-launched VMCS",
	[VMX_ERR_VMRESUME_AFTER_VMXOFF] = "VMRESUME after VMXOFF",
	[VMX_ERR_ENTRY_CONTROLS] = "VM entry with invalid control field(s)",
	[VMX_ERR_ENTRY_HOST_STATE] = "VM entry with invalid host-state field(s)",
	[VMX_ERR_VMPTRLD_ADDRESS] = "VMPTRLD with invalid physical address",
	[VMX_ERR_VMPTRLD_VMXON_POINTER] = "VMPTRLD with VMXON pointer",
	[VMX_ERR_VMPTRLD_REVISION] = "VMPTRLD with incorrect VMCS revision identifier",
	[VMX_ERR_UNSUPPORTED_FIELD] = "VMREAD or VMWRITE of unsupported VMCS component",
	[VMX_ERR_READ_ONLY_FIELD] = "VMWRITE to read-only VMCS component",
	[VMX_ERR_VMXON_IN_ROOT] = "VMXON executed in VMX root operation",
	[VMX_ERR_ENTRY_EXECUTIVE] = "VM entry with invalid executive-VMCS pointer",
	[VMX_ERR_ENTRY_EXEC_NOT_LAUNCHED] = "VM entry with non-launched executive VMCS",
	[VMX_ERR_ENTRY_EXEC_NOT_VMXON] =
		"VM entry with executive-VMCS pointer not VMXON pointer",
	[VMX_ERR_VMCALL_NOT_CLEAR] = "VMCALL with non-clear VMCS",
	[VMX_ERR_VMCALL_EXIT_CONTROLS] = "VMCALL with invalid VM-exit control fields",
	[VMX_ERR_VMCALL_MSEG_REVISION] = "VMCALL with incorrect MSEG revision identifier",
	[VMX_ERR_VMXOFF_DUAL_MONITOR] = "VMXOFF under dual-monitor treatment",
	[VMX_ERR_VMCALL_SMM_FEATURES] = "VMCALL with invalid SMM-monitor features",
	[VMX_ERR_ENTRY_EXEC_CONTROLS] =
		"VM entry with invalid control fields in executive VMCS",
	[VMX_ERR_ENTRY_MOV_SS] = "VM entry with events blocked by MOV SS",
	[VMX_ERR_INVEPT_INVVPID] = "invalid operand to INVEPT or INVVPID",
};

const char *vmx_insn_error_text(uint32_t number)
{
	if (number < ARRAY_SIZE(texts) && texts[number])
		return texts[number];
	return "reserved error number";
}
