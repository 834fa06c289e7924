/*
 * The hypervisor's own strategy function, asked by the host program: one row
 * for each state a guest can be in. Knows nothing of how rows are printed.
 */
#ifndef COMPARE_EXPLAIN_STRATEGY_H
#define COMPARE_EXPLAIN_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>

/* Options of a rung; the zero value is what the hypervisor assumes. */
struct explain_options {
	bool	observe_none;
	bool	tags_off;
	bool	unpaged_emulate;
	bool	vm86_fast;
	bool	sync_protect, sync_flush;
};

enum explain_field {
	EXPLAIN_CR0, EXPLAIN_CR3, EXPLAIN_CR4, EXPLAIN_EFER,
	EXPLAIN_CR0_OWN, EXPLAIN_CR4_OWN, EXPLAIN_INTERCEPTS, EXPLAIN_OBSERVING,
	EXPLAIN_EXCEPTIONS, EXPLAIN_WHY, EXPLAIN_FIELDS
};

/* Five modes; real mode in three states, the others in two. */
enum { EXPLAIN_ROWS = 11 };

struct explain_row {
	const char	*mode;
	const char	*when;		/* which of the mode's states */
	const char	*ran_as;
	char		*field[EXPLAIN_FIELDS];	/* owned; empty: nothing to say */
};

/*
 * Fills in the rows of a rung that has a backend and is built in, on a CPU that
 * has whatever this hypervisor lets guests use; states of a mode that are
 * answered alike share a row. Returns how many; 0: there is no such rung.
 */
size_t explain_rows(const char *name, const struct explain_options *options,
		    struct explain_row rows[EXPLAIN_ROWS]);
void explain_rows_free(struct explain_row *rows, size_t count);

/* "VT-x, EPT on, unrestricted guest off", and what CPU is assumed; to be freed. */
char *explain_rung(const char *name);
char *explain_cpu(const char *name);

/* How its shadow tables are kept in step; NULL: a rung without them. */
const char *explain_sync(const char *name, const struct explain_options *options);

#endif
