/*
 * Lines that a guest must print under a hypervisor although bare's are not
 * comparable: tests/guests/raw.txt. Knows nothing of runs.
 */
#ifndef COMPARE_REQUIRED_H
#define COMPARE_REQUIRED_H

#include <stdbool.h>

#include "compare/util.h"

/*
 * NULL: the output has all lines that `table` (raw.txt's text) wants of the
 * guest. Else the first that it lacks, to be freed. `limits` leaves out the
 * lines that need a machine which enforces segment limits.
 */
char *required_lacks(const char *table, const char *guest, bool limits,
		     const struct buf *output);

#endif
