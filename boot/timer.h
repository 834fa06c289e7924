/*
 * The host's heartbeat: PIT channel 0, so that a guest that never exits by
 * itself still comes back. Knows no guest.
 */
#ifndef BOOT_TIMER_H
#define BOOT_TIMER_H

#include "mmu/bits.h"

#define VEC_PIC1	0x20	/* timer: the first of its eight lines */
#define VEC_PIC2	0x28
#define VEC_APIC_SPURIOUS 0xff

/*
 * Both 8259s at VEC_PIC1 and VEC_PIC2, every line masked. Until host_timer_start()
 * no interrupt comes.
 */
void host_interrupts_init(void);

/*
 * About 18.2 ticks a second from now on. The host runs with IF clear: ticks show as
 * exits of the guest; interrupts are then taken in x86_interrupt_window(), NMIs
 * (where the timer can be one) by themselves.
 */
void host_timer_start(void);

/* Every line masked: for the next owner of the machine. */
void host_interrupts_mask(void);

/* True when `vector` was an interrupt that is dealt with; else it is an exception. */
bool host_interrupt(uint64_t vector);

#endif
