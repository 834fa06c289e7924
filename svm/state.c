/* The neutral vcpu to the VMCB and back; the guest's view on one side, the hardware's on the other. */
#include "core/x86_insn.h"
#include "svm/svm.h"
#include "svm/svm_insn.h"

/* Groups whose hardware home VMSAVE and VMLOAD move. APM vol. 2 "VMSAVE and VMLOAD" 15.5.2. */
#define ST_EXTRA	(ST_SEG | ST_MSR)

/* A limit this large had its granularity bit set, which some CPUs do not keep. */
#define LIMIT_BYTES_MAX	0xfffffu

static struct vmcb_seg *save_seg(struct vmcb_save *save, enum seg_reg n)
{
	struct vmcb_seg *const segs[SEG_COUNT] = {
		[SEG_ES] = &save->es, [SEG_CS] = &save->cs,
		[SEG_SS] = &save->ss, [SEG_DS] = &save->ds,
		[SEG_FS] = &save->fs, [SEG_GS] = &save->gs,
		[SEG_LDTR] = &save->ldtr, [SEG_TR] = &save->tr,
	};

	return segs[n];
}

static void seg_fetch(struct vcpu *v, struct vmcb_save *save, enum seg_reg n)
{
	const struct vmcb_seg *from = save_seg(save, n);
	struct vcpu_seg *to = &v->seg[n];

	to->sel = from->selector;
	to->limit = from->limit;
	to->base = from->base;
	to->ar = FIELD_PUT(VMCB_ATTR_LOW, FIELD_GET(VMCB_ATTR_LOW, from->attrib)) |
		 FIELD_PUT(VMCB_ATTR_AR_HIGH,
			   FIELD_GET(VMCB_ATTR_HIGH, from->attrib));
	if (to->limit > LIMIT_BYTES_MAX)
		to->ar |= AR_G;
	/* The VMCB has no "unusable" bit: a null selector is one not present. */
	if (n != SEG_CS && n != SEG_TR && !(to->ar & AR_P))
		to->ar |= AR_UNUSABLE;
}

static void seg_commit(const struct vcpu *v, struct vmcb_save *save,
		       enum seg_reg n)
{
	const struct vcpu_seg *from = &v->seg[n];
	struct vmcb_seg *to = save_seg(save, n);
	uint32_t ar = from->ar;

	if (ar & AR_UNUSABLE)
		ar &= ~AR_P;
	to->selector = from->sel;
	to->limit = from->limit;
	to->base = from->base;
	to->attrib = FIELD_PUT(VMCB_ATTR_LOW, FIELD_GET(VMCB_ATTR_LOW, ar)) |
		     FIELD_PUT(VMCB_ATTR_HIGH, FIELD_GET(VMCB_ATTR_AR_HIGH, ar));
}

static void extra_save(struct svm_vcpu *svm)
{
	if (svm->extra_in_cpu && !svm->extra_saved) {
		svm_vmsave(hpa_of(svm->vmcb));
		svm->extra_saved = true;
	}
}

static void extra_fetch(struct vcpu *v, uint32_t groups)
{
	struct svm_vcpu *svm = svm_of(v);
	struct vmcb_save *s = &svm->vmcb->save;

	extra_save(svm);
	if (groups & ST_SEG) {
		seg_fetch(v, s, SEG_ES);
		seg_fetch(v, s, SEG_DS);
		for (enum seg_reg n = SEG_FS; n < SEG_COUNT; n++)
			seg_fetch(v, s, n);
	}
	if (groups & ST_MSR) {
		v->sysenter_cs = s->sysenter_cs;
		v->sysenter_esp = s->sysenter_esp;
		v->sysenter_eip = s->sysenter_eip;
		v->star = s->star;
		v->lstar = s->lstar;
		v->cstar = s->cstar;
		v->sfmask = s->sfmask;
		v->kernel_gs_base = s->kernel_gs_base;
	}
}

static void extra_commit(struct vcpu *v)
{
	struct svm_vcpu *svm = svm_of(v);
	struct vmcb_save *s = &svm->vmcb->save;

	extra_save(svm);	/* the group that is not dirty must survive the VMLOAD */
	if (v->dirty & ST_SEG) {
		seg_commit(v, s, SEG_ES);
		seg_commit(v, s, SEG_DS);
		for (enum seg_reg n = SEG_FS; n < SEG_COUNT; n++)
			seg_commit(v, s, n);
	}
	if (v->dirty & ST_MSR) {
		s->sysenter_cs = v->sysenter_cs;
		s->sysenter_esp = v->sysenter_esp;
		s->sysenter_eip = v->sysenter_eip;
		s->star = v->star;
		s->lstar = v->lstar;
		s->cstar = v->cstar;
		s->sfmask = v->sfmask;
		s->kernel_gs_base = v->kernel_gs_base;
	}
	svm_vmload(hpa_of(svm->vmcb));
	svm->extra_in_cpu = true;
}

static void dr_fetch(struct vcpu *v, const struct vmcb_save *s)
{
	v->dr6 = s->dr6;
	v->dr7 = s->dr7;
	v->dr[0] = x86_read_dr0();
	v->dr[1] = x86_read_dr1();
	v->dr[2] = x86_read_dr2();
	v->dr[3] = x86_read_dr3();
}

static void dr_commit(const struct vcpu *v, struct vmcb_save *s)
{
	s->dr6 = v->dr6;
	s->dr7 = v->dr7;
	x86_write_dr0(v->dr[0]);
	x86_write_dr1(v->dr[1]);
	x86_write_dr2(v->dr[2]);
	x86_write_dr3(v->dr[3]);
}

static void cr_fetch(struct vcpu *v, const struct vmcb *vmcb)
{
	/* SVM has no read shadow: what the guest reads is what is there. */
	v->cr0 = vmcb->save.cr0;
	v->cr3 = vmcb->save.cr3;
	v->cr4 = vmcb->save.cr4;
	v->efer = vmcb->save.efer & ~v->vm->cpu->caps.efer_must;
	v->cr8 = FIELD_GET(VMCB_V_TPR, vmcb->control.int_ctl);
}

static void cr_commit(struct vcpu *v, struct vmcb *vmcb)
{
	const struct hw_view *hw = &v->vm->hw;
	struct vmcb_control *c = &vmcb->control;

	vmcb->save.cr0 = hw->cr0;
	vmcb->save.cr3 = hw->cr3;
	vmcb->save.cr4 = hw->cr4;
	vmcb->save.efer = hw->efer;
	c->int_ctl = (c->int_ctl & ~VMCB_V_TPR) | FIELD_PUT(VMCB_V_TPR, v->cr8);
	c->intercept_exception = hw->exceptions;
	c->intercept_cr_write = hw->intercepts & IC_CR4_WRITE ? VMCB_IC_CR(4) : 0;
	c->intercept_misc1 &= ~VMCB_IC_CR0_SEL_WRITE;
	if (hw->intercepts & IC_CR0_WRITE)
		c->intercept_misc1 |= VMCB_IC_CR0_SEL_WRITE;
	c->clean &= ~(VMCB_CLEAN_CRX | VMCB_CLEAN_I | VMCB_CLEAN_TPR);
}

void svm_state_fetch(struct vcpu *v, uint32_t groups)
{
	struct vmcb *vmcb = svm_of(v)->vmcb;
	struct vmcb_save *s = &vmcb->save;

	if (groups & ST_RSP)
		v->gpr[GPR_RSP] = s->rsp;
	if (groups & ST_CR)
		cr_fetch(v, vmcb);
	if (groups & ST_CR2)
		v->cr2 = s->cr2;
	if (groups & ST_CS_SS) {
		seg_fetch(v, s, SEG_CS);
		seg_fetch(v, s, SEG_SS);
		v->cpl = s->cpl;
	}
	if (groups & ST_EXTRA)
		extra_fetch(v, groups);
	if (groups & ST_DTR) {
		v->gdtr = (struct vcpu_dtr){ s->gdtr.base, s->gdtr.limit };
		v->idtr = (struct vcpu_dtr){ s->idtr.base, s->idtr.limit };
	}
	if (groups & ST_DR)
		dr_fetch(v, s);
	if (groups & ST_PAT)
		v->pat = s->g_pat;
	if (groups & ST_CONTROLS)
		svm_controls_read(v);
	v->valid |= groups;
}

/* Everything but RIP, which the run does itself. */
void svm_state_commit(struct vcpu *v)
{
	struct vmcb *vmcb = svm_of(v)->vmcb;
	struct vmcb_control *c = &vmcb->control;
	struct vmcb_save *s = &vmcb->save;
	uint32_t dirty = v->dirty;

	if (dirty & ST_RSP)
		s->rsp = v->gpr[GPR_RSP];
	if (dirty & ST_CR)
		cr_commit(v, vmcb);
	if (dirty & ST_CR2) {
		s->cr2 = v->cr2;
		c->clean &= ~VMCB_CLEAN_CR2;
	}
	if (dirty & ST_CS_SS) {
		seg_commit(v, s, SEG_CS);
		seg_commit(v, s, SEG_SS);
		s->cpl = v->cpl;
	}
	if (dirty & ST_EXTRA)
		extra_commit(v);
	if (dirty & (ST_CS_SS | ST_SEG))
		c->clean &= ~VMCB_CLEAN_SEG;
	if (dirty & ST_DTR) {
		s->gdtr.base = v->gdtr.base;
		s->gdtr.limit = v->gdtr.limit;
		s->idtr.base = v->idtr.base;
		s->idtr.limit = v->idtr.limit;
		c->clean &= ~VMCB_CLEAN_DT;
	}
	if (dirty & ST_DR) {
		dr_commit(v, s);
		c->clean &= ~VMCB_CLEAN_DRX;
	}
	if (dirty & ST_PAT) {
		s->g_pat = v->pat;
		c->clean &= ~VMCB_CLEAN_NP;
	}
	if (dirty & ST_SHADOW)
		c->int_state = v->shadow & (SHADOW_STI | SHADOW_MOV_SS) ?
			       VMCB_INT_SHADOW : 0;
}
