/*
 * Whether the TSC counts instructions: on the emulators it can, on hardware it
 * never does. Measured on stretches whose cost in cycles would be far apart.
 */
#include "boot/machine.h"

/* Instructions from one RDTSC to the next, one of them included. See tsc.asm. */
#define TSC_PLAIN	(1 + 2 + 2 * 1000 + 1)
#define TSC_SLOW	(1 + 2 + 8 * 20 + 1)
#define TRIES		3

uint32_t tsc_stretch_plain(void);
uint32_t tsc_stretch_slow(void);

bool machine_tsc_counts(void)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (tsc_stretch_plain() != TSC_PLAIN ||
		    tsc_stretch_slow() != TSC_SLOW)
			return false;
	}
	return true;
}
