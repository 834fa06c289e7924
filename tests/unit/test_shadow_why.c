/*
 * Why the hardware's entry is not the guest's: for each reason a situation that a guest
 * can make, and words.
 */
#include "shadow_picture_fixture.h"

/* ---- the reasons ---- */

/* The upper entries of the hardware are open, whatever the guest's refuse. */
static void test_open(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PDE_AT, PT | PTE_P);
	assert_reads(r, r->va);
	picture(r, r->va);
	assert_why(1, SHADOW_WHY_OPEN);
	assert_int_equal(line(1)->shadow & (PTE_W | PTE_U), PTE_W | PTE_U);
	assert_why(2, SHADOW_WHY_SAME);
	assert_why(0, SHADOW_WHY_SAME);
	assert_int_equal(line(0)->shadow & (PTE_W | PTE_U), 0);
	rig_free(r);
}

static void test_guest_absent(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PDE_AT, 0);
	assert_faults(r, r->va, ACCESS_READ, 0);
	picture(r, r->va);
	assert_int_equal(count, 3);
	assert_guest(1, PDE_AT, 0);
	assert_why(1, SHADOW_WHY_GUEST_ABSENT);
	assert_why(3, SHADOW_WHY_ABSENT);
	assert_why(2, SHADOW_WHY_ABSENT);
	rig_free(r);
}

/* Bit 51 is beyond MAXPHYADDR. SDM 3A "Page-Fault Exceptions" 4.7: RSVD. */
static void test_reserved(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, DATA | PWU | BIT(51));
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_RSVD);
	picture(r, r->va);
	assert_int_equal(count, 4);
	assert_why(0, SHADOW_WHY_RESERVED);
	rig_free(r);
}

/* SMAP refuses the supervisor; what the tables say is the same. */
static void test_smap_is_no_reason(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	r->mode.cr4 |= CR4_SMAP;
	rig_root(r);
	assert_int_equal(touch(r, r->va, ACCESS_WRITE | ACCESS_USER), PASSES);
	assert_faults(r, r->va, ACCESS_READ, PFEC_P);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

static void test_table(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, PT | PWUAD);
	assert_reads(r, r->va);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_TABLE);
	assert_int_equal(line(0)->shadow & PTE_W, 0);
	assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
	rig_free(r);
}

static void test_clean(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	assert_reads(r, r->va);
	picture(r, r->va);
	assert_guest(0, PTE_AT, DATA | PWU | PTE_A);
	assert_why(0, SHADOW_WHY_CLEAN);
	assert_writes(r, r->va);
	picture(r, r->va);
	assert_guest(0, PTE_AT, DATA | PWUAD);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

static void test_rom(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, ROM_BASE | PWUAD);
	assert_reads(r, r->va);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_ROM);
	assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
	rig_free(r);
}

/* A page was a table, and its leaf lost W; it is none any more. */
static void test_late(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, PT2 | PWUAD);
	put64(r, PDE_AT + 8, PT2 | PWU);
	put64(r, PT2 + 4 * 8, OTHER | PWUAD);
	assert_reads(r, r->va);
	assert_reads(r, r->va + SIZE_2M);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_TABLE);
	shadow_give_up(&r->s, gpa(PT2));
	assert_false(frame_of(r, PT2)->tracked);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_LATE);
	assert_writes(r, r->va);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

static void test_guarded(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, DATA | PWUAD);
	shadow_guard(&r->s, gva(r->va));
	assert_reads(r, r->va);
	shadow_guard_check(&r->s);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_GUARDED);
	assert_int_equal(touch(r, r->va, ACCESS_WRITE), EMULATED);
	rig_free(r);
}

static void test_no_ram(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT, OUTSIDE | PWUAD);
	assert_int_equal(touch(r, r->va, ACCESS_READ), EMULATED);
	picture(r, r->va);
	assert_int_equal(count, 4);
	assert_guest(0, PTE_AT, OUTSIDE | PWUAD);
	assert_why(0, SHADOW_WHY_NO_RAM);
	assert_why(3, SHADOW_WHY_NO_RAM);
	rig_free(r);
}

static void test_no_ram_unpaged(void **state)
{
	struct rig *r = rig_unpaged(SHADOW_PROTECT);
	(void)state;

	assert_int_equal(touch(r, OUTSIDE, ACCESS_READ), EMULATED);
	picture(r, OUTSIDE);
	assert_why(2, SHADOW_WHY_NO_RAM);
	rig_free(r);
}

/* An empty bus reads all ones, which 32-bit paging takes for entries. */
static void test_no_table(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	(void)state;

	put32(r, PDE32_AT, OUTSIDE | PWU);
	assert_int_equal(touch(r, r->va, ACCESS_READ), EMULATED);
	picture(r, r->va);
	assert_guest(0, OUTSIDE + 4 * 4, UINT32_MAX);
	assert_why(0, SHADOW_WHY_NO_TABLE);
	rig_free(r);
}

/* 1 GiB of the guest's: 2 MiB of ours, where no table lies. */
static void test_split(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	uint64_t va = align_down(r->va, SIZE_1G) + LARGE;
	(void)state;

	put64(r, PDPTE_AT, 0 | PTE_PS | PWUAD);
	assert_writes(r, va);
	picture(r, va);
	assert_int_equal(count, 3);
	assert_why(2, SHADOW_WHY_SPLIT);
	assert_guest(2, PDPTE_AT, PTE_PS | PWUAD);
	assert_false(line(1)->has_guest);
	assert_why(1, SHADOW_WHY_SAME);
	assert_hardware(r, va);
	/* Where tables lie, page by page. */
	va = align_down(r->va, SIZE_1G) + DATA;
	assert_writes(r, va);
	picture(r, va);
	assert_int_equal(count, 4);
	assert_why(1, SHADOW_WHY_SPLIT);
	assert_why(0, SHADOW_WHY_SAME);
	va = align_down(r->va, SIZE_1G) + PDPT;
	assert_reads(r, va);
	picture(r, va);
	assert_why(0, SHADOW_WHY_TABLE);
	rig_free(r);
}

/* 4 MiB of the guest's are two leaves of ours, at the same level. */
static void test_split_4m(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	(void)state;

	put32(r, PDE32_AT, LARGE | PTE_PS | PWUAD);
	assert_writes(r, r->va);
	picture(r, r->va);
	assert_int_equal(count, 2);
	assert_guest(1, PDE32_AT, LARGE | PTE_PS | PWUAD);
	assert_true(line(1)->shadow & PTE_PS);
	assert_why(1, SHADOW_WHY_SPLIT);
	rig_free(r);
}

/* SDM 3A "Access Rights" 4.6: with WP clear the supervisor writes a read-only page. */
static void test_wp(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	r->mode.cr0 &= ~CR0_WP;
	rig_root(r);
	put64(r, PTE_AT, DATA | PTE_P | PTE_U);
	assert_writes(r, r->va);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_WP);
	assert_int_equal(line(0)->shadow & (PTE_W | PTE_U), PTE_W);
	/* The user's turn: it may read, and neither may write. */
	assert_int_equal(touch(r, r->va, ACCESS_READ | ACCESS_USER), PASSES);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

/* The guest has written a lowest table that was let go, and has not flushed. */
static void test_stale_leaf(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	put64(r, PT + 5 * 8, PT | PWUAD);
	put64(r, PTE_AT, DATA | PWUAD);
	assert_writes(r, r->va);
	assert_writes(r, r->va + PAGE_SIZE);
	put64(r, PTE_AT, OTHER | PWUAD);
	picture(r, r->va);
	assert_guest(0, PTE_AT, OTHER | PWUAD);
	assert_why(0, SHADOW_WHY_STALE);
	put64(r, PTE_AT, DATA | PTE_P | PTE_A);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_STALE);
	put64(r, PTE_AT, 0);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_STALE);
	shadow_sync_all(&r->s);
	picture(r, r->va);
	assert_why(0, SHADOW_WHY_GUEST_ABSENT);
	rig_free(r);
}

/* Without protection upper entries are out of step too: SHADOW_FLUSH. */
static void test_stale_table(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	(void)state;

	put64(r, PTE_AT, DATA | PWUAD);
	assert_writes(r, r->va);
	put64(r, PDE_AT, PT2 | PWU | PTE_A);
	put64(r, PT2 + 4 * 8, OTHER | PWUAD);
	picture(r, r->va);
	assert_why(1, SHADOW_WHY_STALE);
	assert_guest(0, PT2 + 4 * 8, OTHER | PWUAD);
	assert_why(0, SHADOW_WHY_STALE);
	/* A large page now, and then none: the hardware goes on where the guest's ends. */
	put64(r, PDE_AT, LARGE | PTE_PS | PWUAD);
	picture(r, r->va);
	assert_why(1, SHADOW_WHY_STALE);
	assert_false(line(0)->has_guest);
	assert_why(0, SHADOW_WHY_STALE);
	put64(r, PDE_AT, 0);
	picture(r, r->va);
	assert_int_equal(count, 4);
	assert_why(1, SHADOW_WHY_STALE);
	assert_why(0, SHADOW_WHY_STALE);
	assert_hardware(r, r->va);
	rig_free(r);
}

/* The hardware ends in a large leaf where the guest goes on by now. */
static void test_stale_large(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	(void)state;

	put64(r, PDE_AT, LARGE | PTE_PS | PWUAD);
	assert_writes(r, r->va);
	put64(r, PDE_AT, PT | PWU | PTE_A);
	picture(r, r->va);
	assert_int_equal(count, 4);
	assert_why(1, SHADOW_WHY_STALE);
	assert_guest(0, PTE_AT, DATA | PWU);
	assert_false(line(0)->has_shadow);
	assert_why(0, SHADOW_WHY_STALE);
	rig_free(r);
}

/* ---- the words ---- */

/* One for each reason, no two alike, short enough for a line. */
static void test_each_reason_has_words(void **state)
{
	(void)state;
	for (int why = 0; why < SHADOW_WHYS; why++) {
		assert_in_range(strlen(shadow_why_text(why)), 1, 80);
		for (int other = 0; other < why; other++)
			assert_string_not_equal(shadow_why_text(why),
						shadow_why_text(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_guest_absent),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_smap_is_no_reason),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_rom),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_guarded),
		cmocka_unit_test(test_no_ram),
		cmocka_unit_test(test_no_ram_unpaged),
		cmocka_unit_test(test_no_table),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_4m),
		cmocka_unit_test(test_wp),
		cmocka_unit_test(test_stale_leaf),
		cmocka_unit_test(test_stale_table),
		cmocka_unit_test(test_stale_large),
		cmocka_unit_test(test_each_reason_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
