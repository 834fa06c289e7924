/* The frame pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mmu/frame.h"

#define FRAMES	4

static uint8_t *memory;

static int setup(void **state)
{
	(void)state;
	memory = aligned_alloc(PAGE_SIZE, FRAMES * PAGE_SIZE);
	memset(memory, 0xa5, FRAMES * PAGE_SIZE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

static bool is_zero(hpa_t frame, uint64_t size)
{
	const uint8_t *p = hpa_ptr(frame);

	for (uint64_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

/* Each frame is zeroed, inside the range, and handed out once. */
static void frames_are_zeroed_and_distinct(void **state)
{
	struct frame_pool pool;
	hpa_t frame;

	(void)state;
	frame_pool_init(&pool, hpa_of(memory), FRAMES * PAGE_SIZE);
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_int_equal(frame_alloc(&pool, &frame), HV_OK);
		assert_ptr_equal(hpa_ptr(frame), memory + i * PAGE_SIZE);
		assert_true(is_zero(frame, PAGE_SIZE));
	}
	assert_int_equal(pool.used, FRAMES);
}

/* An empty pool says so and stays as it is. */
static void empty_pool_gives_no_memory(void **state)
{
	struct frame_pool pool;
	hpa_t frame;

	(void)state;
	frame_pool_init(&pool, hpa_of(memory), PAGE_SIZE);
	assert_int_equal(frame_alloc(&pool, &frame), HV_OK);
	assert_int_equal(frame_alloc(&pool, &frame), HV_NO_MEMORY);
	assert_int_equal(pool.used, 1);
}

/* The range is rounded inward to whole frames. */
static void range_is_rounded_inward(void **state)
{
	struct frame_pool pool;
	hpa_t frame;

	(void)state;
	frame_pool_init(&pool, hpa_of(memory + 1), 3 * PAGE_SIZE);
	assert_int_equal(frame_alloc(&pool, &frame), HV_OK);
	assert_ptr_equal(hpa_ptr(frame), memory + PAGE_SIZE);
	assert_int_equal(frame_alloc(&pool, &frame), HV_OK);
	assert_int_equal(frame_alloc(&pool, &frame), HV_NO_MEMORY);
}

/* A range without one whole frame, or one that wraps, is an empty pool. */
static void useless_ranges_are_empty(void **state)
{
	static const uint64_t range[][2] = {
		{ 0x1001, 0x1ffe }, { 0x1001, 5 }, { 0x1000, 0 },
		{ UINT64_MAX - 0x1800, 0x3000 }, { UINT64_MAX - 5, 3 },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(range); i++) {
		struct frame_pool pool;
		hpa_t frame;

		frame_pool_init(&pool, hpa(range[i][0]), range[i][1]);
		assert_int_equal(frame_alloc(&pool, &frame), HV_NO_MEMORY);
	}
}

/* A freed frame comes back, zeroed, before a fresh one. */
static void freed_frames_return_zeroed(void **state)
{
	struct frame_pool pool;
	hpa_t a, b, again;

	(void)state;
	frame_pool_init(&pool, hpa_of(memory), 2 * PAGE_SIZE);
	assert_int_equal(frame_alloc(&pool, &a), HV_OK);
	assert_int_equal(frame_alloc(&pool, &b), HV_OK);
	memset(hpa_ptr(a), 0xff, PAGE_SIZE);
	memset(hpa_ptr(b), 0xff, PAGE_SIZE);
	frame_free(&pool, a);
	frame_free(&pool, b);
	assert_int_equal(pool.used, 0);
	assert_int_equal(frame_alloc(&pool, &again), HV_OK);
	assert_int_equal(again.v, b.v);
	assert_true(is_zero(again, PAGE_SIZE));
	assert_int_equal(frame_alloc(&pool, &again), HV_OK);
	assert_int_equal(again.v, a.v);
	assert_true(is_zero(again, PAGE_SIZE));
	assert_int_equal(frame_alloc(&pool, &again), HV_NO_MEMORY);
}

/* A run is contiguous and never taken from the free list. */
static void runs_are_contiguous(void **state)
{
	struct frame_pool pool;
	hpa_t a, run;

	(void)state;
	frame_pool_init(&pool, hpa_of(memory), FRAMES * PAGE_SIZE);
	assert_int_equal(frame_alloc(&pool, &a), HV_OK);
	frame_free(&pool, a);
	assert_int_equal(frame_alloc_run(&pool, 3, &run), HV_OK);
	assert_ptr_equal(hpa_ptr(run), memory + PAGE_SIZE);
	assert_true(is_zero(run, 3 * PAGE_SIZE));
	assert_int_equal(pool.used, 3);
	assert_int_equal(frame_alloc_run(&pool, 1, &run), HV_NO_MEMORY);
	assert_int_equal(frame_alloc(&pool, &a), HV_OK);
	assert_ptr_equal(hpa_ptr(a), memory);
}

/* A run longer than the pool fails whole; no run is empty. */
static void impossible_runs_are_refused(void **state)
{
	struct frame_pool pool;
	hpa_t run;

	(void)state;
	frame_pool_init(&pool, hpa_of(memory), FRAMES * PAGE_SIZE);
	assert_int_equal(frame_alloc_run(&pool, FRAMES + 1, &run),
			 HV_NO_MEMORY);
	assert_int_equal(frame_alloc_run(&pool, UINT32_MAX, &run),
			 HV_NO_MEMORY);
	assert_int_equal(frame_alloc_run(&pool, 0, &run), HV_BAD_ARGUMENT);
	assert_int_equal(pool.used, 0);
	assert_int_equal(frame_alloc_run(&pool, FRAMES, &run), HV_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_are_zeroed_and_distinct),
		TEST(empty_pool_gives_no_memory),
		TEST(range_is_rounded_inward),
		TEST(useless_ranges_are_empty),
		TEST(freed_frames_return_zeroed),
		TEST(runs_are_contiguous),
		TEST(impossible_runs_are_refused),
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
