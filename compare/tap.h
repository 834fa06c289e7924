/* Runs as TAP and as JUnit XML, for machines that watch tests. */
#ifndef COMPARE_TAP_H
#define COMPARE_TAP_H

#include <stdio.h>

#include "compare/run.h"

/* Test Anything Protocol, version 13. */
void tap_print(struct run *const *runs, size_t count, FILE *out);

/* A JUnit document; ends the program if the file cannot be written. */
void junit_save(const char *path, struct run *const *runs, size_t count);

/* The document as text, to be freed. */
char *junit_write(struct run *const *runs, size_t count);

#endif
