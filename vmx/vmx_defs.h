/*
 * VMX capability MSRs and their fields; knows no VMCS field (vmx/vmcs.h).
 * SDM 3D appendix A "VMX Capability Reporting Facility".
 */
#ifndef VMX_VMX_DEFS_H
#define VMX_VMX_DEFS_H

#include "mmu/bits.h"

enum vmx_msr {
	MSR_VMX_BASIC		= 0x480,
	MSR_VMX_PIN		= 0x481,
	MSR_VMX_PROC		= 0x482,
	MSR_VMX_EXIT		= 0x483,
	MSR_VMX_ENTRY		= 0x484,
	MSR_VMX_MISC		= 0x485,
	MSR_VMX_CR0_FIXED0	= 0x486,
	MSR_VMX_CR0_FIXED1	= 0x487,
	MSR_VMX_CR4_FIXED0	= 0x488,
	MSR_VMX_CR4_FIXED1	= 0x489,
	MSR_VMX_VMCS_ENUM	= 0x48a,
	MSR_VMX_PROC2		= 0x48b,
	MSR_VMX_EPT_VPID_CAP	= 0x48c,
	MSR_VMX_TRUE_PIN	= 0x48d,
	MSR_VMX_TRUE_PROC	= 0x48e,
	MSR_VMX_TRUE_EXIT	= 0x48f,
	MSR_VMX_TRUE_ENTRY	= 0x490,
	MSR_VMX_VMFUNC		= 0x491,
	MSR_VMX_PROC3		= 0x492,
	MSR_VMX_EXIT2		= 0x493,
};

/* CPUID 1 ECX */
#define CPUID_INTEL_VMX			BIT(5)

/* MSR_FEATURE_CONTROL. SDM 3C "Enabling and Entering VMX Operation" 23.7 */
#define FEATURE_CONTROL_LOCK		BIT(0)
#define FEATURE_CONTROL_VMX_IN_SMX	BIT(1)
#define FEATURE_CONTROL_VMX		BIT(2)	/* outside SMX operation */

/* MSR_VMX_BASIC, A.1 */
#define VMX_BASIC_REVISION		BITS(30, 0)
#define VMX_BASIC_SIZE			BITS(44, 32)
#define VMX_BASIC_ADDRESS_32		BIT(48)	/* structures lie below 4 GiB */
#define VMX_BASIC_DUAL_MONITOR		BIT(49)
#define VMX_BASIC_MEMORY_TYPE		BITS(53, 50)
#define VMX_BASIC_INS_OUTS_INFO		BIT(54)
#define VMX_BASIC_TRUE_CONTROLS		BIT(55)
#define VMX_BASIC_ANY_ERROR_CODE	BIT(56)	/* exceptions with or without one */

/* Control capability MSRs (pin, proc, proc2, exit, entry), A.3 to A.5 */
#define VMX_CTRL_ALLOWED0		BITS(31, 0)	/* set: must be one */
#define VMX_CTRL_ALLOWED1		BITS(63, 32)	/* clear: must be zero */

/* MSR_VMX_MISC, A.6 */
#define VMX_MISC_TIMER_RATE		BITS(4, 0)
#define VMX_MISC_SAVE_LMA		BIT(5)	/* exits store EFER.LMA in IA-32e guest */
#define VMX_MISC_ACTIVITY_HLT		BIT(6)
#define VMX_MISC_ACTIVITY_SHUTDOWN	BIT(7)
#define VMX_MISC_ACTIVITY_WAIT_SIPI	BIT(8)
#define VMX_MISC_PT_IN_VMX		BIT(14)
#define VMX_MISC_RDMSR_SMBASE		BIT(15)
#define VMX_MISC_CR3_TARGETS		BITS(24, 16)
#define VMX_MISC_MSR_LIST_MAX		BITS(27, 25)	/* 512 * (N + 1) */
#define VMX_MISC_SMM_MONITOR_CTL	BIT(28)
#define VMX_MISC_VMWRITE_ANY		BIT(29)
#define VMX_MISC_INJECT_LEN0		BIT(30)
#define VMX_MISC_MSEG_REVISION		BITS(63, 32)

/* MSR_VMX_EPT_VPID_CAP, A.10 */
#define VMX_EPT_EXEC_ONLY		BIT(0)
#define VMX_EPT_WALK_4			BIT(6)
#define VMX_EPT_WALK_5			BIT(7)
#define VMX_EPT_TYPE_UC			BIT(8)
#define VMX_EPT_TYPE_WB			BIT(14)
#define VMX_EPT_2M			BIT(16)
#define VMX_EPT_1G			BIT(17)
#define VMX_EPT_INVEPT			BIT(20)
#define VMX_EPT_AD			BIT(21)
#define VMX_EPT_ADVANCED_INFO		BIT(22)
#define VMX_EPT_SSS			BIT(23)
#define VMX_EPT_INVEPT_SINGLE		BIT(25)
#define VMX_EPT_INVEPT_ALL		BIT(26)
#define VMX_VPID_INVVPID		BIT(32)
#define VMX_VPID_INVVPID_ADDRESS	BIT(40)
#define VMX_VPID_INVVPID_SINGLE		BIT(41)
#define VMX_VPID_INVVPID_ALL		BIT(42)
#define VMX_VPID_INVVPID_NONGLOBAL	BIT(43)

/* INVEPT and INVVPID types. SDM 3C "VMX Instructions" 30.3 */
enum invept_type { INVEPT_SINGLE = 1, INVEPT_ALL = 2 };
enum invvpid_type {
	INVVPID_ADDRESS = 0, INVVPID_SINGLE = 1, INVVPID_ALL = 2,
	INVVPID_NONGLOBAL = 3
};

#endif
