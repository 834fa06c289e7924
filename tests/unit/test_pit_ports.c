/*
 * The 8254's bytes, latches and read-back from its datasheet (Intel, 231164); a PC's port
 * 61h; the interrupt of counter 0 and its deadline.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pit_machine.h"

static struct machine machine, *const m = &machine;

static int setup(void **state)
{
	(void)state;
	machine_init(m);
	return 0;
}

/* "Write Operations": one byte alone leaves the other half 0. */
static void access_says_which_bytes(void **state)
{
	(void)state;
	out(m, 0x43, 0x50);	/* counter 1, low byte, mode 0 */
	out(m, 0x41, 0x80);
	pass(m, 1 + 0x11);
	assert_int_equal(in(m, 0x41), 0x6f);
	assert_int_equal(in(m, 0x41), 0x6f);
	out(m, 0x43, 0x60);	/* high byte */
	out(m, 0x41, 0x80);
	pass(m, 1 + 0x11);
	assert_int_equal(in(m, 0x41), 0x7f);
	assert_int_equal(in(m, 0x41), 0x7f);
	out(m, 0x43, 0x70);	/* both */
	load(m, 1, 0x8000);
	pass(m, 1 + 0x11);
	assert_int_equal(in(m, 0x41), 0xef);
	assert_int_equal(in(m, 0x41), 0x7f);
	assert_int_equal(in(m, 0x41), 0xef);
}

/* A control word starts the bytes over: the low one comes next. */
static void control_word_resets_the_halves(void **state)
{
	(void)state;
	start(m, 1, 0, 0x1234);
	in(m, 0x41);
	out(m, 0x41, 0x99);
	start(m, 1, 0, 0x1234);
	assert_int_equal(in(m, 0x41), 0x34);
	assert_int_equal(in(m, 0x41), 0x12);
}

/* "Counter Latch Command": holds until read; a second one before that is ignored. */
static void latch_holds_until_it_is_read(void **state)
{
	(void)state;
	start(m, 1, 0, 0x1234);
	out(m, 0x43, 0x40);
	pass(m, 0x200);
	out(m, 0x43, 0x40);
	assert_int_equal(in(m, 0x41), 0x34);
	pass(m, 1);
	assert_int_equal(in(m, 0x41), 0x12);
	assert_int_equal(in(m, 0x41), 0x33);
	assert_int_equal(in(m, 0x41), 0x10);
	/* Or until the counter is programmed anew. */
	out(m, 0x43, 0x40);
	start(m, 1, 0, 0x4321);
	assert_int_equal(in(m, 0x41), 0x21);
}

/* A latched count is read from its low byte on, whichever byte was read before. */
static void latch_starts_with_the_low_byte(void **state)
{
	(void)state;
	start(m, 1, 0, 0x1234);
	in(m, 0x41);
	out(m, 0x43, 0x40);
	assert_int_equal(in(m, 0x41), 0x34);
	assert_int_equal(in(m, 0x41), 0x12);
}

/* Bytes of reads and writes may alternate: each has its own turn. */
static void reads_and_writes_take_turns_apart(void **state)
{
	(void)state;
	start(m, 1, 2, 0x1000);
	assert_int_equal(in(m, 0x41), 0x00);
	out(m, 0x41, 0x22);
	assert_int_equal(in(m, 0x41), 0x10);
	out(m, 0x41, 0x11);
	pass(m, 0x1000);
	assert_int_equal(count_of(m, 1), 0x1122);
}

/* "Read-Back Command": several counters, count and status; the status comes first. */
static void read_back_latches_what_it_names(void **state)
{
	(void)state;
	start(m, 0, 2, 0x2000);
	start(m, 1, 0, 0x1001);
	out(m, 0x43, 0xc6);	/* counters 0 and 1, both */
	pass(m, 0x1800);
	assert_int_equal(in(m, 0x41), 0x30);
	assert_int_equal(in(m, 0x41), 0x01);
	assert_int_equal(in(m, 0x41), 0x10);
	assert_int_equal(in(m, 0x41), 0x01);
	assert_int_equal(in(m, 0x41), 0xf8);
	assert_int_equal(in(m, 0x40), 0xb4);
	assert_int_equal(in(m, 0x40), 0xff);
	assert_int_equal(in(m, 0x40), 0x1f);
	/* Counts alone; a second status before the first is read is ignored. */
	out(m, 0x43, 0xd4);
	assert_int_equal(in(m, 0x41), 0x01);
	in(m, 0x41);
	out(m, 0x43, 0xe4);
	start(m, 1, 4, 7);
	out(m, 0x43, 0xe4);
	out(m, 0x43, 0x70);
	out(m, 0x43, 0xe4);
	assert_int_equal(in(m, 0x41), 0x70);
}

/* D5 to D0 as written, don't-cares included; modes 6 and 7 count as 2 and 3. */
static void status_gives_the_control_word_back(void **state)
{
	(void)state;
	for (unsigned control = 0x50; control < 0x80; control++) {
		out(m, 0x43, (uint8_t)control);
		out(m, 0x43, 0xe4);
		assert_int_equal(in(m, 0x41) & 0x3f, control & 0x3f);
	}
	start(m, 1, 6, 4);
	pass(m, 3);
	assert_int_equal(status_of(m, 1), 0x3c);
	start(m, 1, 7, 4);
	pass(m, 5);
	assert_int_equal(status_of(m, 1), 0xbe);
	assert_int_equal(count_of(m, 1), 2);
}

/* "Null Count": set by the control word and the count, cleared when it is loaded. */
static void null_count_until_loaded(void **state)
{
	(void)state;
	out(m, 0x43, 0x70);
	assert_int_equal(status_of(m, 1), 0x70);
	load(m, 1, 5);
	assert_int_equal(status_of(m, 1), 0x70);
	pass(m, 1);
	assert_int_equal(status_of(m, 1), 0x30);
	/* Until then the new count is read: a slow bus would find it loaded. */
	out(m, 0x43, 0x70);
	load(m, 1, 0xffff);
	assert_int_equal(count_of(m, 1), 0xffff);
}

/* The control word cannot be read. */
static void port_43h_reads_an_empty_bus(void **state)
{
	(void)state;
	assert_int_equal(in(m, 0x43), 0xff);
}

/* Port 61h: gate and speaker are kept, with the two bits above; 6 and 7 read 0. */
static void port_61h_keeps_its_low_bits(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 256; v++) {
		out(m, 0x61, (uint8_t)v);
		assert_int_equal(in(m, 0x61) & 0xcf, v & 0x0f);
	}
	start(m, 2, 0, 2);
	assert_int_equal(in(m, 0x61) & 0x20, 0);
	pass(m, 2);
	assert_int_equal(in(m, 0x61) & 0x20, 0x20);
	out(m, 0x61, 0x00);
	start(m, 2, 0, 2);
	pass(m, 100);
	assert_int_equal(in(m, 0x61) & 0x20, 0);
}

/* Bit 4 toggles with each refresh, 15.085 us. */
static void refresh_bit_toggles(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		m->clock.ns = i * UINT64_C(15085);
		assert_int_equal(in(m, 0x61) >> 4 & 1, i % 2);
		m->clock.ns += 15084;
		assert_int_equal(in(m, 0x61) >> 4 & 1, i % 2);
	}
}

/* As a BIOS leaves it: mode 3, 65536, so 18.2 edges a second. */
static void power_on_ticks_as_a_bios_has_it(void **state)
{
	(void)state;
	assert_int_equal(status_of(m, 0) & 0x3f, 0x36);
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(ticks_of_ns(m->pit.next, PIT_HZ), 65536 * i + 1);
		m->clock.ns = m->pit.next - 1;
		pit_advance(&m->pit);
		assert_int_equal(m->edges, i - 1);
		m->clock.ns++;
		pit_advance(&m->pit);
		assert_int_equal(m->edges, i);
		assert_true(m->irq0);
	}
}

/* Modes 2 and 3: an edge at the end of each period, at its first nanosecond. */
static void periods_end_with_an_edge(void **state)
{
	(void)state;
	for (unsigned mode = 2; mode <= 3; mode++) {
		machine_init(m);
		start(m, 0, mode, 11932);
		uint64_t loaded = ticks(m);

		for (unsigned i = 1; i <= 1000; i++) {
			assert_int_equal(m->pit.next, ns_of_ticks(loaded + 11932 * i, PIT_HZ));
			m->clock.ns = m->pit.next;
			pit_advance(&m->pit);
			assert_int_equal(m->edges, i);
		}
	}
}

/* However many periods have passed, they are one edge, and the next is in the future. */
static void missed_periods_are_one_edge(void **state)
{
	(void)state;
	start(m, 0, 2, 2);
	for (unsigned i = 1; i <= 5; i++) {
		m->changes = 0;
		m->clock.ns += 1000 * NS_PER_SECOND * i + i;
		pit_advance(&m->pit);
		assert_int_equal(m->edges, i);
		assert_true(m->changes <= 2);
		assert_true(m->pit.next > m->clock.ns);
		assert_true(m->pit.next < m->clock.ns + 2000);
		pit_advance(&m->pit);
		assert_int_equal(m->edges, i);
	}
}

/* Mode 0: one rise, and no deadline after it; reprogramming takes the line down. */
static void one_shot_rises_once(void **state)
{
	(void)state;
	start(m, 0, 0, 100);
	assert_int_equal(ticks_of_ns(m->pit.next, PIT_HZ), ticks(m) + 100);
	m->clock.ns = m->pit.next;
	pit_advance(&m->pit);
	assert_int_equal(m->edges, 1);
	assert_true(m->pit.next == NEVER);
	m->clock.ns += 1000 * NS_PER_SECOND;
	pit_advance(&m->pit);
	assert_int_equal(m->edges, 1);
	out(m, 0x43, 0x30);
	assert_false(m->irq0);
	load(m, 0, 100);
	pass(m, 101);
	pit_advance(&m->pit);
	assert_int_equal(m->edges, 2);
}

/* Mode 4 rises after its strobe; modes 1 and 5 wait for a trigger that never comes. */
static void strobes_end_with_the_rise(void **state)
{
	(void)state;
	start(m, 0, 4, 100);
	assert_int_equal(ticks_of_ns(m->pit.next, PIT_HZ), ticks(m) + 101);
	start(m, 0, 1, 100);
	assert_true(m->pit.next == NEVER);
	start(m, 0, 5, 100);
	assert_true(m->pit.next == NEVER);
}

/* A rise that was due before a port write is not lost by it. */
static void write_after_the_deadline_tells_the_edge_first(void **state)
{
	(void)state;
	start(m, 0, 0, 100);
	pass(m, 150);
	out(m, 0x43, 0x30);
	assert_int_equal(m->edges, 1);
	assert_false(m->irq0);
}

/* A control word that takes OUT 0 from low to high is a rise too. */
static void control_word_can_be_the_edge(void **state)
{
	(void)state;
	out(m, 0x43, 0x30);
	assert_int_equal(m->edges, 0);
	out(m, 0x43, 0x34);
	assert_int_equal(m->edges, 1);
	out(m, 0x43, 0x36);
	assert_int_equal(m->edges, 1);
}

/* Mode 3: a count written in the high half moves the end of the low one. */
static void new_count_moves_the_deadline(void **state)
{
	(void)state;
	start(m, 0, 3, 1000);
	uint64_t loaded = ticks(m);

	pass(m, 100);
	load(m, 0, 400);
	assert_int_equal(ticks_of_ns(m->pit.next, PIT_HZ), loaded + 500 + 200);
	pass(m, 450);
	load(m, 0, 100);
	assert_int_equal(ticks_of_ns(m->pit.next, PIT_HZ), loaded + 500 + 200);
	m->clock.ns = m->pit.next;
	pit_advance(&m->pit);
	assert_int_equal(ticks_of_ns(m->pit.next, PIT_HZ), loaded + 700 + 100);
}

/* Whoever waits is told when a write moves the deadline, and by nothing else. */
static void attention_is_for_moved_deadlines(void **state)
{
	(void)state;
	start(m, 0, 2, 1000);
	assert_true(m->clock.attention);
	m->clock.attention = false;
	count_of(m, 0);
	start(m, 1, 2, 18);
	start(m, 2, 3, 1000);
	gate2(m, true);
	assert_false(m->clock.attention);
	out(m, 0x43, 0x30);
	assert_true(m->clock.attention);
}

#define TEST(f)	cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(access_says_which_bytes),
		TEST(control_word_resets_the_halves),
		TEST(latch_holds_until_it_is_read),
		TEST(latch_starts_with_the_low_byte),
		TEST(reads_and_writes_take_turns_apart),
		TEST(read_back_latches_what_it_names),
		TEST(status_gives_the_control_word_back),
		TEST(null_count_until_loaded),
		TEST(port_43h_reads_an_empty_bus),
		TEST(port_61h_keeps_its_low_bits),
		TEST(refresh_bit_toggles),
		TEST(power_on_ticks_as_a_bios_has_it),
		TEST(periods_end_with_an_edge),
		TEST(missed_periods_are_one_edge),
		TEST(one_shot_rises_once),
		TEST(strobes_end_with_the_rise),
		TEST(write_after_the_deadline_tells_the_edge_first),
		TEST(control_word_can_be_the_edge),
		TEST(new_count_moves_the_deadline),
		TEST(attention_is_for_moved_deadlines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
