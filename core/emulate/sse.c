/*
 * SSE's plain loads and stores: between memory and an XMM register, nothing computed.
 * SDM 2B "MOVAPS", "MOVUPS", "MOVDQA", "MOVQ", "MOVNTDQ". The rest is the hardware's.
 */
#include <string.h>

#include "core/emulate/block.h"
#include "core/emulate/fx_state.h"

#define PFX_ALL	(PFX_OPSIZE | PFX_REP | PFX_REPNE)

enum { STORE = BIT(0), ALIGNED = BIT(1), ZEROES = BIT(2), HIGH = BIT(3) };

/* `size` 0: the operand's, 4 or 8. A load that zeroes clears what it does not load. */
struct move { uint8_t opcode, prefix, size, how; };

static const struct move moves[] = {
	{ 0x10, 0, 16, 0 },			/* MOVUPS */
	{ 0x10, PFX_OPSIZE, 16, 0 },		/* MOVUPD */
	{ 0x10, PFX_REP, 4, ZEROES },		/* MOVSS */
	{ 0x10, PFX_REPNE, 8, ZEROES },		/* MOVSD */
	{ 0x11, 0, 16, STORE },
	{ 0x11, PFX_OPSIZE, 16, STORE },
	{ 0x11, PFX_REP, 4, STORE },
	{ 0x11, PFX_REPNE, 8, STORE },
	{ 0x12, 0, 8, 0 },			/* MOVLPS */
	{ 0x12, PFX_OPSIZE, 8, 0 },		/* MOVLPD */
	{ 0x13, 0, 8, STORE },
	{ 0x13, PFX_OPSIZE, 8, STORE },
	{ 0x16, 0, 8, HIGH },			/* MOVHPS */
	{ 0x16, PFX_OPSIZE, 8, HIGH },		/* MOVHPD */
	{ 0x17, 0, 8, STORE | HIGH },
	{ 0x17, PFX_OPSIZE, 8, STORE | HIGH },
	{ 0x28, 0, 16, ALIGNED },		/* MOVAPS */
	{ 0x28, PFX_OPSIZE, 16, ALIGNED },	/* MOVAPD */
	{ 0x29, 0, 16, STORE | ALIGNED },
	{ 0x29, PFX_OPSIZE, 16, STORE | ALIGNED },
	{ 0x2b, 0, 16, STORE | ALIGNED },	/* MOVNTPS */
	{ 0x2b, PFX_OPSIZE, 16, STORE | ALIGNED },	/* MOVNTPD */
	{ 0x6e, PFX_OPSIZE, 0, ZEROES },	/* MOVD, MOVQ */
	{ 0x7e, PFX_OPSIZE, 0, STORE },
	{ 0x6f, PFX_OPSIZE, 16, ALIGNED },	/* MOVDQA */
	{ 0x6f, PFX_REP, 16, 0 },		/* MOVDQU */
	{ 0x7f, PFX_OPSIZE, 16, STORE | ALIGNED },
	{ 0x7f, PFX_REP, 16, STORE },
	{ 0x7e, PFX_REP, 8, ZEROES },		/* MOVQ */
	{ 0xd6, PFX_OPSIZE, 8, STORE },
	{ 0xe7, PFX_OPSIZE, 16, STORE | ALIGNED },	/* MOVNTDQ */
	{ 0xf0, PFX_REPNE, 16, 0 },		/* LDDQU */
};

static const char by_name[] = "SSE instruction";

/* F3 and F2 outweigh 66. */
static unsigned mandatory(const struct insn *insn)
{
	unsigned repeats = insn->prefixes & (PFX_REP | PFX_REPNE);

	return repeats ? repeats : insn->prefixes & PFX_OPSIZE;
}

static const struct move *find(const struct insn *insn)
{
	if (insn->map != MAP_0F || insn->mod == 3)
		return NULL;
	for (unsigned i = 0; i < ARRAY_SIZE(moves); i++) {
		if (moves[i].opcode == insn->opcode && moves[i].prefix == mandatory(insn))
			return &moves[i];
	}
	return NULL;
}

static bool load(struct exec *x, const struct move *m, unsigned size, uint8_t *xmm)
{
	uint8_t value[16];
	struct memref ref;

	if (!block_open(x, size, m->how & ALIGNED ? size : 1, ACCESS_READ, &ref))
		return false;
	block_load(x, &ref, value);
	if (m->how & ZEROES)
		memset(xmm, 0, sizeof(value));
	memcpy(xmm + (m->how & HIGH ? 8 : 0), value, size);
	return true;
}

static bool store(struct exec *x, const struct move *m, unsigned size, const uint8_t *xmm)
{
	struct memref ref;

	if (!block_open(x, size, m->how & ALIGNED ? size : 1, ACCESS_WRITE, &ref))
		return false;
	block_store(x, &ref, 0, xmm + (m->how & HIGH ? 8 : 0), size);
	return true;
}

bool sse_step(struct exec *x)
{
	const struct move *m = find(x->insn);
	struct fx_image state;
	unsigned size;
	uint8_t *xmm;

	if (!m)
		return exec_stop(x, by_name);
	if (!fx_get(x, &state, true, by_name))
		return false;
	xmm = state.xmm[x->insn->reg];
	size = m->size ? m->size : x->insn->rex & REX_W ? 8 : 4;
	if (m->how & STORE)
		return store(x, m, size, xmm);
	return load(x, m, size, xmm) && fx_put(x, &state, true, by_name);
}
