/*
 * Whether segments fit the hardware, rule by rule.
 * SDM 3C "Checks on Guest Segment Registers" 26.3.1.2.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/fits.h"
#include "fits_states.h"

#define SELECTOR_TI	4u

/* The guest fits until `change` is made to a segment of it, for each one named. */
#define EACH(make, check, first, last, change) do {			\
	for (unsigned n_ = first; n_ <= last; n_++) {			\
		struct vcpu v_ = make();				\
		struct vcpu_seg *s = &v_.seg[n_];			\
									\
		if (!check(&v_))					\
			fail_msg("%u: does not fit as it was", n_);	\
		change;							\
		if (check(&v_))						\
			fail_msg("%u: still fits", n_);			\
	}								\
} while (0)

/* Likewise, but it must go on fitting. */
#define STILL(make, check, first, last, change) do {			\
	for (unsigned n_ = first; n_ <= last; n_++) {			\
		struct vcpu v_ = make();				\
		struct vcpu_seg *s = &v_.seg[n_];			\
									\
		change;							\
		if (!check(&v_))					\
			fail_msg("%u: does not fit", n_);		\
	}								\
} while (0)

#define REAL(change)	EACH(real, fits_vm86, SEG_ES, SEG_GS, change)
#define BREAKS(n, change)	EACH(flat, fits_protected, n, n, change)
#define KEEPS(n, change) STILL(flat, fits_protected, n, n, change)

static void vm86_base_is_selector_times_16(void **state)
{
	(void)state;
	REAL(s->base += 1);
	REAL(s->base += 16);
	REAL(s->sel += 1);
	REAL(s->base |= BIT(20));
}

static void vm86_limit_is_64_kib(void **state)
{
	(void)state;
	REAL(s->limit = 0xfffe);
	REAL(s->limit = 0x1ffff);
	REAL(s->limit = UINT32_MAX);
}

static void vm86_segments_are_present_and_16_bit(void **state)
{
	(void)state;
	REAL(s->ar &= ~AR_P);
	REAL(s->ar &= ~AR_S);
	REAL(s->ar |= AR_DB);
	REAL(s->ar |= AR_UNUSABLE);
}

/* The one legal value, F3h, is writable data: what cannot be written does not fit. */
static void vm86_data_is_writable_and_expands_up(void **state)
{
	(void)state;
	EACH(real, fits_vm86, SEG_SS, SEG_GS, s->ar &= ~AR_TYPE_WRITE);
	EACH(real, fits_vm86, SEG_SS, SEG_GS, s->ar |= AR_TYPE_DOWN);
	EACH(real, fits_vm86, SEG_SS, SEG_GS, s->ar |= AR_TYPE_CODE);
	EACH(real, fits_vm86, SEG_ES, SEG_ES, s->ar |= AR_TYPE_DOWN);
}

/* CS comes out of a reset as data. SDM 3A table 9-1 */
static void vm86_code_may_be_data(void **state)
{
	(void)state;
	STILL(real, fits_vm86, SEG_CS, SEG_CS, s->ar = AR_REAL_DATA);
}

static void cs_is_accessed_code(void **state)
{
	(void)state;
	BREAKS(SEG_CS, s->ar &= ~AR_TYPE_CODE);
	BREAKS(SEG_CS, s->ar &= ~AR_TYPE_ACCESSED);
	BREAKS(SEG_CS, s->ar |= AR_UNUSABLE);
	KEEPS(SEG_CS, s->ar &= ~AR_TYPE_WRITE);
}

/* Non-conforming: DPL equal to that of SS; conforming: not greater. */
static void cs_dpl_goes_with_that_of_ss(void **state)
{
	struct vcpu v = flat();

	(void)state;
	BREAKS(SEG_CS, s->ar |= FIELD_PUT(AR_DPL, 1u));
	BREAKS(SEG_CS, s->ar |= AR_TYPE_DOWN | FIELD_PUT(AR_DPL, 1u));
	KEEPS(SEG_CS, s->ar |= AR_TYPE_DOWN);
	v.seg[SEG_SS].ar |= FIELD_PUT(AR_DPL, 3u);
	v.seg[SEG_SS].sel |= 3;
	v.seg[SEG_CS].sel |= 3;
	v.seg[SEG_CS].ar |= AR_TYPE_DOWN;
	assert_true(fits_protected(&v));
	v.seg[SEG_CS].ar &= ~AR_TYPE_DOWN;
	assert_false(fits_protected(&v));
}

/* A selector left by real mode: its low bits are an RPL now. */
static void rpl_of_ss_is_that_of_cs(void **state)
{
	(void)state;
	BREAKS(SEG_CS, s->sel |= 3);
	BREAKS(SEG_SS, s->sel |= 3);
}

static void dpl_of_ss_is_its_rpl(void **state)
{
	struct vcpu v = flat();

	(void)state;
	BREAKS(SEG_SS, s->ar |= FIELD_PUT(AR_DPL, 3u));
	v.seg[SEG_SS].sel |= 3;
	v.seg[SEG_CS].sel |= 3;
	assert_false(fits_protected(&v));
	/* Usable or not. */
	BREAKS(SEG_SS, s->ar = AR_UNUSABLE | FIELD_PUT(AR_DPL, 3u));
	KEEPS(SEG_SS, s->ar = AR_UNUSABLE);
}

static void ss_is_accessed_writable_data(void **state)
{
	(void)state;
	BREAKS(SEG_SS, s->ar &= ~AR_TYPE_WRITE);
	BREAKS(SEG_SS, s->ar &= ~AR_TYPE_ACCESSED);
	BREAKS(SEG_SS, s->ar |= AR_TYPE_CODE);
	KEEPS(SEG_SS, s->ar |= AR_TYPE_DOWN);
}

static const uint8_t data_segs[] = { SEG_ES, SEG_DS, SEG_FS, SEG_GS };

/* DS, ES, FS, GS: accessed, and readable if code. */
static void data_is_accessed_and_readable(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(data_segs); i++) {
		BREAKS(data_segs[i], s->ar &= ~AR_TYPE_ACCESSED);
		BREAKS(data_segs[i], s->ar = (s->ar | AR_TYPE_CODE) & ~AR_TYPE_WRITE);
		KEEPS(data_segs[i], s->ar |= AR_TYPE_CODE);
		KEEPS(data_segs[i], s->ar &= ~AR_TYPE_WRITE);
	}
}

/* Data and non-conforming code: DPL not below the selector's RPL. */
static void data_dpl_is_not_below_rpl(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(data_segs); i++) {
		BREAKS(data_segs[i], s->sel |= 1);
		BREAKS(data_segs[i], s->sel |= 3; s->ar |= FIELD_PUT(AR_DPL, 2u));
		KEEPS(data_segs[i], s->sel |= 3; s->ar |= FIELD_PUT(AR_DPL, 3u));
		KEEPS(data_segs[i], s->sel |= 3; s->ar |= AR_TYPE_CODE | AR_TYPE_DOWN);
	}
}

static void unusable_data_is_not_judged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(data_segs); i++)
		KEEPS(data_segs[i], s->ar = AR_UNUSABLE; s->sel = 3; s->base = BIT(20));
}

/* S set and P set in each that is usable. */
static void memory_segments_are_present(void **state)
{
	(void)state;
	for (unsigned n = SEG_ES; n <= SEG_GS; n++) {
		BREAKS(n, s->ar &= ~AR_P);
		BREAKS(n, s->ar &= ~AR_S);
	}
}

/* Limit bits 11:0 not all ones: G clear. Bits 31:20 not all zeros: G set. */
static void granularity_goes_with_the_limit(void **state)
{
	(void)state;
	for (unsigned n = SEG_ES; n <= SEG_TR; n++) {
		if (n == SEG_LDTR)
			continue;
		BREAKS(n, s->limit = 0xffffe; s->ar |= AR_G);
		BREAKS(n, s->limit = 0x100fff; s->ar &= ~AR_G);
		KEEPS(n, s->limit = 0xfffff; s->ar |= AR_G);
		KEEPS(n, s->limit = 0xfffff; s->ar &= ~AR_G);
	}
}

/* 64 bits of base belong to FS and GS alone. */
static void upper_base_bits_are_clear(void **state)
{
	(void)state;
	BREAKS(SEG_CS, s->base = BIT(32));
	BREAKS(SEG_SS, s->base = BIT(32));
	BREAKS(SEG_DS, s->base = BIT(32));
	BREAKS(SEG_ES, s->base = BIT(32));
	KEEPS(SEG_FS, s->base = BIT(32));
	KEEPS(SEG_GS, s->base = BIT(32));
}

static void cs_in_long_mode_is_not_64_and_32_bit(void **state)
{
	struct vcpu v = flat();

	(void)state;
	v.cr0 |= CR0_PG;
	v.efer = EFER_LME | EFER_LMA;
	v.seg[SEG_CS].ar |= AR_L;
	assert_false(fits_protected(&v));
	v.seg[SEG_CS].ar &= ~AR_DB;
	assert_true(fits_protected(&v));
}

static void tr_is_a_busy_tss(void **state)
{
	struct vcpu v = flat();

	(void)state;
	BREAKS(SEG_TR, s->ar = AR_UNUSABLE);
	BREAKS(SEG_TR, s->ar &= ~AR_P);
	BREAKS(SEG_TR, s->ar |= AR_S);
	BREAKS(SEG_TR, s->ar &= ~BIT(1));		/* available */
	BREAKS(SEG_TR, s->sel |= SELECTOR_TI);
	KEEPS(SEG_TR, s->ar = AR_TSS16_BUSY);
	v.efer = EFER_LME | EFER_LMA;
	v.seg[SEG_TR].ar = AR_TSS16_BUSY;
	assert_false(fits_protected(&v));
}

static void ldtr_is_an_ldt_while_usable(void **state)
{
	(void)state;
	KEEPS(SEG_LDTR, s->ar = AR_LDT; s->limit = 0xffff);
	BREAKS(SEG_LDTR, s->ar = AR_LDT | AR_S);
	BREAKS(SEG_LDTR, s->ar = AR_LDT & ~AR_P);
	BREAKS(SEG_LDTR, s->ar = AR_LDT | BIT(0));
	BREAKS(SEG_LDTR, s->ar = AR_LDT; s->sel = SELECTOR_TI);
	BREAKS(SEG_LDTR, s->ar = AR_LDT; s->limit = BIT(20));
	KEEPS(SEG_LDTR, s->sel = SELECTOR_TI);
}

/* Real mode asks for vm86's rules, protected mode for its own, a guest's vm86 task for both. */
static void the_mode_decides_which_rules(void **state)
{
	struct vcpu v = real();

	(void)state;
	assert_true(fits(&v));
	v.cr0 = CR0_PE;
	assert_false(fits(&v));
	v.rflags |= RFLAGS_VM;
	assert_false(fits(&v));
	v.seg[SEG_TR] = flat().seg[SEG_TR];
	v.seg[SEG_LDTR].ar = AR_UNUSABLE;
	assert_true(fits(&v));
	v.seg[SEG_DS].base++;
	assert_false(fits(&v));
	v = flat();
	assert_true(fits(&v));
	v.cr0 = 0;
	assert_false(fits(&v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vm86_base_is_selector_times_16),
		cmocka_unit_test(vm86_limit_is_64_kib),
		cmocka_unit_test(vm86_segments_are_present_and_16_bit),
		cmocka_unit_test(vm86_data_is_writable_and_expands_up),
		cmocka_unit_test(vm86_code_may_be_data),
		cmocka_unit_test(cs_is_accessed_code),
		cmocka_unit_test(cs_dpl_goes_with_that_of_ss),
		cmocka_unit_test(rpl_of_ss_is_that_of_cs),
		cmocka_unit_test(dpl_of_ss_is_its_rpl),
		cmocka_unit_test(ss_is_accessed_writable_data),
		cmocka_unit_test(data_is_accessed_and_readable),
		cmocka_unit_test(data_dpl_is_not_below_rpl),
		cmocka_unit_test(unusable_data_is_not_judged),
		cmocka_unit_test(memory_segments_are_present),
		cmocka_unit_test(granularity_goes_with_the_limit),
		cmocka_unit_test(upper_base_bits_are_clear),
		cmocka_unit_test(cs_in_long_mode_is_not_64_and_32_bit),
		cmocka_unit_test(tr_is_a_busy_tss),
		cmocka_unit_test(ldtr_is_an_ldt_while_usable),
		cmocka_unit_test(the_mode_decides_which_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
