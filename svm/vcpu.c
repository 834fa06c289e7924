/* One AMD-V vcpu: its VMCB and permission maps, made and unmade. */
#include "svm/svm.h"

#include <string.h>

#include "core/x86_insn.h"
#include "svm/svm_insn.h"

/* What always exits. The guest's SVM instructions too: it sees a CPU without SVM. */
#define INTERCEPT_MISC1	(VMCB_IC_INTR | VMCB_IC_NMI | VMCB_IC_INIT | \
			 VMCB_IC_RDPMC | VMCB_IC_CPUID | VMCB_IC_INVD | \
			 VMCB_IC_HLT | VMCB_IC_INVLPGA | VMCB_IC_IOIO | \
			 VMCB_IC_MSR | VMCB_IC_FERR_FREEZE | VMCB_IC_SHUTDOWN)
#define INTERCEPT_MISC2	(VMCB_IC_VMRUN | VMCB_IC_VMMCALL | VMCB_IC_VMLOAD | \
			 VMCB_IC_VMSAVE | VMCB_IC_STGI | VMCB_IC_CLGI | \
			 VMCB_IC_SKINIT | VMCB_IC_RDTSCP | VMCB_IC_MONITOR | \
			 VMCB_IC_MWAIT | VMCB_IC_XSETBV | VMCB_IC_RDPRU)

#define MSRPM_FRAMES	(SVM_MSRPM_SIZE / PAGE_SIZE)
#define IOPM_FRAMES	(SVM_IOPM_SIZE / PAGE_SIZE)
#define MSRPM_READ	BIT(0)
#define MSRPM_WRITE	BIT(1)

/* Let accesses to one MSR through. Two bits each; MSRs outside the ranges always exit. */
static void msrpm_allow(uint8_t *msrpm, uint32_t msr, unsigned bits)
{
	static const uint32_t base[] = {
		SVM_MSRPM_BASE0, SVM_MSRPM_BASE1, SVM_MSRPM_BASE2,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(base); i++) {
		uint32_t n = msr - base[i];

		if (n < SVM_MSRPM_RANGE_MSRS)
			msrpm[i * SVM_MSRPM_RANGE_SIZE + n / 4] &=
				~(bits << (n % 4 * 2));
	}
}

static void msrpm_fill(struct vm *vm, uint8_t *msrpm)
{
	memset(msrpm, UINT8_MAX, SVM_MSRPM_SIZE);
	for (unsigned i = 0; i < policy_msr_count; i++) {
		const struct msr_policy *m = &policy_msrs[i];

		if (m->rule == MSR_RULE_LIVE)
			msrpm_allow(msrpm, m->number, MSRPM_READ | MSRPM_WRITE);
	}
	if (!(vm->hw.intercepts & IC_PAT))
		msrpm_allow(msrpm, MSR_PAT, MSRPM_READ | MSRPM_WRITE);
	if (!(vm->hw.intercepts & IC_EFER_READ))
		msrpm_allow(msrpm, MSR_EFER, MSRPM_READ);
	if (!(vm->hw.intercepts & IC_EFER_WRITE))
		msrpm_allow(msrpm, MSR_EFER, MSRPM_WRITE);
}

static void control_fill(struct vcpu *v, struct vmcb_control *c)
{
	struct svm_vcpu *svm = svm_of(v);

	if (v->vm->debug) {
		c->intercept_dr_read = VMCB_IC_DR_ALL;
		c->intercept_dr_write = VMCB_IC_DR_ALL;
	}
	c->intercept_misc1 = INTERCEPT_MISC1 |
			     (svm->tasks_unseen ? VMCB_IC_TR_WRITE : 0);
	c->intercept_misc2 = INTERCEPT_MISC2;
	c->intercept_misc3 = VMCB_IC_INVPCID;
	c->iopm_base_pa = hpa_of(svm->iopm).v;
	c->msrpm_base_pa = hpa_of(svm->msrpm).v;
	c->guest_asid = SVM_ASID;
	c->int_ctl = VMCB_V_INTR_MASKING;
	if (v->vm->hw.nested) {
		c->np_enable = VMCB_NP_ENABLE;
		c->n_cr3 = v->vm->nested.root.v;
	}
}

enum hv_err svm_vcpu_init(struct vcpu *v, struct hv_cpu *cpu)
{
	hpa_t own, vmcb, msrpm, iopm;
	struct svm_vcpu *svm;
	enum hv_err err;

	err = frame_alloc(cpu->pool, &own);
	if (err != HV_OK)
		return err;
	err = frame_alloc(cpu->pool, &vmcb);
	if (err != HV_OK)
		goto free_own;
	err = frame_alloc_run(cpu->pool, MSRPM_FRAMES, &msrpm);
	if (err != HV_OK)
		goto free_vmcb;
	err = frame_alloc_run(cpu->pool, IOPM_FRAMES, &iopm);
	if (err != HV_OK)
		goto free_msrpm;

	svm = hpa_ptr(own);
	svm->cpu = cpu->own;
	svm->vmcb = hpa_ptr(vmcb);
	svm->msrpm = hpa_ptr(msrpm);
	svm->iopm = hpa_ptr(iopm);
	v->backend = svm;
	svm->tasks_unseen = svm->cpu->tcg && v->vm->rung->shadow;
	svm->tlb_control = v->vm->options.tags ? VMCB_TLB_NOTHING :
						 VMCB_TLB_FLUSH_ALL;
	/* A PAT that the hardware does not switch is only ever changed by us. */
	svm->kept = ST_RIP | ST_SHADOW | ST_CPL |
		    (cpu->caps.pat_switch ? 0 : ST_PAT);
	memset(svm->iopm, UINT8_MAX, SVM_IOPM_SIZE);
	msrpm_fill(v->vm, svm->msrpm);
	control_fill(v, &svm->vmcb->control);
	svm_tlb_flush(v, NULL);
	/*
	 * The guest's TR will be live while the host runs: no IST stacks from
	 * here on, and no NMI outside the guest (GIF). APM vol. 2 "GIF" 15.17.
	 */
	x86_lidt(cpu->idt_flat);
	svm_clgi();
	svm_vmsave(svm->cpu->host_extra);
	return HV_OK;

free_msrpm:
	for (unsigned i = 0; i < MSRPM_FRAMES; i++)
		frame_free(cpu->pool, hpa(msrpm.v + i * PAGE_SIZE));
free_vmcb:
	frame_free(cpu->pool, vmcb);
free_own:
	frame_free(cpu->pool, own);
	return err;
}

void svm_vcpu_fini(struct vcpu *v)
{
	struct svm_vcpu *svm = svm_of(v);
	struct frame_pool *pool = v->vm->cpu->pool;

	svm_vmload(svm->cpu->host_extra);
	svm_stgi();
	for (unsigned i = 0; i < IOPM_FRAMES; i++)
		frame_free(pool, hpa_of(svm->iopm + i * PAGE_SIZE));
	for (unsigned i = 0; i < MSRPM_FRAMES; i++)
		frame_free(pool, hpa_of(svm->msrpm + i * PAGE_SIZE));
	frame_free(pool, hpa_of(svm->vmcb));
	frame_free(pool, hpa_of(svm));
	v->backend = NULL;
}

void svm_tlb_flush(struct vcpu *v, const gva_t *page)
{
	struct svm_vcpu *svm = svm_of(v);

	/* The host's paging has four levels: an address of five may be none to INVLPGA. */
	if (page && gva_is_48(*page)) {
		svm_invlpga(*page, SVM_ASID);
		return;
	}
	svm->vmcb->control.tlb_control =
		svm->cpu->features & SVM_FEATURE_FLUSH_BY_ASID ?
		VMCB_TLB_FLUSH_GUEST : VMCB_TLB_FLUSH_ALL;
}
