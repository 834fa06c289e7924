/*
 * Every exit code of both vendors, as the manuals name it, and what becomes of it here:
 * data alone. `diptych explain`, docs/exits.md and a test against both decoders read it.
 */
#ifndef COMPARE_EXIT_TABLE_H
#define COMPARE_EXIT_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* One row: a code, or a run of codes that differ in a number alone. */
struct exit_code {
	uint64_t	first, last;
	const char	*name;		/* without the manual's prefix; # is EXIT_NUMBER() */
	const char	*what;		/* the event, in words */
	const char	*cause;		/* neutral reasons; the decoder answers the first */
	const char	*when;		/* when a guest here exits so; or "never: " and why */
	const char	*fields;	/* that the exit fills in for this code alone */
	const char	*manual;	/* titles */
	const char	*also;		/* other names in use, or NULL */
};

/* The number in the name of a code of a run: of a CR, a DR or a vector. */
#define EXIT_NUMBER(row, code)	((code) - ((row)->first & ~UINT64_C(0xf)))

/* Ends before a row whose name is NULL; sorted by code. */
extern const struct exit_code exit_table_vmx[], exit_table_vmx_later[];
extern const struct exit_code exit_table_svm[], exit_table_svm_later[];

/* A neutral reason: what handles it, as FILE:SYMBOL. */
struct exit_cause {
	const char	*name;		/* as in the record's by_reason */
	const char	*what;
	const char	*handler;
};

extern const struct exit_cause exit_causes[];	/* ends before a NULL name */

#endif
