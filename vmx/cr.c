/*
 * Control registers between the vcpu and the VMCS, and with them the way the guest
 * runs: whose tables, which EPT tables, what exits. Knows no segment.
 */
#include "core/x86_insn.h"
#include "vmx/vmx.h"
#include "vmx/vmx_insn.h"

/* With PAE paging under EPT the CPU keeps the PDPTEs in the VMCS. SDM 3C 26.3.2.4. */
static bool has_pdptes(const struct vcpu *v)
{
	return v->vm->hw.nested && (v->cr0 & CR0_PG) && (v->cr4 & CR4_PAE) &&
	       !(v->efer & EFER_LMA);
}

static enum vmcs_field pdpte_field(unsigned n)
{
	return VMCS_GUEST_PDPTE0 + 2 * n;
}

/* A change of the bits we own exits, so those are as we have them; the rest is as in hardware. */
static uint64_t guest_cr(enum vmcs_field reg, uint64_t ours, uint64_t mask)
{
	return (vmx_read(reg) & ~mask) | (ours & mask);
}

void vmx_cr_fetch(struct vcpu *v)
{
	const struct hw_view *hw = &vmx_of(v)->entered;

	v->cr0 = guest_cr(VMCS_GUEST_CR0, v->cr0, hw->cr0_mask);
	v->cr4 = guest_cr(VMCS_GUEST_CR4, v->cr4, hw->cr4_mask);
	/* Under tables of ours CR3 is ours; the guest's accesses to its own exit. */
	if (hw->root == ROOT_GUEST)
		v->cr3 = vmx_read(VMCS_GUEST_CR3);
	/* Where its writes exit, hardware's EFER can differ from the guest's. */
	if (hw->unrestricted)
		v->efer = vmx_read(VMCS_GUEST_EFER);
	if (has_pdptes(v))
		for (unsigned i = 0; i < ARRAY_SIZE(v->pdpte); i++)
			v->pdpte[i] = vmx_read(pdpte_field(i));
}

static uint64_t eptp(const struct ptab *pt)
{
	return pt->root.v | FIELD_PUT(VMX_EPTP_TYPE, (uint64_t)VMX_EPTP_WB) |
	       FIELD_PUT(VMX_EPTP_WALK, (uint64_t)VMX_EPTP_WALK_4);
}

/* Of PAE tables entry reads the PDPTEs from memory, each time: SDM 3C 26.3.2.4. */
void vmx_root_commit(const struct vcpu *v)
{
	struct vmx_vcpu *vmx = vmx_of(v);
	uint64_t cr3 = v->vm->hw.cr3;

	/* One tag serves all roots. With EPT the root goes in with ST_CR. */
	if (vmx->shadow_root == cr3 || v->vm->hw.nested)
		return;
	vmx->shadow_root = cr3;
	vmx->flush = true;
	vmx_write(VMCS_GUEST_CR3, cr3);
}

void vmx_proc_commit(const struct vcpu *v)
{
	const struct vmx_vcpu *vmx = vmx_of(v);
	uint64_t proc = vmx->controls.proc;

	if (vmx->entered.intercepts & IC_CR3)
		proc |= VMX_PROC_CR3_LOAD | VMX_PROC_CR3_STORE;
	if (v->window)
		proc |= VMX_PROC_INTR_WINDOW;
	/* Under its user's control they are never the guest's alone. */
	if (vmx->dr_given && !v->vm->debug)
		proc &= ~VMX_PROC_MOV_DR;
	vmx_write(VMCS_CTL_PROC, proc);
}

void vmx_dr_give(const struct vcpu *v, bool given)
{
	vmx_of(v)->dr_given = given;
	vmx_proc_commit(v);
}

/* Where the CPU finds the tables: the guest's, or ours. */
static void root_commit(const struct vcpu *v)
{
	struct vmx_vcpu *vmx = vmx_of(v);
	const struct hw_view *hw = &v->vm->hw;

	switch (hw->root) {
	case ROOT_GUEST:
		vmx_write(VMCS_GUEST_CR3, hw->cr3);
		break;
	case ROOT_SHADOW:
	case ROOT_SHADOW_VM86:
		vmx_root_commit(v);
		return;
	case ROOT_HIDDEN:
		vmx_write(VMCS_GUEST_CR3, HIDDEN_MAP);
		break;
	case ROOT_HIDDEN_VM86:
		vmx_write(VMCS_GUEST_CR3, HIDDEN_MAP_VM86);
		break;
	}
	vmx_write(VMCS_EPTP, eptp(hw->root == ROOT_GUEST ? &v->vm->nested :
				  &vmx->hidden.nested));
	vmx_proc_commit(v);
}

/*
 * Without controls for EFER the address-space controls switch LMA and LME, and that is
 * enough: NXE is as the host has it, set wherever there is NX, which is what shadow
 * tables want; SCE the host has no use for, so the guest's stays live.
 * SDM 3C "Loading Guest Control Registers, Debug Registers, and MSRs" 26.3.2.1,
 * "Loading Host Control Registers, Debug Registers, MSRs" 27.5.1.
 */
static void efer_commit(struct vmx_vcpu *vmx, uint64_t efer)
{
	uint64_t live;

	if (vmx->controls.entry & VMX_ENTRY_LOAD_EFER) {
		vmx_write(VMCS_GUEST_EFER, efer);
		return;
	}
	live = (vmx->efer & ~EFER_SCE) | (efer & EFER_SCE);
	if (live == vmx->efer)
		return;
	vmx->efer = live;
	x86_wrmsr(MSR_EFER, live);
}

void vmx_cr_commit(const struct vcpu *v)
{
	const struct hw_view *hw = &v->vm->hw;
	uint64_t entry = vmx_of(v)->controls.entry;

	vmx_write(VMCS_GUEST_CR0, hw->cr0);
	vmx_write(VMCS_CR0_SHADOW, v->cr0);
	vmx_write(VMCS_CR0_MASK, hw->cr0_mask);
	vmx_write(VMCS_GUEST_CR4, hw->cr4);
	vmx_write(VMCS_CR4_SHADOW, v->cr4);
	vmx_write(VMCS_CR4_MASK, hw->cr4_mask);
	efer_commit(vmx_of(v), hw->efer);
	vmx_write(VMCS_EXCEPTION_BITMAP, hw->exceptions);
	root_commit(v);
	/* Entry loads EFER and must agree with it on LMA. SDM 3C 26.3.1.1. */
	vmx_write(VMCS_CTL_ENTRY, hw->efer & EFER_LMA ?
		  entry | VMX_ENTRY_IA32E : entry & ~VMX_ENTRY_IA32E);
	if (has_pdptes(v))
		for (unsigned i = 0; i < ARRAY_SIZE(v->pdpte); i++)
			vmx_write(pdpte_field(i), v->pdpte[i]);
}

/* Whose bits the guest sees is in the shadow: PE and PG are always ours without EPT. */
static enum ran_as shadow_ran_as(void)
{
	uint64_t proc = vmx_read(VMCS_CTL_PROC);
	uint64_t seen = vmx_read(VMCS_CR0_SHADOW);

	if ((proc & VMX_PROC_SECONDARY) &&
	    (vmx_read(VMCS_CTL_PROC2) & VMX_PROC2_EPT))
		return RAN_NATIVE;
	if (!(vmx_read(VMCS_GUEST_CR0) & CR0_PG))
		return RAN_NATIVE;
	if (seen & CR0_PG)
		return RAN_SHADOW;
	if (seen & CR0_PE)
		return RAN_HIDDEN;
	return vmx_read(VMCS_GUEST_RFLAGS) & RFLAGS_VM ? RAN_VM86 : RAN_NATIVE;
}

enum ran_as vmx_ran_as(const struct vmx_vcpu *vmx)
{
	uint64_t cr3;

	if (!(vmx->controls.proc2 & VMX_PROC2_EPT))
		return shadow_ran_as();
	cr3 = vmx_read(VMCS_GUEST_CR3);
	if (vmx_read(VMCS_EPTP) != eptp(&vmx->hidden.nested))
		return RAN_NATIVE;
	if (!(vmx_read(VMCS_GUEST_CR0) & CR0_PG))
		return RAN_NATIVE;
	if (cr3 == HIDDEN_MAP_VM86 && (vmx_read(VMCS_GUEST_RFLAGS) & RFLAGS_VM))
		return RAN_VM86;
	return RAN_HIDDEN;
}
