/*
 * A lowest table may go out of step with the guest's until the next flush, and then comes
 * back; what no flush is due for is never old.
 */
#include "shadow_fixture.h"

#define OTHER	0x7000ul
#define PT2	0x8000ul
#define VA2	(VA_4LEVEL + SIZE_2M)	/* the next entry of the directory */
#define PDE2_AT	(PDE_AT + 8)
#define PD2	0x9000ul

/* Maps its own table at index 5 and lets it go. */
static struct rig *out_of_step(void)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);

	put64(r, PT + 5 * 8, PT | PWU);
	assert_writes(r, r->va);
	assert_writes(r, r->va + PAGE_SIZE);
	assert_true(writable(r, r->va + PAGE_SIZE));
	assert_int_equal(r->s.counts.unsynced, 1);
	assert_false(frame_of(r, PT)->tracked);
	return r;
}

static void test_only_lowest_tables_go_out_of_step(void **state)
{
	static const uint64_t upper[] = { PML4, PDPT, PD };
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	for (unsigned i = 0; i < ARRAY_SIZE(upper); i++) {
		put64(r, PT + (10 + i) * 8, upper[i] | PWUAD);
		assert_int_equal(touch(r, r->va + (6 + i) * PAGE_SIZE, ACCESS_WRITE), EMULATED);
		assert_true(frame_of(r, upper[i])->tracked);
	}
	assert_int_equal(r->s.counts.unsynced, 0);
	rig_free(r);
}

/* Until then the old entry serves, as a TLB's does; after it the new one, read-only again. */
static void test_invlpg_brings_one_entry_back_and_a_flush_all(void **state)
{
	struct rig *r = out_of_step();
	(void)state;

	put64(r, PT + 6 * 8, DATA | PWUAD);
	assert_reads(r, r->va + 2 * PAGE_SIZE);
	put64(r, PTE_AT, OTHER | PWUAD);
	put64(r, PT + 6 * 8, OTHER | PWUAD);
	assert_int_equal(maps_to(r, r->va), DATA);
	r->s.flush = false;
	assert_true(shadow_invlpg(&r->s, gva(r->va + 0x678)));
	assert_false(r->s.flush);
	assert_int_equal(maps_to(r, r->va), OTHER);
	assert_int_equal(maps_to(r, r->va + 2 * PAGE_SIZE), DATA);
	shadow_sync_all(&r->s);
	assert_true(r->s.flush);
	assert_int_equal(maps_to(r, r->va + 2 * PAGE_SIZE), OTHER);
	assert_false(writable(r, r->va + PAGE_SIZE));
	assert_true(frame_of(r, PT)->tracked);
	assert_int_equal(r->s.unsynced, 0);
	rig_free(r);
}

/* What the entry calls for now decides; what only a fault can decide is dropped. */
static void test_what_an_entry_becomes_when_brought_back(void **state)
{
	static const struct {
		uint64_t entry;
		bool present, write, user, nx;
	} cases[] = {
		{ OTHER | PWUAD, true, true, true, false },
		{ OTHER | PWU | PTE_A, true, false, true, false },
		{ OTHER | PTE_P | PTE_A | PTE_D, true, false, false, false },
		{ OTHER | PWUAD | PTE_NX, true, true, true, true },
		{ OTHER | PWU | PTE_D, false, false, false, false },
		{ OTHER | PWUAD | BIT(45), false, false, false, false },
		{ OTHER | (PWUAD & ~PTE_P), false, false, false, false },
		{ OUTSIDE | PWUAD, false, false, false, false },
		{ BIT(39) | OTHER | PWUAD, false, false, false, false },
		{ ROM_BASE | PWUAD, true, false, true, false },
		{ PD | PWUAD, true, false, true, false },
		{ PT | PWUAD, true, false, true, false },
	};
	(void)state;

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig *r = out_of_step();
		struct hw h;

		put64(r, PTE_AT, cases[i].entry);
		shadow_sync_all(&r->s);
		h = hw_walk(r, r->va);
		assert_int_equal(h.present, cases[i].present);
		if (h.present) {
			assert_int_equal(h.write, cases[i].write);
			assert_int_equal(h.user, cases[i].user);
			assert_int_equal(h.nx, cases[i].nx);
			assert_int_equal(maps_to(r, r->va), cases[i].entry & PTE_ADDR);
		}
		rig_free(r);
	}
}

/* What is reserved in one format or without NXE, brought back, is a fault to come. */
static void test_reserved_bits_count_when_an_entry_is_brought_back(void **state)
{
	(void)state;
	for (unsigned bit = 52; bit < 64; bit++) {
		struct rig *r = rig_pae(SHADOW_UNSYNC);

		if (bit == 63)
			r->mode.efer &= ~EFER_NXE;
		rig_root(r);
		put64(r, PT + 5 * 8, PT | PWU);
		assert_writes(r, r->va);
		assert_writes(r, r->va + PAGE_SIZE);
		put64(r, PTE_AT, OTHER | PWUAD | BIT(bit));
		shadow_sync_all(&r->s);
		assert_false(present(r, r->va));
		assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_RSVD);
		rig_free(r);
	}
}

/* A frame out of step is used by a second mapping with other rights: both come back. */
static void test_a_second_role_joins_a_frame_out_of_step(void **state)
{
	struct rig *r = out_of_step();
	(void)state;

	write64(r, PDE2_AT, PT | PTE_P);
	assert_reads(r, VA2);
	assert_false(frame_of(r, PT)->tracked);
	assert_false(hw_walk(r, VA2).user);
	put64(r, PTE_AT, OTHER | PWUAD);
	shadow_sync_all(&r->s);
	assert_int_equal(maps_to(r, VA2), OTHER);
	assert_int_equal(maps_to(r, r->va), OTHER);
	assert_int_equal(r->s.counts.resynced, 2);
	rig_free(r);
}

/* The same frame as an upper table: those are always in step, so it is brought back first. */
static void test_a_frame_out_of_step_becomes_an_upper_table(void **state)
{
	struct rig *r = out_of_step();
	const uint64_t va = (3ul << 39) | (4ul << 30);
	(void)state;

	put64(r, PTE_AT, PD2 | PWUAD);		/* as a PDPT: its entry 4 */
	put64(r, PD2, PT2 | PWUAD);
	put64(r, PT2, DATA | PWUAD);
	write64(r, PML4 + 3 * 8, PT | PWU);
	assert_reads(r, va);
	assert_true(frame_of(r, PT)->tracked);
	assert_int_equal(r->s.unsynced, 0);
	assert_false(writable(r, r->va + PAGE_SIZE));
	assert_int_equal(maps_to(r, r->va), PD2);
	rig_free(r);
}

/*
 * What is linked at a place where nothing was is walked afresh: absent entries are not
 * cached, no flush is due. SDM 3A "Optional Invalidation" 4.10.4.3.
 */
static void test_a_table_out_of_step_comes_back_before_it_is_linked_again(void **state)
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

/* The same by INVLPG of a place from which the link is gone, and by a page taken back. */
static void test_invlpg_while_the_link_is_gone_is_not_lost(void **state)
{
	struct rig *r = out_of_step();
	(void)state;

	put64(r, PTE_AT, OTHER | PWUAD);
	write64(r, PDE_AT, 0);
	(void)shadow_invlpg(&r->s, gva(r->va));
	write64(r, PDE_AT, PT | PWU);
	assert_reads(r, r->va + PAGE_SIZE);
	assert_reads(r, r->va);
	assert_int_equal(maps_to(r, r->va), OTHER);
	rig_free(r);
}

/* Linked further up, with the table below a page that was there already. */
static void test_a_table_out_of_step_below_what_is_linked_comes_back(void **state)
{
	struct rig *r = out_of_step();
	const uint64_t va = r->va + SIZE_1G;
	(void)state;

	put64(r, PTE_AT, OTHER | PWUAD);
	write64(r, PDPTE_AT + 8, PD | PWU);
	assert_reads(r, va + PAGE_SIZE);
	assert_reads(r, va);
	assert_int_equal(maps_to(r, va), OTHER);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_lowest_tables_go_out_of_step),
		cmocka_unit_test(test_invlpg_brings_one_entry_back_and_a_flush_all),
		cmocka_unit_test(test_what_an_entry_becomes_when_brought_back),
		cmocka_unit_test(test_reserved_bits_count_when_an_entry_is_brought_back),
		cmocka_unit_test(test_a_second_role_joins_a_frame_out_of_step),
		cmocka_unit_test(test_a_frame_out_of_step_becomes_an_upper_table),
		cmocka_unit_test(test_a_table_out_of_step_comes_back_before_it_is_linked_again),
		cmocka_unit_test(test_invlpg_while_the_link_is_gone_is_not_lost),
		cmocka_unit_test(test_a_table_out_of_step_below_what_is_linked_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
