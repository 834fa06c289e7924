/*
 * What of two outputs is compared, and the tables that say so. Knows no emulator.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/filter.h"
#include "compare/spawn.h"

static char *difference(const struct guest *guest, const char *bare,
			const char *other)
{
	return output_difference(guest, bare, strlen(bare), other, strlen(other));
}

static void agree(const struct guest *guest, const char *bare, const char *other)
{
	char *said = difference(guest, bare, other);

	if (said)
		fail_msg("%s", said);
}

static void differ(const struct guest *guest, const char *bare, const char *other)
{
	char *said = difference(guest, bare, other);

	assert_non_null(said);
	free(said);
}

static const struct guest *named(const char *name)
{
	const struct guest *g = guest_find(name, NULL);

	assert_non_null(g);
	return g;
}

/* Once one filter keeps lines, all that none keeps are left out. */
static void keeps_only_what_a_filter_keeps(void **state)
{
	static const struct filter filters[] = {
		{ FILTER_KEEP, "^said: ", "" },
		{ FILTER_MASK, "[0-9]+ s", "" },
		{ FILTER_DROP, NULL, NULL },
	};
	const struct guest guest = { .filters = filters };

	(void)state;
	agree(&guest, "noise\nsaid: one\n", "said: one\nother noise\n");
	agree(&guest, "said: 1 s\n", "said: 22 s\n");
	differ(&guest, "said: one\n", "said: two\n");
	differ(&guest, "said: one\n", "one\n");
}

static void a_screen_has_lines_at_escapes_and_no_repeats(void **state)
{
	static const struct filter filters[] = {
		{ FILTER_KEEP, "^.\\[2;1H", "" },
		{ FILTER_DROP, NULL, NULL },
	};
	const struct guest guest = {
		.filters = filters, .screen = true, .end_line = "last",
	};

	(void)state;
	agree(&guest, "\033[1;1H10%\033[2;1Hone\033[2;1Hone\033[2;1Hlast\033[9;1H",
	      "\033[2;1Hone\033[1;1H50%\033[2;1Hlast\033[2;1Hmore");
	differ(&guest, "\033[2;1Hone\033[2;1Htwo\033[2;1Hlast",
	       "\033[2;1Hone\033[2;1Hlast");
}

/* Linux: lines with the time of the kernel are not compared; the script's are. */
static void linux_lines_without_time_are_compared(void **state)
{
	const struct guest *g = named("linux-686");

	(void)state;
	agree(g, "[    0.000000] Linux\r\nbig: 1\r\n[   12.345678] x\r\n",
	      "[    0.100000] Unix\r\nbig: 1\r\n");
	differ(g, "[    0.000000] Linux\r\nbig: 1\r\n", "big: 2\r\n");
	differ(g, "big: 1\r\n", "big: 1\r\n[ 0.1] not the kernel's\r\n");
}

static void a_banner_is_compared_without_its_time(void **state)
{
	const struct guest *g = named("linux-banner");

	(void)state;
	agree(g, "[    0.000000] Linux version 6\r\n[    0.000000] "
	      "BIOS-provided physical RAM map:\r\n",
	      "[    1.000000] Linux version 6\r\n[    1.000000] "
	      "BIOS-provided physical RAM map");
	differ(g, "[    0.000000] Linux version 6\r\n",
	       "[    0.000000] Linux version 7\r\n");
}

static void names_are_there_once(void **state)
{
	const struct guest *g;

	(void)state;
	for (size_t i = 0; (g = guest_at(i)); i++) {
		assert_ptr_equal(guest_find(g->name, NULL), g);
		assert_int_equal(guest_rank(g->name), i);
	}
	assert_null(guest_at(SIZE_MAX));
}

/* A module lies beside the guest under the first word of its command line. */
static void modules_are_files_of_their_own(void **state)
{
	const struct guest *g;

	(void)state;
	for (size_t i = 0; (g = guest_at(i)); i++) {
		for (const struct guest_module *m = g->module; m->file; m++) {
			char *name = guest_module_name(m);

			assert_true(*name);
			assert_null(strpbrk(name, "/'="));
			assert_string_not_equal(name, FILE_GUEST);
			assert_string_not_equal(name, FILE_HYPERVISOR);
			free(name);
		}
	}
}

static void a_disk_is_told_by_its_number(void **state)
{
	static const struct guest guest = {
		.name = "x", .kind = "firmware", .memory_mib = 32,
		.limit = 1000, .tick_shift = 5,
		.module = { { "cache/a", "a one" }, { "cache/b", GUEST_DISK } },
	};
	struct job job = { .guest = &guest, .machine = machine_find("qemu:EPYC") };
	char *options;

	(void)state;
	assert_int_equal(guest_disk(&guest), 2);
	assert_int_equal(guest_disk(named("linux-686")), 0);
	job.choice.rung = rung_named("svm-npt");
	options = hypervisor_options(&job);
	assert_string_equal(options, "rung=svm-npt mem=32M limit=1000 "
			    "kind=firmware clock=31250000 disk=2 --");
	free(options);
}

/* On bare the guest's memory is there twice, beside the images. */
static void the_machine_has_room_for_all(void **state)
{
	struct guest guest = { .memory_mib = 64 };
	struct job job = { .guest = &guest };

	(void)state;
	assert_int_equal(job_machine_mib(&job), 256);
	guest.memory_mib = 160;
	job.image_bytes = 55u << 20;
	assert_int_equal(job_machine_mib(&job), 448);
	assert_true(job_machine_mib(&job) >= 2 * 160 + 55 + 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_only_what_a_filter_keeps),
		cmocka_unit_test(a_screen_has_lines_at_escapes_and_no_repeats),
		cmocka_unit_test(linux_lines_without_time_are_compared),
		cmocka_unit_test(a_banner_is_compared_without_its_time),
		cmocka_unit_test(names_are_there_once),
		cmocka_unit_test(modules_are_files_of_their_own),
		cmocka_unit_test(a_disk_is_told_by_its_number),
		cmocka_unit_test(the_machine_has_room_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
