/*
 * What is known of exit codes, for people: one code, one neutral reason, or all of
 * them as a page. Knows how it is laid out, not what it says.
 */
#ifndef COMPARE_EXIT_SHOW_H
#define COMPARE_EXIT_SHOW_H

#include <stdio.h>

#include "compare/exit_find.h"

/* All fields of one code; no line wider than GRID_WIDTH. */
void exit_show(const struct exit_hit *hit, FILE *out, bool colour);

/* All codes of both vendors that become this. */
void exit_show_cause(const struct exit_cause *cause, FILE *out, bool colour);

/* Every code and reason in Markdown: docs/exits.md. */
void exit_page(FILE *out);

#endif
