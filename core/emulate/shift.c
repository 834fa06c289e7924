/*
 * Shifts and rotates, single and double, with exact flags. Knows no memory.
 * SDM 2B "SAL/SAR/SHL/SHR", "RCL/RCR/ROL/ROR", "SHLD", "SHRD".
 */
#include "core/emulate/exec.h"
#include "core/emulate/arith.h"

#define COUNT_MASK	31u
#define COUNT_MASK64	63u

static unsigned masked_count(const struct exec *x, uint64_t count)
{
	return count & (x->width == 8 ? COUNT_MASK64 : COUNT_MASK);
}

static unsigned bits_of(const struct exec *x)
{
	return 8u * x->width;
}

static bool bit_of(uint64_t value, unsigned n)
{
	return n < 64 && value >> n & 1;
}

static bool top(const struct exec *x, uint64_t value)
{
	return bit_of(value, bits_of(x) - 1);
}

/* OF is defined for a count of 1 only; it is computed the same way for all. */
static void rotate_flags(struct exec *x, bool carry, bool overflow)
{
	flags_put(x, RFLAGS_CF, carry);
	flags_put(x, RFLAGS_OF, overflow);
}

bool op_rol(struct exec *x)
{
	unsigned count = masked_count(x, x->src), n = count % bits_of(x);
	uint64_t d = x->dst;

	if (!count)
		return true;
	if (n)
		d = (d << n | d >> (bits_of(x) - n)) & width_mask(x->width);
	rotate_flags(x, d & 1, (d & 1) != top(x, d));
	x->dst = d;
	return true;
}

bool op_ror(struct exec *x)
{
	unsigned count = masked_count(x, x->src), n = count % bits_of(x);
	uint64_t d = x->dst;

	if (!count)
		return true;
	if (n)
		d = (d >> n | d << (bits_of(x) - n)) & width_mask(x->width);
	rotate_flags(x, top(x, d), top(x, d) != bit_of(d, bits_of(x) - 2));
	x->dst = d;
	return true;
}

/* Through carry: a rotation of one bit more; at most 63 steps. */
bool op_rcl(struct exec *x)
{
	unsigned count = masked_count(x, x->src) % (bits_of(x) + 1);
	bool carry = x->v->rflags & RFLAGS_CF;
	uint64_t d = x->dst;

	if (!masked_count(x, x->src))
		return true;
	for (unsigned i = 0; i < count; i++) {
		bool out = top(x, d);

		d = (d << 1 | carry) & width_mask(x->width);
		carry = out;
	}
	rotate_flags(x, carry, carry != top(x, d));
	x->dst = d;
	return true;
}

bool op_rcr(struct exec *x)
{
	unsigned count = masked_count(x, x->src) % (bits_of(x) + 1);
	bool carry = x->v->rflags & RFLAGS_CF;
	uint64_t d = x->dst;

	if (!masked_count(x, x->src))
		return true;
	for (unsigned i = 0; i < count; i++) {
		bool out = d & 1;

		d = d >> 1 | (uint64_t)carry << (bits_of(x) - 1);
		carry = out;
	}
	rotate_flags(x, carry, top(x, d) != bit_of(d, bits_of(x) - 2));
	x->dst = d;
	return true;
}

static void shift_flags(struct exec *x, bool carry, bool overflow)
{
	flags_logic(x, x->dst);
	rotate_flags(x, carry, overflow);
}

bool op_shl(struct exec *x)
{
	unsigned count = masked_count(x, x->src);
	bool carry;

	if (!count)
		return true;
	carry = count <= bits_of(x) && bit_of(x->dst, bits_of(x) - count);
	x->dst = (x->dst << count) & width_mask(x->width);
	shift_flags(x, carry, carry != top(x, x->dst));
	return true;
}

bool op_shr(struct exec *x)
{
	unsigned count = masked_count(x, x->src);
	bool carry, sign = top(x, x->dst);

	if (!count)
		return true;
	carry = bit_of(x->dst, count - 1);
	x->dst >>= count;
	shift_flags(x, carry, sign && count == 1);
	return true;
}

bool op_sar(struct exec *x)
{
	unsigned count = masked_count(x, x->src);
	int64_t value = width_sign(x->dst, x->width);
	bool carry;

	if (!count)
		return true;
	carry = value >> (count - 1) & 1;
	x->dst = (uint64_t)(value >> count) & width_mask(x->width);
	shift_flags(x, carry, false);
	return true;
}

static uint64_t double_count(const struct exec *x)
{
	return masked_count(x, x->op->imm == IMM_UB ? x->insn->imm : x->v->gpr[GPR_RCX]);
}

/*
 * A 16-bit operand with a count over 16 is undefined: as CPUs do it, the
 * source follows the destination round (dst, src, dst).
 */
bool op_shld(struct exec *x)
{
	unsigned count = double_count(x), bits = bits_of(x);
	uint64_t d = x->dst;
	bool carry, sign = top(x, d);

	if (!count)
		return true;
	if (bits == 16) {
		uint64_t wide = d << 32 | x->src << 16 | d;

		carry = bit_of(wide, 48 - count);
		d = wide >> (32 - count);
	} else {
		carry = bit_of(d, bits - count);
		d = d << count | x->src >> (bits - count);
	}
	x->dst = d & width_mask(x->width);
	shift_flags(x, carry, sign != top(x, x->dst));
	return true;
}

bool op_shrd(struct exec *x)
{
	unsigned count = double_count(x), bits = bits_of(x);
	uint64_t d = x->dst;
	bool carry, sign = top(x, d);

	if (!count)
		return true;
	if (bits == 16) {
		uint64_t wide = d << 32 | x->src << 16 | d;

		carry = bit_of(wide, count - 1);
		d = wide >> count;
	} else {
		carry = bit_of(d, count - 1);
		d = d >> count | x->src << (bits - count);
	}
	x->dst = d & width_mask(x->width);
	shift_flags(x, carry, sign != top(x, x->dst));
	return true;
}
