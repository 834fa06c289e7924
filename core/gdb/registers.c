/*
 * The registers that gdb sees, in one 64-bit shape for every mode of the guest. Must
 * not know the protocol's commands.
 *
 * `rip` is linear, CS.base + RIP, so that breakpoints, memory and it are one address
 * space in every mode. Control registers, selectors and bases are for reading only.
 */
#include "core/gdb/gdb.h"

#include <string.h>

#include "core/control.h"
#include "core/insn.h"

enum { KIND_GPR, KIND_PC, KIND_FLAGS, KIND_SELECTOR, KIND_ST, KIND_FX, KIND_XMM, KIND_MXCSR,
       KIND_BASE, KIND_KERNEL_GS, KIND_CR, KIND_EFER, KIND_DR };

enum { FX_CONTROL, FX_STATUS, FX_TAGS, FX_CS, FX_IP, FX_DS, FX_DP, FX_OPCODE };

#define GPR(name, n)	{ name, 64, KIND_GPR, GPR_##n, "int64", NULL }
#define SEL(name, n)	{ name, 32, KIND_SELECTOR, SEG_##n, "int32", NULL }
#define ST(n)		{ "st" #n, 80, KIND_ST, n, "i387_ext", NULL }
#define FX(name, n)	{ name, 32, KIND_FX, FX_##n, "int", NULL }
#define XMM(n)		{ "xmm" #n, 128, KIND_XMM, n, "uint128", NULL }
#define BASE(name, n)	{ name, 64, KIND_BASE, SEG_##n, "int64", NULL }
#define CR(n)		{ "cr" #n, 64, KIND_CR, n, "int64", NULL }
#define DR(n)		{ "dr" #n, 64, KIND_DR, n, "int64", NULL }

/* Order and names of the first three features are gdb's: "i386 Features". */
static const struct gdb_register rows[] = {
	{ "rax", 64, KIND_GPR, GPR_RAX, "int64", "org.gnu.gdb.i386.core" },
	GPR("rbx", RBX), GPR("rcx", RCX), GPR("rdx", RDX), GPR("rsi", RSI),
	GPR("rdi", RDI),
	{ "rbp", 64, KIND_GPR, GPR_RBP, "data_ptr", NULL },
	{ "rsp", 64, KIND_GPR, GPR_RSP, "data_ptr", NULL },
	GPR("r8", R8), GPR("r9", R9), GPR("r10", R10), GPR("r11", R11),
	GPR("r12", R12), GPR("r13", R13), GPR("r14", R14), GPR("r15", R15),
	{ "rip", 64, KIND_PC, 0, "code_ptr", NULL },
	{ "eflags", 32, KIND_FLAGS, 0, "i386_eflags", NULL },
	SEL("cs", CS), SEL("ss", SS), SEL("ds", DS), SEL("es", ES), SEL("fs", FS),
	SEL("gs", GS),
	ST(0), ST(1), ST(2), ST(3), ST(4), ST(5), ST(6), ST(7),
	FX("fctrl", CONTROL), FX("fstat", STATUS), FX("ftag", TAGS),
	FX("fiseg", CS), FX("fioff", IP), FX("foseg", DS), FX("fooff", DP),
	FX("fop", OPCODE),
	{ "xmm0", 128, KIND_XMM, 0, "uint128", "org.gnu.gdb.i386.sse" },
	XMM(1), XMM(2), XMM(3), XMM(4), XMM(5), XMM(6), XMM(7), XMM(8), XMM(9),
	XMM(10), XMM(11), XMM(12), XMM(13), XMM(14), XMM(15),
	{ "mxcsr", 32, KIND_MXCSR, 0, "int", NULL },
	{ "fs_base", 64, KIND_BASE, SEG_FS, "int64", "org.gnu.gdb.i386.segments" },
	BASE("gs_base", GS),
	{ "cs_base", 64, KIND_BASE, SEG_CS, "int64", "diptych.system" },
	BASE("ss_base", SS), BASE("ds_base", DS), BASE("es_base", ES),
	{ "k_gs_base", 64, KIND_KERNEL_GS, 0, "int64", NULL },
	CR(0), CR(2), CR(3), CR(4), CR(8),
	{ "efer", 64, KIND_EFER, 0, "int64", NULL },
	DR(0), DR(1), DR(2), DR(3), DR(6), DR(7),
};

unsigned gdb_registers(void)
{
	return ARRAY_SIZE(rows);
}

const struct gdb_register *gdb_register_row(unsigned n)
{
	return n < ARRAY_SIZE(rows) ? &rows[n] : NULL;
}

unsigned gdb_register_size(unsigned n)
{
	return n < ARRAY_SIZE(rows) ? rows[n].bits / 8 : 0;
}

static uint64_t cr(const struct vcpu *v, unsigned n)
{
	switch (n) {
	case 0:
		return v->cr0;
	case 2:
		return v->cr2;
	case 3:
		return v->cr3;
	case 4:
		return v->cr4;
	default:
		return v->cr8;
	}
}

static uint64_t dr(const struct vcpu *v, unsigned n)
{
	return n == 6 ? v->dr6 : n == 7 ? v->dr7 : v->dr[n];
}

/* Two bits a register by number, from one a register. SDM 1 "x87 FPU Tag Word" 8.1.7 */
static uint16_t tags(const struct fx_image *fx)
{
	uint16_t word = 0;

	for (unsigned n = 0; n < 8; n++)
		if (!(fx->tags & BIT(n)))
			word |= (uint16_t)(3u << (2 * n));	/* empty */
	return word;
}

static uint64_t fx_word(const struct fx_image *fx, unsigned n)
{
	switch (n) {
	case FX_CONTROL:
		return fx->control;
	case FX_STATUS:
		return fx->status;
	case FX_TAGS:
		return tags(fx);
	case FX_CS:
		return fx->cs;
	case FX_IP:
		return fx->ip;
	case FX_DS:
		return fx->ds;
	case FX_DP:
		return fx->dp;
	default:
		return fx->opcode;
	}
}

/* Outside 64-bit code upper halves are not the guest's. */
static uint64_t gpr(const struct vcpu *v, unsigned n)
{
	return vcpu_code64(v) ? v->gpr[n] : n < GPR_R8 ? (uint32_t)v->gpr[n] : 0;
}

static uint64_t number(const struct vcpu *v, const struct gdb *g, const struct gdb_register *r)
{
	switch (r->kind) {
	case KIND_GPR:
		return gpr(v, r->index);
	case KIND_PC:
		return insn_linear_rip(v);
	case KIND_FLAGS:
		return v->rflags;
	case KIND_SELECTOR:
		return v->seg[r->index].sel;
	case KIND_FX:
		return fx_word(&g->fx, r->index);
	case KIND_MXCSR:
		return g->fx.mxcsr;
	case KIND_BASE:
		return v->seg[r->index].base;
	case KIND_KERNEL_GS:
		return v->kernel_gs_base;
	case KIND_CR:
		return cr(v, r->index);
	case KIND_EFER:
		return v->efer;
	default:
		return dr(v, r->index);
	}
}

unsigned gdb_register_read(const struct vm *vm, const struct gdb *g, unsigned n,
			   uint8_t out[GDB_REG_BYTES])
{
	const struct gdb_register *r = &rows[n];
	uint64_t value;

	memset(out, 0, GDB_REG_BYTES);
	if (r->kind == KIND_ST) {
		memcpy(out, g->fx.st[r->index], r->bits / 8);
	} else if (r->kind == KIND_XMM) {
		memcpy(out, g->fx.xmm[r->index], r->bits / 8);
	} else {
		value = number(&vm->vcpu, g, r);
		memcpy(out, &value, sizeof(value));
	}
	return r->bits / 8;
}

/* Back from a linear address: it must lie in the code segment. */
static bool write_pc(struct vcpu *v, uint64_t linear)
{
	uint64_t rip = linear;

	if (!vcpu_code64(v)) {
		if (linear >> 32)
			return false;
		rip = (uint32_t)(linear - v->seg[SEG_CS].base);
		if (rip > v->seg[SEG_CS].limit)
			return false;
	}
	v->rip = rip;
	return true;
}

/* Those that change nothing of how the guest is run. */
#define FLAGS_WRITABLE	(RFLAGS_ARITH | RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT | \
			 RFLAGS_RF | RFLAGS_AC | RFLAGS_ID)

static bool write_flags(struct vcpu *v, uint64_t value)
{
	if ((v->rflags ^ value) & BITS(31, 0) & ~FLAGS_WRITABLE)
		return false;
	v->rflags = (v->rflags & ~BITS(31, 0)) | (uint32_t)value;
	return true;
}

static bool write_gpr(struct vcpu *v, unsigned n, uint64_t value)
{
	if (!vcpu_code64(v) && (value >> 32 || n >= GPR_R8))
		return false;
	v->gpr[n] = value;
	return true;
}

bool gdb_register_write(struct vm *vm, struct gdb *g, unsigned n,
			const uint8_t in[GDB_REG_BYTES])
{
	struct vcpu *v = &vm->vcpu;
	uint8_t now[GDB_REG_BYTES];
	unsigned size;
	uint64_t value;
	bool done;

	if (n >= ARRAY_SIZE(rows))
		return false;
	/* What is as it was needs no writing. */
	size = gdb_register_read(vm, g, n, now);
	if (!memcmp(now, in, size))
		return true;
	memcpy(&value, in, sizeof(value));
	switch (rows[n].kind) {
	case KIND_GPR:
		done = write_gpr(v, rows[n].index, value);
		break;
	case KIND_PC:
		done = write_pc(v, value);
		break;
	case KIND_FLAGS:
		done = write_flags(v, (uint32_t)value);
		break;
	default:
		return false;
	}
	if (!done)
		return false;
	vcpu_touch(v, ST_RIP | ST_RSP);
	control_apply(vm);
	return true;
}
