/*
 * The entry rules taken together: the snapshot they read, and the search for
 * the first one broken. Knows no rule; each group has a file of its own.
 */
#include "vmx/rules_group.h"

#define FIELD(member, encoding)	{ offsetof(struct vmx_fields, member), encoding }

static const struct {
	uint16_t	offset;
	uint16_t	encoding;
} fields[] = {
	FIELD(pin,			VMCS_CTL_PIN),
	FIELD(proc,			VMCS_CTL_PROC),
	FIELD(proc2,			VMCS_CTL_PROC2),
	FIELD(proc3,			VMCS_CTL_PROC3),
	FIELD(exit,			VMCS_CTL_EXIT),
	FIELD(entry,			VMCS_CTL_ENTRY),
	FIELD(cr3_target_count,		VMCS_CR3_TARGET_COUNT),
	FIELD(io_bitmap_a,		VMCS_IO_BITMAP_A),
	FIELD(io_bitmap_b,		VMCS_IO_BITMAP_B),
	FIELD(msr_bitmap,		VMCS_MSR_BITMAP),
	FIELD(virtual_apic,		VMCS_VIRTUAL_APIC_ADDR),
	FIELD(tpr_threshold,		VMCS_TPR_THRESHOLD),
	FIELD(apic_access,		VMCS_APIC_ACCESS_ADDR),
	FIELD(posted_vector,		VMCS_POSTED_INTR_VECTOR),
	FIELD(posted_desc,		VMCS_POSTED_INTR_DESC_ADDR),
	FIELD(vpid,			VMCS_VPID),
	FIELD(eptp,			VMCS_EPTP),
	FIELD(pml,			VMCS_PML_ADDR),
	FIELD(vmread_bitmap,		VMCS_VMREAD_BITMAP),
	FIELD(vmwrite_bitmap,		VMCS_VMWRITE_BITMAP),
	FIELD(ve_info,			VMCS_VE_INFO_ADDR),
	FIELD(tsc_multiplier,		VMCS_TSC_MULTIPLIER),
	FIELD(exit_store_addr,		VMCS_EXIT_MSR_STORE_ADDR),
	FIELD(exit_store_count,		VMCS_EXIT_MSR_STORE_COUNT),
	FIELD(exit_load_addr,		VMCS_EXIT_MSR_LOAD_ADDR),
	FIELD(exit_load_count,		VMCS_EXIT_MSR_LOAD_COUNT),
	FIELD(entry_load_addr,		VMCS_ENTRY_MSR_LOAD_ADDR),
	FIELD(entry_load_count,		VMCS_ENTRY_MSR_LOAD_COUNT),
	FIELD(intr_info,		VMCS_ENTRY_INTR_INFO),
	FIELD(intr_error,		VMCS_ENTRY_INTR_ERROR),
	FIELD(insn_len,			VMCS_ENTRY_INSN_LEN),
	FIELD(host_cr0,			VMCS_HOST_CR0),
	FIELD(host_cr3,			VMCS_HOST_CR3),
	FIELD(host_cr4,			VMCS_HOST_CR4),
	FIELD(host_efer,		VMCS_HOST_EFER),
	FIELD(host_pat,			VMCS_HOST_PAT),
	FIELD(host_sysenter_esp,	VMCS_HOST_SYSENTER_ESP),
	FIELD(host_sysenter_eip,	VMCS_HOST_SYSENTER_EIP),
	FIELD(host_rip,			VMCS_HOST_RIP),
	FIELD(host_es,			VMCS_HOST_ES_SELECTOR),
	FIELD(host_cs,			VMCS_HOST_CS_SELECTOR),
	FIELD(host_ss,			VMCS_HOST_SS_SELECTOR),
	FIELD(host_ds,			VMCS_HOST_DS_SELECTOR),
	FIELD(host_fs,			VMCS_HOST_FS_SELECTOR),
	FIELD(host_gs,			VMCS_HOST_GS_SELECTOR),
	FIELD(host_tr,			VMCS_HOST_TR_SELECTOR),
	FIELD(host_fs_base,		VMCS_HOST_FS_BASE),
	FIELD(host_gs_base,		VMCS_HOST_GS_BASE),
	FIELD(host_tr_base,		VMCS_HOST_TR_BASE),
	FIELD(host_gdtr_base,		VMCS_HOST_GDTR_BASE),
	FIELD(host_idtr_base,		VMCS_HOST_IDTR_BASE),
	FIELD(cr0,			VMCS_GUEST_CR0),
	FIELD(cr3,			VMCS_GUEST_CR3),
	FIELD(cr4,			VMCS_GUEST_CR4),
	FIELD(dr7,			VMCS_GUEST_DR7),
	FIELD(efer,			VMCS_GUEST_EFER),
	FIELD(pat,			VMCS_GUEST_PAT),
	FIELD(debugctl,			VMCS_GUEST_DEBUGCTL),
	FIELD(sysenter_esp,		VMCS_GUEST_SYSENTER_ESP),
	FIELD(sysenter_eip,		VMCS_GUEST_SYSENTER_EIP),
	FIELD(rip,			VMCS_GUEST_RIP),
	FIELD(rflags,			VMCS_GUEST_RFLAGS),
	FIELD(gdtr_base,		VMCS_GUEST_GDTR_BASE),
	FIELD(gdtr_limit,		VMCS_GUEST_GDTR_LIMIT),
	FIELD(idtr_base,		VMCS_GUEST_IDTR_BASE),
	FIELD(idtr_limit,		VMCS_GUEST_IDTR_LIMIT),
	FIELD(activity,			VMCS_GUEST_ACTIVITY),
	FIELD(interruptibility,		VMCS_GUEST_INTERRUPTIBILITY),
	FIELD(pending_debug,		VMCS_GUEST_PENDING_DEBUG),
	FIELD(link_pointer,		VMCS_LINK_POINTER),
	FIELD(pdpte[0],			VMCS_GUEST_PDPTE0),
	FIELD(pdpte[1],			VMCS_GUEST_PDPTE1),
	FIELD(pdpte[2],			VMCS_GUEST_PDPTE2),
	FIELD(pdpte[3],			VMCS_GUEST_PDPTE3),
};

/* Every member but the segments is in the table: none is left unread. */
_Static_assert(ARRAY_SIZE(fields) * sizeof(uint64_t) == offsetof(struct vmx_fields, seg),
	       "a field of the snapshot has no row");

/* In the VMCS the eight segments follow each other as in enum seg_reg. */
_Static_assert(VMCS_GUEST_TR_SELECTOR - VMCS_GUEST_ES_SELECTOR == 2 * SEG_TR &&
	       VMCS_GUEST_CS_AR - VMCS_GUEST_ES_AR == 2 * SEG_CS, "segment order");

void vmx_fields_read(struct vmx_fields *f, uint64_t (*read)(void *, uint32_t), void *context)
{
	for (unsigned n = 0; n < ARRAY_SIZE(fields); n++) {
		uint64_t *member = (uint64_t *)((char *)f + fields[n].offset);

		*member = read(context, fields[n].encoding);
	}
	for (uint32_t n = 0; n < SEG_COUNT; n++) {
		f->seg[n].selector = read(context, VMCS_GUEST_ES_SELECTOR + 2 * n);
		f->seg[n].base = read(context, VMCS_GUEST_ES_BASE + 2 * n);
		f->seg[n].limit = read(context, VMCS_GUEST_ES_LIMIT + 2 * n);
		f->seg[n].ar = read(context, VMCS_GUEST_ES_AR + 2 * n);
	}
}

static const struct vmx_rule_group *const groups[] = {
	&vmx_rules_execution, &vmx_rules_transition, &vmx_rules_host,
	&vmx_rules_guest, &vmx_rules_segment, &vmx_rules_nonreg,
};

const struct vmx_rule *vmx_rule_at(unsigned n)
{
	for (unsigned g = 0; g < ARRAY_SIZE(groups); g++) {
		if (n < groups[g]->count)
			return &groups[g]->rules[n];
		n -= groups[g]->count;
	}
	return NULL;
}

const struct vmx_rule *vmx_rules_broken(const struct vmx_rule_input *in)
{
	const struct vmx_rule *rule;

	for (unsigned n = 0; (rule = vmx_rule_at(n)); n++) {
		if (!rule->holds(in, rule->arg))
			return rule;
	}
	return NULL;
}
