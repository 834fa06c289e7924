/*
 * The event timers, rule by rule. IA-PC HPET Specification 1.0a: "Register Definitions"
 * 2.3.3 to 2.3.9, "Timer Operation Modes" 2.3.9.2, "LegacyReplacement Option" 2.3.9.1.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hpet_fixture.h"

enum { LEVEL = 1 << 1, INT = 1 << 2, PERIODIC = 1 << 3, SET = 1 << 6, BITS_32 = 1 << 8 };
enum { ON = 1, LEGACY = 2 };

static struct machine m;

/* Timer `n` armed by the legacy route at `at`, the counter at 0. */
static void arm(unsigned n, uint64_t config, uint64_t at)
{
	machine_init(&m);
	put(&m, TIMER(n), 8, config);
	put(&m, COMPARE(n), 8, at);
	put(&m, CONFIG, 8, ON | LEGACY);
}

/* 2.3.4: period in fs above, at most 100 ns; legacy, 64 bits, last timer 2, revision not 0. */
static void capabilities_are_told_and_kept(void **state)
{
	const uint64_t want = UINT64_C(0x009896808086a201);

	(void)state;
	machine_init(&m);
	assert_int_equal(want >> 32, TICK * 1000000);
	assert_int_equal(get(&m, 0, 8), want);
	put(&m, 0, 8, 0);
	assert_int_equal(get(&m, 0, 8), want);
	for (unsigned n = 0; n < 3; n++)
		/* Tn_SIZE_CAP, Tn_PER_INT_CAP; no input of an I/O APIC, no FSB. */
		assert_int_equal(get(&m, TIMER(n), 8), 0x30);
}

/* 2.3.5, 2.3.8: reserved bits read 0; what is not there does, too. */
static void reserved_bits_stay_zero(void **state)
{
	(void)state;
	machine_init(&m);
	put(&m, CONFIG, 8, UINT64_MAX & ~UINT64_C(1));
	assert_int_equal(get(&m, CONFIG, 8), LEGACY);
	put(&m, TIMER(2), 8, UINT64_MAX);
	assert_int_equal(get(&m, TIMER(2), 8), 0x30 | LEVEL | INT | PERIODIC | SET | BITS_32);
	for (unsigned at = 0; at < HPET_SIZE; at += 8) {
		const bool known = at == 0 || at == CONFIG || at == STATUS || at == COUNTER ||
				   (at >= TIMER(0) && at < TIMER(3) && at % 0x20 <= 8);

		if (known)
			continue;
		put(&m, at, 8, UINT64_MAX);
		assert_int_equal(get(&m, at, 8), 0);
	}
}

/* 2.3.7: halted it holds what was written; enabled it goes on from there. */
static void the_counter_counts_while_enabled(void **state)
{
	(void)state;
	machine_init(&m);
	put(&m, COUNTER, 8, UINT64_C(0x1fffffff0));
	pass(&m, 100);
	assert_int_equal(get(&m, COUNTER, 8), UINT64_C(0x1fffffff0));
	put(&m, CONFIG, 8, ON);
	pass(&m, 0x20);
	assert_int_equal(get(&m, COUNTER, 8), UINT64_C(0x200000010));
	m.clock.ns += TICK - 1;
	assert_int_equal(get(&m, COUNTER, 8), UINT64_C(0x200000010));
	m.clock.ns++;
	assert_int_equal(get(&m, COUNTER, 8), UINT64_C(0x200000011));
	put(&m, CONFIG, 8, 0);
	pass(&m, 1000);
	assert_int_equal(get(&m, COUNTER, 8), UINT64_C(0x200000011));
}

/* Registers by the byte: each size reads and changes the bytes it names. */
static void any_part_of_a_register_is_reached(void **state)
{
	(void)state;
	machine_init(&m);
	put(&m, COMPARE(1), 8, UINT64_C(0x8877665544332211));
	for (unsigned size = 1; size <= 8; size *= 2)
		for (unsigned at = 0; at < 8; at += size)
			assert_int_equal(get(&m, COMPARE(1) + at, size),
				UINT64_C(0x8877665544332211) << (64 - 8 * (at + size)) >>
				(64 - 8 * size));
	put(&m, COMPARE(1) + 1, 1, 0xaa);
	put(&m, COMPARE(1) + 2, 2, 0xbbcc);
	put(&m, COMPARE(1) + 4, 4, 0xddddeeee);
	assert_int_equal(get(&m, COMPARE(1), 8), UINT64_C(0xddddeeeebbccaa11));
	put(&m, CONFIG + 1, 1, 0xff);
	assert_int_equal(get(&m, CONFIG, 8), 0);
}

/* 2.3.9.2.1: an interrupt when the counter matches, one tick early none, and only one. */
static void a_one_shot_fires_once(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		arm(n, INT, 1000);
		assert_int_equal(m.hpet.next, 1000 * TICK);
		pass(&m, 999);
		assert_int_equal(m.rises[n], 0);
		pass(&m, 1);
		assert_int_equal(m.rises[n], 1);
		assert_true(m.level[n]);
		assert_int_equal(m.rises[!n], 0);
		assert_true(m.hpet.next == NEVER);
		pass(&m, UINT64_C(1) << 40);
		assert_int_equal(m.rises[n], 1);
		assert_int_equal(get(&m, COMPARE(n), 8), 1000);
		/* Edge-triggered: no status. */
		assert_int_equal(get(&m, STATUS, 8), 0);
	}
}

/* The lower halves are compared: again when the counter has gone round. */
static void a_32_bit_one_shot_fires_every_round(void **state)
{
	(void)state;
	arm(0, INT | BITS_32, UINT64_C(0x500001000));
	assert_int_equal(get(&m, COMPARE(0), 8), 0x1000);
	pass(&m, 0x1000);
	assert_int_equal(m.rises[0], 1);
	assert_int_equal(m.hpet.next, UINT64_C(0x100001000) * TICK);
	pass(&m, UINT64_C(0xffffffff));
	assert_int_equal(m.rises[0], 1);
	pass(&m, 1);
	assert_int_equal(m.rises[0], 2);
	/* Many rounds at one look are one edge. */
	pass(&m, UINT64_C(0x500000000));
	assert_int_equal(m.rises[0], 3);
	assert_int_equal(m.hpet.next, UINT64_C(0x700001000) * TICK);
}

/* 2.3.9.2.2: the comparator grows by what was written last. */
static void a_periodic_timer_goes_on(void **state)
{
	(void)state;
	arm(0, INT | PERIODIC | SET, 0x123);
	pass(&m, 0x123);
	assert_int_equal(m.rises[0], 1);
	assert_int_equal(get(&m, COMPARE(0), 8), 0x246);
	pass(&m, 0x123);
	assert_int_equal(m.rises[0], 2);
	assert_int_equal(get(&m, COMPARE(0), 8), 0x369);
	pass(&m, 0x123 * 10);
	assert_int_equal(m.rises[0], 3);
	assert_int_equal(get(&m, COMPARE(0), 8), 0x123 * 13);
	assert_int_equal(m.hpet.next, 0x123 * 13 * TICK);
}

/* Tn_VAL_SET_CNF: behind it the comparator is set, without it the period alone; it clears. */
static void the_period_is_written_behind_the_first_value(void **state)
{
	(void)state;
	arm(0, INT | PERIODIC | SET, 1000);
	assert_int_equal(get(&m, TIMER(0), 8) & SET, 0);
	put(&m, COMPARE(0), 4, 300);
	assert_int_equal(get(&m, COMPARE(0), 8), 1000);
	pass(&m, 1000);
	assert_int_equal(get(&m, COMPARE(0), 8), 1300);
	pass(&m, 300);
	assert_int_equal(m.rises[0], 2);
	/* "Set the lower 32 bits", then SET again for the upper ones. */
	put(&m, TIMER(0), 4, INT | PERIODIC | SET);
	put(&m, COMPARE(0), 4, 7);
	put(&m, TIMER(0), 4, INT | PERIODIC | SET);
	put(&m, COMPARE(0) + 4, 4, 9);
	assert_int_equal(get(&m, COMPARE(0), 8), UINT64_C(0x900000007));
}

/* In 32 bits the sum wraps, and so does the counter it is compared with. */
static void a_32_bit_period_wraps(void **state)
{
	(void)state;
	arm(1, INT | PERIODIC | SET | BITS_32, 0x80000001);
	pass(&m, 0x80000001);
	assert_int_equal(get(&m, COMPARE(1), 8), 2);
	assert_int_equal(m.hpet.next, UINT64_C(0x100000002) * TICK);
	pass(&m, 0x80000001);
	assert_int_equal(m.rises[1], 2);
}

/* A period of nothing: the comparator stays, and time is not lost in it. */
static void a_period_of_nothing_matches_once(void **state)
{
	(void)state;
	arm(0, INT | PERIODIC | SET, 50);
	put(&m, COMPARE(0), 8, 0);
	pass(&m, UINT64_C(1) << 50);
	assert_int_equal(m.rises[0], 1);
	assert_true(m.hpet.next == NEVER);
	assert_int_equal(get(&m, COMPARE(0), 8), 50);
}

/* A guest that asks for an interrupt every 10 ns has time to run between two of them. */
static void a_period_too_short_leaves_the_guest_its_time(void **state)
{
	const unsigned configs[] = { INT | PERIODIC | SET, INT | PERIODIC | SET | LEVEL };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		arm(0, configs[i], 1);
		put(&m, COMPARE(0), 8, 1);
		for (unsigned n = 1; n < 5; n++) {
			assert_true(m.hpet.next >= m.clock.ns + 1500);
			assert_true(m.hpet.next <= m.clock.ns + 5000);
			pass(&m, 500);
			assert_true(m.level[0]);
			/* The registers are exact all the same. */
			assert_int_equal(get(&m, COMPARE(0), 8), 500 * n + 1);
		}
	}
	/* Once is no such storm. */
	arm(0, INT, 1);
	assert_int_equal(m.hpet.next, TICK);
}

/* 2.3.6: the status stays until 1 is written to it, and the line with it. */
static void a_level_stays_until_it_is_cleared(void **state)
{
	(void)state;
	arm(1, INT | LEVEL, 10);
	pass(&m, 10);
	assert_true(m.level[1]);
	assert_int_equal(get(&m, STATUS, 8), 2);
	put(&m, STATUS, 4, 5);
	assert_true(m.level[1]);
	put(&m, STATUS, 1, 2);
	assert_false(m.level[1]);
	assert_int_equal(get(&m, STATUS, 8), 0);
}

/* Tn_INT_ENB_CNF clear: "the timer can still ... generate appropriate status bits". */
static void a_timer_without_interrupts_has_its_status(void **state)
{
	(void)state;
	arm(0, LEVEL, 10);
	put(&m, TIMER(2), 8, LEVEL | INT);
	put(&m, COMPARE(2), 8, 11);
	assert_true(m.hpet.next == NEVER);
	pass(&m, 20);
	assert_int_equal(get(&m, STATUS, 8), 5);
	assert_int_equal(m.changes, 0);
	put(&m, TIMER(0), 8, LEVEL | INT);
	assert_true(m.level[0]);
	/* Disabled, no interrupts; "the status will not be cleared". */
	put(&m, CONFIG, 8, LEGACY);
	assert_false(m.level[0]);
	assert_int_equal(get(&m, STATUS, 8), 5);
	put(&m, TIMER(0), 8, 0);
	assert_int_equal(get(&m, STATUS, 8), 4);
}

/* Without the legacy route the timers have no wire. */
static void no_route_no_interrupt(void **state)
{
	(void)state;
	arm(0, INT, 10);
	put(&m, CONFIG, 8, ON);
	assert_true(m.hpet.next == NEVER);
	pass(&m, 100);
	assert_int_equal(m.changes, 0);
}

/* LEG_RT_CNF: "the 8254 timer will not cause any interrupts", nor the RTC. */
static void the_route_takes_the_lines_and_gives_them_back(void **state)
{
	struct irq_line input[2];

	(void)state;
	machine_init(&m);
	for (unsigned i = 0; i < 2; i++) {
		input[i] = hpet_input(&m.hpet, i);
		irq_set(&input[i], true);
		assert_true(m.level[i]);
		assert_int_equal(m.rises[i], 1);
	}
	put(&m, CONFIG, 8, LEGACY);		/* not enabled: not yet */
	assert_false(hpet_replaces(&m.hpet));
	assert_true(m.level[0] && m.level[1]);
	put(&m, CONFIG, 8, ON | LEGACY);
	assert_true(hpet_replaces(&m.hpet));
	assert_false(m.level[0] || m.level[1]);
	irq_set(&input[0], false);
	irq_set(&input[0], true);
	irq_set(&input[1], false);
	assert_int_equal(m.rises[0] + m.rises[1], 2);
	put(&m, CONFIG, 8, ON);
	assert_true(m.level[0] && !m.level[1]);
	assert_int_equal(m.rises[0], 2);
}

/* Whoever runs the devices is told when the deadline is another, and of no more. */
static void a_new_deadline_asks_for_attention(void **state)
{
	(void)state;
	arm(0, INT, 1000);
	assert_true(m.clock.attention);
	m.clock.attention = false;
	put(&m, COMPARE(2), 8, 5);
	(void)get(&m, COUNTER, 8);
	assert_false(m.clock.attention);
	put(&m, COMPARE(0), 8, 900);
	assert_true(m.clock.attention);
	assert_int_equal(m.hpet.next, 900 * TICK);
	assert_int_equal(hpet_wakes_at(&m.hpet, 0), 900 * TICK);
	assert_true(hpet_wakes_at(&m.hpet, 1) == NEVER);
}

/* A value that time cannot reach is no deadline. */
static void far_values_never_come(void **state)
{
	(void)state;
	arm(0, INT, UINT64_MAX);
	assert_true(m.hpet.next == NEVER);
	put(&m, COMPARE(0), 8, 0);		/* where it stands: a round later */
	assert_true(m.hpet.next == NEVER);
	m.clock.ns = NEVER - 5;
	hpet_advance(&m.hpet);
	put(&m, COMPARE(0), 8, get(&m, COUNTER, 8) + 2);
	assert_true(m.hpet.next == NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_are_told_and_kept),
		cmocka_unit_test(reserved_bits_stay_zero),
		cmocka_unit_test(the_counter_counts_while_enabled),
		cmocka_unit_test(any_part_of_a_register_is_reached),
		cmocka_unit_test(a_one_shot_fires_once),
		cmocka_unit_test(a_32_bit_one_shot_fires_every_round),
		cmocka_unit_test(a_periodic_timer_goes_on),
		cmocka_unit_test(the_period_is_written_behind_the_first_value),
		cmocka_unit_test(a_32_bit_period_wraps),
		cmocka_unit_test(a_period_of_nothing_matches_once),
		cmocka_unit_test(a_period_too_short_leaves_the_guest_its_time),
		cmocka_unit_test(a_level_stays_until_it_is_cleared),
		cmocka_unit_test(a_timer_without_interrupts_has_its_status),
		cmocka_unit_test(no_route_no_interrupt),
		cmocka_unit_test(the_route_takes_the_lines_and_gives_them_back),
		cmocka_unit_test(a_new_deadline_asks_for_attention),
		cmocka_unit_test(far_values_never_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
