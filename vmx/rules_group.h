/*
 * What the groups of entry rules share: how a group is found, and the readings
 * of a snapshot that several clauses use. For vmx/rules*.c alone.
 */
#ifndef VMX_RULES_GROUP_H
#define VMX_RULES_GROUP_H

#include "mmu/x86_defs.h"
#include "vmx/rules.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_defs.h"

struct vmx_rule_group {
	const struct vmx_rule	*rules;
	unsigned		count;
};

extern const struct vmx_rule_group vmx_rules_execution;	/* rules_execution.c */
extern const struct vmx_rule_group vmx_rules_transition;	/* rules_transition.c */
extern const struct vmx_rule_group vmx_rules_host;		/* rules_host.c */
extern const struct vmx_rule_group vmx_rules_guest;		/* rules_guest.c */
extern const struct vmx_rule_group vmx_rules_segment;		/* rules_segment.c */
extern const struct vmx_rule_group vmx_rules_nonreg;		/* rules_nonreg.c */

typedef const struct vmx_rule_input vmx_input;

/* "If A then B", the shape of nearly every clause. */
static inline bool implies(bool a, bool b)
{
	return !a || b;
}

/* The secondary controls count only while they are activated. */
static inline uint64_t proc2(vmx_input *in)
{
	return (in->f.proc & VMX_PROC_SECONDARY) ? in->f.proc2 : 0;
}

static inline bool unrestricted(vmx_input *in)
{
	return proc2(in) & VMX_PROC2_UNRESTRICTED;
}

static inline bool ia32e(vmx_input *in)
{
	return in->f.entry & VMX_ENTRY_IA32E;
}

static inline bool vm86(vmx_input *in)
{
	return in->f.rflags & RFLAGS_VM;
}

static inline uint64_t seg_type(vmx_input *in, unsigned n)
{
	return FIELD_GET(AR_TYPE, in->f.seg[n].ar);
}

static inline uint64_t seg_dpl(vmx_input *in, unsigned n)
{
	return FIELD_GET(AR_DPL, in->f.seg[n].ar);
}

static inline bool within_phys(vmx_input *in, uint64_t address)
{
	return !(address & ~BITS(in->caps.phys_bits - 1, 0));
}

/* Where VMX_BASIC_ADDRESS_32 is set, VMX structures lie below 4 GiB. */
static inline bool structure_at(vmx_input *in, uint64_t address, uint64_t align)
{
	if ((in->caps.basic & VMX_BASIC_ADDRESS_32) && (address & BITS(63, 32)))
		return false;
	return within_phys(in, address) && !(address & (align - 1));
}

static inline bool canonical(vmx_input *in, uint64_t address)
{
	uint64_t top = BITS(63, in->caps.linear_bits - 1);

	return !(address & top) || (address & top) == top;
}

/* Bits that must be one are, and bits that must be zero are: A.7, A.8. */
static inline bool cr_fixed(uint64_t value, uint64_t fixed0, uint64_t fixed1)
{
	return (value & fixed0) == fixed0 && !(value & ~fixed1);
}

/* A.3: ones where the low half has them, none where the high half has zeros. */
static inline bool fits(uint64_t value, uint64_t capability)
{
	return cr_fixed(value, FIELD_GET(VMX_CTRL_ALLOWED0, capability),
			FIELD_GET(VMX_CTRL_ALLOWED1, capability));
}

/* The event that entry is to inject, if any. */
static inline bool injecting(vmx_input *in)
{
	return in->f.intr_info & VMX_EVENT_VALID;
}

static inline uint64_t inject_type(vmx_input *in)
{
	return FIELD_GET(VMX_EVENT_TYPE, in->f.intr_info);
}

static inline uint64_t inject_vector(vmx_input *in)
{
	return FIELD_GET(VMX_EVENT_VECTOR, in->f.intr_info);
}

static inline bool injects(vmx_input *in, uint64_t type)
{
	return injecting(in) && inject_type(in) == type;
}

#endif
