/*
 * Control and debug registers, MSRs, time, caches, halting: what needs the
 * world outside, through struct emu_ops. Must not know descriptors.
 */
#include "core/emulate/exec.h"

#define LMSW_MASK	(CR0_PE | CR0_MP | CR0_EM | CR0_TS)
#define DR6_STATUS	(BITS(3, 0) | DR6_BD | DR6_BS | DR6_BT)
#define DR7_FIXED_ZERO	(BIT(12) | BITS(15, 14))
#define MSR_HALF	32

static bool write_cr(struct exec *x, unsigned number, uint64_t value)
{
	return x->emu->ops->write_cr(x->emu, number, value) ? true : exec_fault_given(x);
}

bool op_mov_to_cr(struct exec *x)
{
	uint64_t value = reg_load(x, x->insn->rm, x->width);

	if (x->insn->reg == 2) {
		x->v->cr2 = value;
		vcpu_touch(x->v, ST_CR2);
		return true;
	}
	return write_cr(x, x->insn->reg, value);
}

bool op_mov_from_cr(struct exec *x)
{
	const struct vcpu *v = x->v;
	uint64_t value;

	switch (x->insn->reg) {
	case 0:
		value = v->cr0;
		break;
	case 2:
		value = v->cr2;
		break;
	case 3:
		value = v->cr3;
		break;
	case 4:
		value = v->cr4;
		break;
	default:	/* the decoder lets no other pass */
		value = v->cr8;
		break;
	}
	reg_store(x, x->insn->rm, x->width, value);
	return true;
}

bool op_clts(struct exec *x)
{
	return write_cr(x, 0, x->v->cr0 & ~CR0_TS);
}

/* LMSW can set PE but never clear it. */
bool op_lmsw(struct exec *x)
{
	uint64_t cr0 = x->v->cr0;

	return write_cr(x, 0, (cr0 & ~(LMSW_MASK & ~CR0_PE)) | (x->src & LMSW_MASK));
}

/* User-mode instruction prevention. SDM 3A "Control Registers" 2.5 */
bool system_umip(struct exec *x)
{
	return x->v->cr4 & CR4_UMIP && x->v->cpl != 0 ? exec_gp0(x) : true;
}

bool op_smsw(struct exec *x)
{
	if (!system_umip(x))
		return false;
	return rm_store(x, x->insn->mod == 3 ? x->width : 2, x->v->cr0);
}

/* DR4 and DR5 are DR6 and DR7, unless CR4.DE forbids; DR7.GD traps all. */
static bool debug_register(struct exec *x, unsigned *number)
{
	*number = x->insn->reg;
	if (*number == 4 || *number == 5) {
		if (x->v->cr4 & CR4_DE)
			return exec_ud(x);
		*number += 2;
	}
	if (!(x->v->dr7 & DR7_GD))
		return true;
	x->v->dr6 |= DR6_BD;
	x->v->dr7 &= ~DR7_GD;
	vcpu_touch(x->v, ST_DR);
	return exec_fault(x, VEC_DB);
}

bool op_mov_from_dr(struct exec *x)
{
	const struct vcpu *v = x->v;
	unsigned number;

	if (!debug_register(x, &number))
		return false;
	reg_store(x, x->insn->rm, x->width,
		  number < DR_COUNT ? v->dr[number] : number == 6 ? v->dr6 : v->dr7);
	return true;
}

bool op_mov_to_dr(struct exec *x)
{
	uint64_t value = reg_load(x, x->insn->rm, x->width);
	struct vcpu *v = x->v;
	unsigned number;

	if (!debug_register(x, &number))
		return false;
	if (number >= DR_COUNT && value >> 32)
		return exec_gp0(x);
	if (number < DR_COUNT)
		v->dr[number] = value;
	else if (number == 6)
		v->dr6 = (value & DR6_STATUS) | DR6_INIT;
	else
		v->dr7 = (value & ~DR7_FIXED_ZERO) | DR7_INIT;
	vcpu_touch(v, ST_DR);
	return true;
}

static void store_pair(struct exec *x, uint64_t value)
{
	reg_store(x, GPR_RAX, 4, value);
	reg_store(x, GPR_RDX, 4, value >> MSR_HALF);
}

bool op_rdmsr(struct exec *x)
{
	uint64_t value = 0;

	if (!x->emu->ops->msr(x->emu, (uint32_t)x->v->gpr[GPR_RCX], &value, false))
		return exec_fault_given(x);
	store_pair(x, value);
	return true;
}

bool op_wrmsr(struct exec *x)
{
	uint64_t value = (uint32_t)x->v->gpr[GPR_RAX] | x->v->gpr[GPR_RDX] << MSR_HALF;

	if (!x->emu->ops->msr(x->emu, (uint32_t)x->v->gpr[GPR_RCX], &value, true))
		return exec_fault_given(x);
	return true;
}

static bool time_allowed(struct exec *x)
{
	return x->v->cr4 & CR4_TSD && x->v->cpl != 0 ? exec_gp0(x) : true;
}

bool op_rdtsc(struct exec *x)
{
	if (!time_allowed(x))
		return false;
	store_pair(x, x->emu->ops->read_tsc(x->emu));
	return true;
}

bool system_rdtscp(struct exec *x)
{
	uint64_t aux = 0;

	if (!time_allowed(x))
		return false;
	if (!x->emu->ops->msr(x->emu, MSR_TSC_AUX, &aux, false))
		return exec_fault_given(x);
	store_pair(x, x->emu->ops->read_tsc(x->emu));
	reg_store(x, GPR_RCX, 4, aux);
	return true;
}

/* No performance counter exists here, so that every index is a wrong one. */
bool op_rdpmc(struct exec *x)
{
	return exec_gp0(x);
}

bool op_cpuid(struct exec *x)
{
	static const uint8_t order[] = { GPR_RAX, GPR_RBX, GPR_RCX, GPR_RDX };
	uint32_t out[ARRAY_SIZE(order)];

	x->emu->ops->cpuid(x->emu, (uint32_t)x->v->gpr[GPR_RAX],
			   (uint32_t)x->v->gpr[GPR_RCX], out);
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		reg_store(x, order[i], 4, out[i]);
	return true;
}

/* INVD, WBINVD: guest RAM is coherent whatever the guest does to caches. */
bool op_invd(struct exec *x)
{
	return op_nop(x);
}

bool op_invlpg(struct exec *x)
{
	const struct vcpu_seg *s = &x->v->seg[x->seg];
	uint64_t linear = x->offset;

	if (!exec_code64(x))
		linear = (uint32_t)(s->base + linear);
	else if (x->seg >= SEG_FS)
		linear += s->base;
	if (!exec_code64(x) || seg_canonical(x, linear))
		x->emu->ops->invlpg(x->emu, gva(linear));
	return true;
}

bool op_hlt(struct exec *x)
{
	x->status = EMU_HALT;
	return true;
}

bool op_ud(struct exec *x)
{
	return exec_ud(x);
}

/* VMX and SVM: this virtual CPU has neither. */
bool op_vmx(struct exec *x)
{
	if (insn_vector_kind(x->insn) != VECTOR_NONE)	/* EXTRQ, INSERTQ */
		return exec_stop(x, "SSE instruction");
	return exec_ud(x);
}
