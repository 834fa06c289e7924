/* The snapshot of this CPU that the core works from. Asks the CPU, decides nothing. */
#ifndef BOOT_MACHINE_H
#define BOOT_MACHINE_H

#include "core/host.h"

void machine_cpu(struct host_cpu *host);

/*
 * Whether the TSC advances by one for each executed instruction: measured, because an
 * emulator's name does not tell how it was started. Interrupts must be off.
 */
bool machine_tsc_counts(void);

/*
 * Ticks of the TSC in a second: what CPUID says or else as measured on the PIT's channel 2,
 * which takes 20 ms. Where the TSC counts instructions the second is a virtual one.
 */
uint64_t machine_tsc_hz(const struct host_cpu *host);

#endif
