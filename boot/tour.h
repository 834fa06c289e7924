/*
 * Many guests on every rung that this CPU can do, one run after the other without a
 * reset in between. Asked for by the first word of the command line:
 *
 *   [PROGRAM] tour [rungs=RUNG[,option=value]...[,RUNG...]] [records=com1|com2]
 *
 * The modules say which guests: core/tour.h.
 */
#ifndef BOOT_TOUR_H
#define BOOT_TOUR_H

#include "boot/guest.h"

bool tour_asked(const char *command_line);

/* Returns when all is said; a command line or a module that is wrong stops the machine. */
void tour_run(const struct boot_info *info, const struct guest_ground *ground,
	      const struct memory *memory);

#endif
