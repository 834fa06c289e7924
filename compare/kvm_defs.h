/*
 * What the probe guest's lines mean: CPUID leaves and bits, MSRs and theirs. Knows
 * the manuals' numbers; nothing of what is made of them.
 */
#ifndef COMPARE_KVM_DEFS_H
#define COMPARE_KVM_DEFS_H

#define PROBE_BIT(n)		(1u << (n))

#define LEAF_VENDOR		0x0u
#define LEAF_FEATURES		0x1u
#define FEATURES_ECX_VMX	PROBE_BIT(5)
#define LEAF_HYPERVISOR		0x40000000u
#define LEAF_EXTENDED		0x80000001u
#define EXTENDED_ECX_SVM	PROBE_BIT(2)
#define LEAF_SVM		0x8000000au
#define SVM_EDX_NP		PROBE_BIT(0)
#define SVM_EDX_NRIPS		PROBE_BIT(3)
#define SVM_EDX_FLUSH_BY_ASID	PROBE_BIT(6)
#define SVM_EDX_DECODE_ASSISTS	PROBE_BIT(7)

/* APM vol. 2 "Enabling SVM" 15.4 */
#define PROBE_VM_CR		0xc0010114u
#define VM_CR_LOW_SVMDIS	PROBE_BIT(4)

/* SDM 3C "Enabling and Entering VMX Operation" 23.7 */
#define PROBE_FEATURE_CONTROL	0x3au
#define FEATURE_LOW_LOCK	PROBE_BIT(0)
#define FEATURE_LOW_VMX		PROBE_BIT(2)

/* SDM 3D "VMX Capability Reporting Facility" A: what may be one is in the high half. */
#define PROBE_VMX_PROC		0x482u
#define PROC_HIGH_WINDOW	PROBE_BIT(2)
#define PROC_HIGH_TSC_OFFSET	PROBE_BIT(3)
#define PROC_HIGH_SECONDARY	PROBE_BIT(31)
#define PROBE_VMX_PROC2		0x48bu
#define PROC2_HIGH_EPT		PROBE_BIT(1)
#define PROC2_HIGH_VPID		PROBE_BIT(5)
#define PROC2_HIGH_UNRESTRICTED	PROBE_BIT(7)
#define PROBE_VMX_EPT_VPID	0x48cu
#define EPT_LOW_WALK_4		PROBE_BIT(6)
#define EPT_LOW_WB		PROBE_BIT(14)

#endif
