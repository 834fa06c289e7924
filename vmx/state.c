/*
 * The neutral vcpu to the VMCS and back: the guest's view on one side, the
 * hardware's on the other. Knows no exit.
 */
#include "core/x86_insn.h"
#include "vmx/vmx.h"
#include "vmx/rip.h"

/* The eight segments' fields follow each other in enum seg_reg order, two apart. */
#define SEG_FIELD(first, n)	((enum vmcs_field)((first) + 2 * (n)))
_Static_assert(VMCS_GUEST_TR_SELECTOR ==
	       VMCS_GUEST_ES_SELECTOR + 2 * SEG_TR, "selectors");
_Static_assert(VMCS_GUEST_TR_BASE == VMCS_GUEST_ES_BASE + 2 * SEG_TR, "bases");
_Static_assert(VMCS_GUEST_TR_LIMIT == VMCS_GUEST_ES_LIMIT + 2 * SEG_TR, "limits");
_Static_assert(VMCS_GUEST_TR_AR == VMCS_GUEST_ES_AR + 2 * SEG_TR, "rights");

/* SDM 3C "Checks on Guest Segment Registers" 26.3.1.2: the one value for vm86. */
#define AR_VM86		0xf3u
#define LIMIT_VM86	UINT16_MAX
#define PARAGRAPH_SHIFT	4

/*
 * As virtual-8086 mode has base and limit, by entry's rule and by each load: they need not
 * be read. The rights are real mode's. SDM 3B "8086 Address Translation" 20.1.1.
 */
static inline void seg_fetch_vm86(struct vcpu_seg *s, enum seg_reg n)
{
	s->sel = vmx_read(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n));
	s->base = (uint64_t)s->sel << PARAGRAPH_SHIFT;
	s->limit = LIMIT_VM86;
	s->ar = n == SEG_CS ? AR_REAL_CODE : AR_REAL_DATA;
}

/* Unrolled, as the next: of each field nothing is left but its VMREAD. */
static inline __attribute__((always_inline))
void seg_read(struct vcpu *v, enum seg_reg n)
{
	struct vcpu_seg *s = &v->seg[n];

	s->sel = vmx_read(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n));
	s->base = vmx_read(SEG_FIELD(VMCS_GUEST_ES_BASE, n));
	s->limit = vmx_read(SEG_FIELD(VMCS_GUEST_ES_LIMIT, n));
	s->ar = vmx_read(SEG_FIELD(VMCS_GUEST_ES_AR, n));
}

static void seg_fetch(struct vcpu *v, enum seg_reg n)
{
	if (vmx_entered_vm86(vmx_of(v)))
		seg_fetch_vm86(&v->seg[n], n);
	else
		seg_read(v, n);
}

static inline __attribute__((always_inline))
void seg_write(enum seg_reg n, const struct vcpu_seg *s, uint32_t ar)
{
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n), s->sel);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_BASE, n), s->base);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_LIMIT, n), s->limit);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_AR, n), ar);
}

/* The guest's own virtual-8086 tasks need the same rights. */
static inline bool vm86_rights(const struct vcpu *v)
{
	return vmx_entered_vm86(vmx_of(v)) || (v->rflags & RFLAGS_VM);
}

static void seg_commit(const struct vcpu *v, enum seg_reg n)
{
	const struct vcpu_seg *s = &v->seg[n];

	seg_write(n, s, vm86_rights(v) ? AR_VM86 : s->ar);
}

/* LDTR and TR are the guest's, or what vm86 needs in their place. */
static __attribute__((noinline)) void rest_fetch_vm86(struct vcpu *v)
{
	seg_fetch_vm86(&v->seg[SEG_ES], SEG_ES);
	seg_fetch_vm86(&v->seg[SEG_FS], SEG_FS);
	seg_fetch_vm86(&v->seg[SEG_GS], SEG_GS);
}

static void rest_fetch(struct vcpu *v)
{
	if (vmx_entered_vm86(vmx_of(v))) {
		rest_fetch_vm86(v);
		return;
	}
	seg_read(v, SEG_ES);
	seg_read(v, SEG_FS);
	seg_read(v, SEG_GS);
	seg_read(v, SEG_LDTR);
	seg_read(v, SEG_TR);
}

static void rest_commit_data(const struct vcpu *v)
{
	const struct vcpu_seg *s = v->seg;
	bool vm86 = vm86_rights(v);

	seg_write(SEG_ES, &s[SEG_ES], vm86 ? AR_VM86 : s[SEG_ES].ar);
	seg_write(SEG_FS, &s[SEG_FS], vm86 ? AR_VM86 : s[SEG_FS].ar);
	seg_write(SEG_GS, &s[SEG_GS], vm86 ? AR_VM86 : s[SEG_GS].ar);
}

static void system_commit(const struct vcpu *v)
{
	static const struct vcpu_seg tss = {
		.base = HIDDEN_TSS, .limit = TSS_LIMIT, .ar = AR_TSS32_BUSY,
	};
	static const struct vcpu_seg no_ldt = { .ar = AR_UNUSABLE };
	bool vm86 = vmx_entered_vm86(vmx_of(v));
	const struct vcpu_seg *ldt = vm86 ? &no_ldt : &v->seg[SEG_LDTR];
	const struct vcpu_seg *tr = vm86 ? &tss : &v->seg[SEG_TR];

	seg_write(SEG_LDTR, ldt, ldt->ar);
	seg_write(SEG_TR, tr, tr->ar);
}

static void dr_fetch(struct vcpu *v)
{
	v->dr6 = x86_read_dr6();
	v->dr7 = vmx_read(VMCS_GUEST_DR7);
	v->dr[0] = x86_read_dr0();
	v->dr[1] = x86_read_dr1();
	v->dr[2] = x86_read_dr2();
	v->dr[3] = x86_read_dr3();
}

static void dr_commit(const struct vcpu *v)
{
	if (v->dr7 & DR7_ENABLES && !vmx_of(v)->dr_given)
		vmx_dr_give(v, true);
	vmx_write(VMCS_GUEST_DR7, v->dr7);
	x86_write_dr6(v->dr6);
	x86_write_dr0(v->dr[0]);
	x86_write_dr1(v->dr[1]);
	x86_write_dr2(v->dr[2]);
	x86_write_dr3(v->dr[3]);
}

/* The SYSCALL MSRs are not in the VMCS; the host has no use for them, so the guest's stay live. */
static void msr_fetch(struct vcpu *v)
{
	v->sysenter_cs = vmx_read(VMCS_GUEST_SYSENTER_CS);
	v->sysenter_esp = vmx_read(VMCS_GUEST_SYSENTER_ESP);
	v->sysenter_eip = vmx_read(VMCS_GUEST_SYSENTER_EIP);
	v->star = x86_rdmsr(MSR_STAR);
	v->lstar = x86_rdmsr(MSR_LSTAR);
	v->cstar = x86_rdmsr(MSR_CSTAR);
	v->sfmask = x86_rdmsr(MSR_SFMASK);
	v->kernel_gs_base = x86_rdmsr(MSR_KERNEL_GS_BASE);
}

static void msr_commit(const struct vcpu *v)
{
	vmx_write(VMCS_GUEST_SYSENTER_CS, v->sysenter_cs);
	vmx_write(VMCS_GUEST_SYSENTER_ESP, v->sysenter_esp);
	vmx_write(VMCS_GUEST_SYSENTER_EIP, v->sysenter_eip);
	x86_wrmsr(MSR_STAR, v->star);
	x86_wrmsr(MSR_LSTAR, v->lstar);
	x86_wrmsr(MSR_CSTAR, v->cstar);
	x86_wrmsr(MSR_SFMASK, v->sfmask);
	x86_wrmsr(MSR_KERNEL_GS_BASE, v->kernel_gs_base);
}

static void pat_fetch(struct vcpu *v)
{
	if (v->vm->cpu->caps.pat_switch)
		v->pat = vmx_read(VMCS_GUEST_PAT);
}

static void pat_commit(const struct vcpu *v)
{
	if (v->vm->cpu->caps.pat_switch)
		vmx_write(VMCS_GUEST_PAT, v->pat);
}

static void shadow_fetch(struct vcpu *v)
{
	uint64_t blocking = vmx_read(VMCS_GUEST_INTERRUPTIBILITY);

	v->shadow = (blocking & VMX_INTR_STI ? SHADOW_STI : 0) |
		    (blocking & VMX_INTR_MOV_SS ? SHADOW_MOV_SS : 0) |
		    (blocking & VMX_INTR_NMI ? SHADOW_NMI : 0);
	if (v->shadow & SHADOW_MOV_SS)
		v->held_hits = vmx_read(VMCS_GUEST_PENDING_DEBUG) & VMX_PENDING_B;
}

/*
 * What is pending in a shadow. Stepping there, entry demands that the trap is; what a
 * load of SS has hit comes when the shadow is over. SDM 3C "Checks on Guest Non-Register
 * State" 26.3.1.5, table 24-4.
 */
static uint64_t shadow_pending(const struct vcpu *v)
{
	uint64_t hits = vcpu_held_hits(v);
	bool step = (v->shadow & (SHADOW_STI | SHADOW_MOV_SS)) &&
		    (v->rflags & RFLAGS_TF);

	return (hits ? hits | VMX_PENDING_BREAKPOINT : 0) |
	       (step ? VMX_PENDING_BS : 0);
}

static void shadow_commit(struct vcpu *v)
{
	vcpu_need(v, ST_RIP);
	vmx_write(VMCS_GUEST_INTERRUPTIBILITY,
		  (v->shadow & SHADOW_STI ? VMX_INTR_STI : 0) |
		  (v->shadow & SHADOW_MOV_SS ? VMX_INTR_MOV_SS : 0) |
		  (v->shadow & SHADOW_NMI ? VMX_INTR_NMI : 0));
	vmx_write(VMCS_GUEST_PENDING_DEBUG, shadow_pending(v));
}

static void dtr_fetch(struct vcpu *v)
{
	v->gdtr.base = vmx_read(VMCS_GUEST_GDTR_BASE);
	v->gdtr.limit = vmx_read(VMCS_GUEST_GDTR_LIMIT);
	v->idtr.base = vmx_read(VMCS_GUEST_IDTR_BASE);
	v->idtr.limit = vmx_read(VMCS_GUEST_IDTR_LIMIT);
}

static void dtr_commit(const struct vcpu *v)
{
	vmx_write(VMCS_GUEST_GDTR_BASE, v->gdtr.base);
	vmx_write(VMCS_GUEST_GDTR_LIMIT, v->gdtr.limit);
	vmx_write(VMCS_GUEST_IDTR_BASE, v->idtr.base);
	vmx_write(VMCS_GUEST_IDTR_LIMIT, v->idtr.limit);
}

/* From here on the VMCS is read and written as the strategy has it now. */
static void enter_as(struct vcpu *v)
{
	struct vmx_vcpu *vmx = vmx_of(v);

	/*
	 * The two hidden maps share a tag and differ in the hole: what the CPU
	 * remembers of vm86's task state must not open it to protected mode.
	 */
	if (vmx->entered.root != v->vm->hw.root)
		vmx->flush = true;
	vmx->check = true;
	/* Core has all of these valid when the guest enters or leaves real mode. */
	if (vmx_entered_vm86(vmx) != (v->vm->hw.ran_as == RAN_VM86))
		v->dirty |= ST_RIP | ST_CS_SS | ST_SEG | ST_CPL;
	vmx->entered = v->vm->hw;
	vmx->rflags_own = 0;
	vmx->rflags_set = 0;
	if (!vmx_entered_vm86(vmx))
		return;
	vmx->rflags_own = RFLAGS_VM | RFLAGS_IOPL;
	vmx->rflags_set = RFLAGS_VM |
			  (vmx->entered.vm86_fast ? RFLAGS_IOPL : 0);
}

static void group_fetch(struct vcpu *v, enum state_group group)
{
	switch (group) {
	case SG_RIP:
		vmx_rip_fetch(v);
		break;
	case SG_SHADOW:
		shadow_fetch(v);
		break;
	case SG_RSP:
		v->gpr[GPR_RSP] = vmx_read(VMCS_GUEST_RSP);
		break;
	case SG_CR:
		vmx_cr_fetch(v);
		break;
	case SG_ROOT:
	case SG_TSC:
	case SG_WINDOW:
		break;
	case SG_CR2:
		v->cr2 = x86_read_cr2();
		break;
	case SG_CS:
		seg_fetch(v, SEG_CS);
		break;
	case SG_SS:
		seg_fetch(v, SEG_SS);
		break;
	case SG_CPL:
		vmx_cpl_fetch(v);
		break;
	case SG_DS:
		seg_fetch(v, SEG_DS);
		break;
	case SG_REST:
		rest_fetch(v);
		break;
	case SG_DTR:
		dtr_fetch(v);
		break;
	case SG_DR:
		dr_fetch(v);
		break;
	case SG_MSR:
		msr_fetch(v);
		break;
	case SG_PAT:
		pat_fetch(v);
		break;
	case SG_CONTROLS:
		vmx_controls_read(v);
		break;
	}
}

void vmx_state_fetch(struct vcpu *v, uint32_t groups)
{
	v->valid |= groups;
	for (; groups; groups &= groups - 1)
		group_fetch(v, __builtin_ctz(groups));
}

/* CPL has no field of its own: it is SS.DPL. RIP is committed by the run itself. */
static void group_commit(struct vcpu *v, enum state_group group)
{
	switch (group) {
	case SG_SHADOW:
		shadow_commit(v);
		break;
	case SG_RSP:
		vmx_write(VMCS_GUEST_RSP, v->gpr[GPR_RSP]);
		break;
	case SG_CR:
		vmx_cr_commit(v);
		break;
	case SG_ROOT:
		vmx_root_commit(v);
		break;
	case SG_CR2:
		x86_write_cr2(v->cr2);
		break;
	case SG_CS:
		seg_commit(v, SEG_CS);
		break;
	case SG_SS:
		seg_commit(v, SEG_SS);
		break;
	case SG_DS:
		seg_commit(v, SEG_DS);
		break;
	case SG_REST:
		rest_commit_data(v);
		system_commit(v);
		break;
	case SG_DTR:
		dtr_commit(v);
		break;
	case SG_DR:
		dr_commit(v);
		break;
	case SG_MSR:
		msr_commit(v);
		break;
	case SG_PAT:
		pat_commit(v);
		break;
	case SG_WINDOW:
		vmx_proc_commit(v);
		break;
	case SG_TSC:
		vmx_write(VMCS_TSC_OFFSET, v->tsc_offset);
		break;
	default:
		break;
	}
}

void vmx_state_commit(struct vcpu *v)
{
	if (v->dirty & ST_CR)
		enter_as(v);
	for (uint32_t dirty = v->dirty & ~ST_RIP; dirty; dirty &= dirty - 1)
		group_commit(v, __builtin_ctz(dirty));
}
