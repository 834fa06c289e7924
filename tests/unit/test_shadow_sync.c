/* How the shadow follows the guest's tables: emulated writes, tables out of step, flushes. */
#include "shadow_fixture.h"

#define OTHER	0x7000ul
#define PT2	0x8000ul
#define VA2	(VA_4LEVEL + SIZE_2M)	/* the next entry of the directory */
#define PDE2_AT	(PDE_AT + 8)

/*
 * What is linked at a place where nothing was is walked afresh: absent entries are not
 * cached, no flush is due. SDM 3A "Optional Invalidation" 4.10.4.3.
 */
static void a_table_out_of_step_is_brought_back_before_it_is_linked_again(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	put64(r, PT + 5 * 8, PT | PWU);
	assert_writes(r, r->va);
	assert_writes(r, r->va + PAGE_SIZE);	/* lets the table go */
	put64(r, PTE_AT, OTHER | PWUAD);
	write64(r, PDE2_AT, PT | PWU);
	assert_reads(r, VA2 + PAGE_SIZE);
	assert_reads(r, VA2);
	assert_int_equal(maps_to(r, VA2), OTHER);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_out_of_step_is_brought_back_before_it_is_linked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
