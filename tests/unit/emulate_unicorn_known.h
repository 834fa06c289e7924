/*
 * One case of the comparison with Unicorn, and what is known about it: flags that
 * the manuals leave undefined, and where Unicorn departs from them. Every
 * exclusion is a row of the table at the end; its hits are counted and shown.
 */
#ifndef TESTS_EMULATE_UNICORN_KNOWN_H
#define TESTS_EMULATE_UNICORN_KNOWN_H

#include <stdbool.h>

#include "core/emulate/emulate.h"

#define SLOT_SIZE	0x10u	/* of the bytes of one case */
#define STUCK		0xffu	/* a vector that says: neither done nor faulted */

/* What both sides start from and end in. */
struct machine {
	uint64_t gpr[GPR_COUNT], rip, rflags;
	uint16_t sel[SEG_GS + 1];
};

struct outcome {
	struct machine after;
	bool fault, outside;	/* outside: an access left the RAM */
	unsigned vector;
};

struct case_ {
	unsigned bits;
	uint8_t bytes[SLOT_SIZE];
	struct insn insn;
	struct machine before;
	struct outcome ours, theirs;
};

/*
 * Flags that the manuals leave undefined, by opcode. reg < 0: any; `shift`: only
 * when the count is not 1.
 */
static const struct undefined {
	uint8_t map, first, last;
	uint8_t regs;		/* bit n: ModRM.reg n */
	bool count_not_one;
	uint64_t flags;
} undefined[] = {
	/* OR, AND, XOR, TEST: AF */
	{ MAP_ONE, 0x08, 0x0d, 0xff, false, RFLAGS_AF },
	{ MAP_ONE, 0x20, 0x25, 0xff, false, RFLAGS_AF },
	{ MAP_ONE, 0x30, 0x35, 0xff, false, RFLAGS_AF },
	{ MAP_ONE, 0x80, 0x83, 1 << 1 | 1 << 4 | 1 << 6, false, RFLAGS_AF },
	{ MAP_ONE, 0x84, 0x85, 0xff, false, RFLAGS_AF },
	{ MAP_ONE, 0xa8, 0xa9, 0xff, false, RFLAGS_AF },
	{ MAP_ONE, 0xf6, 0xf7, 3, false, RFLAGS_AF },
	/* DAA, DAS: OF. AAA, AAS: OF, SF, ZF, PF. AAM, AAD: OF, AF, CF */
	{ MAP_ONE, 0x27, 0x27, 0xff, false, RFLAGS_OF },
	{ MAP_ONE, 0x2f, 0x2f, 0xff, false, RFLAGS_OF },
	{ MAP_ONE, 0x37, 0x37, 0xff, false, RFLAGS_OF | RFLAGS_SF | RFLAGS_ZF | RFLAGS_PF },
	{ MAP_ONE, 0x3f, 0x3f, 0xff, false, RFLAGS_OF | RFLAGS_SF | RFLAGS_ZF | RFLAGS_PF },
	{ MAP_ONE, 0xd4, 0xd5, 0xff, false, RFLAGS_OF | RFLAGS_AF | RFLAGS_CF },
	/* IMUL, MUL: SF, ZF, AF, PF. DIV, IDIV: all */
	{ MAP_ONE, 0x69, 0x69, 0xff, false, RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_ONE, 0x6b, 0x6b, 0xff, false, RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_0F, 0xaf, 0xaf, 0xff, false, RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_ONE, 0xf6, 0xf7, 1 << 4 | 1 << 5, false,
	  RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_ONE, 0xf6, 0xf7, 1 << 6 | 1 << 7, false, RFLAGS_ARITH },
	/* Rotates: OF unless by 1. Shifts: AF too, and OF unless by 1 */
	{ MAP_ONE, 0xc0, 0xc1, 0xff, true, RFLAGS_OF },
	{ MAP_ONE, 0xd2, 0xd3, 0xff, true, RFLAGS_OF },
	{ MAP_ONE, 0xc0, 0xc1, 0xf0, false, RFLAGS_AF },
	{ MAP_ONE, 0xd0, 0xd3, 0xf0, false, RFLAGS_AF },
	{ MAP_0F, 0xa4, 0xa5, 0xff, true, RFLAGS_OF },
	{ MAP_0F, 0xac, 0xad, 0xff, true, RFLAGS_OF },
	{ MAP_0F, 0xa4, 0xa5, 0xff, false, RFLAGS_AF },
	{ MAP_0F, 0xac, 0xad, 0xff, false, RFLAGS_AF },
	/* BT and kin: OF, SF, AF, PF. BSF, BSR: all but ZF; TZCNT, LZCNT: all but ZF, CF */
	{ MAP_0F, 0xa3, 0xa3, 0xff, false, RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_0F, 0xab, 0xab, 0xff, false, RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_0F, 0xb3, 0xb3, 0xff, false, RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_0F, 0xba, 0xbb, 0xff, false, RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF },
	{ MAP_0F, 0xbc, 0xbd, 0xff, false, RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF },
};

static unsigned shift_count(const struct case_ *c)
{
	const struct insn *i = &c->insn;
	bool by_cl = i->map == MAP_0F ? i->opcode & 1 : i->opcode >= 0xd2;
	unsigned n = (unsigned)(by_cl ? c->before.gpr[GPR_RCX] : i->imm);

	return n & (i->opsize == 8 ? 63 : 31);
}

static bool is_shift(const struct insn *i)
{
	return i->map == MAP_ONE ? i->opcode == 0xc0 || i->opcode == 0xc1 ||
	       (i->opcode >= 0xd0 && i->opcode <= 0xd3) :
	       i->map == MAP_0F && (i->opcode == 0xa4 || i->opcode == 0xa5 ||
				    i->opcode == 0xac || i->opcode == 0xad);
}

static uint64_t undefined_flags(const struct case_ *c)
{
	const struct insn *i = &c->insn;
	uint64_t flags = 0;

	for (size_t n = 0; n < ARRAY_SIZE(undefined); n++) {
		const struct undefined *u = &undefined[n];

		if (u->map == i->map && i->opcode >= u->first && i->opcode <= u->last &&
		    (!i->has_modrm || u->regs >> (i->reg & 7) & 1) &&
		    (!u->count_not_one || shift_count(c) != 1))
			flags |= u->flags;
	}
	/* A count of 0 changes no flag: nothing is undefined then. */
	if (is_shift(i) && i->opcode != 0xd0 && i->opcode != 0xd1 && shift_count(c) == 0)
		return 0;
	/* SHL, SHR by more than the operand's width: CF. */
	if (is_shift(i) && i->map == MAP_ONE && (i->reg & 7) >= 4 && i->opcode != 0xd0 &&
	    i->opcode != 0xd1 &&
	    shift_count(c) >= 8u * (i->opcode & 1 ? i->opsize : 1))
		flags |= RFLAGS_CF;
	/* BSF and BSR only: CF. */
	if (i->map == MAP_0F && (i->opcode & 0xfe) == 0xbc && !(i->prefixes & PFX_REP))
		flags |= RFLAGS_CF;
	return flags;
}

static bool refused(const struct case_ *c)
{
	return c->theirs.vector == VEC_UD || c->theirs.vector == STUCK;
}

/* Where Unicorn (QEMU's TCG) departs from the manuals, or the two cannot be compared. */
static bool limits(const struct case_ *c)
{
	/* Unicorn checks no limit, no canonical form, and lets CS be written. */
	return (c->bits != 32 || c->insn.seg == SEG_CS) && c->ours.fault &&
	       (c->ours.vector == VEC_GP || c->ours.vector == VEC_SS);
}

static bool left_ram(const struct case_ *c)
{
	/* Unicorn stops where RAM ends, we read a bus: what follows is not comparable. */
	return c->ours.outside || c->theirs.outside;
}

static bool result_undefined(const struct case_ *c)
{
	const struct insn *i = &c->insn;

	if (i->map != MAP_0F)
		return false;
	/* SHLD, SHRD of 16 bits by more than 16; BSWAP of 16 bits. */
	return i->opsize == 2 && ((is_shift(i) && shift_count(c) > 16) ||
				  (i->opcode & 0xf8) == 0xc8);
}

/*
 * Near branches with 66 in 64-bit code: Intel ignores the prefix, AMD and QEMU
 * cut RIP to 16 bits (and take a 16-bit displacement).
 */
static bool branch66(const struct case_ *c)
{
	const struct insn *i = &c->insn;
	uint8_t op = i->opcode;

	if (c->bits != 64 || !(i->prefixes & PFX_OPSIZE))
		return false;
	if (i->map == MAP_0F)
		return (op & 0xf0) == 0x80;
	return i->map == MAP_ONE &&
	       ((op & 0xf0) == 0x70 || (op >= 0xe0 && op <= 0xe3) || op == 0xe8 ||
		op == 0xe9 || op == 0xeb || op == 0xc2 || op == 0xc3 ||
		(op == 0xff && ((i->reg & 7) == 2 || (i->reg & 7) == 4)));
}

/* F6 /1 and F7 /1 are TEST on all CPUs (APM vol. 3 appendix A); QEMU raises #UD. */
static bool test_alias(const struct case_ *c)
{
	return c->insn.map == MAP_ONE && (c->insn.opcode & 0xfe) == 0xf6 &&
	       (c->insn.reg & 7) == 1 && refused(c);
}

/* "The REX prefix byte must immediately precede the opcode": QEMU keeps an earlier one. */
static bool stray_rex(const struct case_ *c)
{
	unsigned n = 0;

	if (c->bits != 64)
		return false;
	while (n + 1 < c->insn.length && (c->bytes[n] & 0xf0) != 0x40)
		n++;
	return !c->insn.rex && n + 1 < c->insn.length;
}

/* QEMU takes AH for SPL when LAHF or SAHF has a REX prefix. */
static bool rex_ah(const struct case_ *c)
{
	return c->insn.map == MAP_ONE && c->insn.rex &&
	       (c->insn.opcode == 0x9e || c->insn.opcode == 0x9f);
}

/* Unicorn's CPU has none of MOVBE, POPCNT, ADCX, ADOX: #UD. */
static bool not_there(const struct case_ *c)
{
	const struct insn *i = &c->insn;

	return refused(c) &&
	       (i->map == MAP_0F38 ||
		(i->map == MAP_0F && i->opcode == 0xb8));
}

/* QEMU sign-extends the immediate of RET imm16. */
static bool ret_negative(const struct case_ *c)
{
	return c->insn.map == MAP_ONE && (c->insn.opcode & 0xf7) == 0xc2 &&
	       c->insn.imm & 0x8000;
}

/* QEMU takes REX.R into the opcode extension of C6 and C7. */
static bool rex_r_group(const struct case_ *c)
{
	return c->insn.map == MAP_ONE && (c->insn.opcode & 0xfe) == 0xc6 &&
	       c->insn.rex & 4 && refused(c);
}

/* Of F2 and F3 the last counts; for QEMU it is F2 always. */
static bool both_repeats(const struct case_ *c)
{
	bool f2 = false, f3 = false;

	for (unsigned n = 0; n < c->insn.length; n++) {
		f2 |= c->bytes[n] == 0xf2;
		f3 |= c->bytes[n] == 0xf3;
	}
	return f2 && f3;
}

/* With 66 and F3 it is ADOX; for QEMU, ADCX. */
static bool adox66(const struct case_ *c)
{
	return c->insn.map == MAP_0F38 && c->insn.opcode == 0xf6 &&
	       c->insn.prefixes & PFX_OPSIZE && c->insn.prefixes & PFX_REP;
}

/* QEMU forgets the immediate's byte in RIP-relative SHLD and SHRD. */
static bool rip_shift(const struct case_ *c)
{
	return c->insn.map == MAP_0F && (c->insn.opcode & 0xf7) == 0xa4 &&
	       c->insn.rip_relative;
}

/* QEMU computes the flags of a locked NEG from the wrong operand. */
static bool lock_neg(const struct case_ *c)
{
	return c->insn.map == MAP_ONE && (c->insn.opcode & 0xfe) == 0xf6 &&
	       (c->insn.reg & 7) == 3 && c->insn.prefixes & PFX_LOCK;
}

/* 0F 18 to 0F 1F in register form are reserved NOPs; QEMU knows but some. */
static bool reserved_nop(const struct case_ *c)
{
	return c->insn.map == MAP_0F && (c->insn.opcode & 0xf8) == 0x18 &&
	       refused(c);
}

static const struct exclusion {
	const char *name;
	bool (*holds)(const struct case_ *c);
} exclusions[] = {
	{ "an access left the RAM", left_ram },
	{ "Unicorn checks no limits, types and canonical forms", limits },
	{ "SHLD, SHRD, BSWAP: result undefined", result_undefined },
	{ "66 before a near branch in 64-bit code", branch66 },
	{ "REX not before the opcode", stray_rex },
	{ "reserved NOP", reserved_nop },
	{ "LAHF, SAHF with REX", rex_ah },
	{ "MOVBE, POPCNT, ADX: not on Unicorn's CPU", not_there },
	{ "RET imm16 of 8000h and more", ret_negative },
	{ "REX.R in group 11", rex_r_group },
	{ "F2 and F3 together", both_repeats },
	{ "LOCK NEG", lock_neg },
	{ "ADOX with 66", adox66 },
	{ "RIP-relative SHLD, SHRD by imm8", rip_shift },
	{ "F6 /1, F7 /1: Unicorn does not know them", test_alias },
};

#endif
