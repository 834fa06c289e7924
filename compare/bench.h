/*
 * What `bench` times, and the tables it prints. Knows the runs' outputs, not how they
 * were had.
 */
#ifndef COMPARE_BENCH_H
#define COMPARE_BENCH_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "compare/util.h"

enum bench_kind {
	BENCH_NATIVE,		/* nested paging, or bare: beside KVM's column */
	BENCH_SHADOW,		/* shadow tables: three policies beside each other */
};

/* One column: a rung with one option more than observe=none, on a machine. */
struct bench_column {
	enum bench_kind	kind;
	const char	*rung, *head, *option, *value, *machine;
	const char	*kvm;		/* KVM's column on the same emulator */
};

extern const struct bench_column bench_columns[];
extern const size_t bench_columns_count;

/* A column's run as it came out; both stay the caller's. */
struct bench_result {
	const struct bench_column *column;
	const struct buf	*output;
	json_t			*shadow;	/* the record of that name; empty: none */
};

/*
 * Each prints the results of its kind, or nothing if there are none, and returns how
 * many cells are above what they are held to: KVM's count, the bar, a straight line.
 */
size_t bench_native_print(const struct bench_result *results, size_t count,
			  json_t *kvm, FILE *out, bool colour);
size_t bench_shadow_print(const struct bench_result *results, size_t count,
			  json_t *kvm, FILE *out, bool colour);
size_t bench_growth_print(const struct bench_result *results, size_t count,
			  FILE *out, bool colour);

#endif
