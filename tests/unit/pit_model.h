/*
 * One counter of the 8254 as the datasheet tells it, clock pulse by clock pulse, to hold
 * the constant-time one against. Shares no code with core/.
 */
#ifndef TESTS_PIT_MODEL_H
#define TESTS_PIT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

struct model {
	int	mode, access, modulus;
	int	cr, ce, n;	/* n: the count that is in CE */
	int	low_byte;
	bool	bcd, gate, out, second_byte;
	bool	written;	/* a count is in CR */
	bool	null;		/* and not yet in CE */
	bool	loaded;		/* CE has had a count */
	bool	load, trigger;	/* what the next pulse does */
	bool	enabled, armed;	/* counting; the event of the modes that have one is to come */
	unsigned rises;
};

static inline void model_out(struct model *c, bool level)
{
	c->rises += level && !c->out;
	c->out = level;
}

/* From the port's digits to the number, and back. */
static inline int model_number(const struct model *c, int raw)
{
	int n = raw;

	if (c->bcd)
		n = (raw >> 12) * 1000 + (raw >> 8 & 15) * 100 + (raw >> 4 & 15) * 10 +
		    (raw & 15);
	if (n == 0)
		n = c->modulus;
	if (n == 1 && (c->mode == 2 || c->mode == 3))
		n = 2;
	return n;
}

static inline uint16_t model_count(const struct model *c)
{
	int n = c->ce % c->modulus;

	if (c->bcd)
		n = n / 1000 << 12 | n / 100 % 10 << 8 | n / 10 % 10 << 4 | n % 10;
	return (uint16_t)n;
}

static inline void model_control(struct model *c, uint8_t value)
{
	static const int modes[8] = { 0, 1, 2, 3, 4, 5, 2, 3 };

	c->mode = modes[value >> 1 & 7];
	c->access = value >> 4 & 3;
	c->bcd = value & 1;
	c->modulus = c->bcd ? 10000 : 65536;
	c->second_byte = c->written = c->loaded = c->load = c->trigger = c->enabled = false;
	c->null = true;
	model_out(c, c->mode != 0);
}

static inline void model_load(struct model *c)
{
	c->n = c->ce = model_number(c, c->cr);
	if (c->mode == 3)
		c->ce -= c->n % 2;
	c->null = c->load = c->trigger = false;
	c->loaded = c->armed = true;
}

static inline void model_write(struct model *c, uint8_t value)
{
	if (c->access == 3 && !c->second_byte) {
		c->second_byte = true;
		c->low_byte = value;
		if (c->mode == 0) {
			c->enabled = false;
			model_out(c, false);
		}
		return;
	}
	c->second_byte = false;
	c->cr = c->access == 1 ? value : value << 8;
	if (c->access == 3)
		c->cr |= c->low_byte;
	c->null = c->written = c->enabled = true;
	if (c->mode == 0)
		model_out(c, false);
	if (c->mode == 0 || c->mode == 4 || ((c->mode == 2 || c->mode == 3) && !c->loaded))
		c->load = true;
}

static inline void model_gate(struct model *c, bool level)
{
	if (level && !c->gate && c->written && c->mode != 0 && c->mode != 4)
		c->trigger = true;
	c->gate = level;
	if (!level && (c->mode == 2 || c->mode == 3))
		model_out(c, true);
}

static inline void model_down(struct model *c)
{
	c->ce = (c->ce - 1 + c->modulus) % c->modulus;
}

static inline void model_rate(struct model *c)
{
	if (c->ce == 1) {
		model_load(c);
		model_out(c, true);
		return;
	}
	model_down(c);
	if (c->ce == 1)
		model_out(c, false);
}

static inline void model_square(struct model *c)
{
	bool end;

	/* Odd counts: in the high half the pulse after 0 ends it, else the one to 0. */
	if (c->n % 2 && c->out) {
		end = c->ce == 0;
		c->ce -= 2;
	} else {
		c->ce -= 2;
		end = c->ce == 0;
	}
	if (!end)
		return;
	model_out(c, !c->out);
	model_load(c);
}

/* A falling edge of CLK. */
static inline void model_pulse(struct model *c)
{
	bool strobe = c->mode >= 4 && c->loaded && !c->out;

	if (c->trigger || c->load) {
		model_load(c);
		model_out(c, c->mode != 0 && c->mode != 1);
		return;
	}
	if (strobe)
		model_out(c, true);
	if (!c->loaded || !c->enabled || (!c->gate && c->mode != 1 && c->mode != 5))
		return;
	if (c->mode == 2) {
		model_rate(c);
		return;
	}
	if (c->mode == 3) {
		model_square(c);
		return;
	}
	model_down(c);
	if (c->ce != 0 || !c->armed)
		return;
	c->armed = false;
	model_out(c, c->mode < 4);
}

/* Between a write or trigger and its pulse the datasheet promises nothing of CE. */
static inline bool model_settled(const struct model *c)
{
	return !c->load && !c->trigger;
}

#endif
