/*
 * The bits of the VM-execution, VM-exit and VM-entry control fields; which of
 * them are wanted is the backend's affair, not decided here.
 * SDM 3C "VM-Execution Control Fields" 24.6, 24.7, 24.8.
 */
#ifndef VMX_VMCS_CTL_H
#define VMX_VMCS_CTL_H

#include "mmu/bits.h"

/* VMCS_CTL_PIN, table 24-5 */
#define VMX_PIN_EXT_INTR		BIT(0)
#define VMX_PIN_NMI			BIT(3)
#define VMX_PIN_VIRTUAL_NMI		BIT(5)
#define VMX_PIN_PREEMPTION_TIMER	BIT(6)
#define VMX_PIN_POSTED_INTR		BIT(7)

/* VMCS_CTL_PROC, table 24-6 */
#define VMX_PROC_INTR_WINDOW		BIT(2)
#define VMX_PROC_TSC_OFFSET		BIT(3)
#define VMX_PROC_HLT			BIT(7)
#define VMX_PROC_INVLPG			BIT(9)
#define VMX_PROC_MWAIT			BIT(10)
#define VMX_PROC_RDPMC			BIT(11)
#define VMX_PROC_RDTSC			BIT(12)
#define VMX_PROC_CR3_LOAD		BIT(15)
#define VMX_PROC_CR3_STORE		BIT(16)
#define VMX_PROC_TERTIARY		BIT(17)
#define VMX_PROC_CR8_LOAD		BIT(19)
#define VMX_PROC_CR8_STORE		BIT(20)
#define VMX_PROC_TPR_SHADOW		BIT(21)
#define VMX_PROC_NMI_WINDOW		BIT(22)
#define VMX_PROC_MOV_DR			BIT(23)
#define VMX_PROC_UNCOND_IO		BIT(24)
#define VMX_PROC_IO_BITMAPS		BIT(25)
#define VMX_PROC_MONITOR_TRAP		BIT(27)
#define VMX_PROC_MSR_BITMAPS		BIT(28)
#define VMX_PROC_MONITOR		BIT(29)
#define VMX_PROC_PAUSE			BIT(30)
#define VMX_PROC_SECONDARY		BIT(31)

/* VMCS_CTL_PROC2, table 24-7 */
#define VMX_PROC2_APIC_ACCESS		BIT(0)
#define VMX_PROC2_EPT			BIT(1)
#define VMX_PROC2_DESC_TABLE		BIT(2)
#define VMX_PROC2_RDTSCP		BIT(3)
#define VMX_PROC2_X2APIC		BIT(4)
#define VMX_PROC2_VPID			BIT(5)
#define VMX_PROC2_WBINVD		BIT(6)
#define VMX_PROC2_UNRESTRICTED		BIT(7)
#define VMX_PROC2_APIC_REGISTERS	BIT(8)
#define VMX_PROC2_INTR_DELIVERY		BIT(9)
#define VMX_PROC2_PAUSE_LOOP		BIT(10)
#define VMX_PROC2_RDRAND		BIT(11)
#define VMX_PROC2_INVPCID		BIT(12)
#define VMX_PROC2_VMFUNC		BIT(13)
#define VMX_PROC2_VMCS_SHADOWING	BIT(14)
#define VMX_PROC2_ENCLS			BIT(15)
#define VMX_PROC2_RDSEED		BIT(16)
#define VMX_PROC2_PML			BIT(17)
#define VMX_PROC2_EPT_VE		BIT(18)
#define VMX_PROC2_PT_CONCEAL		BIT(19)
#define VMX_PROC2_XSAVES		BIT(20)
#define VMX_PROC2_PASID_TRANSLATION	BIT(21)
#define VMX_PROC2_MBEC			BIT(22)
#define VMX_PROC2_SPP			BIT(23)
#define VMX_PROC2_PT_GPA		BIT(24)
#define VMX_PROC2_TSC_SCALING		BIT(25)
#define VMX_PROC2_USER_WAIT_PAUSE	BIT(26)
#define VMX_PROC2_PCONFIG		BIT(27)
#define VMX_PROC2_ENCLV			BIT(28)
#define VMX_PROC2_BUS_LOCK		BIT(30)
#define VMX_PROC2_INSN_TIMEOUT		BIT(31)

/* VMCS_CTL_EXIT, table 24-13 */
#define VMX_EXIT_SAVE_DEBUG		BIT(2)
#define VMX_EXIT_HOST_64		BIT(9)	/* host address-space size */
#define VMX_EXIT_LOAD_PERF_GLOBAL	BIT(12)
#define VMX_EXIT_ACK_INTR		BIT(15)
#define VMX_EXIT_SAVE_PAT		BIT(18)
#define VMX_EXIT_LOAD_PAT		BIT(19)
#define VMX_EXIT_SAVE_EFER		BIT(20)
#define VMX_EXIT_LOAD_EFER		BIT(21)
#define VMX_EXIT_SAVE_TIMER		BIT(22)
#define VMX_EXIT_CLEAR_BNDCFGS		BIT(23)
#define VMX_EXIT_PT_CONCEAL		BIT(24)
#define VMX_EXIT_CLEAR_RTIT_CTL		BIT(25)
#define VMX_EXIT_CLEAR_LBR_CTL		BIT(26)
#define VMX_EXIT_CLEAR_UINV		BIT(27)
#define VMX_EXIT_LOAD_CET		BIT(28)
#define VMX_EXIT_LOAD_PKRS		BIT(29)
#define VMX_EXIT_SAVE_PERF_GLOBAL	BIT(30)
#define VMX_EXIT_SECONDARY		BIT(31)

/* VMCS_CTL_ENTRY, table 24-15 */
#define VMX_ENTRY_LOAD_DEBUG		BIT(2)
#define VMX_ENTRY_IA32E			BIT(9)	/* IA-32e mode guest */
#define VMX_ENTRY_SMM			BIT(10)
#define VMX_ENTRY_DUAL_MONITOR_OFF	BIT(11)
#define VMX_ENTRY_LOAD_PERF_GLOBAL	BIT(13)
#define VMX_ENTRY_LOAD_PAT		BIT(14)
#define VMX_ENTRY_LOAD_EFER		BIT(15)
#define VMX_ENTRY_LOAD_BNDCFGS		BIT(16)
#define VMX_ENTRY_PT_CONCEAL		BIT(17)
#define VMX_ENTRY_LOAD_RTIT_CTL		BIT(18)
#define VMX_ENTRY_LOAD_UINV		BIT(19)
#define VMX_ENTRY_LOAD_CET		BIT(20)
#define VMX_ENTRY_LOAD_LBR_CTL		BIT(21)
#define VMX_ENTRY_LOAD_PKRS		BIT(22)

/* VMCS_EPTP, table 24-9 */
#define VMX_EPTP_TYPE			BITS(2, 0)
#define VMX_EPTP_UC			0	/* values of VMX_EPTP_TYPE */
#define VMX_EPTP_WB			6
#define VMX_EPTP_WALK			BITS(5, 3)	/* levels less one */
#define VMX_EPTP_WALK_4			3
#define VMX_EPTP_WALK_5			4
#define VMX_EPTP_AD			BIT(6)	/* accessed and dirty flags */
#define VMX_EPTP_SSS			BIT(7)	/* supervisor shadow-stack control */
#define VMX_EPTP_RESERVED		BITS(11, 8)

/* VMCS_CR3_TARGET_COUNT may be larger only if MSR_VMX_MISC says so. */
#define VMX_CR3_TARGETS			4

/* MSR bitmap: four 1 KiB parts, one bit per MSR. 24.6.9 */
#define VMX_MSRBM_READ_LOW		0x000u	/* MSRs 0 to 1fffh */
#define VMX_MSRBM_READ_HIGH		0x400u	/* MSRs c0000000h to c0001fffh */
#define VMX_MSRBM_WRITE_LOW		0x800u
#define VMX_MSRBM_WRITE_HIGH		0xc00u
#define VMX_MSRBM_MSRS			0x2000u	/* per part */
#define VMX_MSRBM_HIGH_FIRST		0xc0000000u

/* I/O bitmaps: A has ports 0 to 7fffh, B the rest. 24.6.4 */
#define VMX_IOBM_PORTS			0x8000u

/* An entry of a VM-entry or VM-exit MSR area, table 24-14 */
struct vmx_msr_entry {
	uint32_t	index;
	uint32_t	reserved;
	uint64_t	value;
};
_Static_assert(sizeof(struct vmx_msr_entry) == 16, "MSR area entry");

#endif
