/* Page tables that the loader makes: read back entry by entry, as the CPU would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "images.h"

#define TABLES	UINT64_C(0x18000)
#define HIGH	UINT64_C(0xffff800000000000)
#define NOT_MAPPED	UINT64_MAX

struct tables {
	struct bench		b;
	struct loading		l;
	struct load_tables	t;
};

static void tables_init(struct tables *t, unsigned pages)
{
	bench_init(&t->b, IMAGE_SIZE);
	t->l = (struct loading){
		.request = &t->b.request, .mem = &t->b.mem,
		.out = &t->b.result, .ram = RAM_SIZE,
	};
	assert_int_equal(load_tables_init(&t->t, &t->l, TABLES,
					  TABLES + pages * 0x1000), HV_OK);
}

/* SDM 3A figure 4-8, 4-9: nine address bits a level, bit 7 of the third ends the walk. */
static uint64_t walk(const struct tables *t, uint64_t va, uint64_t *last)
{
	uint64_t table = t->t.root;

	for (unsigned shift = 39; shift >= 12; shift -= 9) {
		memcpy(last, t->b.ram + table + (va >> shift) % 512 * 8, 8);
		if (!(*last & 1))
			return NOT_MAPPED;
		if (shift == 12 || (*last & 0x80))
			return (*last & 0xffffffffff000) +
			       (va & ((UINT64_C(1) << shift) - 1));
		table = *last & 0xffffffffff000;
		assert_in_range(table, TABLES, t->t.end - 1);
	}
	return NOT_MAPPED;
}

/* One page of tables for each GiB, and two above them. */
static void identity_map_covers_four_gib_in_six_pages(void **state)
{
	uint64_t entry;
	struct tables t;

	(void)state;
	tables_init(&t, 6);
	assert_int_equal(load_tables_identity(&t.t), HV_OK);
	assert_int_equal(t.t.next, TABLES + 6 * 0x1000);
	for (uint64_t va = 0; va < SIZE_4G; va += 0x1ff123) {
		assert_true(walk(&t, va, &entry) == va);
		assert_int_equal(entry & 0x83, 0x83);	/* present, writable, large */
		assert_false(entry >> 63);
	}
	assert_true(walk(&t, SIZE_4G - 1, &entry) == SIZE_4G - 1);
	assert_true(walk(&t, SIZE_4G, &entry) == NOT_MAPPED);
	assert_true(walk(&t, HIGH, &entry) == NOT_MAPPED);
	bench_fini(&t.b);
}

static void rights_and_sizes_are_as_asked_for(void **state)
{
	uint64_t entry;
	struct tables t;

	(void)state;
	tables_init(&t, 8);
	assert_int_equal(load_tables_map(&t.t, HIGH + 0x1ff000, 0x3ff000,
					 0x202000, BIT(63)), HV_OK);
	assert_true(walk(&t, HIGH + 0x1fefff, &entry) == NOT_MAPPED);
	assert_int_equal(walk(&t, HIGH + 0x1ff008, &entry), 0x3ff008);
	assert_true(entry == (0x3ff000 | BIT(63) | 1));
	assert_int_equal(walk(&t, HIGH + 0x3fffff, &entry), 0x5fffff);
	assert_true(entry == (0x400000 | BIT(63) | 0x81));
	assert_int_equal(walk(&t, HIGH + 0x400000, &entry), 0x600000);
	assert_true(entry == (0x600000 | BIT(63) | 1));
	assert_true(walk(&t, HIGH + 0x401000, &entry) == NOT_MAPPED);
	bench_fini(&t.b);
}

/* Where the two sides are not aligned alike there are no large pages. */
static void misaligned_sides_take_small_pages(void **state)
{
	uint64_t entry;
	struct tables t;

	(void)state;
	tables_init(&t, 8);
	assert_int_equal(load_tables_map(&t.t, HIGH, 0x1000, 0x200000, 2), HV_OK);
	assert_int_equal(walk(&t, HIGH + 0x1ff000, &entry), 0x200000);
	assert_false(entry & 0x80);
	bench_fini(&t.b);
}

static void double_mapping_and_lack_of_room_are_errors(void **state)
{
	struct tables t;

	(void)state;
	tables_init(&t, 8);
	assert_int_equal(load_tables_map(&t.t, 0, 0, 0x200000, 2), HV_OK);
	assert_int_equal(load_tables_map(&t.t, 0, 0, 0x200000, 2), HV_ALREADY);
	assert_int_equal(load_tables_map(&t.t, 0x1000, 0, 0x1000, 2), HV_ALREADY);
	assert_int_equal(load_tables_map(&t.t, 0x201000, 0, 0x1000, 2), HV_OK);
	assert_int_equal(load_tables_map(&t.t, 0x200000, 0, 0x200000, 2),
			 HV_ALREADY);
	assert_string_equal(t.b.result.error,
			    "page tables: 0x200000 is mapped twice");
	bench_fini(&t.b);
	tables_init(&t, 5);
	assert_int_equal(load_tables_identity(&t.t), HV_TOO_LARGE);
	assert_string_equal(t.b.result.error,
			    "page tables: no room below 0x1d000");
	assert_int_equal(t.b.ram[0x1d000], 0xcc);
	bench_fini(&t.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_map_covers_four_gib_in_six_pages),
		cmocka_unit_test(rights_and_sizes_are_as_asked_for),
		cmocka_unit_test(misaligned_sides_take_small_pages),
		cmocka_unit_test(double_mapping_and_lack_of_room_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
