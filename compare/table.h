/*
 * Runs as tables for people. Knows nothing of how they were made.
 */
#ifndef COMPARE_TABLE_H
#define COMPARE_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "compare/run.h"

/*
 * Rows of guests, columns of rungs on machines: outcome, exits, hypervisor
 * instructions. Runs on bare are shown only if `bare`. The runs are sorted; those of
 * one key that differ in what is shown stand below each other, up to TABLE_TWINS.
 */
enum { TABLE_TWINS = 8 };
void table_print(struct run *const *all, size_t count, bool bare, FILE *out,
		 bool colour);

/* Every run that did not pass, with its reason; then one line of counts. */
void table_remarks(struct run *const *runs, size_t count, FILE *out,
		   bool colour);

/* For each guest: how each mode ran, and exits by reason. */
void table_details(struct run *const *runs, size_t count, FILE *out,
		   bool colour);

/* The control fields read back from the hardware structure. */
void table_controls(const struct run *run, FILE *out, bool colour);

/* "bochs ryzen" for "bochs:ryzen"; other names as they are. */
const char *machine_label(const char *name);

#endif
