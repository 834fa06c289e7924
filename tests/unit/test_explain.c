/*
 * What `diptych explain` says of a rung: the words that the manuals demand, from the
 * hypervisor's own strategy function.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compare/explain.h"
#include "compare/explain_strategy.h"
#include "compare/grid.h"

static struct explain_row rows[EXPLAIN_ROWS];
static size_t count;

static void ask(const char *rung, const struct explain_options *options)
{
	const struct explain_options none = { 0 };

	count = explain_rows(rung, options ? options : &none, rows);
}

static const struct explain_row *row(const char *mode, const char *when)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].mode, mode) && !strcmp(rows[i].when, when))
			return &rows[i];
	fail_msg("no row %s, %s", mode, when);
	return NULL;
}

/* Whether `part` ("on", "off", or "": the whole) of the field lists the word. */
static bool says(const struct explain_row *r, enum explain_field field,
		 const char *part, const char *word)
{
	char text[400], *rest = text, *clause, *item;

	snprintf(text, sizeof(text), "%s", r->field[field]);
	while ((clause = strsep(&rest, ";"))) {
		clause += strspn(clause, " ");
		if (strncmp(clause, part, strlen(part)))
			continue;
		while ((item = strsep(&clause, " ")))
			if (!strcmp(item, word))
				return true;
	}
	return false;
}

static void forgotten(void)
{
	explain_rows_free(rows, count);
	count = 0;
}

/* SDM 3A "Restrictions on VMX Operation" 23.8: PE, PG, NE; CR4.VMXE. */
static void without_unrestricted_guest_pe_pg_and_ne_are_forced(void **state)
{
	const struct explain_row *real, *unpaged;

	(void)state;
	ask("vmx-ept", NULL);
	real = row("real", "segments fit");
	unpaged = row("unpaged protected", "segments fit");
	assert_string_equal(real->ran_as, "vm86");
	assert_string_equal(unpaged->ran_as, "hidden");
	assert_true(says(real, EXPLAIN_CR0, "on", "PE"));
	assert_true(says(real, EXPLAIN_CR0, "on", "PG"));
	assert_true(says(real, EXPLAIN_CR0, "on", "NE"));
	assert_true(says(unpaged, EXPLAIN_CR0, "on", "PG"));
	assert_false(says(unpaged, EXPLAIN_CR0, "on", "PE"));
	assert_true(says(unpaged, EXPLAIN_CR4, "on", "VMXE"));
	assert_true(says(unpaged, EXPLAIN_CR0_OWN, "", "PG"));
	assert_true(says(unpaged, EXPLAIN_INTERCEPTS, "", "CR3-access"));
	forgotten();
}

/* 4 MiB pages need PSE, and PAE clear; a map open to CPL 3 cannot stand SMEP: SDM 3A 4.3, 4.6. */
static void hidden_tables_decide_the_paging_bits_of_cr4(void **state)
{
	const struct explain_row *r;

	(void)state;
	ask("vmx-ept", NULL);
	r = row("unpaged protected", "segments fit");
	assert_true(says(r, EXPLAIN_CR4, "on", "PSE"));
	assert_true(says(r, EXPLAIN_CR4, "off", "PAE"));
	assert_true(says(r, EXPLAIN_CR4, "off", "SMEP"));
	assert_true(says(r, EXPLAIN_CR4, "off", "SMAP"));
	assert_true(says(r, EXPLAIN_EFER, "off", "LME"));
	assert_non_null(strstr(r->field[EXPLAIN_CR3], "hidden"));
	forgotten();
}

/* Guest has PE and PG: SDM 3C "Checks on Guest Control Registers" 26.3.1.1 is content. */
static void paged_modes_run_native_with_their_own_tables(void **state)
{
	static const char *const paged[] = { "32-bit paging", "PAE", "long" };

	(void)state;
	ask("vmx-ept", NULL);
	for (size_t i = 0; i < 3; i++) {
		const struct explain_row *r = row(paged[i], "segments fit");

		assert_string_equal(r->ran_as, "native");
		assert_false(says(r, EXPLAIN_CR0, "on", "PG"));
		assert_non_null(strstr(r->field[EXPLAIN_CR3], "own tables"));
		assert_false(says(r, EXPLAIN_INTERCEPTS, "", "CR3-access"));
		assert_string_equal(row(paged[i], "segments do not fit")->ran_as,
				    "emulated");
	}
	forgotten();
}

/* SDM 3B "Virtual-8086 Mode" 20.2: at CPL 3, so CR0.AM would fault; every vector exits. */
static void virtual_8086_mode_traps_all_vectors_and_no_alignment(void **state)
{
	const struct explain_options fast = { .vm86_fast = true };

	(void)state;
	ask("vmx-ept", NULL);
	assert_true(says(row("real", "segments fit"), EXPLAIN_CR0, "off", "AM"));
	assert_true(says(row("real", "segments fit"), EXPLAIN_CR4, "off", "VME"));
	assert_string_equal(row("real", "segments fit")->field[EXPLAIN_EXCEPTIONS],
			    "all");
	forgotten();
	/* 20.3.3: INT n through the IVT needs VME and, for PUSHF to run, IOPL 3. */
	ask("vmx-ept", &fast);
	assert_true(says(row("real", "segments fit"), EXPLAIN_CR4, "off", "VME"));
	assert_true(says(row("real", "segments fit, IOPL 3, IVT at 0"),
			 EXPLAIN_CR4, "on", "VME"));
	forgotten();
}

static void unpaged_emulate_enters_nothing_without_paging(void **state)
{
	const struct explain_options emulate = { .unpaged_emulate = true };

	(void)state;
	ask("vmx-ept", &emulate);
	assert_string_equal(row("real", "any")->ran_as, "emulated");
	assert_string_equal(row("unpaged protected", "any")->ran_as, "emulated");
	assert_string_equal(row("unpaged protected", "any")->field[EXPLAIN_CR0], "");
	assert_string_equal(row("PAE", "segments fit")->ran_as, "native");
	forgotten();
}

/* SDM 3C "Unrestricted Guests" 31.6.1: PE and PG are the guest's, NE is not. */
static void unrestricted_guest_forces_ne_but_not_pe_or_pg(void **state)
{
	(void)state;
	ask("vmx-ug", NULL);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(rows[i].ran_as, "native");
		assert_string_equal(rows[i].when, "any");
		assert_true(says(&rows[i], EXPLAIN_CR0, "on", "NE"));
		assert_false(says(&rows[i], EXPLAIN_CR0, "on", "PE"));
		assert_false(says(&rows[i], EXPLAIN_CR0, "on", "PG"));
		assert_true(says(&rows[i], EXPLAIN_CR4, "on", "VMXE"));
		assert_true(says(&rows[i], EXPLAIN_OBSERVING, "", "CR0.PG"));
		assert_false(says(&rows[i], EXPLAIN_CR0_OWN, "", "PG"));
	}
	forgotten();
}

/* APM vol. 2 "Canonicalization and Consistency Checks" 15.5.1: EFER.SVME, nothing of CR0. */
static void svm_forces_svme_alone(void **state)
{
	const struct explain_options unobserved = { .observe_none = true };

	(void)state;
	ask("svm-npt", &unobserved);
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(rows[i].field[EXPLAIN_CR0], "the guest's");
		assert_string_equal(rows[i].field[EXPLAIN_CR4], "the guest's");
		assert_true(says(&rows[i], EXPLAIN_EFER, "on", "SVME"));
		assert_string_equal(rows[i].field[EXPLAIN_OBSERVING], "");
		assert_string_equal(rows[i].field[EXPLAIN_CR0_OWN], "");
		assert_true(says(&rows[i], EXPLAIN_INTERCEPTS, "", "EFER-read"));
	}
	forgotten();
}

/* APM vol. 2 "Paged Real Mode" 15.19: PG without PE; CR0 and CR3 must not show. */
static void svm_shadow_runs_real_mode_paged(void **state)
{
	const struct explain_row *r;

	(void)state;
	ask("svm-shadow", NULL);
	assert_int_equal(count, 5);
	r = row("real", "any");
	assert_string_equal(r->ran_as, "paged-real");
	assert_true(says(r, EXPLAIN_CR0, "on", "PG"));
	assert_true(says(r, EXPLAIN_CR0, "on", "WP"));
	assert_false(says(r, EXPLAIN_CR0, "on", "PE"));
	assert_true(says(r, EXPLAIN_CR0, "off", "CD"));
	assert_true(says(r, EXPLAIN_INTERCEPTS, "CR0", "CR0-read"));
	assert_true(says(r, EXPLAIN_INTERCEPTS, "CR0", "CR3-access"));
	assert_true(says(r, EXPLAIN_INTERCEPTS, "CR0", "INVLPG"));
	assert_true(says(r, EXPLAIN_INTERCEPTS, "CR0", "task-switch"));
	assert_true(says(r, EXPLAIN_EXCEPTIONS, "", "#PF"));
	assert_true(says(r, EXPLAIN_EFER, "off", "LME"));
	assert_string_equal(row("unpaged protected", "any")->ran_as, "hidden");
	assert_string_equal(row("PAE", "any")->ran_as, "shadow");
	forgotten();
}

/* Reads exit where there is no read shadow and something to hide, and nowhere else. */
static void reads_of_cr0_and_cr4_exit_to_hide_what_differs(void **state)
{
	static const char *const paged[] = { "32-bit paging", "PAE", "long" };

	(void)state;
	ask("svm-shadow", NULL);
	for (size_t i = 0; i < 3; i++) {
		const struct explain_row *r = row(paged[i], "any");

		assert_true(says(r, EXPLAIN_INTERCEPTS, "while", "CR0-read"));
		assert_false(says(r, EXPLAIN_INTERCEPTS, "CR0", "CR0-read"));
	}
	/* With 32-bit paging PAE is never the guest's. */
	assert_true(says(row("32-bit paging", "any"), EXPLAIN_INTERCEPTS, "CR0",
			 "CR4-read"));
	assert_true(says(row("long", "any"), EXPLAIN_INTERCEPTS, "while",
			 "CR4-read"));
	forgotten();
	ask("vmx-shadow", NULL);
	for (size_t i = 0; i < count; i++) {
		assert_null(strstr(rows[i].field[EXPLAIN_INTERCEPTS], "CR0-read"));
		assert_null(strstr(rows[i].field[EXPLAIN_INTERCEPTS], "CR4-read"));
	}
	forgotten();
}

/* Whatever the guest's format is, PAE and WP are the hardware's; PGE is not. */
static void shadow_rungs_force_what_their_tables_need(void **state)
{
	static const char *const shadow[] = { "svm-shadow", "vmx-shadow" };
	static const char *const own[] = { "PSE", "PAE", "PGE", "SMEP", "SMAP" };

	(void)state;
	for (size_t s = 0; s < 2; s++) {
		const struct explain_row *r;

		ask(shadow[s], NULL);
		r = row("32-bit paging", s ? "segments fit" : "any");
		assert_string_equal(r->ran_as, "shadow");
		assert_true(says(r, EXPLAIN_CR0, "on", "WP"));
		assert_true(says(r, EXPLAIN_CR4, "on", "PAE"));
		assert_true(says(r, EXPLAIN_CR4, "off", "PGE"));
		assert_false(says(r, EXPLAIN_CR4, "off", "SMEP"));
		assert_true(says(r, EXPLAIN_EFER, "on", "NXE"));
		assert_non_null(strstr(r->field[EXPLAIN_CR3], "PAE format"));
		for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
			assert_true(says(r, EXPLAIN_CR4_OWN, "", own[i]));
		assert_true(says(r, EXPLAIN_INTERCEPTS, "", "PAT-access"));
		r = row("long", s ? "segments fit" : "any");
		assert_non_null(strstr(r->field[EXPLAIN_CR3], "own format"));
		r = row("unpaged protected", s ? "segments fit" : "any");
		assert_true(says(r, EXPLAIN_CR4, "off", "SMEP"));
		assert_non_null(strstr(r->field[EXPLAIN_CR3], "identity map"));
		forgotten();
	}
}

/* SDM 3C "Restrictions on VMX Operation" 23.8: without unrestricted guest, PE too. */
static void vmx_shadow_runs_real_mode_as_virtual_8086(void **state)
{
	const struct explain_row *r;

	(void)state;
	ask("vmx-shadow", NULL);
	r = row("real", "segments fit");
	assert_string_equal(r->ran_as, "vm86");
	assert_true(says(r, EXPLAIN_CR0, "on", "PE"));
	assert_string_equal(r->field[EXPLAIN_EXCEPTIONS], "all");
	assert_non_null(strstr(r->field[EXPLAIN_CR3], "task state"));
	assert_string_equal(row("long", "segments do not fit")->ran_as, "emulated");
	forgotten();
}

static void each_policy_of_keeping_in_step_is_told_apart(void **state)
{
	const struct explain_options unsync = { 0 };
	const struct explain_options protect = { .sync_protect = true };
	const struct explain_options flush = { .sync_flush = true };

	(void)state;
	assert_non_null(strstr(explain_sync("svm-shadow", &unsync), "unsync: "));
	assert_non_null(strstr(explain_sync("vmx-shadow", &protect), "protect: "));
	assert_non_null(strstr(explain_sync("svm-shadow", &flush), "flush: "));
	assert_null(explain_sync("vmx-ept", &unsync));
	assert_null(explain_sync("svm-npt", &flush));
}

static void every_row_has_one_sentence_of_why(void **state)
{
	static const char *const built[] = { "svm-npt", "vmx-ug", "vmx-ept",
					     "svm-shadow", "vmx-shadow" };

	(void)state;
	for (size_t b = 0; b < 5; b++) {
		ask(built[b], NULL);
		for (size_t i = 0; i < count; i++) {
			const char *why = rows[i].field[EXPLAIN_WHY];
			const char *stop = strchr(why, '.');

			while (stop && stop[1] && stop[1] != ' ')
				stop = strchr(stop + 1, '.');
			assert_non_null(stop);
			assert_int_equal(stop[1], 0);
		}
		forgotten();
	}
}

static void no_strategy_without_backend_or_before_it_is_built(void **state)
{
	static const char *const none[] = { "bare", "ring3", "vmx", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		ask(none[i], NULL);
		assert_int_equal(count, 0);
		assert_null(explain_rung(none[i]));
		assert_null(explain_cpu(none[i]));
	}
}

/* No line of the table is wider than the others' tables; without colour no escape. */
static void the_table_fits_its_width(void **state)
{
	static const char *const asked[][2] = {
		{ "vmx-ept,vm86=fast", "row 6" },
		{ "svm-shadow,sync=flush", "  sync           flush:" },
		{ "vmx-shadow,vm86=fast", "row 8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		size_t size, choices;
		char *text, *why, *rest, *line;
		struct rung_choice *choice =
			rung_list_parse(asked[i][0], &choices, &why);
		FILE *out = open_memstream(&text, &size);

		assert_non_null(choice);
		assert_true(explain_print(choice, out, false));
		fclose(out);
		assert_int_equal(strncmp(text, asked[i][0],
					 strlen(asked[i][0])), 0);
		assert_non_null(strstr(text, asked[i][1]));
		assert_null(strchr(text, '\033'));
		rest = text;
		while ((line = strsep(&rest, "\n")))
			assert_true(strlen(line) <= GRID_WIDTH);
		free(text);
		rung_choice_free(choice);
		free(choice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_unrestricted_guest_pe_pg_and_ne_are_forced),
		cmocka_unit_test(hidden_tables_decide_the_paging_bits_of_cr4),
		cmocka_unit_test(paged_modes_run_native_with_their_own_tables),
		cmocka_unit_test(virtual_8086_mode_traps_all_vectors_and_no_alignment),
		cmocka_unit_test(unpaged_emulate_enters_nothing_without_paging),
		cmocka_unit_test(unrestricted_guest_forces_ne_but_not_pe_or_pg),
		cmocka_unit_test(svm_forces_svme_alone),
		cmocka_unit_test(svm_shadow_runs_real_mode_paged),
		cmocka_unit_test(reads_of_cr0_and_cr4_exit_to_hide_what_differs),
		cmocka_unit_test(shadow_rungs_force_what_their_tables_need),
		cmocka_unit_test(vmx_shadow_runs_real_mode_as_virtual_8086),
		cmocka_unit_test(each_policy_of_keeping_in_step_is_told_apart),
		cmocka_unit_test(every_row_has_one_sentence_of_why),
		cmocka_unit_test(no_strategy_without_backend_or_before_it_is_built),
		cmocka_unit_test(the_table_fits_its_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
