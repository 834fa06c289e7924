/*
 * Execution against Unicorn 2: one random instruction on random registers,
 * flags and memory, in 16-, 32- and 64-bit code, carried out by both.
 *
 *   test_emulate_unicorn [count [seed]]	(or EMULATE_COUNT, EMULATE_SEED)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <unicorn/unicorn.h>

#include "core/emulate/emulate.h"
#include "core/emulate/opcodes.h"

#define COUNT_DEFAULT	200000ull
#define SEED_DEFAULT	0x5eed0002ull
#define RAM_SIZE	0x40000u
#define CODE_BASE	0x20000u	/* and in 16-bit code: CS 2000 */
#define CODE_SLOTS	0x800u
#define SLOT_SIZE	0x10u
#define DATA_LOW	0x2000u
#define DATA_SPAN	0x1c000u
#define REPORT_MAX	20
#define BATCH		2000u	/* cases of one child */
#define BATCH_SECONDS	20u
#define STUCK		0xffu	/* a vector that says: neither done nor faulted */
#define ABORTS_PER	500u	/* more than one abort in so many cases is a failure */
#define FLAGS_COMPARED	(RFLAGS_ARITH | RFLAGS_DF | RFLAGS_IF | RFLAGS_NT | RFLAGS_IOPL | \
			 RFLAGS_AC | RFLAGS_ID)

static uint64_t count = COUNT_DEFAULT, seed = SEED_DEFAULT;

/*
 * Unicorn 2.0.1 now and then aborts inside its code generator (tcg.c: "tcg fatal
 * error"), so that the cases run in children; what must survive one is here.
 */
static struct shared {
	uint64_t state;		/* of the random numbers */
	uint64_t done, faults, wrong, aborts;
	uint64_t hits[24];	/* by exclusion */
} *shared;
#define state	(shared->state)
static uint8_t ours_ram[RAM_SIZE] __attribute__((aligned(4096)));
static uint8_t theirs_ram[RAM_SIZE] __attribute__((aligned(4096)));

static uint64_t random64(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64_C(2685821657736338717);
}

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

/* ---- ours ---- */

struct ours {
	struct emu emu;
	bool outside;
};

static void ops_mmio(struct emu *emu, gpa_t at, void *data, unsigned size, bool write)
{
	(void)at;
	if (!write)
		memset(data, 0, size);
	((struct ours *)emu->opaque)->outside = true;
}

static const struct emu_ops ops = { .mmio = ops_mmio };

static void set_seg(struct vcpu *v, unsigned seg, unsigned bits, uint16_t sel)
{
	bool code = seg == SEG_CS;

	v->seg[seg] = (struct vcpu_seg){ .sel = sel };
	if (bits == 16) {
		v->seg[seg].base = (uint64_t)sel << 4;
		v->seg[seg].limit = 0xffff;
		v->seg[seg].ar = code ? AR_REAL_CODE : AR_REAL_DATA;
	} else {
		v->seg[seg].limit = UINT32_MAX;
		v->seg[seg].ar = (uint32_t)((code ? AR_REAL_CODE : AR_REAL_DATA) | AR_G |
					    (code && bits == 64 ? AR_L : AR_DB));
	}
}

static void run_ours(struct case_ *c)
{
	static struct vcpu v;
	static const struct guest_mem_slot none;
	struct guest_mem mem = { .slots = 1 };
	struct ours o = { 0 };
	enum emu_status status;

	(void)none;
	memset(&v, 0, sizeof(v));
	mem.slot[0] = (struct guest_mem_slot){ .size = RAM_SIZE, .host = hpa_of(ours_ram) };
	memcpy(v.gpr, c->before.gpr, sizeof(v.gpr));
	v.rip = c->before.rip;
	v.rflags = c->before.rflags;
	v.cr0 = c->bits == 16 ? 0 : CR0_PE;
	v.efer = c->bits == 64 ? EFER_LMA | EFER_LME : 0;
	for (unsigned i = 0; i <= SEG_GS; i++)
		set_seg(&v, i, c->bits, c->before.sel[i]);
	o.emu = (struct emu){ .vcpu = &v, .mem = &mem, .ops = &ops, .opaque = &o,
			      .maxphyaddr = 40, .amd = true /* as QEMU */ };
	do
		status = emu_step(&o.emu);
	while (status == EMU_OK && v.rip == c->before.rip && v.gpr[GPR_RCX] &&
	       c->insn.prefixes & (PFX_REP | PFX_REPNE));
	assert_int_not_equal(status, EMU_STOP);
	c->ours.fault = status == EMU_FAULT;
	c->ours.vector = o.emu.fault.vector;
	c->ours.outside = o.outside;
	memcpy(c->ours.after.gpr, v.gpr, sizeof(v.gpr));
	c->ours.after.rip = v.rip;
	c->ours.after.rflags = v.rflags;
	for (unsigned i = 0; i <= SEG_GS; i++)
		c->ours.after.sel[i] = v.seg[i].sel;
}

/* ---- theirs ---- */

static const int uc_gpr[3][GPR_COUNT] = {
	[2] = {
		UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX,
		UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI,
		UC_X86_REG_R8, UC_X86_REG_R9, UC_X86_REG_R10, UC_X86_REG_R11,
		UC_X86_REG_R12, UC_X86_REG_R13, UC_X86_REG_R14, UC_X86_REG_R15,
	},
	[1] = {
		UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX, UC_X86_REG_EBX,
		UC_X86_REG_ESP, UC_X86_REG_EBP, UC_X86_REG_ESI, UC_X86_REG_EDI,
	},
	[0] = {
		UC_X86_REG_EAX, UC_X86_REG_ECX, UC_X86_REG_EDX, UC_X86_REG_EBX,
		UC_X86_REG_ESP, UC_X86_REG_EBP, UC_X86_REG_ESI, UC_X86_REG_EDI,
	},
};
static const int uc_seg[] = {
	UC_X86_REG_ES, UC_X86_REG_CS, UC_X86_REG_SS, UC_X86_REG_DS, UC_X86_REG_FS, UC_X86_REG_GS
};
static uc_engine *engines[3];
static struct case_ *current;

static unsigned mode_index(unsigned bits)
{
	return bits == 16 ? 0 : bits == 32 ? 1 : 2;
}

static void on_interrupt(uc_engine *uc, uint32_t number, void *unused)
{
	(void)unused;
	if (!current->theirs.fault)	/* the first; with no IDT a double fault follows */
		current->theirs.vector = number;
	current->theirs.fault = true;
	uc_emu_stop(uc);
}

static void must(uc_err err, const char *what)
{
	if (err != UC_ERR_OK) {
		printf("unicorn: %s: %s\n", what, uc_strerror(err));
		abort();
	}
}

static void engines_open(void)
{
	static const uc_mode modes[] = { UC_MODE_16, UC_MODE_32, UC_MODE_64 };
	uc_hook hook;

	for (unsigned i = 0; i < 3; i++) {
		must(uc_open(UC_ARCH_X86, modes[i], &engines[i]), "open");
		must(uc_ctl_set_cpu_model(engines[i], UC_CPU_X86_BROADWELL), "model");
		must(uc_mem_map_ptr(engines[i], 0, RAM_SIZE, UC_PROT_ALL, theirs_ram), "map");
		must(uc_hook_add(engines[i], &hook, UC_HOOK_INTR, (void *)on_interrupt, NULL,
				 1, 0), "hook");
	}
}

static uint64_t linear_rip(const struct case_ *c)
{
	return c->before.rip + (c->bits == 16 ? (uint64_t)c->before.sel[SEG_CS] << 4 : 0);
}

static void load_theirs(uc_engine *uc, const struct case_ *c)
{
	unsigned m = mode_index(c->bits);
	uint64_t at = linear_rip(c);

	for (unsigned i = 0; i < (c->bits == 64 ? 16u : 8u); i++)
		uc_reg_write(uc, uc_gpr[m][i], &c->before.gpr[i]);
	if (c->bits == 16)
		for (unsigned i = 0; i <= SEG_GS; i++)
			uc_reg_write(uc, uc_seg[i], &c->before.sel[i]);
	uc_reg_write(uc, UC_X86_REG_EFLAGS, &c->before.rflags);
	uc_ctl_remove_cache(uc, at, at + SLOT_SIZE);
}

static bool is_string(const struct insn *i)
{
	return i->map == MAP_ONE && i->prefixes & (PFX_REP | PFX_REPNE) &&
	       i->opcode >= 0xa4 && i->opcode <= 0xaf && i->opcode != 0xa8 && i->opcode != 0xa9;
}

static void run_theirs(struct case_ *c)
{
	unsigned m = mode_index(c->bits);
	uc_engine *uc = engines[m];
	uint64_t rip;
	uc_err err;

	current = c;
	c->theirs = (struct outcome){ 0 };
	load_theirs(uc, c);
	do {	/* a count of 1 is one repetition of a string instruction */
		err = uc_emu_start(uc, linear_rip(c), ~0ull, 0, 1);
		rip = 0;
		uc_reg_read(uc, UC_X86_REG_EIP, &rip);
	} while (err == UC_ERR_OK && !c->theirs.fault && is_string(&c->insn) &&
		 rip == linear_rip(c));
	if (err == UC_ERR_OK && !c->theirs.fault &&
	    (rip == linear_rip(c) || rip == c->before.rip) &&
	    (c->ours.fault || c->ours.after.rip != c->before.rip)) {
		c->theirs.fault = true;
		c->theirs.vector = STUCK;
	} else if (err == UC_ERR_INSN_INVALID) {
		c->theirs.fault = true;
		c->theirs.vector = VEC_UD;
	} else if (err != UC_ERR_OK) {
		c->theirs.outside = true;
	}
	for (unsigned i = 0; i < (c->bits == 64 ? 16u : 8u); i++) {
		c->theirs.after.gpr[i] = 0;
		uc_reg_read(uc, uc_gpr[m][i], &c->theirs.after.gpr[i]);
	}
	c->theirs.after.rip = c->theirs.after.rflags = 0;
	uc_reg_read(uc, c->bits == 64 ? UC_X86_REG_RIP : UC_X86_REG_EIP, &c->theirs.after.rip);
	uc_reg_read(uc, UC_X86_REG_EFLAGS, &c->theirs.after.rflags);
	for (unsigned i = 0; i <= SEG_GS; i++)
		uc_reg_read(uc, uc_seg[i], &c->theirs.after.sel[i]);
}

/* ---- what is compared ---- */

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

static struct exclusion {
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

static bool excluded(const struct case_ *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++) {
		if (exclusions[i].holds(c)) {
			shared->hits[i]++;
			return true;
		}
	}
	return false;
}

/*
 * Unicorn combines an exception with the one before, of an earlier case, since
 * the former was never delivered: #DE shows as a double fault from then on, and
 * what would be a triple fault as no progress at all (STUCK).
 */
static bool same_vector(const struct case_ *c)
{
	return c->ours.vector == c->theirs.vector || c->theirs.vector == STUCK ||
	       (c->ours.vector == VEC_DE && c->theirs.vector == VEC_DF);
}

static const char *differs(struct case_ *c)
{
	static char what[64];
	uint64_t mask = FLAGS_COMPARED & ~undefined_flags(c);
	uint64_t base = c->bits == 16 ? (uint64_t)c->ours.after.sel[SEG_CS] << 4 : 0;

	if (c->ours.fault != c->theirs.fault)
		return "fault";
	if (c->ours.fault)
		return same_vector(c) ? NULL : "vector";
	for (unsigned i = 0; i < (c->bits == 64 ? 16u : 8u); i++) {
		uint64_t m = c->bits == 64 ? UINT64_MAX : UINT32_MAX;

		if ((c->ours.after.gpr[i] ^ c->theirs.after.gpr[i]) & m) {
			snprintf(what, sizeof(what), "gpr %u: %llx, not %llx", i,
				 (unsigned long long)c->ours.after.gpr[i],
				 (unsigned long long)c->theirs.after.gpr[i]);
			return what;
		}
	}
	if ((c->ours.after.rflags ^ c->theirs.after.rflags) & mask) {
		snprintf(what, sizeof(what), "flags: %llx, not %llx, of %llx",
			 (unsigned long long)(c->ours.after.rflags & mask),
			 (unsigned long long)(c->theirs.after.rflags & mask),
			 (unsigned long long)mask);
		return what;
	}
	if (c->ours.after.rip + base != c->theirs.after.rip)	/* Unicorn's is linear */
		return "rip";
	if (c->bits == 16 && memcmp(c->ours.after.sel, c->theirs.after.sel,
				    sizeof(c->ours.after.sel)))
		return "selectors";
	return memcmp(ours_ram, theirs_ram, RAM_SIZE) ? "memory" : NULL;
}

/* ---- what is run ---- */

/* Not here: tests of their own, since Unicorn has no such world around it. */
static bool out_of_scope(const struct case_ *c)
{
	const struct insn *i = &c->insn;
	uint8_t op = i->opcode;

	if (insn_vector_kind(i) != VECTOR_NONE)
		return true;
	if (i->map == MAP_ONE) {
		switch (op) {
		case 0x63:
			return c->bits != 64;	/* ARPL: by protection */
		case 0x9a: case 0xea: case 0xca: case 0xcb:	/* far, descriptors */
		case 0xc4: case 0xc5: case 0x8e:
		case 0x07: case 0x17: case 0x1f:
			return c->bits != 16;
		case 0xcc: case 0xcd: case 0xce: case 0xcf: case 0xf1:	/* interrupts */
		case 0x6c: case 0x6d: case 0x6e: case 0x6f:	/* ports */
		case 0xe4: case 0xe5: case 0xe6: case 0xe7:
		case 0xec: case 0xed: case 0xee: case 0xef:
		case 0xf4: case 0x9b:
			return true;
		case 0xc6: case 0xc7:	/* TSX */
			return i->reg & 7;
		case 0xff:
			return c->bits != 16 && ((i->reg & 7) == 3 || (i->reg & 7) == 5);
		}
		return false;
	}
	if (i->map == MAP_0F38)
		return op == 0xf6 && !(i->prefixes & (PFX_OPSIZE | PFX_REP));
	if (i->map != MAP_0F)
		return true;
	if (op == 0xb2 || op == 0xb4 || op == 0xb5 || op == 0xa1 || op == 0xa9)
		return c->bits != 16;
	return op < 0x18 || (op >= 0x20 && op <= 0x37) || (op >= 0x77 && op <= 0x79) ||
	       op == 0xa2 ||
	       op == 0xaa || op == 0xae || (op == 0xc7 && (i->reg & 7) != 1) || op == 0xb9 ||
	       op == 0xff;
}

static uint64_t random_value(void)
{
	static const uint64_t special[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000,
		0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, ~0ull
	};
	uint64_t r = random64();

	switch (r & 3) {
	case 0:
		return random64();
	case 1:
		return (r >> 8) & 0xff;
	case 2:
		return DATA_LOW + (r >> 8) % DATA_SPAN;
	default:
		return special[(r >> 8) % ARRAY_SIZE(special)];
	}
}

/* Addresses that lie in RAM most of the time. */
static void aim(struct case_ *c)
{
	struct insn *i = &c->insn;
	unsigned tail = i->imm_size + (i->opcode == 0xc8 && i->map == MAP_ONE ? 1 : 0) +
			((i->opcode == 0x9a || i->opcode == 0xea) && i->map == MAP_ONE ? 2 : 0);
	bool offs = i->map == MAP_ONE && i->opcode >= 0xa0 && i->opcode <= 0xa3;
	unsigned size = offs ? i->imm_size : i->disp_size;
	unsigned at = i->length - (offs ? 0 : tail) - size;
	uint64_t value = offs || !i->has_base ? DATA_LOW + random64() % DATA_SPAN :
			 random64() & 0xff;

	if (size >= 4) {
		memcpy(c->bytes + at, &value, size);
		insn_decode(c->bytes, INSN_MAX, c->bits, i);
	}
	for (unsigned g = 0; g < GPR_COUNT; g++)
		c->before.gpr[g] = random_value();
	c->before.gpr[GPR_RSP] = DATA_LOW + random64() % DATA_SPAN;
	c->before.gpr[GPR_RCX] = random64() & 1 ? random64() & 0x3f : c->before.gpr[GPR_RCX];
	if (i->prefixes & (PFX_REP | PFX_REPNE))
		c->before.gpr[GPR_RCX] = random64() & 0x3f;
	c->before.gpr[GPR_RSI] = DATA_LOW + random64() % DATA_SPAN;
	c->before.gpr[GPR_RDI] = DATA_LOW + random64() % DATA_SPAN;
	if (i->has_index)
		c->before.gpr[i->index] = random64() & 0x7ff;
	if (i->has_base)
		c->before.gpr[i->base] = DATA_LOW + random64() % DATA_SPAN;
	if (c->bits != 64)
		for (unsigned g = 0; g < GPR_COUNT; g++)
			c->before.gpr[g] &= UINT32_MAX;
	if (c->bits == 16)
		for (unsigned g = GPR_RSP; g <= GPR_RDI; g++)
			if (random64() & 3)
				c->before.gpr[g] &= UINT16_MAX;
	/* BT and kin address by bit number: keep it near. */
	if (i->map == MAP_0F && i->has_modrm && random64() & 7)
		c->before.gpr[i->reg] &= 0x3ff;
}

static bool generate(struct case_ *c)
{
	static const uint8_t prefix[] = { 0x66, 0x66, 0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x2e, 0x64 };
	uint64_t r = random64();
	unsigned n = 0;

	c->bits = (unsigned[]){ 16, 32, 64 }[r % 3];
	for (unsigned i = 0; i < sizeof(c->bytes); i++)
		c->bytes[i] = (uint8_t)(random64() >> 32);
	while (r >> 8 & 1 && n < 3) {
		c->bytes[n++] = prefix[random64() % sizeof(prefix)];
		r = random64();
	}
	if (c->bits == 64 && r >> 16 & 1)
		c->bytes[n++] = 0x40 | (r >> 20 & 15);
	if (r >> 32 & 1)
		c->bytes[n++] = 0x0f;
	if ((r >> 32 & 0xff) == 1) {
		c->bytes[n++] = 0x38;
		c->bytes[n++] = (uint8_t[]){ 0xf0, 0xf1, 0xf6 }[(r >> 40) % 3];
	}
	if (insn_decode(c->bytes, INSN_MAX, c->bits, &c->insn) != DECODE_OK || out_of_scope(c))
		return false;
	aim(c);
	c->before.rflags = (random64() & (RFLAGS_ARITH | RFLAGS_DF | RFLAGS_IF)) | RFLAGS_ONE;
	c->before.rip = (random64() % CODE_SLOTS) * SLOT_SIZE + (c->bits == 16 ? 0 : CODE_BASE);
	for (unsigned i = 0; i <= SEG_GS; i++)
		c->before.sel[i] = c->bits == 16 ? 0x200 + random64() % 0x1000 : 0;
	c->before.sel[SEG_CS] = c->bits == 16 ? CODE_BASE >> 4 : 0;
	return true;
}

static void show(const struct case_ *c, const char *what)
{
	printf("%u-bit:", c->bits);
	for (unsigned i = 0; i < c->insn.length; i++)
		printf(" %02x", c->bytes[i]);
	printf(": %s\n  ours: fault %d #%u rip %llx; theirs: fault %d #%u rip %llx\n", what,
	       c->ours.fault, c->ours.vector, (unsigned long long)c->ours.after.rip,
	       c->theirs.fault, c->theirs.vector, (unsigned long long)c->theirs.after.rip);
	printf("  before: rip %llx flags %llx gpr", (unsigned long long)c->before.rip,
	       (unsigned long long)c->before.rflags);
	for (unsigned i = 0; i < (c->bits == 64 ? 16u : 8u); i++)
		printf(" %llx", (unsigned long long)c->before.gpr[i]);
	printf("\n");
}

static void run_case(struct case_ *c)
{
	const char *what;

	memcpy(ours_ram + linear_rip(c), c->bytes, SLOT_SIZE);
	memcpy(theirs_ram + linear_rip(c), c->bytes, SLOT_SIZE);
	run_ours(c);
	run_theirs(c);
	shared->faults += c->ours.fault;
	what = differs(c);
	if (what && !excluded(c) && shared->wrong++ < REPORT_MAX)
		show(c, what);
	if (what || c->ours.fault)
		memcpy(theirs_ram, ours_ram, RAM_SIZE);
}

static void run_batch(void)
{
	struct case_ c;

	alarm(BATCH_SECONDS);	/* it has been seen to hang as well */
	engines_open();
	for (unsigned i = 0; i < BATCH && shared->done < count;) {
		if (!generate(&c))
			continue;
		shared->done++;
		i++;
		run_case(&c);
	}
	fflush(stdout);
	_exit(0);
}

static void emulator_agrees_with_unicorn(void **unused)
{
	int status;

	(void)unused;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	state = seed;
	for (unsigned i = 0; i < RAM_SIZE; i++)
		ours_ram[i] = (uint8_t)(random64() >> 24);
	memcpy(theirs_ram, ours_ram, RAM_SIZE);
	while (shared->done < count) {
		pid_t child;

		fflush(stdout);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			run_batch();
		assert_int_equal(waitpid(child, &status, 0), child);
		if (WIFSIGNALED(status))
			assert_true(WTERMSIG(status) == SIGABRT ||
				    WTERMSIG(status) == SIGALRM);
		shared->aborts += !!WIFSIGNALED(status);
	}
	printf("emulate: %llu cases, seed 0x%llx, %llu faults, %llu wrong, %llu lost to aborts\n",
	       (unsigned long long)shared->done, (unsigned long long)seed,
	       (unsigned long long)shared->faults, (unsigned long long)shared->wrong,
	       (unsigned long long)shared->aborts);
	for (size_t i = 0; i < ARRAY_SIZE(exclusions); i++)
		printf("emulate: excluded %llu: %s\n",
		       (unsigned long long)shared->hits[i], exclusions[i].name);
	assert_int_equal(shared->wrong, 0);
	assert_true(shared->aborts <= 1 + shared->done / ABORTS_PER);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emulator_agrees_with_unicorn),
	};
	const char *env_count = getenv("EMULATE_COUNT"), *env_seed = getenv("EMULATE_SEED");

	if (argc > 1 || env_count)
		count = strtoull(argc > 1 ? argv[1] : env_count, NULL, 0);
	if (argc > 2 || env_seed)
		seed = strtoull(argc > 2 ? argv[2] : env_seed, NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
