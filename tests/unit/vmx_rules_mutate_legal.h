/*
 * Changes of a valid guest that must break nothing: what each clause just
 * allows. `rule` says in words what is legal here.
 */
#ifndef TESTS_VMX_RULES_MUTATE_LEGAL_H
#define TESTS_VMX_RULES_MUTATE_LEGAL_H

#include "vmx_rules_mutation.h"

#define PDPTE_BAD	(BIT(0) | BIT(1))	/* present, a reserved bit set */

static const struct mutation mutations_legal[] = {
	{ "as many CR3 targets as the CPU has", BASE_LONG, { { VMCS_CR3_TARGET_COUNT, 4 } } },
	{ "any TPR threshold under virtual-interrupt delivery", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_CTL_PROC2, VMX_PROC2_INTR_DELIVERY },
		{ VMCS_TPR_THRESHOLD, BIT(4) } } },
	{ "vector 255 for posted interrupts", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_CTL_PROC2, VMX_PROC2_INTR_DELIVERY },
		{ VMCS_CTL_PIN, VMX_PIN_POSTED_INTR },
		{ VMCS_CTL_EXIT, VMX_EXIT_ACK_INTR }, { VMCS_POSTED_INTR_VECTOR, 255 } } },
	{ "five-level EPT where the CPU has it", BASE_LONG, {
		{ VMCS_EPTP, VMX_EPTP_WALK }, { CAP(ept_vpid), VMX_EPT_WALK_5 } } },
	{ "accessed and dirty flags where the CPU has them", BASE_LONG, {
		{ VMCS_EPTP, VMX_EPTP_AD }, { CAP(ept_vpid), VMX_EPT_AD } } },
	{ "any VPID while the control is off", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_VPID }, { VMCS_VPID, 1 } } },
	{ "an address for an empty MSR area", BASE_LONG, { { VMCS_EXIT_MSR_STORE_ADDR, 1 } } },
	{ "an MSR area that ends with physical memory", BASE_LONG, {
		{ VMCS_ENTRY_MSR_LOAD_COUNT, 1 }, { VMCS_ENTRY_MSR_LOAD_ADDR, BITS(39, 4) } } },

	{ "any error code while nothing is injected", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, VMX_EVENT_ERROR_VALID },
		{ VMCS_ENTRY_INTR_ERROR, BIT(16) } } },
	{ "the last exception vector", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, 31) } } },
	{ "INT n of one byte", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_SOFT_INT, 0x80) },
		{ VMCS_ENTRY_INSN_LEN, 1 } } },
	{ "INT n of fifteen bytes", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_SOFT_INT, 0x80) },
		{ VMCS_ENTRY_INSN_LEN, 15 } } },
	{ "INT n of no bytes where the CPU takes it", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_SOFT_INT, 0x80) },
		{ CAP(misc), VMX_MISC_INJECT_LEN0 } } },
	{ "an exception without error code in real mode", BASE_REAL, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_GP) } } },

	{ "any EFER while entry does not load it", BASE_LONG, {
		{ VMCS_CTL_ENTRY, VMX_ENTRY_LOAD_EFER }, { VMCS_GUEST_EFER, EFER_LME } } },
	{ "EFER.LME without LMA before paging", BASE_REAL, { { VMCS_GUEST_EFER, EFER_LME } } },
	{ "reserved bits in a PDPTE that is not present", BASE_PAE, {
		{ VMCS_GUEST_PDPTE0, PDPTE_BAD } } },
	{ "any PDPTE field without EPT", BASE_PAE, {
		{ VMCS_CTL_PROC2, VMX_PROC2_EPT }, { VMCS_GUEST_PDPTE0, BIT(1) } } },
	{ "any PDPTE in memory with EPT", BASE_PAE, { { INPUT(pdpte[0]), PDPTE_BAD } } },
	{ "any PDPTE in memory under 4-level paging without EPT", BASE_SHADOW, {
		{ VMCS_CTL_ENTRY, VMX_ENTRY_IA32E }, { INPUT(pdpte[0]), BIT(1) } } },
	{ "reserved bits in a PDPTE in memory that is not present", BASE_SHADOW, {
		{ INPUT(pdpte[1]), BIT(0) | BIT(1) } } },
	{ "a host EFER that exit does not load", BASE_SHADOW, { { VMCS_HOST_EFER, EFER_SVME } } },
	{ "any PDPTE field without paging", BASE_REAL, {
		{ VMCS_GUEST_CR4, CR4_PAE }, { VMCS_GUEST_PDPTE0, PDPTE_BAD } } },
	{ "any PDPTE field under 32-bit paging", BASE_PM32, { { VMCS_GUEST_PDPTE0, PDPTE_BAD } } },
	{ "any PDPTE field under 4-level paging", BASE_LONG, { { VMCS_GUEST_PDPTE0, PDPTE_BAD } } },

	{ "conforming code at the DPL of the stack", BASE_PM32, {
		{ VMCS_GUEST_CS_AR, AR_TYPE_DOWN } } },
	{ "CS.L with CS.D outside IA-32e mode", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_L } } },
	{ "an expand-down stack", BASE_PM32, { { VMCS_GUEST_SS_AR, AR_TYPE_DOWN } } },
	{ "a 16-bit busy TSS outside IA-32e mode", BASE_PM32, {
		{ VMCS_GUEST_TR_AR, AR_TYPE_CODE } } },
	{ "a page-granular limit below 1 MiB", BASE_PM32, {
		{ VMCS_GUEST_DS_LIMIT, BITS(31, 20) } } },

	{ "#DB into HLT", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_DB) } } },
	{ "#MC into HLT", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_MC) } } },
	{ "a pending monitor-trap exit into HLT", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_OTHER, 0) } } },
	{ "an interrupt into HLT", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ VMCS_GUEST_RFLAGS, RFLAGS_IF },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXT_INTR, 0x20) } } },
	{ "an NMI into shutdown", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_SHUTDOWN },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_NMI, VEC_NMI) } } },
	{ "#MC into shutdown", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_SHUTDOWN },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_MC) } } },
	{ "an NMI though blocked, without virtual NMIs", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_NMI, VEC_NMI) },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_NMI } } },
	{ "a pending step that TF asks for", BASE_LONG, {
		{ VMCS_GUEST_RFLAGS, RFLAGS_TF },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS },
		{ VMCS_GUEST_PENDING_DEBUG, VMX_PENDING_BS } } },
	{ "a link pointer to a page", BASE_LONG, { { VMCS_LINK_POINTER, ~UINT64_C(0x9000) } } },
	{ NULL, BASE_LONG, { { 0, 0 } } },
};

#endif
