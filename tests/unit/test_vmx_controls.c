/* The fit of VMX controls to capability MSRs: one rule of appendix A each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vmx/controls.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_defs.h"

#define CAPABILITY(must, may) \
	(FIELD_PUT(VMX_CTRL_ALLOWED0, (uint64_t)(must)) | \
	 FIELD_PUT(VMX_CTRL_ALLOWED1, (uint64_t)(may)))

/* A bit whose allowed-1 setting is set may be one: it is given when asked for. */
static void allowed_bits_are_granted(void **state)
{
	uint32_t out, missing;

	(void)state;
	assert_true(vmx_ctrl_adjust(CAPABILITY(0, 0xff), 0x01, 0x80, &out, &missing));
	assert_int_equal(out, 0x81);
	assert_int_equal(missing, 0);
}

/* A bit that nobody asked for stays zero, though it might be one. */
static void unasked_bits_stay_zero(void **state)
{
	uint32_t out, missing;

	(void)state;
	assert_true(vmx_ctrl_adjust(CAPABILITY(0, 0xffffffff), 0, 0, &out, &missing));
	assert_int_equal(out, 0);
}

/* A.3.1: if bit X of the low half is 1, control X must be 1. */
static void must_be_one_bits_are_imposed(void **state)
{
	uint32_t out, missing;

	(void)state;
	assert_true(vmx_ctrl_adjust(CAPABILITY(0x16, 0x7f), 0x01, 0, &out, &missing));
	assert_int_equal(out, 0x17);
	assert_int_equal(missing, 0);
}

/* A.3.1: if bit X of the high half is 0, control X must be 0: a wish is dropped. */
static void forbidden_wishes_are_dropped(void **state)
{
	uint32_t out, missing;

	(void)state;
	assert_true(vmx_ctrl_adjust(CAPABILITY(0, 0x0f), 0x01, 0x30, &out, &missing));
	assert_int_equal(out, 0x01);
	assert_int_equal(missing, 0);
}

/* A required control that must be 0 makes the whole unfit, and is named. */
static void forbidden_requirements_are_named(void **state)
{
	uint32_t out, missing;

	(void)state;
	assert_false(vmx_ctrl_adjust(CAPABILITY(0x02, 0x0f), 0x31, 0x04, &out, &missing));
	assert_int_equal(missing, 0x30);
	assert_int_equal(out, 0x07);
}

/* Bit 31 is a control like any other: no sign creeps in. */
static void highest_bit_is_ordinary(void **state)
{
	uint32_t out, missing;

	(void)state;
	assert_true(vmx_ctrl_adjust(CAPABILITY(0, 0x80000000), VMX_PROC_SECONDARY, 0,
				    &out, &missing));
	assert_int_equal(out, 0x80000000);
	assert_false(vmx_ctrl_adjust(CAPABILITY(0, 0x7fffffff), VMX_PROC_SECONDARY, 0,
				     &out, &missing));
	assert_int_equal(missing, 0x80000000);
}

/* A.2: without bit 55 of IA32_VMX_BASIC the original MSRs are all there is. */
static void old_cpus_use_the_original_msrs(void **state)
{
	uint64_t basic = ~VMX_BASIC_TRUE_CONTROLS;

	(void)state;
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_PIN, basic), 0x481);
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_PROC, basic), 0x482);
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_EXIT, basic), 0x483);
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_ENTRY, basic), 0x484);
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_PROC2, basic), 0x48b);
}

/* A.2: with it the TRUE MSRs say which default-one controls may be zero. */
static void new_cpus_use_the_true_msrs(void **state)
{
	uint64_t basic = VMX_BASIC_TRUE_CONTROLS;

	(void)state;
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_PIN, basic), 0x48d);
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_PROC, basic), 0x48e);
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_EXIT, basic), 0x48f);
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_ENTRY, basic), 0x490);
}

/* A.3.3: the secondary controls have no TRUE twin. */
static void secondary_controls_have_one_msr(void **state)
{
	(void)state;
	assert_int_equal(vmx_ctrl_msr(VMCS_CTL_PROC2, VMX_BASIC_TRUE_CONTROLS), 0x48b);
}

static void other_fields_have_no_capability_msr(void **state)
{
	(void)state;
	assert_int_equal(vmx_ctrl_msr(VMCS_EXCEPTION_BITMAP, 0), 0);
	assert_int_equal(vmx_ctrl_msr(VMCS_GUEST_CR0, VMX_BASIC_TRUE_CONTROLS), 0);
}

/* SDM 3C 30.4: numbers 14, 21 and 27 do not exist; 7 and 8 are entry failures. */
static void error_numbers_have_texts(void **state)
{
	(void)state;
	assert_string_equal(vmx_insn_error_text(7), "VM entry with invalid control field(s)");
	assert_string_equal(vmx_insn_error_text(8),
			    "VM entry with invalid host-state field(s)");
	assert_string_equal(vmx_insn_error_text(28), "invalid operand to INVEPT or INVVPID");
	for (uint32_t n = 0; n <= 64; n++) {
		bool reserved = n == 0 || n == 14 || n == 21 || n == 27 || n > 28;
		bool told = vmx_insn_error_text(n) == vmx_insn_error_text(0);

		assert_int_equal(told, reserved);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allowed_bits_are_granted),
		cmocka_unit_test(unasked_bits_stay_zero),
		cmocka_unit_test(must_be_one_bits_are_imposed),
		cmocka_unit_test(forbidden_wishes_are_dropped),
		cmocka_unit_test(forbidden_requirements_are_named),
		cmocka_unit_test(highest_bit_is_ordinary),
		cmocka_unit_test(old_cpus_use_the_original_msrs),
		cmocka_unit_test(new_cpus_use_the_true_msrs),
		cmocka_unit_test(secondary_controls_have_one_msr),
		cmocka_unit_test(other_fields_have_no_capability_msr),
		cmocka_unit_test(error_numbers_have_texts),
	};

	return cmocka_run_group_tests_name("vmx controls", tests, NULL, NULL);
}
