/*
 * The rules that VMRUN holds a VMCB to, as a table that can name the broken
 * one; reads plain data only and must not touch the CPU.
 * APM vol. 2 "Canonicalization and Consistency Checks" 15.5.1, "Event
 * Injection" 15.20, "Nested Paging" 15.25.
 *
 * Not modelled, for it lies outside the VMCB: its alignment (a #GP, not
 * VMEXIT_INVALID).
 */
#ifndef SVM_RULES_H
#define SVM_RULES_H

#include "svm/vmcb.h"

#define SVM_RULE_PDPTES	4

/* Does VMRUN load PAE page-directory-pointer entries for this VMCB? */
bool svm_rules_pdptes(const struct vmcb *vmcb);

/* What the rules read beside the VMCB: the host at VMRUN, and the CPU. */
struct svm_rule_input {
	const struct vmcb *vmcb;
	uint64_t	host_cr0;
	uint64_t	cr4_supported;	/* CR4 bits that are not MBZ */
	uint64_t	efer_supported;	/* EFER bits that are not MBZ */
	uint8_t		phys_bits;	/* MAXPHYADDR */
	bool		long_mode;	/* CPUID says LM */
	bool		nested_paging;	/* SVM_FEATURE_NP */
	uint64_t	pdpte[SVM_RULE_PDPTES];	/* in memory at CR3; loaded without nested paging */
};

struct svm_rule {
	const char	*name;		/* stable: it goes into the record */
	const char	*clause;	/* manual, title, number */
	bool		(*holds)(const struct svm_rule_input *in);
};

/*
 * The first rule that the input breaks, NULL when VMRUN must accept it. Pure.
 * Called after VMEXIT_INVALID to tell why, and by tests.
 */
const struct svm_rule *svm_rules_broken(const struct svm_rule_input *in);

/* Row n of the table in checking order; NULL past the end. */
const struct svm_rule *svm_rule_at(unsigned n);

#endif
