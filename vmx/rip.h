/*
 * RIP and RFLAGS between the vcpu and the VMCS: every exit moves them, so these two
 * are inline. Knows the one thing vm86 changes: whose VM and IOPL are.
 */
#ifndef VMX_RIP_H
#define VMX_RIP_H

#include "vmx/vmx.h"
#include "vmx/vmx_insn.h"

static inline void vmx_rip_fetch(struct vcpu *v)
{
	const struct vmx_vcpu *vmx = vmx_of(v);

	uint64_t rflags = vmx_read(VMCS_GUEST_RFLAGS);

	v->rip = vmx_read(VMCS_GUEST_RIP);
	if (vmx->rflags_own)
		rflags = (rflags & ~vmx->rflags_own) |
			 (v->rflags & vmx->rflags_own);
	v->rflags = rflags;
}

static inline void vmx_rip_commit(const struct vcpu *v)
{
	const struct vmx_vcpu *vmx = vmx_of(v);

	uint64_t rflags = v->rflags;

	if (vmx->rflags_own)
		rflags = (rflags & ~vmx->rflags_own) | vmx->rflags_set;
	vmx_write(VMCS_GUEST_RIP, v->rip);
	vmx_write(VMCS_GUEST_RFLAGS, rflags);
}

#endif
