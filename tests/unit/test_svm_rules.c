/*
 * VMRUN's consistency checks: a valid VMCB breaks no rule, and each mutation of
 * it breaks the one rule that it names. Every row of the table must be hit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mmu/format.h"
#include "mmu/x86_defs.h"
#include "svm/rules.h"

#define TEST_CR4	(CR4_VME | CR4_DE | CR4_PSE | CR4_PAE | CR4_PGE | CR4_CET)
#define TEST_EFER	(EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)
#define CODE64		(VMCB_ATTR_P | VMCB_ATTR_S | VMCB_ATTR_L | 0xb)
#define CODE32		(VMCB_ATTR_P | VMCB_ATTR_S | VMCB_ATTR_DB | VMCB_ATTR_G | 0xb)
#define EVENT(type, vector) \
	(VMCB_EVENT_V | FIELD_PUT(VMCB_EVENT_TYPE, (uint64_t)(type)) | (vector))

struct world {
	struct vmcb		vmcb;
	struct svm_rule_input	in;
};

/* A 64-bit guest under nested paging on a CPU with 40 physical bits. */
static void world_valid(struct world *w)
{
	struct vmcb_control *c = &w->vmcb.control;
	struct vmcb_save *s = &w->vmcb.save;

	memset(w, 0, sizeof(*w));
	c->intercept_misc2 = VMCB_IC_VMRUN;
	c->guest_asid = 1;
	c->iopm_base_pa = 0x10000;
	c->msrpm_base_pa = 0x20000;
	c->np_enable = VMCB_NP_ENABLE;
	c->n_cr3 = 0x30000;
	s->g_pat = PAT_INIT;
	s->efer = EFER_SVME | EFER_LME | EFER_LMA;
	s->cr0 = CR0_PE | CR0_PG | CR0_ET | CR0_WP;
	s->cr3 = 0x40000;
	s->cr4 = CR4_PAE;
	s->dr6 = DR6_INIT;
	s->dr7 = DR7_INIT;
	s->cs.attrib = CODE64;
	w->in = (struct svm_rule_input){
		.vmcb = &w->vmcb, .host_cr0 = CR0_PE | CR0_PG,
		.cr4_supported = TEST_CR4, .efer_supported = TEST_EFER,
		.phys_bits = 40, .long_mode = true, .nested_paging = true,
	};
}

static void mutate_vmrun(struct world *w) { w->vmcb.control.intercept_misc2 = 0; }
static void mutate_asid(struct world *w) { w->vmcb.control.guest_asid = 0; }
/* 12 KiB and 8 KiB tables whose last page reaches 2^40. */
static void mutate_iopm(struct world *w) { w->vmcb.control.iopm_base_pa = 0xffffffe000; }
static void mutate_msrpm(struct world *w) { w->vmcb.control.msrpm_base_pa = 0xfffffff000; }
static void mutate_msrpm_wraps(struct world *w)
{
	w->vmcb.control.msrpm_base_pa = ~UINT64_C(0) - 0xfff;
}
static void mutate_np_cpu(struct world *w) { w->in.nested_paging = false; }
static void mutate_np_host(struct world *w) { w->in.host_cr0 = CR0_PE; }
static void mutate_ncr3(struct world *w) { w->vmcb.control.n_cr3 |= BIT(40); }
/* PA7 of type 2, which the PAT does not define. */
static void mutate_g_pat(struct world *w) { w->vmcb.save.g_pat |= BIT(57); }
static void mutate_svme(struct world *w) { w->vmcb.save.efer &= ~EFER_SVME; }
static void mutate_efer(struct world *w) { w->vmcb.save.efer |= BIT(16); }
static void mutate_efer_high(struct world *w) { w->vmcb.save.efer |= BIT(32); }
static void mutate_no_lm(struct world *w)
{
	w->in.long_mode = false;
	w->in.efer_supported &= ~(EFER_LME | EFER_LMA);
}
static void mutate_nw(struct world *w) { w->vmcb.save.cr0 |= CR0_NW; }
static void mutate_cr0_high(struct world *w) { w->vmcb.save.cr0 |= BIT(32); }
static void mutate_cr3(struct world *w) { w->vmcb.save.cr3 |= BIT(40); }
static void mutate_cr4(struct world *w) { w->vmcb.save.cr4 |= CR4_PKE; }
static void mutate_cet(struct world *w)
{
	w->vmcb.save.cr4 |= CR4_CET;
	w->vmcb.save.cr0 &= ~CR0_WP;
}
/* A guest in legacy PAE mode on tables of ours: VMRUN loads the four PDPEs. */
static void world_pae(struct world *w)
{
	w->vmcb.control.np_enable = 0;
	w->vmcb.save.efer = EFER_SVME;
	w->vmcb.save.cs.attrib = CODE32;
	for (unsigned i = 0; i < SVM_RULE_PDPTES; i++)
		w->in.pdpte[i] = (0x50000 + i * 0x1000) | PTE_P;
}
static void mutate_pdpte_low(struct world *w)
{
	world_pae(w);
	w->in.pdpte[0] |= BIT(1);
}
static void mutate_pdpte_mid(struct world *w)
{
	world_pae(w);
	w->in.pdpte[3] |= BIT(8);
}
/* The first bit past 40 physical ones, and NX, which a PDPE has not. */
static void mutate_pdpte_wide(struct world *w)
{
	world_pae(w);
	w->in.pdpte[1] |= BIT(40);
}
static void mutate_pdpte_nx(struct world *w)
{
	world_pae(w);
	w->in.pdpte[2] |= BIT(63);
}
static void mutate_dr6(struct world *w) { w->vmcb.save.dr6 |= BIT(32); }
static void mutate_dr7(struct world *w) { w->vmcb.save.dr7 |= BIT(63); }
static void mutate_no_pae(struct world *w) { w->vmcb.save.cr4 &= ~CR4_PAE; }
static void mutate_no_pe(struct world *w) { w->vmcb.save.cr0 &= ~CR0_PE; }
static void mutate_cs(struct world *w) { w->vmcb.save.cs.attrib |= VMCB_ATTR_DB; }
static void mutate_type(struct world *w) { w->vmcb.control.eventinj = EVENT(1, 0x20); }
static void mutate_type5(struct world *w) { w->vmcb.control.eventinj = EVENT(5, 3); }
static void mutate_vector(struct world *w)
{
	w->vmcb.control.eventinj = EVENT(VMCB_EVENT_EXCEPTION, 32);
}
static void mutate_vector_nmi(struct world *w)
{
	w->vmcb.control.eventinj = EVENT(VMCB_EVENT_EXCEPTION, VEC_NMI);
}
static void mutate_bound(struct world *w)
{
	w->vmcb.control.eventinj = EVENT(VMCB_EVENT_EXCEPTION, VEC_BR);
}
static void mutate_into(struct world *w)
{
	w->vmcb.control.eventinj = EVENT(VMCB_EVENT_EXCEPTION, VEC_OF);
}

static const struct mutation {
	const char *rule;
	void (*apply)(struct world *w);
} mutations[] = {
	{ "vmrun-intercepted",		mutate_vmrun },
	{ "asid-not-zero",		mutate_asid },
	{ "iopm-within-physical",	mutate_iopm },
	{ "msrpm-within-physical",	mutate_msrpm },
	{ "msrpm-within-physical",	mutate_msrpm_wraps },
	{ "nested-paging-supported",	mutate_np_cpu },
	{ "nested-host-paging",		mutate_np_host },
	{ "ncr3-reserved",		mutate_ncr3 },
	{ "g-pat-types",		mutate_g_pat },
	{ "efer-svme",			mutate_svme },
	{ "efer-reserved",		mutate_efer },
	{ "efer-reserved",		mutate_efer_high },
	{ "efer-long-mode-supported",	mutate_no_lm },
	{ "cr0-nw-needs-cd",		mutate_nw },
	{ "cr0-high-bits",		mutate_cr0_high },
	{ "cr3-reserved",		mutate_cr3 },
	{ "cr4-reserved",		mutate_cr4 },
	{ "cr4-cet-needs-wp",		mutate_cet },
	{ "pdptes-reserved",		mutate_pdpte_low },
	{ "pdptes-reserved",		mutate_pdpte_mid },
	{ "pdptes-reserved",		mutate_pdpte_wide },
	{ "pdptes-reserved",		mutate_pdpte_nx },
	{ "dr6-high-bits",		mutate_dr6 },
	{ "dr7-high-bits",		mutate_dr7 },
	{ "long-paging-needs-pae",	mutate_no_pae },
	{ "long-paging-needs-pe",	mutate_no_pe },
	{ "cs-long-and-32-bit",		mutate_cs },
	{ "event-type-defined",		mutate_type },
	{ "event-type-defined",		mutate_type5 },
	{ "event-vector-exception",	mutate_vector },
	{ "event-vector-exception",	mutate_vector_nmi },
	{ "event-vector-64-bit",	mutate_bound },
	{ "event-vector-64-bit",	mutate_into },
};

static void assert_none_broken(const struct world *w)
{
	const struct svm_rule *rule = svm_rules_broken(&w->in);

	if (rule)
		fail_msg("%s is broken", rule->name);
}

static void valid_vmcb_breaks_no_rule(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	assert_none_broken(&w);
}

/* The first rule broken is the one meant, and no later one is broken too. */
static void each_mutation_breaks_its_rule_alone(void **state)
{
	const struct svm_rule *rule;
	struct world w;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(mutations); i++) {
		world_valid(&w);
		mutations[i].apply(&w);
		rule = svm_rules_broken(&w.in);
		if (!rule)
			fail_msg("%s was not noticed", mutations[i].rule);
		assert_string_equal(rule->name, mutations[i].rule);
		for (unsigned n = 0; (rule = svm_rule_at(n)); n++) {
			if (!rule->holds(&w.in))
				assert_string_equal(rule->name, mutations[i].rule);
		}
	}
}

static void every_rule_has_a_mutation_and_a_clause(void **state)
{
	const struct svm_rule *rule;

	(void)state;
	for (unsigned n = 0; (rule = svm_rule_at(n)); n++) {
		unsigned hits = 0;

		for (unsigned i = 0; i < ARRAY_SIZE(mutations); i++)
			hits += !strcmp(mutations[i].rule, rule->name);
		if (!hits)
			fail_msg("no mutation breaks %s", rule->name);
		assert_non_null(strstr(rule->clause, "APM vol. 2 \""));
	}
}

/* APM vol. 2 "Paged Real Mode" 15.19: PG with PE clear is legal under SVM. */
static void paged_real_mode_is_legal(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	w.vmcb.save.efer = EFER_SVME;
	w.vmcb.save.cr0 = CR0_PG;
	w.vmcb.save.cr4 = 0;
	w.vmcb.save.cs.attrib = VMCB_ATTR_P | VMCB_ATTR_S | 0xb;
	assert_none_broken(&w);
}

/*
 * The four PDPEs are loaded, and judged, only for PAE paging outside long mode and
 * without nested paging, paged real mode's too; of one not present no bit is.
 */
static void pdptes_are_judged_only_where_loaded(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	for (unsigned i = 0; i < SVM_RULE_PDPTES; i++)
		w.in.pdpte[i] = ~UINT64_C(0);
	assert_none_broken(&w);			/* nested paging */
	w.vmcb.control.np_enable = 0;
	assert_none_broken(&w);			/* long mode */
	w.vmcb.save.efer = EFER_SVME;
	w.vmcb.save.cr4 = 0;
	assert_none_broken(&w);			/* 32-bit paging */
	w.vmcb.save.cr4 = CR4_PAE;
	w.vmcb.save.cr0 = CR0_PE;
	assert_none_broken(&w);			/* no paging */
	w.vmcb.save.cr0 = CR0_PG;
	assert_string_equal(svm_rules_broken(&w.in)->name, "pdptes-reserved");
	for (unsigned i = 0; i < SVM_RULE_PDPTES; i++)
		w.in.pdpte[i] = ~PTE_P;
	assert_none_broken(&w);
}

/* CS.L with CS.D is judged only while EFER.LME, CR0.PG and CR4.PAE are all set. */
static void cs_long_and_32_bit_is_legal_outside_long_mode(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	w.vmcb.save.cs.attrib |= VMCB_ATTR_DB;
	w.vmcb.save.efer = EFER_SVME;
	assert_none_broken(&w);
}

/* Without NP_ENABLE, nCR3 and G_PAT are not read at all. */
static void nested_fields_are_free_without_nested_paging(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	w.vmcb.control.np_enable = 0;
	w.vmcb.control.n_cr3 = ~UINT64_C(0);
	w.vmcb.save.g_pat = ~UINT64_C(0);
	w.in.host_cr0 = 0;
	w.in.nested_paging = false;
	assert_none_broken(&w);
}

/* EVENTINJ without V is not an event, whatever else it holds. */
static void invalid_event_is_not_judged(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	w.vmcb.control.eventinj = EVENT(7, 255) & ~VMCB_EVENT_V;
	assert_none_broken(&w);
}

/* Interrupts and INT n may have any vector: only exceptions are judged by theirs. */
static void interrupts_take_every_vector(void **state)
{
	static const unsigned types[] = { VMCB_EVENT_INTR, VMCB_EVENT_SOFT_INT };
	struct world w;

	(void)state;
	world_valid(&w);
	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		for (unsigned vector = 0; vector < 256; vector++) {
			w.vmcb.control.eventinj = EVENT(types[i], vector);
			assert_none_broken(&w);
		}
	}
}

/* A table may end where physical memory ends: 12 KiB and 8 KiB below 2^40. */
static void maps_may_end_with_physical_memory(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	w.vmcb.control.iopm_base_pa = 0xffffffd000;
	w.vmcb.control.msrpm_base_pa = 0xffffffe000;
	assert_none_broken(&w);
}

/* #BR is an exception of 32-bit code; #BP exists in every mode. */
static void bound_fault_is_legal_outside_64_bit_mode(void **state)
{
	struct world w;

	(void)state;
	world_valid(&w);
	w.vmcb.save.cs.attrib &= ~VMCB_ATTR_L;
	w.vmcb.control.eventinj = EVENT(VMCB_EVENT_EXCEPTION, VEC_BR);
	assert_none_broken(&w);
	world_valid(&w);
	w.vmcb.control.eventinj = EVENT(VMCB_EVENT_EXCEPTION, VEC_BP);
	assert_none_broken(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_vmcb_breaks_no_rule),
		cmocka_unit_test(each_mutation_breaks_its_rule_alone),
		cmocka_unit_test(every_rule_has_a_mutation_and_a_clause),
		cmocka_unit_test(paged_real_mode_is_legal),
		cmocka_unit_test(pdptes_are_judged_only_where_loaded),
		cmocka_unit_test(cs_long_and_32_bit_is_legal_outside_long_mode),
		cmocka_unit_test(nested_fields_are_free_without_nested_paging),
		cmocka_unit_test(invalid_event_is_not_judged),
		cmocka_unit_test(interrupts_take_every_vector),
		cmocka_unit_test(maps_may_end_with_physical_memory),
		cmocka_unit_test(bound_fault_is_legal_outside_64_bit_mode),
	};

	return cmocka_run_group_tests_name("svm rules", tests, NULL, NULL);
}
