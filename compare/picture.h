/*
 * Pictures of addresses for people: the guest's tables on the left, what the hardware
 * walks on the right. Knows the records (docs/record.md), not how a run was made.
 */
#ifndef COMPARE_PICTURE_H
#define COMPARE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Every `mmu` record of a stream, in its order; `rung` is its name for the titles. No
 * line is wider than GRID_WIDTH. What is no such record is passed over.
 */
void pictures_print(const char *records, size_t size, const char *rung,
		    FILE *out, bool colour);

#endif
