/*
 * The neutral vcpu to the VMCB and back: the guest's view on one side, the
 * hardware's on the other. Knows no exit.
 */
#include "core/x86_insn.h"
#include "svm/svm.h"
#include "svm/svm_insn.h"

/* A limit this large had its granularity bit set, which some CPUs do not keep. */
#define LIMIT_BYTES_MAX	BITS(19, 0)

/* In the type of a TSS: the one in TR is busy, but not all CPUs say so. */
#define TSS_BUSY	BIT(1)

/* Where each segment is among the save area's ten descriptors, from ES on. */
static const uint8_t save_index[SEG_COUNT] = {
	[SEG_ES] = 0, [SEG_CS] = 1, [SEG_SS] = 2, [SEG_DS] = 3, [SEG_FS] = 4,
	[SEG_GS] = 5, [SEG_LDTR] = 7, [SEG_TR] = 9,
};
_Static_assert(offsetof(struct vmcb_save, es) == 0, "the first descriptor");
_Static_assert(offsetof(struct vmcb_save, tr) == 9 * sizeof(struct vmcb_seg),
	       "the tenth descriptor");

static struct vmcb_seg *save_seg(struct vmcb_save *save, enum seg_reg n)
{
	return (struct vmcb_seg *)save + save_index[n];
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
	if (n == SEG_TR)
		to->ar |= TSS_BUSY;
	else if (n != SEG_CS && !(to->ar & AR_P))
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
	/* QEMU's TCG ends itself when it finds a busy one as it looks for a stack. */
	if (n == SEG_TR && svm_of(v)->cpu->tcg)
		ar &= ~TSS_BUSY;
	to->selector = from->sel;
	to->limit = from->limit;
	to->base = from->base;
	to->attrib = FIELD_PUT(VMCB_ATTR_LOW, FIELD_GET(VMCB_ATTR_LOW, ar)) |
		     FIELD_PUT(VMCB_ATTR_HIGH, FIELD_GET(VMCB_ATTR_AR_HIGH, ar));
}

/* Bring to the VMCB what VMSAVE and VMLOAD move. APM vol. 2 "VMSAVE and VMLOAD" 15.5.2. */
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
	if (groups & ST_REST) {
		seg_fetch(v, s, SEG_ES);
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

static void extra_commit(struct vcpu *v, uint32_t group)
{
	struct svm_vcpu *svm = svm_of(v);
	struct vmcb_save *s = &svm->vmcb->save;

	extra_save(svm);	/* the other group must survive the VMLOAD */
	if (group & ST_REST) {
		seg_commit(v, s, SEG_ES);
		for (enum seg_reg n = SEG_FS; n < SEG_COUNT; n++)
			seg_commit(v, s, n);
	}
	if (group & ST_MSR) {
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
	svm->extra_saved = true;
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

/*
 * QEMU's TCG takes breakpoints into use at a MOV to DR7, not when VMRUN loads it. It looks
 * there at the old value for what to take out, and #VMEXIT has overwritten that: LE and GE
 * differ in none of the values written here, so that all code breakpoints go first.
 */
static void dr7_load(uint64_t dr7)
{
	x86_write_dr7(DR7_INIT | DR7_EXACT);
	x86_write_dr7(dr7 & ~(DR7_GD | DR7_EXACT));
}

static void dr_commit(const struct vcpu *v, struct vmcb_save *s)
{
	s->dr6 = v->dr6;
	s->dr7 = v->dr7;
	x86_write_dr0(v->dr[0]);
	x86_write_dr1(v->dr[1]);
	x86_write_dr2(v->dr[2]);
	x86_write_dr3(v->dr[3]);
	if (v->vm->debug && v->vm->cpu->caps.break_flat)
		dr7_load(v->dr7);
}

static void dtr_fetch(struct vcpu *v, const struct vmcb_save *s)
{
	v->gdtr = (struct vcpu_dtr){ s->gdtr.base, s->gdtr.limit };
	v->idtr = (struct vcpu_dtr){ s->idtr.base, s->idtr.limit };
}

static void dtr_commit(const struct vcpu *v, struct vmcb_save *s)
{
	s->gdtr.base = v->gdtr.base;
	s->gdtr.limit = v->gdtr.limit;
	s->idtr.base = v->idtr.base;
	s->idtr.limit = v->idtr.limit;
}

static void group_fetch(struct vcpu *v, struct vmcb *vmcb, enum state_group group)
{
	struct vmcb_save *s = &vmcb->save;

	switch (group) {
	case SG_RSP:
		v->gpr[GPR_RSP] = s->rsp;
		break;
	case SG_CR:
		svm_cr_fetch(v, vmcb);
		break;
	case SG_CR2:
		v->cr2 = s->cr2;
		break;
	case SG_CS:
		seg_fetch(v, s, SEG_CS);
		break;
	case SG_SS:
		seg_fetch(v, s, SEG_SS);
		break;
	case SG_DS:
		seg_fetch(v, s, SEG_DS);
		break;
	case SG_REST:
	case SG_MSR:
		extra_fetch(v, BIT(group));
		break;
	case SG_DTR:
		dtr_fetch(v, s);
		break;
	case SG_DR:
		dr_fetch(v, s);
		break;
	case SG_PAT:
		v->pat = s->g_pat;
		break;
	case SG_CONTROLS:
		svm_controls_read(v);
		break;
	default:
		break;
	}
}

/* The groups that are always valid (svm->kept) never come here. */
void svm_state_fetch(struct vcpu *v, uint32_t groups)
{
	struct vmcb *vmcb = svm_of(v)->vmcb;

	v->valid |= groups;
	/* Alone when only an address is wanted, and then often. */
	if (groups == ST_DS) {
		seg_fetch(v, &vmcb->save, SEG_DS);
		return;
	}
	for (; groups; groups &= groups - 1)
		group_fetch(v, vmcb, __builtin_ctz(groups));
}

void svm_code_fetch(struct vcpu *v, struct vmcb *vmcb)
{
	seg_fetch(v, &vmcb->save, SEG_CS);
	v->valid |= ST_CS;
	if (svm_of(v)->crs == SVM_CRS_SHADOW)
		return;
	svm_cr_fetch(v, vmcb);
	v->valid |= ST_CR;
}

/*
 * A virtual interrupt above every priority that is never taken: its intercept comes
 * first, once the guest has RFLAGS.IF set and is in no shadow.
 * APM vol. 2 "Injecting Virtual (INTR) Interrupts" 15.21.4
 */
#define WINDOW_INT_CTL	(VMCB_V_IRQ | VMCB_V_INTR_PRIO | VMCB_V_IGN_TPR)

static void window_commit(const struct vcpu *v, struct vmcb_control *c)
{
	if (v->window) {
		c->intercept_misc1 |= VMCB_IC_VINTR;
		c->int_ctl |= WINDOW_INT_CTL;
	} else {
		c->intercept_misc1 &= ~VMCB_IC_VINTR;
		c->int_ctl &= ~WINDOW_INT_CTL;
	}
}

/* Returns the VMCB clean bits that the change unsets. */
static uint32_t group_commit(struct vcpu *v, struct vmcb *vmcb, enum state_group group)
{
	struct vmcb_save *s = &vmcb->save;

	switch (group) {
	case SG_RSP:
		s->rsp = v->gpr[GPR_RSP];
		return 0;
	case SG_CR:
		return svm_cr_commit(v, vmcb);
	case SG_ROOT:
		s->cr3 = v->vm->hw.cr3;
		return VMCB_CLEAN_CRX;
	case SG_CR2:
		s->cr2 = v->cr2;
		/* VMRUN loads it, but not in Bochs 2.7. */
		x86_write_cr2(v->cr2);
		return VMCB_CLEAN_CR2;
	case SG_CS:
		seg_commit(v, s, SEG_CS);
		return VMCB_CLEAN_SEG;
	case SG_SS:
		seg_commit(v, s, SEG_SS);
		return VMCB_CLEAN_SEG;
	case SG_CPL:
		s->cpl = v->cpl;
		return VMCB_CLEAN_SEG;
	case SG_DS:
		seg_commit(v, s, SEG_DS);
		return VMCB_CLEAN_SEG;
	case SG_REST:
	case SG_MSR:
		extra_commit(v, BIT(group));
		return VMCB_CLEAN_SEG;
	case SG_DTR:
		dtr_commit(v, s);
		return VMCB_CLEAN_DT;
	case SG_DR:
		dr_commit(v, s);
		return VMCB_CLEAN_DRX;
	case SG_PAT:
		s->g_pat = v->pat;
		return VMCB_CLEAN_NP;
	case SG_SHADOW:
		vmcb->control.int_state =
			v->shadow & (SHADOW_STI | SHADOW_MOV_SS) ?
			VMCB_INT_SHADOW : 0;
		return 0;
	case SG_WINDOW:
		window_commit(v, &vmcb->control);
		return VMCB_CLEAN_I | VMCB_CLEAN_TPR;
	case SG_TSC:
		vmcb->control.tsc_offset = v->tsc_offset;
		return VMCB_CLEAN_I;
	default:
		return 0;
	}
}

/* Everything but RIP, which the run does itself. */
void svm_state_commit(struct vcpu *v)
{
	struct vmcb *vmcb = svm_of(v)->vmcb;
	uint32_t unclean = 0;

	for (uint32_t dirty = v->dirty & ~ST_RIP; dirty; dirty &= dirty - 1)
		unclean |= group_commit(v, vmcb, __builtin_ctz(dirty));
	vmcb->control.clean &= ~unclean;
}
