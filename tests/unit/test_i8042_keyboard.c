/*
 * The keyboard's answers and how they reach port 60h; each rule from the IBM PS/2 Hardware
 * Interface Technical Reference, "Keyboards".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/i8042_fixture.h"

static void keyboard_answers_its_commands(void **state)
{
	struct machine *m = *state;

	out(m, 0x60, 0xff);
	expect(m, "\xfa\xaa", 2);
	out(m, 0x60, 0xf2);
	expect(m, "\xfa\xab\x83", 3);
	out(m, 0x60, 0xee);
	expect(m, "\xee", 1);
	for (unsigned v = 0xf4; v <= 0xf6; v++) {
		out(m, 0x60, (uint8_t)v);
		expect(m, "\xfa", 1);
	}
	out(m, 0x60, 0x00);
	expect(m, "\xfe", 1);
	out(m, 0x60, 0xef);
	expect(m, "\xfe", 1);
}

/* "Set Indicators", "Select Scan Codes", "Set Rate": one byte of data, acknowledged. */
static void keyboard_takes_data_bytes(void **state)
{
	static const uint8_t with_data[] = { 0xed, 0xf0, 0xf3 };
	struct machine *m = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(with_data); i++) {
		out(m, 0x60, with_data[i]);
		expect(m, "\xfa", 1);
		out(m, 0x60, 0x02);
		expect(m, "\xfa", 1);
		out(m, 0x60, 0x02);
		expect(m, "\xfe", 1);
	}
	out(m, 0x60, 0xf0);
	out(m, 0x60, 0x00);
	expect(m, "\xfa\xfa\x02", 3);
}

/* Command byte bit 6: 83h is translated as a scan code would be, FAh and ABh not. */
static void translation_changes_the_identifier(void **state)
{
	struct machine *m = *state;

	command(m, 0x60);
	out(m, 0x60, 0x40);
	out(m, 0x60, 0xf2);
	expect(m, "\xfa\xab\x41", 3);
}

/* Each byte that comes up at port 60h is an edge; enabling late raises the line too. */
static void each_byte_interrupts(void **state)
{
	struct machine *m = *state;

	out(m, 0x60, 0xf2);
	assert_int_equal(m->rises[1], 0);
	command(m, 0x60);
	out(m, 0x60, 0x01);
	assert_int_equal(m->rises[1], 1);
	in(m, 0x60);
	assert_int_equal(m->rises[1], 2);
	in(m, 0x60);
	assert_int_equal(m->rises[1], 3);
	assert_true(m->level[1]);
	in(m, 0x60);
	assert_int_equal(m->rises[1], 3);
	assert_false(m->level[1]);
	assert_int_equal(m->rises[12], 0);
}

static void full_queue_drops(void **state)
{
	struct machine *m = *state;

	for (unsigned i = 0; i < 100; i++) {
		command(m, 0xd2);
		out(m, 0x60, (uint8_t)i);
	}
	expect(m, "\x00\x01\x02\x03\x04\x05\x06\x07", 8);
	/* An empty buffer shows its last byte again. */
	assert_int_equal(in(m, 0x60), 0x07);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keyboard_answers_its_commands),
		TEST(keyboard_takes_data_bytes),
		TEST(translation_changes_the_identifier),
		TEST(each_byte_interrupts),
		TEST(full_queue_drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
