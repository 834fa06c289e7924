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
	ENDING_LINE,		/* never either, but its end line says that it has come there */
	ENDING_HALT,		/* in a HLT for ever */
};

enum filter_action {
	FILTER_DROP,		/* the line is not compared */
	FILTER_MASK,		/* what matches is not compared */
	FILTER_KEEP,		/* lines that no filter keeps are not compared,
				   where any filter is of this kind */
};

/* An extended regular expression and why what it matches may differ. */
struct filter {
	enum filter_action	action;
	const char		*pattern, *reason;
};

/* A file that the guest's loader brings with it, and what is said of it. */
struct guest_module {
	const char	*file;		/* in the build folder */
	const char	*words;		/* its command line; the first is its name */
};

enum { GUEST_MODULES = 3 };

/* The module that is no module of the guest's but its first disk. */
#define GUEST_DISK	"disk"

struct guest {
	const char	*name;
	const char	*file;		/* in the build folder, or a path */
	const char	*kind;		/* as in docs/record.md; "": by its header */
	const char	*shows;		/* one line, for people */
	enum ending	ending;
	const char	*end_line;	/* text that marks the end of output that
					   goes on or does not end; NULL: none */
	const struct filter *filters;	/* NULL pattern ends; NULL: none */
	const char	*reference;	/* machine whose bare run all columns agree with;
					   NULL: each machine's own */
	const char	*command_line;
	struct guest_module module[GUEST_MODULES + 1];	/* without a file: no more */
	const char	*options;	/* more for the hypervisor's command line */
	unsigned	memory_mib;	/* the guest's own RAM */
	unsigned	tick_shift;	/* an instruction takes 2^this ns: for guests
					   that wait in loops */
	uint64_t	limit;		/* TSC units under the hypervisor */
	unsigned	seconds;	/* wall clock, for the whole run */
	bool		fetched;	/* not ours: comes by `make guests` */
	bool		by_default;	/* part of `compare` without names */
	bool		is_path;	/* `file` is a path as given */
	bool		any_msr;	/* reads MSRs that every such CPU has and bare
					   Bochs has not: there they read as zero */
	bool		screen;		/* writes a screen over and over: lines begin
					   with ESC too, and repeats count as one */
	bool		lowers_iopl;	/* in real mode, which vm86=fast does not see */
};

/* Number `i` of all guests; NULL: there are not so many. */
const struct guest *guest_at(size_t i);

/*
 * A guest of the table or, when `name` is a file, one made up for it (kept
 * until the program ends). NULL: neither.
 */
const struct guest *guest_find(const char *name, const char *kind);

/* Place in the table; names that are not in it come after those that are. */
size_t guest_rank(const char *name);

/* Where the image is; to be freed. */
char *guest_path(const struct guest *guest);

/* The file name that a module has beside the guest; to be freed. */
char *guest_module_name(const struct guest_module *module);

bool guest_is_firmware(const struct guest *guest);

const char *ending_name(enum ending ending);

/*
 * The value an option really gets: a guest that would see the one known leak of
 * vm86=fast runs exact instead, and its report says so.
 */
const char *guest_option(const struct guest *guest, const char *name,
			 const char *value);

#endif
