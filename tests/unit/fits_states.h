/*
 * The two states that tests of fitting segments start from: real mode, and flat
 * protected mode. Knows no rule under test.
 */
#ifndef TESTS_FITS_STATES_H
#define TESTS_FITS_STATES_H

#include "core/vcpu.h"

/* Real mode as virtual-8086 mode can hold it. */
static inline struct vcpu real(void)
{
	struct vcpu v = { .rflags = RFLAGS_ONE };

	for (unsigned n = SEG_ES; n <= SEG_GS; n++)
		v.seg[n] = (struct vcpu_seg){
			.sel = (uint16_t)(0x1001 + n), .limit = 0xffff,
			.base = 0x10010 + 16 * n,
			.ar = n == SEG_CS ? AR_REAL_CODE : AR_REAL_DATA,
		};
	return v;
}

/* Flat 32-bit code at CPL 0. */
static inline struct vcpu flat(void)
{
	struct vcpu v = { .cr0 = CR0_PE, .rflags = RFLAGS_ONE };

	for (unsigned n = SEG_ES; n <= SEG_GS; n++)
		v.seg[n] = (struct vcpu_seg){
			.sel = n == SEG_CS ? 0x08 : 0x10, .limit = UINT32_MAX,
			.ar = AR_G | AR_DB |
			      (n == SEG_CS ? AR_REAL_CODE : AR_REAL_DATA),
		};
	v.seg[SEG_TR] = (struct vcpu_seg){
		.sel = 0x18, .limit = 0x67, .ar = AR_TSS32_BUSY,
	};
	v.seg[SEG_LDTR].ar = AR_UNUSABLE;
	return v;
}

#endif
