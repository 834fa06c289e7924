/*
 * Pictures as text: what each flag, address and size is called, what is left out, and that
 * records which are none are passed over. Flags: SDM 3A tables 4-4 to 4-20.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compare/grid.h"
#include "compare/picture.h"

static char *text;

static const char *print(const char *records)
{
	size_t size;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &size);
	assert_non_null(out);
	pictures_print(records, strlen(records), "a-rung", out, false);
	fclose(out);
	return text;
}

static int forget(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

/* One picture of these levels; the rest is as it mostly is. */
static const char *picture(const char *mode, const char *rest, const char *levels)
{
	char record[2000];

	snprintf(record, sizeof(record), "{\"record\":\"mmu\",\"when\":\"end\","
		 "\"address\":4096,\"mode\":\"%s\",\"ran_as\":\"shadow\","
		 "\"guest_cr3\":8192,\"hardware_cr3\":12288,%s,\"levels\":{%s}}\n",
		 mode, rest, levels);
	return print(record);
}

#define MAPS	"\"outcome\":\"maps\",\"physical\":4660"

static void assert_says(const char *words)
{
	if (!strstr(text, words))
		fail_msg("no '%s' in:\n%s", words, text);
}

static void assert_not(const char *words)
{
	if (strstr(text, words))
		fail_msg("'%s' in:\n%s", words, text);
}

static void a_whole_picture(void **state)
{
	(void)state;
	assert_string_equal(picture("long", MAPS,
		"\"PD\":{\"guest_at\":16384,\"guest\":20519,\"hardware_at\":24576,"
		"\"hardware\":28711,\"why\":\"open\"},"
		"\"PT\":{\"guest_at\":20480,\"guest\":4129,\"hardware_at\":28672,"
		"\"hardware\":32865,\"why\":\"a reason\"}"),
"\n0x0000000000001000 on a-rung, at the guest's end, mode long, ran as shadow\n"
"the guest's tables lead to its physical address 0x00001234\n"
"\n"
"      the guest's tables                      what the hardware walks\n"
"CR3   0x00002000                              0x00003000\n"
"\n"
"PD    at 0x00004000  0x0000000000005027       at 0x00006000  0x0000000000007027\n"
"      P W U A . .. . .. table 0x00005000      P W U A . .. . .. table 0x00007000\n"
"      open\n"
"\n"
"PT    at 0x00005000  0x0000000000001021       at 0x00007000  0x0000000000008061\n"
"      P . . A . .. . .. 4K page 0x00001000    P . . A D .. . .. 4K page 0x00008000\n"
"      a reason\n");
}

/* From the root down, whatever their order in the record. */
static void levels_stand_in_order(void **state)
{
	const char *at[4];

	(void)state;
	picture("long", MAPS, "\"PT\":{\"why\":\"d\"},\"PDPT\":{\"why\":\"b\"},"
		"\"PML5\":{\"why\":\"0\"},\"PML4\":{\"why\":\"a\"}");
	at[0] = strstr(text, "\nPML5 ");
	at[1] = strstr(text, "\nPML4 ");
	at[2] = strstr(text, "\nPDPT ");
	at[3] = strstr(text, "\nPT ");
	for (int i = 0; i < 4; i++)
		assert_non_null(at[i]);
	for (int i = 1; i < 4; i++)
		assert_true(at[i - 1] < at[i]);
}

/* Bit 63 makes the number too wide for a JSON reader. */
static void every_flag_has_its_name(void **state)
{
	(void)state;
	picture("long", MAPS, "\"PD\":{\"guest_at\":0,\"guest\":9223372036854776295}");
	assert_says("0x80000000000001e7");
	assert_says("P W U A D PS G NX 2M page 0x00000000\n");
}

/* In a PTE bit 7 is PAT. */
static void the_lowest_entry_has_no_ps(void **state)
{
	(void)state;
	picture("long", MAPS, "\"PT\":{\"guest_at\":0,\"guest\":4225}");
	assert_says("P . . . . .. . .. 4K page 0x00001000\n");
}

/* Sizes by level; a large page's low address bits are none. */
static void large_pages(void **state)
{
	(void)state;
	picture("long", MAPS, "\"PD\":{\"guest_at\":0,\"guest\":6295681}");
	assert_says("2M page 0x00600000\n");
	picture("pae", MAPS, "\"PD\":{\"guest_at\":0,\"guest\":6295681}");
	assert_says("2M page 0x00600000\n");
	picture("long", MAPS, "\"PDPT\":{\"guest_at\":0,\"guest\":1073745025}");
	assert_says("1G page 0x40000000\n");
	/* 32-bit: 4 MiB, and bits 20:13 are address bits 39:32. */
	picture("32bit", MAPS, "\"PD\":{\"guest_at\":0,\"guest\":12591233,"
		"\"hardware_at\":0,\"hardware\":2097281}");
	assert_says("0x00c02081 ");
	assert_says("4M page 0x100c00000 ");
	assert_says("2M page 0x00200000\n");
}

/* Bit 7 maps a page only where the guest's walk ends well. */
static void the_guest_s_bit_7_may_mean_nothing(void **state)
{
	(void)state;
	/* CR4.PSE is clear. */
	picture("32bit", MAPS, "\"PD\":{\"guest_at\":0,\"guest\":4225},"
		"\"PT\":{\"guest_at\":4096,\"guest\":8193}");
	assert_says("P . . . . PS . .. table 0x00001000\n");
	assert_says("4K page 0x00002000\n");
}

/* A level of one side only: its place on the other stays empty. */
static void levels_of_one_side(void **state)
{
	(void)state;
	picture("32bit", MAPS, "\"PDPT\":{\"hardware_at\":4096,\"hardware\":8193,"
		"\"why\":\"only here\"},\"PT\":{\"guest_at\":4096,\"guest\":8193}");
	assert_says("\nPDPT  -                                       at 0x00001000  "
		    "0x0000000000002001\n");
	assert_says("\n                                              P . . . . .. . .. "
		    "table 0x00002000\n      only here\n");
	assert_says("\nPT    at 0x00001000  0x00002001\n"
		    "      P . . . . .. . .. 4K page 0x00002000\n");
}

static void what_leads_nowhere(void **state)
{
	(void)state;
	picture("long", "\"outcome\":\"not-present\"",
		"\"PD\":{\"guest_at\":0,\"guest\":128}");
	assert_says("lead nowhere: an entry is not present\n");
	assert_says(". . . . . PS . .. not present\n");
	picture("long", "\"outcome\":\"reserved\"", "");
	assert_says("lead nowhere: a reserved bit is set\n");
	picture("long", "\"outcome\":\"not-canonical\"", "");
	assert_says("lead nowhere: the address is not canonical\n");
}

static void nested_paging(void **state)
{
	(void)state;
	picture("long", MAPS ",\"nested\":{\"root\":20480,\"host\":1075838976,"
		"\"size\":2097152,\"rights\":\"RWXU\"}", "");
	assert_says("what the hardware walks: these, then nested\n");
	assert_says("      guest-physical 0x00001234               "
		    "nested tables at 0x00005000\n");
	assert_says("RWXU host 0x40200000 of a 2M page\n");
	picture("long", MAPS ",\"nested\":{\"root\":20480}", "");
	assert_says("nothing there: every access is emulated\n");
}

static void addresses_past_4_gib_stand_whole(void **state)
{
	(void)state;
	picture("long", MAPS, "\"PT\":{\"guest_at\":1099511627768,"
		"\"guest\":1099511623687,\"hardware_at\":4503599627370488,"
		"\"hardware\":4503599627366407,\"why\":\"w\"}");
	assert_says("at 0xfffffffff8  0x000000fffffff007");
	assert_says("4K page 0xfffffff000 ");
	assert_says("at 0xffffffffffff8  0x000ffffffffff007");
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 0, GRID_WIDTH);
}

/* Other records, broken lines and half a line: nothing is printed of them. */
static void what_is_no_picture_is_passed_over(void **state)
{
	(void)state;
	assert_string_equal(print(""), "");
	assert_string_equal(print("{\"record\":\"exits\",\"address\":1,\"levels\":{}}\n"
				  "nonsense\n[]\n{\"record\":7}\n"
				  "{\"record\":\"mmu\",\"address\":1}\n"
				  "{\"record\":\"mmu\",\"levels\":{}}\n"
				  "{\"record\":\"mmu\",\"address\":1,\"levels\":{}}"), "");
	print("{\"record\":\"mmu\",\"address\":1,\"levels\":{}}\n");
	assert_says("0x0000000000000001 on a-rung");
}

static void what_was_dropped_is_told(void **state)
{
	(void)state;
	print("{\"record\":\"end\",\"dropped_pictures\":3}\n");
	assert_says("The guest asked 3 times more.\n");
	print("{\"record\":\"end\",\"dropped_pictures\":0}\n");
	assert_not("asked");
}

static void who_asked(void **state)
{
	(void)state;
	print("{\"record\":\"mmu\",\"when\":\"call\",\"address\":1,\"levels\":{}}\n");
	assert_says("when the guest asked");
	assert_not("at the guest's end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_whole_picture, forget),
		cmocka_unit_test_teardown(levels_stand_in_order, forget),
		cmocka_unit_test_teardown(every_flag_has_its_name, forget),
		cmocka_unit_test_teardown(the_lowest_entry_has_no_ps, forget),
		cmocka_unit_test_teardown(large_pages, forget),
		cmocka_unit_test_teardown(the_guest_s_bit_7_may_mean_nothing, forget),
		cmocka_unit_test_teardown(levels_of_one_side, forget),
		cmocka_unit_test_teardown(what_leads_nowhere, forget),
		cmocka_unit_test_teardown(nested_paging, forget),
		cmocka_unit_test_teardown(addresses_past_4_gib_stand_whole, forget),
		cmocka_unit_test_teardown(what_is_no_picture_is_passed_over, forget),
		cmocka_unit_test_teardown(what_was_dropped_is_told, forget),
		cmocka_unit_test_teardown(who_asked, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
