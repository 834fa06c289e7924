/*
 * The two sides of the comparison: one case carried out by the emulator, and by
 * Unicorn. Must not know what is compared, nor what is excluded.
 */
#ifndef TESTS_EMULATE_UNICORN_RUN_H
#define TESTS_EMULATE_UNICORN_RUN_H

#include <unicorn/unicorn.h>

#include "emulate_unicorn_known.h"

#define RAM_SIZE	0x40000u
#define CODE_BASE	0x20000u	/* and in 16-bit code: CS 2000 */

static uint8_t ours_ram[RAM_SIZE] __attribute__((aligned(4096)));
static uint8_t theirs_ram[RAM_SIZE] __attribute__((aligned(4096)));

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

/* Nothing here has computed with x87: no exception is pending. */
static uint16_t ops_x87_word(struct emu *emu, enum emu_x87_word which)
{
	(void)emu, (void)which;
	return 0;
}

static const struct emu_ops ops = { .mmio = ops_mmio, .x87_word = ops_x87_word };

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

#endif
