/*
 * The tables that the guests' list is made of. Private to guests*.c.
 */
#ifndef COMPARE_GUESTS_TABLE_H
#define COMPARE_GUESTS_TABLE_H

#include "compare/guests.h"

#define MILLION(n) ((uint64_t)(n) * 1000000)

/* Each ends with an entry without a name. */
extern const struct guest guests_own[], guests_real[];

#endif
