/*
 * VT-x: what the files of this backend share. Nothing outside vmx/ sees it.
 */
#ifndef VMX_VMX_H
#define VMX_VMX_H

#include "core/backend.h"
#include "core/vm.h"
#include "vmx/hidden.h"
#include "vmx/vmcs.h"
#include "vmx/vmx_defs.h"

/* The one VPID we use: 0 is the host's. */
#define VMX_VPID	1

/* One CPU in VMX operation. */
struct vmx_cpu {
	hpa_t		vmxon;
	uint64_t	basic;		/* MSR_VMX_BASIC */
	uint64_t	ept_vpid;	/* MSR_VMX_EPT_VPID_CAP, 0 where there is none */
};

/* The control fields as adjusted to this CPU. */
struct vmx_controls {
	uint32_t	pin, proc, proc2, exit, entry;
};

struct vmx_vcpu {
	/* vmx/enter.asm knows these two by their offsets. */
	uint64_t	launched;
	uint64_t	host_rsp;	/* as in the VMCS now */

	hpa_t		vmcs;
	struct vmx_cpu	*cpu;
	uint8_t		*msr_bitmap;
	struct vmx_controls controls;
	struct vmx_hidden hidden;	/* with EPT, where unrestricted guest is off */
	uint64_t	shadow_root;	/* without EPT: CR3 in the VMCS */
	uint64_t	efer;		/* without controls for it: the CPU's own */
	struct hw_view	entered;	/* what the VMCS holds: how to read it back */
	uint64_t	rflags_own;	/* RFLAGS bits that the guest does not see: VM, IOPL */
	uint64_t	rflags_set;	/* ... and their value in hardware */
	bool		check;		/* the way of running changed: read it back */
	bool		flush;		/* drop the guest's translations before the next entry */
	bool		dr_given;	/* DR7 may enable something: see vmx_dr_give() */
	uint32_t	fail;		/* VM-instruction error of an entry that failed so */
};
#define VMX_VCPU_LAUNCHED	0
#define VMX_VCPU_HOST_RSP	8
_Static_assert(offsetof(struct vmx_vcpu, launched) == VMX_VCPU_LAUNCHED, "asm");
_Static_assert(offsetof(struct vmx_vcpu, host_rsp) == VMX_VCPU_HOST_RSP, "asm");
_Static_assert(sizeof(struct vmx_vcpu) <= PAGE_SIZE, "one frame");

/* In vm86 the guest's segments and flags are not what the VMCS holds. */
static inline bool vmx_entered_vm86(const struct vmx_vcpu *vmx)
{
	return vmx->entered.ran_as == RAN_VM86;
}

static inline struct vmx_vcpu *vmx_of(const struct vcpu *v)
{
	return v->backend;
}

/* vmx/enter.asm: true when the guest ran; false: VMfail, the error number is in the VMCS. */
bool vmx_enter(uint64_t gpr[GPR_COUNT], struct vcpu_tsc *tsc,
	       struct vmx_vcpu *vmx);
extern const char vmx_exit_point[];	/* VMCS_HOST_RIP */

void vmx_probe(const struct host_cpu *host, struct hv_caps *caps);
enum hv_err vmx_cpu_on(struct hv_cpu *cpu) MUST_CHECK;
void vmx_cpu_off(struct hv_cpu *cpu);
enum hv_err vmx_vcpu_init(struct vcpu *v, struct hv_cpu *cpu) MUST_CHECK;
void vmx_vcpu_fini(struct vcpu *v);
void vmx_vcpu_run(struct vcpu *v, struct exit *exit);
void vmx_state_fetch(struct vcpu *v, uint32_t groups);
void vmx_state_commit(struct vcpu *v);

/* One of CS, SS, DS; ES, FS, GS, LDTR and TR: see vmx/segment.c. */
void vmx_segment_fetch(struct vcpu *v, enum seg_reg n);
void vmx_segment_commit(const struct vcpu *v, enum seg_reg n);
void vmx_rest_fetch(struct vcpu *v);
void vmx_rest_commit(const struct vcpu *v);
/* ST_SS, ST_CPL and ST_SEG, of a guest that has not run as virtual-8086 mode. */
void vmx_judged_fetch(struct vcpu *v);
/* All eight. */
void vmx_segments_commit(const struct vcpu *v);

/* ST_CR, and what follows from it: see vmx/cr.c. */
void vmx_cr_fetch(struct vcpu *v);
void vmx_cr_commit(const struct vcpu *v);

/* ST_WINDOW, and the part of ST_CR that is in the same control: once the VMCS holds `entered`. */
void vmx_proc_commit(const struct vcpu *v);

/*
 * MOV DR exits until the guest makes one, and again when nothing is enabled in DR7: so
 * that I/O, which the CPU matches no breakpoint with when it exits, need not look there.
 */
void vmx_dr_give(const struct vcpu *v, bool given);

/* ST_ROOT: the root of our tables, where there is no EPT. */
void vmx_root_commit(const struct vcpu *v);

/* How the guest will run, from what stands in the VMCS: not from what was meant. */
enum ran_as vmx_ran_as(const struct vmx_vcpu *vmx);

void vmx_tlb_flush(struct vcpu *v, const gva_t *page);
void vmx_entry_diagnose(struct vcpu *v, char *text, unsigned size);
void vmx_controls_read(struct vcpu *v);

/* The controls this rung wants, as this CPU allows; false: one it must have is missing. */
bool vmx_controls_choose(const struct vm *vm, struct vmx_controls *out) MUST_CHECK;

/* The host half of the VMCS, from the CPU as it is now. The VMCS is current. */
void vmx_host_state(const struct vmx_vcpu *vmx);

/* What the exit reason says, in neutral words. */
void vmx_exit_decode(struct vcpu *v, struct exit *exit);

#endif
