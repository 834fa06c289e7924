/*
 * The decoder against Zydis 4: length, validity and operand fields over random
 * and structured byte strings. Must not know the opcode maps.
 *
 *   test_decode [count [seed]]	(or DECODE_COUNT, DECODE_SEED)
 *
 * The seed is printed; the same seed and count replay the same strings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <Zydis/Zydis.h>

#include "core/emulate/decode.h"
#include "core/emulate/opcodes.h"
#include "core/vcpu.h"

#define COUNT_DEFAULT	1500000ull
#define SEED_DEFAULT	0x5eed0001ull
#define REPORT_MAX	20

static uint64_t count = COUNT_DEFAULT, seed = SEED_DEFAULT, state;
static ZydisDecoder decoders[3];

struct case_ {
	uint8_t bytes[INSN_MAX + 1];
	unsigned bits;
	struct insn insn;
	enum decode_result ours;
	ZyanStatus theirs;
	ZydisDecodedInstruction z;
};

/* xorshift64*: the whole run follows from the seed. */
static uint64_t random64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

static bool ours_vector(const struct case_ *c)
{
	return c->ours == DECODE_OK && insn_vector_kind(&c->insn) != VECTOR_NONE;
}

/* Known differences, each with its reason, counted and shown at the end. */

/*
 * Vector and x87 units: the emulator refuses the whole class by name, so the
 * decoder measures any encoding there and leaves existence to the CPU.
 */
static bool vector_existence(const struct case_ *c)
{
	return ours_vector(c) && !ZYAN_SUCCESS(c->theirs);
}

/* Instructions that Zydis knows and this virtual CPU can never have. */
static bool neither_vendor(const struct case_ *c)
{
	if (!ZYAN_SUCCESS(c->theirs) || c->ours != DECODE_INVALID)
		return false;
	switch (c->z.mnemonic) {
	/* VIA PadLock and Centaur: on neither vendor's CPUs. */
	case ZYDIS_MNEMONIC_MONTMUL:
	case ZYDIS_MNEMONIC_XSHA1:
	case ZYDIS_MNEMONIC_XSHA256:
	case ZYDIS_MNEMONIC_XSTORE:
	case ZYDIS_MNEMONIC_XCRYPT_ECB:
	case ZYDIS_MNEMONIC_XCRYPT_CBC:
	case ZYDIS_MNEMONIC_XCRYPT_CTR:
	case ZYDIS_MNEMONIC_XCRYPT_CFB:
	case ZYDIS_MNEMONIC_XCRYPT_OFB:
		return true;
	default:
		return false;
	}
}

/*
 * 0F 1A and 0F 1B are reserved NOPs where there is no MPX, with any prefix and
 * form; Zydis knows them as BNDLDX and so on only (address size included).
 */
static bool mpx(const struct case_ *c)
{
	return c->ours == DECODE_OK && c->insn.map == MAP_0F &&
	       (c->insn.opcode == 0x1a || c->insn.opcode == 0x1b);
}

/* ENCLS, ENCLU and ENCLV address by mode, not by prefix; here the prefix is recorded. */
static bool sgx(const struct case_ *c)
{
	return c->z.mnemonic == ZYDIS_MNEMONIC_ENCLS || c->z.mnemonic == ZYDIS_MNEMONIC_ENCLU ||
	       c->z.mnemonic == ZYDIS_MNEMONIC_ENCLV;
}

/* VEX.0F 84 and 85 are JKZD and JKNZD of Knights Corner, with a displacement. */
static bool knights_corner(const struct case_ *c)
{
	return ZYAN_SUCCESS(c->theirs) &&
	       (c->z.mnemonic == ZYDIS_MNEMONIC_JKZD ||
		c->z.mnemonic == ZYDIS_MNEMONIC_JKNZD);
}

static struct exclusion {
	const char *name;
	bool (*holds)(const struct case_ *c);
	uint64_t hits;
} exclusions[] = {
	{ "vector or x87 encoding that does not exist", vector_existence, 0 },
	{ "instructions of neither vendor", neither_vendor, 0 },
	{ "MPX, here reserved NOPs", mpx, 0 },
	{ "SGX address size", sgx, 0 },
	{ "Knights Corner mask jumps", knights_corner, 0 },
};

static bool excluded(const struct case_ *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++) {
		if (exclusions[i].holds(c)) {
			exclusions[i].hits++;
			return true;
		}
	}
	return false;
}

static void show(const struct case_ *c, const char *what)
{
	printf("%s: %u-bit:", what, c->bits);
	for (unsigned i = 0; i < INSN_MAX; i++)
		printf(" %02x", c->bytes[i]);
	printf("\n  ours: result %d length %u; theirs: status %x length %u %s\n", c->ours,
	       c->insn.length, c->theirs, c->z.length,
	       ZYAN_SUCCESS(c->theirs) ? ZydisMnemonicGetString(c->z.mnemonic) : "-");
}

/* Integer instructions: every field that an executor relies on. */
static const char *fields(const struct case_ *c)
{
	const struct insn *i = &c->insn;
	const ZydisDecodedInstruction *z = &c->z;
	bool moffs = z->raw.disp.size && !(z->attributes & ZYDIS_ATTRIB_HAS_MODRM);
	unsigned index = (z->raw.sib.index | z->raw.rex.X << 3);

	if (i->adsize * 8 != z->address_width)
		return "address size";
	if (!i->has_modrm != !(z->attributes & ZYDIS_ATTRIB_HAS_MODRM))
		return "ModRM presence";
	if (i->has_modrm && (i->mod != z->raw.modrm.mod ||
	    (i->reg & 7) != z->raw.modrm.reg || (i->rm & 7) != z->raw.modrm.rm))
		return "ModRM fields";
	if (i->has_modrm && (i->reg >> 3 != z->raw.rex.R || i->rm >> 3 != z->raw.rex.B))
		return "REX bits";
	if (moffs ? i->imm_size * 8 != z->raw.disp.size :
	    i->disp_size * 8 != z->raw.disp.size || i->disp != z->raw.disp.value)
		return "displacement";
	if (!moffs && i->imm_size * 8 != z->raw.imm[0].size)
		return "immediate size";
	if (z->attributes & ZYDIS_ATTRIB_HAS_SIB &&
	    (i->has_index != (index != 4) ||
	     (i->has_index && (i->index != index || i->scale != 1u << z->raw.sib.scale))))
		return "SIB index";
	if (z->raw.imm[0].size) {
		uint64_t mask = ~0ull >> (64 - z->raw.imm[0].size);

		if (i->imm != (z->raw.imm[0].value.u & mask))
			return "immediate";
	}
	if (z->raw.imm[1].size && i->imm2 != (z->raw.imm[1].value.u & 0xffff))
		return "second immediate";
	return NULL;
}

static const uint8_t seg_prefix[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65 };

static const char *prefixes(const struct case_ *c)
{
	const struct insn *i = &c->insn;
	uint8_t seg = INSN_NO_SEG;
	bool rep = false, repne = false, lock = false;

	for (unsigned p = 0; p < c->z.raw.prefix_count; p++) {
		uint8_t byte = c->z.raw.prefixes[p].value;

		lock |= byte == 0xf0;
		if (byte == 0xf2 || byte == 0xf3) {
			repne = byte == 0xf2;
			rep = byte == 0xf3;
		}
		for (unsigned s = 0; s < 6; s++)
			if (byte == seg_prefix[s] && (c->bits != 64 || s >= SEG_FS))
				seg = s;
	}
	if (seg != i->seg)
		return "segment prefix";
	if (lock != !!(i->prefixes & PFX_LOCK) || rep != !!(i->prefixes & PFX_REP) ||
	    repne != !!(i->prefixes & PFX_REPNE))
		return "prefixes";
	return NULL;
}

static const char *compare(const struct case_ *c)
{
	const char *what;
	bool theirs = ZYAN_SUCCESS(c->theirs);

	if (c->ours == DECODE_OK && theirs) {
		if (c->insn.length != c->z.length)
			return "length";
		if (ours_vector(c))
			return NULL;
		what = prefixes(c);
		return what ? what : fields(c);
	}
	if ((c->ours == DECODE_OK) == theirs)
		return NULL;
	return "validity";
}

static const char *disagree(const struct case_ *c)
{
	const char *what = compare(c);

	return what && excluded(c) ? NULL : what;
}

static void decode_both(struct case_ *c)
{
	ZydisDecoder *d = &decoders[c->bits == 16 ? 0 : c->bits == 32 ? 1 : 2];

	memset(&c->z, 0, sizeof(c->z));
	c->ours = insn_decode(c->bytes, INSN_MAX, c->bits, &c->insn);
	c->theirs = ZydisDecoderDecodeInstruction(d, NULL, c->bytes, INSN_MAX, &c->z);
}

/* Half plain random; half shaped: a few prefixes, REX, a map, an opcode. */
static void fill(struct case_ *c)
{
	static const uint8_t prefix[] = {
		0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x66, 0x67
	};
	static const uint8_t checked[] = {
		0x01, 0x20, 0x22, 0x23, 0x37, 0x77, 0x78, 0x79, 0xae, 0xb8, 0xc3, 0xc7
	};
	uint64_t r = random64();
	unsigned n = 0, map;

	c->bits = (unsigned[]){ 16, 32, 64 }[r % 3];
	for (unsigned i = 0; i < sizeof(c->bytes); i++)
		c->bytes[i] = random64() >> 32;
	if (r & BIT(20))
		return;
	for (unsigned k = (r >> 24) & 7; k > 4 || (k && n < k); k--)
		if (n < 3)
			c->bytes[n++] = prefix[random64() % sizeof(prefix)];
	if (r & BIT(32))
		c->bytes[n++] = 0x40 | ((r >> 33) & 0xf);
	map = (r >> 40) & 7;
	if (map >= 4)
		c->bytes[n++] = 0x0f;
	if (map >= 6)
		c->bytes[n++] = map == 6 ? 0x38 : 0x3a;
	else if (map == 4)	/* where validity hangs on prefix, mod and rm */
		c->bytes[n++] = checked[(r >> 44) % sizeof(checked)];
}

static void decoder_agrees_with_zydis(void **unused)
{
	uint64_t wrong = 0, ok = 0;
	struct case_ c;

	(void)unused;
	state = seed;
	for (uint64_t i = 0; i < count; i++) {
		const char *what;

		fill(&c);
		decode_both(&c);
		ok += c.ours == DECODE_OK;
		what = disagree(&c);
		if (what && wrong++ < REPORT_MAX)
			show(&c, what);
	}
	printf("decode: %llu strings, seed 0x%llx, %llu valid, %llu wrong\n",
	       (unsigned long long)count, (unsigned long long)seed,
	       (unsigned long long)ok, (unsigned long long)wrong);
	for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++)
		printf("decode: excluded %llu: %s\n",
		       (unsigned long long)exclusions[i].hits, exclusions[i].name);
	assert_int_equal(wrong, 0);
}

/* With fewer bytes than the instruction has, the decoder asks for more. */
static void short_input_asks_for_more(void **unused)
{
	struct case_ c;

	(void)unused;
	state = seed;
	for (unsigned i = 0; i < 20000; i++) {
		struct insn part;

		fill(&c);
		decode_both(&c);
		if (c.ours != DECODE_OK)
			continue;
		for (unsigned n = 0; n < c.insn.length; n++)
			assert_int_equal(insn_decode(c.bytes, n, c.bits, &part), DECODE_SHORT);
		assert_int_equal(insn_decode(c.bytes, c.insn.length, c.bits, &part), DECODE_OK);
		assert_int_equal(part.length, c.insn.length);
	}
}

/* Fifteen bytes are an instruction's most: SDM 3B "Instruction length" #GP. */
static void sixteen_bytes_are_too_long(void **unused)
{
	uint8_t bytes[INSN_MAX + 1];
	struct insn insn;

	(void)unused;
	memset(bytes, 0x66, sizeof(bytes));
	assert_int_equal(insn_decode(bytes, sizeof(bytes), 32, &insn), DECODE_TOO_LONG);
	bytes[INSN_MAX - 1] = 0x90;
	assert_int_equal(insn_decode(bytes, sizeof(bytes), 32, &insn), DECODE_OK);
	assert_int_equal(insn.length, INSN_MAX);
	assert_int_equal(insn_decode(bytes + 1, INSN_MAX - 2, 32, &insn), DECODE_SHORT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixteen_bytes_are_too_long),
		cmocka_unit_test(short_input_asks_for_more),
		cmocka_unit_test(decoder_agrees_with_zydis),
	};
	const char *env_count = getenv("DECODE_COUNT"), *env_seed = getenv("DECODE_SEED");

	if (argc > 1 || env_count)
		count = strtoull(argc > 1 ? argv[1] : env_count, NULL, 0);
	if (argc > 2 || env_seed)
		seed = strtoull(argc > 2 ? argv[2] : env_seed, NULL, 0);
	ZydisDecoderInit(&decoders[0], ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16);
	ZydisDecoderInit(&decoders[1], ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
	ZydisDecoderInit(&decoders[2], ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
