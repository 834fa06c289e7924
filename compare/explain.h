/*
 * A rung's strategy as a table for people. Knows how rows are laid out, not
 * what is in them.
 */
#ifndef COMPARE_EXPLAIN_H
#define COMPARE_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include "compare/rungs.h"

/*
 * Prints the rung's rows, no line wider than GRID_WIDTH. Returns false when
 * the hypervisor has no strategy for it: a rung that is only planned.
 */
bool explain_print(const struct rung_choice *choice, FILE *out, bool colour);

/* A label, and words within GRID_WIDTH beside it. */
void explain_wrapped(const char *label, const char *text, FILE *out, bool colour);

#endif
