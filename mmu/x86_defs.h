/*
 * Architectural register bits, vectors and MSR numbers that both vendors share.
 * SDM 3A "Control Registers" 2.5, "Extended Feature Enable Register" 2.2.1;
 * APM vol. 2 "System-Control Registers" 3.1.
 */
#ifndef MMU_X86_DEFS_H
#define MMU_X86_DEFS_H

#include "mmu/bits.h"

#define CR0_PE		BIT(0)
#define CR0_MP		BIT(1)
#define CR0_EM		BIT(2)
#define CR0_TS		BIT(3)
#define CR0_ET		BIT(4)
#define CR0_NE		BIT(5)
#define CR0_WP		BIT(16)
#define CR0_AM		BIT(18)
#define CR0_NW		BIT(29)
#define CR0_CD		BIT(30)
#define CR0_PG		BIT(31)
#define CR0_DEFINED	(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | \
			 CR0_WP | CR0_AM | CR0_NW | CR0_CD | CR0_PG)

#define CR3_PWT		BIT(3)
#define CR3_PCD		BIT(4)
#define CR3_PCID	BITS(11, 0)
#define CR3_NOFLUSH	BIT(63)

#define CR8_TPR		BITS(3, 0)

#define CR4_VME		BIT(0)
#define CR4_PVI		BIT(1)
#define CR4_TSD		BIT(2)
#define CR4_DE		BIT(3)
#define CR4_PSE		BIT(4)
#define CR4_PAE		BIT(5)
#define CR4_MCE		BIT(6)
#define CR4_PGE		BIT(7)
#define CR4_PCE		BIT(8)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXMMEXCPT	BIT(10)
#define CR4_UMIP	BIT(11)
#define CR4_LA57	BIT(12)
#define CR4_VMXE	BIT(13)
#define CR4_SMXE	BIT(14)
#define CR4_FSGSBASE	BIT(16)
#define CR4_PCIDE	BIT(17)
#define CR4_OSXSAVE	BIT(18)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)
#define CR4_PKE		BIT(22)
#define CR4_CET		BIT(23)
#define CR4_PKS		BIT(24)

#define EFER_SCE	BIT(0)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)
#define EFER_SVME	BIT(12)
#define EFER_LMSLE	BIT(13)
#define EFER_FFXSR	BIT(14)

#define RFLAGS_CF	BIT(0)
#define RFLAGS_ONE	BIT(1)	/* always reads as one */
#define RFLAGS_PF	BIT(2)
#define RFLAGS_AF	BIT(4)
#define RFLAGS_ZF	BIT(6)
#define RFLAGS_SF	BIT(7)
#define RFLAGS_TF	BIT(8)
#define RFLAGS_IF	BIT(9)
#define RFLAGS_DF	BIT(10)
#define RFLAGS_OF	BIT(11)
#define RFLAGS_IOPL	BITS(13, 12)
#define RFLAGS_NT	BIT(14)
#define RFLAGS_RF	BIT(16)
#define RFLAGS_VM	BIT(17)
#define RFLAGS_AC	BIT(18)
#define RFLAGS_VIF	BIT(19)
#define RFLAGS_VIP	BIT(20)
#define RFLAGS_ID	BIT(21)
#define RFLAGS_ARITH	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF | \
			 RFLAGS_SF | RFLAGS_OF)

#define DR6_INIT	UINT64_C(0xffff0ff0)
#define DR6_B		BITS(3, 0)
#define DR6_BS		BIT(14)
#define DR6_BT		BIT(15)
#define DR6_BD		BIT(13)
#define DR6_REASONS	(DR6_B | DR6_BD | DR6_BS | DR6_BT)
#define DR7_INIT	UINT64_C(0x400)
#define DR7_EXACT	BITS(9, 8)	/* LE, GE */
#define DR7_GD		BIT(13)
#define DR7_ENABLES	BITS(7, 0)	/* L0, G0 to L3, G3 */
#define DR7_ENABLE(n)	BITS(2 * (n) + 1, 2 * (n))
#define DR7_LOCALS	(BIT(0) | BIT(2) | BIT(4) | BIT(6) | BIT(8))	/* L0 to L3, LE */
#define DR_COUNT	4u	/* those with addresses */

/* SDM 3A "Exception and Interrupt Vectors" 6.3.1 table 6-1 */
enum vector {
	VEC_DE = 0, VEC_DB = 1, VEC_NMI = 2, VEC_BP = 3, VEC_OF = 4,
	VEC_BR = 5, VEC_UD = 6, VEC_NM = 7, VEC_DF = 8, VEC_CSO = 9,
	VEC_TS = 10, VEC_NP = 11, VEC_SS = 12, VEC_GP = 13, VEC_PF = 14,
	VEC_MF = 16, VEC_AC = 17, VEC_MC = 18, VEC_XM = 19, VEC_VE = 20,
	VEC_CP = 21,
};
#define VEC_EXCEPTIONS	32	/* vectors below it are the architecture's */

/* SDM 3A "Page-Fault Exceptions" 4.7 */
#define PFEC_P		BIT(0)
#define PFEC_W		BIT(1)
#define PFEC_U		BIT(2)
#define PFEC_RSVD	BIT(3)
#define PFEC_I		BIT(4)
#define PFEC_PK		BIT(5)

/* MSR numbers: SDM 4 "Architectural MSRs" 2.1; APM vol. 2 appendix A. */
enum msr_number {
	MSR_TSC			= 0x10,
	MSR_PLATFORM_ID		= 0x17,
	MSR_APIC_BASE		= 0x1b,
	MSR_FEATURE_CONTROL	= 0x3a,
	MSR_BIOS_SIGN_ID	= 0x8b,
	MSR_MTRR_CAP		= 0xfe,
	MSR_SYSENTER_CS		= 0x174,
	MSR_SYSENTER_ESP	= 0x175,
	MSR_SYSENTER_EIP	= 0x176,
	MSR_MISC_ENABLE		= 0x1a0,
	MSR_DEBUGCTL		= 0x1d9,
	MSR_PAT			= 0x277,
	MSR_EFER		= 0xc0000080,
	MSR_STAR		= 0xc0000081,
	MSR_LSTAR		= 0xc0000082,
	MSR_CSTAR		= 0xc0000083,
	MSR_SFMASK		= 0xc0000084,
	MSR_FS_BASE		= 0xc0000100,
	MSR_GS_BASE		= 0xc0000101,
	MSR_KERNEL_GS_BASE	= 0xc0000102,
	MSR_TSC_AUX		= 0xc0000103,
};

#define PAT_INIT	UINT64_C(0x0007040600070406)

#endif
