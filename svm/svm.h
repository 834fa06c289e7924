/*
 * AMD-V: what the files of this backend share. Nothing outside svm/ sees it.
 */
#ifndef SVM_SVM_H
#define SVM_SVM_H

#include "core/backend.h"
#include "core/vm.h"
#include "svm/svm_defs.h"
#include "svm/vmcb.h"

/* The one ASID we use: 0 is the host's. */
#define SVM_ASID	1

/* One CPU with SVM turned on. */
struct svm_cpu {
	hpa_t		host_save;	/* MSR_VM_HSAVE_PA: the CPU's own */
	hpa_t		host_extra;	/* VMSAVE area: the host's FS, GS, TR, LDTR, MSRs */
	uint32_t	features;	/* CPUID 8000_000Ah EDX */
	bool		tcg;		/* QEMU's emulator, which has some ways of its own */
};

/* Whose CRs and EFER the hardware holds: how to read them back. */
enum svm_crs {
	SVM_CRS_GUEST,		/* the guest's, but for EFER.SVME */
	SVM_CRS_LME_HELD,	/* the same without EFER.LME, which the guest has set */
	SVM_CRS_SHADOW,		/* ours; the guest's are software's own */
};

struct svm_vcpu {
	struct vmcb	*vmcb;
	struct svm_cpu	*cpu;
	uint8_t		*msrpm, *iopm;
	uint32_t	kept;		/* ST_* that are valid after every exit */
	bool		extra_in_cpu;	/* the VMLOAD state is live in the CPU, not in the VMCB */
	bool		extra_saved;	/* ... and the VMCB has a fresh copy of it */
	uint64_t	injected_rip;	/* where the last event went in, */
	uint64_t	injected_after;	/* ... and the TSC at the exit before */
	bool		soft_ints_told;	/* this CPU tells of an INT n cut short */
	bool		tasks_unseen;	/* our tables, and task switches do not exit */
	uint32_t	clean;		/* VMCB clean bits after an exit: see svm_clean() */
	uint8_t		tlb_control;	/* of an entry that nobody has asked a flush for */
	enum svm_crs	crs;
	enum ran_as	ran_as;		/* what the VMCB was last held to, */
	uint32_t	intercepts;	/* ... and its IC_*, as the strategy told them */
};

static inline struct svm_vcpu *svm_of(const struct vcpu *v)
{
	return v->backend;
}

/* svm/enter.asm: enter the guest; RAX and RSP are in the VMCB. */
void svm_enter(uint64_t vmcb_pa, uint64_t gpr[GPR_COUNT], struct vcpu_tsc *tsc);

void svm_probe(const struct host_cpu *host, struct hv_caps *caps);
enum hv_err svm_cpu_on(struct hv_cpu *cpu) MUST_CHECK;
void svm_cpu_off(struct hv_cpu *cpu);
enum hv_err svm_vcpu_init(struct vcpu *v, struct hv_cpu *cpu) MUST_CHECK;
void svm_vcpu_fini(struct vcpu *v);
void svm_vcpu_run(struct vcpu *v, struct exit *exit);
void svm_state_fetch(struct vcpu *v, uint32_t groups);
void svm_state_commit(struct vcpu *v);

/*
 * What the CPU may keep of the VMCB from one entry to the next. With a PAE root of ours CR3
 * is loaded anew each time: so are its four top entries, which change below it and which
 * legacy PAE mode reads when CR3 is loaded. APM vol. 2 "Legacy PAE Mode" 15.25.10,
 * "VMCB State Caching" 15.15.
 */
static inline uint32_t svm_clean(uint32_t features, const struct hw_view *hw)
{
	if (!(features & SVM_FEATURE_VMCB_CLEAN))
		return 0;
	return hw->root == ROOT_SHADOW && !(hw->efer & EFER_LMA) ?
	       VMCB_CLEAN_ALL & ~VMCB_CLEAN_CRX : VMCB_CLEAN_ALL;
}

/* The control registers and the intercepts that go with them; clean bits that this unsets. */
void svm_cr_fetch(struct vcpu *v, const struct vmcb *vmcb);
uint32_t svm_cr_commit(struct vcpu *v, struct vmcb *vmcb);

/* The pending event into the VMCB; the one that an exit interrupted out of it. */
void svm_event_inject(struct vcpu *v);
void svm_event_decode(struct vcpu *v, struct event *event);

/* Before an entry, where task switches do not exit: see that none can be made. */
void svm_task_guard(struct vcpu *v);

/* At once, what reading the instruction at RIP takes: core/insn.h, insn_need(). */
void svm_code_fetch(struct vcpu *v, struct vmcb *vmcb);

void svm_tlb_flush(struct vcpu *v, const gva_t *page);
void svm_entry_diagnose(struct vcpu *v, char *text, unsigned size);
void svm_controls_read(struct vcpu *v);

/* What the exit code says, in neutral words. */
void svm_exit_decode(struct vcpu *v, struct exit *exit);

#endif
