/* The host half of the VMCS: what a VM exit comes back to. SDM 3C "Host-State Area" 24.5. */
#include "core/x86_insn.h"
#include "vmx/vmx.h"
#include "vmx/vmx_insn.h"

/* A 64-bit TSS descriptor. SDM 3A "TSS Descriptor in 64-bit Mode" 7.2.3. */
struct tss_descriptor {
	uint16_t	limit_low, base_low;
	uint8_t		base_mid, type, limit_high, base_high;
	uint32_t	base_top, reserved;
};
_Static_assert(sizeof(struct tss_descriptor) == 16, "TSS descriptor");

/* Host selectors must have RPL 0 and TI 0. */
#define SELECTOR_INDEX	BITS(15, 3)

static uint64_t tr_base(const struct x86_dtr *gdt, uint16_t selector)
{
	const struct tss_descriptor *d =
		(const void *)(gdt->base + (selector & SELECTOR_INDEX));

	return (uint64_t)d->base_top << 32 | (uint32_t)d->base_high << 24 |
	       (uint32_t)d->base_mid << 16 | d->base_low;
}

void vmx_host_state(const struct vmx_vcpu *vmx)
{
	struct x86_dtr gdt, idt;
	uint16_t tr = x86_str();

	x86_sgdt(&gdt);
	x86_sidt(&idt);
	vmx_write(VMCS_HOST_CR0, x86_read_cr0());
	vmx_write(VMCS_HOST_CR3, x86_read_cr3());
	vmx_write(VMCS_HOST_CR4, x86_read_cr4());
	vmx_write(VMCS_HOST_CS_SELECTOR, x86_read_cs());
	vmx_write(VMCS_HOST_SS_SELECTOR, x86_read_ss());
	vmx_write(VMCS_HOST_DS_SELECTOR, x86_read_ds());
	vmx_write(VMCS_HOST_ES_SELECTOR, x86_read_es());
	vmx_write(VMCS_HOST_FS_SELECTOR, x86_read_fs());
	vmx_write(VMCS_HOST_GS_SELECTOR, x86_read_gs());
	vmx_write(VMCS_HOST_TR_SELECTOR, tr);
	vmx_write(VMCS_HOST_FS_BASE, x86_rdmsr(MSR_FS_BASE));
	vmx_write(VMCS_HOST_GS_BASE, x86_rdmsr(MSR_GS_BASE));
	vmx_write(VMCS_HOST_TR_BASE, tr_base(&gdt, tr));
	vmx_write(VMCS_HOST_GDTR_BASE, gdt.base);
	vmx_write(VMCS_HOST_IDTR_BASE, idt.base);
	vmx_write(VMCS_HOST_SYSENTER_CS, x86_rdmsr(MSR_SYSENTER_CS));
	vmx_write(VMCS_HOST_SYSENTER_ESP, x86_rdmsr(MSR_SYSENTER_ESP));
	vmx_write(VMCS_HOST_SYSENTER_EIP, x86_rdmsr(MSR_SYSENTER_EIP));
	vmx_write(VMCS_HOST_RIP, (uintptr_t)vmx_exit_point);
	if (vmx->controls.exit & VMX_EXIT_LOAD_EFER)
		vmx_write(VMCS_HOST_EFER, x86_rdmsr(MSR_EFER));
	if (vmx->controls.exit & VMX_EXIT_LOAD_PAT)
		vmx_write(VMCS_HOST_PAT, x86_rdmsr(MSR_PAT));
}
