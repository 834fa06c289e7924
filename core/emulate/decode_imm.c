/*
 * Immediates: their sizes by kind, operand and address size. Must not know
 * prefixes. SDM 2A "Immediate Bytes" 2.1.5.
 */
#include "core/emulate/decode_internal.h"

/* The immediate's size in bytes; the second part's in the high byte. */
static unsigned imm_size(const struct insn *insn, unsigned kind, unsigned bits)
{
	unsigned z = insn->opsize == 2 ? 2 : 4;

	switch ((enum imm)kind) {
	case IMM_NO:	return 0;
	case IMM_B:
	case IMM_UB:	return 1;
	case IMM_W:	return 2;
	case IMM_Z:	return z;
	case IMM_V:	return insn->opsize;
	case IMM_J:	return bits == 64 ? 4 : z;
	case IMM_WB:	return 2 | 1 << 8;
	case IMM_BB:	return 1 | 1 << 8;
	case IMM_FAR:	return z | 2 << 8;
	case IMM_OFFS:	return insn->adsize;
	case IMM_T:	return (insn->reg & 7) < 2 ? z : 0;
	case IMM_TB:	return (insn->reg & 7) < 2 ? 1 : 0;
	case IMM_D:	return 4;
	}
	return 0;
}

bool decode_imm(struct cursor *c, struct insn *insn, unsigned kind, unsigned bits)
{
	unsigned sizes, first, second;

	if (kind == IMM_NO)
		return true;
	sizes = imm_size(insn, kind, bits);
	first = sizes & UINT8_MAX;
	second = sizes >> 8;
	if (room(c) < first + second)
		return false;
	if (!first)
		return true;
	insn->imm_size = first;
	insn->imm = take(c, first);
	if (second)
		insn->imm2 = take(c, second);
	return true;
}
