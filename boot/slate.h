/*
 * The CPU as a run found it, for the next run: what a guest can leave in it behind the
 * back of the backends. Knows no guest and no rung.
 */
#ifndef BOOT_SLATE_H
#define BOOT_SLATE_H

/* Keep what the first run is about to find. */
void slate_keep(void);

/* All as it was kept. Virtualisation is off, no deadline is to come. */
void slate_clean(void);

#endif
