/*
 * Instructions that share an opcode and part by ModRM or prefix: 0F 01, 0F AE,
 * 0F C7; and units that are refused by name. Must not know descriptors.
 */
#include "core/emulate/fx_state.h"

bool system_rdtscp(struct exec *x);
bool fastcall_swapgs(struct exec *x);

/* The register forms of 0F 01, as reg * 8 + rm. */
enum group7_form {
	G7_VMCALL = 001, G7_VMMCALL = 031,
	G7_CLAC = 012, G7_STAC = 013, G7_XGETBV = 020, G7_XSETBV = 021,
	G7_XEND = 025, G7_XTEST = 026, G7_SERIALIZE = 050,
	G7_RDPKRU = 056, G7_WRPKRU = 057, G7_SWAPGS = 070, G7_RDTSCP = 071,
};

static bool access_flag(struct exec *x, bool set)
{
	if (x->v->cpl != 0)
		return exec_ud(x);
	flags_put(x, RFLAGS_AC, set);
	return true;
}

/* SDM 2B "RDPKRU", "WRPKRU" */
static bool pkru(struct exec *x, bool write)
{
	const uint64_t *gpr = x->v->gpr;
	const struct emu_ops *ops = x->emu->ops;

	if ((x->insn->prefixes & PFX_REP) || !(x->v->cr4 & CR4_PKE))
		return exec_ud(x);
	if ((uint32_t)gpr[GPR_RCX] || (write && (uint32_t)gpr[GPR_RDX]))
		return exec_gp0(x);
	if (!ops->rdpkru || !ops->wrpkru)
		return exec_stop(x, "protection keys without PKRU");
	if (write) {
		ops->wrpkru(x->emu, (uint32_t)gpr[GPR_RAX]);
		return true;
	}
	reg_store(x, GPR_RAX, 4, ops->rdpkru(x->emu));
	reg_store(x, GPR_RDX, 4, 0);
	return true;
}

/* Each vendor has its own, which is the same to the guest whoever carries it out. */
static bool hypercall(struct exec *x, bool ours)
{
	const struct emu_ops *ops = x->emu->ops;

	return (ours && ops->hypercall && ops->hypercall(x->emu)) || exec_ud(x);
}

/* What is not here does not exist on this virtual CPU: VMX, SVM, SGX, MONITOR.. */
bool op_group7_special(struct exec *x)
{
	if (x->insn->mod != 3)
		return exec_ud(x);	/* RSTORSSP: no shadow stacks */
	switch ((enum group7_form)((x->insn->reg & 7) * 8 + (x->insn->rm & 7))) {
	case G7_VMCALL:
		return hypercall(x, !x->emu->amd);
	case G7_VMMCALL:
		return hypercall(x, x->emu->amd);
	case G7_CLAC:
		return access_flag(x, false);
	case G7_STAC:
		return access_flag(x, true);
	case G7_XGETBV:
	case G7_XSETBV:
		if (!(x->v->cr4 & CR4_OSXSAVE))
			return exec_ud(x);
		return exec_stop(x, "XGETBV or XSETBV instruction");
	case G7_XEND:
	case G7_XTEST:
		return exec_stop(x, "TSX instruction");
	case G7_SERIALIZE:
		return x->insn->prefixes & (PFX_REP | PFX_REPNE) ? exec_ud(x) : true;
	case G7_RDPKRU:
		return pkru(x, false);
	case G7_WRPKRU:
		return pkru(x, true);
	case G7_SWAPGS:
		return fastcall_swapgs(x);
	case G7_RDTSCP:
		return system_rdtscp(x);
	}
	return exec_ud(x);
}

/* RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE: reg 0 to 3 with F3. */
static bool fsgsbase(struct exec *x)
{
	unsigned reg = x->insn->reg & 7, seg = reg & 1 ? SEG_GS : SEG_FS;
	uint64_t value;

	if (!(x->v->cr4 & CR4_FSGSBASE))
		return exec_ud(x);
	if (reg < 2) {
		reg_store(x, x->insn->rm, x->width, x->v->seg[seg].base);
		return true;
	}
	value = reg_load(x, x->insn->rm, x->width);
	if (!seg_canonical_base(x, value))
		return exec_gp0(x);
	x->v->seg[seg].base = value;
	vcpu_touch(x->v, ST_SEG);
	return true;
}

/* CLFLUSH and kin read nothing, but fault as a byte's read does. */
static bool flush_line(struct exec *x)
{
	struct memref ref;

	return mem_open(x, x->seg, x->offset, 1, ACCESS_READ, &ref);
}

static bool (*const fx_step[])(struct exec *x) = {
	fx_save, fx_restore, fx_ldmxcsr, fx_stmxcsr,
};

bool op_group15(struct exec *x)
{
	unsigned reg = x->insn->reg & 7, prefixes = x->insn->prefixes;

	if (x->insn->mod == 3) {
		if (prefixes & PFX_REP && reg < 4)
			return fsgsbase(x);
		/* With a prefix: INCSSP, UMONITOR, UMWAIT, TPAUSE, PTWRITE. */
		return prefixes & (PFX_REP | PFX_REPNE | PFX_OPSIZE) ? exec_ud(x) : true;
	}
	if (prefixes & PFX_REP)
		return exec_ud(x);	/* PTWRITE, CLRSSBSY */
	if (reg == 7 || (reg == 6 && prefixes & PFX_OPSIZE))
		return flush_line(x);
	return reg < 4 ? fx_step[reg](x) : exec_stop(x, "XSAVE instruction");
}

bool op_xsaves(struct exec *x)
{
	return exec_stop(x, "XSAVE instruction");
}

bool op_rdrand(struct exec *x)
{
	if (x->insn->prefixes & PFX_REP)
		return exec_stop(x, "RDPID or SENDUIPI instruction");
	return exec_stop(x, "RDRAND or RDSEED instruction");
}

bool op_tsx(struct exec *x) { return exec_stop(x, "TSX instruction"); }
bool op_emms(struct exec *x) { return exec_stop(x, "MMX instruction"); }
bool op_femms(struct exec *x) { return exec_stop(x, "3DNow! instruction"); }
