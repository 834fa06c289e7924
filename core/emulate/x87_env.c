/*
 * FLDENV, FNSTENV, FRSTOR, FNSAVE: the x87 environment in its four old formats, made
 * of what FXSAVE shows and back. Must not know the registers' contents otherwise.
 * SDM 1 "Saving the x87 FPU's State" 8.1.10; SDM 2A "FXSAVE" on the tag word.
 */
#include <string.h>

#include "core/emulate/block.h"
#include "core/emulate/fx_state.h"

#define REGISTERS	8u
#define REGISTER_SIZE	10u
#define ENV_WORDS	7u	/* of 2 or 4 bytes */
#define ENV_MAX		(ENV_WORDS * 4 + REGISTERS * REGISTER_SIZE)

/* Where each is, as words of the format's width. */
enum env_word { ENV_CONTROL, ENV_STATUS, ENV_TAGS, ENV_IP, ENV_CS, ENV_DP, ENV_DS };

enum tag { TAG_VALID, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

static const char by_name[] = "x87 instruction";

static unsigned top_of(const struct fx_image *fx)
{
	return FIELD_GET(X87_STATUS_TOP, fx->status);
}

/* SDM 1 "x87 FPU Tag Word" 8.1.7: what the register looks like now. */
static enum tag tag_of(const uint8_t *st)
{
	uint64_t significand;
	uint16_t exponent;

	memcpy(&significand, st, sizeof(significand));
	memcpy(&exponent, st + sizeof(significand), sizeof(exponent));
	exponent &= X87_EXPONENT;
	if (!exponent && !significand)
		return TAG_ZERO;
	return exponent && exponent != X87_EXPONENT && significand >> 63 ? TAG_VALID :
	       TAG_SPECIAL;
}

/* Tags go by register, the image's registers from the top of the stack. */
static uint16_t tags_full(const struct fx_image *fx)
{
	unsigned tags = 0;

	for (unsigned i = 0; i < REGISTERS; i++) {
		unsigned st = (i - top_of(fx)) % REGISTERS;
		unsigned tag = fx->tags & BIT(i) ? tag_of(fx->st[st]) : TAG_EMPTY;

		tags |= tag << (2 * i);
	}
	return (uint16_t)tags;
}

static uint8_t tags_abridged(uint16_t tags)
{
	unsigned used = 0;

	for (unsigned i = 0; i < REGISTERS; i++)
		used |= (tags >> (2 * i) & 3) != TAG_EMPTY ? 1u << i : 0;
	return (uint8_t)used;
}

/* Real and virtual-8086 mode have linear addresses in place of selectors. */
static bool linear(const struct exec *x) { return !exec_protected(x); }

static unsigned env_width(const struct exec *x) { return x->insn->opsize == 2 ? 2 : 4; }

static void env_put(uint8_t *env, unsigned width, enum env_word word, uint32_t value)
{
	memcpy(env + word * width, &value, width);
}

static uint32_t env_get(const uint8_t *env, unsigned width, enum env_word word)
{
	uint32_t value = 0;

	memcpy(&value, env + word * width, width);
	return value;
}

/* The unused upper halves are ones. */
static uint32_t upper(unsigned width)
{
	return width == 4 ? X87_UPPER : 0;
}

static void pack_linear(const struct fx_image *fx, uint8_t *env, unsigned width)
{
	uint32_t ip = ((uint32_t)fx->cs << 4) + fx->ip, dp = ((uint32_t)fx->ds << 4) + fx->dp;

	env_put(env, width, ENV_IP, (uint16_t)ip | upper(width));
	env_put(env, width, ENV_CS, ip >> 16 << X87_LINEAR_SHIFT | (fx->opcode & X87_OPCODE));
	env_put(env, width, ENV_DP, (uint16_t)dp | upper(width));
	env_put(env, width, ENV_DS, dp >> 16 << X87_LINEAR_SHIFT);
}

static void pack(const struct exec *x, const struct fx_image *fx, uint8_t *env)
{
	unsigned width = env_width(x);

	env_put(env, width, ENV_CONTROL, fx->control | upper(width));
	env_put(env, width, ENV_STATUS, fx->status | upper(width));
	env_put(env, width, ENV_TAGS, tags_full(fx) | upper(width));
	if (linear(x)) {
		pack_linear(fx, env, width);
		return;
	}
	env_put(env, width, ENV_IP, fx->ip);
	env_put(env, width, ENV_CS, fx->cs | (uint32_t)(fx->opcode & X87_OPCODE) << 16);
	env_put(env, width, ENV_DP, fx->dp);
	env_put(env, width, ENV_DS, fx->ds | upper(width));
}

static void unpack_pointers(const struct exec *x, const uint8_t *env, struct fx_image *fx)
{
	unsigned width = env_width(x);
	uint32_t ip = env_get(env, width, ENV_IP), cs = env_get(env, width, ENV_CS);
	uint32_t dp = env_get(env, width, ENV_DP), ds = env_get(env, width, ENV_DS);

	if (linear(x)) {
		fx->ip = (uint16_t)ip | cs >> X87_LINEAR_SHIFT << 16;
		fx->dp = (uint16_t)dp | ds >> X87_LINEAR_SHIFT << 16;
		fx->cs = fx->ds = 0;
		fx->opcode = cs & X87_OPCODE;
		return;
	}
	fx->ip = ip;
	fx->dp = dp;
	fx->cs = (uint16_t)cs;
	fx->ds = (uint16_t)ds;
	fx->opcode = cs >> 16 & X87_OPCODE;
}

/* Exceptions that the new control word does not mask are pending. */
static void unpack(const struct exec *x, const uint8_t *env, struct fx_image *fx)
{
	unsigned width = env_width(x);

	fx->control = (uint16_t)env_get(env, width, ENV_CONTROL);
	fx->status = (uint16_t)env_get(env, width, ENV_STATUS) & ~(X87_STATUS_ES | X87_STATUS_B);
	if (fx->status & ~fx->control & X87_EXCEPTIONS)
		fx->status |= X87_STATUS_ES | X87_STATUS_B;
	fx->tags = tags_abridged((uint16_t)env_get(env, width, ENV_TAGS));
	unpack_pointers(x, env, fx);
}

bool x87_pending(struct exec *x, uint16_t status)
{
	if (!(status & X87_STATUS_ES))
		return false;
	return x->v->cr0 & CR0_NE ? !exec_fault(x, VEC_MF) : !exec_stop(x, by_name);
}

/* FLDENV, FRSTOR */
bool x87_env_load(struct exec *x, bool registers)
{
	unsigned size = ENV_WORDS * env_width(x);
	unsigned all = size + (registers ? REGISTERS * REGISTER_SIZE : 0);
	struct fx_image fx;
	uint8_t env[ENV_MAX];
	struct memref ref;

	if (!fx_get(x, &fx, false, by_name) || x87_pending(x, fx.status) ||
	    !block_open(x, all, 1, ACCESS_READ, &ref))
		return false;
	block_load(x, &ref, env);
	unpack(x, env, &fx);
	for (unsigned i = 0; registers && i < REGISTERS; i++)
		memcpy(fx.st[i], env + size + i * REGISTER_SIZE, REGISTER_SIZE);
	return fx_put(x, &fx, false, by_name);
}

/* FNSTENV leaves all exceptions masked behind it, FNSAVE a state as after FNINIT. */
bool x87_env_store(struct exec *x, bool registers)
{
	unsigned size = ENV_WORDS * env_width(x);
	unsigned all = size + (registers ? REGISTERS * REGISTER_SIZE : 0);
	struct fx_image fx;
	uint8_t env[ENV_MAX];
	struct memref ref;

	if (registers && !x->emu->ops->fninit)
		return exec_stop(x, by_name);
	if (!fx_get(x, &fx, false, by_name) || !block_open(x, all, 1, ACCESS_WRITE, &ref))
		return false;
	pack(x, &fx, env);
	for (unsigned i = 0; registers && i < REGISTERS; i++)
		memcpy(env + size + i * REGISTER_SIZE, fx.st[i], REGISTER_SIZE);
	block_store(x, &ref, 0, env, all);
	if (registers) {
		x->emu->ops->fninit(x->emu);
		return true;
	}
	fx.control |= X87_EXCEPTIONS;
	fx.status &= ~(X87_STATUS_ES | X87_STATUS_B);
	return fx_put(x, &fx, false, by_name);
}
