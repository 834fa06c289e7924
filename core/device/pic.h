/*
 * The two 8259A interrupt controllers of a PC, the second on the first's line 2, and
 * their edge/level registers. Knows no device and no CPU.
 * 8259A datasheet (Intel, 231468); 82371AB (PIIX4) datasheet "ELCR1/ELCR2".
 */
#ifndef CORE_DEVICE_PIC_H
#define CORE_DEVICE_PIC_H

#include "core/device/clock.h"
#include "core/device/device.h"

#define PIC_LINES	16u
#define PIC_DEVICES	4u	/* ports 20h, a0h, 4d0h, 4d1h */

struct pic_chip {
	uint8_t		irr, isr, imr;
	uint8_t		lines;		/* the inputs' levels now */
	uint8_t		slaves;		/* the inputs with another chip behind them */
	uint8_t		elcr;		/* 1: level-triggered */
	uint8_t		base;		/* ICW2 */
	uint8_t		icw1, icw4;	/* ICW3 is not kept: the wires are as they are */
	uint8_t		expect;		/* the next ICW's number, 0: none */
	bool		ready;		/* the ICWs have come: may request */
	uint8_t		lowest;		/* the line of lowest priority */
	bool		read_isr, poll, special_mask, rotate_aeoi;
};

struct pic {
	struct pic_chip	chip[2];
	struct vclock	*clock;		/* ->attention when INTR goes up or down */
	bool		intr;
};

/* As after power-on: every line masked, as a BIOS that set nothing up would leave it. */
void pic_init(struct pic *pic, struct vclock *clock);
void pic_devices(struct pic *pic, struct device out[PIC_DEVICES]);

/* For struct irq_line: `controller` is the struct pic; line 0..15, 2 is ignored. */
void pic_set(void *controller, unsigned line, bool level);

/* The INTR output to the CPU. */
static inline bool pic_intr(const struct pic *pic)
{
	return pic->intr;
}

/* The CPU's interrupt acknowledge: the vector; the spurious one when INTR has gone. */
uint8_t pic_ack(struct pic *pic) MUST_CHECK;

/*
 * Would a rise of this line reach the CPU, now or after the EOIs still due? Looks at the
 * masks, the cascade's included, and whether the chips were initialised.
 */
bool pic_open(const struct pic *pic, unsigned line);

#endif
