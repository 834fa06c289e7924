/*
 * The rules that VM entry holds a VMCS to, as a table that can name the broken
 * one; reads a snapshot of plain numbers and must not touch the CPU.
 * SDM 3C "VM Entries", "Checks on VMX Controls and Host-State Area" 26.2,
 * "Checking and Loading Guest State" 26.3.
 *
 * Not modelled: what lies in memory (MSR areas, the virtual APIC page, a shadow
 * VMCS; but PDPTEs are), SMM, and the fields of controls that this
 * hypervisor leaves off: VM functions, sub-page permissions, PASID translation,
 * processor trace, LBR, CET, protection keys, performance counters, MPX.
 */
#ifndef VMX_RULES_H
#define VMX_RULES_H

#include "core/vcpu.h"

struct vmx_seg_fields { uint64_t selector, base, limit, ar; };

/* Every VMCS field that a rule reads; widened, as VMREAD gives it. */
struct vmx_fields {
	uint64_t	pin, proc, proc2, proc3, exit, entry;
	uint64_t	cr3_target_count;
	uint64_t	io_bitmap_a, io_bitmap_b, msr_bitmap;
	uint64_t	virtual_apic, tpr_threshold, apic_access;
	uint64_t	posted_vector, posted_desc;
	uint64_t	vpid, eptp, pml;
	uint64_t	vmread_bitmap, vmwrite_bitmap, ve_info, tsc_multiplier;
	uint64_t	exit_store_addr, exit_store_count;
	uint64_t	exit_load_addr, exit_load_count;
	uint64_t	entry_load_addr, entry_load_count;
	uint64_t	intr_info, intr_error, insn_len;

	uint64_t	host_cr0, host_cr3, host_cr4, host_efer, host_pat;
	uint64_t	host_sysenter_esp, host_sysenter_eip, host_rip;
	uint64_t	host_es, host_cs, host_ss, host_ds, host_fs, host_gs, host_tr;
	uint64_t	host_fs_base, host_gs_base, host_tr_base;
	uint64_t	host_gdtr_base, host_idtr_base;

	uint64_t	cr0, cr3, cr4, dr7, efer, pat, debugctl;
	uint64_t	sysenter_esp, sysenter_eip;
	uint64_t	rip, rflags;
	uint64_t	gdtr_base, gdtr_limit, idtr_base, idtr_limit;
	uint64_t	activity, interruptibility, pending_debug, link_pointer;
	uint64_t	pdpte[4];
	struct vmx_seg_fields seg[SEG_COUNT];	/* enum seg_reg */
};

/* What the rules need to know of the CPU and of the host at entry. */
struct vmx_rule_caps {
	uint64_t	basic, misc, ept_vpid;		/* MSR_VMX_* */
	uint64_t	pin, proc, exit, entry;		/* the TRUE ones where they exist */
	uint64_t	proc2, proc3;			/* zero where absent */
	uint64_t	cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
	uint64_t	efer_supported;		/* bits that are not reserved */
	uint64_t	debugctl_supported;	/* likewise */
	uint64_t	phys_bits, linear_bits;
	uint64_t	long_mode;		/* EFER.LMA of the host is set */
};

struct vmx_rule_input {
	struct vmx_fields	f;
	struct vmx_rule_caps	caps;
	uint64_t	pdpte[4];	/* in memory at CR3: what counts without EPT */
};

struct vmx_rule {
	const char	*name;		/* stable: it goes into the record */
	const char	*clause;	/* manual, title, number */
	bool		(*holds)(const struct vmx_rule_input *in, unsigned arg);
	unsigned	arg;		/* which of several alike: a segment, a bitmap */
};

/*
 * Fill the snapshot through `read`, called once per field with its VMCS_*
 * encoding: VMREAD in the backend, an array in tests. It must return zero for
 * a field that this CPU does not have.
 */
void vmx_fields_read(struct vmx_fields *f, uint64_t (*read)(void *, uint32_t), void *context);

/*
 * The first rule that the input breaks: controls, then host state, then guest
 * state, as the CPU does; NULL when entry must succeed. Pure. Called after a
 * failed entry to tell why, and by tests.
 */
const struct vmx_rule *vmx_rules_broken(const struct vmx_rule_input *in);

/* Row n over all groups in checking order; NULL past the end. */
const struct vmx_rule *vmx_rule_at(unsigned n);

#endif
