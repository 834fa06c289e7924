/* One page that the guest must not write, by whatever way the hardware is led to it. */
#include "shadow_fixture.h"

#define LARGE		0x400000ul	/* a page of 2 MiB without tables */
#define PDE_ALIAS_AT	(PD + 7 * 8)
#define VA_ALIAS	(VA_PAE + 4 * SIZE_2M)	/* the same table, linked again */
#define VA_BESIDE	(VA_PAE + PAGE_SIZE)
#define PTE_BESIDE_AT	(PTE_AT + 8)
#define BESIDE		0x7000ul
#define PD_OTHER	0x8000ul
#define PT_OTHER	0x9000ul
#define CR3_OTHER	0xa000ul

/* As before each entry into the guest. */
static void enter(struct rig *r)
{
	if (r->s.guard_due)
		shadow_guard_check(&r->s);
	assert_false(r->s.guard_due);
}

/* The guest tries until the hardware lets it, or software must do it. */
static enum end guest(struct rig *r, uint64_t va, unsigned access)
{
	for (unsigned i = 0; i < FAULTS_MAX; i++) {
		uint32_t error, own;

		enter(r);
		if (!hw_refuses(r, va, access, &error))
			return PASSES;
		switch (shadow_fault(&r->s, &r->mode, gva(va), access, error, &own)) {
		case SHADOW_GUEST:
			return FAULTS;
		case SHADOW_EMULATE:
			enter(r);
			return EMULATED;
		case SHADOW_DONE:
			break;
		}
	}
	return LOOPS;
}

#define assert_guest(r, va, access, end) \
	assert_int_equal(guest(r, va, access), end)

static struct rig *rig_guarded(enum shadow_sync sync)
{
	struct rig *r = rig_pae(sync);

	put64(r, PTE_BESIDE_AT, BESIDE | PWU);
	shadow_guard(&r->s, gva(r->va + 0xfff));
	return r;
}

/* A write there is software's, a read is not, and no other page is any slower. */
static void test_the_guarded_page_alone_is_read_only(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_guest(r, VA_PAE, ACCESS_WRITE, EMULATED);
	assert_guest(r, VA_PAE, ACCESS_WRITE | ACCESS_USER, EMULATED);
	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_guest(r, VA_BESIDE, ACCESS_WRITE, PASSES);
	assert_int_equal(maps_to(r, VA_PAE), DATA);
	rig_free(r);
}

/* What was writable before is so no more, and the hardware must forget that it was. */
static void test_a_guard_takes_what_was_there(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	shadow_unguard(&r->s);
	assert_guest(r, VA_PAE, ACCESS_WRITE, PASSES);
	r->s.flush = false;
	shadow_guard(&r->s, gva(VA_PAE));
	enter(r);
	assert_false(writable(r, VA_PAE));
	assert_true(present(r, VA_PAE));
	assert_true(r->s.flush);
	rig_free(r);
}

/* Read-only already, but the hardware may remember the entry from before. */
static void test_a_guard_asks_for_a_flush(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	shadow_unguard(&r->s);
	r->s.flush = false;
	shadow_guard(&r->s, gva(VA_PAE));
	enter(r);
	assert_true(r->s.flush);
	rig_free(r);
}

/* A guard set anew on the same address asks for nothing. */
static void test_the_same_guard_again_is_nothing(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	r->s.flush = false;
	shadow_guard(&r->s, gva(VA_PAE + 0xfff));
	assert_false(r->s.guard_due);
	assert_false(r->s.flush);
	rig_free(r);
}

/* Gone, or moved: the page is as any other, and the new one is not. */
static void test_a_guard_moves_and_goes(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	assert_guest(r, VA_PAE, ACCESS_WRITE, EMULATED);
	assert_guest(r, VA_BESIDE, ACCESS_WRITE, PASSES);
	shadow_guard(&r->s, gva(VA_BESIDE));
	assert_guest(r, VA_PAE, ACCESS_WRITE, PASSES);
	assert_guest(r, VA_BESIDE, ACCESS_WRITE, EMULATED);
	shadow_unguard(&r->s);
	assert_guest(r, VA_BESIDE, ACCESS_WRITE, PASSES);
	rig_free(r);
}

/*
 * A table linked at two places has one entry for both addresses: each write to the
 * other one is software's too, or the two would undo each other for ever.
 */
static void test_an_alias_through_a_shared_table(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	put64(r, PDE_ALIAS_AT, PT | PWU);
	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_guest(r, VA_ALIAS, ACCESS_READ, PASSES);
	assert_ptr_equal(hw_walk(r, VA_PAE).slot[0], hw_walk(r, VA_ALIAS).slot[0]);
	for (unsigned i = 0; i < 3; i++) {
		assert_guest(r, VA_ALIAS, ACCESS_WRITE, EMULATED);
		assert_false(writable(r, VA_PAE));
	}
	rig_free(r);
}

/* Another table's entry for the same frame is another page: it may be written. */
static void test_an_alias_through_another_table(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	put64(r, PDE_ALIAS_AT, PT_OTHER | PWU);
	put64(r, PT_OTHER + (PTE_AT - PT), DATA | PWU);
	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_guest(r, VA_ALIAS, ACCESS_WRITE, PASSES);
	assert_false(writable(r, VA_PAE));
	rig_free(r);
}

/* The entry is written by its alias first; only then comes the way to the guarded one. */
static void test_a_link_made_later(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	put64(r, PDE_ALIAS_AT, PT | PWU);
	assert_guest(r, VA_ALIAS, ACCESS_WRITE, PASSES);
	assert_false(present(r, VA_PAE));
	/* By a neighbour: the guarded address itself has not been touched. */
	assert_guest(r, VA_BESIDE, ACCESS_READ, PASSES);
	enter(r);
	assert_true(present(r, VA_PAE));
	assert_false(writable(r, VA_PAE));
	assert_guest(r, VA_ALIAS, ACCESS_WRITE, EMULATED);
	assert_guest(r, VA_PAE, ACCESS_WRITE, EMULATED);
	rig_free(r);
}

/* What the guard does is for the root in use; a new one is looked at before it serves. */
static void test_another_root(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	const struct walk_mode first = r->mode;
	(void)state;

	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	put64(r, PD_OTHER + 3 * 8, PT_OTHER | PWU);
	put64(r, PT_OTHER + (PTE_AT - PT), DATA | PWU);
	r->mode.cr3 = CR3_OTHER;
	r->mode.pdpte[2] = PD_OTHER | PTE_P;
	shadow_unguard(&r->s);
	rig_root(r);
	assert_guest(r, VA_PAE, ACCESS_WRITE, PASSES);
	r->mode = first;
	rig_root(r);
	shadow_guard(&r->s, gva(VA_PAE));
	enter(r);
	r->mode.cr3 = CR3_OTHER;
	r->mode.pdpte[2] = PD_OTHER | PTE_P;
	r->root = shadow_root_switch(&r->s, &r->mode);
	enter(r);
	assert_false(writable(r, VA_PAE));
	assert_guest(r, VA_PAE, ACCESS_WRITE, EMULATED);
	rig_free(r);
}

/* A table that went out of step comes back as the guest's rights have it: W, but not here. */
static void test_a_table_brought_back_in_step(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	const uint64_t va_table = VA_PAE + 2 * PAGE_SIZE;
	(void)state;

	put64(r, PTE_AT + 16, PT | PWU);
	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_guest(r, va_table, ACCESS_WRITE, PASSES);
	put64(r, PTE_AT, BESIDE | PWUAD);
	shadow_sync_all(&r->s);
	assert_int_equal(maps_to(r, VA_PAE), BESIDE);
	enter(r);
	assert_false(writable(r, VA_PAE));
	assert_guest(r, VA_PAE, ACCESS_WRITE, EMULATED);
	rig_free(r);
}

/* INVLPG brings one entry back by itself. */
static void test_an_entry_brought_back_in_step(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	put64(r, PTE_AT + 16, PT | PWU);
	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_guest(r, VA_PAE + 2 * PAGE_SIZE, ACCESS_WRITE, PASSES);
	put64(r, PTE_AT, BESIDE | PWUAD);
	(void)shadow_invlpg(&r->s, gva(VA_PAE));
	assert_int_equal(maps_to(r, VA_PAE), BESIDE);
	enter(r);
	assert_false(writable(r, VA_PAE));
	rig_free(r);
}

/* Without paging too: of 2 MiB in one leaf a page of 4 KiB is left, the rest stays free. */
/* INVLPG out of step looks for the guarded entry only where it brings back that one. */
static void test_another_entry_brought_back_is_not_asked(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	put64(r, PTE_AT + 16, PT | PWU);
	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_guest(r, VA_BESIDE, ACCESS_READ, PASSES);
	assert_guest(r, VA_PAE + 2 * PAGE_SIZE, ACCESS_WRITE, PASSES);
	enter(r);
	assert_true(shadow_invlpg(&r->s, gva(VA_BESIDE)));
	assert_false(r->s.guard_due);
	assert_true(shadow_invlpg(&r->s, gva(VA_PAE)));
	assert_true(r->s.guard_due);
	rig_free(r);
}

static void test_a_large_leaf_is_split(void **state)
{
	struct rig *r = rig_unpaged(SHADOW_UNSYNC);
	(void)state;

	assert_guest(r, LARGE, ACCESS_WRITE, PASSES);
	assert_int_equal(hw_walk(r, LARGE).level, 1);
	r->s.flush = false;
	shadow_guard(&r->s, gva(LARGE + 5 * PAGE_SIZE));
	enter(r);
	assert_true(r->s.flush);
	assert_false(writable(r, LARGE + 5 * PAGE_SIZE));
	assert_guest(r, LARGE + 5 * PAGE_SIZE, ACCESS_WRITE, EMULATED);
	assert_guest(r, LARGE, ACCESS_WRITE, PASSES);
	assert_int_equal(hw_walk(r, LARGE).level, 0);
	assert_false(writable(r, LARGE + 5 * PAGE_SIZE));
	assert_guest(r, LARGE + SIZE_2M, ACCESS_WRITE, PASSES);
	assert_int_equal(hw_walk(r, LARGE + SIZE_2M).level, 1);
	rig_free(r);
}

/* A directory linked at two places: neither address may make the shared entry large. */
static void test_a_large_alias_does_not_loop(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	const uint64_t alias = VA_PAE - SIZE_1G;
	(void)state;

	put64(r, PDE_AT, LARGE | PWU | PTE_PS);
	r->mode.pdpte[1] = PD | PTE_P;
	rig_root(r);
	assert_guest(r, alias, ACCESS_WRITE, PASSES);
	assert_int_equal(hw_walk(r, alias).level, 1);
	assert_guest(r, VA_PAE, ACCESS_READ, PASSES);
	assert_int_equal(hw_walk(r, VA_PAE).level, 0);
	assert_guest(r, alias, ACCESS_WRITE, EMULATED);
	assert_guest(r, alias + PAGE_SIZE, ACCESS_WRITE, PASSES);
	assert_false(writable(r, VA_PAE));
	rig_free(r);
}

/* Outside long mode linear addresses have 32 bits; a base left from it has more. */
static void test_a_guard_outside_long_mode_has_32_bits(void **state)
{
	struct rig *r = rig_guarded(SHADOW_UNSYNC);
	(void)state;

	shadow_unguard(&r->s);
	assert_guest(r, VA_PAE, ACCESS_WRITE, PASSES);
	shadow_guard(&r->s, gva(SIZE_4G + VA_PAE));
	assert_guest(r, VA_PAE, ACCESS_WRITE, EMULATED);
	rig_free(r);
}

/* 32-bit tables, long mode, and the shadow that is dropped at each flush. */
static void test_every_format_and_policy(void **state)
{
	struct rig *(*const make[])(enum shadow_sync) = {
		rig_32bit, rig_pae, rig_4level, rig_5level };
	(void)state;

	for (unsigned i = 0; i < ARRAY_SIZE(make); i++)
		for (enum shadow_sync sync = SHADOW_UNSYNC; sync <= SHADOW_FLUSH; sync++) {
			struct rig *r = make[i](sync);

			assert_guest(r, r->va, ACCESS_WRITE, PASSES);
			shadow_guard(&r->s, gva(r->va));
			assert_guest(r, r->va, ACCESS_WRITE, EMULATED);
			shadow_sync_all(&r->s);
			rig_root(r);
			assert_guest(r, r->va, ACCESS_READ, PASSES);
			assert_guest(r, r->va, ACCESS_WRITE, EMULATED);
			rig_free(r);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_guarded_page_alone_is_read_only),
		cmocka_unit_test(test_a_guard_takes_what_was_there),
		cmocka_unit_test(test_a_guard_asks_for_a_flush),
		cmocka_unit_test(test_the_same_guard_again_is_nothing),
		cmocka_unit_test(test_a_guard_moves_and_goes),
		cmocka_unit_test(test_an_alias_through_a_shared_table),
		cmocka_unit_test(test_an_alias_through_another_table),
		cmocka_unit_test(test_a_link_made_later),
		cmocka_unit_test(test_another_root),
		cmocka_unit_test(test_a_table_brought_back_in_step),
		cmocka_unit_test(test_an_entry_brought_back_in_step),
		cmocka_unit_test(test_another_entry_brought_back_is_not_asked),
		cmocka_unit_test(test_a_large_leaf_is_split),
		cmocka_unit_test(test_a_large_alias_does_not_loop),
		cmocka_unit_test(test_a_guard_outside_long_mode_has_32_bits),
		cmocka_unit_test(test_every_format_and_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
