/*
 * The order in which tables and the page show guests, and rungs on machines.
 * Knows nothing of how they are shown.
 */
#ifndef COMPARE_COLUMNS_H
#define COMPARE_COLUMNS_H

#include "compare/run.h"

/* One column: runs of one rung, with its options, on one machine. */
struct column {
	char		*label;		/* as run_label(), owned */
	const char	*machine;	/* of some run */
	const char	*rung;		/* of the same */
	size_t		rung_rank, machine_rank;
};

/* The columns that these runs need, in order; for columns_free(). */
struct column *columns_make(struct run *const *runs, size_t count,
			    size_t *made);
void columns_free(struct column *columns, size_t count);

/* The number of the run's column, which is there. */
size_t column_find(const struct column *columns, size_t count,
		   const struct run *run);

/* Whether the run belongs to the column. */
bool column_has(const struct column *column, const struct run *run);

/* The names of the guests, in order; the array is to be freed. */
const char **guest_names(struct run *const *runs, size_t count, size_t *made);

/* The number of a name that is among them. */
size_t guest_name_find(const char *const *names, size_t count,
		       const char *name);

bool run_is_bare(const struct run *run);

#endif
