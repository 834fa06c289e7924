/* What the event timers' registers and their counting share. Private to hpet*.c. */
#ifndef CORE_DEVICE_HPET_INTERNAL_H
#define CORE_DEVICE_HPET_INTERNAL_H

#include "core/device/hpet.h"
#include "core/device/hpet_defs.h"

/* Now, in units of HPET_TICK_NS since the machine was switched on. */
uint64_t hpet_tick(const struct hpet *h) MUST_CHECK;

/* The main counter's value. */
uint64_t hpet_counter(const struct hpet *h) MUST_CHECK;

/* All bits that a timer compares. */
uint64_t hpet_width(const struct hpet_timer *t) MUST_CHECK;

/* After a register was written: the next matches, the lines, the deadline. */
void hpet_find_all(struct hpet *h);
void hpet_tell_lines(struct hpet *h);
void hpet_find_next(struct hpet *h);

#endif
