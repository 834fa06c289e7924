/*
 * Finds exit codes by number, by name or by what becomes of them. Knows how people write
 * them, not how they are shown.
 */
#ifndef COMPARE_EXIT_FIND_H
#define COMPARE_EXIT_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare/exit_table.h"

enum exit_vendor { EXIT_VMX, EXIT_SVM, EXIT_VENDORS };

enum { EXIT_HITS = 8 };

/* The bits of a VMX exit reason beside the basic one. */
#define EXIT_VMX_BASIC	0xffffu
#define EXIT_VMX_FAILED	(1u << 31)

struct exit_hit {
	enum exit_vendor	vendor;
	const struct exit_code	*row;
	uint64_t		code;
	uint32_t		flags;	/* of a VMX exit reason: its upper half, in place */
	bool			run;	/* all of the row is meant, not one code of it */
};

/* "vmx", "svm"; the n-th row of a vendor, by code: NULL past the last. */
const char *exit_vendor_name(enum exit_vendor vendor);
const struct exit_code *exit_row(enum exit_vendor vendor, size_t n);

/*
 * Reads "48", "0x400", "-1" (both vendors), "vmx:48", "svm:0x400", a name with or
 * without the manuals' prefixes, or "#PF". Returns how many are found, VMX first.
 */
size_t exit_find(const char *text, struct exit_hit hits[EXIT_HITS]);

/* NULL: there is no such neutral reason. */
const struct exit_cause *exit_cause_named(const char *name);

/* Is this one of the neutral reasons of the row? */
bool exit_becomes(const struct exit_code *row, const char *cause);

/* In capitals, dashes as underscores, without what the manuals put in front; to be freed. */
char *exit_plain(const char *text);

/* "CR3_READ", "vmx:48", "svm:-1"; of a whole row "CR[5-15]_READ", "svm:0x005-0x00f". To be freed. */
char *exit_name_text(const struct exit_hit *hit);
char *exit_code_text(const struct exit_hit *hit);

/* What a bit of a VMX exit reason above the basic one says; NULL: nothing known. */
const char *exit_flag_text(unsigned bit);

/* Up to three names that look like the text: "A, B, C"; NULL: none does. To be freed. */
char *exit_nearest(const char *text);

#endif
