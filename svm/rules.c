/*
 * VMRUN's consistency checks, one predicate per clause; a predicate says that
 * its rule holds. Knows no policy and reads nothing but its input.
 *
 * Legal on purpose, and so in no row: CR0.PG without CR0.PE while EFER.LME is
 * clear (APM vol. 2 "Paged Real Mode" 15.19), any segment attributes but CS.L
 * with CS.D, CR0.ET clear, and RFLAGS or RIP of any value.
 */
#include "core/policy.h"
#include "mmu/format.h"
#include "mmu/x86_defs.h"
#include "svm/rules.h"
#include "svm/svm_defs.h"

/* Of a present PDPE in legacy PAE mode. APM vol. 2 figure 5-10. */
#define PDPTE_RESERVED		(BITS(63, 52) | BITS(8, 5) | BITS(2, 1))

#define LONG_PAGED_LME(s)	(((s)->efer & EFER_LME) && ((s)->cr0 & CR0_PG))

static const struct vmcb_save *save(const struct svm_rule_input *in)
{
	return &in->vmcb->save;
}

static const struct vmcb_control *control(const struct svm_rule_input *in)
{
	return &in->vmcb->control;
}

/* No bit at or above MAXPHYADDR. */
static bool within_phys(const struct svm_rule_input *in, uint64_t address)
{
	return !(address & ~BITS(in->phys_bits - 1, 0));
}

static bool table_within_phys(const struct svm_rule_input *in, uint64_t base, uint64_t size)
{
	uint64_t last = base + size - 1;

	return last >= base && within_phys(in, last);
}

static bool svme_set(const struct svm_rule_input *in)
{
	return save(in)->efer & EFER_SVME;
}

static bool cr0_nw_needs_cd(const struct svm_rule_input *in)
{
	return (save(in)->cr0 & CR0_CD) || !(save(in)->cr0 & CR0_NW);
}

static bool cr0_high_clear(const struct svm_rule_input *in)
{
	return !(save(in)->cr0 & BITS(63, 32));
}

static bool cr3_reserved_clear(const struct svm_rule_input *in)
{
	return within_phys(in, save(in)->cr3);
}

static bool cr4_reserved_clear(const struct svm_rule_input *in)
{
	return !(save(in)->cr4 & ~in->cr4_supported);
}

static bool dr6_high_clear(const struct svm_rule_input *in)
{
	return !(save(in)->dr6 & BITS(63, 32));
}

static bool dr7_high_clear(const struct svm_rule_input *in)
{
	return !(save(in)->dr7 & BITS(63, 32));
}

/* LMA and LME have a rule of their own for a CPU without long mode. */
static bool efer_reserved_clear(const struct svm_rule_input *in)
{
	uint64_t judged_apart = EFER_LMA | EFER_LME | EFER_SVME;

	return !(save(in)->efer & ~(in->efer_supported | judged_apart));
}

static bool long_mode_exists(const struct svm_rule_input *in)
{
	return in->long_mode || !(save(in)->efer & (EFER_LMA | EFER_LME));
}

static bool long_paging_has_pae(const struct svm_rule_input *in)
{
	return !LONG_PAGED_LME(save(in)) || (save(in)->cr4 & CR4_PAE);
}

static bool long_paging_has_pe(const struct svm_rule_input *in)
{
	return !LONG_PAGED_LME(save(in)) || (save(in)->cr0 & CR0_PE);
}

static bool cs_not_long_and_32(const struct svm_rule_input *in)
{
	uint64_t both = VMCB_ATTR_L | VMCB_ATTR_DB;

	if (!LONG_PAGED_LME(save(in)) || !(save(in)->cr4 & CR4_PAE))
		return true;
	return (save(in)->cs.attrib & both) != both;
}

static bool cet_has_wp(const struct svm_rule_input *in)
{
	return !(save(in)->cr4 & CR4_CET) || (save(in)->cr0 & CR0_WP);
}

static bool vmrun_intercepted(const struct svm_rule_input *in)
{
	return control(in)->intercept_misc2 & VMCB_IC_VMRUN;
}

static bool iopm_within_phys(const struct svm_rule_input *in)
{
	return table_within_phys(in, control(in)->iopm_base_pa, SVM_IOPM_SIZE);
}

static bool msrpm_within_phys(const struct svm_rule_input *in)
{
	return table_within_phys(in, control(in)->msrpm_base_pa, SVM_MSRPM_SIZE);
}

static bool asid_not_host(const struct svm_rule_input *in)
{
	return control(in)->guest_asid != 0;
}

static bool injecting(const struct svm_rule_input *in)
{
	return control(in)->eventinj & VMCB_EVENT_V;
}

static uint64_t event_type(const struct svm_rule_input *in)
{
	return FIELD_GET(VMCB_EVENT_TYPE, control(in)->eventinj);
}

static bool event_type_defined(const struct svm_rule_input *in)
{
	if (!injecting(in))
		return true;
	switch (event_type(in)) {
	case VMCB_EVENT_INTR:
	case VMCB_EVENT_NMI:
	case VMCB_EVENT_EXCEPTION:
	case VMCB_EVENT_SOFT_INT:
		return true;
	default:
		return false;
	}
}

/* Vector 2 is an NMI, which is a type of its own and no exception. */
static bool event_vector_is_exception(const struct svm_rule_input *in)
{
	uint64_t vector = FIELD_GET(VMCB_EVENT_VECTOR, control(in)->eventinj);

	if (!injecting(in) || event_type(in) != VMCB_EVENT_EXCEPTION)
		return true;
	return vector < VEC_EXCEPTIONS && vector != VEC_NMI;
}

/* BOUND and INTO do not exist in 64-bit mode, and so neither do #BR and #OF. */
static bool event_vector_suits_mode(const struct svm_rule_input *in)
{
	uint64_t vector = FIELD_GET(VMCB_EVENT_VECTOR, control(in)->eventinj);

	if (!injecting(in) || event_type(in) != VMCB_EVENT_EXCEPTION)
		return true;
	if (!LONG_PAGED_LME(save(in)) || !(save(in)->cs.attrib & VMCB_ATTR_L))
		return true;
	return vector != VEC_BR && vector != VEC_OF;
}

static bool nested(const struct svm_rule_input *in)
{
	return control(in)->np_enable & VMCB_NP_ENABLE;
}

static bool nested_paging_exists(const struct svm_rule_input *in)
{
	return in->nested_paging || !nested(in);
}

static bool nested_host_paged(const struct svm_rule_input *in)
{
	return !nested(in) || (in->host_cr0 & CR0_PG);
}

static bool ncr3_reserved_clear(const struct svm_rule_input *in)
{
	return !nested(in) || within_phys(in, control(in)->n_cr3);
}

static bool g_pat_valid(const struct svm_rule_input *in)
{
	return !nested(in) || pat_valid(save(in)->g_pat);
}

bool svm_rules_pdptes(const struct vmcb *vmcb)
{
	const struct vmcb_save *s = &vmcb->save;

	return !(vmcb->control.np_enable & VMCB_NP_ENABLE) &&
	       (s->cr0 & CR0_PG) && (s->cr4 & CR4_PAE) && !(s->efer & EFER_LME);
}

static bool pdptes_reserved_clear(const struct svm_rule_input *in)
{
	if (!svm_rules_pdptes(in->vmcb))
		return true;
	for (unsigned i = 0; i < SVM_RULE_PDPTES; i++) {
		uint64_t entry = in->pdpte[i];

		if ((entry & PTE_P) && ((entry & PDPTE_RESERVED) ||
					!within_phys(in, entry)))
			return false;
	}
	return true;
}

#define CHECKS	"APM vol. 2 \"Canonicalization and Consistency Checks\" 15.5.1"
#define EVENT	"APM vol. 2 \"Event Injection\" 15.20"
#define NESTED	"APM vol. 2 \"Enabling Nested Paging\" 15.25.3"
#define PDPTES	"APM vol. 2 \"Legacy PAE Mode\" 15.25.10"
#define STATE	"APM vol. 2 \"Nested Paging and VMRUN/#VMEXIT\" 15.25.4"

static const struct svm_rule rules[] = {
	{ "vmrun-intercepted",		CHECKS, vmrun_intercepted },
	{ "asid-not-zero",		CHECKS, asid_not_host },
	{ "iopm-within-physical",	CHECKS, iopm_within_phys },
	{ "msrpm-within-physical",	CHECKS, msrpm_within_phys },
	{ "nested-paging-supported",	NESTED, nested_paging_exists },
	{ "nested-host-paging",		NESTED, nested_host_paged },
	{ "ncr3-reserved",		STATE, ncr3_reserved_clear },
	{ "g-pat-types",		STATE, g_pat_valid },
	{ "efer-svme",			CHECKS, svme_set },
	{ "efer-reserved",		CHECKS, efer_reserved_clear },
	{ "efer-long-mode-supported",	CHECKS, long_mode_exists },
	{ "cr0-nw-needs-cd",		CHECKS, cr0_nw_needs_cd },
	{ "cr0-high-bits",		CHECKS, cr0_high_clear },
	{ "cr3-reserved",		CHECKS, cr3_reserved_clear },
	{ "pdptes-reserved",		PDPTES, pdptes_reserved_clear },
	{ "cr4-reserved",		CHECKS, cr4_reserved_clear },
	{ "cr4-cet-needs-wp",		CHECKS, cet_has_wp },
	{ "dr6-high-bits",		CHECKS, dr6_high_clear },
	{ "dr7-high-bits",		CHECKS, dr7_high_clear },
	{ "long-paging-needs-pae",	CHECKS, long_paging_has_pae },
	{ "long-paging-needs-pe",	CHECKS, long_paging_has_pe },
	{ "cs-long-and-32-bit",		CHECKS, cs_not_long_and_32 },
	{ "event-type-defined",		EVENT, event_type_defined },
	{ "event-vector-exception",	EVENT, event_vector_is_exception },
	{ "event-vector-64-bit",	EVENT, event_vector_suits_mode },
};

const struct svm_rule *svm_rule_at(unsigned n)
{
	return n < ARRAY_SIZE(rules) ? &rules[n] : NULL;
}

const struct svm_rule *svm_rules_broken(const struct svm_rule_input *in)
{
	for (unsigned n = 0; n < ARRAY_SIZE(rules); n++) {
		if (!rules[n].holds(in))
			return &rules[n];
	}
	return NULL;
}
