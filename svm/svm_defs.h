/*
 * SVM's MSRs and CPUID bits: what must be asked and set before the first VMRUN.
 * Knows nothing of the VMCB (svm/vmcb.h) or of EFER.SVME (mmu/x86_defs.h).
 * APM vol. 2 "SVM Related MSRs" 15.30, APM vol. 3 "Function 8000_000Ah" E.4.9.
 */
#ifndef SVM_SVM_DEFS_H
#define SVM_SVM_DEFS_H

#include "mmu/bits.h"

enum svm_msr {
	MSR_SVM_TSC_RATIO	= 0xc0000104,
	MSR_VM_CR		= 0xc0010114,
	MSR_SVM_IGNNE		= 0xc0010115,
	MSR_SVM_SMM_CTL		= 0xc0010116,
	MSR_VM_HSAVE_PA		= 0xc0010117,
	MSR_SVM_KEY		= 0xc0010118,
};

/* MSR_VM_CR */
#define VM_CR_DPD		BIT(0)	/* debug port disable */
#define VM_CR_R_INIT		BIT(1)	/* INIT becomes #SX */
#define VM_CR_DIS_A20M		BIT(2)	/* A20 masking off */
#define VM_CR_LOCK		BIT(3)	/* LOCK and SVMDIS are read-only */
#define VM_CR_SVMDIS		BIT(4)	/* EFER.SVME must be zero */

/* CPUID 8000_0001h ECX */
#define CPUID_AMD_SVM		BIT(2)

/* CPUID 8000_000Ah EAX: revision; EBX: number of ASIDs; EDX: features. */
#define SVM_CPUID_LEAF		0x8000000au
#define SVM_REVISION		BITS(7, 0)
#define SVM_FEATURE_NP			BIT(0)	/* nested paging */
#define SVM_FEATURE_LBR_VIRT		BIT(1)
#define SVM_FEATURE_SVM_LOCK		BIT(2)
#define SVM_FEATURE_NRIPS		BIT(3)	/* next RIP saved on #VMEXIT */
#define SVM_FEATURE_TSC_RATE_MSR	BIT(4)
#define SVM_FEATURE_VMCB_CLEAN		BIT(5)
#define SVM_FEATURE_FLUSH_BY_ASID	BIT(6)
#define SVM_FEATURE_DECODE_ASSISTS	BIT(7)
#define SVM_FEATURE_PMC_VIRT		BIT(8)
#define SVM_FEATURE_PAUSE_FILTER	BIT(10)
#define SVM_FEATURE_PAUSE_THRESHOLD	BIT(12)
#define SVM_FEATURE_AVIC		BIT(13)
#define SVM_FEATURE_VLS			BIT(15)	/* virtual VMLOAD, VMSAVE */
#define SVM_FEATURE_VGIF		BIT(16)
#define SVM_FEATURE_GMET		BIT(17)
#define SVM_FEATURE_X2AVIC		BIT(18)
#define SVM_FEATURE_SSS_CHECK		BIT(19)
#define SVM_FEATURE_SPEC_CTRL		BIT(20)
#define SVM_FEATURE_ROGPT		BIT(21)
#define SVM_FEATURE_HOST_MCE_OVERRIDE	BIT(23)
#define SVM_FEATURE_TLBI_CTL		BIT(24)
#define SVM_FEATURE_VNMI		BIT(25)
#define SVM_FEATURE_IBS_VIRT		BIT(26)
#define SVM_FEATURE_EXT_LVT_ACCESS	BIT(27)
#define SVM_FEATURE_NESTED_VMCB_CHECK	BIT(28)
#define SVM_FEATURE_BUS_LOCK_THRESHOLD	BIT(29)
#define SVM_FEATURE_IDLE_HLT		BIT(30)

/*
 * MSR permission map: two bits per MSR (read, then write), 2 KiB per range.
 * APM vol. 2 "MSR Intercepts" 15.11.
 */
#define SVM_MSRPM_SIZE		0x2000u
#define SVM_MSRPM_RANGE_SIZE	0x800u
#define SVM_MSRPM_RANGE_MSRS	0x2000u
#define SVM_MSRPM_BASE0		0x00000000u
#define SVM_MSRPM_BASE1		0xc0000000u
#define SVM_MSRPM_BASE2		0xc0010000u

/* I/O permission map: one bit per port, plus three for a 4-byte access at ffffh. */
#define SVM_IOPM_SIZE		0x3000u

#endif
