/*
 * The instruction decoder: prefixes, escapes, ModRM, SIB, displacement and
 * immediate. Must not know the guest's state, nor what an instruction does.
 */
#include <string.h>

#include "core/emulate/decode_internal.h"

/* Room for n more bytes, or the reason there is none. */
static enum decode_result out_of_bytes(const struct cursor *c)
{
	return c->end - c->start >= INSN_MAX ? DECODE_TOO_LONG : DECODE_SHORT;
}

/* A legacy prefix, recorded; false when the byte is none. */
static bool prefix(struct insn *insn, uint8_t byte, bool code64)
{
	switch (byte) {
	case BYTE_ES:
	case BYTE_CS:
	case BYTE_SS:
	case BYTE_DS:
		/* Null prefixes in 64-bit code: they do not cancel FS or GS. */
		if (!code64)
			insn->seg = (byte - BYTE_ES) / (BYTE_CS - BYTE_ES);
		return true;
	case BYTE_FS:
	case BYTE_GS:
		insn->seg = byte == BYTE_FS ? SEG_FS : SEG_GS;
		return true;
	case BYTE_OPSIZE:
		insn->prefixes |= PFX_OPSIZE;
		return true;
	case BYTE_ADSIZE:
		insn->prefixes |= PFX_ADSIZE;
		return true;
	case BYTE_LOCK:
		insn->prefixes |= PFX_LOCK;
		return true;
	case BYTE_REPNE:	/* of the two, the last one counts */
		insn->prefixes = (insn->prefixes & ~PFX_REP) | PFX_REPNE;
		return true;
	case BYTE_REP:
		insn->prefixes = (insn->prefixes & ~PFX_REPNE) | PFX_REP;
		return true;
	default:
		return false;
	}
}

static inline void set_base(struct insn *insn, uint8_t reg)
{
	insn->has_base = true;
	insn->base = reg;
}

static inline void set_index(struct insn *insn, uint8_t reg, uint8_t scale)
{
	insn->has_index = true;
	insn->index = reg;
	insn->scale = scale;
}

/* SDM 2A table 2-1. */
static void address16(struct insn *insn)
{
	static const uint8_t base[] = {
		GPR_RBX, GPR_RBX, GPR_RBP, GPR_RBP, GPR_RSI, GPR_RDI, GPR_RBP, GPR_RBX
	};
	unsigned rm = insn->rm & 7;

	insn->disp_size = insn->mod == 2 ? 2 : insn->mod;
	if (rm == 6 && insn->mod == 0) {
		insn->disp_size = 2;
		return;
	}
	set_base(insn, base[rm]);
	if (rm < 4)
		set_index(insn, rm & 1 ? GPR_RDI : GPR_RSI, 1);
}

static bool sib(struct cursor *c, struct insn *insn)
{
	uint8_t byte, index;

	if (!room(c))
		return false;
	byte = *c->at++;
	index = ((byte >> 3) & 7) | (insn->rex & REX_X ? 8 : 0);
	if (index != GPR_RSP)
		set_index(insn, index, 1u << (byte >> 6));
	if ((byte & 7) == GPR_RBP && insn->mod == 0)
		insn->disp_size = 4;
	else
		set_base(insn, (byte & 7) | (insn->rex & REX_B ? 8 : 0));
	return true;
}

/* SDM 2A tables 2-2 and 2-3; "RIP-Relative Addressing" 2.2.1.6. */
static bool address32(struct cursor *c, struct insn *insn, bool code64)
{
	insn->disp_size = insn->mod == 2 ? 4 : insn->mod;
	switch (insn->rm & 7) {
	case GPR_RSP:
		return sib(c, insn);
	case GPR_RBP:
		if (insn->mod == 0) {
			insn->disp_size = 4;
			insn->rip_relative = code64;
			return true;
		}
		break;
	}
	set_base(insn, insn->rm);
	return true;
}

static inline int64_t sign_extend(uint64_t value, unsigned size)
{
	unsigned shift = 64 - 8 * size;

	return (int64_t)(value << shift) >> shift;
}

static bool address(struct cursor *c, struct insn *insn, unsigned bits)
{
	if (insn->adsize == 2)
		address16(insn);
	else if (!address32(c, insn, bits == 64))
		return false;
	if (!insn->disp_size)
		return true;
	if (room(c) < insn->disp_size)
		return false;
	insn->disp = sign_extend(take(c, insn->disp_size), insn->disp_size);
	return true;
}

static inline uint8_t take_modrm(struct cursor *c, struct insn *insn)
{
	uint8_t byte = *c->at++, rex = insn->rex;

	insn->has_modrm = true;
	insn->mod = byte >> 6;
	insn->reg = (byte >> 3 & 7) | (rex & REX_R) << 1;
	insn->rm = (byte & 7) | (rex & REX_B) << 3;
	return byte;
}

static inline bool modrm(struct cursor *c, struct insn *insn, unsigned bits, bool reg_form)
{
	if (!room(c))
		return false;
	return take_modrm(c, insn) >= MODRM_REG_FORM || reg_form || address(c, insn, bits);
}

/* ModRM and what it brings; false when the bytes ran out. */
bool decode_modrm(struct cursor *c, struct insn *insn, unsigned bits, bool reg_form)
{
	return modrm(c, insn, bits, reg_form);
}

/* Effective operand size. SDM 1 "Operand-Size and Address-Size Attributes" 3.6. */
static inline unsigned operand_size(const struct insn *insn, uint32_t attr, unsigned bits)
{
	bool prefixed = insn->prefixes & PFX_OPSIZE;

	if (bits == 64) {
		if (attr & ATTR_F64 || insn->rex & REX_W)
			return 8;
		return prefixed ? 2 : attr & ATTR_D64 ? 8 : 4;
	}
	return (bits == 16) != prefixed ? 2 : 4;
}

/*
 * All fields but the bytes to zero. Word by word: compilers make of memset()
 * a string instruction that costs more than the rest of a short decode.
 */
#define WORD(insn, n)	__builtin_memcpy((uint8_t *)(insn) + 8 * (n), &zero, 8)
_Static_assert(offsetof(struct insn, bytes) <= 7 * 8, "clear() stops there");

static inline void clear(struct insn *insn)
{
	const uint64_t zero = 0;

	WORD(insn, 0);
	WORD(insn, 1);
	WORD(insn, 2);
	WORD(insn, 3);
	WORD(insn, 4);
	WORD(insn, 5);
	WORD(insn, 6);
	insn->seg = INSN_NO_SEG;
}

/* Keep the bytes for messages: two overlapping moves when there is room. */
static inline void keep_bytes(const struct cursor *c, struct insn *insn)
{
	if (c->end - c->start >= INSN_MAX) {
		__builtin_memcpy(insn->bytes, c->start, 8);
		__builtin_memcpy(insn->bytes + INSN_MAX - 8, c->start + INSN_MAX - 8, 8);
	} else {
		memset(insn->bytes, 0, INSN_MAX);
		__builtin_memcpy(insn->bytes, c->start, c->end - c->start);
	}
}

/* What few instructions have: mode limits, prefix rules, LOCK. */
static bool allowed(struct insn *insn, uint32_t *attr, unsigned bits)
{
	if (insn->mod == 3 && *attr & ATTR_MEMORY && insn->has_modrm)
		return false;
	if (*attr & (ATTR_NO64 | ATTR_ONLY64) && (bits == 64) == !!(*attr & ATTR_NO64))
		return false;
	if (*attr & ATTR_CHECK && !decode_check(insn, attr, bits))
		return false;
	return !(insn->prefixes & PFX_LOCK) ||
	       (*attr & ATTR_LOCK && insn->has_modrm && insn->mod != 3);
}

/* Everything after the opcode, for the maps without VEX-like prefixes. */
static inline enum decode_result rest(struct cursor *c, struct insn *insn, uint32_t attr,
				      unsigned bits)
{
	if (!(attr & ATTR_VALID))
		return DECODE_INVALID;
	if (attr & ATTR_MODRM) {
		if (!modrm(c, insn, bits, attr & ATTR_REGISTER))
			return out_of_bytes(c);
		if (attr & ATTR_GROUP) {
			attr |= decode_group[FIELD_GET(ATTR_GROUP, attr)]
				[(insn->reg & 7) | (insn->mod == 3 ? GROUP_SLOTS / 2 : 0)];
			if (!(attr & ATTR_ROW))
				return DECODE_INVALID;
		}
	}
	if ((attr & (ATTR_MEMORY | ATTR_NO64 | ATTR_ONLY64 | ATTR_CHECK) ||
	     insn->prefixes & PFX_LOCK) && !allowed(insn, &attr, bits))
		return DECODE_INVALID;
	insn->opsize = operand_size(insn, attr, bits);
	if (attr & ATTR_IMM && !decode_imm(c, insn, FIELD_GET(ATTR_IMM, attr), bits))
		return out_of_bytes(c);
	insn->length = c->at - c->start;
	return DECODE_OK;
}

/* 0F and its sub-maps. */
static enum decode_result escape(struct cursor *c, struct insn *insn, unsigned bits)
{
	uint32_t attr;

	if (!room(c))
		return out_of_bytes(c);
	insn->map = MAP_0F;
	insn->opcode = *c->at++;
	attr = decode_0f[insn->opcode];
	if (insn->opcode == BYTE_0F38 || insn->opcode == BYTE_0F3A) {
		insn->map = insn->opcode == BYTE_0F38 ? MAP_0F38 : MAP_0F3A;
		if (!room(c))
			return out_of_bytes(c);
		insn->opcode = *c->at++;
		attr = decode_escape3(insn);
	} else if (insn->opcode == OP_0F_3DNOW) {
		enum decode_result result = rest(c, insn, attr, bits);

		insn->map = MAP_3DNOW;
		insn->opcode = insn->imm;
		return result;
	}
	return rest(c, insn, attr, bits);
}

/* Any instruction: prefixes first. */
static __attribute__((noinline)) enum decode_result
decode_long(const uint8_t *bytes, unsigned size, unsigned bits, struct insn *insn)
{
	struct cursor c = { bytes, bytes, bytes + (size < INSN_MAX ? size : INSN_MAX) };
	uint32_t attr;
	uint8_t byte;

	clear(insn);
	keep_bytes(&c, insn);
	for (;;) {
		if (c.at == c.end)
			return out_of_bytes(&c);
		byte = *c.at++;
		if (bits == 64 && (byte & REX_MASK) == REX_FIRST) {
			insn->rex = byte;
			continue;
		}
		attr = decode_one[byte];
		if (!(attr & ATTR_SPECIAL) || !prefix(insn, byte, bits == 64))
			break;
		insn->rex = 0;	/* REX counts only right before the opcode */
	}
	insn->adsize = bits == 64 ? (insn->prefixes & PFX_ADSIZE ? 4 : 8) :
		       (bits == 16) != !!(insn->prefixes & PFX_ADSIZE) ? 2 : 4;
	insn->opcode = byte;
	if (attr & ATTR_SPECIAL) {
		if (byte == BYTE_0F)
			return escape(&c, insn, bits);
		if (decode_is_vex(&c, byte, bits)) {
			enum decode_result result = decode_vex(&c, insn, bits);

			return result == DECODE_SHORT ? out_of_bytes(&c) : result;
		}
		if (c.at == c.end)
			return out_of_bytes(&c);
	}
	return rest(&c, insn, attr, bits);
}

/*
 * The common case by a straight road: all 15 bytes there, no legacy prefix, one-byte
 * opcode, nothing to check, no immediate. False: take the long way.
 */
#define ATTR_PLAIN	(ATTR_VALID | ATTR_ROW | ATTR_MODRM | ATTR_LOCK)

/* All of an address's bytes are there: base and displacement alone, or address(). */
static inline void plain_modrm(struct cursor *c, struct insn *insn, unsigned bits)
{
	uint8_t byte = take_modrm(c, insn), rm = byte & 7;

	if (byte >= MODRM_REG_FORM)
		return;
	if (bits == 16 || rm == GPR_RSP || (rm == GPR_RBP && !insn->mod)) {
		(void)address(c, insn, bits);
		return;
	}
	set_base(insn, insn->rm);
	if (insn->mod) {
		insn->disp_size = insn->mod == 1 ? 1 : 4;
		insn->disp = insn->mod == 1 ? (int64_t)(int8_t)take(c, 1) :
			     (int64_t)(int32_t)take(c, 4);
	}
}

static inline bool plain(const uint8_t *bytes, unsigned bits, struct insn *insn)
{
	struct cursor c = { bytes, bytes + 1, bytes + INSN_MAX };
	uint8_t byte = bytes[0], rex = 0;
	uint32_t attr;

	if (bits == 64 && (byte & REX_MASK) == REX_FIRST) {
		rex = byte;
		byte = *c.at++;
	}
	attr = decode_one[byte];	/* a second REX has NO64 here, and is not plain */
	if ((attr & (ATTR_VALID | ~ATTR_PLAIN)) != ATTR_VALID)
		return false;
	clear(insn);
	__builtin_memcpy(insn->bytes, bytes, 8);
	__builtin_memcpy(insn->bytes + INSN_MAX - 8, bytes + INSN_MAX - 8, 8);
	insn->rex = rex;
	insn->opcode = byte;
	insn->adsize = bits / 8;
	insn->opsize = bits == 64 ? (rex & REX_W ? 8 : 4) : bits / 8;
	/* With 15 bytes there the longest of these never runs out. */
	if (attr & ATTR_MODRM)
		plain_modrm(&c, insn, bits);
	insn->length = c.at - bytes;
	return true;
}

enum decode_result insn_decode(const uint8_t *bytes, unsigned size,
			       unsigned bits, struct insn *insn)
{
	if (size >= INSN_MAX && plain(bytes, bits, insn))
		return DECODE_OK;
	return decode_long(bytes, size, bits, insn);
}
