/*
 * The guest's CPUID, made from the host's through the allow-lists: what is not
 * listed is zero. Knows no leaf's vendor but by its number.
 */
#include <string.h>

#include "core/cpuid_defs.h"
#include "core/policy.h"

#define PHYS_BITS_MAX		52	/* SDM 3A "Enumeration of Paging Features by CPUID" 4.1.4 */
#define PHYS_BITS_UNTOLD	36	/* the same clause: leaf 80000008h absent */
#define LINEAR_BITS		48	/* four levels */
#define LINEAR_BITS_LA57	57	/* five */

static uint32_t allowed(enum cpuid_word_id id, uint32_t host)
{
	const struct cpuid_word *word = &cpuid_words[id];
	uint32_t mask = 0;

	for (unsigned i = 0; i < word->bits; i++)
		if (!word->bit[i].why)
			mask |= word->bit[i].mask;
	return host & mask;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void init_basic(struct policy *p, const struct host_cpu *host)
{
	struct cpuid_regs *features = &p->basic[LEAF_FEATURES];

	p->max_basic = smaller(host->basic[0].eax, POLICY_BASIC - 1);
	p->basic[0] = host->basic[0];
	p->basic[0].eax = p->max_basic;
	if (p->max_basic < LEAF_FEATURES)
		return;
	*features = (struct cpuid_regs){
		.eax = host->basic[LEAF_FEATURES].eax,
		/* One CPU, local APIC ID 0. */
		.ebx = (uint32_t)((host->basic[LEAF_FEATURES].ebx & LEAF1_CLFLUSH) |
				  FIELD_PUT(LEAF1_CPUS, 1)),
		.ecx = allowed(CPUID_BASIC_1_ECX, host->basic[LEAF_FEATURES].ecx),
		.edx = allowed(CPUID_BASIC_1_EDX, host->basic[LEAF_FEATURES].edx),
	};
	p->signature = features->eax;
	if (p->max_basic < LEAF_FEATURES7)
		return;
	/* EAX, the highest subleaf, stays 0. */
	p->leaf7.ebx = allowed(CPUID_BASIC_7_EBX, host->leaf7[0].ebx);
	p->leaf7.ecx = allowed(CPUID_BASIC_7_ECX, host->leaf7[0].ecx);
	p->leaf7.edx = allowed(CPUID_BASIC_7_EDX, host->leaf7[0].edx);
}

static void init_addresses(struct policy *p, const struct host_cpu *host)
{
	uint32_t linear = p->leaf7.ecx & CPUID_LA57 ? LINEAR_BITS_LA57 : LINEAR_BITS;
	uint32_t told = host->linear_bits ? host->linear_bits : LINEAR_BITS;
	uint32_t phys = host->phys_bits ? host->phys_bits : PHYS_BITS_UNTOLD;

	p->maxphyaddr = (uint8_t)smaller(phys, PHYS_BITS_MAX);
	if (p->max_extended < CPUID_EXTENDED + EXT_ADDRESSES)
		return;
	p->extended[EXT_ADDRESSES].eax = (uint32_t)(
		FIELD_PUT(ADDRESSES_PHYS, p->maxphyaddr) |
		FIELD_PUT(ADDRESSES_LINEAR, smaller(told, linear)));
}

static void init_extended(struct policy *p, const struct host_cpu *host)
{
	const struct cpuid_regs *from = host->extended;
	const uint32_t last = CPUID_EXTENDED + POLICY_EXTENDED - 1;

	/* A CPU without extended leaves answers with anything: then there are none. */
	if (from[0].eax < CPUID_EXTENDED)
		return;
	p->max_extended = smaller(from[0].eax, last);
	p->extended[0] = from[0];
	p->extended[0].eax = p->max_extended;
	p->extended[EXT_FEATURES] = (struct cpuid_regs){
		.eax = from[EXT_FEATURES].eax,
		.ecx = allowed(CPUID_EXT_1_ECX, from[EXT_FEATURES].ecx),
		.edx = allowed(CPUID_EXT_1_EDX, from[EXT_FEATURES].edx),
	};
	for (unsigned i = EXT_BRAND_FIRST; i <= EXT_BRAND_LAST; i++)
		p->extended[i] = from[i];
	p->extended[EXT_POWER].edx = allowed(CPUID_EXT_7_EDX,
					     from[EXT_POWER].edx);
}

/* A CR4 bit exists for the guest when the feature that defines it is offered. */
static uint64_t allowed_cr4(const struct policy *p)
{
	const uint32_t edx1 = p->basic[LEAF_FEATURES].edx;
	const struct { uint32_t offered; uint64_t cr4; } rows[] = {
		{ edx1 & CPUID_VME,	CR4_VME | CR4_PVI },
		{ edx1 & CPUID_TSC,	CR4_TSD },
		{ edx1 & CPUID_DE,	CR4_DE },
		{ edx1 & CPUID_PSE,	CR4_PSE },
		{ edx1 & CPUID_PAE,	CR4_PAE },
		{ edx1 & CPUID_PGE,	CR4_PGE },
		{ edx1 & CPUID_FXSR,	CR4_OSFXSR },
		{ edx1 & CPUID_SSE,	CR4_OSXMMEXCPT },
		{ p->leaf7.ebx & CPUID_FSGSBASE, CR4_FSGSBASE },
		{ p->leaf7.ebx & CPUID_SMEP, CR4_SMEP },
		{ p->leaf7.ebx & CPUID_SMAP, CR4_SMAP },
		{ p->leaf7.ecx & CPUID_UMIP, CR4_UMIP },
		{ p->leaf7.ecx & CPUID_PKU, CR4_PKE },
		{ p->leaf7.ecx & CPUID_LA57, CR4_LA57 },
	};
	uint64_t cr4 = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].offered)
			cr4 |= rows[i].cr4;
	return cr4;
}

static uint64_t allowed_efer(const struct policy *p)
{
	const uint32_t edx = p->extended[EXT_FEATURES].edx;

	return (edx & CPUID_SYSCALL ? EFER_SCE : 0) |
	       (edx & CPUID_LM ? EFER_LME | EFER_LMA : 0) |
	       (edx & CPUID_NX ? EFER_NXE : 0);
}

void policy_hide_long_mode(struct policy *policy)
{
	policy->extended[EXT_FEATURES].edx &= ~(CPUID_LM | CPUID_PAGE1G);
	policy->leaf7.ecx &= (uint32_t)~(CPUID_PKU | CPUID_LA57);
	policy->efer_allowed &= ~(EFER_LME | EFER_LMA);
	policy->cr4_allowed &= ~(CR4_PKE | CR4_LA57);
	policy->page1g = false;
}

void policy_keys_on(struct policy *policy, bool on)
{
	policy->leaf7.ecx = (policy->leaf7.ecx & ~CPUID_OSPKE) | (on ? CPUID_OSPKE : 0);
}

const struct cpuid_regs policy_cpuid_none;

void policy_init(struct policy *policy, const struct host_cpu *host)
{
	const struct policy *p = policy;

	memset(policy, 0, sizeof(*policy));
	init_basic(policy, host);
	init_extended(policy, host);
	init_addresses(policy, host);
	policy->cr4_allowed = allowed_cr4(p) & host->cr4_supported;
	policy->efer_allowed = allowed_efer(p);
	policy->pse36 = p->basic[LEAF_FEATURES].edx & CPUID_PSE36;
	policy->page1g = p->extended[EXT_FEATURES].edx & CPUID_PAGE1G;
	policy->nx = p->extended[EXT_FEATURES].edx & CPUID_NX;
}

void policy_for_firmware(struct policy *policy, const struct host_cpu *host)
{
	const uint32_t edx = host->basic[LEAF_FEATURES].edx & CPUID_MTRR;

	policy->firmware = true;
	policy->mtrr = edx && policy->max_basic >= LEAF_FEATURES;
	if (!policy->mtrr)
		return;
	policy->basic[LEAF_FEATURES].edx |= edx;
	policy->extended[EXT_FEATURES].edx |=
		host->extended[EXT_FEATURES].edx & CPUID_MTRR;
}
