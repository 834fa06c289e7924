/*
 * One 8259A, for the pair in pic.c: its lines, its command words, its priorities. Knows
 * no other chip, port or CPU. 8259A datasheet (Intel, 231468).
 */
#ifndef CORE_DEVICE_PIC_CHIP_H
#define CORE_DEVICE_PIC_CHIP_H

#include "core/device/pic.h"

#define PIC_NO_LINE	8u	/* as a rank: below all others */

/* As after power-on. `slaves`: the lines with another chip behind them. */
void pic_chip_init(struct pic_chip *chip, uint8_t slaves);

/* A command (A0 = 0) or data (A0 = 1) written. */
void pic_chip_write(struct pic_chip *chip, bool a0, uint8_t value);
void pic_chip_set_elcr(struct pic_chip *chip, uint8_t elcr);
void pic_chip_set_line(struct pic_chip *chip, unsigned line, bool level);

/* The line for which the chip's INT is up; PIC_NO_LINE: INT is down. */
unsigned pic_chip_request(const struct pic_chip *chip);

/* Acknowledge `line`, which pic_chip_request() gave. */
void pic_chip_take(struct pic_chip *chip, unsigned line);

/* Not masked, on a chip that was initialised. */
bool pic_chip_open(const struct pic_chip *chip, unsigned line);

#endif
