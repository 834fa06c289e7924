/*
 * The rules of VM entry: valid guests break none, and each mutation of one
 * breaks the one rule that it names. Every row of the table must be hit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "vmx_rules_mutate_controls.h"
#include "vmx_rules_mutate_guest.h"
#include "vmx_rules_mutate_legal.h"

static const struct mutation *const tables[] = { mutations_controls, mutations_guest };

static struct world world;

static void assert_none_broken(struct world *w)
{
	const struct vmx_rule *rule;

	world_read(w);
	rule = vmx_rules_broken(&w->in);
	if (rule)
		fail_msg("%s is broken", rule->name);
}

static void mutate(struct world *w, const struct mutation *m)
{
	world_valid(w, m->base);
	for (unsigned i = 0; i < FLIPS; i++) {
		uint32_t at = m->flip[i].at;

		if (at < INPUT_AT)
			w->field[at] ^= m->flip[i].bits;
		else
			*(uint64_t *)((char *)&w->in + at - INPUT_AT) ^= m->flip[i].bits;
	}
	world_read(w);
}

static void valid_guests_break_no_rule(void **state)
{
	(void)state;
	for (unsigned base = 0; base < BASE_COUNT; base++) {
		world_valid(&world, (enum base)base);
		assert_none_broken(&world);
	}
}

static void assert_breaks_alone(const struct mutation *m)
{
	const struct vmx_rule *rule;

	mutate(&world, m);
	rule = vmx_rules_broken(&world.in);
	if (!rule)
		fail_msg("%s was not noticed", m->rule);
	assert_string_equal(rule->name, m->rule);
	for (unsigned n = 0; (rule = vmx_rule_at(n)); n++) {
		if (!rule->holds(&world.in, rule->arg) && strcmp(rule->name, m->rule))
			fail_msg("%s breaks %s too", m->rule, rule->name);
	}
}

/* The first rule broken is the one meant, and no later one is broken too. */
static void each_mutation_breaks_its_rule_alone(void **state)
{
	(void)state;
	for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct mutation *m = tables[t]; m->rule; m++)
			assert_breaks_alone(m);
	}
}

/* A clause that forbids too much would name a rule for a healthy guest. */
static void what_the_clauses_allow_breaks_no_rule(void **state)
{
	(void)state;
	for (const struct mutation *m = mutations_legal; m->rule; m++) {
		const struct vmx_rule *rule;

		mutate(&world, m);
		rule = vmx_rules_broken(&world.in);
		if (rule)
			fail_msg("%s: breaks %s", m->rule, rule->name);
	}
}

static unsigned mutations_of(const char *rule)
{
	unsigned hits = 0;

	for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
		for (const struct mutation *m = tables[t]; m->rule; m++)
			hits += !strcmp(m->rule, rule);
	}
	return hits;
}

static void every_rule_has_a_mutation_and_a_clause(void **state)
{
	const struct vmx_rule *rule;

	(void)state;
	for (unsigned n = 0; (rule = vmx_rule_at(n)); n++) {
		if (!mutations_of(rule->name))
			fail_msg("no mutation breaks %s", rule->name);
		assert_non_null(strstr(rule->clause, "SDM 3C \""));
		assert_non_null(strstr(rule->clause, "\" 26."));
	}
}

static void rule_names_are_unique(void **state)
{
	const struct vmx_rule *rule, *other;

	(void)state;
	for (unsigned n = 0; (rule = vmx_rule_at(n)); n++) {
		for (unsigned k = 0; k < n; k++) {
			other = vmx_rule_at(k);
			assert_string_not_equal(rule->name, other->name);
		}
	}
}

/* 26.3.1.2: an unusable segment is not judged, but for what says otherwise. */
static void unusable_segments_are_free(void **state)
{
	static const uint32_t ar[] = {
		VMCS_GUEST_ES_AR, VMCS_GUEST_DS_AR, VMCS_GUEST_FS_AR, VMCS_GUEST_GS_AR,
		VMCS_GUEST_LDTR_AR,
	};

	(void)state;
	world_valid(&world, BASE_LONG);
	for (unsigned i = 0; i < ARRAY_SIZE(ar); i++)
		world.field[ar[i]] = AR_UNUSABLE;
	world.field[VMCS_GUEST_LDTR_SELECTOR] = BIT(2);
	world.field[VMCS_GUEST_LDTR_BASE] = BIT(47);
	world.field[VMCS_GUEST_ES_BASE] = BIT(40);
	assert_none_broken(&world);
}

/* 26.3.1.1: with unrestricted guest PE and PG are free, the other fixed bits not. */
static void unrestricted_guest_frees_pe_and_pg(void **state)
{
	(void)state;
	world_valid(&world, BASE_REAL);
	world.field[VMCS_GUEST_CR0] |= CR0_PE;
	assert_none_broken(&world);
	world.field[VMCS_GUEST_CR0] &= ~CR0_NE;
	world_read(&world);
	assert_string_equal(vmx_rules_broken(&world.in)->name, "guest-cr0-fixed");
}

/* 26.3.1.1: CD and NW are not checked. */
static void cache_bits_are_free(void **state)
{
	(void)state;
	world_valid(&world, BASE_PM32);
	world.in.caps.cr0_fixed0 |= CR0_NW;
	world.field[VMCS_GUEST_CR0] |= CR0_CD;
	world.in.caps.cr0_fixed1 |= CR0_CD;
	world.field[VMCS_HOST_CR0] |= CR0_NW;
	assert_none_broken(&world);
}

/* 26.3.1.2: only unrestricted guest has data type 3 in CS and RPLs at will. */
static void unrestricted_guest_takes_data_in_cs(void **state)
{
	(void)state;
	world_valid(&world, BASE_REAL);
	world.field[VMCS_GUEST_CS_AR] = AR_REAL_DATA;
	world.field[VMCS_GUEST_DS_SELECTOR] = 3;
	world.field[VMCS_GUEST_SS_SELECTOR] = 1;
	assert_none_broken(&world);
}

/* The secondary controls count only while bit 31 of the primary ones is set. */
static void inactive_secondary_controls_count_as_zero(void **state)
{
	(void)state;
	world_valid(&world, BASE_PM32);
	world.field[VMCS_CTL_PROC] &= ~VMX_PROC_SECONDARY;
	world.field[VMCS_CTL_PROC2] = VMX_PROC2_UNRESTRICTED | VMX_PROC2_X2APIC;
	world.in.caps.proc2 = 0;
	assert_none_broken(&world);
}

/* 26.2.1.3: with IA32_VMX_BASIC[56] an exception may come with or without a code. */
static void error_code_is_free_where_the_cpu_says_so(void **state)
{
	(void)state;
	world_valid(&world, BASE_LONG);
	world.in.caps.basic |= VMX_BASIC_ANY_ERROR_CODE;
	world.field[VMCS_ENTRY_INTR_INFO] = EVENT(VMX_EVENT_EXCEPTION, VEC_GP);
	assert_none_broken(&world);
	world.field[VMCS_ENTRY_INTR_INFO] |= VMX_EVENT_ERROR_VALID;
	assert_none_broken(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_guests_break_no_rule),
		cmocka_unit_test(each_mutation_breaks_its_rule_alone),
		cmocka_unit_test(what_the_clauses_allow_breaks_no_rule),
		cmocka_unit_test(every_rule_has_a_mutation_and_a_clause),
		cmocka_unit_test(rule_names_are_unique),
		cmocka_unit_test(unusable_segments_are_free),
		cmocka_unit_test(unrestricted_guest_frees_pe_and_pg),
		cmocka_unit_test(cache_bits_are_free),
		cmocka_unit_test(unrestricted_guest_takes_data_in_cs),
		cmocka_unit_test(inactive_secondary_controls_count_as_zero),
		cmocka_unit_test(error_code_is_free_where_the_cpu_says_so),
	};

	return cmocka_run_group_tests_name("vmx rules", tests, NULL, NULL);
}
