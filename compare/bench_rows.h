/*
 * The lines that a table of the bench has. Knows their names only.
 */
#ifndef COMPARE_BENCH_ROWS_H
#define COMPARE_BENCH_ROWS_H

#include "compare/bench.h"

struct bench_rows {
	char	**name;		/* owned */
	size_t	count;
	size_t	untimed;	/* KVM's lines that nobody printed */
};

/* All lines that a result of this kind has, KVM's in its order, then ours; no growing ones. */
void bench_rows_make(struct bench_rows *rows, enum bench_kind kind,
		     const struct bench_result *results, size_t count, json_t *kvm);
void bench_rows_free(struct bench_rows *rows);

#endif
