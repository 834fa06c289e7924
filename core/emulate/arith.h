/*
 * Sums, differences and logic with exact condition codes, inline for the common
 * instructions' sake. Must not know operands.
 */
#ifndef CORE_EMULATE_ARITH_H
#define CORE_EMULATE_ARITH_H

#include "core/emulate/exec.h"

static inline uint64_t even_parity(uint64_t value)
{
	return (uint64_t)!__builtin_parity((uint8_t)value);
}

static inline uint64_t sign_of(uint64_t value, unsigned width)
{
	return value >> (8 * width - 1) & 1;
}

/* SF, ZF, PF from a result that fits the width. */
static inline uint64_t result_flags(uint64_t result, unsigned width)
{
	return (uint64_t)!result * RFLAGS_ZF | sign_of(result, width) * RFLAGS_SF |
	       even_parity(result) * RFLAGS_PF;
}

/* Logic clears CF and OF; AF is undefined there, and cleared here. */
static inline void flags_logic(struct exec *x, uint64_t result)
{
	x->flags = (x->flags & ~RFLAGS_ARITH) |
		   result_flags(result & width_mask(x->width), x->width);
}

static inline void put_arith(struct exec *x, uint64_t result, uint64_t carries, bool overflow)
{
	x->flags = (x->flags & ~RFLAGS_ARITH) | result_flags(result, x->width) |
		   sign_of(carries, x->width) * RFLAGS_CF |
		   (carries >> 3 & 1) * RFLAGS_AF | (uint64_t)overflow * RFLAGS_OF;
}

/* `carries`: bit n is the carry out of bit n. */
static inline uint64_t alu_sum(struct exec *x, uint64_t a, uint64_t b, bool carry)
{
	uint64_t r = (a + b + carry) & width_mask(x->width);
	uint64_t carries = (a & b) | ((a | b) & ~r);

	put_arith(x, r, carries, sign_of((a ^ r) & (b ^ r), x->width));
	return r;
}

static inline uint64_t alu_difference(struct exec *x, uint64_t a, uint64_t b, bool borrow)
{
	uint64_t r = (a - b - borrow) & width_mask(x->width);
	uint64_t borrows = (~a & b) | ((~a | b) & r);

	put_arith(x, r, borrows, sign_of((a ^ b) & (a ^ r), x->width));
	return r;
}

#endif
