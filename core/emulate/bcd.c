/* Decimal adjustment and the odd accumulator instructions. SDM 2A "AAA".. "DAS". */
#include "core/emulate/exec.h"
#include "core/emulate/arith.h"

#define NIBBLE		0x0fu
#define NINE		9u
#define SIX		6u
#define HIGH_SIX	0x60u
#define BCD_MAX		0x99u
#define AH_SHIFT	8

/* DAA and DAS alike: add or take away 6 and 60h. */
static bool decimal(struct exec *x, bool subtract)
{
	uint8_t al = (uint8_t)x->v->gpr[GPR_RAX], old = al;
	bool carry = x->v->rflags & RFLAGS_CF, adjust = x->v->rflags & RFLAGS_AF;
	bool low = (al & NIBBLE) > NINE || adjust;
	bool high = old > BCD_MAX || carry;

	if (low) {
		/* Taking away may borrow; adding may carry only where `high` says so. */
		carry = subtract ? carry || al < SIX : carry;
		al = (uint8_t)(subtract ? al - SIX : al + SIX);
	}
	if (high)
		al = (uint8_t)(subtract ? al - HIGH_SIX : al + HIGH_SIX);
	flags_logic(x, al);
	flags_put(x, RFLAGS_AF, low);
	flags_put(x, RFLAGS_CF, high || (subtract && low && carry));
	reg_store(x, GPR_RAX, 1, al);
	return true;
}

bool op_daa(struct exec *x) { return decimal(x, false); }
bool op_das(struct exec *x) { return decimal(x, true); }

/* AAA and AAS: AX as a whole is moved by 106h. */
static bool ascii(struct exec *x, bool subtract)
{
	uint16_t ax = (uint16_t)x->v->gpr[GPR_RAX];
	bool adjust = (ax & NIBBLE) > NINE || x->v->rflags & RFLAGS_AF;
	uint16_t step = (1u << AH_SHIFT) + SIX;

	if (adjust)
		ax = (uint16_t)(subtract ? ax - step : ax + step);
	ax &= (uint16_t)~(width_mask(1) & ~(uint64_t)NIBBLE);
	flags_logic(x, ax & width_mask(1));
	flags_put(x, RFLAGS_AF | RFLAGS_CF, adjust);
	reg_store(x, GPR_RAX, 2, ax);
	return true;
}

bool op_aaa(struct exec *x) { return ascii(x, false); }
bool op_aas(struct exec *x) { return ascii(x, true); }

bool op_aam(struct exec *x)
{
	uint8_t al = (uint8_t)x->v->gpr[GPR_RAX], base = (uint8_t)x->insn->imm;

	if (!base)
		return exec_fault(x, VEC_DE);
	flags_logic(x, al % base);
	reg_store(x, GPR_RAX, 2, (uint64_t)(al / base) << AH_SHIFT | al % base);
	return true;
}

bool op_aad(struct exec *x)
{
	uint16_t ax = (uint16_t)x->v->gpr[GPR_RAX];
	uint8_t al = (uint8_t)(ax + (ax >> AH_SHIFT) * x->insn->imm);

	flags_logic(x, al);
	reg_store(x, GPR_RAX, 2, al);
	return true;
}

bool op_salc(struct exec *x)
{
	reg_store(x, GPR_RAX, 1, x->v->rflags & RFLAGS_CF ? width_mask(1) : 0);
	return true;
}

#define LAHF_FLAGS	(RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF | RFLAGS_CF)

bool op_lahf(struct exec *x)
{
	uint64_t ah = (x->v->rflags & LAHF_FLAGS) | RFLAGS_ONE;

	x->v->gpr[GPR_RAX] = (x->v->gpr[GPR_RAX] & ~(width_mask(1) << AH_SHIFT)) |
			     ah << AH_SHIFT;
	return true;
}

bool op_sahf(struct exec *x)
{
	x->flags = (x->flags & ~LAHF_FLAGS) |
		   (x->v->gpr[GPR_RAX] >> AH_SHIFT & LAHF_FLAGS);
	return true;
}

bool op_clc(struct exec *x) { x->flags &= ~RFLAGS_CF; return true; }
bool op_stc(struct exec *x) { x->flags |= RFLAGS_CF; return true; }
bool op_cmc(struct exec *x) { x->flags ^= RFLAGS_CF; return true; }
bool op_cld(struct exec *x) { x->flags &= ~RFLAGS_DF; return true; }
bool op_std(struct exec *x) { x->flags |= RFLAGS_DF; return true; }
