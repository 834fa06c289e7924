/*
 * CPUID leaves and named feature bits, and the policy's tables over them.
 * SDM 2A "CPUID-CPU Identification" 3.2; APM vol. 3 "Obtaining Processor
 * Information Via the CPUID Instruction" appendix E.
 */
#ifndef CORE_CPUID_DEFS_H
#define CORE_CPUID_DEFS_H

#include "mmu/bits.h"

#define LEAF_FEATURES		1
#define LEAF_FEATURES7		7

/* Extended leaves, counted from CPUID_EXTENDED. */
#define EXT_FEATURES		1
#define EXT_BRAND_FIRST		2
#define EXT_BRAND_LAST		4
#define EXT_POWER		7
#define EXT_ADDRESSES		8

#define LEAF1_CLFLUSH		BITS(15, 8)	/* EBX */
#define LEAF1_CPUS		BITS(23, 16)
#define ADDRESSES_PHYS		BITS(7, 0)	/* EAX */
#define ADDRESSES_LINEAR	BITS(15, 8)

/* CPUID 1 ECX */
#define CPUID_SSE3		BIT(0)
#define CPUID_PCLMULQDQ		BIT(1)
#define CPUID_DTES64		BIT(2)
#define CPUID_MONITOR		BIT(3)
#define CPUID_DS_CPL		BIT(4)
#define CPUID_VMX		BIT(5)
#define CPUID_SMX		BIT(6)
#define CPUID_EIST		BIT(7)
#define CPUID_TM2		BIT(8)
#define CPUID_SSSE3		BIT(9)
#define CPUID_CNXT_ID		BIT(10)
#define CPUID_SDBG		BIT(11)
#define CPUID_FMA		BIT(12)
#define CPUID_CX16		BIT(13)
#define CPUID_XTPR		BIT(14)
#define CPUID_PDCM		BIT(15)
#define CPUID_PCID		BIT(17)
#define CPUID_DCA		BIT(18)
#define CPUID_SSE41		BIT(19)
#define CPUID_SSE42		BIT(20)
#define CPUID_X2APIC		BIT(21)
#define CPUID_MOVBE		BIT(22)
#define CPUID_POPCNT		BIT(23)
#define CPUID_TSC_DEADLINE	BIT(24)
#define CPUID_AES		BIT(25)
#define CPUID_XSAVE		BIT(26)
#define CPUID_OSXSAVE		BIT(27)
#define CPUID_AVX		BIT(28)
#define CPUID_F16C		BIT(29)
#define CPUID_RDRAND		BIT(30)
#define CPUID_HYPERVISOR	BIT(31)

/* CPUID 1 EDX */
#define CPUID_FPU		BIT(0)
#define CPUID_VME		BIT(1)
#define CPUID_DE		BIT(2)
#define CPUID_PSE		BIT(3)
#define CPUID_TSC		BIT(4)
#define CPUID_MSR		BIT(5)
#define CPUID_PAE		BIT(6)
#define CPUID_MCE		BIT(7)
#define CPUID_CX8		BIT(8)
#define CPUID_APIC		BIT(9)
#define CPUID_SEP		BIT(11)
#define CPUID_MTRR		BIT(12)
#define CPUID_PGE		BIT(13)
#define CPUID_MCA		BIT(14)
#define CPUID_CMOV		BIT(15)
#define CPUID_PAT		BIT(16)
#define CPUID_PSE36		BIT(17)
#define CPUID_PSN		BIT(18)
#define CPUID_CLFSH		BIT(19)
#define CPUID_DS		BIT(21)
#define CPUID_ACPI		BIT(22)
#define CPUID_MMX		BIT(23)
#define CPUID_FXSR		BIT(24)
#define CPUID_SSE		BIT(25)
#define CPUID_SSE2		BIT(26)
#define CPUID_SS		BIT(27)
#define CPUID_HTT		BIT(28)
#define CPUID_TM		BIT(29)
#define CPUID_PBE		BIT(31)

/* CPUID 7 EBX */
#define CPUID_FSGSBASE		BIT(0)
#define CPUID_TSC_ADJUST	BIT(1)
#define CPUID_SGX		BIT(2)
#define CPUID_BMI1		BIT(3)
#define CPUID_HLE		BIT(4)
#define CPUID_AVX2		BIT(5)
#define CPUID_FDP_ON_EXCEPTION	BIT(6)
#define CPUID_SMEP		BIT(7)
#define CPUID_BMI2		BIT(8)
#define CPUID_ERMS		BIT(9)
#define CPUID_INVPCID		BIT(10)
#define CPUID_RTM		BIT(11)
#define CPUID_PQM		BIT(12)
#define CPUID_FCS_FDS_GONE	BIT(13)
#define CPUID_MPX		BIT(14)
#define CPUID_PQE		BIT(15)
#define CPUID_AVX512F		BIT(16)
#define CPUID_AVX512DQ		BIT(17)
#define CPUID_RDSEED		BIT(18)
#define CPUID_ADX		BIT(19)
#define CPUID_SMAP		BIT(20)
#define CPUID_AVX512_IFMA	BIT(21)
#define CPUID_CLFLUSHOPT	BIT(23)
#define CPUID_CLWB		BIT(24)
#define CPUID_PT		BIT(25)
#define CPUID_AVX512CD		BIT(28)
#define CPUID_SHA		BIT(29)
#define CPUID_AVX512BW		BIT(30)
#define CPUID_AVX512VL		BIT(31)

/* CPUID 7 ECX */
#define CPUID_UMIP		BIT(2)
#define CPUID_PKU		BIT(3)
#define CPUID_OSPKE		BIT(4)
#define CPUID_WAITPKG		BIT(5)
#define CPUID_CET_SS		BIT(7)
#define CPUID_VAES		BIT(9)
#define CPUID_VPCLMULQDQ	BIT(10)
#define CPUID_LA57		BIT(16)
#define CPUID_RDPID		BIT(22)

/* CPUID 7 EDX */
#define CPUID_FSRM		BIT(4)
#define CPUID_CET_IBT		BIT(20)
#define CPUID_SPEC_CTRL		BIT(26)
#define CPUID_STIBP		BIT(27)
#define CPUID_L1D_FLUSH		BIT(28)
#define CPUID_ARCH_CAPABILITIES	BIT(29)
#define CPUID_CORE_CAPABILITIES	BIT(30)
#define CPUID_SSBD		BIT(31)

/* CPUID 80000001h ECX */
#define CPUID_LAHF		BIT(0)
#define CPUID_CMP_LEGACY	BIT(1)
#define CPUID_SVM		BIT(2)
#define CPUID_EXT_APIC		BIT(3)
#define CPUID_ALT_MOV_CR8	BIT(4)
#define CPUID_LZCNT		BIT(5)
#define CPUID_SSE4A		BIT(6)
#define CPUID_MISALIGN_SSE	BIT(7)
#define CPUID_PREFETCHW		BIT(8)
#define CPUID_OSVW		BIT(9)
#define CPUID_IBS		BIT(10)
#define CPUID_XOP		BIT(11)
#define CPUID_SKINIT		BIT(12)
#define CPUID_WDT		BIT(13)
#define CPUID_LWP		BIT(15)
#define CPUID_FMA4		BIT(16)
#define CPUID_TCE		BIT(17)
#define CPUID_NODE_ID		BIT(19)
#define CPUID_TBM		BIT(21)
#define CPUID_TOPOLOGY		BIT(22)
#define CPUID_PERF_CORE		BIT(23)
#define CPUID_PERF_NB		BIT(24)
#define CPUID_DATA_BP		BIT(26)
#define CPUID_PERF_TSC		BIT(27)
#define CPUID_PERF_L2		BIT(28)
#define CPUID_MONITORX		BIT(29)

/* CPUID 80000001h EDX */
#define CPUID_SYSCALL		BIT(11)
#define CPUID_NX		BIT(20)
#define CPUID_MMX_EXT		BIT(22)
#define CPUID_FFXSR		BIT(25)
#define CPUID_PAGE1G		BIT(26)
#define CPUID_RDTSCP		BIT(27)
#define CPUID_LM		BIT(29)
#define CPUID_3DNOW_EXT		BIT(30)
#define CPUID_3DNOW		BIT(31)

/* CPUID 80000007h EDX */
#define CPUID_TS		BIT(0)
#define CPUID_HW_PSTATE		BIT(7)
#define CPUID_INVARIANT_TSC	BIT(8)

/* One bit of one register: offered when the host has it, or refused for a reason. */
struct cpuid_bit {
	uint32_t	mask;
	const char	*name;
	const char	*why;		/* NULL: allowed */
};

enum cpuid_word_id {
	CPUID_BASIC_1_ECX,
	CPUID_BASIC_1_EDX,
	CPUID_BASIC_7_EBX,
	CPUID_BASIC_7_ECX,
	CPUID_BASIC_7_EDX,
	CPUID_EXT_1_ECX,
	CPUID_EXT_1_EDX,
	CPUID_EXT_7_EDX,
	CPUID_WORDS
};

struct cpuid_word {
	const char		*name;
	const struct cpuid_bit	*bit;
	unsigned		bits;
};

/* Each feature register's bits in order; a bit that is not listed is refused. */
extern const struct cpuid_word cpuid_words[CPUID_WORDS];

#endif
