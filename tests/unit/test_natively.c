/* Which rungs count as run on hardware, and what is said when a vendor is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/natively.h"

static struct run *made(const char *rung, const char *machine, const char *nesting,
			const char *cpu, enum outcome outcome)
{
	struct run *run = run_new();

	text_set(&run->guest, xdup("modes"));
	text_set(&run->rung, xdup(rung));
	text_set(&run->machine, xdup(machine));
	json_object_set_new(run->fingerprint, "nesting", json_string(nesting));
	json_object_set_new(run->cpu, "name", json_string(cpu));
	run->outcome = outcome;
	return run;
}

enum { ALL = 5 };

static int setup(void **state)
{
	static struct run *runs[ALL];

	runs[0] = made("svm-npt", "kvm:host", "nested", "AMD EPYC 7763", OUTCOME_PASS);
	runs[1] = made("svm-shadow", "metal", "metal", "AMD Ryzen 5", OUTCOME_FAIL);
	runs[2] = made("vmx-ug", "bochs:tigerlake", "emulated", "", OUTCOME_PASS);
	runs[3] = made("vmx-ept", "kvm:host", "nested", "", OUTCOME_SKIP);
	runs[4] = made("bare", "kvm:host", "nested", "Xeon", OUTCOME_PASS);
	*state = runs;
	return 0;
}

static int teardown(void **state)
{
	struct run **runs = *state;

	for (int i = 0; i < ALL; i++)
		run_free(runs[i]);
	return 0;
}

static void said(struct run **runs, size_t count, const char *expected)
{
	struct buf out = { 0 };

	natively_put(runs, count, &out);
	assert_string_equal(out.text, expected);
	buf_free(&out);
}

/* A run that failed was a run, a skipped one was none; bare tells of no rung. */
static void the_missing_vendor_is_named_with_the_rungs_that_had_emulators(void **state)
{
	said(*state, ALL,
	     "on AMD hardware: svm-npt, svm-shadow (AMD EPYC 7763, kvm:host; AMD Ryzen 5, "
	     "metal)\nno Intel hardware among the reports; on emulators only: vmx-ug\n");
}

static void both_may_be_missing(void **state)
{
	struct run **runs = *state;

	said(runs + 2, 1, "no AMD hardware among the reports\nno Intel hardware among the "
	     "reports; on emulators only: vmx-ug\n");
}

static void a_required_rung_must_have_run_on_hardware(void **state)
{
	static const struct { const char *list; bool good; const char *said; } rows[] = {
		{ "svm-npt", true, "" },
		{ "svm-npt,svm-shadow", true, "" },
		{ "svm-npt,vmx-ug", false, "required on hardware, and missing: vmx-ug\n" },
		{ "vmx-ept", false, "required on hardware, and missing: vmx-ept\n" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf out = { 0 };
		struct rung_choice *wanted;
		size_t count;
		char *why;

		buf_add(&out, "", 0);
		wanted = rung_list_parse(rows[i].list, &count, &why);
		assert_non_null(wanted);
		assert_int_equal(natively_required(*state, ALL, wanted, count, &out),
				 rows[i].good);
		assert_string_equal(out.text, rows[i].said);
		buf_free(&out);
		free(wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_missing_vendor_is_named_with_the_rungs_that_had_emulators),
		cmocka_unit_test(both_may_be_missing),
		cmocka_unit_test(a_required_rung_must_have_run_on_hardware),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
