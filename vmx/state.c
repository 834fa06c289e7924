/* The neutral vcpu to the VMCS and back; the guest's view on one side, the hardware's on the other. */
#include "core/x86_insn.h"
#include "vmx/vmx.h"
#include "vmx/vmx_insn.h"

/* The eight segments' fields follow each other in enum seg_reg order, two apart. */
#define SEG_FIELD(first, n)	((enum vmcs_field)((first) + 2 * (n)))
_Static_assert(VMCS_GUEST_TR_SELECTOR ==
	       VMCS_GUEST_ES_SELECTOR + 2 * SEG_TR, "selectors");
_Static_assert(VMCS_GUEST_TR_BASE == VMCS_GUEST_ES_BASE + 2 * SEG_TR, "bases");
_Static_assert(VMCS_GUEST_TR_LIMIT == VMCS_GUEST_ES_LIMIT + 2 * SEG_TR, "limits");
_Static_assert(VMCS_GUEST_TR_AR == VMCS_GUEST_ES_AR + 2 * SEG_TR, "rights");

static void seg_fetch(struct vcpu *v, enum seg_reg n)
{
	struct vcpu_seg *s = &v->seg[n];

	s->sel = vmx_read(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n));
	s->base = vmx_read(SEG_FIELD(VMCS_GUEST_ES_BASE, n));
	s->limit = vmx_read(SEG_FIELD(VMCS_GUEST_ES_LIMIT, n));
	s->ar = vmx_read(SEG_FIELD(VMCS_GUEST_ES_AR, n));
}

static void seg_commit(const struct vcpu *v, enum seg_reg n)
{
	const struct vcpu_seg *s = &v->seg[n];

	vmx_write(SEG_FIELD(VMCS_GUEST_ES_SELECTOR, n), s->sel);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_BASE, n), s->base);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_LIMIT, n), s->limit);
	vmx_write(SEG_FIELD(VMCS_GUEST_ES_AR, n), s->ar);
}

/* With PAE paging under EPT the CPU keeps the PDPTEs in the VMCS. SDM 3C 26.3.2.4. */
static bool has_pdptes(const struct vcpu *v)
{
	return v->vm->hw.nested && (v->cr0 & CR0_PG) && (v->cr4 & CR4_PAE) &&
	       !(v->efer & EFER_LMA);
}

static enum vmcs_field pdpte_field(unsigned n)
{
	return VMCS_GUEST_PDPTE0 + 2 * n;
}

/* The bits we own read from the shadow, the guest's own from the register. */
static uint64_t guest_cr(enum vmcs_field reg, enum vmcs_field shadow,
			 uint64_t mask)
{
	return (vmx_read(reg) & ~mask) | (vmx_read(shadow) & mask);
}

static void cr_fetch(struct vcpu *v)
{
	const struct hw_view *hw = &v->vm->hw;

	v->cr0 = guest_cr(VMCS_GUEST_CR0, VMCS_CR0_SHADOW, hw->cr0_mask);
	v->cr4 = guest_cr(VMCS_GUEST_CR4, VMCS_CR4_SHADOW, hw->cr4_mask);
	v->cr3 = vmx_read(VMCS_GUEST_CR3);
	v->efer = vmx_read(VMCS_GUEST_EFER);
	if (has_pdptes(v))
		for (unsigned i = 0; i < ARRAY_SIZE(v->pdpte); i++)
			v->pdpte[i] = vmx_read(pdpte_field(i));
}

static void cr_commit(const struct vcpu *v)
{
	const struct hw_view *hw = &v->vm->hw;
	uint64_t entry = vmx_of(v)->controls.entry;

	vmx_write(VMCS_GUEST_CR0, hw->cr0);
	vmx_write(VMCS_CR0_SHADOW, v->cr0);
	vmx_write(VMCS_CR0_MASK, hw->cr0_mask);
	vmx_write(VMCS_GUEST_CR4, hw->cr4);
	vmx_write(VMCS_CR4_SHADOW, v->cr4);
	vmx_write(VMCS_CR4_MASK, hw->cr4_mask);
	vmx_write(VMCS_GUEST_CR3, hw->cr3);
	vmx_write(VMCS_GUEST_EFER, hw->efer);
	vmx_write(VMCS_EXCEPTION_BITMAP, hw->exceptions);
	/* Entry loads EFER and must agree with it on LMA. SDM 3C 26.3.1.1. */
	vmx_write(VMCS_CTL_ENTRY, hw->efer & EFER_LMA ?
		  entry | VMX_ENTRY_IA32E : entry & ~VMX_ENTRY_IA32E);
	if (has_pdptes(v))
		for (unsigned i = 0; i < ARRAY_SIZE(v->pdpte); i++)
			vmx_write(pdpte_field(i), v->pdpte[i]);
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

static void shadow_fetch(struct vcpu *v)
{
	uint64_t blocking = vmx_read(VMCS_GUEST_INTERRUPTIBILITY);

	v->shadow = (blocking & VMX_INTR_STI ? SHADOW_STI : 0) |
		    (blocking & VMX_INTR_MOV_SS ? SHADOW_MOV_SS : 0) |
		    (blocking & VMX_INTR_NMI ? SHADOW_NMI : 0);
}

static void shadow_commit(const struct vcpu *v)
{
	vmx_write(VMCS_GUEST_INTERRUPTIBILITY,
		  (v->shadow & SHADOW_STI ? VMX_INTR_STI : 0) |
		  (v->shadow & SHADOW_MOV_SS ? VMX_INTR_MOV_SS : 0) |
		  (v->shadow & SHADOW_NMI ? VMX_INTR_NMI : 0));
}

static void cs_ss_fetch(struct vcpu *v)
{
	seg_fetch(v, SEG_CS);
	seg_fetch(v, SEG_SS);
	/* CPL is SS.DPL at all times. SDM 3C "Guest Register State" 24.4.1. */
	v->cpl = FIELD_GET(AR_DPL, v->seg[SEG_SS].ar);
}

static void seg_rest(struct vcpu *v, bool fetch)
{
	static const uint8_t rest[] = {
		SEG_ES, SEG_DS, SEG_FS, SEG_GS, SEG_LDTR, SEG_TR,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(rest); i++) {
		if (fetch)
			seg_fetch(v, rest[i]);
		else
			seg_commit(v, rest[i]);
	}
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

void vmx_state_fetch(struct vcpu *v, uint32_t groups)
{
	if (groups & ST_RIP) {
		v->rip = vmx_read(VMCS_GUEST_RIP);
		v->rflags = vmx_read(VMCS_GUEST_RFLAGS);
	}
	if (groups & ST_SHADOW)
		shadow_fetch(v);
	if (groups & ST_RSP)
		v->gpr[GPR_RSP] = vmx_read(VMCS_GUEST_RSP);
	if (groups & ST_CR)
		cr_fetch(v);
	if (groups & ST_CR2)
		v->cr2 = x86_read_cr2();
	if (groups & ST_CS_SS)
		cs_ss_fetch(v);
	if (groups & ST_SEG)
		seg_rest(v, true);
	if (groups & ST_DTR)
		dtr_fetch(v);
	if (groups & ST_DR)
		dr_fetch(v);
	if (groups & ST_MSR)
		msr_fetch(v);
	if (groups & ST_PAT)
		pat_fetch(v);
	if (groups & ST_CONTROLS)
		vmx_controls_read(v);
	v->valid |= groups;
}

static void commit_rare(struct vcpu *v)
{
	uint32_t dirty = v->dirty;

	if (dirty & ST_CS_SS) {
		seg_commit(v, SEG_CS);
		seg_commit(v, SEG_SS);
	}
	if (dirty & ST_SEG)
		seg_rest(v, false);
	if (dirty & ST_DTR)
		dtr_commit(v);
	if (dirty & ST_DR)
		dr_commit(v);
	if (dirty & ST_MSR)
		msr_commit(v);
	if ((dirty & ST_PAT) && v->vm->cpu->caps.pat_switch)
		vmx_write(VMCS_GUEST_PAT, v->pat);
}

void vmx_state_commit(struct vcpu *v)
{
	uint32_t dirty = v->dirty;

	if (dirty & ST_RIP) {
		vmx_write(VMCS_GUEST_RIP, v->rip);
		vmx_write(VMCS_GUEST_RFLAGS, v->rflags);
	}
	if (dirty & ST_SHADOW)
		shadow_commit(v);
	if (dirty & ST_RSP)
		vmx_write(VMCS_GUEST_RSP, v->gpr[GPR_RSP]);
	if (dirty & ST_CR)
		cr_commit(v);
	if (dirty & ST_CR2)
		x86_write_cr2(v->cr2);
	if (dirty & ~(ST_RIP | ST_SHADOW | ST_RSP | ST_CR | ST_CR2))
		commit_rare(v);
}
