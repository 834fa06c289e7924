/*
 * The commonest encodings of MOV to and from CR and of INVLPG, read straight from
 * memory: the decoder's work without the decoder. What is not plain is left to it.
 * Inline: on a CPU that tells neither length nor operands this is at each such exit.
 */
#ifndef CORE_INSN_PLAIN_H
#define CORE_INSN_PLAIN_H

#include "core/emulate/decode_defs.h"
#include "core/insn.h"

/* First two bytes, the lower one first. SDM 2 "Opcode Map" table A-3. */
#define PLAIN_MOV_FROM_CR	0x200fu
#define PLAIN_MOV_TO_CR		0x220fu
#define PLAIN_GROUP7		0x010fu
#define PLAIN_GROUP7_INVLPG	7u

/* MOVS and STOS, a pair of opcodes each: of bytes, and of anything wider. */
#define PLAIN_REX		0x40u	/* in the upper half of the byte */
#define PLAIN_MOVS		0xa4u
#define PLAIN_STOS		0xaau

#define PLAIN_MOD_DISP0		0u
#define PLAIN_MOD_DISP8		1u
#define PLAIN_MOD_DISP32	2u
#define PLAIN_MOD_REG		3u
#define PLAIN_RM_SIB		4u	/* a SIB byte follows */
#define PLAIN_RM_DISP32		5u	/* with MOD_DISP0: no base; 64-bit: relative to RIP */
#define PLAIN_SIZE		3u	/* two bytes of opcode, and ModRM */

static inline unsigned plain_mod(uint64_t code) { return code >> 22 & 3; }
static inline unsigned plain_reg(uint64_t code) { return code >> 19 & 7; }
static inline unsigned plain_rm(uint64_t code) { return code >> 16 & 7; }

/* Does a REP MOVS or REP STOS come next: a page, most likely, copied or cleared? */
static inline bool insn_plain_block(struct vm *vm)
{
	uint64_t code;

	code = insn_peek(vm);
	if ((uint8_t)code != BYTE_REP)
		return false;
	code >>= 8;
	if (vcpu_code64(&vm->vcpu) && (code & 0xf0) == PLAIN_REX)
		code >>= 8;
	return (code & 0xfe) == PLAIN_MOVS || (code & 0xfe) == PLAIN_STOS;
}

/* MOV to or from CR. Without REX the register numbers are the three bits. */
static inline bool insn_plain_cr(struct vm *vm, struct exit *exit)
{
	uint64_t code;
	uint16_t opcode;

	code = insn_peek(vm);
	opcode = (uint16_t)code;
	if (opcode != PLAIN_MOV_TO_CR && opcode != PLAIN_MOV_FROM_CR)
		return false;
	exit->cr.kind = opcode == PLAIN_MOV_TO_CR ? CR_WRITE : CR_READ;
	exit->cr.number = plain_reg(code);
	exit->cr.gpr = plain_rm(code);
	exit->insn_len = PLAIN_SIZE;
	return true;
}

/* Base plus scaled index, without REX; false: RBP or RSP as the base (then by SS, mostly). */
static inline bool plain_sib(const struct vcpu *v, unsigned sib, unsigned *mod,
			     uint64_t *linear)
{
	unsigned base = sib & 7, index = sib >> 3 & 7;

	if (index != GPR_RSP)
		*linear = v->gpr[index] << (sib >> 6);
	if (base == GPR_RSP || (base == GPR_RBP && *mod != PLAIN_MOD_DISP0))
		return false;
	if (base != GPR_RBP)
		*linear += v->gpr[base];
	else
		*mod = PLAIN_MOD_DISP32;
	return true;
}

/* What registers and displacement give; false: an operand that is not plain. */
static inline bool plain_operand(const struct vcpu *v, uint64_t code, bool code64,
				 uint64_t *linear, uint8_t *length)
{
	unsigned mod = plain_mod(code), rm = plain_rm(code);
	uint64_t rest = code >> (8 * PLAIN_SIZE);

	*length = PLAIN_SIZE;
	*linear = 0;
	if (mod == PLAIN_MOD_REG)
		return false;
	if (rm == PLAIN_RM_SIB) {
		if (!plain_sib(v, (uint8_t)rest, &mod, linear))
			return false;
		rest >>= 8;
		*length += 1;
	} else if (mod == PLAIN_MOD_DISP0 && rm == PLAIN_RM_DISP32) {
		if (code64)
			return false;
		mod = PLAIN_MOD_DISP32;
	} else {
		*linear = v->gpr[rm];
	}
	if (mod == PLAIN_MOD_DISP32) {
		*linear += (uint64_t)(int64_t)(int32_t)rest;
		*length += sizeof(uint32_t);
	} else if (mod == PLAIN_MOD_DISP8) {
		*linear += (uint64_t)(int64_t)(int8_t)rest;
		*length += sizeof(uint8_t);
	}
	return true;
}

/* INVLPG looks at no limit and no right; the segment only adds its base. SDM 2A "INVLPG". */
static inline bool insn_plain_invlpg(struct vm *vm, struct exit *exit)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t code, linear;
	bool code64;

	code = insn_peek(vm);
	code64 = vcpu_code64(v);
	if ((uint16_t)code != PLAIN_GROUP7 ||
	    plain_reg(code) != PLAIN_GROUP7_INVLPG ||
	    !plain_operand(v, code, code64, &linear, &exit->insn_len))
		return false;
	if (!code64) {
		/* 16-bit addresses, and what goes by SS, are for the decoder. */
		if (!(v->seg[SEG_CS].ar & AR_DB) ||
		    (plain_rm(code) == GPR_RBP && plain_mod(code)))
			return false;
		vcpu_need(v, ST_DS);
		linear = (uint32_t)(linear + v->seg[SEG_DS].base);
	}
	exit->address = gva(linear);
	return true;
}

#endif
