/*
 * The opcode maps, digested for the decoder: one word of ATTR_* bits for each
 * opcode. Must not know the handlers; it reads the same rows as dispatch.c.
 */
#include "core/emulate/opcodes.h"

#define FITS(kind)	((kind) == OPND_M ? ATTR_MODRM | ATTR_MEMORY : \
			 (kind) == OPND_R ? ATTR_MODRM | ATTR_REGISTER : \
			 (kind) >= OPND_E ? ATTR_MODRM : 0u)
#define MODE_BITS(mode)	((mode) == MODES_NO64 ? ATTR_NO64 : \
			 (mode) == MODES_ONLY64 ? ATTR_ONLY64 : 0u)
#define SIZE_BITS(w)	((w) == WIDTH_P ? ATTR_D64 : (w) == WIDTH_F ? ATTR_F64 : 0u)

#define ROW(dst, src, imm, modes, lock, width) \
	(ATTR_VALID | ATTR_ROW | FITS(OPND_##dst) | FITS(OPND_##src) | \
	 (uint32_t)IMM_##imm << ATTR_IMM_SHIFT | MODE_BITS(MODES_##modes) | \
	 (LOCK_##lock ? ATTR_LOCK : 0u) | SIZE_BITS(WIDTH_##width))

#define OP(code, name, dst, src, imm, access, modes, privilege, lock, width) \
	[code] = ROW(dst, src, imm, modes, lock, width),
#define CHECKED(code, name, dst, src, imm, access, modes, privilege, lock, width) \
	[code] = ROW(dst, src, imm, modes, lock, width) | ATTR_CHECK,
#define OP_SPECIAL(code, name, dst, src, imm, access, modes, privilege, lock, width) \
	[code] = ROW(dst, src, imm, modes, lock, width) | ATTR_SPECIAL,
#define GROUP(code, g) \
	[code] = ATTR_VALID | ATTR_MODRM | GROUP_##g << ATTR_GROUP_SHIFT,
#define GROUP_CHECKED(code, g) \
	[code] = ATTR_VALID | ATTR_MODRM | GROUP_##g << ATTR_GROUP_SHIFT | ATTR_CHECK,
#define GROUP_SPECIAL(code, g) \
	[code] = ATTR_VALID | ATTR_MODRM | GROUP_##g << ATTR_GROUP_SHIFT | ATTR_SPECIAL,
#define VECTOR(code, kind, imm) \
	[code] = ATTR_VALID | ATTR_MODRM | (uint32_t)IMM_##imm << ATTR_IMM_SHIFT | \
		 VECTOR_##kind << ATTR_VECTOR_SHIFT,
#define SPECIAL(code)	[code] = ATTR_SPECIAL,

const uint32_t decode_one[256] = {
#include "core/emulate/opcodes_one.h"
};

const uint32_t decode_0f[256] = {
#include "core/emulate/opcodes_0f.h"
};

#define SUBM(g, reg, name, dst, src, imm, access, modes, privilege, lock, width) \
	[GROUP_##g][reg] = ROW(dst, src, imm, modes, lock, width),
#define SUBR(g, reg, name, dst, src, imm, access, modes, privilege, lock, width) \
	[GROUP_##g][(reg) + GROUP_SLOTS / 2] = ROW(dst, src, imm, modes, lock, width),
#define SUB(g, reg, name, dst, src, imm, access, modes, privilege, lock, width) \
	SUBM(g, reg, name, dst, src, imm, access, modes, privilege, lock, width) \
	SUBR(g, reg, name, dst, src, imm, access, modes, privilege, lock, width)

const uint32_t decode_group[GROUP_COUNT][GROUP_SLOTS] = {
#include "core/emulate/opcodes_group.h"
};
