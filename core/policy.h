/*
 * What the guest's CPU is: CPUID and MSR allow-lists. Unknown bits, leaves and
 * registers are refused; known refusals are listed with their reason.
 */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/host.h"
#include "core/vcpu.h"

#define POLICY_BASIC	0x20
#define POLICY_EXTENDED	0x20

/* The guest's CPUID, made once from the host's; lookups are array reads. */
struct policy {
	uint32_t		max_basic, max_extended;
	struct cpuid_regs	basic[POLICY_BASIC];
	struct cpuid_regs	extended[POLICY_EXTENDED];
	struct cpuid_regs	leaf7;
	uint64_t		cr4_allowed;	/* the rest raises #GP */
	uint64_t		efer_allowed;
	uint32_t		signature;	/* CPUID 1 EAX */
	uint8_t			maxphyaddr;
	bool			pse36, page1g, nx;
	bool			firmware;	/* the guest is some */
	bool			mtrr;		/* there, but without effect */
};

void policy_init(struct policy *policy, const struct host_cpu *host);

/*
 * As on a CPU of before long mode: no LM, no EFER.LME, no 1 GiB pages, and neither
 * five-level paging nor protection keys, which are long mode's.
 */
void policy_hide_long_mode(struct policy *policy);

/* CR4.PKE was written: CPUID.7.ECX.OSPKE follows. */
void policy_keys_on(struct policy *policy, bool on);

/*
 * The guest is firmware, from reset on: it has MTRRs to set up where the host has, and
 * looks for a local APIC without asking CPUID.
 */
void policy_for_firmware(struct policy *policy, const struct host_cpu *host);

/* CPUID as this guest sees it. */
static inline const struct cpuid_regs *policy_cpuid(const struct policy *policy,
						    uint32_t leaf,
						    uint32_t subleaf);

/* How an MSR is answered. */
enum msr_rule {
	MSR_RULE_REFUSE,	/* #GP(0); the default for all not listed */
	MSR_RULE_LIVE,		/* switched by the hardware or the guest's alone: may pass */
	MSR_RULE_PAT,		/* live where the hardware switches it */
	MSR_RULE_EFER,
	MSR_RULE_CONSTANT,	/* reads .value, writes of it are ignored, others #GP */
	MSR_RULE_P6,		/* the same, on the P6's descendants; the others do not have it */
	MSR_RULE_K7,		/* the same, on the K7's */
	MSR_RULE_IGNORE,	/* reads .value, writes are ignored */
	MSR_RULE_FIRMWARE,	/* IGNORE for firmware; else #GP */
	MSR_RULE_MTRR,		/* core/mtrr.h, where the policy has them; else #GP */
	MSR_RULE_TSC,		/* reads the TSC; writes refused */
};

struct msr_policy {
	uint32_t	number;
	enum msr_rule	rule;
	uint64_t	value;
	const char	*why;		/* what it is, or why refused */
	size_t		field;		/* LIVE: offset in struct vcpu of the guest's value */
	uint32_t	group;		/* LIVE: ST_* group of that field */
	bool		canonical;	/* LIVE: a linear address: non-canonical raises #GP */
};

/* NULL: not listed, refused. */
const struct msr_policy *policy_msr(uint32_t number);
extern const struct msr_policy policy_msrs[];
extern const unsigned policy_msr_count;

bool pat_valid(uint64_t pat);

#define CPUID_EXTENDED	0x80000000u

/* Absent leaves and subleaves read as zeros: Intel repeats the last basic leaf, zeros tell less. */
extern const struct cpuid_regs policy_cpuid_none;

static inline const struct cpuid_regs *policy_cpuid(const struct policy *policy,
						    uint32_t leaf,
						    uint32_t subleaf)
{
	if (leaf <= policy->max_basic) {
		if (leaf == 7)
			return subleaf ? &policy_cpuid_none : &policy->leaf7;
		return &policy->basic[leaf];
	}
	if (leaf >= CPUID_EXTENDED && leaf <= policy->max_extended)
		return &policy->extended[leaf - CPUID_EXTENDED];
	return &policy_cpuid_none;
}

#endif
