/* The allowed-0 and allowed-1 rule of VMX controls; pure, knows no wish. */
#include "vmx/controls.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_defs.h"

bool vmx_ctrl_adjust(uint64_t capability_msr, uint32_t required,
		     uint32_t wanted, uint32_t *out, uint32_t *missing)
{
	uint32_t must = (uint32_t)FIELD_GET(VMX_CTRL_ALLOWED0, capability_msr);
	uint32_t may = (uint32_t)FIELD_GET(VMX_CTRL_ALLOWED1, capability_msr);

	*out = ((required | wanted) & may) | must;
	*missing = required & ~may;
	return *missing == 0;
}

uint32_t vmx_ctrl_msr(uint32_t encoding, uint64_t basic)
{
	bool twin = basic & VMX_BASIC_TRUE_CONTROLS;

	switch (encoding) {
	case VMCS_CTL_PIN:
		return twin ? MSR_VMX_TRUE_PIN : MSR_VMX_PIN;
	case VMCS_CTL_PROC:
		return twin ? MSR_VMX_TRUE_PROC : MSR_VMX_PROC;
	case VMCS_CTL_EXIT:
		return twin ? MSR_VMX_TRUE_EXIT : MSR_VMX_EXIT;
	case VMCS_CTL_ENTRY:
		return twin ? MSR_VMX_TRUE_ENTRY : MSR_VMX_ENTRY;
	case VMCS_CTL_PROC2:
		return MSR_VMX_PROC2;
	default:
		return 0;
	}
}
