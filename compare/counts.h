/*
 * Counts per line of the bench guest: ours from its output, Linux KVM's from
 * data/kvm-counts.json. Knows nothing of how the guest was run.
 */
#ifndef COMPARE_COUNTS_H
#define COMPARE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "compare/util.h"

#define COUNTS_SCHEMA "diptych-kvm-counts/1"

/*
 * Looks up "bench NAME VALUE" in a guest's output. Returns the value, which
 * may be no number ("#UD"), to be freed; NULL: no such line.
 */
char *counts_find(const struct buf *output, const char *name);

/*
 * The same, a number less that of the empty body in the same phase of the guest: the
 * last line before it whose name ends in "_base". Where unpaged code is interpreted,
 * the first phase's empty body costs what no later one does.
 */
char *counts_net(const struct buf *output, const char *name);

/* Whether `text` is a number from 0 on; if so, *out. */
bool counts_number(const char *text, uint64_t *out);

/* Names of all bench lines in order, to be freed with their array. */
char **counts_names(const struct buf *output, size_t *count);

/* KVM's lines, an array; ends the program if the data file is damaged. */
json_t *kvm_counts_load(void);

/* KVM's count as text, to be freed; NULL: none. */
char *kvm_count(json_t *lines, const char *line, const char *column);

#endif
