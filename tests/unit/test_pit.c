/* The six modes of the 8254; each rule from its datasheet (Intel, 231164), "Mode Definitions". */
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
	gate2(m, true);
	return 0;
}

/* OUT 2 at the next ticks, one character each. */
static void assert_out2(const char *levels)
{
	for (; *levels; levels++) {
		assert_int_equal(out2(m), *levels == '1');
		pass(m, 1);
	}
}

/* Mode 0: low until N + 1 ticks after the write, then high, and the count goes on. */
static void mode_0_rises_at_the_terminal_count(void **state)
{
	(void)state;
	out(m, 0x43, 0xb0);
	assert_false(out2(m));
	load(m, 2, 4);
	assert_out2("00000111");
	assert_int_equal(count_of(m, 2), 0xfffd);
	pass(m, 65536 + 2);
	assert_true(out2(m));
	assert_int_equal(count_of(m, 2), 0xfffb);
}

/* Mode 0: the first byte of two stops the count and sets OUT low, the second starts it. */
static void mode_0_first_byte_stops(void **state)
{
	(void)state;
	start(m, 2, 0, 2);
	pass(m, 5);
	assert_true(out2(m));
	out(m, 0x42, 3);
	assert_false(out2(m));
	pass(m, 100);
	assert_false(out2(m));
	out(m, 0x42, 0);
	assert_out2("00001");
	/* With one byte there is no first: it loads, and OUT is low again. */
	out(m, 0x43, 0x90);
	out(m, 0x42, 1);
	assert_out2("001");
	out(m, 0x42, 2);
	assert_out2("0001");
}

/* Mode 0: a low gate holds the count; one written meanwhile is loaded all the same. */
static void mode_0_gate_holds_the_count(void **state)
{
	(void)state;
	start(m, 2, 0, 10);
	pass(m, 3);
	gate2(m, false);
	pass(m, 1000);
	assert_int_equal(count_of(m, 2), 7);
	gate2(m, true);
	assert_int_equal(count_of(m, 2), 7);
	pass(m, 6);
	assert_out2("01");
	gate2(m, false);
	load(m, 2, 3);
	pass(m, 5);
	assert_int_equal(count_of(m, 2), 3);
	gate2(m, true);
	assert_out2("0001");
}

/* Mode 1: low for N ticks from the tick after the trigger; a trigger starts it anew. */
static void mode_1_is_a_retriggerable_one_shot(void **state)
{
	(void)state;
	start(m, 2, 1, 3);
	pass(m, 50);
	assert_true(out2(m));
	gate2(m, false);
	assert_true(out2(m));
	gate2(m, true);
	pass(m, 1);
	assert_out2("0001");
	gate2(m, false);
	gate2(m, true);
	pass(m, 1);
	assert_out2("00");
	/* The gate's fall alone does nothing. */
	gate2(m, false);
	gate2(m, true);
	pass(m, 1);
	gate2(m, false);
	assert_out2("000111");
}

/* Mode 1: a count written during the pulse waits for the next trigger. */
static void mode_1_new_count_waits_for_a_trigger(void **state)
{
	(void)state;
	start(m, 2, 1, 3);
	gate2(m, false);
	gate2(m, true);
	pass(m, 1);
	load(m, 2, 5);
	assert_int_equal(status_of(m, 2) & 0x40, 0x40);
	assert_out2("00011");
	assert_int_equal(count_of(m, 2), 0xfffe);
	gate2(m, false);
	gate2(m, true);
	pass(m, 1);
	assert_int_equal(status_of(m, 2) & 0x40, 0);
	assert_out2("000001");
}

/* Mode 2: low for the last of N ticks, again and again; the count goes from N to 1. */
static void mode_2_divides_by_n(void **state)
{
	static const uint8_t counts[] = { 4, 3, 2, 1, 4, 3, 2, 1, 4 };

	(void)state;
	start(m, 2, 2, 4);
	for (unsigned i = 0; i < sizeof(counts); i++) {
		assert_int_equal(count_of(m, 2), counts[i]);
		assert_int_equal(out2(m), counts[i] != 1);
		pass(m, 1);
	}
	pass(m, 4 * UINT64_C(1000000000));
	assert_int_equal(count_of(m, 2), 3);
}

/* Mode 2: a new count takes over at the end of the period, or at a trigger. */
static void mode_2_new_count_waits_for_the_period(void **state)
{
	(void)state;
	start(m, 2, 2, 4);
	pass(m, 1);
	load(m, 2, 100);
	load(m, 2, 3);
	assert_int_equal(status_of(m, 2) & 0x40, 0x40);
	assert_out2("110");
	assert_int_equal(status_of(m, 2) & 0x40, 0);
	assert_out2("110110");
	load(m, 2, 6);
	gate2(m, false);
	gate2(m, true);
	pass(m, 1);
	assert_out2("1111101");
}

/* Modes 2 and 3: a low gate sets OUT high at once; its rise starts the period anew. */
static void low_gate_sets_out_high_and_its_rise_reloads(void **state)
{
	(void)state;
	for (unsigned mode = 2; mode <= 3; mode++) {
		start(m, 2, mode, 4);
		pass(m, 3);
		assert_false(out2(m));
		gate2(m, false);
		assert_true(out2(m));
		pass(m, 1001);
		assert_true(out2(m));
		gate2(m, true);
		pass(m, 1);
		assert_int_equal(count_of(m, 2), 4);
		assert_out2(mode == 2 ? "11101110" : "11001100");
		gate2(m, false);
		gate2(m, true);
	}
}

/* Mode 3, even: high and low for N / 2, counting by two in each half. */
static void mode_3_even_counts_by_two(void **state)
{
	static const uint8_t counts[] = { 6, 4, 2, 6, 4, 2, 6 };

	(void)state;
	start(m, 2, 3, 6);
	for (unsigned i = 0; i < sizeof(counts); i++) {
		assert_int_equal(count_of(m, 2), counts[i]);
		assert_int_equal(out2(m), i % 6 < 3);
		pass(m, 1);
	}
}

/* Mode 3, odd: high for (N + 1) / 2 ticks, low for (N - 1) / 2, from N - 1 down. */
static void mode_3_odd_is_high_one_tick_longer(void **state)
{
	static const uint8_t counts[] = { 4, 2, 0, 4, 2, 4, 2, 0, 4, 2, 4 };

	(void)state;
	start(m, 2, 3, 5);
	for (unsigned i = 0; i < sizeof(counts); i++) {
		assert_int_equal(count_of(m, 2), counts[i]);
		assert_int_equal(out2(m), i % 5 < 3);
		pass(m, 1);
	}
}

/* Mode 3: a new count takes over at the end of the half cycle. */
static void mode_3_new_count_waits_for_the_half(void **state)
{
	(void)state;
	start(m, 2, 3, 8);
	assert_out2("11");
	load(m, 2, 4);
	assert_out2("11" "00" "1100" "1");
	load(m, 2, 7);
	assert_out2("1" "000" "1111000" "1111" "0");
	load(m, 2, 2);
	assert_out2("00" "1010");
}

/* Mode 4: low for the tick at 0, N + 1 after the write; the count goes on. */
static void mode_4_strobes_once(void **state)
{
	(void)state;
	out(m, 0x43, 0xb8);
	load(m, 2, 3);
	assert_out2("11110111");
	assert_int_equal(count_of(m, 2), 0xfffc);
	pass(m, 65536 - 5);
	assert_out2("1111111");
	/* A new count starts at once; its first byte stops nothing. */
	load(m, 2, 2);
	pass(m, 1);
	out(m, 0x42, 4);
	assert_out2("11011");
	out(m, 0x42, 0);
	assert_out2("1111101");
}

static void mode_4_gate_holds_the_count(void **state)
{
	(void)state;
	start(m, 2, 4, 3);
	pass(m, 1);
	gate2(m, false);
	pass(m, 77);
	assert_int_equal(count_of(m, 2), 2);
	gate2(m, true);
	assert_out2("1101");
}

/* Mode 5: the strobe comes N + 1 ticks after each trigger. */
static void mode_5_strobes_after_a_trigger(void **state)
{
	(void)state;
	start(m, 2, 5, 3);
	assert_out2("111111");
	gate2(m, false);
	gate2(m, true);
	assert_out2("11110111");
	gate2(m, false);
	gate2(m, true);
	assert_out2("111");
	gate2(m, false);
	gate2(m, true);
	gate2(m, false);
	assert_out2("111101");
}

/* A trigger without a count has nothing to start. */
static void trigger_before_a_count_is_nothing(void **state)
{
	(void)state;
	for (unsigned mode = 1; mode <= 5; mode++) {
		out(m, 0x43, (uint8_t)(0xb0 | mode << 1));
		gate2(m, false);
		gate2(m, true);
		pass(m, 3);
		assert_true(out2(m));
		assert_int_equal(status_of(m, 2) & 0x40, 0x40);
	}
}

/* 0 is the largest count: 65536, or 10000 in BCD. */
static void zero_is_the_largest_count(void **state)
{
	(void)state;
	start(m, 2, 0, 0);
	assert_int_equal(count_of(m, 2), 0);
	pass(m, 65535);
	assert_out2("01");
	out(m, 0x43, 0xb1);
	load(m, 2, 0);
	pass(m, 2);
	assert_int_equal(count_of(m, 2), 0x9999);
	pass(m, 9998);
	assert_out2("01");
}

/* Four decades: counts are digits, written and read. */
static void bcd_counts_in_decades(void **state)
{
	(void)state;
	out(m, 0x43, 0xb1);
	load(m, 2, 0x1234);
	pass(m, 1);
	assert_int_equal(count_of(m, 2), 0x1234);
	pass(m, 235);
	assert_int_equal(count_of(m, 2), 0x0999);
	pass(m, 998);
	assert_out2("01");
	assert_int_equal(count_of(m, 2), 0x9999);
}

/* A count of 1 is illegal in modes 2 and 3: there is still a high and a low tick. */
static void period_is_at_least_two_ticks(void **state)
{
	(void)state;
	for (unsigned mode = 2; mode <= 3; mode++) {
		start(m, 2, mode, 1);
		assert_out2("101010");
	}
}

#define TEST(f)	cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(mode_0_rises_at_the_terminal_count),
		TEST(mode_0_first_byte_stops),
		TEST(mode_0_gate_holds_the_count),
		TEST(mode_1_is_a_retriggerable_one_shot),
		TEST(mode_1_new_count_waits_for_a_trigger),
		TEST(mode_2_divides_by_n),
		TEST(mode_2_new_count_waits_for_the_period),
		TEST(low_gate_sets_out_high_and_its_rise_reloads),
		TEST(mode_3_even_counts_by_two),
		TEST(mode_3_odd_is_high_one_tick_longer),
		TEST(mode_3_new_count_waits_for_the_half),
		TEST(mode_4_strobes_once),
		TEST(mode_4_gate_holds_the_count),
		TEST(mode_5_strobes_after_a_trigger),
		TEST(trigger_before_a_count_is_nothing),
		TEST(zero_is_the_largest_count),
		TEST(bcd_counts_in_decades),
		TEST(period_is_at_least_two_ticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
