/* The protection keys of large pages, whose pieces have them, and keys in the picture. */
#include "shadow_keys.h"

/* Its pieces: all have the key, whichever is made first. */
static void test_pieces_of_a_large_page_have_its_key(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_PROTECT), 0);
	(void)state;

	/* Tables lie in the first 2 MiB, so that no leaf of 2 MiB will do. */
	put64(r, PDE_AT, 0 | PWUAD | PTE_PS | KEYED(KEY));
	assert_reads(r, r->va);
	assert_reads(r, r->va + 8 * PAGE_SIZE);
	assert_int_equal(hw_walk(r, r->va).level, 0);
	assert_int_equal(key_of(r, r->va), KEY);
	assert_int_equal(key_of(r, r->va + 8 * PAGE_SIZE), KEY);
	rig_free(r);
}

static void test_a_large_leaf_has_the_key(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_PROTECT), 0);
	(void)state;

	put64(r, PDE_AT, LARGE | PWUAD | PTE_PS | KEYED(KEY));
	assert_reads(r, r->va);
	assert_int_equal(hw_walk(r, r->va).level, 1);
	assert_int_equal(key_of(r, r->va), KEY);
	rig_free(r);
}

/* The 2 MiB pieces of 1 GiB. */
static void test_a_page_of_1g_has_its_key_in_every_piece(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_PROTECT), 0);
	uint64_t base = r->va & ~(SIZE_1G - 1);
	(void)state;

	put64(r, PDPTE_AT, 0 | PWUAD | PTE_PS | KEYED(KEY));
	assert_reads(r, base + LARGE);
	assert_int_equal(hw_walk(r, base + LARGE).level, 1);
	assert_int_equal(key_of(r, base + LARGE), KEY);
	assert_reads(r, base + DATA);
	assert_int_equal(hw_walk(r, base + DATA).level, 0);
	assert_int_equal(key_of(r, base + DATA), KEY);
	rig_free(r);
}

/* Two large pages on the same memory, alike but for the key: each its own pieces. */
static void test_large_pages_of_other_keys_share_no_piece(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(policies); i++) {
		struct rig *r = keyed(rig_4level(policies[i]), 0);

		put64(r, PDE_AT, 0 | PWUAD | PTE_PS | KEYED(KEY));
		put64(r, PDE_AT + 8, 0 | PWUAD | PTE_PS | KEYED(KEY2));
		assert_reads(r, r->va);
		assert_reads(r, ALIAS);
		assert_int_equal(maps_to(r, ALIAS), maps_to(r, r->va));
		assert_int_equal(key_of(r, r->va), KEY);
		assert_int_equal(key_of(r, ALIAS), KEY2);
		/* A leaf of one that is made later stays out of the other. */
		r->mode.pkru = AD(KEY);
		assert_reads(r, ALIAS + PAGE_SIZE);
		assert_faults(r, r->va + PAGE_SIZE, ACCESS_READ, PFEC_P | PFEC_PK);
		rig_free(r);
	}
}

/* A large page's pieces are as little turned, and are not those made before CR4.PKE. */
static void test_without_wp_pieces_are_never_turned(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_PROTECT), KEY);
	(void)state;

	put64(r, PDE_AT, 0 | PTE_P | PTE_U | PTE_A | PTE_D | PTE_PS | KEYED(KEY));
	r->mode.cr4 &= ~CR4_PKE;
	without_wp(r);
	assert_writes(r, r->va + 8 * PAGE_SIZE);
	assert_false(hw_walk(r, r->va + 8 * PAGE_SIZE).user);
	r->mode.cr4 |= CR4_PKE;
	r->mode.pkru = AD(KEY);
	rig_root(r);
	assert_faults(r, r->va + 8 * PAGE_SIZE, ACCESS_READ, PFEC_P | PFEC_PK);
	r->mode.pkru = 0;
	assert_int_equal(touch(r, r->va + 8 * PAGE_SIZE, ACCESS_WRITE), EMULATED);
	rig_free(r);
}

/* ---- the picture ---- */

static void test_the_picture_tells_of_an_old_key(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_FLUSH), KEY);
	(void)state;

	assert_writes(r, r->va);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_SAME);
	put64(r, PTE_AT, DATA | PWUAD | KEYED(KEY2));
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_STALE);
	put64(r, PTE_AT, DATA | PWUAD);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_STALE);
	rig_free(r);
}

/* What the tables say, whatever PKRU refuses now. */
static void test_the_picture_asks_for_no_right(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_UNSYNC), KEY);
	(void)state;

	assert_writes(r, r->va);
	r->mode.pkru = UINT32_MAX;
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

/* Turned to the supervisor by CR0.WP, or just old: with another key it is old. */
static void test_the_picture_of_a_turned_page_asks_for_the_key(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_FLUSH), KEY);
	(void)state;

	put64(r, PTE_AT, DATA | PTE_P | PTE_U | PTE_A | PTE_D | KEYED(KEY));
	r->mode.cr4 &= ~CR4_PKE;
	without_wp(r);
	assert_writes(r, r->va);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_WP);
	put64(r, PTE_AT, DATA | PTE_P | PTE_U | PTE_A | PTE_D | KEYED(KEY2));
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_STALE);
	rig_free(r);
}

static void test_the_picture_shows_pieces_with_their_key(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_PROTECT), 0);
	(void)state;

	put64(r, PDE_AT, 0 | PWUAD | PTE_PS | KEYED(KEY));
	assert_reads(r, r->va + 0x100 * PAGE_SIZE);
	picture(r, r->va + 0x100 * PAGE_SIZE);
	assert_why(1, SHADOW_WHY_SPLIT);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_of_a_large_page_have_its_key),
		cmocka_unit_test(test_a_large_leaf_has_the_key),
		cmocka_unit_test(test_a_page_of_1g_has_its_key_in_every_piece),
		cmocka_unit_test(test_large_pages_of_other_keys_share_no_piece),
		cmocka_unit_test(test_without_wp_pieces_are_never_turned),
		cmocka_unit_test(test_the_picture_tells_of_an_old_key),
		cmocka_unit_test(test_the_picture_asks_for_no_right),
		cmocka_unit_test(test_the_picture_of_a_turned_page_asks_for_the_key),
		cmocka_unit_test(test_the_picture_shows_pieces_with_their_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
