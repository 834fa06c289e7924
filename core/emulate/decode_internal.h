/* What the decoder's own files share; nobody else includes this. */
#ifndef CORE_EMULATE_DECODE_INTERNAL_H
#define CORE_EMULATE_DECODE_INTERNAL_H

#include "core/emulate/decode.h"
#include "core/emulate/decode_defs.h"
#include "core/emulate/opcodes.h"
#include "core/vcpu.h"

struct cursor {
	const uint8_t *start, *at, *end;
};

/* The next bytes, little-endian; the caller has seen that there is room(). */
static inline uint64_t take(struct cursor *c, unsigned size)
{
	uint64_t value;

	switch (size) {
	case 1:
		value = *c->at;
		break;
	case 2: {
		uint16_t v;

		__builtin_memcpy(&v, c->at, sizeof(v));
		value = v;
		break;
	}
	case 4: {
		uint32_t v;

		__builtin_memcpy(&v, c->at, sizeof(v));
		value = v;
		break;
	}
	default:
		__builtin_memcpy(&value, c->at, sizeof(value));
		break;
	}
	c->at += size;
	return value;
}

static inline unsigned room(const struct cursor *c)
{
	return (unsigned)(c->end - c->at);
}

/* False: the bytes ran out. */
bool decode_modrm(struct cursor *c, struct insn *insn, unsigned bits, bool reg_form);
bool decode_imm(struct cursor *c, struct insn *insn, unsigned kind, unsigned bits);

/* Rules that hang on prefixes, mod or rm too; may change the attributes. */
bool decode_check(const struct insn *insn, uint32_t *attr, unsigned bits);

/* The attributes of an opcode in map 0F38 or 0F3A. */
uint32_t decode_escape3(const struct insn *insn);

/* Whether C4, C5, 62 or 8F begins a VEX, EVEX or XOP prefix here. */
bool decode_is_vex(const struct cursor *c, uint8_t byte, unsigned bits);

/* From after that byte to the end; DECODE_SHORT when the bytes ran out. */
enum decode_result decode_vex(struct cursor *c, struct insn *insn, unsigned bits);

#endif
