/*
 * One counter of the 8254, for pit.c: its count and output at any tick, in constant time.
 * Knows no port and no interrupt. 8254 datasheet (Intel, 231164), "Mode Definitions".
 *
 * `now` is the tick, and never less than in an earlier call. A written count is loaded by
 * the next tick; until then it reads as if it were loaded already, because drivers count
 * on a bus slower than that tick, which ours need not be.
 */
#ifndef CORE_DEVICE_PIT_COUNTER_H
#define CORE_DEVICE_PIT_COUNTER_H

#include "core/device/pit.h"

/* A control word: mode, access and BCD; OUT goes to its start level, the count stops. */
void pit_counter_control(struct pit_counter *counter, uint8_t control, uint64_t now);
/* The first byte of two was written. */
void pit_counter_half(struct pit_counter *counter, uint64_t now);
/* The count is complete. */
void pit_counter_load(struct pit_counter *counter, uint16_t count, uint64_t now);
void pit_counter_gate(struct pit_counter *counter, bool level, uint64_t now);

/* The count as read, in BCD when so programmed. */
uint16_t pit_counter_count(struct pit_counter *counter, uint64_t now);
bool pit_counter_out(struct pit_counter *counter, uint64_t now);
/* The last count written is not in the counter yet. */
bool pit_counter_null(struct pit_counter *counter, uint64_t now);

/* The tick at which OUT rises next if the gate stays; NEVER: it does not. */
uint64_t pit_counter_rise(struct pit_counter *counter, uint64_t now);

#endif
