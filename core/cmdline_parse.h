/*
 * What the command line's two parsers share: the rungs' words are cmdline.c's, the
 * machine's cmdline_machine.c's. Private to them.
 */
#ifndef CORE_CMDLINE_PARSE_H
#define CORE_CMDLINE_PARSE_H

#include "core/cmdline.h"
#include "core/span.h"

#define KNOWN_SIZE	100	/* bytes of a list of known names */

struct parser {
	struct cmdline	*out;
	uint32_t	keys, options;	/* bits of those given already */
};

/* Both put one line into ->out->error and return false. */
bool cmdline_fail(struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool cmdline_fail_value(struct parser *p, const char *key, struct span value,
			const char *what);

/* How many bytes of a bad word an error repeats. */
int cmdline_shown(struct span span);

/* The words that say what the machine is and what is done with it. */
bool cmdline_mem(struct parser *p, struct span value);
bool cmdline_limit(struct parser *p, struct span value);
bool cmdline_kind(struct parser *p, struct span value);
bool cmdline_entry(struct parser *p, struct span value);
bool cmdline_dump(struct parser *p, struct span value);
bool cmdline_clock(struct parser *p, struct span value);
bool cmdline_pci(struct parser *p, struct span value);
bool cmdline_hpet(struct parser *p, struct span value);
bool cmdline_disk(struct parser *p, struct span value);
bool cmdline_screen(struct parser *p, struct span value);
bool cmdline_lm(struct parser *p, struct span value);
bool cmdline_until(struct parser *p, struct span value);
bool cmdline_gdb(struct parser *p, struct span value);
bool cmdline_trace(struct parser *p, struct span value);

#endif
