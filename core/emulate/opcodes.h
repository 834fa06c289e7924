/*
 * The vocabulary of the opcode maps: what every row must say. The maps
 * themselves are opcodes_*.h. Must not know how anything is carried out.
 *
 * A row is
 *
 *   OP(code, handler, dst, src, imm, access, modes, privilege, lock, width)
 *
 * and each word is pasted onto its column's prefix: a row that leaves out or
 * misspells its modes, privilege or width names no constant and does not compile.
 */
#ifndef CORE_EMULATE_OPCODES_H
#define CORE_EMULATE_OPCODES_H

/* Operand places. Those from OPND_E on need a ModRM byte. */
enum opnd {
	OPND_NO,
	OPND_A,		/* the accumulator */
	OPND_O,		/* register in the opcode's low bits */
	OPND_I,		/* the immediate */
	OPND_ONE,	/* the constant 1 */
	OPND_CL,
	OPND_E,		/* ModRM.rm: register or memory, at the row's width */
	OPND_EB,	/* ... a byte, whatever the width */
	OPND_EW,	/* ... 16 bits, whatever the width */
	OPND_G,		/* ModRM.reg */
	OPND_M,		/* memory only; the handler does the access */
	OPND_X,		/* register or memory; the handler does the access */
	OPND_R,		/* ModRM.rm is a register whatever mod says (MOV CR, MOV DR) */
};

enum imm {
	IMM_NO,
	IMM_B,		/* 8 bits, sign-extended */
	IMM_UB,		/* 8 bits, zero-extended */
	IMM_W,		/* 16 bits */
	IMM_Z,		/* 16 or 32 bits by operand size, sign-extended */
	IMM_V,		/* 16, 32 or 64 bits by operand size */
	IMM_J,		/* as Z, but 32 bits in 64-bit code whatever the prefix */
	IMM_WB,		/* 16 bits, then 8 (ENTER) */
	IMM_BB,		/* 8 bits, then 8 (EXTRQ, INSERTQ) */
	IMM_FAR,	/* offset by operand size, then a selector */
	IMM_OFFS,	/* a memory offset by address size */
	IMM_T,		/* as Z when ModRM.reg is 0 or 1 (TEST in group 3) */
	IMM_TB,		/* as B when ModRM.reg is 0 or 1 */
	IMM_D,		/* 32 bits (XOP map A) */
};

/* What happens to the destination around the handler. */
enum access {
	ACCESS_OF_N,	/* the handler's own business */
	ACCESS_OF_R,	/* read before */
	ACCESS_OF_W,	/* written after */
	ACCESS_OF_RW,
};

enum modes {
	MODES_ANY = 1,
	MODES_NO64,	/* #UD in 64-bit code */
	MODES_ONLY64,
	MODES_PROT,	/* #UD in real and virtual-8086 mode */
};

enum privilege {
	PRIV_ANY = 1,
	PRIV_CPL0,	/* #GP(0) unless CPL is 0 */
	PRIV_OWN,	/* the handler checks: IOPL, CR4 or gate rules */
};

enum lockable { LOCK_NO, LOCK_YES };

enum width {
	WIDTH_N = 1,	/* no operand */
	WIDTH_B,	/* 8 bits */
	WIDTH_W,	/* 16 bits */
	WIDTH_V,	/* the operand size */
	WIDTH_Y,	/* 64 bits with REX.W, else 32 */
	WIDTH_L,	/* 64 bits in 64-bit code, else 32 (MOV CR, MOV DR) */
	WIDTH_P,	/* operand size, 64 bits by default in 64-bit code (stack) */
	WIDTH_F,	/* operand size, 64 bits always in 64-bit code (near branches) */
};

enum vector_kind { VECTOR_NONE, VECTOR_X87, VECTOR_MMX, VECTOR_SSE, VECTOR_3DNOW, VECTOR_OTHER };

enum group {
	GROUP_NONE,
	GROUP_1B, GROUP_1V, GROUP_1S,		/* 80, 81, 83 */
	GROUP_1BX,				/* 82: as 80, not in 64-bit code */
	GROUP_1A,				/* 8F */
	GROUP_2BI, GROUP_2VI, GROUP_2B1, GROUP_2V1, GROUP_2BC, GROUP_2VC,
	GROUP_3B, GROUP_3V, GROUP_4, GROUP_5,
	GROUP_6, GROUP_7, GROUP_8, GROUP_9,
	GROUP_11B, GROUP_11V, GROUP_15, GROUP_P,
	GROUP_COUNT
};

#define GROUP_SLOTS	16	/* ModRM.reg with a memory operand, then with a register */

/* The decoder's digest of a row. */
#define ATTR_VALID	(1u << 0)
#define ATTR_MODRM	(1u << 1)
#define ATTR_NO64	(1u << 2)
#define ATTR_ONLY64	(1u << 3)
#define ATTR_LOCK	(1u << 4)
#define ATTR_D64	(1u << 5)
#define ATTR_F64	(1u << 6)
#define ATTR_MEMORY	(1u << 7)	/* register form is #UD */
#define ATTR_REGISTER	(1u << 8)	/* ModRM.mod is ignored */
#define ATTR_CHECK	(1u << 9)	/* validity hangs on prefixes too */
#define ATTR_SPECIAL	(1u << 10)	/* prefix, escape, or possibly VEX, EVEX, XOP */
#define ATTR_ROW	(1u << 11)	/* of a group: this slot exists */
#define ATTR_IMM_SHIFT	12
#define ATTR_IMM	(0xfu << ATTR_IMM_SHIFT)
#define ATTR_GROUP_SHIFT 16
#define ATTR_GROUP	(0x1fu << ATTR_GROUP_SHIFT)
#define ATTR_VECTOR_SHIFT 24
#define ATTR_VECTOR	(0x7u << ATTR_VECTOR_SHIFT)

#include "mmu/bits.h"

extern const uint32_t decode_one[256], decode_0f[256];
extern const uint32_t decode_group[GROUP_COUNT][GROUP_SLOTS];

struct insn;

/* Which unit a decoded instruction belongs to, when not the integer one. */
enum vector_kind insn_vector_kind(const struct insn *insn);

#endif
