/* Random traffic: the 8254 is at every tick where counting pulse by pulse leads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pit_machine.h"
#include "pit_model.h"

#include "core/device/pit_counter.h"

#define STEPS	100000u
#define SEEDS	4u

struct pair {
	struct machine	machine;
	struct model	model[3];
	uint64_t	seed;
	unsigned	expected;	/* edges of IRQ 0 */
};

static unsigned below(struct pair *p, unsigned n)
{
	p->seed = p->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(p->seed >> 33) % n;
}

static uint8_t byte(struct pair *p)
{
	return (uint8_t)below(p, 256);
}

/* Whatever rose since the last look is one edge now. */
static void expect_edge(struct pair *p)
{
	p->expected += p->model[0].rises != 0;
	p->model[0].rises = 0;
}

static void wait_both(struct pair *p)
{
	unsigned kind = below(p, 1000), tick = 839;
	uint64_t before = ticks(&p->machine), n;

	n = kind < 600 ? below(p, 3 * tick) : kind < 970 ? below(p, 60 * tick) :
	    kind < 998 ? below(p, 3000 * tick) : below(p, 140000 * tick);
	p->machine.clock.ns += n;
	for (n = ticks(&p->machine) - before; n; n--)
		for (unsigned i = 0; i < 3; i++)
			model_pulse(&p->model[i]);
}

static void control_both(struct pair *p, unsigned counter)
{
	uint8_t value = (uint8_t)(counter << 6 | (1 + below(p, 3)) << 4 | below(p, 16));

	/* Binary and both bytes are what is used most. */
	if (below(p, 2))
		value = (value & 0xfe) | 0x30;
	out(&p->machine, 0x43, value);
	expect_edge(p);
	model_control(&p->model[counter], value);
	expect_edge(p);
}

/* Digits that are BCD too, small ones mostly: periods must end. */
static uint8_t count_byte(struct pair *p, const struct model *c)
{
	uint8_t value = (uint8_t)(below(p, 10) << 4 | below(p, 10));

	if (!c->bcd && below(p, 2))
		value = byte(p);
	if (c->access == 3 && c->second_byte && below(p, 4))
		return 0;
	return below(p, 3) ? value & 0x07 : value;
}

static void write_both(struct pair *p, unsigned counter)
{
	uint8_t value = count_byte(p, &p->model[counter]);

	out(&p->machine, (uint16_t)(0x40 + counter), value);
	expect_edge(p);
	model_write(&p->model[counter], value);
	expect_edge(p);
}

static void gate_both(struct pair *p)
{
	bool level = below(p, 2);

	gate2(&p->machine, level);
	model_gate(&p->model[2], level);
}

static void assert_same(struct pair *p)
{
	const uint64_t now = ticks(&p->machine);

	assert_int_equal(p->machine.edges, p->expected);
	for (unsigned i = 0; i < 3; i++) {
		struct pit_counter *c = &p->machine.pit.counter[i];
		const struct model *model = &p->model[i];

		assert_int_equal(pit_counter_null(c, now), model->null);
		if (!model_settled(model))
			continue;
		assert_int_equal(pit_counter_out(c, now), model->out);
		if (model->loaded)
			assert_int_equal(pit_counter_count(c, now), model_count(model));
	}
}

static void step(struct pair *p)
{
	unsigned kind = below(p, 100), counter = below(p, 3);

	wait_both(p);
	if (kind < 10)
		control_both(p, counter);
	else if (kind < 40)
		write_both(p, counter);
	else if (kind < 60)
		gate_both(p);
	if (below(p, 2)) {
		pit_advance(&p->machine.pit);
		expect_edge(p);
		assert_true(p->machine.pit.next > p->machine.clock.ns);
	}
}

static void start_both(struct pair *p)
{
	machine_init(&p->machine);
	for (unsigned i = 0; i < 3; i++) {
		p->model[i].gate = i != 2;
		p->model[i].out = true;
		out(&p->machine, 0x43, (uint8_t)(i << 6 | 0x36));
		model_control(&p->model[i], 0x36);
	}
}

static void every_tick_is_as_counted_pulse_by_pulse(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct pair p = { .seed = seed };

		start_both(&p);
		for (unsigned i = 0; i < STEPS / SEEDS; i++) {
			step(&p);
			assert_same(&p);
		}
		/* The walk must have been worth it. */
		assert_true(p.expected > 500);
	}
}

/* Any byte at any port after any time: no crash, no loop, and a deadline that is ahead. */
static void any_traffic_is_survived(void **state)
{
	static const uint16_t ports[] = { 0x40, 0x41, 0x42, 0x43, 0x43, 0x61 };
	struct pair p = { .seed = 9 };
	struct machine *m = &p.machine;

	(void)state;
	machine_init(m);
	for (unsigned i = 0; i < STEPS; i++) {
		uint16_t port = ports[below(&p, 6)];
		unsigned changes = m->changes;

		m->clock.ns += (uint64_t)below(&p, 1u << 31) >> below(&p, 31) <<
			       (below(&p, 8) ? 0 : below(&p, 14));
		if (below(&p, 3))
			out(m, port, byte(&p));
		else if (below(&p, 2))
			in(m, port);
		else
			pit_advance(&m->pit);
		/* Two pairs at most: what was due, and what the write did. */
		assert_true(m->changes - changes <= 4);
		pit_advance(&m->pit);
		assert_true(m->pit.next > m->clock.ns);
	}
	assert_true(m->edges > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tick_is_as_counted_pulse_by_pulse),
		cmocka_unit_test(any_traffic_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
