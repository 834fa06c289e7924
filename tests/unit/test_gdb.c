/*
 * What gdb reads and writes: registers in one 64-bit shape, memory through the guest's
 * own tables, and a line that brings anything at all. Debugging with GDB, "Packets".
 */
#include "gdb_fixture.h"

#define PC		"10"	/* rip's number in the target description */
#define WORLD_PT	0x4000u

static void run_to_the_end(struct session *s)
{
	send(s, "k");
	session_run(s, NULL, 0);
}

/* The pc is linear: CS.base + IP, there and back. */
static void the_pc_is_linear(void **state)
{
	struct session *s = *state;
	struct vcpu *v = &s->w->vm.vcpu;

	v->seg[SEG_CS].sel = 0x1000;
	v->seg[SEG_CS].base = 0x10000;
	v->rip = 0x10;
	send(s, "p" PC);
	send(s, "P" PC "=2000010000000000");
	send(s, "P" PC "=ffff000000000000");	/* below the segment */
	send(s, "P" PC "=0000020000000000");	/* and past its limit, ffffh */
	run_to_the_end(s);
	ANSWER(s, 0, "1000010000000000");
	ANSWER(s, 1, "OK");
	ANSWER(s, 2, "E16");
	ANSWER(s, 3, "E16");
	assert_int_equal(v->rip, 0x20);
}

/* Outside 64-bit code the upper halves and R8 to R15 are not there. */
static void upper_halves_are_of_64_bit_code_alone(void **state)
{
	struct session *s = *state;
	struct vcpu *v = &s->w->vm.vcpu;

	v->gpr[GPR_RBX] = UINT64_C(0x1122334455667788);
	v->gpr[GPR_R8] = 5;
	send(s, "p1");
	send(s, "p8");
	send(s, "P1=0000000001000000");
	send(s, "P1=78563412");			/* too few digits */
	send(s, "P1=7856341200000000");
	run_to_the_end(s);
	ANSWER(s, 0, "8877665500000000");
	ANSWER(s, 1, "0000000000000000");
	ANSWER(s, 2, "E16");
	ANSWER(s, 3, "E16");
	ANSWER(s, 4, "OK");
	assert_int_equal(v->gpr[GPR_RBX], 0x12345678);
}

static void long_mode_has_all_of_them(void **state)
{
	struct session *s = *state;

	world_long(s->w);
	s->w->vm.vcpu.gpr[GPR_R8] = UINT64_C(0x1122334455667788);
	send(s, "p8");
	send(s, "P8=0102030405060708");
	run_to_the_end(s);
	ANSWER(s, 0, "8877665544332211");
	ANSWER(s, 1, "OK");
	assert_int_equal(s->w->vm.vcpu.gpr[GPR_R8], UINT64_C(0x0807060504030201));
}

/* `g` has as many bytes as the description says, in every mode the same. */
static void all_registers_have_one_shape(void **state)
{
	struct session *s = *state;
	size_t bytes = 0;

	for (unsigned n = 0; n < gdb_registers(); n++)
		bytes += gdb_register_size(n);
	send(s, "g");
	run_to_the_end(s);
	assert_int_equal(strlen(s->answer[0]), 2 * bytes);
}

/* Whose change would change how the guest is run. */
static void control_registers_and_selectors_are_read_only(void **state)
{
	struct session *s = *state;
	uint64_t cr0 = s->w->vm.vcpu.cr0;
	char text[40];

	for (unsigned n = 0; n < gdb_registers(); n++) {
		const char *name = gdb_register_row(n)->name;

		if (strcmp(name, "cr0") && strcmp(name, "cs"))
			continue;
		snprintf(text, sizeof(text), "P%x=%0*x", n,
			 (int)gdb_register_size(n) * 2, 0x81);
		send(s, text);
	}
	run_to_the_end(s);
	ANSWER(s, 0, "E16");
	ANSWER(s, 1, "E16");
	assert_int_equal(s->w->vm.vcpu.cr0, cr0);
}

/* The guest's tables translate, and no accessed bit tells of it. */
static void memory_is_read_through_the_guests_tables(void **state)
{
	struct session *s = *state;
	uint64_t entry;

	world_long(s->w);
	/* 200000h to 201fffh: a page of its own at 6000h, then nothing. */
	world_entry(s->w, WORLD_PD, 1, WORLD_PT | PTE_P);
	world_entry(s->w, WORLD_PT, 0, 0x6000 | PTE_P);
	memcpy(s->w->ram + 0x6ffe, "\x12\x34", 2);
	send(s, "m200ffe,2");
	send(s, "m200ffe,4");		/* as much as there is */
	send(s, "m201000,1");
	send(s, "mffff800000000000,1");
	send(s, "m8000000000000000,1");	/* not canonical */
	run_to_the_end(s);
	ANSWER(s, 0, "1234");
	ANSWER(s, 1, "1234");
	for (unsigned n = 2; n < 5; n++)
		ANSWER(s, n, "E0e");
	memcpy(&entry, s->w->ram + WORLD_PT, sizeof(entry));
	assert_int_equal(entry & (PTE_A | PTE_D), 0);
}

/* Read-only pages too, for it is not the guest that writes; no dirty bit either. */
static void memory_is_written_past_the_guests_rights(void **state)
{
	struct session *s = *state;
	uint64_t entry;

	world_long(s->w);
	world_entry(s->w, WORLD_PD, 1, WORLD_PT | PTE_P);
	world_entry(s->w, WORLD_PT, 0, 0x6000 | PTE_P);
	send(s, "M200010,3:aabbcc");
	send(s, "M201000,1:00");
	send(s, "M200010,3:aabb");	/* fewer bytes than said */
	send(s, "M200010");
	run_to_the_end(s);
	ANSWER(s, 0, "OK");
	ANSWER(s, 1, "E0e");
	ANSWER(s, 2, "E16");
	ANSWER(s, 3, "E16");
	assert_memory_equal(s->w->ram + 0x6010, "\xaa\xbb\xcc", 3);
	memcpy(&entry, s->w->ram + WORLD_PT, sizeof(entry));
	assert_int_equal(entry & (PTE_A | PTE_D), 0);
}

/* RAM alone: ROM stays, and an empty bus is no memory. */
static void only_ram_is_written(void **state)
{
	struct session *s = *state;

	s->w->vm.mem.slot[0].rom = true;
	send(s, "M7c00,1:55");
	send(s, "m7c00,1");
	send(s, "m400000,1");
	run_to_the_end(s);
	ANSWER(s, 0, "E0e");
	ANSWER(s, 1, "00");
	ANSWER(s, 2, "E0e");
}

/* An answer is never larger than the packet that the client was promised. */
static void a_huge_read_is_answered_with_what_fits(void **state)
{
	struct session *s = *state;

	send(s, "m0,ffffffffffffffff");
	run_to_the_end(s);
	assert_int_equal(strlen(s->answer[0]), PACKET_DATA);
}

/* The description in pieces is the description. */
static void the_target_description_comes_in_pieces(void **state)
{
	struct session *s = *state;
	static struct packet_out whole, part;
	char text[16384] = "";
	unsigned at = 0;

	packet_begin(&whole);
	assert_true(gdb_target_text(&whole, 0, PACKET_DATA));
	for (bool more = true; more; at += part.size) {
		packet_begin(&part);
		more = gdb_target_text(&part, at, 100);
		assert_true(at + part.size < sizeof(text));
		strcat(text, part.data);
	}
	assert_memory_equal(text, whole.data, PACKET_DATA);
	assert_non_null(strstr(text, "<architecture>i386:x86-64</architecture>"));
	assert_non_null(strstr(text, "<reg name=\"rip\" bitsize=\"64\" type=\"code_ptr\" "
			       "regnum=\"16\"/>"));
	assert_string_equal(text + strlen(text) - 10, "</target>\n");
	send(s, "qXfer:features:read:target.xml:0,40");
	send(s, "qXfer:features:read:target.xml:ffffff,40");
	send(s, "qXfer:features:read:other.xml:0,40");
	run_to_the_end(s);
	assert_memory_equal(s->answer[0], "m<?xml", 6);
	ANSWER(s, 1, "l");
	ANSWER(s, 2, "");
}

/* The answers to `monitor` are hexadecimal text. */
static void monitor_tells_mode_and_translation(void **state)
{
	struct session *s = *state;
	char text[2 * GDB_TEXT] = "";

	world_long(s->w);
	assert_int_equal(ptab_init(&s->w->vm.nested, &pt_format_4level, &s->pool, 2, true),
			 HV_OK);
	send(s, "qRcmd,6d6d7520303078");		/* "mmu 00x" */
	send(s, "qRcmd,6d6d752030783763303030");	/* "mmu 0x7c000" */
	send(s, "qRcmd,6d6f6465");			/* "mode" */
	send(s, "qRcmd,");
	run_to_the_end(s);
	for (unsigned n = 0; n < 4; n++) {
		const char *from = s->answer[n];

		for (char *to = text + strlen(text); *from; to++)
			assert_true(packet_bytes(&from, (uint8_t *)to, 1));
	}
	assert_non_null(strstr(text, "not a hexadecimal address"));
	assert_non_null(strstr(text, "linear 7c000: physical 7c000, page of 200000"));
	assert_non_null(strstr(text, "mode long, 64-bit code, CPL 0, runs as native on svm-npt"));
	assert_non_null(strstr(text, "monitor mmu ADDRESS"));
}

static void a_damaged_packet_is_asked_for_again(void **state)
{
	struct session *s = *state;

	send_raw(s, "$p10#00", 7);
	send(s, "p" PC);
	send_raw(s, "-", 1);
	run_to_the_end(s);
	assert_int_equal(s->naks, 1);
	ANSWER(s, 0, "007c000000000000");
	ANSWER(s, 1, "007c000000000000");	/* sent again, as asked */
}

static void an_overlong_packet_is_refused(void **state)
{
	struct session *s = *state;
	char text[PACKET_DATA + 100];

	memset(text, 'm', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	send(s, text);
	run_to_the_end(s);
	ANSWER(s, 0, "E07");
}

/* What this stub has not got, it answers with nothing, as the protocol wants it. */
static void an_unknown_command_gets_an_empty_answer(void **state)
{
	static const char *const commands[] = {
		"", "X0,0:", "vCont?", "qOffsets", "QStartNoAckMode", "!", "R00", "\x7f",
	};
	struct session *s = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
		send(s, commands[i]);
	run_to_the_end(s);
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
		ANSWER(s, i, "");
}

/* Each is missing something, or has too much. */
static void malformed_commands_are_errors(void **state)
{
	static const char *const commands[] = {
		"p", "pxyz", "pffff", "P", "P10", "P10=", "Pffff=00", "m", "m0", "m,4", "m0,",
		"M0,1", "Z0", "Z0,", "Z0,0", "z0,0,", "G00", "cxyz", "C", "sxyz",
		"qXfer:features:read:target.xml:", "qXfer:features:read:target.xml:0",
		"p11111111111111111", "Z2,0,100",
	};
	struct session *s = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
		send(s, commands[i]);
	run_to_the_end(s);
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(s->answer[i], "E16"))
			fail_msg("%s is answered with '%s'", commands[i], s->answer[i]);
}

/*
 * Any bytes in any order but c, s, k and D, which let the guest go; framed rightly, so that
 * they get to the commands.
 */
static void noise_on_the_line_ends_nothing(void **state)
{
	static const char letters[] = "gGpPmMZzqvHT?0123456789abdef,:;=-+#$\x03";
	struct session *s = *state;
	uint32_t noise = world_seed;
	char text[32];

	for (unsigned i = 0; i < 1500; i++) {
		unsigned size = 0;

		do {
			noise ^= noise << 13;
			noise ^= noise >> 17;
			noise ^= noise << 5;
			text[size] = letters[noise % (sizeof(letters) - 1)];
		} while (++size < 1 + noise % 11 && text[size - 1] != '#');
		text[size] = 0;
		send(s, text);
	}
	send_raw(s, "#00", 3);
	send(s, "k");
	world_run(s->w, NULL, 0);
	assert_int_equal(s->w->vm.end, END_STOPPED);
	assert_int_equal(s->in_at, s->in_size);
}

static void the_end_of_the_guest_is_told(void **state)
{
	static const struct fake_step script[] = {
		{ .exit = { .reason = EXIT_TRIPLE_FAULT } },
	};
	struct session *s = *state;

	send(s, "c");
	session_run(s, script, ARRAY_SIZE(script));
	ANSWER(s, 0, "X06");
}

static const struct CMUnitTest tests[] = {
	SESSION_TEST(the_pc_is_linear),
	SESSION_TEST(upper_halves_are_of_64_bit_code_alone),
	SESSION_TEST(long_mode_has_all_of_them),
	SESSION_TEST(all_registers_have_one_shape),
	SESSION_TEST(control_registers_and_selectors_are_read_only),
	SESSION_TEST(memory_is_read_through_the_guests_tables),
	SESSION_TEST(memory_is_written_past_the_guests_rights),
	SESSION_TEST(only_ram_is_written),
	SESSION_TEST(a_huge_read_is_answered_with_what_fits),
	SESSION_TEST(the_target_description_comes_in_pieces),
	SESSION_TEST(monitor_tells_mode_and_translation),
	SESSION_TEST(a_damaged_packet_is_asked_for_again),
	SESSION_TEST(an_overlong_packet_is_refused),
	SESSION_TEST(an_unknown_command_gets_an_empty_answer),
	SESSION_TEST(malformed_commands_are_errors),
	SESSION_TEST(noise_on_the_line_ends_nothing),
	SESSION_TEST(the_end_of_the_guest_is_told),
};

WORLD_MAIN(tests)
