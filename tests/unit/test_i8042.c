/*
 * The keyboard controller as software probes it; each rule from the IBM PS/2 Hardware
 * Interface Technical Reference, "Keyboard and Auxiliary Device Controller".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/i8042_fixture.h"

#define TRAFFIC	100000u

/* "Status Register": nothing waits, the lock is open, no self-test yet. */
static void idle_status_has_both_buffers_empty(void **state)
{
	struct machine *m = *state;

	assert_int_equal(in(m, 0x64), 0x10);
	assert_int_equal(in(m, 0x60), 0x00);
	assert_int_equal(in(m, 0x64), 0x10);
}

/* Bit 3: the last write was a command (1) or data (0). */
static void status_tells_command_from_data(void **state)
{
	struct machine *m = *state;

	command(m, 0xae);
	assert_int_equal(in(m, 0x64), 0x18);
	out(m, 0x60, 0xf4);
	assert_int_equal(in(m, 0x64), 0x11);
	assert_int_equal(in(m, 0x60), 0xfa);
	assert_int_equal(in(m, 0x64), 0x10);
}

/* Command AAh: 55h, and the system flag; it forgets what waited. */
static void self_test_passes_and_sets_the_system_flag(void **state)
{
	struct machine *m = *state;

	out(m, 0x60, 0xff);
	command(m, 0xaa);
	assert_int_equal(in(m, 0x64), 0x1d);
	expect(m, "\x55", 1);
	command(m, 0x20);
	assert_int_equal(in(m, 0x60) & 0x04, 0x04);
	command(m, 0x60);
	out(m, 0x60, 0x01);
	assert_int_equal(in(m, 0x64), 0x10);
	command(m, 0x60);
	out(m, 0x60, 0x05);
	assert_int_equal(in(m, 0x64), 0x14);
}

/* A9h, ABh: 00h is no error. A4h: F1h is no password. C0h: bit 7 is an open lock. */
static void tests_answer_good(void **state)
{
	struct machine *m = *state;

	command(m, 0xab);
	expect(m, "\x00", 1);
	command(m, 0xa9);
	expect(m, "\x00", 1);
	command(m, 0xa4);
	expect(m, "\xf1", 1);
	command(m, 0xc0);
	assert_int_equal(in(m, 0x60) & 0x80, 0x80);
	command(m, 0xe0);
	expect(m, "\x03", 1);
	command(m, 0xad);
	command(m, 0xe0);
	expect(m, "\x02", 1);
}

/* 20h to 3fh read, 60h to 7fh write the controller's memory. */
static void memory_is_kept(void **state)
{
	struct machine *m = *state;

	for (unsigned i = 1; i < 32; i++) {
		command(m, (uint8_t)(0x60 + i));
		out(m, 0x60, (uint8_t)(0x80 + i));
	}
	for (unsigned i = 1; i < 32; i++) {
		command(m, (uint8_t)(0x20 + i));
		assert_int_equal(in(m, 0x60), 0x80 + i);
	}
}

/* A7h, A8h set and clear bit 5, ADh, AEh bit 4 of the command byte. */
static void interfaces_are_switched_in_the_command_byte(void **state)
{
	static const uint8_t step[][2] = {
		{ 0xa7, 0x20 }, { 0xad, 0x30 }, { 0xa8, 0x10 }, { 0xae, 0x00 },
	};
	struct machine *m = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(step); i++) {
		command(m, step[i][0]);
		command(m, 0x20);
		assert_int_equal(in(m, 0x60), step[i][1]);
	}
	command(m, 0xad);
	out(m, 0x60, 0xf4);
	expect(m, "\xfa", 1);
	command(m, 0x20);
	assert_int_equal(in(m, 0x60), 0x00);
}

/* D0h, D1h: reset line and A20 are up at the start; a write is read back, reset or not. */
static void output_port_holds_a20_and_the_reset_line(void **state)
{
	struct machine *m = *state;

	command(m, 0xd0);
	expect(m, "\xcf", 1);
	command(m, 0xd1);
	out(m, 0x60, 0xdd);
	assert_int_equal(m->resets, 0);
	command(m, 0xd0);
	assert_int_equal(in(m, 0x60) & 0xcf, 0xcd);
	/* Bit 4 follows the output buffer. */
	out(m, 0x60, 0xee);
	command(m, 0xd0);
	expect(m, "\xee\xdd", 2);
	command(m, 0xd1);
	out(m, 0x60, 0xfe);
	assert_int_equal(m->resets, 1);
}

/* F0h to FFh pulse the lines whose bit is 0: bit 0 is the reset line. */
static void pulse_of_bit_0_resets(void **state)
{
	struct machine *m = *state;

	for (unsigned v = 0xf0; v <= 0xff; v++) {
		unsigned before = m->resets;

		command(m, (uint8_t)v);
		assert_int_equal(m->resets - before, v % 2 == 0);
	}
	assert_int_equal(in(m, 0x64) & 0x01, 0);
}

/* D2h, D3h: the byte comes back as the keyboard's, or as the mouse's (status bit 5). */
static void looped_bytes_come_back(void **state)
{
	struct machine *m = *state;

	command(m, 0x60);
	out(m, 0x60, 0x03);
	command(m, 0xd3);
	out(m, 0x60, 0x5a);
	assert_int_equal(in(m, 0x64), 0x31);
	assert_true(m->level[12]);
	assert_false(m->level[1]);
	expect(m, "\x5a", 1);
	assert_false(m->level[12]);
	command(m, 0xd2);
	out(m, 0x60, 0xa5);
	assert_int_equal(in(m, 0x64), 0x11);
	assert_true(m->level[1]);
	expect(m, "\xa5", 1);
	assert_false(m->level[1]);
}

/* Whose a byte is belongs to the byte, not to its place in the queue. */
static void looped_bytes_keep_their_source(void **state)
{
	struct machine *m = *state;

	for (unsigned i = 0; i < 64; i++) {
		bool mouse = i / 8 % 2;

		command(m, mouse ? 0xd3 : 0xd2);
		out(m, 0x60, (uint8_t)i);
		assert_int_equal(in(m, 0x64), mouse ? 0x31 : 0x11);
		expect(m, &(char){ (char)i }, 1);
	}
}

/* D4h: nobody is there to answer, and the keyboard does not hear it. */
static void mouse_does_not_answer(void **state)
{
	struct machine *m = *state;

	command(m, 0xd4);
	out(m, 0x60, 0xf2);
	expect(m, "", 0);
	out(m, 0x60, 0xee);
	expect(m, "\xee", 1);
}

/* A command that waits for data waits no more once another command comes. */
static void command_replaces_the_waiting_one(void **state)
{
	struct machine *m = *state;

	command(m, 0xd1);
	command(m, 0xae);
	out(m, 0x60, 0xee);
	assert_int_equal(m->resets, 0);
	expect(m, "\xee", 1);
}

/* Port 92h bit 0: a rise resets, staying does not; bit 1 is kept. */
static void port_92_resets_on_the_rise(void **state)
{
	struct machine *m = *state;

	assert_int_equal(in(m, 0x92), 0x02);
	out(m, 0x92, 0x00);
	assert_int_equal(in(m, 0x92), 0x00);
	out(m, 0x92, 0x02);
	assert_int_equal(in(m, 0x92), 0x02);
	assert_int_equal(m->resets, 0);
	out(m, 0x92, 0x03);
	assert_int_equal(m->resets, 1);
	out(m, 0x92, 0x01);
	assert_int_equal(m->resets, 1);
	out(m, 0x92, 0x00);
	out(m, 0x92, 0x01);
	assert_int_equal(m->resets, 2);
}

static void check(struct machine *m)
{
	uint8_t status = in(m, 0x64), byte = m->i8042.ram[0];
	unsigned source = status & 0x21;

	assert_int_equal(status & 0xd2, 0x10);
	assert_int_not_equal(source, 0x20);
	assert_int_equal(status >> 2 & 1, byte >> 2 & 1);
	assert_int_equal(m->level[1], source == 0x01 && (byte & 0x01));
	assert_int_equal(m->level[12], source == 0x21 && (byte & 0x02));
	assert_in_range(m->i8042.queued, 0, I8042_QUEUE);
	assert_in_range(m->i8042.taken, 0, I8042_QUEUE - 1);
}

/* Any traffic: the lines are what status and command byte say; the queue is bounded. */
static void random_traffic_keeps_lines_and_registers_one(void **state)
{
	static const uint16_t port[] = { 0x60, 0x64, 0x92, 0x60 };
	struct machine *m = *state;
	uint64_t seed = 1;

	for (unsigned i = 0; i < TRAFFIC; i++) {
		unsigned pick;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		pick = (unsigned)(seed >> 33) % 4;
		if (seed >> 63)
			in(m, port[pick]);
		else
			out(m, port[pick], (uint8_t)(seed >> 40));
		check(m);
	}
	assert_true(m->resets > 100);
	assert_true(m->rises[1] > 100);
	assert_true(m->rises[12] > 10);
	for (unsigned i = 0; i < I8042_QUEUE; i++)
		in(m, 0x60);
	assert_int_equal(in(m, 0x64) & 0x01, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(idle_status_has_both_buffers_empty),
		TEST(status_tells_command_from_data),
		TEST(self_test_passes_and_sets_the_system_flag),
		TEST(tests_answer_good),
		TEST(memory_is_kept),
		TEST(interfaces_are_switched_in_the_command_byte),
		TEST(output_port_holds_a20_and_the_reset_line),
		TEST(pulse_of_bit_0_resets),
		TEST(looped_bytes_come_back),
		TEST(looped_bytes_keep_their_source),
		TEST(mouse_does_not_answer),
		TEST(command_replaces_the_waiting_one),
		TEST(port_92_resets_on_the_rise),
		TEST(random_traffic_keeps_lines_and_registers_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
