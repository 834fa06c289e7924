/*
 * Task switches in QEMU's TCG, which has no intercept for them, and loads the hardware's
 * CR3 from the new TSS, past our tables. The first thing that it writes is the first
 * byte of the old TSS: where the guest cannot write that page there is a page fault
 * instead, and the switch is emulated. Knows nothing of tables.
 */
#include "svm/svm.h"

/*
 * LTR exits, so TR is known. Long mode has no task switches (APM vol. 2
 * "Hardware Task Management" 12.2), nor has real mode.
 */
void svm_task_guard(struct vcpu *v)
{
	struct shadow *shadow = &v->vm->shadow;

	if ((v->cr0 & CR0_PE) && !(v->efer & EFER_LMA))
		shadow_guard(shadow, gva(svm_of(v)->vmcb->save.tr.base));
	else
		shadow_unguard(shadow);
	if (shadow->guard_due)
		shadow_guard_check(shadow);
	if (shadow->flush)
		svm_tlb_flush(v, NULL);
	shadow->flush = false;
}
