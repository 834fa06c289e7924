/*
 * Mutations of controls and host state: each row names the one rule that a valid
 * guest breaks once the bits of the row are flipped.
 */
#ifndef TESTS_VMX_RULES_MUTATE_CONTROLS_H
#define TESTS_VMX_RULES_MUTATE_CONTROLS_H

#include "vmx_rules_mutation.h"

static const struct mutation mutations_controls[] = {
	{ "pin-allowed", BASE_LONG, { { VMCS_CTL_PIN, BIT(1) } } },
	{ "pin-allowed", BASE_LONG, {
		{ CAP(pin), FIELD_PUT(VMX_CTRL_ALLOWED1, VMX_PIN_EXT_INTR) } } },
	{ "proc-allowed", BASE_LONG, { { VMCS_CTL_PROC, BIT(1) } } },
	{ "proc-allowed", BASE_SHADOW, { { VMCS_CTL_PROC, VMX_PROC_SECONDARY } } },
	{ "proc-allowed", BASE_SHADOW, { { VMCS_CTL_PROC, VMX_PROC_CR3_LOAD } } },
	{ "entry-allowed", BASE_SHADOW, { { VMCS_CTL_ENTRY, VMX_ENTRY_LOAD_EFER } } },
	{ "entry-allowed", BASE_SHADOW, { { VMCS_CTL_ENTRY, VMX_ENTRY_LOAD_PAT } } },
	{ "exit-allowed", BASE_SHADOW, { { VMCS_CTL_EXIT, VMX_EXIT_SAVE_EFER } } },
	{ "exit-allowed", BASE_SHADOW, { { VMCS_CTL_EXIT, VMX_EXIT_SAVE_PAT } } },
	{ "proc2-allowed", BASE_LONG, {
		{ CAP(proc2), FIELD_PUT(VMX_CTRL_ALLOWED1, VMX_PROC2_VPID) } } },
	{ "proc3-allowed", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TERTIARY }, { VMCS_CTL_PROC3, BIT(4) } } },
	{ "cr3-target-count", BASE_LONG, { { VMCS_CR3_TARGET_COUNT, 5 } } },
	{ "io-bitmap-a-address", BASE_LONG, { { VMCS_IO_BITMAP_A, BIT(11) } } },
	{ "io-bitmap-b-address", BASE_LONG, { { VMCS_IO_BITMAP_B, BIT(40) } } },
	{ "msr-bitmap-address", BASE_LONG, { { VMCS_MSR_BITMAP, BIT(0) } } },
	{ "msr-bitmap-address", BASE_LONG, {
		{ VMCS_MSR_BITMAP, BIT(32) }, { CAP(basic), VMX_BASIC_ADDRESS_32 } } },
	{ "virtual-apic-address", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_VIRTUAL_APIC_ADDR, BIT(3) } } },
	{ "tpr-threshold", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW }, { VMCS_TPR_THRESHOLD, BIT(4) } } },
	{ "apic-needs-tpr-shadow", BASE_LONG, { { VMCS_CTL_PROC2, VMX_PROC2_X2APIC } } },
	{ "apic-needs-tpr-shadow", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_APIC_REGISTERS } } },
	{ "apic-needs-tpr-shadow", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_INTR_DELIVERY } } },
	{ "virtual-nmi-needs-exiting", BASE_LONG, {
		{ VMCS_CTL_PIN, VMX_PIN_NMI | VMX_PIN_VIRTUAL_NMI } } },
	{ "nmi-window-needs-virtual", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_NMI_WINDOW } } },
	{ "apic-access-address", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_APIC_ACCESS },
		{ VMCS_APIC_ACCESS_ADDR, BIT(4) } } },
	{ "x2apic-excludes-access", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_CTL_PROC2, VMX_PROC2_X2APIC | VMX_PROC2_APIC_ACCESS } } },
	{ "delivery-needs-ext-intr", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_CTL_PROC2, VMX_PROC2_INTR_DELIVERY },
		{ VMCS_CTL_PIN, VMX_PIN_EXT_INTR } } },
	{ "posted-controls", BASE_LONG, {
		{ VMCS_CTL_PIN, VMX_PIN_POSTED_INTR },
		{ VMCS_CTL_EXIT, VMX_EXIT_ACK_INTR } } },
	{ "posted-controls", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_CTL_PROC2, VMX_PROC2_INTR_DELIVERY },
		{ VMCS_CTL_PIN, VMX_PIN_POSTED_INTR } } },
	{ "posted-vector", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_CTL_PROC2, VMX_PROC2_INTR_DELIVERY },
		{ VMCS_CTL_PIN, VMX_PIN_POSTED_INTR },
		{ VMCS_CTL_EXIT, VMX_EXIT_ACK_INTR }, { VMCS_POSTED_INTR_VECTOR, 256 } } },
	{ "posted-descriptor", BASE_LONG, {
		{ VMCS_CTL_PROC, VMX_PROC_TPR_SHADOW },
		{ VMCS_CTL_PROC2, VMX_PROC2_INTR_DELIVERY },
		{ VMCS_CTL_PIN, VMX_PIN_POSTED_INTR },
		{ VMCS_CTL_EXIT, VMX_EXIT_ACK_INTR },
		{ VMCS_POSTED_INTR_DESC_ADDR, BIT(5) } } },
	{ "vpid-not-zero", BASE_LONG, { { VMCS_VPID, 1 } } },
	{ "eptp-memory-type", BASE_LONG, { { VMCS_EPTP, BIT(1) } } },
	{ "eptp-memory-type", BASE_LONG, { { CAP(ept_vpid), VMX_EPT_TYPE_WB } } },
	{ "eptp-walk-length", BASE_LONG, { { VMCS_EPTP, BIT(3) } } },
	{ "eptp-walk-length", BASE_LONG, { { VMCS_EPTP, VMX_EPTP_WALK } } },
	{ "eptp-walk-length", BASE_LONG, { { CAP(ept_vpid), VMX_EPT_WALK_4 } } },
	{ "eptp-accessed-dirty", BASE_LONG, { { VMCS_EPTP, VMX_EPTP_AD } } },
	{ "eptp-reserved", BASE_LONG, { { VMCS_EPTP, BIT(8) } } },
	{ "eptp-reserved", BASE_LONG, { { VMCS_EPTP, VMX_EPTP_SSS } } },
	{ "eptp-reserved", BASE_LONG, { { VMCS_EPTP, BIT(40) } } },
	{ "unrestricted-needs-ept", BASE_REAL, { { VMCS_CTL_PROC2, VMX_PROC2_EPT } } },
	{ "pml-needs-ept", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_EPT | VMX_PROC2_PML } } },
	{ "mode-execute-needs-ept", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_EPT | VMX_PROC2_MBEC } } },
	{ "pml-address", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_PML }, { VMCS_PML_ADDR, BIT(9) } } },
	{ "vmread-bitmap-address", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_VMCS_SHADOWING },
		{ VMCS_VMREAD_BITMAP, BIT(1) } } },
	{ "vmwrite-bitmap-address", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_VMCS_SHADOWING },
		{ VMCS_VMWRITE_BITMAP, BIT(1) } } },
	{ "ve-information-address", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_EPT_VE }, { VMCS_VE_INFO_ADDR, BIT(2) } } },
	{ "tsc-multiplier", BASE_LONG, {
		{ VMCS_CTL_PROC2, VMX_PROC2_TSC_SCALING }, { VMCS_TSC_MULTIPLIER, 1 } } },
	{ "exit-allowed", BASE_LONG, { { VMCS_CTL_EXIT, BIT(0) } } },
	{ "save-timer-needs-timer", BASE_LONG, {
		{ VMCS_CTL_EXIT, VMX_EXIT_SAVE_TIMER } } },
	{ "exit-msr-store-area", BASE_LONG, {
		{ VMCS_EXIT_MSR_STORE_COUNT, 1 }, { VMCS_EXIT_MSR_STORE_ADDR, BIT(3) } } },
	{ "exit-msr-load-area", BASE_LONG, {
		{ VMCS_EXIT_MSR_LOAD_COUNT, 2 },
		{ VMCS_EXIT_MSR_LOAD_ADDR, BITS(39, 4) } } },
	{ "entry-allowed", BASE_LONG, {
		{ CAP(entry), FIELD_PUT(VMX_CTRL_ALLOWED1, VMX_ENTRY_IA32E) } } },
	{ "entry-not-for-smm", BASE_LONG, { { VMCS_CTL_ENTRY, VMX_ENTRY_SMM } } },
	{ "entry-not-for-smm", BASE_LONG, {
		{ VMCS_CTL_ENTRY, VMX_ENTRY_DUAL_MONITOR_OFF } } },
	{ "entry-msr-load-area", BASE_LONG, {
		{ VMCS_ENTRY_MSR_LOAD_COUNT, 1 },
		{ VMCS_ENTRY_MSR_LOAD_ADDR, BIT(40) } } },
	{ "inject-type", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_RESERVED_TYPE, 0) } } },
	{ "inject-type", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_OTHER, 0) },
		{ CAP(proc), FIELD_PUT(VMX_CTRL_ALLOWED1, VMX_PROC_MONITOR_TRAP) } } },
	{ "inject-vector", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_NMI, 3) } } },
	{ "inject-vector", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, 32) } } },
	{ "inject-vector", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_OTHER, 1) } } },
	{ "inject-error-code", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_GP) } } },
	{ "inject-error-code", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_UD) |
			VMX_EVENT_ERROR_VALID } } },
	{ "inject-error-code", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_SOFT_INT, VEC_GP) |
			VMX_EVENT_ERROR_VALID },
		{ VMCS_ENTRY_INSN_LEN, 2 } } },
	{ "inject-error-code", BASE_REAL, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_GP) |
			VMX_EVENT_ERROR_VALID } } },
	{ "inject-reserved", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_UD) | BIT(12) } } },
	{ "inject-error-reserved", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_EXCEPTION, VEC_PF) |
			VMX_EVENT_ERROR_VALID },
		{ VMCS_ENTRY_INTR_ERROR, BIT(16) } } },
	{ "inject-instruction-length", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_SOFT_INT, 0x80) } } },
	{ "inject-instruction-length", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_SOFT_EXC, VEC_BP) },
		{ VMCS_ENTRY_INSN_LEN, 16 } } },
	{ "inject-instruction-length", BASE_LONG, {
		{ VMCS_ENTRY_INTR_INFO, EVENT(VMX_EVENT_PRIV_SOFT, VEC_DB) } } },
	{ "host-cr0-fixed", BASE_LONG, { { VMCS_HOST_CR0, CR0_NE } } },
	{ "host-cr4-fixed", BASE_LONG, { { VMCS_HOST_CR4, CR4_VMXE } } },
	{ "host-cr4-fixed", BASE_LONG, { { VMCS_HOST_CR4, CR4_PKE } } },
	{ "host-cet-needs-wp", BASE_LONG, {
		{ VMCS_HOST_CR4, CR4_CET }, { VMCS_HOST_CR0, CR0_WP } } },
	{ "host-cr3-reserved", BASE_LONG, { { VMCS_HOST_CR3, BIT(40) } } },
	{ "host-sysenter-esp", BASE_LONG, { { VMCS_HOST_SYSENTER_ESP, BIT(47) } } },
	{ "host-sysenter-eip", BASE_LONG, { { VMCS_HOST_SYSENTER_EIP, BIT(47) } } },
	{ "host-pat-types", BASE_LONG, { { VMCS_HOST_PAT, BIT(3) } } },
	{ "host-efer-reserved", BASE_LONG, { { VMCS_HOST_EFER, BIT(9) } } },
	{ "host-efer-long-mode", BASE_LONG, { { VMCS_HOST_EFER, EFER_LME } } },
	{ "host-efer-long-mode", BASE_LONG, { { VMCS_HOST_EFER, EFER_LMA } } },
	{ "host-selector-rpl-ti", BASE_LONG, { { VMCS_HOST_ES_SELECTOR, BIT(0) } } },
	{ "host-selector-rpl-ti", BASE_LONG, { { VMCS_HOST_CS_SELECTOR, BIT(2) } } },
	{ "host-selector-rpl-ti", BASE_LONG, { { VMCS_HOST_SS_SELECTOR, BIT(0) } } },
	{ "host-selector-rpl-ti", BASE_LONG, { { VMCS_HOST_DS_SELECTOR, BIT(0) } } },
	{ "host-selector-rpl-ti", BASE_LONG, { { VMCS_HOST_FS_SELECTOR, BIT(2) } } },
	{ "host-selector-rpl-ti", BASE_LONG, { { VMCS_HOST_GS_SELECTOR, BIT(0) } } },
	{ "host-selector-rpl-ti", BASE_LONG, { { VMCS_HOST_TR_SELECTOR, BIT(2) } } },
	{ "host-cs-tr-not-null", BASE_LONG, { { VMCS_HOST_CS_SELECTOR, 0x08 } } },
	{ "host-cs-tr-not-null", BASE_LONG, { { VMCS_HOST_TR_SELECTOR, 0x18 } } },
	{ "host-ss-not-null", BASE_PM32, {
		{ VMCS_CTL_EXIT, VMX_EXIT_HOST_64 }, { CAP(long_mode), 1 },
		{ VMCS_HOST_EFER, EFER_LME | EFER_LMA },
		{ VMCS_HOST_RIP, BITS(63, 47) }, { VMCS_HOST_SS_SELECTOR, 0x10 } } },
	{ "host-fs-base", BASE_LONG, { { VMCS_HOST_FS_BASE, BIT(47) } } },
	{ "host-gs-base", BASE_LONG, { { VMCS_HOST_GS_BASE, BIT(47) } } },
	{ "host-gdtr-base", BASE_LONG, { { VMCS_HOST_GDTR_BASE, BIT(47) } } },
	{ "host-idtr-base", BASE_LONG, { { VMCS_HOST_IDTR_BASE, BIT(47) } } },
	{ "host-tr-base", BASE_LONG, { { VMCS_HOST_TR_BASE, BIT(47) } } },
	{ "host-size-matches-now", BASE_LONG, { { CAP(long_mode), 1 } } },
	{ "guest-64-needs-host-64", BASE_LONG, {
		{ VMCS_CTL_EXIT, VMX_EXIT_HOST_64 }, { CAP(long_mode), 1 },
		{ VMCS_HOST_EFER, EFER_LME | EFER_LMA },
		{ VMCS_HOST_RIP, BITS(63, 47) } } },
	{ "host-32-no-pcid", BASE_PM32, {
		{ VMCS_CTL_EXIT, VMX_EXIT_HOST_64 }, { CAP(long_mode), 1 },
		{ VMCS_HOST_EFER, EFER_LME | EFER_LMA },
		{ VMCS_HOST_RIP, BITS(63, 47) }, { VMCS_HOST_CR4, CR4_PCIDE } } },
	{ "host-64-needs-pae", BASE_LONG, { { VMCS_HOST_CR4, CR4_PAE } } },
	{ "host-rip", BASE_LONG, { { VMCS_HOST_RIP, BIT(63) } } },
	{ "host-rip", BASE_PM32, {
		{ VMCS_CTL_EXIT, VMX_EXIT_HOST_64 }, { CAP(long_mode), 1 },
		{ VMCS_HOST_EFER, EFER_LME | EFER_LMA } } },
	{ NULL, BASE_LONG, { { 0, 0 } } },
};

#endif
