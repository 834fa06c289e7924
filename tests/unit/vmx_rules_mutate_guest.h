/*
 * Mutations of guest state: each row names the one rule that a valid
 * guest breaks once the bits of the row are flipped.
 */
#ifndef TESTS_VMX_RULES_MUTATE_GUEST_H
#define TESTS_VMX_RULES_MUTATE_GUEST_H

#include "vmx_rules_mutation.h"

static const struct mutation mutations_guest[] = {
	{ "guest-cr0-fixed", BASE_PM32, { { VMCS_GUEST_CR0, CR0_NE } } },
	{ "guest-cr0-fixed", BASE_PM32, { { VMCS_GUEST_CR0, CR0_PG } } },
	{ "guest-cr0-fixed", BASE_PM32, { { VMCS_GUEST_CR0, BIT(32) } } },
	{ "guest-pg-needs-pe", BASE_REAL, { { VMCS_GUEST_CR0, CR0_PG } } },
	{ "guest-cr4-fixed", BASE_LONG, { { VMCS_GUEST_CR4, CR4_VMXE } } },
	{ "guest-cr4-fixed", BASE_LONG, { { VMCS_GUEST_CR4, CR4_PKE } } },
	{ "guest-cet-needs-wp", BASE_LONG, { { VMCS_GUEST_CR4, CR4_CET } } },
	{ "guest-debugctl-reserved", BASE_LONG, { { VMCS_GUEST_DEBUGCTL, BIT(4) } } },
	{ "guest-64-needs-pg", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_UNRESTRICTED }, { VMCS_GUEST_CR0, CR0_PG } } },
	{ "guest-64-needs-pae", BASE_LONG, { { VMCS_GUEST_CR4, CR4_PAE } } },
	{ "guest-pcid-needs-64", BASE_PM32, { { VMCS_GUEST_CR4, CR4_PCIDE } } },
	{ "guest-cr3-reserved", BASE_LONG, { { VMCS_GUEST_CR3, BIT(40) } } },
	{ "guest-dr7-high-bits", BASE_LONG, { { VMCS_GUEST_DR7, BIT(32) } } },
	{ "guest-sysenter-esp", BASE_LONG, { { VMCS_GUEST_SYSENTER_ESP, BIT(47) } } },
	{ "guest-sysenter-eip", BASE_LONG, { { VMCS_GUEST_SYSENTER_EIP, BIT(47) } } },
	{ "guest-pat-types", BASE_LONG, { { VMCS_GUEST_PAT, BIT(3) } } },
	{ "guest-efer-reserved", BASE_LONG, { { VMCS_GUEST_EFER, EFER_SVME } } },
	{ "guest-efer-lma", BASE_LONG, { { VMCS_GUEST_EFER, EFER_LMA | EFER_LME } } },
	{ "guest-efer-lma", BASE_PM32, { { VMCS_GUEST_EFER, EFER_LMA | EFER_LME } } },
	{ "guest-efer-lme", BASE_LONG, { { VMCS_GUEST_EFER, EFER_LME } } },
	{ "guest-efer-lme", BASE_PM32, { { VMCS_GUEST_EFER, EFER_LME } } },
	{ "guest-gdtr-base", BASE_LONG, { { VMCS_GUEST_GDTR_BASE, BIT(47) } } },
	{ "guest-gdtr-limit", BASE_LONG, { { VMCS_GUEST_GDTR_LIMIT, BIT(16) } } },
	{ "guest-idtr-base", BASE_LONG, { { VMCS_GUEST_IDTR_BASE, BIT(47) } } },
	{ "guest-idtr-limit", BASE_LONG, { { VMCS_GUEST_IDTR_LIMIT, BIT(16) } } },
	{ "guest-rip", BASE_PM32, { { VMCS_GUEST_RIP, BIT(32) } } },
	{ "guest-rip", BASE_LONG, { { VMCS_GUEST_RIP, BIT(48) } } },
	{ "guest-rip", BASE_LONG, { { VMCS_GUEST_CS_AR, AR_L } } },
	{ "guest-rflags-reserved", BASE_LONG, { { VMCS_GUEST_RFLAGS, RFLAGS_ONE } } },
	{ "guest-rflags-reserved", BASE_LONG, { { VMCS_GUEST_RFLAGS, BIT(3) } } },
	{ "guest-rflags-reserved", BASE_LONG, { { VMCS_GUEST_RFLAGS, BIT(5) } } },
	{ "guest-rflags-reserved", BASE_LONG, { { VMCS_GUEST_RFLAGS, BIT(15) } } },
	{ "guest-rflags-reserved", BASE_LONG, { { VMCS_GUEST_RFLAGS, BIT(22) } } },
	{ "guest-rflags-reserved", BASE_LONG, { { VMCS_GUEST_RFLAGS, BIT(63) } } },
	{ "guest-rflags-vm", BASE_VM86, {
		{ VMCS_CTL_PROC2, VMX_PROC2_UNRESTRICTED },
		{ VMCS_GUEST_CR0, CR0_PE | CR0_PG } } },
	{ "guest-rflags-vm", BASE_VM86, {
		{ VMCS_CTL_ENTRY, VMX_ENTRY_IA32E }, { VMCS_GUEST_CR4, CR4_PAE },
		{ VMCS_GUEST_EFER, EFER_LME | EFER_LMA } } },
	{ "guest-rflags-if", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXT_INTR, 0x20) } } },
	{ "guest-pdpte0", BASE_PAE, { { VMCS_GUEST_PDPTE0, BIT(1) } } },
	{ "guest-pdpte1", BASE_PAE, { { VMCS_GUEST_PDPTE1, BIT(5) } } },
	{ "guest-pdpte2", BASE_PAE, { { VMCS_GUEST_PDPTE2, BIT(8) } } },
	{ "guest-pdpte3", BASE_PAE, { { VMCS_GUEST_PDPTE3, BIT(40) } } },
	{ "guest-pdpte0", BASE_SHADOW, { { INPUT(pdpte[0]), BIT(1) } } },
	{ "guest-pdpte1", BASE_SHADOW, { { INPUT(pdpte[1]), BIT(5) } } },
	{ "guest-pdpte2", BASE_SHADOW, { { INPUT(pdpte[2]), BIT(40) } } },
	{ "guest-pdpte3", BASE_SHADOW, { { INPUT(pdpte[3]), BIT(8) } } },
	{ "guest-pdpte3", BASE_SHADOW, { { INPUT(pdpte[3]), BIT(63) } } },
	{ "guest-cr3-reserved", BASE_SHADOW, { { VMCS_GUEST_CR3, BIT(40) } } },
	{ "guest-cr0-fixed", BASE_SHADOW, { { VMCS_GUEST_CR0, CR0_PE | CR0_PG } } },
	{ "guest-cs-vm86-base", BASE_VM86, { { VMCS_GUEST_CS_BASE, BIT(4) } } },
	{ "guest-ss-vm86-base", BASE_VM86, { { VMCS_GUEST_SS_BASE, BIT(4) } } },
	{ "guest-es-vm86-base", BASE_VM86, { { VMCS_GUEST_ES_BASE, BIT(4) } } },
	{ "guest-ds-vm86-base", BASE_VM86, { { VMCS_GUEST_DS_BASE, BIT(4) } } },
	{ "guest-fs-vm86-base", BASE_VM86, { { VMCS_GUEST_FS_BASE, BIT(4) } } },
	{ "guest-gs-vm86-base", BASE_VM86, { { VMCS_GUEST_GS_BASE, BIT(4) } } },
	{ "guest-cs-vm86-limit", BASE_VM86, { { VMCS_GUEST_CS_LIMIT, BIT(16) } } },
	{ "guest-ss-vm86-limit", BASE_VM86, { { VMCS_GUEST_SS_LIMIT, BIT(16) } } },
	{ "guest-es-vm86-limit", BASE_VM86, { { VMCS_GUEST_ES_LIMIT, BIT(16) } } },
	{ "guest-ds-vm86-limit", BASE_VM86, { { VMCS_GUEST_DS_LIMIT, BIT(16) } } },
	{ "guest-fs-vm86-limit", BASE_VM86, { { VMCS_GUEST_FS_LIMIT, BIT(16) } } },
	{ "guest-gs-vm86-limit", BASE_VM86, { { VMCS_GUEST_GS_LIMIT, BIT(16) } } },
	{ "guest-cs-vm86-rights", BASE_VM86, { { VMCS_GUEST_CS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-ss-vm86-rights", BASE_VM86, { { VMCS_GUEST_SS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-es-vm86-rights", BASE_VM86, { { VMCS_GUEST_ES_AR, AR_TYPE_ACCESSED } } },
	{ "guest-ds-vm86-rights", BASE_VM86, { { VMCS_GUEST_DS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-fs-vm86-rights", BASE_VM86, { { VMCS_GUEST_FS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-gs-vm86-rights", BASE_VM86, { { VMCS_GUEST_GS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-ldtr-ti", BASE_LONG, { { VMCS_GUEST_LDTR_SELECTOR, BIT(2) } } },
	{ "guest-tr-ti", BASE_LONG, { { VMCS_GUEST_TR_SELECTOR, BIT(2) } } },
	{ "guest-ss-rpl-is-cs-rpl", BASE_PM32, { { VMCS_GUEST_CS_SELECTOR, 3 } } },
	{ "guest-fs-base", BASE_LONG, { { VMCS_GUEST_FS_BASE, BIT(47) } } },
	{ "guest-gs-base", BASE_LONG, { { VMCS_GUEST_GS_BASE, BIT(47) } } },
	{ "guest-ldtr-base", BASE_LONG, { { VMCS_GUEST_LDTR_BASE, BIT(47) } } },
	{ "guest-tr-base", BASE_LONG, { { VMCS_GUEST_TR_BASE, BIT(47) } } },
	{ "guest-fs-base", BASE_LONG, {
		{ VMCS_GUEST_FS_AR, AR_UNUSABLE }, { VMCS_GUEST_FS_BASE, BIT(47) } } },
	{ "guest-cs-base", BASE_LONG, { { VMCS_GUEST_CS_BASE, BIT(32) } } },
	{ "guest-ss-base", BASE_LONG, { { VMCS_GUEST_SS_BASE, BIT(32) } } },
	{ "guest-ds-base", BASE_LONG, { { VMCS_GUEST_DS_BASE, BIT(32) } } },
	{ "guest-es-base", BASE_LONG, { { VMCS_GUEST_ES_BASE, BIT(32) } } },
	{ "guest-cs-type", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_TYPE_CODE } } },
	{ "guest-cs-type", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-cs-type", BASE_REAL, {
		{ VMCS_GUEST_CS_AR, AR_TYPE_CODE | AR_TYPE_WRITE } } },
	{ "guest-ss-type", BASE_PM32, { { VMCS_GUEST_SS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-ss-type", BASE_PM32, { { VMCS_GUEST_SS_AR, AR_TYPE_WRITE } } },
	{ "guest-es-type", BASE_PM32, { { VMCS_GUEST_ES_AR, AR_TYPE_ACCESSED } } },
	{ "guest-ds-type", BASE_PM32, { { VMCS_GUEST_DS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-fs-type", BASE_PM32, { { VMCS_GUEST_FS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-gs-type", BASE_PM32, { { VMCS_GUEST_GS_AR, AR_TYPE_ACCESSED } } },
	{ "guest-ds-type", BASE_PM32, {
		{ VMCS_GUEST_DS_AR, AR_TYPE_CODE | AR_TYPE_WRITE } } },
	{ "guest-cs-not-system", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_S } } },
	{ "guest-ss-not-system", BASE_PM32, { { VMCS_GUEST_SS_AR, AR_S } } },
	{ "guest-es-not-system", BASE_PM32, { { VMCS_GUEST_ES_AR, AR_S } } },
	{ "guest-ds-not-system", BASE_PM32, { { VMCS_GUEST_DS_AR, AR_S } } },
	{ "guest-fs-not-system", BASE_PM32, { { VMCS_GUEST_FS_AR, AR_S } } },
	{ "guest-gs-not-system", BASE_PM32, { { VMCS_GUEST_GS_AR, AR_S } } },
	{ "guest-cs-dpl", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_DPL } } },
	{ "guest-cs-dpl", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_DPL | AR_TYPE_DOWN } } },
	{ "guest-cs-dpl", BASE_REAL, { { VMCS_GUEST_CS_AR, AR_TYPE_CODE | AR_DPL } } },
	{ "guest-ss-dpl-is-rpl", BASE_PM32, {
		{ VMCS_GUEST_CS_AR, AR_TYPE_DOWN }, { VMCS_GUEST_SS_AR, BIT(5) } } },
	{ "guest-ss-dpl-zero", BASE_REAL, {
		{ VMCS_GUEST_CS_AR, AR_TYPE_DOWN }, { VMCS_GUEST_SS_AR, BIT(5) } } },
	{ "guest-ss-dpl-zero", BASE_REAL, {
		{ VMCS_GUEST_CR0, CR0_PE }, { VMCS_GUEST_CS_AR, AR_TYPE_CODE },
		{ VMCS_GUEST_SS_AR, BIT(5) } } },
	{ "guest-es-dpl", BASE_PM32, { { VMCS_GUEST_ES_SELECTOR, 1 } } },
	{ "guest-ds-dpl", BASE_PM32, { { VMCS_GUEST_DS_SELECTOR, 1 } } },
	{ "guest-fs-dpl", BASE_PM32, { { VMCS_GUEST_FS_SELECTOR, 1 } } },
	{ "guest-gs-dpl", BASE_PM32, { { VMCS_GUEST_GS_SELECTOR, 1 } } },
	{ "guest-cs-present", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_P } } },
	{ "guest-ss-present", BASE_PM32, { { VMCS_GUEST_SS_AR, AR_P } } },
	{ "guest-es-present", BASE_PM32, { { VMCS_GUEST_ES_AR, AR_P } } },
	{ "guest-ds-present", BASE_PM32, { { VMCS_GUEST_DS_AR, AR_P } } },
	{ "guest-fs-present", BASE_PM32, { { VMCS_GUEST_FS_AR, AR_P } } },
	{ "guest-gs-present", BASE_PM32, { { VMCS_GUEST_GS_AR, AR_P } } },
	{ "guest-cs-reserved", BASE_PM32, { { VMCS_GUEST_CS_AR, BIT(8) } } },
	{ "guest-ss-reserved", BASE_PM32, { { VMCS_GUEST_SS_AR, BIT(11) } } },
	{ "guest-es-reserved", BASE_PM32, { { VMCS_GUEST_ES_AR, BIT(9) } } },
	{ "guest-ds-reserved", BASE_PM32, { { VMCS_GUEST_DS_AR, BIT(10) } } },
	{ "guest-fs-reserved", BASE_PM32, { { VMCS_GUEST_FS_AR, BIT(17) } } },
	{ "guest-gs-reserved", BASE_PM32, { { VMCS_GUEST_GS_AR, BIT(31) } } },
	{ "guest-cs-long-not-32", BASE_LONG, { { VMCS_GUEST_CS_AR, AR_DB } } },
	{ "guest-cs-granularity", BASE_PM32, { { VMCS_GUEST_CS_AR, AR_G } } },
	{ "guest-ss-granularity", BASE_PM32, { { VMCS_GUEST_SS_LIMIT, BIT(0) } } },
	{ "guest-es-granularity", BASE_PM32, { { VMCS_GUEST_ES_AR, AR_G } } },
	{ "guest-ds-granularity", BASE_PM32, { { VMCS_GUEST_DS_LIMIT, BIT(0) } } },
	{ "guest-fs-granularity", BASE_PM32, { { VMCS_GUEST_FS_AR, AR_G } } },
	{ "guest-gs-granularity", BASE_PM32, { { VMCS_GUEST_GS_LIMIT, BIT(0) } } },
	{ "guest-ldtr-type", BASE_LONG, { { VMCS_GUEST_LDTR_AR, BIT(0) } } },
	{ "guest-tr-type", BASE_PM32, { { VMCS_GUEST_TR_AR, BIT(1) } } },
	{ "guest-tr-type", BASE_LONG, { { VMCS_GUEST_TR_AR, AR_TYPE_CODE } } },
	{ "guest-tr-usable", BASE_LONG, { { VMCS_GUEST_TR_AR, AR_UNUSABLE } } },
	{ "guest-ldtr-system", BASE_LONG, { { VMCS_GUEST_LDTR_AR, AR_S } } },
	{ "guest-ldtr-present", BASE_LONG, { { VMCS_GUEST_LDTR_AR, AR_P } } },
	{ "guest-ldtr-reserved", BASE_LONG, { { VMCS_GUEST_LDTR_AR, BIT(8) } } },
	{ "guest-ldtr-granularity", BASE_LONG, { { VMCS_GUEST_LDTR_LIMIT, BIT(20) } } },
	{ "guest-tr-system", BASE_LONG, { { VMCS_GUEST_TR_AR, AR_S } } },
	{ "guest-tr-present", BASE_LONG, { { VMCS_GUEST_TR_AR, AR_P } } },
	{ "guest-tr-reserved", BASE_LONG, { { VMCS_GUEST_TR_AR, BIT(8) } } },
	{ "guest-tr-granularity", BASE_LONG, { { VMCS_GUEST_TR_LIMIT, BIT(20) } } },
	{ "activity-supported", BASE_LONG, { { VMCS_GUEST_ACTIVITY, 4 } } },
	{ "activity-supported", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ CAP(misc), VMX_MISC_ACTIVITY_HLT } } },
	{ "activity-supported", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_SHUTDOWN },
		{ CAP(misc), VMX_MISC_ACTIVITY_SHUTDOWN } } },
	{ "activity-supported", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_WAIT_SIPI },
		{ CAP(misc), VMX_MISC_ACTIVITY_WAIT_SIPI } } },
	{ "hlt-at-cpl-0", BASE_VM86, { { VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT } } },
	{ "shadow-needs-active", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS } } },
	{ "injection-suits-activity", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_UD) } } },
	{ "injection-suits-activity", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_SOFT_INT, 3) },
		{ VMCS_ENTRY_INSN_LEN, 2 } } },
	{ "injection-suits-activity", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_SHUTDOWN },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXT_INTR, 0x20) },
		{ VMCS_GUEST_RFLAGS, RFLAGS_IF } } },
	{ "injection-suits-activity", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_WAIT_SIPI },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_NMI, VEC_NMI) } } },
	{ "injection-suits-activity", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_SHUTDOWN },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_UD) } } },
	{ "injection-suits-activity", BASE_LONG, {
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_SHUTDOWN },
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXT_INTR, VEC_MC) },
		{ VMCS_GUEST_RFLAGS, RFLAGS_IF } } },
	{ "interruptibility-reserved", BASE_LONG, {
		{ VMCS_GUEST_INTERRUPTIBILITY, BIT(5) } } },
	{ "sti-or-mov-ss", BASE_LONG, {
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_STI | VMX_INTR_MOV_SS },
		{ VMCS_GUEST_RFLAGS, RFLAGS_IF } } },
	{ "sti-needs-if", BASE_LONG, { { VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_STI } } },
	{ "interrupt-unblocked", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXT_INTR, 0x20) },
		{ VMCS_GUEST_RFLAGS, RFLAGS_IF },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_STI } } },
	{ "interrupt-unblocked", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXT_INTR, 0x20) },
		{ VMCS_GUEST_RFLAGS, RFLAGS_IF },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS } } },
	{ "nmi-unblocked-mov-ss", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_NMI, VEC_NMI) },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS } } },
	{ "nmi-unblocked-nmi", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_NMI, VEC_NMI) },
		{ VMCS_CTL_PIN, VMX_PIN_VIRTUAL_NMI },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_NMI } } },
	{ "nmi-unblocked-sti", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_NMI, VEC_NMI) },
		{ VMCS_GUEST_RFLAGS, RFLAGS_IF },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_STI } } },
	{ "smi-not-blocked", BASE_LONG, {
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_SMI } } },
	{ "enclave-not-mov-ss", BASE_LONG, {
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_ENCLAVE | VMX_INTR_MOV_SS } } },
	{ "pending-debug-reserved", BASE_LONG, { { VMCS_GUEST_PENDING_DEBUG, BIT(4) } } },
	{ "pending-debug-reserved", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, BIT(10) } } },
	{ "pending-debug-reserved", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, BIT(13) } } },
	{ "pending-debug-reserved", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, BIT(15) } } },
	{ "pending-debug-reserved", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, BIT(17) } } },
	{ "pending-debug-reserved", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, BIT(63) } } },
	{ "pending-single-step", BASE_LONG, {
		{ VMCS_GUEST_RFLAGS, RFLAGS_TF },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS } } },
	{ "pending-single-step", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, VMX_PENDING_BS },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS } } },
	{ "pending-single-step", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, VMX_PENDING_BS },
		{ VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_HLT } } },
	{ "pending-single-step", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, VMX_PENDING_BS },
		{ VMCS_GUEST_RFLAGS, RFLAGS_TF },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS },
		{ VMCS_GUEST_DEBUGCTL, BIT(1) } } },
	{ "pending-rtm", BASE_LONG, { { VMCS_GUEST_PENDING_DEBUG, VMX_PENDING_RTM } } },
	{ "pending-rtm", BASE_LONG, {
		{ VMCS_GUEST_PENDING_DEBUG, VMX_PENDING_RTM | VMX_PENDING_BREAKPOINT },
		{ VMCS_GUEST_INTERRUPTIBILITY, VMX_INTR_MOV_SS } } },
	{ "link-pointer", BASE_LONG, { { VMCS_LINK_POINTER, BIT(0) } } },
	{ NULL, BASE_LONG, { { 0, 0 } } },
};

#endif
