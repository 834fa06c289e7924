/*
 * A mutation: what to flip in a valid guest, and the rule that then breaks.
 * Tables of them: vmx_rules_mutate_*.h, each ended by a row without a rule.
 */
#ifndef TESTS_VMX_RULES_MUTATION_H
#define TESTS_VMX_RULES_MUTATION_H

#include "vmx_rules_world.h"

#define FLIPS	5

/* A flip of what is no field, a capability or memory: the encodings end well below. */
#define INPUT_AT	0x10000
#define INPUT(member)	(INPUT_AT + offsetof(struct vmx_rule_input, member))
#define CAP(member)	INPUT(caps.member)

#define EVENT(type, vector) \
	(VMX_EVENT_VALID | FIELD_PUT(VMX_EVENT_TYPE, (uint64_t)(type)) | (vector))

struct mutation {
	const char	*rule;
	enum base	base;
	struct {
		uint32_t	at;	/* VMCS_*, INPUT() or CAP(); zero with no bits: none */
		uint64_t	bits;	/* to flip there */
	} flip[FLIPS];
};

#endif
