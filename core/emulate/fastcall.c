/*
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS: transfers through MSRs instead of
 * descriptors. SDM 2B "SYSCALL", "SYSENTER"; APM vol. 3 "SYSCALL", "SYSRET".
 */
#include "core/emulate/descriptor.h"

#define STAR_EIP	BITS(31, 0)
#define STAR_CALL	BITS(47, 32)
#define STAR_RET	BITS(63, 48)
#define FLAT_LIMIT	UINT32_MAX
#define SEL_NEXT	8u	/* the following descriptor */
#define AR_FLAT_CODE	(AR_REAL_CODE | AR_G)
#define AR_FLAT_DATA	(AR_REAL_DATA | AR_G | AR_DB)
#define SYSRET_FLAGS	(RFLAGS_ARITH | RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL | \
			 RFLAGS_NT | RFLAGS_AC | RFLAGS_VIF | RFLAGS_VIP | RFLAGS_ID)

static void flat(struct exec *x, unsigned seg, uint16_t sel, uint64_t ar, unsigned cpl)
{
	x->v->seg[seg] = (struct vcpu_seg){
		.sel = sel, .limit = FLAT_LIMIT,
		.ar = (uint32_t)(ar | FIELD_PUT(AR_DPL, (uint64_t)cpl)),
	};
	seg_touch(x, seg);
}

/* CS and SS flat at a privilege level; nothing is read from memory. */
static void enter(struct exec *x, uint16_t cs, uint16_t ss, unsigned cpl, bool code64)
{
	flat(x, SEG_CS, cs, AR_FLAT_CODE | (code64 ? AR_L : AR_DB), cpl);
	flat(x, SEG_SS, ss, AR_FLAT_DATA, cpl);
	x->v->cpl = (uint8_t)cpl;
	exec_refresh(x);
}

/* Fetched only here: no other instruction looks at them. */
static struct vcpu *with_msrs(struct exec *x)
{
	if (x->emu->ops->need)
		x->emu->ops->need(x->emu, ST_MSR);
	return x->v;
}

/* Intel has SYSCALL in 64-bit code only, AMD in every protected mode. */
static bool syscall_exists(const struct exec *x)
{
	return x->v->efer & EFER_SCE && x->v->cr0 & CR0_PE &&
	       (x->emu->amd || exec_code64(x));
}

bool op_syscall(struct exec *x)
{
	struct vcpu *v = with_msrs(x);
	uint16_t cs = FIELD_GET(STAR_CALL, v->star) & ~SELECTOR_RPL;
	bool is_long = vcpu_long_mode(v);
	uint64_t target;

	if (!syscall_exists(x))
		return exec_ud(x);
	target = !is_long ? v->star & STAR_EIP : exec_code64(x) ? v->lstar : v->cstar;
	v->gpr[GPR_RCX] = x->next;
	if (is_long) {
		v->gpr[GPR_R11] = x->flags & ~RFLAGS_RF;
		x->flags = (x->flags & ~v->sfmask) | RFLAGS_ONE;
	} else {
		x->flags &= ~(RFLAGS_IF | RFLAGS_VM);
	}
	x->flags &= ~RFLAGS_RF;
	enter(x, cs, (uint16_t)(cs + SEL_NEXT), 0, is_long);
	x->next = target;
	return true;
}

bool op_sysret(struct exec *x)
{
	struct vcpu *v = with_msrs(x);
	uint16_t base = FIELD_GET(STAR_RET, v->star);
	bool to64 = x->width == 8, is_long = vcpu_long_mode(v);
	uint64_t target = to64 ? v->gpr[GPR_RCX] : (uint32_t)v->gpr[GPR_RCX];
	uint16_t cs = (uint16_t)(to64 ? base + 2 * SEL_NEXT : base);

	if (!syscall_exists(x))
		return exec_ud(x);
	if (v->cpl != 0)
		return exec_gp0(x);
	/* Intel checks here, at CPL 0; AMD lets the fetch fault, at CPL 3. */
	if (to64 && !x->emu->amd && !seg_canonical(x, target))
		return exec_gp0(x);
	if (is_long)
		x->flags = (v->gpr[GPR_R11] & SYSRET_FLAGS) | RFLAGS_ONE;
	else
		x->flags |= RFLAGS_IF;
	enter(x, cs | SELECTOR_RPL, (uint16_t)(base + SEL_NEXT) | SELECTOR_RPL, 3, to64);
	x->next = target;
	return true;
}

/* AMD has SYSENTER and SYSEXIT in legacy mode only. */
static bool sysenter_exists(const struct exec *x)
{
	return !(x->emu->amd && vcpu_long_mode(x->v));
}

bool op_sysenter(struct exec *x)
{
	struct vcpu *v = with_msrs(x);
	uint16_t cs = (uint16_t)(v->sysenter_cs & SELECTOR_INDEX);
	bool is_long = vcpu_long_mode(v);

	if (!sysenter_exists(x))
		return exec_ud(x);
	if (!(v->cr0 & CR0_PE) || sel_is_null((uint16_t)v->sysenter_cs))
		return exec_gp0(x);
	x->flags &= ~(RFLAGS_VM | RFLAGS_IF | RFLAGS_RF);
	v->rflags &= ~RFLAGS_VM;
	enter(x, cs, (uint16_t)(cs + SEL_NEXT), 0, is_long);
	v->gpr[GPR_RSP] = is_long ? v->sysenter_esp : (uint32_t)v->sysenter_esp;
	x->next = is_long ? v->sysenter_eip : (uint32_t)v->sysenter_eip;
	return true;
}

bool op_sysexit(struct exec *x)
{
	struct vcpu *v = with_msrs(x);
	bool to64 = x->width == 8;
	uint16_t cs = (uint16_t)v->sysenter_cs + (uint16_t)(to64 ? 4 * SEL_NEXT : 2 * SEL_NEXT);
	uint64_t target = to64 ? v->gpr[GPR_RDX] : (uint32_t)v->gpr[GPR_RDX];
	uint64_t sp = to64 ? v->gpr[GPR_RCX] : (uint32_t)v->gpr[GPR_RCX];

	if (!sysenter_exists(x))
		return exec_ud(x);
	if (!(v->cr0 & CR0_PE) || sel_is_null((uint16_t)v->sysenter_cs) || v->cpl != 0)
		return exec_gp0(x);
	if (to64 && (!seg_canonical(x, target) || !seg_canonical(x, sp)))
		return exec_gp0(x);
	cs |= SELECTOR_RPL;
	enter(x, cs, (uint16_t)(cs + SEL_NEXT), 3, to64);
	v->gpr[GPR_RSP] = sp;
	x->next = target;
	return true;
}

bool fastcall_swapgs(struct exec *x)
{
	struct vcpu *v = with_msrs(x);
	uint64_t base = v->seg[SEG_GS].base;

	if (v->cpl != 0)
		return exec_gp0(x);
	v->seg[SEG_GS].base = v->kernel_gs_base;
	v->kernel_gs_base = base;
	vcpu_touch(v, ST_SEG | ST_MSR);
	return true;
}
