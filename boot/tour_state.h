/*
 * A tour as it stands: what is run and what came of it. Private to boot/tour*.c.
 */
#ifndef BOOT_TOUR_STATE_H
#define BOOT_TOUR_STATE_H

#include "core/host.h"
#include "core/rung.h"
#include "core/tour.h"

#define TOUR_GUESTS	32u
#define TOUR_RUNGS	8u
#define TOUR_TROUBLE	160u
#define TOUR_RUNG_TEXT	80u	/* a rung with its options, the terminator too */

struct tour {
	const char		*build;
	const struct host_cpu	*host;
	bool			recorded;	/* there is a port for the records */
	bool			one_port;
	unsigned		guests, rungs, number;	/* number: of the run, from 1 */
	struct tour_guest	guest[TOUR_GUESTS];
	unsigned		module[TOUR_GUESTS + 1];	/* the guest's first one */
	char			rung[TOUR_RUNGS][TOUR_RUNG_TEXT];
	struct tour_cell	cell[TOUR_GUESTS][TOUR_RUNGS];
	char			trouble[TOUR_TROUBLE];	/* the first run's that went wrong */
	/* Rungs that this CPU does not do, and why. */
	unsigned		absent;
	char			absent_rung[TOUR_RUNGS][TOUR_RUNG_TEXT];
	const char		*absent_why[TOUR_RUNGS];
};

/* ---- the table, on the screen and as text on the serial line: boot/tour_table.c ---- */

/* All of it as it stands, with the guest that is being run on its page. */
void tour_table_draw(const struct tour *tour, unsigned guest);

/* This run is under way; and what came of the guest's runs so far. */
void tour_table_running(const struct tour *tour, unsigned guest, unsigned rung);
void tour_table_row(const struct tour *tour, unsigned guest);

/* What went wrong, in words. */
void tour_table_trouble(const struct tour *tour);

/* All runs are over: the counts, what to do next, and the whole table as text. */
void tour_table_end(const struct tour *tour);

/* For good, when the table has more pages than one: each in turn. Else it returns. */
void tour_table_turn(const struct tour *tour);

/* ---- the records around the runs' own: boot/tour_record.c ---- */

/* What the core writes its records to. */
struct host_io *tour_record_io(void);

void tour_record_start(const struct tour *tour);
void tour_record_run(const struct tour *tour, unsigned guest, unsigned rung);

/* The bytes that the guest has written to its serial port, and the sum over the run. */
void tour_record_done(const struct tour *tour, unsigned from, unsigned end);
void tour_record_end(const struct tour *tour);

#endif
