/* Runs as TAP and as JUnit XML, for machines that watch tests. */
#ifndef COMPARE_TAP_H
#define COMPARE_TAP_H

#include <stdio.h>

#include "compare/run.h"

/*
 * Test Anything Protocol, version 13: a skip is `ok` with the directive SKIP, all but
 * that and a pass `not ok` with its reason in a line of its own.
 */
void tap_print(struct run *const *runs, size_t count, FILE *out);

/*
 * A JUnit document, to be freed: `differs` and `fail` are failures, `error` an error. Runs
 * of one key, which stand beside each other, are told apart by " #2" and so on.
 */
char *junit_write(struct run *const *runs, size_t count);

#endif
