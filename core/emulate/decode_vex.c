/*
 * VEX, EVEX and XOP encodings: found, and measured. Which of them exist is not
 * modelled: the emulator refuses all but their length is always right.
 * SDM 2A "Intel AVX" 2.3 and "Intel AVX-512 Encoding" 2.7; APM vol. 4 "XOP" 1.8.
 */
#include "core/emulate/decode_internal.h"

bool decode_is_vex(const struct cursor *c, uint8_t byte, unsigned bits)
{
	if (c->at == c->end)
		return false;
	switch (byte) {
	case BYTE_XOP:	/* 8F /0 is POP: maps below 8 are not XOP's */
		return (*c->at & VEX_MAP) >= XOP_MAP_FIRST;
	case BYTE_EVEX:
	case BYTE_VEX2:
	case BYTE_VEX3:	/* LES, LDS and BOUND have no register form */
		return bits == 64 || *c->at >= MODRM_REG_FORM;
	default:
		return false;
	}
}

static uint8_t rex_of(uint8_t payload, unsigned bits)
{
	uint8_t rex = REX_FIRST;

	if (bits != 64)
		return 0;
	rex |= payload & VEX_R ? 0 : REX_R;
	rex |= payload & VEX_X ? 0 : REX_X;
	rex |= payload & VEX_B ? 0 : REX_B;
	return rex;
}

/* Opcodes of map 0F with an 8-bit immediate. */
static bool imm_in_0f(uint8_t opcode)
{
	return decode_0f[opcode] & ATTR_IMM && decode_0f[opcode] & ATTR_VECTOR;
}

/* The payload bytes; the map's number, or 0 when there is no such map. */
static unsigned payload(struct cursor *c, struct insn *insn, uint8_t first, unsigned bits)
{
	uint8_t p0 = *c->at++;
	unsigned map;

	switch (first) {
	case BYTE_VEX2:
		insn->rex = rex_of(p0 | VEX_X | VEX_B, bits);
		return 1;
	case BYTE_VEX3:
		map = p0 & VEX_MAP;
		insn->rex = rex_of(p0, bits) | (bits == 64 && *c->at & VEX_W ? REX_W : 0);
		c->at++;
		return map <= 3 ? map : 0;
	case BYTE_XOP:
		map = p0 & VEX_MAP;
		insn->rex = rex_of(p0, bits);
		c->at++;
		return map <= XOP_MAP_LAST ? map : 0;
	default:
		map = p0 & EVEX_MAP;
		insn->rex = rex_of(p0, bits);
		c->at += 2;
		return map <= EVEX_MAP_LAST && map != 4 ? map : 0;
	}
}

static enum imm vex_imm(unsigned map, uint8_t opcode)
{
	switch (map) {
	case 1:
		return imm_in_0f(opcode) ? IMM_UB : IMM_NO;
	case 3:
	case XOP_MAP_FIRST:
		return IMM_UB;
	case XOP_MAP_LAST:
		return IMM_D;
	default:
		return IMM_NO;
	}
}

enum decode_result decode_vex(struct cursor *c, struct insn *insn, unsigned bits)
{
	uint8_t first = c->at[-1];
	unsigned size = first == BYTE_VEX2 ? 1 : first == BYTE_EVEX ? 3 : 2;
	unsigned map;

	/* "Any VEX-encoded instruction with a LOCK, 66, F2, F3 or REX prefix will #UD." */
	if (insn->rex || insn->prefixes & (PFX_LOCK | PFX_OPSIZE | PFX_REP | PFX_REPNE))
		return DECODE_INVALID;
	if ((unsigned)(c->end - c->at) <= size)
		return DECODE_SHORT;
	insn->map = first == BYTE_XOP ? MAP_XOP : first == BYTE_EVEX ? MAP_EVEX : MAP_VEX;
	map = payload(c, insn, first, bits);
	insn->opcode = *c->at++;
	insn->opsize = insn->rex & REX_W ? 8 : 4;
	if (!map)
		return DECODE_INVALID;
	/* VZEROUPPER and VZEROALL alone have no ModRM. */
	if (!(map == 1 && insn->map == MAP_VEX && decode_0f[insn->opcode] & ATTR_VALID &&
	      !(decode_0f[insn->opcode] & ATTR_MODRM)) &&
	    !decode_modrm(c, insn, bits, false))
		return DECODE_SHORT;
	if (!decode_imm(c, insn, vex_imm(map, insn->opcode), bits))
		return DECODE_SHORT;
	insn->length = c->at - c->start;
	return DECODE_OK;
}
