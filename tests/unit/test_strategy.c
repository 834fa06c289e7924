/*
 * The strategy row by row: native rungs on a CPU with and without CR masks. What
 * is expected comes from the design and the manuals named beside each test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/strategy.h"
#include "mmu/x86_defs.h"

#define GUEST_CR4	(CR4_PAE | CR4_PSE | CR4_OSFXSR)

/* APM vol. 2 "Canonicalization and Consistency Checks" 15.5.1: EFER.SVME must be 1. */
static const struct hv_caps without_masks = {
	.nested = true, .unrestricted = true, .pat_switch = true,
	.efer_hidden = true, .efer_must = EFER_SVME,
	.cr4_can = GUEST_CR4 | CR4_OSXSAVE | CR4_MCE,
};

/* SDM 3D "VMX-Fixed Bits in CR0" A.7, "in CR4" A.8; PE and PG are free. */
static const struct hv_caps with_masks = {
	.nested = true, .unrestricted = true, .pat_switch = true, .masks = true,
	.cr0_must = CR0_NE, .cr4_must = CR4_VMXE,
	.cr4_can = GUEST_CR4 | CR4_VMXE | CR4_OSXSAVE,
};

static const struct guest_view real = { .cr0 = CR0_ET };

static struct hw_view ask(const struct guest_view *guest,
			  const struct hv_caps *caps, enum rung_id rung,
			  enum observe observe)
{
	const struct rung_options options = { .observe = observe };
	struct hw_view out;

	strategy(guest, caps, &rungs[rung], &options, GUEST_CR4, &out);
	return out;
}

static struct hw_view svm(const struct guest_view *guest, enum observe observe)
{
	return ask(guest, &without_masks, RUNG_SVM_NPT, observe);
}

static struct hw_view vmx(const struct guest_view *guest, enum observe observe)
{
	return ask(guest, &with_masks, RUNG_VMX_UG, observe);
}

static const struct guest_view views[] = {
	{ .cr0 = CR0_ET },
	{ .cr0 = CR0_ET | CR0_PE, .cr3 = 0x1000 },
	{ .cr0 = CR0_ET | CR0_PE | CR0_PG | CR0_WP, .cr3 = 0x2000,
	  .cr4 = CR4_PSE },
	{ .cr0 = CR0_ET | CR0_PE | CR0_PG, .cr3 = 0x3020, .cr4 = CR4_PAE },
	{ .cr0 = CR0_ET | CR0_PE | CR0_PG | CR0_NE | CR0_TS, .cr3 = 0x4018,
	  .cr4 = CR4_PAE | CR4_OSFXSR, .efer = EFER_LME | EFER_LMA | EFER_SCE },
};

/* The native rungs run every mode as it is: nothing hidden, the guest's own CR3. */
static void native_in_every_mode(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(views); i++)
		for (unsigned o = OBSERVE_MODES; o <= OBSERVE_NONE; o++) {
			const struct hw_view a = svm(&views[i], o);
			const struct hw_view b = vmx(&views[i], o);

			assert_int_equal(a.ran_as, RAN_NATIVE);
			assert_int_equal(b.ran_as, RAN_NATIVE);
			assert_true(a.nested && b.nested && b.unrestricted);
			assert_int_equal(a.cr3, views[i].cr3);
			assert_int_equal(b.cr3, views[i].cr3);
		}
}

/* No read shadows: what the guest wrote is what runs, but for EFER.SVME. */
static void without_masks_the_values_are_the_guests(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(views); i++) {
		const struct hw_view hw = svm(&views[i], OBSERVE_NONE);

		assert_int_equal(hw.cr0, views[i].cr0);
		assert_int_equal(hw.cr4, views[i].cr4);
		assert_int_equal(hw.efer, views[i].efer | EFER_SVME);
	}
}

/* NE and VMXE are set in hardware whatever the guest says; the rest is the guest's. */
static void with_masks_required_bits_are_set(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(views); i++) {
		const struct hw_view hw = vmx(&views[i], OBSERVE_NONE);

		assert_int_equal(hw.cr0, views[i].cr0 | CR0_NE);
		assert_int_equal(hw.cr4, views[i].cr4 | CR4_VMXE);
		assert_int_equal(hw.efer, views[i].efer);
	}
}

/* VM entry leaves CR0.CD and NW alone: SDM 3C "Loading Guest Control Registers" 26.3.2.1. */
static void cache_control_never_reaches_the_cpu(void **state)
{
	const struct guest_view guest = { .cr0 = CR0_ET | CR0_CD | CR0_NW };
	const struct hw_view hw = vmx(&guest, OBSERVE_NONE);

	(void)state;
	assert_int_equal(hw.cr0, CR0_ET | CR0_NE);
	assert_int_equal(hw.cr0_mask & (CR0_CD | CR0_NW), CR0_CD | CR0_NW);
	/* A guest under nested paging has a CD of its own: APM vol. 2 "Nested Paging" 15.25. */
	assert_int_equal(svm(&guest, OBSERVE_NONE).cr0, guest.cr0);
}

/* observe=none: only what the rung itself needs; PE, PG and PAE change freely. */
static void unobserved_masks_hold_the_rungs_own_bits(void **state)
{
	const struct hw_view a = svm(&real, OBSERVE_NONE);
	const struct hw_view b = vmx(&real, OBSERVE_NONE);

	(void)state;
	assert_int_equal(a.observing, 0);
	assert_int_equal(b.observing, 0);
	assert_int_equal(a.cr0_mask, 0);
	assert_int_equal(a.cr0_own, 0);
	assert_false(a.intercepts & IC_CR0_WRITE);
	assert_int_equal(b.cr0_mask, b.cr0_own);
	assert_int_equal(b.cr4_mask, b.cr4_own);
	assert_int_equal(b.cr0_own & CR0_DEFINED, CR0_NE | CR0_CD | CR0_NW);
	assert_int_equal(b.cr0_own | CR0_DEFINED, UINT64_MAX);
	assert_int_equal(b.cr4_own, ~GUEST_CR4);
	assert_int_equal(b.intercepts, IC_CR0_WRITE | IC_CR4_WRITE);
}

/* CR4 bits that the CPU has and the policy refuses are all that a CPU without masks must watch. */
static void refused_cr4_bits_are_watched(void **state)
{
	struct hv_caps caps = without_masks;
	struct hw_view hw = svm(&real, OBSERVE_NONE);

	(void)state;
	assert_int_equal(hw.cr4_own, CR4_OSXSAVE | CR4_MCE);
	assert_int_equal(hw.cr4_mask, CR4_OSXSAVE | CR4_MCE);
	assert_true(hw.intercepts & IC_CR4_WRITE);

	caps.cr4_can = GUEST_CR4;
	hw = ask(&real, &caps, RUNG_SVM_NPT, OBSERVE_NONE);
	assert_int_equal(hw.cr4_own, 0);
	assert_false(hw.intercepts & IC_CR4_WRITE);
}

/* observe=modes: changes of PE, PG, LME and PAE exit too, and only they. */
static void observed_masks_add_the_mode_bits(void **state)
{
	const struct hw_view a = svm(&real, OBSERVE_MODES);
	const struct hw_view b = vmx(&real, OBSERVE_MODES);
	const struct hw_view b_none = vmx(&real, OBSERVE_NONE);

	(void)state;
	assert_int_equal(a.cr0_mask, CR0_PE | CR0_PG);
	assert_int_equal(a.cr4_mask, CR4_PAE | CR4_OSXSAVE | CR4_MCE);
	assert_int_equal(b.cr0_mask, b_none.cr0_mask | CR0_PE | CR0_PG);
	assert_int_equal(b.cr4_mask, b_none.cr4_mask | CR4_PAE);
	assert_int_equal(b.cr0_own, b_none.cr0_own);
	assert_int_equal(b.cr4_own, b_none.cr4_own);
}

/* What the rung needs anyway is its own exit, never an observed one. */
static void observing_names_what_only_it_added(void **state)
{
	struct hv_caps caps = without_masks;
	struct hw_view hw;

	(void)state;
	hw = svm(&real, OBSERVE_MODES);
	assert_int_equal(hw.observing, IC_CR0_WRITE);
	assert_int_equal(hw.intercepts, IC_CR0_WRITE | IC_CR4_WRITE |
			 IC_EFER_READ | IC_EFER_WRITE);
	hw = vmx(&real, OBSERVE_MODES);
	assert_int_equal(hw.observing, IC_EFER_WRITE);
	assert_int_equal(hw.intercepts, IC_CR0_WRITE | IC_CR4_WRITE |
			 IC_EFER_WRITE);
	caps.cr4_can = GUEST_CR4;
	hw = ask(&real, &caps, RUNG_SVM_NPT, OBSERVE_MODES);
	assert_int_equal(hw.observing, IC_CR0_WRITE | IC_CR4_WRITE);
}

/* A bit in EFER that the guest must not see makes its reads exit, and its writes. */
static void efer_exits_where_it_is_hidden(void **state)
{
	(void)state;
	assert_int_equal(svm(&real, OBSERVE_NONE).intercepts &
			 (IC_EFER_READ | IC_EFER_WRITE),
			 IC_EFER_READ | IC_EFER_WRITE);
	assert_int_equal(vmx(&real, OBSERVE_NONE).intercepts &
			 (IC_EFER_READ | IC_EFER_WRITE), 0);
	assert_int_equal(vmx(&real, OBSERVE_MODES).intercepts &
			 (IC_EFER_READ | IC_EFER_WRITE), IC_EFER_WRITE);
}

static void pat_exits_where_the_cpu_does_not_switch_it(void **state)
{
	struct hv_caps a = without_masks, b = with_masks;

	(void)state;
	assert_false(svm(&real, OBSERVE_MODES).intercepts & IC_PAT);
	assert_false(vmx(&real, OBSERVE_MODES).intercepts & IC_PAT);
	a.pat_switch = b.pat_switch = false;
	assert_true(ask(&real, &a, RUNG_SVM_NPT, OBSERVE_NONE).intercepts &
		    IC_PAT);
	assert_true(ask(&real, &b, RUNG_VMX_UG, OBSERVE_NONE).intercepts &
		    IC_PAT);
}

/*
 * #AC and #DB can recur for ever during their own delivery (CVE-2015-5307,
 * CVE-2015-8104); a native rung needs no other exception.
 */
static void only_the_endless_exceptions_exit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(views); i++)
		for (unsigned o = OBSERVE_MODES; o <= OBSERVE_NONE; o++) {
			assert_int_equal(svm(&views[i], o).exceptions,
					 1u << 1 | 1u << 17);
			assert_int_equal(vmx(&views[i], o).exceptions,
					 1u << 1 | 1u << 17);
		}
}

/* SDM 3A "Paging Modes and Control Bits" 4.1.1 */
static void mode_follows_the_control_bits(void **state)
{
	static const struct {
		struct guest_view view;
		enum guest_mode mode;
		const char *name;
	} rows[] = {
		{ { .cr0 = 0, .cr4 = 0, .efer = 0 }, MODE_REAL, "real" },
		{ { .cr0 = 0, .cr4 = CR4_PAE, .efer = EFER_LME }, MODE_REAL, "real" },
		{ { .cr0 = CR0_PE, .cr4 = 0, .efer = 0 }, MODE_UNPAGED, "unpaged" },
		{ { .cr0 = CR0_PE, .cr4 = CR4_PAE, .efer = EFER_LME }, MODE_UNPAGED, "unpaged" },
		{ { .cr0 = CR0_PE | CR0_PG, .cr4 = 0, .efer = 0 }, MODE_32BIT, "32bit" },
		{ { .cr0 = CR0_PE | CR0_PG, .cr4 = CR4_PSE, .efer = 0 }, MODE_32BIT, "32bit" },
		{ { .cr0 = CR0_PE | CR0_PG, .cr4 = CR4_PAE, .efer = 0 }, MODE_PAE, "pae" },
		{ { .cr0 = CR0_PE | CR0_PG, .cr4 = CR4_PAE, .efer = EFER_LME | EFER_LMA },
		  MODE_LONG, "long" },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(strategy_mode(&rows[i].view), rows[i].mode);
		assert_string_equal(guest_mode_name(rows[i].mode),
				    rows[i].name);
	}
}

/* docs/record.md: ran_as */
static void ways_of_running_have_the_records_names(void **state)
{
	(void)state;
	assert_string_equal(ran_as_name(RAN_NATIVE), "native");
	assert_string_equal(ran_as_name(RAN_PAGED_REAL), "paged-real");
	assert_string_equal(ran_as_name(RAN_HIDDEN), "hidden");
	assert_string_equal(ran_as_name(RAN_VM86), "vm86");
	assert_string_equal(ran_as_name(RAN_EMULATED), "emulated");
	assert_string_equal(ran_as_name(RAN_SHADOW), "shadow");
	assert_string_equal(ran_as_name(RAN_RING3), "ring3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_in_every_mode),
		cmocka_unit_test(without_masks_the_values_are_the_guests),
		cmocka_unit_test(with_masks_required_bits_are_set),
		cmocka_unit_test(cache_control_never_reaches_the_cpu),
		cmocka_unit_test(unobserved_masks_hold_the_rungs_own_bits),
		cmocka_unit_test(refused_cr4_bits_are_watched),
		cmocka_unit_test(observed_masks_add_the_mode_bits),
		cmocka_unit_test(observing_names_what_only_it_added),
		cmocka_unit_test(efer_exits_where_it_is_hidden),
		cmocka_unit_test(pat_exits_where_the_cpu_does_not_switch_it),
		cmocka_unit_test(only_the_endless_exceptions_exit),
		cmocka_unit_test(mode_follows_the_control_bits),
		cmocka_unit_test(ways_of_running_have_the_records_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
