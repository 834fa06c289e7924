/* The I/O APIC, only so far that the timer's line can be an NMI. */
#ifndef BOOT_IOAPIC_H
#define BOOT_IOAPIC_H

#include "mmu/addr.h"

/* Its page, to be mapped uncached. Every PC has it here unless it has none. */
hpa_t ioapic_page(void);

/*
 * Make the timer's line an NMI to this CPU, or mask it again. False when no
 * I/O APIC answers. The page must be mapped.
 */
bool ioapic_timer_nmi(bool on) MUST_CHECK;

#endif
