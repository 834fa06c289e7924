/* One AMD-V entry and exit: commit, inject, VMRUN, what comes for free. */
#include "core/x86_insn.h"
#include "svm/svm.h"
#include "svm/svm_insn.h"

/* The physical interrupt that made the guest exit is taken by the host's handler. */
static void host_interrupt(void)
{
	svm_stgi();
	x86_interrupt_window();
	svm_clgi();
}

void svm_vcpu_run(struct vcpu *v, struct exit *exit)
{
	struct svm_vcpu *svm = svm_of(v);
	struct vmcb *vmcb = svm->vmcb;
	struct vmcb_control *c = &vmcb->control;

	if ((v->dirty & ~ST_RIP) == ST_ROOT) {
		/* MOV to CR3 under tables of ours: often, and alone. */
		vmcb->save.cr3 = v->vm->hw.cr3;
		c->clean &= ~VMCB_CLEAN_CRX;
	} else if (v->dirty & ~ST_RIP) {
		svm_state_commit(v);
	}
	if (v->dirty & ST_RIP) {
		vmcb->save.rip = v->rip;
		vmcb->save.rflags = v->rflags;
	}
	if (v->pending.kind)
		svm_event_inject(v);
	if (svm->tasks_unseen &&
	    ((v->dirty & (ST_CR | ST_REST)) || v->vm->shadow.guard_due))
		svm_task_guard(v);
	vmcb->save.rax = v->gpr[GPR_RAX];

	svm_enter(hpa_of(vmcb).v, v->gpr, &v->tsc);

	v->gpr[GPR_RAX] = vmcb->save.rax;
	v->rip = vmcb->save.rip;
	v->rflags = vmcb->save.rflags;
	v->shadow = c->int_state & VMCB_INT_SHADOW ? SHADOW_STI : 0;
	v->cpl = vmcb->save.cpl;
	v->valid = svm->kept;
	v->dirty = 0;
	svm->extra_saved = false;
	c->tlb_control = svm->tlb_control;
	c->eventinj = 0;
	c->clean = svm->clean;
	svm_exit_decode(v, exit);
	if (exit->reason == EXIT_HOST_INTERRUPT)
		host_interrupt();
}
