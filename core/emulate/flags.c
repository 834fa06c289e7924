/* Condition codes: computing and testing them. Must not know operands. */
#include "core/emulate/exec.h"

static inline bool even_parity(uint64_t value)
{
	return !__builtin_parity((unsigned)(value & width_mask(1)));
}

static inline bool sign_of(uint64_t value, unsigned width)
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
void flags_logic(struct exec *x, uint64_t result)
{
	x->flags = (x->flags & ~RFLAGS_ARITH) |
		   result_flags(result & width_mask(x->width), x->width);
}

static inline void put_arith(struct exec *x, uint64_t result, uint64_t carries, bool overflow)
{
	x->flags = (x->flags & ~RFLAGS_ARITH) | result_flags(result, x->width) |
		   sign_of(carries, x->width) * RFLAGS_CF |
		   (carries >> 3 & 1) * RFLAGS_AF | overflow * RFLAGS_OF;
}

/* `carries`: bit n is the carry out of bit n. */
uint64_t alu_sum(struct exec *x, uint64_t a, uint64_t b, bool carry)
{
	uint64_t r = (a + b + carry) & width_mask(x->width);
	uint64_t carries = (a & b) | ((a | b) & ~r);

	put_arith(x, r, carries, sign_of((a ^ r) & (b ^ r), x->width));
	return r;
}

uint64_t alu_difference(struct exec *x, uint64_t a, uint64_t b, bool borrow)
{
	uint64_t r = (a - b - borrow) & width_mask(x->width);
	uint64_t borrows = (~a & b) | ((~a | b) & r);

	put_arith(x, r, borrows, sign_of((a ^ b) & (a ^ r), x->width));
	return r;
}

/* SDM 1 appendix B "EFLAGS Condition Codes". */
bool flags_condition(const struct exec *x, unsigned condition)
{
	uint64_t f = x->v->rflags;
	bool less = !(f & RFLAGS_SF) != !(f & RFLAGS_OF), holds;

	switch (condition >> 1 & 7) {
	case 0:
		holds = f & RFLAGS_OF;
		break;
	case 1:
		holds = f & RFLAGS_CF;
		break;
	case 2:
		holds = f & RFLAGS_ZF;
		break;
	case 3:
		holds = f & (RFLAGS_CF | RFLAGS_ZF);
		break;
	case 4:
		holds = f & RFLAGS_SF;
		break;
	case 5:
		holds = f & RFLAGS_PF;
		break;
	case 6:
		holds = less;
		break;
	default:
		holds = less || f & RFLAGS_ZF;
		break;
	}
	return holds != (condition & 1);
}
