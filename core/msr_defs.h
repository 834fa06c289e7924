/*
 * MSR numbers that only the policy names: refused, constant or without effect.
 * SDM 4 "Architectural MSRs" 2.1; APM vol. 2 "MSR Cross-Reference" appendix A.
 */
#ifndef CORE_MSR_DEFS_H
#define CORE_MSR_DEFS_H

enum msr_number_refused {
	MSR_TSC_ADJUST		= 0x3b,
	MSR_SPEC_CTRL		= 0x48,
	MSR_PRED_CMD		= 0x49,
	MSR_BIOS_UPDT_TRIG	= 0x79,
	MSR_ARCH_CAPABILITIES	= 0x10a,
	MSR_MCG_CAP		= 0x179,
	MSR_MCG_STATUS		= 0x17a,
	MSR_MTRR_PHYSBASE0	= 0x200,
	MSR_MTRR_FIX64K		= 0x250,
	MSR_MTRR_FIX16K		= 0x258,
	MSR_MTRR_FIX4K		= 0x268,
	MSR_MTRR_DEF_TYPE	= 0x2ff,
	MSR_VMX_BASIC		= 0x480,	/* the first of 18: VMX capabilities */
	MSR_SYSCFG		= 0xc0010010,
	MSR_HWCR		= 0xc0010015,
	MSR_NB_CFG		= 0xc001001f,
	MSR_INT_PENDING		= 0xc0010055,
	MSR_VM_CR		= 0xc0010114,
	MSR_VM_HSAVE_PA		= 0xc0010117,
	MSR_OSVW_LENGTH		= 0xc0010140,
	MSR_OSVW_STATUS		= 0xc0010141,
	MSR_DE_CFG		= 0xc0011029,
};

/* IA32_APIC_BASE after reset, on the only CPU. SDM 3A "Local APIC Status and Location" 10.4.4 */
#define APIC_BASE_START		UINT64_C(0xfee00000)
#define APIC_BASE_BSP		BIT(8)

/* SDM 3A "Memory Type Range Registers (MTRRs)" 11.11 */
#define MTRR_FIX16K_COUNT	2u
#define MTRR_FIX4K_COUNT	8u
#define MTRR_CAP_VARIABLE	BITS(7, 0)
#define MTRR_CAP_FIXED		BIT(8)
#define MTRR_CAP_WC		BIT(10)
#define MTRR_TYPE		BITS(7, 0)
#define MTRR_DEF_TYPE_FIXED	BIT(10)
#define MTRR_DEF_TYPE_ENABLE	BIT(11)
#define MTRR_MASK_VALID		BIT(11)

/* IA32_MISC_ENABLE. SDM 4 "IA-32 Architectural MSRs" table 2-2 */
#define MISC_ENABLE_FAST_STRINGS	BIT(0)
#define MISC_ENABLE_NO_BTS		BIT(11)	/* no branch trace store */
#define MISC_ENABLE_NO_PEBS		BIT(12)	/* no event-based sampling */

/* HWCR. APM vol. 2 "Hardware Configuration Register (HWCR)" 3.2.10 */
#define HWCR_TSC_FREQ_SEL	BIT(24)	/* the TSC counts at one frequency */

/* Memory types of a PAT entry. SDM 3A "IA32_PAT MSR" 11.12.2 table 11-10 */
enum memory_type {
	MEMORY_UC = 0, MEMORY_WC = 1, MEMORY_WT = 4, MEMORY_WP = 5,
	MEMORY_WB = 6, MEMORY_UC_MINUS = 7,
};

#endif
