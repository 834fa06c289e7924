/* VT-x as the core sees it: the callback table. */
#include "vmx/backend.h"
#include "vmx/vmx.h"

const struct hv_backend vmx_backend = {
	.name = "vmx",
	.nested_format = &pt_format_ept,
	.probe = vmx_probe,
	.cpu_on = vmx_cpu_on,
	.cpu_off = vmx_cpu_off,
	.vcpu_init = vmx_vcpu_init,
	.vcpu_fini = vmx_vcpu_fini,
	.vcpu_run = vmx_vcpu_run,
	.state_fetch = vmx_state_fetch,
	.tlb_flush = vmx_tlb_flush,
	.entry_diagnose = vmx_entry_diagnose,
};
