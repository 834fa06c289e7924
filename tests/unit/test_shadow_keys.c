/*
 * Protection keys in the shadow: the leaf has the guest's, the hardware asks the guest's own
 * PKRU, and what CR0.WP would decide is left to software. SDM 3A "Protection Keys" 4.6.2.
 */
#include "shadow_keys.h"

static void test_the_leaf_has_the_key(void **state)
{
	(void)state;
	for (unsigned key = 0; key < 16; key++) {
		struct rig *r = keyed(key & 1 ? rig_4level(policies[key % 3]) :
				      rig_5level(policies[key % 3]), key);

		/* Only the entry that maps the page counts. */
		put64(r, PDE_AT, PT | PWU | KEYED(~key & 15));
		assert_reads(r, r->va);
		assert_int_equal(key_of(r, r->va), key);
		rig_free(r);
	}
}

/* Without CR4.PKE the bits are ignored, and CR4.PKE comes without a fault. */
static void test_pke_counts_without_another_fill(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_PROTECT), KEY);
	(void)state;

	r->mode.cr4 &= ~CR4_PKE;
	r->mode.pkru = UINT32_MAX;
	rig_root(r);
	assert_writes(r, r->va);
	r->mode.cr4 |= CR4_PKE;
	rig_root(r);
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_PK);
	r->mode.pkru = 0;
	assert_writes(r, r->va);
	assert_int_equal(r->faults, 0);
	rig_free(r);
}

/* WRPKRU is no exit: what is open and what refused changes with it, told nothing. */
static void test_pkru_is_the_hardwares(void **state)
{
	static const unsigned who[] = { 0, ACCESS_USER };
	(void)state;

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(policies); i++) {
		struct rig *r = keyed(rig_4level(policies[i / 2]), KEY);
		uint32_t user = i & 1 ? PFEC_U : 0;

		assert_int_equal(touch(r, r->va, who[i & 1] | ACCESS_WRITE), PASSES);
		r->mode.pkru = WD(KEY);
		assert_int_equal(touch(r, r->va, who[i & 1]), PASSES);
		assert_int_equal(r->faults, 0);
		assert_faults(r, r->va, who[i & 1] | ACCESS_WRITE, WRITE | PFEC_PK | user);
		r->mode.pkru = AD(KEY);
		assert_faults(r, r->va, who[i & 1], PFEC_P | PFEC_PK | user);
		assert_int_equal(touch(r, r->va, who[i & 1] | ACCESS_FETCH),
				 PASSES);
		r->mode.pkru = ~(AD(KEY) | WD(KEY));
		assert_int_equal(touch(r, r->va, who[i & 1] | ACCESS_WRITE), PASSES);
		assert_int_equal(r->faults, 0);
		rig_free(r);
	}
}

/* PKRU is for user pages. */
static void test_no_key_is_asked_for_a_supervisor_page(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_UNSYNC), KEY);
	(void)state;

	put64(r, PDPTE_AT, PD | PTE_P | PTE_W);
	r->mode.pkru = UINT32_MAX;
	assert_writes(r, r->va);
	assert_faults(r, r->va, ACCESS_USER, PFEC_P | PFEC_U);
	rig_free(r);
}

/* A clean page refused by its key stays clean. SDM 3A 4.8: D is set by a write made. */
static void test_a_refused_write_sets_nothing(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_UNSYNC), KEY);
	(void)state;

	put64(r, PTE_AT, DATA | PWU | KEYED(KEY));
	r->mode.pkru = WD(KEY);
	assert_faults(r, r->va, ACCESS_WRITE, PFEC_W | PFEC_P | PFEC_PK);
	assert_int_equal(get64(r, PTE_AT), DATA | PWU | KEYED(KEY));
	rig_free(r);
}

/* ---- another key ---- */

/* A new key is less of some rights, maybe: what is remembered must go. */
static void test_another_key_asks_for_a_flush(void **state)
{
	static const unsigned keys[] = { KEY, KEY2, 0, KEY, KEY & 1, 15, KEY };
	struct rig *r = keyed(rig_4level(SHADOW_FLUSH), KEY);
	(void)state;

	assert_reads(r, r->va);
	for (unsigned i = 1; i < ARRAY_SIZE(keys); i++) {
		put64(r, PTE_AT, DATA | PWUAD | KEYED(keys[i]));
		r->mode.pkru = AD(keys[i - 1]);
		r->s.flush = false;
		assert_reads(r, r->va);
		assert_int_equal(key_of(r, r->va), keys[i]);
		assert_true(r->s.flush);
	}
	rig_free(r);
}

/* With flush the old key holds until INVLPG, as in a TLB. */
static void test_with_flush_a_key_is_old_until_invlpg(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_FLUSH), KEY);
	(void)state;

	assert_reads(r, r->va);
	put64(r, PTE_AT, DATA | PWUAD | KEYED(KEY2));
	r->mode.pkru = AD(KEY2);
	assert_reads(r, r->va);
	(void)shadow_invlpg(&r->s, gva(r->va));
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_PK);
	rig_free(r);
}

static void test_with_protect_a_key_is_new_at_once(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_PROTECT), KEY);
	(void)state;

	assert_reads(r, r->va);
	write64(r, PTE_AT, DATA | PWUAD | KEYED(KEY2));
	r->mode.pkru = AD(KEY2);
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_PK);
	r->mode.pkru = AD(KEY);
	assert_reads(r, r->va);
	assert_int_equal(key_of(r, r->va), KEY2);
	rig_free(r);
}

/* Out of step: by INVLPG of the page, and of no other. */
static void test_with_unsync_invlpg_brings_the_key(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_UNSYNC), KEY);
	(void)state;

	put64(r, PTE_AT + 8, PT | PWUAD);	/* the table itself */
	assert_reads(r, r->va);
	assert_writes(r, VA2);
	put64(r, PTE_AT, DATA | PWUAD | KEYED(KEY2));
	assert_int_equal(key_of(r, r->va), KEY);
	(void)shadow_invlpg(&r->s, gva(VA2));
	assert_int_equal(key_of(r, r->va), KEY);
	assert_true(shadow_invlpg(&r->s, gva(r->va)));
	assert_int_equal(key_of(r, r->va), KEY2);
	rig_free(r);
}

static void test_with_unsync_a_flush_brings_the_key(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_UNSYNC), KEY);
	(void)state;

	put64(r, PTE_AT + 8, PT | PWUAD);
	assert_reads(r, r->va);
	assert_writes(r, VA2);
	put64(r, PTE_AT, DATA | PWUAD | KEYED(KEY2));
	shadow_sync_all(&r->s);
	assert_true(r->s.flush);
	assert_int_equal(key_of(r, r->va), KEY2);
	rig_free(r);
}

static void test_two_leaves_of_one_frame_have_a_key_each(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(policies); i++) {
		struct rig *r = keyed(rig_4level(policies[i]), KEY);

		put64(r, PTE_AT + 8, DATA | PWUAD | KEYED(KEY2));
		r->mode.pkru = AD(KEY2);
		assert_writes(r, r->va);
		assert_faults(r, VA2, ACCESS_READ, PFEC_P | PFEC_PK);
		r->mode.pkru = WD(KEY);
		assert_writes(r, VA2);
		assert_faults(r, r->va, ACCESS_WRITE, WRITE | PFEC_PK);
		assert_reads(r, r->va);
		assert_int_equal(maps_to(r, VA2), maps_to(r, r->va));
		rig_free(r);
	}
}

/* ---- CR0.WP clear ---- */

/* U clear, PKRU would not be asked for AD, which the guest may set at any time. */
static void test_without_wp_a_read_only_user_page_is_never_turned(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(policies); i++) {
		struct rig *r = keyed(rig_4level(policies[i]), KEY);

		put64(r, PTE_AT, DATA | PTE_P | PTE_U | PTE_A | PTE_D | KEYED(KEY));
		without_wp(r);
		assert_reads(r, r->va);
		assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
		assert_true(hw_walk(r, r->va).user);
		assert_false(writable(r, r->va));
		r->mode.pkru = AD(KEY);
		assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_PK);
		assert_faults(r, r->va, ACCESS_WRITE, WRITE | PFEC_PK);
		rig_free(r);
	}
}

/* WD is asked of a supervisor's write with CR0.WP set only, as the hardware's is. */
static void test_without_wp_a_write_against_wd_is_emulated(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(policies); i++) {
		struct rig *r = keyed(rig_4level(policies[i]), KEY);

		without_wp(r);
		r->mode.pkru = WD(KEY);
		assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
		assert_faults(r, r->va, ACCESS_USER | ACCESS_WRITE, WRITE | PFEC_U | PFEC_PK);
		assert_reads(r, r->va);
		r->mode.pkru = AD(KEY);
		assert_faults(r, r->va, ACCESS_WRITE, WRITE | PFEC_PK);
		r->mode.pkru = 0;
		assert_writes(r, r->va);
		assert_int_equal(r->faults, 0);
		rig_free(r);
	}
}

/*
 * The hardware refused by a key that it remembers, the entry has had another for long:
 * to forget is enough, and software need not know the instruction.
 */
static void test_a_key_only_remembered_asks_for_a_flush(void **state)
{
	static const unsigned accesses[] = { ACCESS_READ, ACCESS_WRITE };
	(void)state;

	for (unsigned i = 0; i < 4; i++) {
		struct rig *r = keyed(rig_4level(SHADOW_UNSYNC), KEY);
		uint32_t error, hardware = PFEC_P | PFEC_PK | (i & 1 ? PFEC_W : 0);

		if (i & 2)
			without_wp(r);
		r->mode.pkru = AD(KEY2) | WD(KEY2);
		assert_writes(r, r->va);
		r->s.flush = false;
		assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va), accesses[i & 1],
					      hardware, &error), SHADOW_DONE);
		assert_true(r->s.flush);
		/* Back after the flush: the machine's own, or it would come for ever. */
		assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va), accesses[i & 1],
					      hardware, &error), SHADOW_GUEST);
		assert_int_equal(error, hardware);
		/* And the next one is asked about anew. */
		assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va), accesses[i & 1],
					      hardware, &error), SHADOW_DONE);
		rig_free(r);
	}
}

/* The same where the page was the user's and is the supervisor's now, read-only. */
static void test_a_user_pages_key_only_remembered_asks_for_a_flush(void **state)
{
	struct rig *r = keyed(rig_4level(SHADOW_UNSYNC), KEY);
	uint32_t error;
	(void)state;

	put64(r, PTE_AT, DATA | PTE_P | PTE_A | PTE_D | KEYED(KEY));
	without_wp(r);
	r->mode.pkru = WD(KEY);
	assert_writes(r, r->va);
	r->s.flush = false;
	assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va), ACCESS_WRITE,
				      WRITE | PFEC_PK, &error), SHADOW_DONE);
	assert_true(r->s.flush);
	rig_free(r);
}

/* ---- where there are no keys ---- */

/* PAE: the bits are reserved, in the guest's entries and in ours. SDM 3A table 4-11. */
static void test_pae_has_no_keys(void **state)
{
	struct rig *r = rig_pae(SHADOW_PROTECT);
	(void)state;

	r->mode.cr4 |= CR4_PKE;
	r->mode.pkru = UINT32_MAX;
	rig_root(r);
	assert_writes(r, r->va);
	assert_int_equal(key_of(r, r->va), 0);
	write64(r, PTE_AT, DATA | PWUAD | KEYED(KEY));
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_RSVD);
	rig_free(r);
}

/* 32-bit entries have no such bits, also not those of the entry beside them. */
static void test_32bit_paging_has_no_keys(void **state)
{
	struct rig *r = rig_32bit(SHADOW_UNSYNC);
	(void)state;

	put32(r, PTE32_AT + 4, UINT32_MAX & ~(uint32_t)PTE_P);
	r->mode.cr4 |= CR4_PKE;
	r->mode.pkru = UINT32_MAX;
	rig_root(r);
	assert_writes(r, r->va);
	assert_int_equal(key_of(r, r->va), 0);
	shadow_sync_all(&r->s);
	assert_int_equal(key_of(r, r->va), 0);
	rig_free(r);
}

static void test_without_paging_there_are_no_keys(void **state)
{
	struct rig *r = rig_unpaged(SHADOW_UNSYNC);
	(void)state;

	r->mode.cr4 |= CR4_PKE;
	r->mode.pkru = UINT32_MAX;
	rig_root(r);
	assert_writes(r, DATA);
	assert_int_equal(key_of(r, DATA), 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_leaf_has_the_key),
		cmocka_unit_test(test_pke_counts_without_another_fill),
		cmocka_unit_test(test_pkru_is_the_hardwares),
		cmocka_unit_test(test_no_key_is_asked_for_a_supervisor_page),
		cmocka_unit_test(test_a_refused_write_sets_nothing),
		cmocka_unit_test(test_another_key_asks_for_a_flush),
		cmocka_unit_test(test_with_flush_a_key_is_old_until_invlpg),
		cmocka_unit_test(test_with_protect_a_key_is_new_at_once),
		cmocka_unit_test(test_with_unsync_invlpg_brings_the_key),
		cmocka_unit_test(test_with_unsync_a_flush_brings_the_key),
		cmocka_unit_test(test_two_leaves_of_one_frame_have_a_key_each),
		cmocka_unit_test(test_without_wp_a_read_only_user_page_is_never_turned),
		cmocka_unit_test(test_without_wp_a_write_against_wd_is_emulated),
		cmocka_unit_test(test_a_key_only_remembered_asks_for_a_flush),
		cmocka_unit_test(test_a_user_pages_key_only_remembered_asks_for_a_flush),
		cmocka_unit_test(test_pae_has_no_keys),
		cmocka_unit_test(test_32bit_paging_has_no_keys),
		cmocka_unit_test(test_without_paging_there_are_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
