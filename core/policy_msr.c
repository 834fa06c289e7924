/*
 * The MSR allow-list, in order of number; what is not listed is refused like
 * what is listed as refused. Data and its search; policy.h has the rules' meaning.
 */
#include "core/msr_defs.h"
#include "core/policy.h"

#define REFUSED(msr, reason) \
	{ .number = (msr), .rule = MSR_RULE_REFUSE, .why = (reason) }
#define KEPT(msr, how, what, in, in_group, linear) \
	{ .number = (msr), .rule = (how), .why = (what), \
	  .field = offsetof(struct vcpu, in), .group = (in_group), \
	  .canonical = (linear) }
#define LIVE(msr, what, in)	KEPT(msr, MSR_RULE_LIVE, what, in, ST_MSR, false)
#define LIVE_LINEAR(msr, what, in) \
	KEPT(msr, MSR_RULE_LIVE, what, in, ST_MSR, true)
#define MTRR(msr) \
	{ .number = (msr), .rule = MSR_RULE_MTRR, \
	  .why = "memory types: for firmware alone, kept and without effect" }
/* Two pairs of the variable ones, from number `n` on. */
#define MTRR_PAIRS(n) \
	MTRR(MSR_MTRR_PHYSBASE0 + (n)), MTRR(MSR_MTRR_PHYSBASE0 + (n) + 1), \
	MTRR(MSR_MTRR_PHYSBASE0 + (n) + 2), MTRR(MSR_MTRR_PHYSBASE0 + (n) + 3)
#define VMX_CAPABILITY(n) \
	REFUSED(MSR_VMX_BASIC + (n), "VMX capability: no nested virtualisation")

const struct msr_policy policy_msrs[] = {
	{ .number = MSR_TSC, .rule = MSR_RULE_TSC, .why = "time stamp counter" },
	{ .number = MSR_PLATFORM_ID, .rule = MSR_RULE_CONSTANT,
	  .why = "platform, for choosing microcode" },
	/*
	 * With the local APIC switched off, which CPUID then does not tell of: firmware looks
	 * without asking. SDM 3A "Enabling or Disabling the Local APIC" 10.4.3
	 */
	{ .number = MSR_APIC_BASE, .rule = MSR_RULE_FIRMWARE,
	  .value = APIC_BASE_START | APIC_BASE_BSP,
	  .why = "no local APIC: off, and stays so" },
	REFUSED(MSR_FEATURE_CONTROL, "no nested virtualisation, no measured launch"),
	REFUSED(MSR_TSC_ADJUST, "the TSC cannot be moved"),
	REFUSED(MSR_SPEC_CTRL, "speculation controls are the host's"),
	REFUSED(MSR_PRED_CMD, "speculation controls are the host's"),
	REFUSED(MSR_BIOS_UPDT_TRIG, "microcode is the host's"),
	/* Microcode protocol: write 0, CPUID, read. SDM 3A "Determining the Signature" 9.11.7.1 */
	{ .number = MSR_BIOS_SIGN_ID, .rule = MSR_RULE_IGNORE,
	  .why = "microcode revision: none loaded" },
	MTRR(MSR_MTRR_CAP),
	REFUSED(MSR_ARCH_CAPABILITIES, "speculation controls are the host's"),
	LIVE(MSR_SYSENTER_CS, "SYSENTER code segment", sysenter_cs),
	LIVE_LINEAR(MSR_SYSENTER_ESP, "SYSENTER stack", sysenter_esp),
	LIVE_LINEAR(MSR_SYSENTER_EIP, "SYSENTER entry", sysenter_eip),
	REFUSED(MSR_MCG_CAP, "no machine-check banks"),
	REFUSED(MSR_MCG_STATUS, "no machine-check banks"),
	/* 64-bit kernels look here, with no way back, for what a BIOS may have switched off. */
	{ .number = MSR_MISC_ENABLE, .rule = MSR_RULE_P6,
	  .value = MISC_ENABLE_FAST_STRINGS | MISC_ENABLE_NO_BTS |
		   MISC_ENABLE_NO_PEBS,
	  .why = "features that can be switched off: none is, none can be" },
	{ .number = MSR_DEBUGCTL, .rule = MSR_RULE_CONSTANT,
	  .why = "no branch records: only 0" },
	MTRR_PAIRS(0), MTRR_PAIRS(4), MTRR_PAIRS(8), MTRR_PAIRS(12),
	MTRR(MSR_MTRR_FIX64K),
	MTRR(MSR_MTRR_FIX16K), MTRR(MSR_MTRR_FIX16K + 1),
	MTRR(MSR_MTRR_FIX4K), MTRR(MSR_MTRR_FIX4K + 1),
	MTRR(MSR_MTRR_FIX4K + 2), MTRR(MSR_MTRR_FIX4K + 3),
	MTRR(MSR_MTRR_FIX4K + 4), MTRR(MSR_MTRR_FIX4K + 5),
	MTRR(MSR_MTRR_FIX4K + 6), MTRR(MSR_MTRR_FIX4K + 7),
	KEPT(MSR_PAT, MSR_RULE_PAT, "page attribute table", pat, ST_MSR, false),
	MTRR(MSR_MTRR_DEF_TYPE),
	VMX_CAPABILITY(0), VMX_CAPABILITY(1), VMX_CAPABILITY(2),
	VMX_CAPABILITY(3), VMX_CAPABILITY(4), VMX_CAPABILITY(5),
	VMX_CAPABILITY(6), VMX_CAPABILITY(7), VMX_CAPABILITY(8),
	VMX_CAPABILITY(9), VMX_CAPABILITY(10), VMX_CAPABILITY(11),
	VMX_CAPABILITY(12), VMX_CAPABILITY(13), VMX_CAPABILITY(14),
	VMX_CAPABILITY(15), VMX_CAPABILITY(16), VMX_CAPABILITY(17),
	KEPT(MSR_EFER, MSR_RULE_EFER, "extended features", efer, ST_CR, false),
	LIVE(MSR_STAR, "SYSCALL segments", star),
	LIVE_LINEAR(MSR_LSTAR, "SYSCALL entry", lstar),
	LIVE_LINEAR(MSR_CSTAR, "SYSCALL entry, compatibility mode", cstar),
	LIVE(MSR_SFMASK, "SYSCALL flag mask", sfmask),
	KEPT(MSR_FS_BASE, MSR_RULE_LIVE, "FS base", seg[SEG_FS].base, ST_SEG, true),
	KEPT(MSR_GS_BASE, MSR_RULE_LIVE, "GS base", seg[SEG_GS].base, ST_SEG, true),
	LIVE_LINEAR(MSR_KERNEL_GS_BASE, "SWAPGS base", kernel_gs_base),
	REFUSED(MSR_TSC_AUX, "not switched: no RDTSCP"),
	REFUSED(MSR_SYSCFG, "memory encryption and MTRR modes are the host's"),
	/* Kernels look here on every such CPU for how fast the TSC counts. */
	{ .number = MSR_HWCR, .rule = MSR_RULE_K7, .value = HWCR_TSC_FREQ_SEL,
	  .why = "hardware configuration: as a BIOS leaves it, and stays so" },
	REFUSED(MSR_NB_CFG, "would reconfigure the host's CPU"),
	REFUSED(MSR_INT_PENDING, "power states are the host's"),
	REFUSED(MSR_VM_CR, "no nested virtualisation"),
	REFUSED(MSR_VM_HSAVE_PA, "no nested virtualisation"),
	REFUSED(MSR_OSVW_LENGTH, "no list of errata"),
	REFUSED(MSR_OSVW_STATUS, "no list of errata"),
	REFUSED(MSR_DE_CFG, "would reconfigure the host's CPU"),
};

const unsigned policy_msr_count = ARRAY_SIZE(policy_msrs);

const struct msr_policy *policy_msr(uint32_t number)
{
	unsigned low = 0, high = ARRAY_SIZE(policy_msrs);

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (policy_msrs[middle].number == number)
			return &policy_msrs[middle];
		if (policy_msrs[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

#define PAT_BYTES(b)	(UINT64_MAX / UINT8_MAX * (b))

/*
 * Types are 0, 1, 4, 5, 6 and 7; all else is reserved and raises #GP. SDM 3A
 * "IA32_PAT MSR" 11.12.2. All eight bytes at once: no bit above 2, and bit 1
 * only together with bit 2.
 */
bool pat_valid(uint64_t pat)
{
	return !(pat & PAT_BYTES(0xf8)) &&
	       !((pat & PAT_BYTES(0x02)) << 1 & ~pat);
}
