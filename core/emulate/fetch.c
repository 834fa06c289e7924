/*
 * Instruction fetch: bytes at CS:RIP through limit and paging, and no further
 * than the instruction goes. Must not know instructions.
 */
#include <string.h>

#include "core/emulate/translate.h"

#define CHUNK	8u	/* bytes compared at once */

/* The bytes of one page; `bytes` has room for INSN_MAX + 1. */
static bool fetch_part(struct exec *x, uint64_t linear, unsigned size, uint8_t *bytes)
{
	struct memref ref;
	unsigned access = ACCESS_FETCH | (x->v->cpl == 3 ? ACCESS_USER : 0);

	if (!lin_open(x, linear, size, access, &ref))
		return false;
	if (ref.ptr[0])
		__builtin_memcpy(bytes, ref.ptr[0], size);
	else
		/* No code is fetched from a device: it would take it for reads. */
		memset(bytes, UINT8_MAX, size);
	return true;
}

static uint8_t operand_width(const struct op *op, const struct insn *insn, unsigned bits)
{
	switch ((enum width)op->width) {
	case WIDTH_B:
		return 1;
	case WIDTH_W:
		return 2;
	case WIDTH_Y:
		return insn->rex & REX_W ? 8 : 4;
	case WIDTH_L:
		return bits == 64 ? 8 : 4;
	default:
		return insn->opsize;
	}
}

static inline bool same_bytes(const struct emu_line *line, const uint8_t *bytes)
{
	uint64_t kept[2], now[2];

	__builtin_memcpy(&kept[0], line->insn.bytes, CHUNK);
	__builtin_memcpy(&kept[1], line->insn.bytes + INSN_MAX - CHUNK, CHUNK);
	__builtin_memcpy(&now[0], bytes, CHUNK);
	__builtin_memcpy(&now[1], bytes + INSN_MAX - CHUNK, CHUNK);
	return kept[0] == now[0] && kept[1] == now[1];
}

static inline struct emu_line *line_of(struct emu *emu, uint64_t linear)
{
	return &emu->lines[linear & emu->line_mask];
}

static inline const struct emu_line *taken(struct exec *x, const struct emu_line *line)
{
	x->insn = &line->insn;
	x->op = line->op;
	x->width = line->width;
	return line;
}

static bool plain(const struct op *op, const struct insn *insn)
{
	return op && op->modes != MODES_PROT && op->privilege != PRIV_CPL0 &&
	       !(insn->has_modrm && insn->mod != 3);
}

/* Into the line; it is empty unless all went well. */
static __attribute__((noinline)) enum decode_result
decode(struct emu_line *line, unsigned bits, const uint8_t *bytes, unsigned size)
{
	enum decode_result result;

	line->bits = 0;
	result = insn_decode(bytes, size, bits, &line->insn);
	if (result != DECODE_OK)
		return result;
	line->op = op_find(&line->insn);
	line->width = line->op ? operand_width(line->op, &line->insn, bits) : 0;
	line->plain = plain(line->op, &line->insn);
	line->bits = size == INSN_MAX ? bits : 0;
	return DECODE_OK;
}

/* Of a copy, which nobody else writes meanwhile. */
static __attribute__((noinline)) enum decode_result
decode_copy(struct emu_line *line, unsigned bits, const uint8_t *from)
{
	uint8_t bytes[INSN_MAX];

	__builtin_memcpy(bytes, from, CHUNK);
	__builtin_memcpy(bytes + INSN_MAX - CHUNK, from + INSN_MAX - CHUNK, CHUNK);
	return decode(line, bits, bytes, INSN_MAX);
}

/* No instruction: the fault is raised. */
static inline const struct emu_line *faulted(bool raised)
{
	(void)raised;
	return NULL;
}

static const struct emu_line *undecodable(struct exec *x, enum decode_result result)
{
	return faulted(result == DECODE_INVALID ? exec_ud(x) : exec_gp0(x));
}

/* Near a limit or a page's end, or where the translation is not plain. */
static __attribute__((noinline)) const struct emu_line *fetch_careful(struct exec *x)
{
	const struct vcpu_seg *cs = &x->v->seg[SEG_CS];
	uint64_t rip = x->v->rip, linear = rip;
	unsigned size = INSN_MAX, first;
	uint8_t bytes[INSN_MAX + 1];
	enum decode_result result;
	struct emu_line *line;

	if (x->bits != 64) {
		if (rip > cs->limit)
			return faulted(exec_gp0(x));
		if (cs->limit - rip < size)
			size = cs->limit - rip + 1;
		linear = (uint32_t)(cs->base + rip);
	} else if (!seg_canonical(x, rip)) {
		return faulted(exec_gp0(x));
	}
	line = line_of(x->emu, linear);
	first = PAGE_SIZE - (linear & PAGE_MASK);
	if (first > size)
		first = size;
	if (!fetch_part(x, linear, first, bytes))
		return NULL;
	result = decode(line, x->bits, bytes, first);
	if (result == DECODE_OK)
		return taken(x, line);
	if (result != DECODE_SHORT || first == size)
		return undecodable(x, result);
	linear += first;
	if (x->bits != 64)
		linear = (uint32_t)linear;
	else if (!seg_canonical(x, linear))
		return faulted(exec_gp0(x));
	if (!fetch_part(x, linear, size - first, bytes + first))
		return NULL;
	result = decode(line, x->bits, bytes, size);
	return result == DECODE_OK ? taken(x, line) : undecodable(x, result);
}

/* The address does not leave the registers of who does not come here. */
static inline bool fetch_translate(const struct exec *x, uint64_t linear, uint64_t *to)
{
	gpa_t at;

	if (!translate_plain(x, linear, ACCESS_FETCH | (x->v->cpl == 3 ? ACCESS_USER : 0), &at))
		return false;
	*to = at.v;
	return true;
}

const struct emu_line *fetch(struct exec *x, struct emu *emu, const struct vcpu *v)
{
	const struct vcpu_seg *cs = &v->seg[SEG_CS];
	uint64_t linear = v->rip, at;
	enum decode_result result;
	struct emu_line *line;
	const uint8_t *from;

	if (x->bits != 64) {
		if (linear + INSN_MAX - 1 > cs->limit)
			return fetch_careful(x);
		linear = (uint32_t)(cs->base + linear);
	} else if (!seg_canonical(x, linear)) {
		return faulted(exec_gp0(x));
	}
	if ((linear & PAGE_MASK) > PAGE_SIZE - INSN_MAX)
		return fetch_careful(x);
	at = linear;
	if (v->cr0 & CR0_PG && !fetch_translate(x, linear, &at))
		return fetch_careful(x);
	from = first_slot_ptr(emu->mem, at);
	if (!from)
		return fetch_careful(x);
	line = line_of(emu, linear);
	if (line->bits == x->bits && same_bytes(line, from))
		return taken(x, line);
	result = decode_copy(line, x->bits, from);
	return result == DECODE_OK ? taken(x, line) : undecodable(x, result);
}

const struct emu_line *fetch_ahead(struct emu *emu, unsigned bits, uint64_t linear,
				   const uint8_t *from)
{
	struct emu_line *line = line_of(emu, linear);

	if (line->bits == bits && same_bytes(line, from))
		return line;
	return decode_copy(line, bits, from) == DECODE_OK ? line : NULL;
}

const uint8_t *fetch_room(const struct emu *emu, uint64_t linear, uint64_t *room)
{
	const struct vcpu_seg *cs = &emu->vcpu->seg[SEG_CS];
	uint64_t end = emu->vcpu->rip + INSN_MAX - 1;

	*room = PAGE_SIZE - (linear & PAGE_MASK);
	if (*room < INSN_MAX || end > cs->limit)
		return NULL;
	*room -= INSN_MAX;
	if (*room > cs->limit - end)
		*room = cs->limit - end;
	return first_slot_ptr(emu->mem, linear);
}
