/*
 * Compares what a guest printed in two places, leaving out what its table
 * says is not comparable. Knows nothing of rungs.
 */
#ifndef COMPARE_FILTER_H
#define COMPARE_FILTER_H

#include <stddef.h>

#include "compare/guests.h"

/*
 * NULL: the outputs agree. Else the first difference in words (line number
 * of the second output and both lines), to be freed. Both end after the line
 * that holds the guest's end_line.
 */
char *output_difference(const struct guest *guest, const char *bare,
			size_t bare_size, const char *other,
			size_t other_size);

/* Whether the guest's end_line has been printed. */
bool output_ended(const struct guest *guest, const char *text, size_t size);

#endif
