/*
 * The decoder: bytes to one decoded instruction. Pure; never touches guest state.
 * SDM 2 "Instruction Format" 2 and "Opcode Map" appendix A.
 */
#ifndef CORE_EMULATE_DECODE_H
#define CORE_EMULATE_DECODE_H

#include "mmu/bits.h"

#define INSN_MAX	15	/* bytes; one more raises #GP */

enum insn_map { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A, MAP_3DNOW, MAP_VEX, MAP_EVEX, MAP_XOP };

#define PFX_LOCK	BIT(0)
#define PFX_REP		BIT(1)	/* F3 */
#define PFX_REPNE	BIT(2)	/* F2 */
#define PFX_OPSIZE	BIT(3)	/* 66 */
#define PFX_ADSIZE	BIT(4)	/* 67 */

#define INSN_NO_SEG	0xff

struct insn {
	uint8_t		length;		/* bytes */
	uint8_t		map;		/* enum insn_map */
	uint8_t		opcode;
	uint8_t		prefixes;	/* PFX_* */
	uint8_t		rex;		/* 0: none (or 0x40..0x4f) */
	uint8_t		seg;		/* override: enum seg_reg, or INSN_NO_SEG */
	uint8_t		opsize;		/* bytes: 2, 4, 8 (mandatory 66 does not count) */
	uint8_t		adsize;		/* bytes: 2, 4, 8 */
	bool		has_modrm;
	uint8_t		mod, reg, rm;	/* reg and rm with REX bits; rm is the base when mod != 3 */
	bool		has_base, has_index, rip_relative;
	uint8_t		base, index, scale;	/* scale: 1, 2, 4, 8 */
	int64_t		disp;
	uint8_t		disp_size, imm_size;	/* bytes in the encoding */
	uint64_t	imm;		/* zero-extended as encoded; moffs and far offsets too */
	uint16_t	imm2;		/* far pointer's selector, ENTER's level */
	uint8_t		bytes[INSN_MAX];
};

enum decode_result {
	DECODE_OK,
	DECODE_SHORT,		/* needs more bytes than given */
	DECODE_TOO_LONG,	/* over 15 bytes: #GP(0) */
	DECODE_INVALID,		/* no such instruction in this mode: #UD */
};

/*
 * Integer instructions are judged exactly. Of x87, MMX, SSE, VEX, EVEX and XOP
 * encodings only the length is promised: some that no CPU has are DECODE_OK.
 * Where the vendors part (66 before a near branch in 64-bit code) this is Intel's.
 * `bits`: 16, 32 or 64, the code segment's default. Reads at most min(size, 15) bytes. */
enum decode_result insn_decode(const uint8_t *bytes, unsigned size,
			       unsigned bits, struct insn *insn);

#endif
