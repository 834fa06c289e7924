/* The local APIC, only so far that it lets the 8259's interrupts through. */
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

#endif
