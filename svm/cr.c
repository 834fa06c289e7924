/*
 * Control registers between the vcpu and the VMCB, and with them the way the guest
 * runs: whose tables, what exits. Knows no segment.
 */
#include "mmu/panic.h"
#include "svm/svm.h"

/* A selective intercept lets the guest change these. APM vol. 2 table 15-7. */
#define CR0_LIVE	(CR0_TS | CR0_MP)

/* What CRs and EFER in hardware are not the guest's. */
static void fetch_own(struct vcpu *v, const struct vmcb_save *s, enum svm_crs crs)
{
	if (crs == SVM_CRS_SHADOW) {
		/* Each access to the rest exits. */
		v->cr0 = (v->cr0 & ~CR0_LIVE) | (s->cr0 & CR0_LIVE);
		return;
	}
	v->cr0 = s->cr0;
	v->cr3 = s->cr3;
	v->cr4 = s->cr4;
	v->efer = (s->efer & ~EFER_SVME) | EFER_LME;
}

void svm_cr_fetch(struct vcpu *v, const struct vmcb *vmcb)
{
	const struct vmcb_save *s = &vmcb->save;
	enum svm_crs crs = svm_of(v)->crs;

	v->cr8 = FIELD_GET(VMCB_V_TPR, vmcb->control.int_ctl);
	if (crs != SVM_CRS_GUEST) {
		fetch_own(v, s, crs);
		return;
	}
	/* SVM has no read shadow: what the guest reads is what is there. */
	v->cr0 = s->cr0;
	v->cr3 = s->cr3;
	v->cr4 = s->cr4;
	v->efer = s->efer & ~EFER_SVME;
}

static void intercepts_commit(const struct hw_view *hw, struct vmcb_control *c)
{
	uint16_t reads = 0, writes = 0;
	uint32_t misc1 = c->intercept_misc1 &
			 ~(VMCB_IC_CR0_SEL_WRITE | VMCB_IC_INVLPG |
			   VMCB_IC_TASK_SWITCH);

	if (hw->intercepts & IC_CR0_READ) {
		/* What writes back the hardware's own value changes the guest's. */
		reads |= VMCB_IC_CR(0);
		writes |= VMCB_IC_CR(0);
	} else if (hw->intercepts & IC_CR0_WRITE) {
		misc1 |= VMCB_IC_CR0_SEL_WRITE;
	}
	if (hw->intercepts & IC_CR3) {
		reads |= VMCB_IC_CR(3);
		writes |= VMCB_IC_CR(3);
	}
	if (hw->intercepts & IC_CR4_READ)
		reads |= VMCB_IC_CR(4);
	if (hw->intercepts & IC_CR4_WRITE)
		writes |= VMCB_IC_CR(4);
	if (hw->intercepts & IC_INVLPG)
		misc1 |= VMCB_IC_INVLPG;
	if (hw->intercepts & IC_TASK_SWITCH)
		misc1 |= VMCB_IC_TASK_SWITCH;
	c->intercept_cr_read = reads;
	c->intercept_cr_write = writes;
	c->intercept_exception = hw->exceptions;
	c->intercept_misc1 = misc1;
}

/* Do the guest's accesses to what the tables hang on all exit? */
static bool tables_ours(const struct vmcb *vmcb)
{
	const struct vmcb_control *c = &vmcb->control;

	return !(c->np_enable & VMCB_NP_ENABLE) &&
	       (vmcb->save.cr0 & CR0_PG) && (vmcb->save.cr0 & CR0_WP) &&
	       (vmcb->save.cr4 & CR4_PAE) &&
	       (c->intercept_exception & VMCB_IC_EXCEPTION(VEC_PF)) &&
	       (c->intercept_cr_read & VMCB_IC_CR(3)) &&
	       (c->intercept_cr_write & VMCB_IC_CR(3)) &&
	       (c->intercept_cr_write & VMCB_IC_CR(4)) &&
	       (c->intercept_misc1 & VMCB_IC_INVLPG) &&
	       (c->intercept_misc1 & VMCB_IC_TASK_SWITCH);
}

static bool runs_as(const struct vmcb *vmcb, enum ran_as ran_as)
{
	bool protected = vmcb->save.cr0 & CR0_PE;

	switch (ran_as) {
	case RAN_NATIVE:
		return vmcb->control.np_enable & VMCB_NP_ENABLE;
	case RAN_PAGED_REAL:
		return tables_ours(vmcb) && !protected;
	case RAN_HIDDEN:
		return tables_ours(vmcb) && protected &&
		       (vmcb->control.intercept_cr_read & VMCB_IC_CR(0));
	case RAN_SHADOW:
		return tables_ours(vmcb) && protected;
	case RAN_EMULATED:
		return true;	/* not entered */
	default:
		return false;
	}
}

/* The timeline says how the guest ran: hold the strategy to what is entered. */
static void check(const struct vmcb *vmcb, const struct hw_view *hw)
{
	if (!runs_as(vmcb, hw->ran_as))
		panic("the guest was to run %s, the VMCB says otherwise (cr0 %lx)",
		      ran_as_name(hw->ran_as), vmcb->save.cr0);
}

static enum svm_crs whose(const struct hw_view *hw)
{
	if (hw->root == ROOT_SHADOW)
		return SVM_CRS_SHADOW;
	return hw->lme_held ? SVM_CRS_LME_HELD : SVM_CRS_GUEST;
}

uint32_t svm_cr_commit(struct vcpu *v, struct vmcb *vmcb)
{
	const struct hw_view *hw = &v->vm->hw;
	struct svm_vcpu *svm = svm_of(v);
	struct vmcb_control *c = &vmcb->control;

	vmcb->save.cr0 = hw->cr0;
	vmcb->save.cr3 = hw->cr3;
	vmcb->save.cr4 = hw->cr4;
	vmcb->save.efer = hw->efer;
	c->int_ctl = (c->int_ctl & ~VMCB_V_TPR) | FIELD_PUT(VMCB_V_TPR, v->cr8);
	svm->crs = whose(hw);
	svm->clean = svm_clean(svm->cpu->features, hw);
	if (svm->intercepts == hw->intercepts && svm->ran_as == hw->ran_as &&
	    c->intercept_exception == hw->exceptions)
		return VMCB_CLEAN_CRX | VMCB_CLEAN_TPR;
	/* Another way of running. */
	svm->intercepts = hw->intercepts;
	svm->ran_as = hw->ran_as;
	intercepts_commit(hw, c);
	check(vmcb, hw);
	return VMCB_CLEAN_CRX | VMCB_CLEAN_TPR | VMCB_CLEAN_I;
}
