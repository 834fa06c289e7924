/* The picture of an address: which lines it has under each kind of paging, and what is in them. */
#include "shadow_picture_fixture.h"

/* Nothing is made before the first access: the root alone is there. */
static void test_before_the_first_access(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	picture(r, r->va);
	assert_int_equal(count, 4);
	assert_guest(3, PML4E_AT, PDPT | PWU);
	assert_guest(2, PDPTE_AT, PD | PWU);
	assert_guest(1, PDE_AT, PT | PWU);
	assert_guest(0, PTE_AT, DATA | PWU);
	assert_hardware(r, r->va);
	for (unsigned level = 0; level < 4; level++)
		assert_why(level, SHADOW_WHY_ABSENT);
	rig_free(r);
}

/* To look sets no accessed bit: SDM 3A "Accessed and Dirty Flags" 4.8. */
static void test_a_look_changes_nothing(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	picture(r, r->va);
	assert_int_equal(get64(r, PTE_AT), DATA | PWU);
	assert_int_equal(get64(r, PML4E_AT), PDPT | PWU);
	assert_int_equal(r->s.counts.fills, 0);
	rig_free(r);
}

static void test_five_levels(void **state)
{
	struct rig *r = rig_5level(SHADOW_PROTECT);
	(void)state;

	assert_writes(r, r->va);
	picture(r, r->va);
	assert_int_equal(count, 5);
	assert_guest(4, PML5E_AT, PML4 | PWU | PTE_A);
	assert_guest(0, PTE_AT, DATA | PWUAD);
	assert_hardware(r, r->va);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

/* The PDPTE is the register that MOV to CR3 loaded. SDM 3A "PDPTE Registers" 4.4.1. */
static void test_pae(void **state)
{
	struct rig *r = rig_pae(SHADOW_PROTECT);
	(void)state;

	put64(r, PDPTE_AT, 0);
	assert_writes(r, r->va);
	picture(r, UINT64_C(0xabc) << 32 | r->va);
	assert_int_equal(count, 3);
	assert_guest(2, PDPTE_AT, PD | PTE_P);
	assert_guest(1, PDE_AT, PT | PWU | PTE_A);
	assert_hardware(r, r->va);
	assert_why(2, SHADOW_WHY_SAME);
	assert_why(1, SHADOW_WHY_SAME);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

/* Two levels of the guest's beside three of the hardware's. */
static void test_32bit(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	(void)state;

	assert_writes(r, r->va);
	picture(r, r->va);
	assert_int_equal(count, 3);
	assert_false(line(2)->has_guest);
	assert_why(2, SHADOW_WHY_FORMAT);
	assert_guest(1, PDE32_AT, PT | PWU | PTE_A);
	assert_guest(0, PTE32_AT, DATA | PWUAD);
	assert_hardware(r, r->va);
	assert_why(1, SHADOW_WHY_SAME);
	assert_why(0, SHADOW_WHY_SAME);
	rig_free(r);
}

/* With paging off the guest has no tables at all, and all rights. */
static void test_unpaged(void **state)
{
	struct rig *r = rig_unpaged(SHADOW_PROTECT);
	(void)state;

	picture(r, LARGE + 5);
	assert_int_equal(count, 1);
	assert_why(2, SHADOW_WHY_ABSENT);
	assert_writes(r, LARGE + 5);
	picture(r, LARGE + 5);
	assert_int_equal(count, 2);
	assert_why(2, SHADOW_WHY_FORMAT);
	assert_why(1, SHADOW_WHY_SAME);
	assert_true(line(1)->shadow & PTE_PS);
	assert_false(line(2)->has_guest);
	assert_false(line(1)->has_guest);
	assert_hardware(r, LARGE + 5);
	rig_free(r);
}

static void test_no_such_address(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	picture(r, UINT64_C(1) << 47);
	assert_int_equal(count, 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before_the_first_access),
		cmocka_unit_test(test_a_look_changes_nothing),
		cmocka_unit_test(test_five_levels),
		cmocka_unit_test(test_pae),
		cmocka_unit_test(test_32bit),
		cmocka_unit_test(test_unpaged),
		cmocka_unit_test(test_no_such_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
