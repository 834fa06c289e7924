/*
 * The host's heartbeat: PIT channel 0, so that a guest that never exits by
 * itself still comes back; and its deadlines: the local APIC's timer. Knows no guest.
 */
#ifndef BOOT_TIMER_H
#define BOOT_TIMER_H

#include "mmu/bits.h"

#define VEC_PIC1	0x20	/* timer: the first of its eight lines */
#define VEC_PIC2	0x28
#define VEC_APIC_TIMER	0x30
#define VEC_APIC_SPURIOUS 0xff

/*
 * Both 8259s at VEC_PIC1 and VEC_PIC2, every line masked. Until host_timer_start()
 * no interrupt comes.
 */
void host_interrupts_init(void);

/*
 * About 18.2 ticks a second from now on, and host_timer_arm() works. Without a local
 * APIC there are no deadlines, but a thousand ticks a second in their place. The host
 * runs with IF clear: ticks show as exits of the guest; interrupts are then taken in
 * x86_interrupt_window(), NMIs (where the timer can be one) by themselves.
 */
void host_timer_start(bool tsc_counts_instructions);

/*
 * An interrupt when the TSC is at `tsc`, or soon after, or at once if that has passed; it
 * replaces one that is still to come. Where it is too far away for the timer the interrupt
 * comes early: ask again then.
 */
void host_timer_arm(uint64_t tsc);

/* No deadline is to come any more, and none that has passed is waiting to be served. */
void host_timer_stop(void);

/* Every line masked: for the next owner of the machine. */
void host_interrupts_mask(void);

/* True when `vector` was an interrupt that is dealt with; else it is an exception. */
bool host_interrupt(uint64_t vector);

#endif
