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

#endif
