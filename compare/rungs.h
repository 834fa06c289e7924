/*
 * The rungs, their options, and the syntax of lists of rungs. Knows what a
 * rung needs of a CPU, not how one is run.
 */
#ifndef COMPARE_RUNGS_H
#define COMPARE_RUNGS_H

#include <stdbool.h>
#include <stddef.h>

/* What a CPU offers and a rung needs. */
enum cap {
	CAP_SVM		= 1 << 0,
	CAP_NPT		= 1 << 1,
	CAP_VMX		= 1 << 2,
	CAP_EPT		= 1 << 3,
	CAP_UG		= 1 << 4,
	CAP_UNKNOWN	= 1 << 5,	/* a CPU not in the table: let it answer */
};

struct rung {
	const char	*name;
	unsigned	needs;		/* enum cap, or-ed */
	bool		built;		/* the hypervisor has it */
	const char	*real, *unpaged, *paged;	/* how each mode runs */
	const char	*machines[3];	/* where `compare` runs it; NULL ends */
};

enum { RUNG_OPTIONS = 8 };

/* One option; both texts belong to the choice. */
struct rung_option {
	char	*name, *value;
};

/* A rung with its options, sorted by name. */
struct rung_choice {
	const struct rung	*rung;
	struct rung_option	options[RUNG_OPTIONS];
	size_t			count;
};

extern const struct rung rung_table[];
extern const size_t rung_table_size;

const struct rung *rung_named(const char *name);

/* What `caps` lacks for the rung, in words; NULL: nothing. */
const char *rung_missing(const struct rung *rung, unsigned caps);

/*
 * Reads "svm-npt,vmx-ept,unpaged=emulate": an item with `=` belongs to the
 * rung before it. Returns the choices (*count of them), or NULL with one
 * clear line in *why; the caller frees either.
 */
struct rung_choice *rung_list_parse(const char *text, size_t *count,
				    char **why);

/* Sets an option unless the choice has it already or the rung is bare. */
void rung_choice_default(struct rung_choice *choice, const char *name,
			 const char *value);
struct rung_choice rung_choice_copy(const struct rung_choice *choice);
void rung_choice_free(struct rung_choice *choice);
bool rung_choice_equal(const struct rung_choice *a,
		       const struct rung_choice *b);

/* "vmx-ept,observe=modes,unpaged=emulate"; to be freed. */
char *rung_choice_text(const struct rung_choice *choice);

#endif
