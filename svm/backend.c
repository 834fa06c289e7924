/* AMD-V as the core sees it: the callback table. */
#include "svm/backend.h"
#include "svm/svm.h"

const struct hv_backend svm_backend = {
	.name = "svm",
	.nested_format = &pt_format_4level,
	.probe = svm_probe,
	.cpu_on = svm_cpu_on,
	.cpu_off = svm_cpu_off,
	.vcpu_init = svm_vcpu_init,
	.vcpu_fini = svm_vcpu_fini,
	.vcpu_run = svm_vcpu_run,
	.state_fetch = svm_state_fetch,
	.tlb_flush = svm_tlb_flush,
	.entry_diagnose = svm_entry_diagnose,
};
