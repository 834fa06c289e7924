/* Random traffic: the two 8259As do at every step what the slow model of them does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pic_machine.h"
#include "pic_model.h"

#define STEPS	100000u
#define SEEDS	4u

struct pair {
	struct machine	machine;
	struct model	model;
	uint64_t	seed;
	unsigned	acknowledged, spurious, nested;
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

static void write_both(struct pair *p, int chip, bool a0, uint8_t value)
{
	out(&p->machine, (uint16_t)((chip ? 0xa0 : 0x20) + a0), value);
	model_write(&p->model, chip, a0, value);
}

static void read_both(struct pair *p, int chip, bool a0)
{
	uint8_t value = in(&p->machine, (uint16_t)((chip ? 0xa0 : 0x20) + a0));

	assert_int_equal(value, model_read(&p->model, chip, a0));
}

/* A whole sequence: by single random bytes few would ever be complete. */
static void start_both(struct pair *p, int chip)
{
	uint8_t icw1 = (byte(p) & 0x03) | 0x10 | (below(p, 4) ? 0 : 0x08);

	write_both(p, chip, false, icw1);
	write_both(p, chip, true, byte(p));
	if (!(icw1 & 0x02))
		write_both(p, chip, true, byte(p));
	if (icw1 & 0x01)
		write_both(p, chip, true, byte(p));
}

static void ack_both(struct pair *p)
{
	bool intr = pic_intr(&p->machine.pic);

	/* Mostly as a CPU does; but INTR may have gone when it comes to ask. */
	if (!intr && below(p, 8))
		return;
	p->acknowledged += intr;
	p->spurious += !intr;
	p->nested += p->machine.pic.chip[0].isr != 0;
	assert_int_equal(pic_ack(&p->machine.pic), model_ack(&p->model));
}

static void set_both(struct pair *p)
{
	unsigned line = below(p, 18);
	bool up = below(p, 2);

	pic_set(&p->machine.pic, line, up);
	if (line == 2 || line > 15)
		return;
	model_set(&p->model.chip[line / 8], (int)line % 8, up);
	model_wire(&p->model);
}

/* Two in three bits clear, more or less: most lines stay as they are. */
static uint8_t sparse(struct pair *p)
{
	uint8_t some = byte(p);

	return some & byte(p);
}

static void elcr_both(struct pair *p)
{
	int chip = (int)below(p, 2);
	uint8_t value = sparse(p);

	out(&p->machine, (uint16_t)(0x4d0 + chip), value);
	model_elcr(&p->model, chip, value);
}

static void step(struct pair *p)
{
	unsigned kind = below(p, 1000);
	int chip = (int)below(p, 2);

	if (kind < 400)
		set_both(p);
	else if (kind < 600)
		ack_both(p);
	else if (kind < 700)
		write_both(p, chip, false, 0x20);
	else if (kind < 780)
		write_both(p, chip, false, byte(p) & 0xe7);
	else if (kind < 830)
		write_both(p, chip, false, (byte(p) & 0xe7) | 0x08);
	else if (kind < 900)
		write_both(p, chip, true, sparse(p));
	else if (kind < 970)
		read_both(p, chip, below(p, 2));
	else if (kind < 980)
		elcr_both(p);
	else if (kind < 997)
		start_both(p, chip);
	else
		write_both(p, chip, below(p, 2), byte(p));
}

static void assert_same(const struct pair *p, bool intr_before)
{
	const struct pic *pic = &p->machine.pic;

	assert_int_equal(pic_intr(pic), model_intr(&p->model));
	if (pic_intr(pic) != intr_before)
		assert_true(p->machine.clock.attention);
	for (int chip = 0; chip < 2; chip++) {
		assert_int_equal(pic->chip[chip].irr, model_irr(&p->model.chip[chip]));
		assert_int_equal(pic->chip[chip].isr, model_isr(&p->model.chip[chip]));
	}
}

static void intr_is_what_the_slow_model_says(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct pair p = { .seed = seed };

		machine_init(&p.machine);
		model_init(&p.model);
		for (unsigned i = 0; i < STEPS / SEEDS; i++) {
			bool before = pic_intr(&p.machine.pic);

			p.machine.clock.attention = false;
			step(&p);
			assert_same(&p, before);
		}
		/* The walk must have been worth it. */
		assert_true(p.acknowledged > 500);
		assert_true(p.spurious > 20);
		assert_true(p.nested > 50);
	}
}

/* Bytes at any of the ports, lines and acknowledges in any order: nothing to crash on. */
static void any_traffic_is_survived(void **state)
{
	static const uint16_t ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1 };
	struct pair p = { .seed = 7 };
	unsigned vectors = 0;

	(void)state;
	machine_init(&p.machine);
	for (unsigned i = 0; i < STEPS; i++) {
		uint16_t port = ports[below(&p, 6)];

		switch (below(&p, 4)) {
		case 0:
			in(&p.machine, port);
			break;
		case 1:
			pic_set(&p.machine.pic, below(&p, 64), below(&p, 2));
			break;
		case 2:
			vectors += pic_ack(&p.machine.pic) != 0;
			break;
		default:
			out(&p.machine, port, byte(&p));
			break;
		}
		assert_true(p.machine.pic.chip[0].lowest < 8);
		assert_true(p.machine.pic.chip[1].lowest < 8);
	}
	assert_true(vectors > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intr_is_what_the_slow_model_says),
		cmocka_unit_test(any_traffic_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
