/*
 * One 8259A: what is requested, in service and masked, and so its INT line. Knows no
 * other chip, port or CPU. 8259A datasheet (Intel, 231468).
 */
#include "core/device/pic_chip.h"

#include "core/device/pic_defs.h"

/* Lines whose request is their level. LTIM is for the whole chip. */
static uint8_t level_triggered(const struct pic_chip *c)
{
	return c->icw1 & ICW1_LTIM ? ALL_LINES : c->elcr;
}

/* How far below the top priority the highest of `lines` is; PIC_NO_LINE: there is none. */
static unsigned rank(const struct pic_chip *c, uint8_t lines)
{
	unsigned twice = lines | (unsigned)lines << CHIP_LINES;

	if (!lines)
		return PIC_NO_LINE;
	return (unsigned)__builtin_ctz(twice >> ((c->lowest + 1u) % CHIP_LINES));
}

static unsigned line_of(const struct pic_chip *c, unsigned rank)
{
	return (c->lowest + 1u + rank) % CHIP_LINES;
}

/*
 * In special mask mode a masked line in service bars no other, and an EOI that names no
 * line passes it by. "Special Mask Mode", "End of Interrupt (EOI)"
 */
static uint8_t in_service(const struct pic_chip *c)
{
	return c->special_mask ? c->isr & (uint8_t)~c->imr : c->isr;
}

/* "Fully Nested Mode" */
unsigned pic_chip_request(const struct pic_chip *c)
{
	unsigned asks = rank(c, c->irr & (uint8_t)~c->imr);
	unsigned bars = rank(c, in_service(c));

	if (!c->ready || asks == PIC_NO_LINE || asks > bars)
		return PIC_NO_LINE;
	if (asks < bars)
		return line_of(c, asks);
	/* A slave in service may ask again, for a line above. "Special Fully Nested Mode" */
	if ((c->icw4 & ICW4_SFNM) && (c->slaves & BIT(line_of(c, asks))))
		return line_of(c, asks);
	return PIC_NO_LINE;
}

/*
 * A request goes with its line, edge-triggered or not: whoever acknowledges then finds
 * none. "Edge and Level Triggered Modes"
 */
void pic_chip_set_line(struct pic_chip *c, unsigned line, bool level)
{
	const uint8_t bit = (uint8_t)BIT(line);
	const bool rises = level && !(c->lines & bit);

	if (!level) {
		c->lines &= (uint8_t)~bit;
		c->irr &= (uint8_t)~bit;
		return;
	}
	c->lines |= bit;
	if (rises || (level_triggered(c) & bit))
		c->irr |= bit;
}

/* "Interrupt Sequence" and "Automatic End of Interrupt (AEOI) Mode" */
void pic_chip_take(struct pic_chip *c, unsigned line)
{
	const uint8_t bit = (uint8_t)BIT(line);

	/* A level remains a request, to be seen again after the EOI. */
	c->irr &= (uint8_t)~bit | level_triggered(c);
	if (!(c->icw4 & ICW4_AEOI))
		c->isr |= bit;
	else if (c->rotate_aeoi)
		c->lowest = (uint8_t)line;
}

/*
 * "Initialization Command Word 1 (ICW1)". The datasheet is silent on the ISR; a guest
 * that starts over sends no EOI for what was in service before.
 */
static void initialise(struct pic_chip *c, uint8_t icw1)
{
	*c = (struct pic_chip){
		.lines = c->lines,
		.slaves = c->slaves,
		.elcr = c->elcr,
		.icw1 = icw1,
		.expect = 2,
		.lowest = CHIP_LINES - 1,
	};
	/* Edges seen before are forgotten: a line that is up must fall first. */
	c->irr = c->lines & level_triggered(c);
}

static void end_highest(struct pic_chip *c, bool rotate)
{
	unsigned highest = rank(c, in_service(c)), line = line_of(c, highest);

	if (highest == PIC_NO_LINE)
		return;
	c->isr &= (uint8_t)~BIT(line);
	if (rotate)
		c->lowest = (uint8_t)line;
}

static void write_ocw2(struct pic_chip *c, uint8_t value)
{
	const uint8_t line = value & OCW2_LINE;

	switch (FIELD_GET(OCW2_COMMAND, value)) {
	case OCW2_EOI:
		end_highest(c, false);
		break;
	case OCW2_ROTATE_EOI:
		end_highest(c, true);
		break;
	case OCW2_EOI_SPECIFIC:
		c->isr &= (uint8_t)~BIT(line);
		break;
	case OCW2_ROTATE_SPECIFIC:
		c->isr &= (uint8_t)~BIT(line);
		c->lowest = line;
		break;
	case OCW2_SET_PRIORITY:
		c->lowest = line;
		break;
	case OCW2_ROTATE_AEOI_SET:
		c->rotate_aeoi = true;
		break;
	case OCW2_ROTATE_AEOI_CLEAR:
		c->rotate_aeoi = false;
		break;
	default:
		/* OCW2_NOTHING */
		break;
	}
}

static void write_ocw3(struct pic_chip *c, uint8_t value)
{
	c->poll = value & OCW3_POLL;
	/* A poll overrides a read command. "Reading the 8259A Status" */
	if (!c->poll && (value & OCW3_RR))
		c->read_isr = value & OCW3_RIS;
	if (value & OCW3_ESMM)
		c->special_mask = value & OCW3_SMM;
}

/* "Initialization Command Words 3" and 4 come only when ICW1 said so. */
static uint8_t expect_after(const struct pic_chip *c)
{
	if (c->expect == 2 && !(c->icw1 & ICW1_SNGL))
		return 3;
	return c->expect < 4 && (c->icw1 & ICW1_IC4) ? 4 : 0;
}

static void write_data(struct pic_chip *c, uint8_t value)
{
	if (!c->expect) {
		c->imr = value;
		return;
	}
	if (c->expect == 2)
		c->base = value & ICW2_BASE;
	else if (c->expect == 4)
		c->icw4 = value;
	/* ICW3 may say what it likes: some guests write 0 for a PC's cascade. */
	c->expect = expect_after(c);
	c->ready = !c->expect;
}

void pic_chip_write(struct pic_chip *c, bool a0, uint8_t value)
{
	if (a0)
		write_data(c, value);
	else if (value & ICW1)
		initialise(c, value);
	else if (value & OCW3)
		write_ocw3(c, value);
	else
		write_ocw2(c, value);
}

void pic_chip_set_elcr(struct pic_chip *c, uint8_t elcr)
{
	c->elcr = elcr;
	c->irr |= c->lines & level_triggered(c);
}

bool pic_chip_open(const struct pic_chip *c, unsigned line)
{
	return c->ready && !(c->imr & BIT(line));
}

void pic_chip_init(struct pic_chip *c, uint8_t slaves)
{
	*c = (struct pic_chip){
		.slaves = slaves,
		.imr = ALL_LINES,
		.lowest = CHIP_LINES - 1,
	};
}
