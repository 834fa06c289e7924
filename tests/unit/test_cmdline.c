/* The command line: what it means, and one clear line for everything that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cmdline_look.h"

static void rung_alone_gives_the_defaults(void **state)
{
	struct cmdline c = parsed("rung=svm-npt");

	(void)state;
	assert_int_equal(c.rung->id, RUNG_SVM_NPT);
	assert_string_equal(c.rung->backend, "svm");
	assert_int_equal(c.options.observe, OBSERVE_MODES);
	assert_true(c.options.tags);
	assert_int_equal(c.memory, 64 << 20);
	assert_int_equal(c.limit, 0);
	assert_int_equal(c.kind, GUEST_AUTO);
	assert_int_equal(c.dump.count, 0);
	assert_string_equal(c.guest, "");
}

static void every_word_is_understood(void **state)
{
	struct cmdline c = parsed("/boot/diptych rung=vmx-ug,observe=none,tags=off "
				  " mem=256M\tlimit=500M kind=flat -- a  b=c ");

	(void)state;
	assert_int_equal(c.rung->id, RUNG_VMX_UG);
	assert_int_equal(c.options.observe, OBSERVE_NONE);
	assert_false(c.options.tags);
	assert_int_equal(c.memory, 256 << 20);
	assert_int_equal(c.limit, 500000000);
	assert_int_equal(c.kind, GUEST_FLAT);
	assert_string_equal(c.guest, "a  b=c ");
}

/* The boot loader's first word is the program's name; a later one is not. */
static void only_the_first_word_may_be_a_name(void **state)
{
	(void)state;
	assert_int_equal(parsed("diptych.elf rung=bare").rung->id, RUNG_BARE);
	expect_error("rung=bare diptych.elf",
		     "diptych.elf: no such option; known: rung mem limit kind "
		     "entry dump clock pci hpet disk screen until lm trace gdb");
	expect_error("rung=bare mem", "mem: needs a value, as in mem=...");
}

/* What follows " -- " is the guest's, even when it looks like ours. */
static void guest_text_is_not_parsed(void **state)
{
	(void)state;
	assert_string_equal(parsed("rung=bare -- rung=foo -- x").guest,
			    "rung=foo -- x");
	assert_string_equal(parsed("rung=bare --").guest, "");
	assert_string_equal(parsed("rung=bare --   two").guest, "  two");
	expect_error("-- rung=bare", "rung: missing; give rung=R");
}

static void missing_rung_is_an_error(void **state)
{
	(void)state;
	expect_error("", "rung: missing; give rung=R");
	expect_error("mem=64M", "rung: missing; give rung=R");
}

static void unknown_rung_lists_the_known(void **state)
{
	(void)state;
	expect_error("rung=foo", "rung=foo: no such rung; known: bare svm-npt "
		     "svm-shadow vmx-ug vmx-ept vmx-shadow ring3");
	expect_error("rung=", "rung=: no such rung; known: bare svm-npt "
		     "svm-shadow vmx-ug vmx-ept vmx-shadow ring3");
	expect_error("rung=svm-np", "rung=svm-np: no such rung; known: bare "
		     "svm-npt svm-shadow vmx-ug vmx-ept vmx-shadow ring3");
}

static void rung_not_built_says_so(void **state)
{
	(void)state;
	expect_error("rung=ring3", "rung=ring3: not in this build");
}

static void wrong_rung_options_are_named(void **state)
{
	(void)state;
	expect_error("rung=bare,sync=flush", "rung option sync: no such option; "
		     "known: observe tags");
	expect_error("rung=bare,", "rung option : no such option; known: observe tags");
	expect_error("rung=bare,tags=maybe", "tags=maybe: must be on or off");
	expect_error("rung=bare,tags", "tags=: must be on or off");
	expect_error("rung=bare,observe=all", "observe=all: must be modes or none");
	expect_error("rung=bare,tags=on,tags=on", "rung option tags: given twice");
}

/* Three policies; unsync where nothing is said. */
static void shadow_rungs_say_how_they_keep_in_step(void **state)
{
	static const char *const names[] = { "svm-shadow", "vmx-shadow" };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		char text[64];
		struct cmdline c;

		snprintf(text, sizeof(text), "rung=%s", names[i]);
		c = parsed(text);
		assert_string_equal(c.rung->name, names[i]);
		assert_int_equal(c.options.sync, SHADOW_UNSYNC);
		assert_true(c.options.tags);
		assert_int_equal(c.options.unpaged, UNPAGED_HIDDEN);
		strcat(text, ",sync=protect");
		assert_int_equal(parsed(text).options.sync, SHADOW_PROTECT);
		strcpy(text + 15, ",unpaged=emulate,tags=off,sync=flush");
		c = parsed(text);
		assert_int_equal(c.options.sync, SHADOW_FLUSH);
		assert_int_equal(c.options.unpaged, UNPAGED_EMULATE);
		assert_false(c.options.tags);
		strcpy(text + 15, ",sync=unsync");
		assert_int_equal(parsed(text).options.sync, SHADOW_UNSYNC);
	}
	expect_error("rung=svm-shadow,sync=off",
		     "sync=off: must be protect, unsync or flush");
	expect_error("rung=svm-shadow,sync",
		     "sync=: must be protect, unsync or flush");
	expect_error("rung=svm-shadow,sync=flush,sync=flush",
		     "rung option sync: given twice");
}

/* SVM has paged real mode: APM vol. 2 15.19. It never runs real mode as vm86. */
static void only_vt_x_without_unrestricted_guest_has_vm86(void **state)
{
	(void)state;
	assert_int_equal(parsed("rung=vmx-shadow,vm86=fast").options.vm86,
			 VM86_FAST);
	assert_int_equal(parsed("rung=vmx-ept,vm86=fast").options.vm86, VM86_FAST);
	assert_int_equal(parsed("rung=vmx-shadow").options.vm86, VM86_EXACT);
	expect_error("rung=svm-shadow,vm86=exact", "rung option vm86: no such "
		     "option; known: observe tags sync unpaged");
	expect_error("rung=vmx-ug,vm86=fast", "rung option vm86: no such "
		     "option; known: observe tags");
	expect_error("rung=vmx-shadow,wm86=fast", "rung option wm86: no such "
		     "option; known: observe tags sync unpaged vm86");
	expect_error("rung=vmx-ept,sync=flush", "rung option sync: no such "
		     "option; known: observe tags unpaged vm86");
}

static void doubled_words_are_errors(void **state)
{
	(void)state;
	expect_error("rung=bare rung=bare", "rung: given twice");
	expect_error("rung=bare mem=4M mem=4M", "mem: given twice");
	expect_error("rung=bare limit=1 limit=1", "limit: given twice");
	expect_error("rung=bare kind=flat kind=flat", "kind: given twice");
}

static void memory_is_2m_aligned_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(parsed("rung=bare mem=2M").memory, 2 << 20);
	assert_int_equal(parsed("rung=bare mem=2048K").memory, 2 << 20);
	assert_int_equal(parsed("rung=bare mem=4194304").memory, 4 << 20);
	assert_int_equal(parsed("rung=bare mem=3G").memory, UINT64_C(3) << 30);
	expect_error("rung=bare mem=0", "mem=0: must be 2M to 3G");
	expect_error("rung=bare mem=4G", "mem=4G: must be 2M to 3G");
	expect_error("rung=bare mem=3M", "mem=3M: must be a multiple of 2M");
}

static void malformed_numbers_are_errors(void **state)
{
	static const char *const bad[] = { "", "M", "-1", "64m", "64MB", "0x40",
		"18446744073709551616", "18446744073709551615K", "1 M", " 4M" };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cmdline c;
		char text[64] = "rung=bare mem=";

		strcat(text, bad[i]);
		assert_false(cmdline_parse(text, &c));
		strcpy(text, "rung=bare limit=");
		strcat(text, bad[i]);
		assert_false(cmdline_parse(text, &c));
	}
	expect_error("rung=bare mem=x", "mem=x: not a size such as 64M");
	expect_error("rung=bare limit=x", "limit=x: not a number such as 500M");
	assert_int_equal(parsed("rung=bare limit=18446744073709551615").limit,
			 UINT64_MAX);
}

#define ALL_KINDS	"auto boot-sector multiboot1 firmware flat linux16 linux32 " \
			"linux64 vmlinux pvh multiboot2 limine"

static void kinds_are_the_record_s_names(void **state)
{
	(void)state;
	assert_int_equal(parsed("rung=bare kind=boot-sector").kind,
			 GUEST_BOOT_SECTOR);
	assert_int_equal(parsed("rung=bare kind=multiboot1").kind,
			 GUEST_MULTIBOOT1);
	assert_int_equal(parsed("rung=bare kind=firmware").kind, GUEST_FIRMWARE);
	assert_int_equal(parsed("rung=bare kind=linux16").kind, GUEST_LINUX16);
	expect_error("rung=bare kind=elf", "kind=elf: no such kind; known: "
		     ALL_KINDS);
}

/* The entries of a Linux image have widths for names; others are kinds. */
static void entry_is_a_width_or_a_kind(void **state)
{
	(void)state;
	assert_int_equal(parsed("rung=bare entry=16").kind, GUEST_LINUX16);
	assert_int_equal(parsed("rung=bare entry=32").kind, GUEST_LINUX32);
	assert_int_equal(parsed("rung=bare entry=64").kind, GUEST_LINUX64);
	assert_int_equal(parsed("rung=bare entry=pvh").kind, GUEST_PVH);
	expect_error("rung=bare entry=8", "entry=8: no such kind; known: "
		     ALL_KINDS);
	expect_error("rung=bare entry=", "entry=: no such kind; known: "
		     ALL_KINDS);
	expect_error("rung=bare entry=32 entry=32", "entry: given twice");
	expect_error("rung=bare entry=32 kind=flat", "entry: kind is given too, "
		     "which says the same");
	expect_error("rung=bare kind=flat entry=32", "entry: kind is given too, "
		     "which says the same");
}

/* Linear addresses of any size, as they are given. */
static void addresses_to_show(void **state)
{
	struct cmdline c = parsed("rung=svm-shadow dump=0x1000,4096,0xFfff800000000000,0");

	(void)state;
	assert_int_equal(c.dump.count, 4);
	assert_int_equal(c.dump.address[0], 0x1000);
	assert_int_equal(c.dump.address[1], 4096);
	assert_int_equal(c.dump.address[2], UINT64_C(0xffff800000000000));
	assert_int_equal(c.dump.address[3], 0);
	assert_int_equal(parsed("rung=svm-npt dump=0xffffffffffffffff").dump.address[0],
			 UINT64_MAX);
	expect_error("rung=svm-npt dump=1,2,3,4,5", "dump: more than 4 addresses");
	expect_error("rung=svm-npt dump=1 dump=2", "dump: given twice");
}

static void malformed_addresses_are_errors(void **state)
{
	static const char *const bad[] = { "", "0x", "x1", "1,", ",1", "1,,2", "4K", "0xg",
		"-1", "1x", "0x10000000000000000", "18446744073709551616", "0X10", "ff" };

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cmdline c;
		char text[64] = "rung=svm-npt dump=";

		strcat(text, bad[i]);
		if (cmdline_parse(text, &c))
			fail_msg("'%s' passes", text);
	}
	expect_error("rung=svm-npt dump=4K", "dump=4K: not an address such as 0x400000");
	expect_error("rung=svm-npt dump", "dump: needs a value, as in dump=...");
}

/* gdb needs a hypervisor to stop the guest, and there is one line for it. */
static void gdb_is_on_com3(void **state)
{
	(void)state;
	assert_false(parsed("rung=svm-npt").gdb);
	assert_true(parsed("rung=svm-npt gdb=com3").gdb);
	expect_error("rung=svm-npt gdb=com1", "gdb=com1: must be com3");
	expect_error("rung=bare gdb=com3",
		     "gdb: rung bare has no hypervisor that could stop the guest");
}

/* On bare the hypervisor is gone when the guest runs; the order of words is no matter. */
static void bare_has_nothing_to_show(void **state)
{
	(void)state;
	expect_error("rung=bare dump=0x1000",
		     "dump: rung bare has no hypervisor that could look");
	expect_error("dump=0x1000 rung=bare",
		     "dump: rung bare has no hypervisor that could look");
}

static void assert_until(const char *text, const char *wanted, unsigned size)
{
	struct cmdline c = parsed(text);

	assert_int_equal(c.until_size, size);
	assert_memory_equal(c.until, wanted, size);
}

/* %xx stands for what a word cannot hold. */
static void a_text_ends_the_guest(void **state)
{
	(void)state;
	assert_int_equal(parsed("rung=svm-npt").until_size, 0);
	assert_until("rung=svm-npt until=ready", "ready", 5);
	assert_until("rung=svm-npt until=%3d%3e%20", "=> ", 3);
	assert_until("rung=svm-npt until=a%25%00b", "a%\0b", 4);
}

static void malformed_texts_are_errors(void **state)
{
	(void)state;
	expect_error("rung=svm-npt until=a%2",
		     "until=a%2: % needs two digits, 0 to 9 and a to f");
	expect_error("rung=svm-npt until=%2G",
		     "until=%2G: % needs two digits, 0 to 9 and a to f");
	expect_error("rung=svm-npt until=%3E",
		     "until=%3E: % needs two digits, 0 to 9 and a to f");
	expect_error("rung=svm-npt until=", "until: needs a text");
	expect_error("rung=svm-npt until="
		     "0123456789abcdef0123456789abcdef"
		     "0123456789abcdef0123456789abcdef0",
		     "until: longer than 64 bytes");
}

/* Hostile text: long, unprintable; the error stays one line of plain text. */
static void hostile_text_is_contained(void **state)
{
	static char text[CMDLINE_MAX + 10];
	struct cmdline c;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	assert_false(cmdline_parse(text, &c));
	assert_string_equal(c.error, "command line: longer than 2047 bytes");
	memset(text, 'a', CMDLINE_MAX - 1);
	memcpy(text, "rung=bare -- ", 13);
	text[CMDLINE_MAX - 1] = '\0';
	assert_true(cmdline_parse(text, &c));
	assert_int_equal(strlen(c.guest), CMDLINE_MAX - 1 - 13);
	memset(text, '=', CMDLINE_MAX - 1);
	assert_false(cmdline_parse(text, &c));
	expect_error("rung=b\n\x1b\xff", "rung=b???: no such rung; known: bare "
		     "svm-npt svm-shadow vmx-ug vmx-ept vmx-shadow ring3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rung_alone_gives_the_defaults),
		cmocka_unit_test(every_word_is_understood),
		cmocka_unit_test(only_the_first_word_may_be_a_name),
		cmocka_unit_test(guest_text_is_not_parsed),
		cmocka_unit_test(missing_rung_is_an_error),
		cmocka_unit_test(unknown_rung_lists_the_known),
		cmocka_unit_test(rung_not_built_says_so),
		cmocka_unit_test(wrong_rung_options_are_named),
		cmocka_unit_test(shadow_rungs_say_how_they_keep_in_step),
		cmocka_unit_test(only_vt_x_without_unrestricted_guest_has_vm86),
		cmocka_unit_test(doubled_words_are_errors),
		cmocka_unit_test(memory_is_2m_aligned_and_bounded),
		cmocka_unit_test(malformed_numbers_are_errors),
		cmocka_unit_test(kinds_are_the_record_s_names),
		cmocka_unit_test(entry_is_a_width_or_a_kind),
		cmocka_unit_test(addresses_to_show),
		cmocka_unit_test(malformed_addresses_are_errors),
		cmocka_unit_test(gdb_is_on_com3),
		cmocka_unit_test(bare_has_nothing_to_show),
		cmocka_unit_test(a_text_ends_the_guest),
		cmocka_unit_test(malformed_texts_are_errors),
		cmocka_unit_test(hostile_text_is_contained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
