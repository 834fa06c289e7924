/*
 * From a decoded instruction to its row: the same opcode maps as the decoder's,
 * read for handlers and operands. Must not look at bytes.
 */
#include "core/emulate/exec.h"

#define ROW(name, dst, src, imm, access, modes, privilege, lock, width) \
	{ op_##name, OPND_##dst, OPND_##src, IMM_##imm, ACCESS_OF_##access, \
	  MODES_##modes, PRIV_##privilege, LOCK_##lock, WIDTH_##width }

#define OP(code, name, ...)		[code] = ROW(name, __VA_ARGS__),
#define CHECKED(code, name, ...)	[code] = ROW(name, __VA_ARGS__),
#define OP_SPECIAL(code, name, ...)	[code] = ROW(name, __VA_ARGS__),
#define GROUP(code, g)
#define GROUP_CHECKED(code, g)
#define GROUP_SPECIAL(code, g)
#define VECTOR(code, kind, imm)
#define SPECIAL(code)

static const struct op ops_one[256] = {
#include "core/emulate/opcodes_one.h"
};

static const struct op ops_0f[256] = {
#include "core/emulate/opcodes_0f.h"
};

#define SUBM(g, reg, name, ...)	[GROUP_##g][reg] = ROW(name, __VA_ARGS__),
#define SUBR(g, reg, name, ...)	\
	[GROUP_##g][(reg) + GROUP_SLOTS / 2] = ROW(name, __VA_ARGS__),
#define SUB(g, reg, name, ...) \
	SUBM(g, reg, name, __VA_ARGS__) SUBR(g, reg, name, __VA_ARGS__)

static const struct op ops_group[GROUP_COUNT][GROUP_SLOTS] = {
#include "core/emulate/opcodes_group.h"
};

static const struct op ops_0f38[] = {
	ROW(movbe, G, M, NO, N, ANY, ANY, NO, V),
	ROW(movbe_to, G, M, NO, N, ANY, ANY, NO, V),
	ROW(crc32, G, X, NO, N, ANY, ANY, NO, Y),
	ROW(adx, G, E, NO, RW, ANY, ANY, NO, Y),
};

static const struct op *find_0f38(const struct insn *insn)
{
	switch (insn->opcode) {
	case OP_38_MOVBE:
	case OP_38_MOVBE_TO:
		if (insn->prefixes & PFX_REPNE)
			return &ops_0f38[2];
		return &ops_0f38[insn->opcode - OP_38_MOVBE];
	case OP_38_ADX:
		return insn->prefixes & (PFX_OPSIZE | PFX_REP) ? &ops_0f38[3] : NULL;
	default:
		return NULL;
	}
}

const struct op *op_find(const struct insn *insn)
{
	const struct op *op;
	unsigned group;

	switch (insn->map) {
	case MAP_ONE:
		group = FIELD_GET(ATTR_GROUP, decode_one[insn->opcode]);
		op = &ops_one[insn->opcode];
		break;
	case MAP_0F:
		group = FIELD_GET(ATTR_GROUP, decode_0f[insn->opcode]);
		op = &ops_0f[insn->opcode];
		break;
	case MAP_0F38:
		return find_0f38(insn);
	default:
		return NULL;
	}
	if (group)
		op = &ops_group[group][(insn->reg & 7) |
				       (insn->mod == 3 ? GROUP_SLOTS / 2 : 0)];
	return op->fn ? op : NULL;
}
