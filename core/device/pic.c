/*
 * A PC's two 8259As at their ports, one behind the other, and what the CPU sees of them.
 * Knows no device, and nothing of how a chip decides. 8259A datasheet (Intel, 231468).
 */
#include "core/device/pic.h"

#include "core/device/pic_chip.h"
#include "core/device/pic_defs.h"

static void update(struct pic *pic)
{
	struct pic_chip *master = &pic->chip[0], *slave = &pic->chip[1];
	bool intr;

	pic_chip_set_line(master, CASCADE_LINE, pic_chip_request(slave) != PIC_NO_LINE);
	intr = pic_chip_request(master) != PIC_NO_LINE;
	if (intr != pic->intr)
		pic->clock->attention = true;
	pic->intr = intr;
}

/* INT falls at the acknowledge: what else the slave asks for is an edge again. */
static void take(struct pic *pic, struct pic_chip *c, unsigned line)
{
	pic_chip_take(c, line);
	if (c == &pic->chip[1])
		pic_chip_set_line(&pic->chip[0], CASCADE_LINE, false);
}

static unsigned acknowledge(struct pic *pic, struct pic_chip *c)
{
	unsigned line = pic_chip_request(c);

	if (line == PIC_NO_LINE)
		return SPURIOUS_LINE;
	take(pic, c, line);
	return line;
}

uint8_t pic_ack(struct pic *pic)
{
	struct pic_chip *c = &pic->chip[0];
	unsigned line = acknowledge(pic, c);

	/* A master that was told to be alone gives its own vector. */
	if ((c->slaves & BIT(line)) && !(c->icw1 & ICW1_SNGL)) {
		c = &pic->chip[1];
		line = acknowledge(pic, c);
	}
	update(pic);
	return c->base | (uint8_t)line;
}

/* "Poll Command": a read that acknowledges. */
static uint8_t poll(struct pic *pic, struct pic_chip *c)
{
	unsigned line = pic_chip_request(c);

	c->poll = false;
	if (line == PIC_NO_LINE)
		return 0;
	take(pic, c, line);
	update(pic);
	return POLL_REQUEST | (uint8_t)line;
}

static uint8_t pic_in(void *self, uint16_t port)
{
	struct pic *pic = self;
	struct pic_chip *c = &pic->chip[!!(port & PIC_PORT_IS_SLAVE)];

	if (c->poll)
		return poll(pic, c);
	if (port & PIC_PORT_A0)
		return c->imr;
	return c->read_isr ? c->isr : c->irr;
}

static void pic_out(void *self, uint16_t port, uint8_t value)
{
	struct pic *pic = self;
	struct pic_chip *c = &pic->chip[!!(port & PIC_PORT_IS_SLAVE)];

	pic_chip_write(c, port & PIC_PORT_A0, value);
	update(pic);
}

static uint8_t elcr_in(void *self, uint16_t port)
{
	const struct pic *pic = self;

	return pic->chip[port & ELCR_PORT_IS_SLAVE].elcr;
}

static void elcr_out(void *self, uint16_t port, uint8_t value)
{
	struct pic *pic = self;
	struct pic_chip *c = &pic->chip[port & ELCR_PORT_IS_SLAVE];

	pic_chip_set_elcr(c, value & (port & ELCR_PORT_IS_SLAVE ?
				      ELCR_SLAVE_DEFINED : ELCR_MASTER_DEFINED));
	update(pic);
}

void pic_set(void *controller, unsigned line, bool level)
{
	struct pic *pic = controller;

	/* Nothing but the slave is on its line. */
	if (line >= PIC_LINES || line == CASCADE_LINE)
		return;
	pic_chip_set_line(&pic->chip[line / CHIP_LINES], line % CHIP_LINES, level);
	update(pic);
}

bool pic_open(const struct pic *pic, unsigned line)
{
	if (line >= PIC_LINES || line == CASCADE_LINE)
		return false;
	if (line < CHIP_LINES)
		return pic_chip_open(&pic->chip[0], line);
	return pic_chip_open(&pic->chip[1], line - CHIP_LINES) &&
	       pic_chip_open(&pic->chip[0], CASCADE_LINE);
}

void pic_init(struct pic *pic, struct vclock *clock)
{
	*pic = (struct pic){ .clock = clock };
	pic_chip_init(&pic->chip[0], BIT(CASCADE_LINE));
	pic_chip_init(&pic->chip[1], 0);
}

static struct device chip_ports(struct pic *pic, uint16_t first)
{
	return (struct device){ .first = first, .last = first + 1, .self = pic,
				.in = pic_in, .out = pic_out };
}

static struct device elcr_port(struct pic *pic, uint16_t port)
{
	return (struct device){ .first = port, .last = port, .self = pic,
				.in = elcr_in, .out = elcr_out };
}

void pic_devices(struct pic *pic, struct device out[PIC_DEVICES])
{
	out[0] = chip_ports(pic, PIC_PORT_MASTER);
	out[1] = chip_ports(pic, PIC_PORT_SLAVE);
	out[2] = elcr_port(pic, ELCR_PORT_MASTER);
	out[3] = elcr_port(pic, ELCR_PORT_SLAVE);
}
