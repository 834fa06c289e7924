/*
 * RIP, RFLAGS and CPL between the vcpu and the VMCS: hot, so they are inline. Knows
 * the one thing vm86 changes: whose VM, IOPL and CPL they are.
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

	if (vmx->rflags_own) {
		rflags = (rflags & ~vmx->rflags_own) | vmx->rflags_set;
		/*
		 * Events, step traps too, reach vm86 by software: what the CPU
		 * still has coming from before RIP was moved must not follow.
		 */
		if (!(v->shadow & (SHADOW_STI | SHADOW_MOV_SS)))
			vmx_write(VMCS_GUEST_PENDING_DEBUG, 0);
	}
	vmx_write(VMCS_GUEST_RIP, v->rip);
	vmx_write(VMCS_GUEST_RFLAGS, rflags);
}

/* vm86 runs at CPL 3, real mode at 0. */
static inline void vmx_cpl_fetch(struct vcpu *v)
{
	v->cpl = vmx_entered_vm86(vmx_of(v)) ? 0 : vmx_cpl();
}

#endif
