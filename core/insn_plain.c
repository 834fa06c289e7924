/*
 * The commonest encodings of MOV to and from CR and of INVLPG, read straight from
 * memory: the decoder's work without the decoder. What is not plain is left to it.
 */
#include "core/insn.h"

/* First two bytes, the lower one first. SDM 2 "Opcode Map" table A-3. */
#define OP_MOV_FROM_CR	0x200fu
#define OP_MOV_TO_CR	0x220fu
#define OP_GROUP7	0x010fu
#define GROUP7_INVLPG	7u

#define MOD_DISP0	0u
#define MOD_DISP8	1u
#define MOD_DISP32	2u
#define MOD_REG		3u
#define RM_SIB		4u	/* a SIB byte follows */
#define RM_DISP32	5u	/* with MOD_DISP0: no base; 64-bit: relative to RIP */

#define OPCODE_SIZE	2u
#define MODRM_SIZE	1u

static unsigned modrm_mod(uint64_t code) { return code >> 22 & 3; }
static unsigned modrm_reg(uint64_t code) { return code >> 19 & 7; }
static unsigned modrm_rm(uint64_t code) { return code >> 16 & 7; }

/* Without REX: the register numbers are the three bits. */
static bool plain_cr(struct exit *exit, uint64_t code)
{
	uint16_t opcode = (uint16_t)code;

	if (opcode != OP_MOV_TO_CR && opcode != OP_MOV_FROM_CR)
		return false;
	exit->cr.kind = opcode == OP_MOV_TO_CR ? CR_WRITE : CR_READ;
	exit->cr.number = modrm_reg(code);
	exit->cr.gpr = modrm_rm(code);
	exit->insn_len = OPCODE_SIZE + MODRM_SIZE;
	return true;
}

/* What base register and displacement give; false: an operand that is not plain. */
static bool operand(struct vcpu *v, uint64_t code, uint64_t *linear,
		    uint8_t *length)
{
	unsigned mod = modrm_mod(code), rm = modrm_rm(code);
	uint64_t rest = code >> (8 * (OPCODE_SIZE + MODRM_SIZE));

	if (mod == MOD_REG || rm == RM_SIB)
		return false;
	*length = OPCODE_SIZE + MODRM_SIZE;
	*linear = 0;
	if (mod == MOD_DISP0 && rm == RM_DISP32) {
		if (vcpu_code64(v))
			return false;
		mod = MOD_DISP32;
	} else {
		*linear = v->gpr[rm];
	}
	if (mod == MOD_DISP32) {
		*linear += (uint64_t)(int64_t)(int32_t)rest;
		*length += sizeof(uint32_t);
	} else if (mod == MOD_DISP8) {
		*linear += (uint64_t)(int64_t)(int8_t)rest;
		*length += sizeof(uint8_t);
	}
	return true;
}

/* INVLPG looks at no limit and no right; the segment only adds its base. SDM 2A "INVLPG". */
static bool plain_invlpg(struct vcpu *v, struct exit *exit, uint64_t code)
{
	uint64_t linear;
	enum seg_reg seg = modrm_rm(code) == GPR_RBP && modrm_mod(code) ?
			   SEG_SS : SEG_DS;

	if ((uint16_t)code != OP_GROUP7 || modrm_reg(code) != GROUP7_INVLPG ||
	    !operand(v, code, &linear, &exit->insn_len))
		return false;
	if (!vcpu_code64(v)) {
		if (!(v->seg[SEG_CS].ar & AR_DB))
			return false;	/* 16-bit addresses */
		vcpu_need(v, seg == SEG_DS ? ST_DATA : ST_SS);
		linear = (uint32_t)(linear + v->seg[seg].base);
	}
	exit->address = gva(linear);
	return true;
}

bool insn_plain(struct vm *vm, struct exit *exit)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t code;

	vcpu_need(v, ST_RIP | ST_CR | ST_CS | ST_CPL);
	code = insn_peek(vm);
	if (exit->reason == EXIT_CR)
		return plain_cr(exit, code);
	return exit->reason == EXIT_INVLPG && plain_invlpg(v, exit, code);
}
