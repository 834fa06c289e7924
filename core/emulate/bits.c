/*
 * Single bits and bit counting: BT and kin, BSF, BSR, POPCNT, LZCNT, TZCNT,
 * CRC32, ADX. A bit string in memory is addressed by its signed bit number.
 */
#include "core/emulate/exec.h"
#include "core/emulate/arith.h"


enum bit_action { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };

static uint64_t bit_apply(struct exec *x, uint64_t value, unsigned n, enum bit_action action)
{
	flags_put(x, RFLAGS_CF, value >> n & 1);
	switch (action) {
	case BIT_SET:
		return value | BIT(n);
	case BIT_RESET:
		return value & ~BIT(n);
	case BIT_COMPLEMENT:
		return value ^ BIT(n);
	case BIT_TEST:
		break;
	}
	return value;
}

static bool bit_in_memory(struct exec *x, enum bit_action action, int64_t number)
{
	unsigned bits = 8u * x->width, n = (uint64_t)number & (bits - 1);
	unsigned shift = x->width == 8 ? 6 : x->width == 4 ? 5 : 4;
	bool locked = x->insn->prefixes & PFX_LOCK;
	uint64_t old, value;

	x->offset = (x->offset + (uint64_t)(number >> shift) * x->width) &
		    width_mask(x->insn->adsize);
	if (!mem_open(x, x->seg, x->offset, x->width,
		      action == BIT_TEST ? ACCESS_READ : ACCESS_WRITE, &x->ref))
		return false;
	do {
		old = ref_load(x, &x->ref);
		value = bit_apply(x, old, n, action);
		if (action == BIT_TEST)
			return true;
		if (!locked) {
			ref_store(x, &x->ref, value);
			return true;
		}
	} while (!ref_cas(x, &x->ref, old, value));
	return true;
}

static bool bit_by_register(struct exec *x, enum bit_action action)
{
	uint64_t number = reg_load(x, x->insn->reg, x->width), value;

	if (x->insn->mod != 3)
		return bit_in_memory(x, action, width_sign(number, x->width));
	value = bit_apply(x, reg_load(x, x->insn->rm, x->width),
			  number & (8u * x->width - 1), action);
	if (action != BIT_TEST)
		reg_store(x, x->insn->rm, x->width, value);
	return true;
}

bool op_bt(struct exec *x) { return bit_by_register(x, BIT_TEST); }
bool op_bts(struct exec *x) { return bit_by_register(x, BIT_SET); }
bool op_btr(struct exec *x) { return bit_by_register(x, BIT_RESET); }
bool op_btc(struct exec *x) { return bit_by_register(x, BIT_COMPLEMENT); }

static bool bit_by_imm(struct exec *x, enum bit_action action)
{
	x->dst = bit_apply(x, x->dst, x->insn->imm & (8u * x->width - 1), action);
	return true;
}

bool op_bt_imm(struct exec *x) { return bit_by_imm(x, BIT_TEST); }
bool op_bts_imm(struct exec *x) { return bit_by_imm(x, BIT_SET); }
bool op_btr_imm(struct exec *x) { return bit_by_imm(x, BIT_RESET); }
bool op_btc_imm(struct exec *x) { return bit_by_imm(x, BIT_COMPLEMENT); }

static unsigned trailing_zeros(uint64_t value)
{
	return (unsigned)__builtin_ctzll(value);
}

static unsigned leading_zeros(const struct exec *x, uint64_t value)
{
	return (unsigned)__builtin_clzll(value) - (64 - 8u * x->width);
}

/* TZCNT and LZCNT: CF says the source was zero, ZF that the result is. */
static void count_result(struct exec *x, unsigned result)
{
	x->dst = result;
	flags_put(x, RFLAGS_CF, !x->src);
	flags_put(x, RFLAGS_ZF, !result);
}

/* BSF of zero leaves the destination: so both vendors' CPUs do. */
bool op_bsf(struct exec *x)
{
	if (x->insn->prefixes & PFX_REP) {
		count_result(x, x->src ? trailing_zeros(x->src) : 8u * x->width);
		return true;
	}
	flags_logic(x, x->src);
	if (x->src)
		x->dst = trailing_zeros(x->src);
	return true;
}

bool op_bsr(struct exec *x)
{
	if (x->insn->prefixes & PFX_REP) {
		count_result(x, x->src ? leading_zeros(x, x->src) : 8u * x->width);
		return true;
	}
	flags_logic(x, x->src);
	if (x->src)
		x->dst = 8u * x->width - 1 - leading_zeros(x, x->src);
	return true;
}

bool op_popcnt(struct exec *x)
{
	unsigned bits = 0;

	for (uint64_t v = x->src; v; v &= v - 1)
		bits++;
	x->dst = bits;
	x->flags &= ~RFLAGS_ARITH;
	flags_put(x, RFLAGS_ZF, !x->src);
	return true;
}

bool op_crc32(struct exec *x)
{
	unsigned size = x->insn->opcode == OP_38_MOVBE ? 1 :
			x->insn->rex & REX_W ? 8 : x->insn->prefixes & PFX_OPSIZE ? 2 : 4;
	uint32_t crc = (uint32_t)x->v->gpr[x->insn->reg];
	uint64_t value;

	if (!rm_load(x, size, &value))
		return false;
	for (unsigned i = 0; i < size; i++) {
		crc ^= (uint8_t)(value >> (8 * i));
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? CRC32C_REFLECTED : 0);
	}
	reg_store(x, x->insn->reg, x->width, crc);
	return true;
}

/* ADCX carries through CF alone, ADOX through OF alone. */
bool op_adx(struct exec *x)
{
	uint64_t flag = x->insn->prefixes & PFX_REP ? RFLAGS_OF : RFLAGS_CF;
	uint64_t kept = x->flags;
	bool carry;

	x->dst = alu_sum(x, x->dst, x->src, x->v->rflags & flag);
	carry = x->flags & RFLAGS_CF;
	x->flags = kept;
	flags_put(x, flag, carry);
	return true;
}
