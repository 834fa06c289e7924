/*
 * The table of exit codes and the ways to ask for one: sorted, each name once, and what
 * people write is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/exit_find.h"
#include "compare/exit_show.h"
#include "compare/grid.h"
#include "compare/util.h"
#include "core/exit.h"

static struct exit_hit hits[EXIT_HITS];

/* Each code once, in order, in all parts of a vendor's table. */
static void codes_are_sorted(void **state)
{
	(void)state;
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++) {
		const struct exit_code *row;
		uint64_t next = 0;

		for (size_t n = 0; (row = exit_row(v, n)); n++) {
			assert_true(row->first >= next);
			assert_true(row->last >= row->first);
			next = row->last + 1;
		}
	}
}

/* A name, another name in use, or the name of one of a run leads to one code per vendor. */
static void names_are_unique(void **state)
{
	(void)state;
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++) {
		const struct exit_code *row;

		for (size_t n = 0; (row = exit_row(v, n)); n++) {
			char *also = xdup(row->also ? row->also : ""), *rest = also, *word;
			struct exit_hit hit = { .vendor = v, .row = row, .code = row->last };
			char *name = exit_name_text(&hit);
			char *asked = fmt("%s:%s", exit_vendor_name(v), name);

			assert_int_equal(exit_find(asked, hits), 1);
			assert_int_equal(hits[0].code, row->last);
			while (*also && (word = strsep(&rest, " "))) {
				text_set(&asked, fmt("%s:%s", exit_vendor_name(v), word));
				assert_int_equal(exit_find(asked, hits), 1);
				assert_ptr_equal(hits[0].row, row);
			}
			free(asked);
			free(name);
			free(also);
		}
	}
}

/* As the record's by_reason names them, all of them and no other. */
static void causes_are_the_neutral_reasons(void **state)
{
	size_t count = 0;

	(void)state;
	for (; exit_causes[count].name; count++)
		assert_string_equal(exit_causes[count].name,
				    exit_reason_name((enum exit_reason)count));
	assert_int_equal(count, EXIT_REASONS);
}

static void every_row_becomes_known_reasons_alone(void **state)
{
	(void)state;
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++) {
		const struct exit_code *row;

		for (size_t n = 0; (row = exit_row(v, n)); n++) {
			char *causes = xdup(row->cause), *rest = causes, *word;

			while ((word = strsep(&rest, " ")))
				assert_non_null(exit_cause_named(word));
			free(causes);
		}
	}
}

static void asked(const char *text, enum exit_vendor vendor, uint64_t code)
{
	size_t count = exit_find(text, hits);

	for (size_t i = 0; i < count; i++)
		if (hits[i].vendor == vendor && hits[i].code == code)
			return;
	fail_msg("%s: not found", text);
}

/* SDM appendix "VMX Basic Exit Reasons", APM appendix "SVM Intercept Exit Codes". */
static void what_people_write_is_found(void **state)
{
	(void)state;
	asked("EPT_VIOLATION", EXIT_VMX, 48);
	asked("ept-violation", EXIT_VMX, 48);
	asked("EXIT_REASON_EPT_VIOLATION", EXIT_VMX, 48);
	asked("EXTERNAL_INTERRUPT", EXIT_VMX, 1);
	asked("vmx:0x30", EXIT_VMX, 48);
	asked("NPF", EXIT_SVM, 0x400);
	asked("VMEXIT_NPF", EXIT_SVM, 0x400);
	asked("SVM_EXIT_NPF", EXIT_SVM, 0x400);
	asked("svm:400h", EXIT_SVM, 0x400);
	asked("SVM:1024", EXIT_SVM, 0x400);
	asked("VMEXIT_CR3_WRITE", EXIT_SVM, 0x13);
	asked("VMEXIT_CR10_WRITE_TRAP", EXIT_SVM, 0x9a);
	asked("excp14", EXIT_SVM, 0x4e);
	asked("#pf", EXIT_SVM, 0x4e);
	asked("#PF", EXIT_VMX, 0);
	asked("-1", EXIT_SVM, UINT64_MAX);
	asked("svm:0xffffffff", EXIT_SVM, UINT64_MAX);
	asked("0xfffffffffffffffe", EXIT_SVM, UINT64_MAX - 1);
	asked("cpuid", EXIT_VMX, 10);
	asked("cpuid", EXIT_SVM, 0x72);
}

static void a_bare_number_is_both_vendors(void **state)
{
	(void)state;
	assert_int_equal(exit_find("48", hits), 2);
	assert_int_equal(hits[0].vendor, EXIT_VMX);
	assert_int_equal(hits[1].vendor, EXIT_SVM);
	assert_string_equal(hits[1].row->name, "DR#_WRITE");
}

/* SDM 3C table 24-17: the upper bits of the exit reason are no part of the basic one. */
static void upper_bits_of_an_exit_reason_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(exit_find("0x80000021", hits), 1);
	assert_int_equal(hits[0].code, 33);
	assert_int_equal(hits[0].flags, EXIT_VMX_FAILED);
	assert_int_equal(exit_find("vmx:0x10000030", hits), 1);
	assert_int_equal(hits[0].flags, 1u << 28);
	assert_int_equal(exit_find("vmx:0x00010030", hits), 0);
	assert_int_equal(exit_find("vmx:0x100000030", hits), 0);
}

static void what_is_no_code_is_not_found(void **state)
{
	static const char *const none[] = {
		"", "vmx:", "svm:", ":", "#", "#XX", "-", "0x", "48x", "vmx:NPF", "svm:CR16_READ",
		"CR_READ", "EXCP", "EXCP32", "EXCP4294967310", "35", "vmx:-1", "0x404", "-5",
		"99999999999999999999", "VMEXIT_", "KVM:48",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		size_t count = exit_find(none[i], hits);

		for (size_t h = 0; h < count; h++)
			if (hits[h].vendor == EXIT_VMX || strcmp(none[i], "35"))
				fail_msg("'%s' is found as %s", none[i], hits[h].row->name);
	}
}

static void nearest_is(const char *text, const char *expected)
{
	char *found = exit_nearest(text);

	if (!expected)
		assert_null(found);
	else if (!found || strncmp(found, expected, strlen(expected)))
		fail_msg("%s: nearest is %s", text, found ? found : "none");
	free(found);
}

/* The one with the fewest letters to change first; none that is nothing like it. */
static void a_slip_is_told_the_nearest_name(void **state)
{
	char line[1000] = "";

	(void)state;
	nearest_is("EPT_VIOLATON", "EPT_VIOLATION");
	nearest_is("VMEXIT_NPFF", "NPF");
	nearest_is("vmx:EPT_MISCONFI", "EPT_MISCONFIG");
	nearest_is("vmx-et", "vmx-ept");
	nearest_is("memmory", "memory");
	nearest_is("CR3_WRITES", "CR3_WRITE");
	nearest_is("quarterly", NULL);
	memset(line, 'A', sizeof(line) - 1);
	nearest_is(line, NULL);
}

/* Nothing is wider than the other tables, nothing is left out of what is known. */
static void answers_fit_their_width_and_name_all(void **state)
{
	(void)state;
	for (enum exit_vendor v = 0; v < EXIT_VENDORS; v++) {
		const struct exit_code *row;

		for (size_t n = 0; (row = exit_row(v, n)); n++) {
			struct exit_hit hit = { .vendor = v, .row = row, .code = row->first };
			char *text, *rest, *line;
			size_t size;
			FILE *out = open_memstream(&text, &size);

			exit_show(&hit, out, false);
			fclose(out);
			assert_non_null(strstr(text, "  becomes  "));
			assert_non_null(strstr(text, "  handled by  "));
			assert_non_null(strstr(text, "  comes with  "));
			assert_non_null(strstr(text, "  manual  "));
			rest = text;
			while ((line = strsep(&rest, "\n")))
				assert_true(strlen(line) <= GRID_WIDTH);
			free(text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_sorted),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(causes_are_the_neutral_reasons),
		cmocka_unit_test(every_row_becomes_known_reasons_alone),
		cmocka_unit_test(what_people_write_is_found),
		cmocka_unit_test(a_bare_number_is_both_vendors),
		cmocka_unit_test(upper_bits_of_an_exit_reason_are_told_apart),
		cmocka_unit_test(what_is_no_code_is_not_found),
		cmocka_unit_test(a_slip_is_told_the_nearest_name),
		cmocka_unit_test(answers_fit_their_width_and_name_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
