/*
 * Multiplication and division, up to 128 bits. Knows no memory.
 * SDM 2A "DIV", "IDIV", "IMUL"; 2B "MUL".
 */
#include "core/emulate/exec.h"
#include "core/emulate/arith.h"

typedef unsigned __int128 u128;
typedef __int128 s128;

/* The double-width accumulator: AX, or DX:AX and its wider kin. */
static u128 wide_load(const struct exec *x)
{
	if (x->width == 1)
		return reg_load(x, GPR_RAX, 2);
	return (u128)reg_load(x, GPR_RDX, x->width) << (8 * x->width) |
	       reg_load(x, GPR_RAX, x->width);
}

static void wide_store(struct exec *x, uint64_t high, uint64_t low)
{
	if (x->width == 1) {
		reg_store(x, GPR_RAX, 2, (high & width_mask(1)) << 8 | (low & width_mask(1)));
		return;
	}
	reg_store(x, GPR_RAX, x->width, low);
	reg_store(x, GPR_RDX, x->width, high);
}

/* CF and OF: the upper half matters. The others are undefined: as logic on the result. */
static void product_flags(struct exec *x, uint64_t low, bool overflow)
{
	flags_logic(x, low);
	flags_put(x, RFLAGS_CF | RFLAGS_OF, overflow);
}

bool op_mul(struct exec *x)
{
	u128 product = (u128)reg_load(x, GPR_RAX, x->width) * x->dst;
	uint64_t high = (uint64_t)(product >> (8 * x->width)) & width_mask(x->width);

	wide_store(x, high, (uint64_t)product);
	product_flags(x, (uint64_t)product, high);
	return true;
}

static s128 signed_product(struct exec *x, uint64_t a, uint64_t b)
{
	s128 product = (s128)width_sign(a, x->width) * width_sign(b, x->width);

	product_flags(x, (uint64_t)product,
		      product != width_sign((uint64_t)product, x->width));
	return product;
}

bool op_imul(struct exec *x)
{
	s128 product = signed_product(x, reg_load(x, GPR_RAX, x->width), x->dst);

	wide_store(x, (uint64_t)(product >> (8 * x->width)), (uint64_t)product);
	return true;
}

bool op_imul2(struct exec *x)
{
	x->dst = (uint64_t)signed_product(x, x->dst, x->src);
	return true;
}

bool op_imul3(struct exec *x)
{
	uint64_t factor = width_sign(x->insn->imm, x->insn->imm_size);

	x->dst = (uint64_t)signed_product(x, x->src, factor);
	return true;
}

/*
 * 128 by 64 bits, the quotient known to fit. By shifts: the compiler's own
 * 128-bit division is a library call, which freestanding code has not.
 */
static uint64_t divide(u128 value, uint64_t by, uint64_t *remainder)
{
	uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;

	if (!high) {
		*remainder = low % by;
		return low / by;
	}
	for (unsigned i = 0; i < 64; i++) {
		bool over = high >> 63;

		high = high << 1 | low >> 63;
		low <<= 1;
		if (over || high >= by) {
			high -= by;
			low |= 1;
		}
	}
	*remainder = high;
	return low;
}

bool op_div(struct exec *x)
{
	u128 value = wide_load(x);
	uint64_t quotient, remainder;

	if (!x->dst || (uint64_t)(value >> (8 * x->width)) >= x->dst)
		return exec_fault(x, VEC_DE);
	quotient = divide(value, x->dst, &remainder);
	wide_store(x, remainder, quotient);
	return true;
}

static s128 sign_wide(u128 value, unsigned width)
{
	unsigned shift = 128 - 16 * width;

	return (s128)(value << shift) >> shift;
}

bool op_idiv(struct exec *x)
{
	s128 value = sign_wide(wide_load(x), x->width);
	int64_t by = width_sign(x->dst, x->width);
	u128 size = value < 0 ? -(u128)value : (u128)value;
	uint64_t by_size = by < 0 ? -(uint64_t)by : (uint64_t)by;
	bool negative = (value < 0) != (by < 0);
	uint64_t quotient, remainder;

	if (!by || (uint64_t)(size >> 64) >= by_size)
		return exec_fault(x, VEC_DE);
	quotient = divide(size, by_size, &remainder);
	/* The largest magnitudes: 2^(n-1) when negative, one less when not. */
	if (quotient > (width_mask(x->width) >> 1) + negative)
		return exec_fault(x, VEC_DE);
	wide_store(x, value < 0 ? -remainder : remainder, negative ? -quotient : quotient);
	return true;
}
