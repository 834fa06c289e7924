/*
 * The guests that there are: what each shows, how it must end, and which of
 * its lines may be compared. Knows nothing of emulators.
 */
#ifndef COMPARE_GUESTS_H
#define COMPARE_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a guest must end. */
enum ending {
	ENDING_AS_BARE,		/* a file: as it ends on bare */
	ENDING_EXIT,		/* with code 0 at its exit port */
	ENDING_TRIPLE_FAULT,
	ENDING_LIMIT,		/* never, of itself */
	ENDING_HALT,		/* in a HLT for ever */
};

enum filter_action {
	FILTER_DROP,		/* the line is not compared */
	FILTER_MASK,		/* what matches is not compared */
};

/* An extended regular expression and why what it matches may differ. */
struct filter {
	enum filter_action	action;
	const char		*pattern, *reason;
};

struct guest {
	const char	*name;
	const char	*file;		/* in the build folder, or a path */
	const char	*kind;		/* as in docs/record.md; "": by its header */
	const char	*shows;		/* one line, for people */
	enum ending	ending;
	const char	*end_line;	/* text that marks the end of output that
					   goes on or does not end; NULL: none */
	const struct filter *filters;	/* NULL pattern ends; NULL: none */
	const char	*command_line;
	unsigned	memory_mib;
	uint64_t	limit;		/* TSC units under the hypervisor */
	unsigned	seconds;	/* wall clock, for the whole run */
	bool		fetched;	/* not ours: comes by `make guests` */
	bool		by_default;	/* part of `compare` without names */
	bool		is_path;	/* `file` is a path as given */
	bool		lowers_iopl;	/* in real mode, which vm86=fast does not see */
};

extern const struct guest guests[];
extern const size_t guests_count;

/*
 * A guest of the table or, when `name` is a file, one made up for it (kept
 * until the program ends). NULL: neither.
 */
const struct guest *guest_find(const char *name, const char *kind);

/* Place in the table; names that are not in it come after those that are. */
size_t guest_rank(const char *name);

/* Where the image is; to be freed. */
char *guest_path(const struct guest *guest);

const char *ending_name(enum ending ending);

/*
 * The value an option really gets: a guest that would see the one known leak of
 * vm86=fast runs exact instead, and its report says so.
 */
const char *guest_option(const struct guest *guest, const char *name,
			 const char *value);

#endif
