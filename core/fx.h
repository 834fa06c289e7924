/*
 * The 512 bytes that FXSAVE writes and FXRSTOR reads. A layout, nothing more.
 * SDM 1 "FXSAVE Area" 10.5.1; SDM 2A "FXSAVE" table 3-43.
 */
#ifndef CORE_FX_H
#define CORE_FX_H

#include "mmu/bits.h"

#define FX_ALIGN	16	/* else #GP(0) */

struct fx_image {
	uint16_t	control, status;
	uint8_t		tags;		/* abridged: a bit for each register, 1: in use */
	uint8_t		reserved;
	uint16_t	opcode;
	/* With REX.W the pointers are 64 bits, and there are no selectors. */
	uint32_t	ip;
	uint16_t	cs, ip_high;
	uint32_t	dp;
	uint16_t	ds, dp_high;
	uint32_t	mxcsr, mxcsr_mask;
	uint8_t		st[8][16];	/* from the top of the stack; 10 bytes each */
	uint8_t		xmm[16][16];	/* outside 64-bit code the first eight alone */
	uint8_t		rest[96];	/* reserved, then software's own */
} __attribute__((aligned(FX_ALIGN)));
_Static_assert(sizeof(struct fx_image) == 512, "FXSAVE area");
_Static_assert(offsetof(struct fx_image, mxcsr) == 24, "FXSAVE area");
_Static_assert(offsetof(struct fx_image, xmm) == 160, "FXSAVE area");

#endif
