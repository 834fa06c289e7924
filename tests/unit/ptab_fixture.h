/*
 * A frame pool below 4 GiB for the builder's tests, so that every format can
 * name its frames. Knows no rule under test.
 */
#ifndef TESTS_PTAB_FIXTURE_H
#define TESTS_PTAB_FIXTURE_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE		/* MAP_32BIT */
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "mmu/ptab.h"

#define POOL_FRAMES	64

struct bench {
	uint8_t			*memory;
	struct frame_pool	pool;
	struct ptab		pt;
	struct ptab_leaf	leaf;
};

static inline int bench_make(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->memory = mmap(NULL, POOL_FRAMES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (b->memory == MAP_FAILED)
		return -1;
	frame_pool_init(&b->pool, hpa_of(b->memory), POOL_FRAMES * PAGE_SIZE);
	*state = b;
	return 0;
}

/* Every test ends here: no builder may keep a frame. */
static inline int bench_free(void **state)
{
	struct bench *b = *state;
	bool leaked;

	ptab_fini(&b->pt);
	leaked = b->pool.used;
	munmap(b->memory, POOL_FRAMES * PAGE_SIZE);
	free(b);
	return leaked ? -1 : 0;
}

static inline struct bench *bench(void **state, const struct pt_format *format,
				  unsigned largest, bool nx)
{
	struct bench *b = *state;

	assert_int_equal(ptab_init(&b->pt, format, &b->pool, largest, nx),
			 HV_OK);
	return b;
}

/* Leave the pool just `frames` more to give. */
static inline void bench_limit(struct bench *b, unsigned frames)
{
	b->pool.end = hpa(b->pool.next.v + frames * PAGE_SIZE);
}

static inline uint64_t entry64(hpa_t table, unsigned index)
{
	uint64_t entry;

	memcpy(&entry, (uint8_t *)hpa_ptr(table) + index * 8, sizeof(entry));
	return entry;
}

static inline uint32_t entry32(hpa_t table, unsigned index)
{
	uint32_t entry;

	memcpy(&entry, (uint8_t *)hpa_ptr(table) + index * 4, sizeof(entry));
	return entry;
}

static inline hpa_t below(uint64_t entry)
{
	return hpa(entry & PTE_ADDR);
}

#define assert_leaf(b, va, frame_, level_, prot_) do {			\
	assert_true(ptab_lookup(&(b)->pt, va, &(b)->leaf));		\
	assert_int_equal((b)->leaf.frame.v, frame_);			\
	assert_int_equal((b)->leaf.level, level_);			\
	assert_int_equal((b)->leaf.prot, prot_);			\
} while (0)

#define assert_unmapped(b, va)						\
	assert_false(ptab_lookup(&(b)->pt, va, &(b)->leaf))

#define assert_ok(call)	assert_int_equal(call, HV_OK)

#define TEST(name)	cmocka_unit_test_setup_teardown(name, bench_make, \
							bench_free)
#define RW		(PROT_R | PROT_W)
#define RX		(PROT_R | PROT_X)
#define RWX		(RW | PROT_X)
#define RWXU		(RWX | PROT_U)

#endif
