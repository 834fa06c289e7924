/* Random traffic: the event timers are at every tick where counting tick by tick leads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hpet_fixture.h"

#define STEPS	100000u
#define SEEDS	4u

/* The registers, and nothing of when: every tick looks at all comparators. */
struct model {
	uint64_t	config, status, counter;
	struct { uint64_t config, compare, last; } timer[3];
	bool		matched[2], edge[2];
	unsigned	rises[2];
	bool		level[2];
};

struct pair {
	struct machine	machine;
	struct model	model;
	uint64_t	seed;
};

static unsigned below(struct pair *p, unsigned n)
{
	p->seed = p->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(p->seed >> 33) % n;
}

static uint64_t width(const struct model *m, unsigned n)
{
	return m->timer[n].config & 0x100 ? UINT32_MAX : UINT64_MAX;
}

static void model_tick(struct model *m)
{
	if (!(m->config & 1))
		return;
	m->counter++;
	for (unsigned n = 0; n < 3; n++) {
		if ((m->counter ^ m->timer[n].compare) & width(m, n))
			continue;
		if (m->timer[n].config & 8)
			m->timer[n].compare = (m->timer[n].compare + m->timer[n].last) &
					      width(m, n);
		if (m->timer[n].config & 2)
			m->status |= UINT64_C(1) << n;
		else if (n < 2)
			m->matched[n] = true;
	}
}

/* What the lines do at a look: matches since the last one are one edge. */
static void model_lines(struct model *m)
{
	for (unsigned n = 0; n < 2; n++) {
		const uint64_t config = m->timer[n].config;
		const bool on = m->config == 3 && config & 4;
		bool level;

		if (m->matched[n] && on) {
			m->level[n] = false;
			m->edge[n] = true;
		}
		m->matched[n] = false;
		m->edge[n] &= on;
		level = on && (config & 2 ? m->status >> n & 1 : m->edge[n]);
		m->rises[n] += level && !m->level[n];
		m->level[n] = level;
	}
}

static uint64_t merge(uint64_t old, uint64_t value, unsigned at, unsigned size)
{
	memcpy((uint8_t *)&old + at, &value, size);
	return old;
}

static void model_timer(struct model *m, unsigned n, unsigned reg, uint64_t value,
			unsigned at, unsigned size)
{
	uint64_t *config = &m->timer[n].config, *compare = &m->timer[n].compare;

	if (reg == 0) {
		*config = merge(*config, value, at, size) & 0x14e;
		*compare &= width(m, n);
		m->timer[n].last &= width(m, n);
		if (!(*config & 2))
			m->status &= ~(UINT64_C(1) << n);
	} else if (reg == 8) {
		if (!(*config & 8) || *config & 0x40)
			*compare = merge(*compare, value, at, size) & width(m, n);
		m->timer[n].last = merge(m->timer[n].last, value, at, size) & width(m, n);
		*config &= ~UINT64_C(0x40);
	}
}

static void model_write(struct model *m, unsigned offset, uint64_t value, unsigned size)
{
	const unsigned reg = offset & ~7u, at = offset & 7;

	if (reg == CONFIG)
		m->config = merge(m->config, value, at, size) & 3;
	else if (reg == STATUS)
		m->status &= ~merge(0, value, at, size);
	else if (reg == COUNTER)
		m->counter = merge(m->counter, value, at, size);
	else if (reg >= TIMER(0) && reg < TIMER(3))
		model_timer(m, (reg - TIMER(0)) / 0x20, reg % 0x20, value, at, size);
}

static uint64_t model_read(const struct model *m, unsigned reg)
{
	if (reg == CONFIG)
		return m->config;
	if (reg == STATUS)
		return m->status;
	if (reg == COUNTER)
		return m->counter;
	if (reg % 0x20 == 0)
		return m->timer[(reg - TIMER(0)) / 0x20].config | 0x30;
	return m->timer[(reg - TIMER(0)) / 0x20].compare;
}

static void assert_same(struct pair *p)
{
	static const unsigned regs[] = { CONFIG, STATUS, COUNTER, TIMER(0), COMPARE(0), TIMER(1),
					 COMPARE(1), TIMER(2), COMPARE(2) };

	for (unsigned i = 0; i < ARRAY_SIZE(regs); i++)
		assert_int_equal(get(&p->machine, regs[i], 8), model_read(&p->model, regs[i]));
	for (unsigned n = 0; n < 2; n++) {
		assert_int_equal(p->machine.level[n], p->model.level[n]);
		assert_int_equal(p->machine.rises[n], p->model.rises[n]);
	}
}

static void wait_both(struct pair *p)
{
	unsigned n = below(p, 8) ? below(p, 40) : below(p, 2000);

	p->machine.clock.ns += n * TICK;
	while (n--)
		model_tick(&p->model);
	hpet_advance(&p->machine.hpet);
	model_lines(&p->model);
	assert_true(p->machine.hpet.next > p->machine.clock.ns);
}

/* Values near where the counter is, at a wrap, or anything. */
static uint64_t some_value(struct pair *p, unsigned reg)
{
	const uint64_t any = (uint64_t)below(p, UINT32_MAX) << 32 | below(p, UINT32_MAX);

	if (reg == CONFIG)
		return below(p, 8) ? 3 : below(p, 4);
	if (reg == STATUS)
		return below(p, 8);
	if (reg == COUNTER)
		return below(p, 4) ? UINT32_MAX - below(p, 500) : any;
	if (reg % 0x20 == 0)
		return (uint64_t)(below(p, 0x80) | below(p, 2) << 8 | (below(p, 4) ? 4 : 0));
	return below(p, 8) == 0 ? any :
	       below(p, 4) ? p->model.counter + below(p, 100) : below(p, 300);
}

static void write_both(struct pair *p)
{
	static const unsigned regs[] = { CONFIG, STATUS, COUNTER, TIMER(0), COMPARE(0), COMPARE(0),
					 TIMER(1), COMPARE(1), COMPARE(1), TIMER(2), COMPARE(2),
					 0, 0x18, 0x110, 0x160 };
	const unsigned reg = regs[below(p, ARRAY_SIZE(regs))];
	const unsigned size = below(p, 4) ? 8 : 1u << below(p, 4);
	const unsigned at = size == 8 ? 0 : below(p, 8 / size) * size;
	uint64_t value = some_value(p, reg) >> 8 * at;

	put(&p->machine, reg + at, size, value);
	model_lines(&p->model);
	model_write(&p->model, reg + at, value, size);
	model_lines(&p->model);
}

static void every_tick_is_as_counted_one_by_one(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct pair p = { .seed = seed };

		machine_init(&p.machine);
		for (unsigned n = 0; n < 3; n++)
			p.model.timer[n].compare = UINT64_MAX;
		for (unsigned i = 0; i < STEPS / SEEDS; i++) {
			wait_both(&p);
			if (below(&p, 2))
				write_both(&p);
			assert_same(&p);
		}
		/* The walk must have been worth it. */
		assert_true(p.machine.rises[0] > 200 && p.machine.rises[1] > 200);
	}
}

/* Any access of any size anywhere, after any time: bounded, and a deadline that is ahead. */
static void any_traffic_is_survived(void **state)
{
	struct pair p = { .seed = 9 };
	struct machine *m = &p.machine;

	(void)state;
	machine_init(m);
	for (unsigned i = 0; i < STEPS; i++) {
		const unsigned changes = m->changes, size = 1 + below(&p, 8);
		const unsigned at = below(&p, HPET_SIZE + 16) - 8;
		const uint64_t value = (uint64_t)below(&p, UINT32_MAX) << 32 | p.seed >> 32;

		m->clock.ns += (uint64_t)below(&p, 1u << 31) >> below(&p, 31) <<
			       (below(&p, 8) ? 0 : below(&p, 24));
		if (below(&p, 3))
			put(m, at, size, below(&p, 4) ? value : value >> below(&p, 64));
		else
			(void)get(m, at, size);
		/* Two lines, each down and up, at most twice a piece, four pieces at most. */
		assert_true(m->changes - changes <= 4 * 8);
		hpet_advance(&m->hpet);
		assert_true(m->hpet.next > m->clock.ns);
	}
	assert_true(m->changes > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tick_is_as_counted_one_by_one),
		cmocka_unit_test(any_traffic_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
