/*
 * Any traffic at the virtual PC's ports: time goes on, deadlines lie ahead, and what
 * changes is told. Knows nothing of how a device works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "pc_machine.h"

#define ACCESSES	1000000
#define RESETS		4

/* xorshift64: the same traffic from the same seed, everywhere. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static uint64_t deadline(const struct pc *pc)
{
	return earlier(earlier(pc->pit.next, pc->rtc.next), pc->hpet.next);
}

/* What answers is met most of the time; its neighbours and the rest too. */
static uint16_t some_port(const struct machine *m, uint64_t r)
{
	const struct device *d = &m->pc.bus.device[r % m->pc.bus.devices];

	if ((r >> 16) % 16 == 0)
		return (uint16_t)(r >> 32);
	return (uint16_t)(d->first - 1 + (r >> 32) % (d->last - d->first + 3u));
}

/* An access of any size: what it changes of INTR or of the deadline, it tells. */
static void one_access(struct machine *m, uint64_t *random)
{
	const uint64_t r = next_random(random);
	const unsigned size = 1u << (r >> 8) % 3;
	const uint16_t port = some_port(m, next_random(random));
	const bool intr = pic_intr(&m->pc.pic);
	const uint64_t due = deadline(&m->pc);
	uint32_t value;

	m->pc.clock.attention = false;
	if (r & 1) {
		bus_out(&m->pc.bus, port, size, (uint32_t)(r >> 32));
	} else {
		value = bus_in(&m->pc.bus, port, size);
		assert_true(size == 4 || value >> size * 8 == 0);
	}
	if (pic_intr(&m->pc.pic) != intr || deadline(&m->pc) < due)
		assert_true(m->pc.clock.attention);
}

/* The same in memory, of 1 to 8 bytes, mostly where the event timers' registers are. */
static void one_memory_access(struct machine *m, uint64_t *random)
{
	const uint64_t r = next_random(random), at = next_random(random);
	const bool intr = pic_intr(&m->pc.pic);
	const uint64_t due = deadline(&m->pc);
	uint64_t value = next_random(random) >> r / 64 % 64;

	m->pc.clock.attention = false;
	mmio_access(&m->pc.mmio, HPET_BASE - 8 + at % (r / 2 % 4 ? 0x180 : HPET_SIZE + 16),
		    &value, 1 + r / 8 % 8, r & 1);
	if (pic_intr(&m->pc.pic) != intr || deadline(&m->pc) < due)
		assert_true(m->pc.clock.attention);
}

/* Time goes on a little, to the next deadline, or for as long as a guest may wait. */
static void pass_time(struct machine *m, uint64_t *random)
{
	const uint64_t r = next_random(random), before = m->pc.clock.ns;
	uint64_t to = before + r / 4 % 100000, due = deadline(&m->pc);
	bool intr = pic_intr(&m->pc.pic);

	if (r % 4 == 0 && due != NEVER && due > before)
		to = due;
	if (r % 1024 == 1)
		to = before + r / 1024 % (UINT64_C(40) * 86400 * NS_PER_SECOND / 1000);
	m->pc.clock.attention = false;
	due = pc_advance(&m->pc, to);
	assert_true(m->pc.clock.ns >= before && m->pc.clock.ns == to);
	assert_true(due > m->pc.clock.ns);
	assert_true(due == deadline(&m->pc));
	if (pic_intr(&m->pc.pic) != intr)
		assert_true(m->pc.clock.attention);
	due = pc_wakes_at(&m->pc);
	assert_true(due == NEVER || due > m->pc.clock.ns);
}

/* 8259A "Interrupt Sequence": without a request the vector is that of line 7. */
static void acknowledge(struct machine *m)
{
	const bool intr = pic_intr(&m->pc.pic);
	const uint8_t vector = pic_ack(&m->pc.pic);

	if (!intr)
		assert_int_equal(vector & 7, 7);
}

static void any_traffic(bool disk, bool pci, bool firmware, uint64_t *random)
{
	struct machine *m = machine(disk, pci, firmware);

	for (unsigned i = 0; i < ACCESSES / 4; i++) {
		one_access(m, random);
		if (next_random(random) % 4 == 0)
			one_memory_access(m, random);
		if (next_random(random) % 4 == 0)
			pass_time(m, random);
		if (next_random(random) % 8 == 0)
			acknowledge(m);
	}
	/* Else the lines led nowhere, and little was tried. */
	assert_true(m->resets > RESETS && m->serial > RESETS);
	machine_free(m);
}

/* DIPTYCH_SEED repeats a run. */
static void no_traffic_upsets_it(void **state)
{
	const char *given = getenv("DIPTYCH_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	uint64_t random = seed ? seed : 1;

	(void)state;
	print_message("seed %lu\n", seed);
	any_traffic(true, true, true, &random);
	any_traffic(true, false, false, &random);
	any_traffic(false, true, false, &random);
	any_traffic(false, false, true, &random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_traffic_upsets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
