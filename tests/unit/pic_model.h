/*
 * The pair of 8259As as a slow and obvious list of lines in order of priority, to hold
 * the real one against. Written from the datasheet alone; shares no code with core/.
 */
#ifndef TESTS_PIC_MODEL_H
#define TESTS_PIC_MODEL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct model_line {
	bool	up, edge, served, masked, elcr;
};

struct model_chip {
	struct model_line line[8];
	int	order[8];	/* from the highest priority down */
	int	slave_line;	/* -1: none */
	bool	ltim, single, ic4, ready, aeoi, sfnm, special_mask, read_isr, poll, rotate;
	int	step;		/* the ICW that comes next, 0: none */
	uint8_t	base;
};

struct model {
	struct model_chip chip[2];
};

static inline void model_lowest(struct model_chip *c, int line)
{
	for (int i = 0; i < 8; i++)
		c->order[i] = (line + 1 + i) % 8;
}

static inline bool model_level(const struct model_chip *c, int line)
{
	return c->ltim || c->line[line].elcr;
}

static inline bool model_asks(const struct model_chip *c, int line)
{
	return model_level(c, line) ? c->line[line].up : c->line[line].edge;
}

/* The line that INT is up for, or -1. */
static inline int model_int(const struct model_chip *c)
{
	if (!c->ready)
		return -1;
	for (int i = 0; i < 8; i++) {
		int line = c->order[i];
		const struct model_line *l = &c->line[line];
		bool asks = model_asks(c, line) && !l->masked;

		if (l->served && !(c->special_mask && l->masked))
			return asks && c->sfnm && line == c->slave_line ? line : -1;
		if (asks)
			return line;
	}
	return -1;
}

static inline void model_set(struct model_chip *c, int line, bool up)
{
	struct model_line *l = &c->line[line];

	if (!up)
		l->edge = false;
	else if (!l->up)
		l->edge = true;
	l->up = up;
}

static inline void model_wire(struct model *m)
{
	model_set(&m->chip[0], 2, model_int(&m->chip[1]) >= 0);
}

static inline bool model_intr(const struct model *m)
{
	return model_int(&m->chip[0]) >= 0;
}

static inline int model_take(struct model *m, struct model_chip *c)
{
	int line = model_int(c);

	if (line < 0)
		return -1;
	c->line[line].edge = false;
	if (!c->aeoi)
		c->line[line].served = true;
	else if (c->rotate)
		model_lowest(c, line);
	if (c == &m->chip[1])
		model_set(&m->chip[0], 2, false);
	return line;
}

static inline uint8_t model_ack(struct model *m)
{
	struct model_chip *c = &m->chip[0];
	int line = model_take(m, c);

	if (line == 2 && !c->single) {
		c = &m->chip[1];
		line = model_take(m, c);
	}
	model_wire(m);
	return (uint8_t)(c->base + (line < 0 ? 7 : line));
}

static inline void model_icw1(struct model_chip *c, uint8_t value)
{
	c->ltim = value & 0x08;
	c->single = value & 0x02;
	c->ic4 = value & 0x01;
	c->step = 2;
	c->ready = c->aeoi = c->sfnm = c->special_mask = false;
	c->read_isr = c->poll = c->rotate = false;
	c->base = 0;
	model_lowest(c, 7);
	for (int i = 0; i < 8; i++)
		c->line[i].edge = c->line[i].served = c->line[i].masked = false;
}

static inline void model_ocw2(struct model_chip *c, uint8_t value)
{
	bool rotate = value & 0x80, specific = value & 0x40, eoi = value & 0x20;
	int line = value & 7;

	if (!eoi && !specific)
		c->rotate = rotate;
	if (!eoi && specific && rotate)
		model_lowest(c, line);
	if (!eoi)
		return;
	for (int i = 0; !specific && i < 8; i++) {
		line = c->order[i];
		if (c->line[line].served && !(c->special_mask && c->line[line].masked))
			break;
		if (i == 7)
			return;
	}
	c->line[line].served = false;
	if (rotate)
		model_lowest(c, line);
}

static inline void model_ocw3(struct model_chip *c, uint8_t value)
{
	c->poll = value & 0x04;
	if ((value & 0x06) == 0x02)
		c->read_isr = value & 0x01;
	if (value & 0x40)
		c->special_mask = value & 0x20;
}

static inline void model_data(struct model_chip *c, uint8_t value)
{
	switch (c->step) {
	case 2:
		c->base = value & 0xf8;
		c->step = c->single ? c->ic4 ? 4 : 0 : 3;
		break;
	case 3:
		c->step = c->ic4 ? 4 : 0;
		break;
	case 4:
		c->aeoi = value & 0x02;
		c->sfnm = value & 0x10;
		c->step = 0;
		break;
	default:
		for (int i = 0; i < 8; i++)
			c->line[i].masked = value >> i & 1;
		return;
	}
	c->ready = c->step == 0;
}

/* `chip` 0 or 1, A0 as on the bus. */
static inline void model_write(struct model *m, int chip, bool a0, uint8_t value)
{
	struct model_chip *c = &m->chip[chip];

	if (a0)
		model_data(c, value);
	else if (value & 0x10)
		model_icw1(c, value);
	else if (value & 0x08)
		model_ocw3(c, value);
	else
		model_ocw2(c, value);
	model_wire(m);
}

static inline void model_elcr(struct model *m, int chip, uint8_t value)
{
	struct model_chip *c = &m->chip[chip];

	for (int i = 0; i < 8; i++) {
		struct model_line *l = &c->line[i];
		bool may = chip ? i != 0 && i != 5 : i > 2;

		/* What a level asked for stays asked when edges count again. */
		if (l->elcr)
			l->edge = l->up;
		l->elcr = may && (value >> i & 1);
	}
	model_wire(m);
}

static inline uint8_t model_irr(const struct model_chip *c)
{
	uint8_t value = 0;

	for (int i = 0; i < 8; i++)
		value |= (uint8_t)(model_asks(c, i) << i);
	return value;
}

static inline uint8_t model_isr(const struct model_chip *c)
{
	uint8_t value = 0;

	for (int i = 0; i < 8; i++)
		value |= (uint8_t)(c->line[i].served << i);
	return value;
}

static inline uint8_t model_read(struct model *m, int chip, bool a0)
{
	struct model_chip *c = &m->chip[chip];
	uint8_t imr = 0;
	int line;

	if (c->poll) {
		c->poll = false;
		line = model_take(m, c);
		model_wire(m);
		return line < 0 ? 0 : (uint8_t)(0x80 | line);
	}
	for (int i = 0; i < 8; i++)
		imr |= (uint8_t)(c->line[i].masked << i);
	return a0 ? imr : c->read_isr ? model_isr(c) : model_irr(c);
}

static inline void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (int chip = 0; chip < 2; chip++) {
		model_lowest(&m->chip[chip], 7);
		m->chip[chip].slave_line = chip ? -1 : 2;
		for (int i = 0; i < 8; i++)
			m->chip[chip].line[i].masked = true;
	}
}

#endif
