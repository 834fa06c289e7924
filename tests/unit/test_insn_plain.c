/*
 * The plain encodings against the whole decoder and the emulator's own effective
 * addresses: what is taken for plain is what they say, and what they would have to
 * look at longer is left to them. SDM 2A "ModR/M and SIB Bytes" 2.1.3, 2.1.5.
 */
#include "shadowing_fixture.h"

#include "core/emulate/decode_defs.h"
#include "core/insn_plain.h"

#define CODE_AT		0x10000u	/* in the first 2 MiB of each mode */
#define DISPLACEMENT	UINT64_C(0x918273e4)	/* negative, as a byte too */
#define SIB_FORMS	256u
#define MODRM_FORMS	256u
#define NO_ADDRESS	UINT64_C(0xa5a5a5a5a5a5a5a5)

static gva_t told;
static unsigned tellings;

static void remember(struct emu *emu, gva_t address)
{
	(void)emu;
	told = address;
	tellings++;
}

/* What the emulator makes of the instruction at RIP: the address, or that there is none. */
static bool emulated(const struct rig *r, uint64_t *address, unsigned *length)
{
	static const struct emu_ops ops = { .invlpg = remember };
	struct vcpu v = r->w->vm.vcpu;
	struct emu emu = { .vcpu = &v, .mem = &r->w->vm.mem, .ops = &ops,
			   .maxphyaddr = 40, .nx = true };
	uint64_t rip = v.rip;

	tellings = 0;
	if (emu_step(&emu) != EMU_OK || tellings != 1)
		return false;
	*address = told.v;
	*length = v.rip - rip;
	return true;
}

/* Registers whose sums differ all, canonical in 64-bit code. */
static void begin(struct rig *r, void (*mode)(struct rig *r))
{
	struct vcpu *v = &r->w->vm.vcpu;

	rig_sync(r, SHADOW_UNSYNC);
	mode(r);
	for (unsigned i = 0; i < GPR_COUNT; i++)
		v->gpr[i] = UINT64_C(0x10203041) * (i + 1);
	v->seg[SEG_DS].base = vcpu_code64(v) ? 0 : 0x1111000;
	v->rip = CODE_AT;
	control_apply(&r->w->vm);
}

static void put_code(struct rig *r, uint64_t code)
{
	put(r, r->w->vm.vcpu.rip, code, sizeof(code));
}

/* 0F 01 /7, with what follows ModRM. */
static uint64_t invlpg_code(unsigned modrm, unsigned sib, uint64_t disp)
{
	uint64_t code = PLAIN_GROUP7 | (uint64_t)modrm << 16;

	if ((modrm & 7) == PLAIN_RM_SIB && modrm < MODRM_REG_FORM)
		return code | (uint64_t)sib << 24 | disp << 32;
	return code | disp << 24;
}

/* Taken for plain it is INVLPG, of this length and this address. Was it? */
static bool agrees(struct rig *r)
{
	struct exit exit = { .reason = EXIT_INVLPG };
	uint64_t address = NO_ADDRESS;
	unsigned length = 0;

	if (!insn_plain_invlpg(&r->w->vm, &exit))
		return false;
	assert_true(emulated(r, &address, &length));
	assert_int_equal(exit.address.v, address);
	assert_int_equal(exit.insn_len, length);
	return true;
}

/* Every ModRM, and every SIB where there is one: how many were plain. */
static unsigned forms(struct rig *r)
{
	unsigned plain = 0;

	for (unsigned modrm = 0; modrm < MODRM_FORMS; modrm++) {
		bool sib = (modrm & 7) == PLAIN_RM_SIB && modrm < MODRM_REG_FORM;

		for (unsigned i = 0; i < (sib ? SIB_FORMS : 1); i++) {
			put_code(r, invlpg_code(modrm, i, DISPLACEMENT));
			plain += agrees(r);
		}
	}
	return plain;
}

/*
 * In 64-bit code: of mod 0 the six plain bases (neither SIB nor RIP), of the others
 * seven; and of the SIB forms all bases but RSP, and RBP only where it is none. A base
 * of RBP alone is plain: the stack segment has no base there.
 */
static void every_form_of_invlpg_in_64_bit_code(void **state)
{
	struct rig *r = *state;

	begin(r, rig_long);
	assert_int_equal(forms(r), 6 + 7 + 7 + (7 + 6 + 6) * SIB_FORMS / 8);
}

/* In 32-bit code: with mod 0 a displacement alone is plain, with others EBP goes by SS. */
static void every_form_of_invlpg_in_32_bit_code(void **state)
{
	static void (*const modes[])(struct rig *r) = { rig_32bit, rig_pae, rig_protected };
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
		begin(r, modes[i]);
		assert_int_equal(forms(r), 7 + 6 + 6 + (7 + 6 + 6) * SIB_FORMS / 8);
	}
}

/* Compatibility mode is 32-bit code, whatever EFER.LMA says. */
static void invlpg_in_compatibility_mode(void **state)
{
	struct rig *r = *state;

	begin(r, rig_long);
	world_segments(&r->w->vm.vcpu, AR_DB);
	r->w->vm.vcpu.seg[SEG_DS].base = 0x1111000;
	assert_int_equal(forms(r), 7 + 6 + 6 + (7 + 6 + 6) * SIB_FORMS / 8);
}

/* 16-bit addresses have other forms altogether. SDM 2A table 2-1. */
static void nothing_is_plain_in_16_bit_code(void **state)
{
	struct rig *r = *state;

	begin(r, rig_32bit);
	r->w->vm.vcpu.seg[SEG_CS].ar &= ~AR_DB;
	assert_int_equal(forms(r), 0);
}

static void what_has_a_prefix_is_not_plain(void **state)
{
	static const uint8_t prefixes[] = {
		BYTE_ES, BYTE_CS, BYTE_SS, BYTE_DS, BYTE_FS, BYTE_GS, BYTE_OPSIZE,
		BYTE_ADSIZE, BYTE_LOCK, BYTE_REPNE, BYTE_REP, 0x41, 0x48, 0x4f,
	};
	struct rig *r = *state;

	begin(r, rig_long);
	for (unsigned i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct exit exit = { .reason = EXIT_CR };

		put_code(r, prefixes[i] | invlpg_code(0x38, 0, 0) << 8);
		assert_false(insn_plain_invlpg(&r->w->vm, &exit));
		put_code(r, prefixes[i] | (uint64_t)(PLAIN_MOV_TO_CR | 0xd8 << 16) << 8);
		assert_false(insn_plain_cr(&r->w->vm, &exit));
	}
}

/* Other instructions of the group, and those beside it. */
static void other_opcodes_are_not_plain(void **state)
{
	struct rig *r = *state;

	begin(r, rig_32bit);
	for (unsigned opcode = 0; opcode <= UINT8_MAX; opcode++) {
		struct exit exit = { .reason = EXIT_CR };
		bool is_cr;

		put_code(r, BYTE_0F | opcode << 8 | 0xc0 << 16);
		is_cr = insn_plain_cr(&r->w->vm, &exit);
		assert_int_equal(is_cr, opcode == OP_0F_MOV_CR_FROM ||
					opcode == OP_0F_MOV_CR_TO);
		put_code(r, BYTE_0F | opcode << 8 | 0x38 << 16);
		assert_int_equal(insn_plain_invlpg(&r->w->vm, &exit),
				 opcode == OP_0F_GROUP7);
	}
}

/*
 * MOV to and from CR, every ModRM: number and register as the decoder says, for all
 * that it takes. Of mod the CPU looks at nothing. SDM 2B "MOV - Move to/from Control
 * Registers".
 */
static void every_plain_mov_cr(void **state)
{
	static void (*const modes[])(struct rig *r) = { rig_32bit, rig_long };
	static const uint16_t opcodes[] = { PLAIN_MOV_TO_CR, PLAIN_MOV_FROM_CR };
	struct rig *r = *state;
	unsigned taken = 0;

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(modes) * MODRM_FORMS; i++) {
		unsigned mode = i & 1, modrm = i >> 2;
		uint16_t opcode = opcodes[i >> 1 & 1];
		struct exit exit = { .reason = EXIT_CR };
		uint64_t code = opcode | modrm << 16;
		struct insn insn;

		begin(r, modes[mode]);
		put_code(r, code);
		if (insn_decode((const uint8_t *)&code, sizeof(code), mode ? 64 : 32,
				&insn) != DECODE_OK)
			continue;
		assert_true(insn_plain_cr(&r->w->vm, &exit));
		assert_int_equal(exit.cr.kind, opcode == PLAIN_MOV_TO_CR ? CR_WRITE : CR_READ);
		assert_int_equal(exit.cr.number, insn.reg);
		assert_int_equal(exit.cr.gpr, insn.rm);
		assert_int_equal(exit.insn_len, insn.length);
		taken++;
	}
	/* CR0, CR2, CR3, CR4 with each register, mod 3 at least; both ways, both modes. */
	assert_true(taken >= 2 * 2 * 4 * 8);
}

/* REP, then MOVS or STOS of either width: no opcode else. SDM 2A "REP/REPE/REPZ" */
static bool is_block(unsigned opcode)
{
	return opcode == 0xa4 || opcode == 0xa5 || opcode == 0xaa || opcode == 0xab;
}

static void every_opcode_behind_rep(void **state)
{
	static void (*const modes[])(struct rig *r) = { rig_32bit, rig_long };
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		begin(r, modes[mode]);
		for (unsigned opcode = 0; opcode <= UINT8_MAX; opcode++) {
			put_code(r, BYTE_REP | opcode << 8);
			assert_int_equal(insn_plain_block(&r->w->vm), is_block(opcode));
			put_code(r, opcode);
			assert_false(insn_plain_block(&r->w->vm));
			put_code(r, BYTE_REPNE | opcode << 8);
			assert_false(insn_plain_block(&r->w->vm));
		}
	}
}

/* In 64-bit code one REX may stand between; elsewhere those bytes are INC and DEC. */
static void rex_between_rep_and_the_opcode(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < 3; mode++) {
		begin(r, mode ? rig_long : rig_32bit);
		if (mode == 2)
			world_segments(&r->w->vm.vcpu, AR_DB);
		for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
			bool rex = mode == 1 && byte >= 0x40 && byte <= 0x4f;

			put_code(r, BYTE_REP | byte << 8 | 0xab << 16);
			assert_int_equal(insn_plain_block(&r->w->vm), rex || is_block(byte));
			put_code(r, BYTE_REP | byte << 8 | 0x48 << 16 | UINT64_C(0xab) << 24);
			assert_int_equal(insn_plain_block(&r->w->vm), is_block(byte));
		}
	}
}

/* Eight bytes must lie in one page, or the decoder has to gather them. */
static void what_may_straddle_a_page_is_not_plain(void **state)
{
	struct rig *r = *state;

	for (unsigned room = 1; room <= 16; room++) {
		struct exit exit = { .reason = EXIT_CR };

		begin(r, rig_32bit);
		r->w->vm.vcpu.rip = CODE_AT + PAGE_SIZE - room;
		put_code(r, PLAIN_MOV_TO_CR | 0xd8 << 16);
		assert_int_equal(insn_plain_cr(&r->w->vm, &exit), room >= 8);
		put_code(r, invlpg_code(0x38, 0, 0));
		assert_int_equal(insn_plain_invlpg(&r->w->vm, &exit), room >= 8);
	}
}

/* Registers above 4 GiB do not reach a 32-bit address; it wraps, DS and all. */
static void sums_wrap_in_32_bit_code(void **state)
{
	struct rig *r = *state;

	begin(r, rig_32bit);
	for (unsigned i = 0; i < GPR_COUNT; i++)
		r->w->vm.vcpu.gpr[i] = UINT64_C(0xfffffffff0000000) + i;
	assert_int_equal(forms(r), 7 + 6 + 6 + (7 + 6 + 6) * SIB_FORMS / 8);
}

static const struct CMUnitTest tests[] = {
	BOTH(every_form_of_invlpg_in_64_bit_code),
	BOTH(every_form_of_invlpg_in_32_bit_code),
	BOTH(invlpg_in_compatibility_mode),
	BOTH(nothing_is_plain_in_16_bit_code),
	BOTH(what_has_a_prefix_is_not_plain),
	BOTH(other_opcodes_are_not_plain),
	BOTH(every_plain_mov_cr),
	BOTH(every_opcode_behind_rep),
	BOTH(rex_between_rep_and_the_opcode),
	BOTH(what_may_straddle_a_page_is_not_plain),
	BOTH(sums_wrap_in_32_bit_code),
};

WORLD_MAIN(tests)
