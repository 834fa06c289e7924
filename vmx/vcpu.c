/* One VT-x vcpu: its VMCS and MSR bitmap, made and unmade. */
#include "vmx/vmx.h"

#include <string.h>

#include "core/x86_insn.h"
#include "vmx/vmx_insn.h"

static void bitmap_allow(uint8_t *bitmap, uint32_t msr, bool write)
{
	uint32_t part = write ? VMX_MSRBM_WRITE_LOW : VMX_MSRBM_READ_LOW;

	if (msr >= VMX_MSRBM_HIGH_FIRST) {
		part = write ? VMX_MSRBM_WRITE_HIGH : VMX_MSRBM_READ_HIGH;
		msr -= VMX_MSRBM_HIGH_FIRST;
	}
	if (msr < VMX_MSRBM_MSRS)
		bitmap[part + msr / 8] &= ~BIT(msr % 8);
}

/* Bits left set exit; MSRs outside the bitmap always do. SDM 3C 24.6.9. */
static void bitmap_fill(const struct vm *vm, uint8_t *bitmap)
{
	memset(bitmap, UINT8_MAX, PAGE_SIZE);
	for (unsigned i = 0; i < policy_msr_count; i++) {
		const struct msr_policy *m = &policy_msrs[i];

		if (m->rule != MSR_RULE_LIVE &&
		    !(m->rule == MSR_RULE_PAT && !(vm->hw.intercepts & IC_PAT)))
			continue;
		bitmap_allow(bitmap, m->number, false);
		bitmap_allow(bitmap, m->number, true);
	}
	if (!(vm->hw.intercepts & IC_EFER_READ))
		bitmap_allow(bitmap, MSR_EFER, false);
	if (!(vm->hw.intercepts & IC_EFER_WRITE))
		bitmap_allow(bitmap, MSR_EFER, true);
}

/* Fields that stay as they are for the vcpu's life. The VMCS is current. */
static void controls_write(const struct vcpu *v)
{
	const struct vmx_vcpu *vmx = vmx_of(v);
	const struct vmx_controls *c = &vmx->controls;

	vmx_write(VMCS_CTL_PIN, c->pin);
	vmx_write(VMCS_CTL_PROC, c->proc);
	if (c->proc & VMX_PROC_SECONDARY)
		vmx_write(VMCS_CTL_PROC2, c->proc2);
	vmx_write(VMCS_CTL_EXIT, c->exit);
	vmx_write(VMCS_CTL_ENTRY, c->entry);
	vmx_write(VMCS_PFEC_MASK, 0);
	vmx_write(VMCS_PFEC_MATCH, 0);
	vmx_write(VMCS_CR3_TARGET_COUNT, 0);
	vmx_write(VMCS_EXIT_MSR_STORE_COUNT, 0);
	vmx_write(VMCS_EXIT_MSR_LOAD_COUNT, 0);
	vmx_write(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	vmx_write(VMCS_ENTRY_INTR_INFO, 0);
	vmx_write(VMCS_TSC_OFFSET, 0);
	vmx_write(VMCS_LINK_POINTER, VMX_LINK_NONE);
	vmx_write(VMCS_GUEST_DEBUGCTL, 0);
	vmx_write(VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_ACTIVE);
	vmx_write(VMCS_GUEST_PENDING_DEBUG, 0);
	vmx_write(VMCS_MSR_BITMAP, hpa_of(vmx->msr_bitmap).v);
	if (c->proc2 & VMX_PROC2_VPID)
		vmx_write(VMCS_VPID, VMX_VPID);
}

/*
 * A tag is born flushed: another hypervisor may have used it before us. Ours before
 * the first entry, by the one kind of INVVPID that there is where there are tags.
 */
static void birth_flush(struct vmx_vcpu *vmx)
{
	uint64_t cap = vmx->cpu->ept_vpid;

	if ((cap & VMX_EPT_INVEPT) && (cap & VMX_EPT_INVEPT_ALL))
		vmx_invept(INVEPT_ALL, 0);
	vmx->flush = true;
}

static bool has_hidden(const struct vm *vm)
{
	return vm->hw.nested && !vm->hw.unrestricted;
}

enum hv_err vmx_vcpu_init(struct vcpu *v, struct hv_cpu *cpu)
{
	hpa_t own, vmcs, bitmap;
	struct vmx_vcpu *vmx;
	enum hv_err err;

	err = frame_alloc(cpu->pool, &own);
	if (err != HV_OK)
		return err;
	err = frame_alloc(cpu->pool, &vmcs);
	if (err != HV_OK)
		goto free_own;
	err = frame_alloc(cpu->pool, &bitmap);
	if (err != HV_OK)
		goto free_vmcs;

	vmx = hpa_ptr(own);
	vmx->cpu = cpu->own;
	vmx->vmcs = vmcs;
	vmx->msr_bitmap = hpa_ptr(bitmap);
	vmx->efer = x86_rdmsr(MSR_EFER);
	if (has_hidden(v->vm)) {
		err = vmx_hidden_init(&vmx->hidden, v->vm);
		if (err != HV_OK)
			goto free_bitmap;
	}
	err = HV_UNSUPPORTED;
	*(uint32_t *)hpa_ptr(vmcs) = FIELD_GET(VMX_BASIC_REVISION,
					       vmx->cpu->basic);
	if (!vmx_controls_choose(v->vm, &vmx->controls) ||
	    !vmx_vmclear(vmcs) || !vmx_vmptrld(vmcs))
		goto free_hidden;
	v->backend = vmx;
	bitmap_fill(v->vm, vmx->msr_bitmap);
	controls_write(v);
	vmx_host_state(vmx);
	birth_flush(vmx);
	return HV_OK;

free_hidden:
	if (has_hidden(v->vm))
		vmx_hidden_fini(&vmx->hidden, cpu->pool);
free_bitmap:
	frame_free(cpu->pool, bitmap);
free_vmcs:
	frame_free(cpu->pool, vmcs);
free_own:
	frame_free(cpu->pool, own);
	return err;
}

void vmx_vcpu_fini(struct vcpu *v)
{
	struct vmx_vcpu *vmx = vmx_of(v);
	struct frame_pool *pool = v->vm->cpu->pool;

	/* The CPU may hold parts of the VMCS until VMCLEAR writes them back. */
	if (!vmx_vmclear(vmx->vmcs))
		panic("VMCLEAR of the vcpu's own VMCS failed");
	if (has_hidden(v->vm))
		vmx_hidden_fini(&vmx->hidden, pool);
	frame_free(pool, hpa_of(vmx->msr_bitmap));
	frame_free(pool, vmx->vmcs);
	frame_free(pool, hpa_of(vmx));
	v->backend = NULL;
}

void vmx_tlb_flush(struct vcpu *v, const gva_t *page)
{
	struct vmx_vcpu *vmx = vmx_of(v);

	/* Not born yet: it will be born flushed. */
	if (!vmx)
		return;
	/*
	 * An address that is not canonical has no translations, and INVVPID then fails. One
	 * of five-level paging may fail, too: the host's paging has four.
	 */
	if (page && gva_is_48(*page) && (vmx->controls.proc2 & VMX_PROC2_VPID) &&
	    (vmx->cpu->ept_vpid & VMX_VPID_INVVPID_ADDRESS))
		vmx_invvpid(INVVPID_ADDRESS, VMX_VPID, page->v);
	else
		vmx->flush = true;
}
