/*
 * The words of a disc that runs many guests one after the other, and what their runs say
 * together. Pure text and counts; knows no screen and starts nothing.
 *
 * A module whose text begins with guest=NAME is a guest, and the modules behind it up to
 * the next one are its own:
 *
 *   [FILE] guest=NAME [sha256=S] [ends=END] [seconds=N] [compare=no] [drop=TEXT]... --
 *	WORDS -- guest command line
 *
 * WORDS and what follows: as for one run (core/cmdline.h), without rung=. ends: how the
 * guest must end, as the record's `end`; without it all rungs must end alike. seconds: the
 * limit where the TSC counts cycles. drop: a line of output with this text in it, or with
 * ^ at its beginning, is not compared (%xx for a blank); compare=no: none is.
 */
#ifndef CORE_TOUR_H
#define CORE_TOUR_H

#include "mmu/bits.h"

#define TOUR_NAME	24	/* bytes, the terminator too */
#define TOUR_SHA256	65
#define TOUR_END	16
#define TOUR_DROPS	4
#define TOUR_DROP	32	/* bytes of text */
#define TOUR_SECONDS	20u	/* unless told */
#define TOUR_SECONDS_MAX 3600u

struct tour_drop {
	char		text[TOUR_DROP];
	unsigned	size;
	bool		at_start;	/* matches at a line's beginning alone */
};

struct tour_guest {
	char		name[TOUR_NAME];
	char		sha256[TOUR_SHA256];
	char		ends[TOUR_END];		/* empty: any, but all alike */
	unsigned	seconds;
	bool		compared;
	struct tour_drop drop[TOUR_DROPS];
	unsigned	drops;
	const char	*words;		/* of the run, in the text that was parsed */
	char		error[120];	/* one line, when parsing failed */
};

/* Does this module's text begin a guest? */
bool tour_guest_begins(const char *text);

/* False with ->error when the words are not as above. */
bool tour_guest_parse(const char *text, struct tour_guest *out) MUST_CHECK;

/* The lines of a guest's output that are compared, as one number. */
struct tour_output {
	const struct tour_guest	*guest;
	uint64_t	hash, line;	/* line: of the one that is not yet complete */
	uint64_t	seen[TOUR_DROPS];	/* bit n: its last n + 1 bytes begin the text */
	unsigned	column;
	bool		dropped;	/* the line has a text that drops it */
};

void tour_output_start(struct tour_output *output, const struct tour_guest *guest);
void tour_output_byte(struct tour_output *output, uint8_t byte);
uint64_t tour_output_end(struct tour_output *output);

enum tour_verdict {
	TOUR_NOT_RUN, TOUR_AGREES, TOUR_ALONE, TOUR_DIFFERS, TOUR_FAILS, TOUR_ERROR
};

/* One guest on one rung. */
struct tour_cell {
	bool		run;		/* it was tried */
	const char	*end;		/* NULL: the hypervisor gave up */
	uint32_t	code;
	uint64_t	exits, hypervisor;
	uint64_t	output;		/* tour_output_end() */
	enum tour_verdict verdict;
};

/*
 * All of one guest's cells: those that end as they must agree when their ends and outputs
 * are equal, differ when any are not, and one that has no other to agree with, or whose
 * output is not compared, is alone.
 */
void tour_judge(const struct tour_guest *guest, struct tour_cell *cells, unsigned count);

/* "agree", "ran" (alone), "differ", "fail", "error"; empty when not run. */
const char *tour_verdict_name(enum tour_verdict verdict);

/* CRC-32 of IEEE 802.3 over more bytes; begins with 0. */
uint32_t tour_crc(uint32_t crc, const char *bytes, unsigned size);

#endif
