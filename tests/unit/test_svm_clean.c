/*
 * What the CPU may keep of the VMCB between entries. APM vol. 2 "VMCB State Caching"
 * 15.15, "Legacy PAE Mode" 15.25.10; and which addresses the host's paging has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "svm/svm.h"

static uint32_t clean(enum root root, uint64_t efer)
{
	const struct hw_view hw = { .root = root, .efer = efer | EFER_SVME };

	return svm_clean(SVM_FEATURE_VMCB_CLEAN | SVM_FEATURE_NRIPS, &hw);
}

static void without_the_feature_nothing_is_kept(void **state)
{
	const struct hw_view hw = { .root = ROOT_GUEST };

	(void)state;
	assert_int_equal(svm_clean(SVM_FEATURE_NRIPS, &hw), 0);
}

static void all_is_kept_where_no_pae_table_is_ours(void **state)
{
	(void)state;
	assert_int_equal(clean(ROOT_GUEST, 0), VMCB_CLEAN_ALL);
	assert_int_equal(clean(ROOT_GUEST, EFER_LME | EFER_LMA), VMCB_CLEAN_ALL);
	assert_int_equal(clean(ROOT_SHADOW, EFER_LME | EFER_LMA), VMCB_CLEAN_ALL);
}

/* Unpaged, 32-bit or PAE guest: the four top entries of our root are read with CR3 only. */
static void a_pae_root_of_ours_is_loaded_each_time(void **state)
{
	(void)state;
	assert_int_equal(clean(ROOT_SHADOW, 0), VMCB_CLEAN_ALL & ~VMCB_CLEAN_CRX);
	assert_int_equal(clean(ROOT_SHADOW, EFER_NXE), VMCB_CLEAN_ALL & ~VMCB_CLEAN_CRX);
}

static void four_levels_have_48_bits(void **state)
{
	(void)state;
	assert_true(gva_is_48(gva(UINT64_C(0x00007fffffffffff))));
	assert_true(gva_is_48(gva(UINT64_C(0xffff800000000000))));
	assert_false(gva_is_48(gva(UINT64_C(0x0000800000000000))));
	assert_false(gva_is_48(gva(UINT64_C(0xffff7fffffffffff))));
	assert_false(gva_is_48(gva(UINT64_C(0x00ff800000000000))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_feature_nothing_is_kept),
		cmocka_unit_test(all_is_kept_where_no_pae_table_is_ours),
		cmocka_unit_test(a_pae_root_of_ours_is_loaded_each_time),
		cmocka_unit_test(four_levels_have_48_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
