/* Large pages of the guest in the shadow: in one leaf where they can be, in pieces where not. */
#include "shadow_fixture.h"

#define LARGE		0x400000ul	/* a page of 2 MiB without tables */
#define LARGE_AT	(PD + 6 * 8)
#define VA_LARGE	((VA_4LEVEL & ~(SIZE_1G - 1)) + 6 * SIZE_2M)

/* A table that the very walk for a large page makes known is in the way of a large leaf. */
static void a_table_met_on_the_way_is_not_under_the_large_leaf(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PDPTE_AT, (LARGE + 0x3000) | PWU);
	put64(r, LARGE + 0x3000 + 6 * 8, LARGE | PWUAD | PTE_PS);
	assert_writes(r, VA_LARGE);
	assert_int_equal(hw_walk(r, VA_LARGE).level, 0);
	assert_false(writable(r, VA_LARGE + 0x3000));
	assert_int_equal(touch(r, VA_LARGE + 0x3000, ACCESS_WRITE), EMULATED);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_met_on_the_way_is_not_under_the_large_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
