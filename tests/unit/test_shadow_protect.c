/* A table in use is read-only for the guest; a write to it drops just what it makes. */
#include "shadow_fixture.h"

#define OTHER	0x7000ul
#define PT2	0x8000ul
#define VA2	(VA_4LEVEL + SIZE_2M)	/* the next entry of the directory */
#define PDE2_AT	(PDE_AT + 8)
#define LARGE	0x400000ul

/* Pages 0 to 7 of the table, all mapped and made. */
static void map_eight(struct rig *r, unsigned size)
{
	for (unsigned i = 0; i < 8; i++)
		memcpy(at(r, PT + i * size), &(uint64_t){ DATA | PWUAD }, size);
	for (unsigned i = 0; i < 8; i++)
		assert_reads(r, (r->va & ~(SIZE_2M - 1)) + i * PAGE_SIZE);
}

static unsigned present_of_eight(struct rig *r)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < 8; i++)
		mask |= (unsigned)present(r, (r->va & ~(SIZE_2M - 1)) + i * PAGE_SIZE) << i;
	return mask;
}

struct written {
	unsigned offset, size, left;	/* of the eight, one bit each */
};

static void check_written(struct rig *(*make)(enum shadow_sync), unsigned entry_size,
			  const struct written *w)
{
	struct rig *r = make(SHADOW_PROTECT);

	map_eight(r, entry_size);
	r->s.flush = false;
	shadow_write(&r->s, gpa(PT + w->offset), w->size);
	assert_int_equal(present_of_eight(r), w->left);
	assert_true(r->s.flush);
	assert_int_equal(r->s.counts.written, 1);
	rig_free(r);
}

/* Whole entries, parts of one, and what lies across the border of two. */
static void test_a_write_drops_the_entries_it_touches(void **state)
{
	static const struct written wide[] = {
		{ 0, 8, 0xfe }, { 8, 8, 0xfd }, { 24, 4, 0xf7 }, { 28, 4, 0xf7 },
		{ 31, 1, 0xf7 }, { 15, 1, 0xfd }, { 14, 4, 0xf9 }, { 12, 8, 0xf9 },
		{ 1, 8, 0xfc }, { 16, 16, 0xf3 }, { 15, 17, 0xf1 }, { 56, 8, 0x7f },
	};
	static const struct written narrow[] = {
		{ 0, 4, 0xfe }, { 4, 4, 0xfd }, { 8, 8, 0xf3 }, { 6, 4, 0xf9 },
		{ 3, 2, 0xfc }, { 7, 1, 0xfd }, { 4, 16, 0xe1 }, { 28, 4, 0x7f },
	};
	(void)state;

	for (unsigned i = 0; i < ARRAY_SIZE(wide); i++) {
		check_written(rig_4level, 8, &wide[i]);
		check_written(rig_pae, 8, &wide[i]);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(narrow); i++)
		check_written(rig_32bit, 4, &narrow[i]);
}

/* 1024 entries of 4 bytes: the one written, in the half it lies in and not in the other. */
static void test_a_write_drops_in_its_own_half(void **state)
{
	(void)state;
	for (unsigned half = 0; half < 2; half++) {
		struct rig *r = rig_32bit(SHADOW_PROTECT);
		const uint64_t low = 3 * SIZE_4M + 7 * PAGE_SIZE, high = low + SIZE_2M;

		put32(r, PT + 7 * 4, DATA | PWU);
		put32(r, PT + (7 + 512) * 4, OTHER | PWU);
		assert_reads(r, low);
		assert_reads(r, high);
		write32(r, PT + (7 + half * 512) * 4, 0);
		assert_int_equal(present(r, low), half);
		assert_int_equal(present(r, high), !half);
		rig_free(r);
	}
}

/* A directory's entry of 4 bytes is two of ours, in the quarter it lies in. */
static void test_a_directory_write_drops_both_halves_in_its_own_quarter(void **state)
{
	(void)state;
	for (unsigned written = 0; written < 4; written++) {
		struct rig *r = rig_32bit(SHADOW_PROTECT);

		for (unsigned q = 0; q < 4; q++) {
			put32(r, PD + (3 + q * 256) * 4, LARGE | PWU | PTE_PS);
			assert_reads(r, q * SIZE_1G + 3 * SIZE_4M);
			assert_reads(r, q * SIZE_1G + 3 * SIZE_4M + SIZE_2M);
		}
		write32(r, PD + (3 + written * 256) * 4, 0);
		for (unsigned q = 0; q < 4; q++) {
			uint64_t va = q * SIZE_1G + 3 * SIZE_4M;

			assert_int_equal(present(r, va), q != written);
			assert_int_equal(present(r, va + SIZE_2M), q != written);
		}
		rig_free(r);
	}
}

/* Each level's tables are read-only in every mapping, old ones and new ones. */
static void test_tables_are_read_only_in_all_mappings(void **state)
{
	static const uint64_t tables[] = { PML4, PDPT, PD, PT };
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	/* Mapped and written before PT2 is a table, by two addresses. */
	put64(r, PT + 10 * 8, PT2 | PWU);
	put64(r, PT + 11 * 8, PT2 | PWU);
	assert_writes(r, r->va + 6 * PAGE_SIZE);
	assert_writes(r, r->va + 7 * PAGE_SIZE);
	put64(r, PT2, DATA | PWU);
	write64(r, PDE2_AT, PT2 | PWU);
	r->s.flush = false;
	assert_reads(r, VA2 - 4 * PAGE_SIZE);
	assert_true(r->s.flush);
	assert_false(writable(r, r->va + 6 * PAGE_SIZE));
	assert_false(writable(r, r->va + 7 * PAGE_SIZE));
	assert_int_equal(touch(r, r->va + 7 * PAGE_SIZE, ACCESS_WRITE), EMULATED);
	assert_int_equal(r->s.written, PT2 >> PAGE_SHIFT);
	for (unsigned i = 0; i < ARRAY_SIZE(tables); i++) {
		write64(r, PTE_AT, tables[i] | PWUAD);
		assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
		assert_int_equal(r->s.written, tables[i] >> PAGE_SHIFT);
		assert_reads(r, r->va);
		assert_false(writable(r, r->va));
	}
	rig_free(r);
}

/* Written again and again, used never: it is a table no more, and its frame is free. */
static void test_a_flooded_table_is_given_up(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PT + 10 * 8, PT | PWUAD);
	assert_reads(r, r->va);
	for (unsigned i = 0; i < SHADOW_FLOOD; i++) {
		write64(r, PT + 20 * 8, i);
		assert_true(present(r, r->va));
	}
	write64(r, PT + 20 * 8, 0);
	assert_int_equal(r->s.counts.floods, 1);
	assert_false(present(r, r->va));
	assert_false(frame_of(r, PT)->tracked);
	assert_int_equal(frame_of(r, PT)->tables, 0);
	assert_reads(r, r->va);
	assert_true(frame_of(r, PT)->tracked);
	rig_free(r);
}

/* Given up once, it begins anew: its next writes are counted from none. */
static void test_a_table_that_comes_back_is_not_flooded_yet(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	assert_reads(r, r->va);
	for (unsigned i = 0; i <= SHADOW_FLOOD; i++)
		write64(r, PT + 20 * 8, i);
	assert_int_equal(r->s.counts.floods, 1);
	assert_reads(r, r->va);
	for (unsigned i = 0; i < SHADOW_FLOOD; i++)
		write64(r, PT + 20 * 8, i);
	assert_int_equal(r->s.counts.floods, 1);
	assert_true(present(r, r->va));
	rig_free(r);
}

/* Faults in one table after the other, or in one: between its writes each is used. */
static void test_a_table_in_use_is_no_flood(void **state)
{
	(void)state;
	for (unsigned tables = 1; tables <= 2; tables++) {
		struct rig *r = rig_4level(SHADOW_PROTECT);

		put64(r, PDE2_AT, PT2 | PWU);
		for (unsigned i = 0; i < 3 * tables * SHADOW_FLOOD; i++) {
			uint64_t va = i % tables ? VA2 : r->va;

			write64(r, (i % tables ? PT2 : PT) + 4 * 8, DATA | PWU);
			assert_false(present(r, va));
			assert_reads(r, va);
		}
		assert_in_range(r->s.counts.written, 2 * tables * SHADOW_FLOOD, UINT64_MAX);
		assert_int_equal(r->s.counts.floods, 0);
		rig_free(r);
	}
}

/* The root's table is written as often as it likes. */
static void test_the_root_is_not_given_up_for_a_flood(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	assert_reads(r, r->va);
	for (unsigned i = 0; i < 3 * SHADOW_FLOOD; i++)
		write64(r, PML4 + 100 * 8, i);
	assert_int_equal(r->s.counts.floods, 0);
	assert_true(present(r, r->va));
	shadow_give_up(&r->s, gpa(PML4));
	assert_true(present(r, r->va));
	assert_int_not_equal(r->s.root, 0);
	rig_free(r);
}

static void test_a_table_given_up_may_be_written(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PT + 10 * 8, PT2 | PWUAD);
	put64(r, PT2 + 4 * 8, DATA | PWUAD);
	put64(r, PDE2_AT, PT2 | PWU);
	assert_reads(r, VA2);
	assert_int_equal(touch(r, r->va + 6 * PAGE_SIZE, ACCESS_WRITE), EMULATED);
	r->s.flush = false;
	shadow_give_up(&r->s, gpa(PT2));
	assert_true(r->s.flush);
	assert_writes(r, r->va + 6 * PAGE_SIZE);
	assert_false(present(r, VA2));
	shadow_give_up(&r->s, gpa(OUTSIDE));
	shadow_give_up(&r->s, gpa(UINT64_MAX));
	shadow_write(&r->s, gpa(BIT(44)), 8);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_write_drops_the_entries_it_touches),
		cmocka_unit_test(test_a_write_drops_in_its_own_half),
		cmocka_unit_test(test_a_directory_write_drops_both_halves_in_its_own_quarter),
		cmocka_unit_test(test_tables_are_read_only_in_all_mappings),
		cmocka_unit_test(test_a_flooded_table_is_given_up),
		cmocka_unit_test(test_a_table_that_comes_back_is_not_flooded_yet),
		cmocka_unit_test(test_a_table_in_use_is_no_flood),
		cmocka_unit_test(test_the_root_is_not_given_up_for_a_flood),
		cmocka_unit_test(test_a_table_given_up_may_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
