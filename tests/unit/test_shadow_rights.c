/* What one leaf allows: the guest's rights, its accessed and dirty bits, WP, SMEP, SMAP, NX. */
#include "shadow_fixture.h"

#define READ_ONLY_USER	(PTE_P | PTE_U | PTE_A | PTE_D)
#define PRESENT_WRITE	(PFEC_P | PFEC_W)

static void test_accessed_is_set_by_a_read_and_dirty_by_a_write_only(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	assert_reads(r, r->va);
	assert_int_equal(get64(r, PML4E_AT), PDPT | PWU | PTE_A);
	assert_int_equal(get64(r, PDPTE_AT), PD | PWU | PTE_A);
	assert_int_equal(get64(r, PDE_AT), PT | PWU | PTE_A);
	assert_int_equal(get64(r, PTE_AT), DATA | PWU | PTE_A);
	assert_false(writable(r, r->va));
	assert_writes(r, r->va);
	assert_int_equal(get64(r, PTE_AT), DATA | PWUAD);
	assert_int_equal(get64(r, PDE_AT), PT | PWU | PTE_A);
	rig_free(r);
}

/* A page dirty already needs no second fault to be written. */
static void test_a_dirty_page_is_writable_after_a_read(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, DATA | PWUAD);
	assert_reads(r, r->va);
	assert_true(writable(r, r->va));
	rig_free(r);
}

/* The walk that faults leaves A and D alone. */
static void test_a_refused_access_sets_nothing(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, DATA | PTE_P);
	assert_faults(r, r->va, ACCESS_WRITE | ACCESS_USER, PRESENT_WRITE | PFEC_U);
	assert_faults(r, r->va, ACCESS_WRITE, PRESENT_WRITE);
	assert_int_equal(get64(r, PTE_AT), DATA | PTE_P);
	assert_int_equal(get64(r, PML4E_AT), PDPT | PWU);
	rig_free(r);
}

/* What the guest takes from A and D in memory it tracks comes back with the next access. */
static void test_cleared_accessed_and_dirty_bits_come_back(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	assert_writes(r, r->va);
	write64(r, PTE_AT, DATA | PWU);
	assert_false(present(r, r->va));
	assert_reads(r, r->va);
	assert_false(writable(r, r->va));
	assert_writes(r, r->va);
	assert_int_equal(get64(r, PTE_AT), DATA | PWUAD);
	rig_free(r);
}

/* With CR0.WP clear the supervisor writes any page of its own. */
static void test_without_wp_a_supervisor_page_is_writable(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, DATA | PTE_P | PTE_A);
	r->mode.cr0 &= ~CR0_WP;
	rig_root(r);
	assert_reads(r, r->va);
	assert_false(writable(r, r->va));
	assert_writes(r, r->va);
	assert_false(hw_walk(r, r->va).user);
	assert_int_equal(get64(r, PTE_AT), DATA | PTE_P | PTE_A | PTE_D);
	assert_faults(r, r->va, ACCESS_USER, PFEC_P | PFEC_U);
	rig_free(r);
}

/* A user page turns round: the supervisor's to write, or the user's to read, never both. */
static void test_without_wp_a_user_page_turns_round(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	struct hw h;
	(void)state;

	put64(r, PTE_AT, DATA | READ_ONLY_USER);
	r->mode.cr0 &= ~CR0_WP;
	rig_root(r);
	assert_reads(r, r->va);
	for (unsigned i = 0; i < 2; i++) {
		r->s.flush = false;
		assert_writes(r, r->va);
		h = hw_walk(r, r->va);
		assert_true(h.write && !h.user);
		assert_true(r->s.flush);
		r->s.flush = false;
		assert_int_equal(touch(r, r->va, ACCESS_USER), PASSES);
		h = hw_walk(r, r->va);
		assert_true(h.user && !h.write);
		assert_true(r->s.flush);
		assert_faults(r, r->va, ACCESS_USER | ACCESS_WRITE,
			      PRESENT_WRITE | PFEC_U);
	}
	rig_free(r);
}

/* U=0 would let SMEP and SMAP pass: such a write is emulated, and reading goes on. */
static void test_without_wp_smep_and_smap_keep_the_user_page(void **state)
{
	static const uint64_t bits[] = { CR4_SMEP, CR4_SMAP };
	(void)state;

	for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
		struct rig *r = rig_4level(SHADOW_PROTECT);

		put64(r, PTE_AT, DATA | READ_ONLY_USER);
		r->mode.cr0 &= ~CR0_WP;
		r->mode.cr4 |= bits[i];
		r->mode.rflags_ac = true;
		rig_root(r);
		assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
		assert_int_equal(touch(r, r->va, ACCESS_USER), PASSES);
		assert_true(hw_walk(r, r->va).user);
		rig_free(r);
	}
}

/* WP, SMEP and SMAP are parts of what a page stands for: nothing made before serves after. */
static void test_a_change_of_wp_takes_other_tables(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	uint64_t with, without;
	(void)state;

	put64(r, PTE_AT, DATA | PTE_P | PTE_A | PTE_D);
	with = r->root.v;
	r->mode.cr0 &= ~CR0_WP;
	rig_root(r);
	without = r->root.v;
	assert_int_not_equal(with, without);
	assert_writes(r, r->va);
	r->mode.cr0 |= CR0_WP;
	rig_root(r);
	assert_int_equal(r->root.v, with);
	assert_faults(r, r->va, ACCESS_WRITE, PRESENT_WRITE);
	rig_free(r);
}

/* Bit 63 is NX with EFER.NXE and reserved without: what was made with it serves no more. */
static void test_nx_is_reserved_without_nxe(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, DATA | PWUAD | PTE_NX);
	assert_reads(r, r->va);
	assert_true(hw_walk(r, r->va).nx);
	assert_faults(r, r->va, ACCESS_FETCH, PFEC_P | PFEC_I);
	r->mode.efer &= ~EFER_NXE;
	rig_root(r);
	assert_false(present(r, r->va));
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_RSVD);
	/* Without NXE and SMEP no error code tells of a fetch. */
	assert_faults(r, r->va, ACCESS_FETCH, PFEC_P | PFEC_RSVD);
	rig_free(r);
}

static void test_rom_is_read_and_executed_and_its_writes_are_emulated(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, ROM_BASE | PWUAD);
	assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
	assert_reads(r, r->va);
	assert_int_equal(touch(r, r->va, ACCESS_FETCH), PASSES);
	assert_int_equal(maps_to(r, r->va), ROM_BASE);
	assert_false(writable(r, r->va));
	rig_free(r);
}

static void test_where_no_memory_is_every_access_is_emulated(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, OUTSIDE | PWU);
	assert_int_equal(touch(r, r->va, ACCESS_READ), EMULATED);
	assert_int_equal(touch(r, r->va, ACCESS_WRITE | ACCESS_USER), EMULATED);
	assert_false(present(r, r->va));
	put64(r, PTE_AT, OUTSIDE | PTE_P);
	assert_faults(r, r->va, ACCESS_USER, PFEC_P | PFEC_U);
	rig_free(r);
}

/* More rights need no flush, less do: what the hardware remembers must not allow more. */
static void test_a_flush_is_asked_for_when_rights_go(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	assert_reads(r, r->va);
	r->s.flush = false;
	assert_writes(r, r->va);
	assert_false(r->s.flush);
	write64(r, PTE_AT, DATA | PTE_P | PTE_A | PTE_D);
	assert_true(r->s.flush);
	rig_free(r);
}

/*
 * The hardware refuses what the entry allows. It may have remembered an older entry: only
 * if a flush does not help is it SMAP's refusal of an access to a system structure.
 */
static void test_a_refusal_in_doubt_is_the_guests_only_after_a_flush(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	uint32_t error = 0;
	(void)state;

	r->mode.cr4 |= CR4_SMAP;
	r->mode.rflags_ac = true;
	rig_root(r);
	assert_writes(r, r->va);
	for (unsigned i = 0; i < 2; i++) {
		r->s.flush = false;
		assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va), ACCESS_WRITE,
					      PRESENT_WRITE, &error), SHADOW_DONE);
		assert_true(r->s.flush);
		assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va), ACCESS_WRITE,
					      PRESENT_WRITE, &error), SHADOW_GUEST);
		assert_int_equal(error, PRESENT_WRITE);
	}
	rig_free(r);
}

/* The same without SMAP can only be an old entry, however often. */
static void test_a_refusal_without_smap_is_never_the_guests(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	uint32_t error = 0;
	(void)state;

	assert_writes(r, r->va);
	for (unsigned i = 0; i < 4; i++) {
		r->s.flush = false;
		assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va), ACCESS_WRITE,
					      PRESENT_WRITE, &error), SHADOW_DONE);
		assert_true(r->s.flush);
	}
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accessed_is_set_by_a_read_and_dirty_by_a_write_only),
		cmocka_unit_test(test_a_dirty_page_is_writable_after_a_read),
		cmocka_unit_test(test_a_refused_access_sets_nothing),
		cmocka_unit_test(test_cleared_accessed_and_dirty_bits_come_back),
		cmocka_unit_test(test_without_wp_a_supervisor_page_is_writable),
		cmocka_unit_test(test_without_wp_a_user_page_turns_round),
		cmocka_unit_test(test_without_wp_smep_and_smap_keep_the_user_page),
		cmocka_unit_test(test_a_change_of_wp_takes_other_tables),
		cmocka_unit_test(test_nx_is_reserved_without_nxe),
		cmocka_unit_test(test_rom_is_read_and_executed_and_its_writes_are_emulated),
		cmocka_unit_test(test_where_no_memory_is_every_access_is_emulated),
		cmocka_unit_test(test_a_flush_is_asked_for_when_rights_go),
		cmocka_unit_test(test_a_refusal_in_doubt_is_the_guests_only_after_a_flush),
		cmocka_unit_test(test_a_refusal_without_smap_is_never_the_guests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
