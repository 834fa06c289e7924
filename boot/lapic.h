/* The local APIC, so far that the 8259's interrupts come through, and its timer. */
#ifndef BOOT_LAPIC_H
#define BOOT_LAPIC_H

#include "mmu/addr.h"

/* Its page, to be mapped uncached; false when there is none in memory. */
bool lapic_page(hpa_t *page);

/*
 * Firmware may leave LINT0 masked (UEFI does): make it ExtINT. No-op without an
 * enabled APIC. The page must be mapped.
 */
void lapic_pass_pic(void);

/* This CPU's APIC ID; 0 without an enabled APIC. The page must be mapped. */
uint32_t lapic_id(void);

/*
 * Set up the timer to interrupt once, at VEC_APIC_TIMER, whenever it is armed, and find
 * out how fast it counts: that takes `ticks` of the TSC. False without an enabled APIC,
 * or when its timer stands still; arming is then a no-op.
 */
bool lapic_timer_start(uint64_t ticks);

/* See host_timer_arm(). One write to the APIC. */
void lapic_timer_arm(uint64_t tsc);

/* It is not armed any more. */
void lapic_timer_stop(void);

/* VEC_APIC_TIMER has been served: only for an interrupt that came from the APIC. */
void lapic_eoi(void);

#endif
