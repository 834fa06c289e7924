/*
 * The neutral vcpu to the VMCS and back: the guest's view on one side, the
 * hardware's on the other. Knows no exit.
 */
#include "core/x86_insn.h"
#include "vmx/vmx.h"
#include "vmx/rip.h"

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
		vmx_segment_fetch(v, SEG_CS);
		break;
	case SG_SS:
		vmx_segment_fetch(v, SEG_SS);
		break;
	case SG_CPL:
		vmx_cpl_fetch(v);
		break;
	case SG_DS:
		vmx_segment_fetch(v, SEG_DS);
		break;
	case SG_REST:
		vmx_rest_fetch(v);
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

/* Of which the VMCS has something to tell. */
#define FETCHED		(~(ST_ROOT | ST_TSC | ST_WINDOW))

/* What a guest is judged by: it is asked for together, and read without a look at each. */
#define JUDGED		(ST_SS | ST_CPL | ST_SEG | ST_DTR)
#define SEGMENTS	(ST_CS_SS | ST_SEG)

void vmx_state_fetch(struct vcpu *v, uint32_t groups)
{
	v->valid |= groups;
	groups &= FETCHED;
	if ((groups & JUDGED) == JUDGED && !vmx_entered_vm86(vmx_of(v))) {
		vmx_judged_fetch(v);
		dtr_fetch(v);
		groups &= ~JUDGED;
	}
	for (; groups; groups &= groups - 1)
		group_fetch(v, __builtin_ctz(groups));
}

/* CPL has no field of its own: it is SS.DPL. RIP is committed by the run itself. */
#define COMMITTED	(~(ST_RIP | ST_CPL))

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
		vmx_segment_commit(v, SEG_CS);
		break;
	case SG_SS:
		vmx_segment_commit(v, SEG_SS);
		break;
	case SG_DS:
		vmx_segment_commit(v, SEG_DS);
		break;
	case SG_REST:
		vmx_rest_commit(v);
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
	uint32_t dirty;

	if (v->dirty & ST_CR)
		enter_as(v);
	dirty = v->dirty & COMMITTED;
	if ((dirty & SEGMENTS) == SEGMENTS) {
		vmx_segments_commit(v);
		dirty &= ~SEGMENTS;
	}
	for (; dirty; dirty &= dirty - 1)
		group_commit(v, __builtin_ctz(dirty));
}
