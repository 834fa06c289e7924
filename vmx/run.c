/* One VT-x entry and exit: commit, inject, VMLAUNCH or VMRESUME. */
#include "vmx/rip.h"

/* SDM 3C "VM-Entry Controls for Event Injection" 24.8.3 */
static void inject(struct vcpu *v)
{
	static const uint8_t types[] = {
		[EVENT_INTERRUPT] = VMX_EVENT_EXT_INTR,
		[EVENT_NMI] = VMX_EVENT_NMI,
		[EVENT_EXCEPTION] = VMX_EVENT_EXCEPTION,
		[EVENT_SOFT_INT] = VMX_EVENT_SOFT_INT,
		[EVENT_SOFT_EXCEPTION] = VMX_EVENT_SOFT_EXC,
		[EVENT_PRIV_SOFT_EXCEPTION] = VMX_EVENT_PRIV_SOFT,
	};
	const struct event *event = &v->pending;

	/* The handler does not start in the interrupted code's shadow. */
	vcpu_need(v, ST_SHADOW);
	if (v->shadow & (SHADOW_STI | SHADOW_MOV_SS)) {
		v->shadow &= ~(SHADOW_STI | SHADOW_MOV_SS);
		v->dirty |= ST_SHADOW;
	}
	if (event->has_error)
		vmx_write(VMCS_ENTRY_INTR_ERROR, event->error);
	if (event->insn_len)
		vmx_write(VMCS_ENTRY_INSN_LEN, event->insn_len);
	/* The CPU clears the valid bit itself at each exit. */
	vmx_write(VMCS_ENTRY_INTR_INFO, VMX_EVENT_VALID | event->vector |
		  FIELD_PUT(VMX_EVENT_TYPE, (uint64_t)types[event->kind]) |
		  (event->has_error ? VMX_EVENT_ERROR_VALID : 0));
	v->pending.kind = EVENT_NONE;
}

/* Linear mappings of our VPID; without VPIDs each entry drops them all. */
static void flush(struct vmx_vcpu *vmx)
{
	vmx->flush = false;
	if (vmx->controls.proc2 & VMX_PROC2_VPID)
		vmx_invvpid(INVVPID_SINGLE, VMX_VPID, 0);
}

/* The timeline says how the guest ran: hold the strategy to what is entered. */
static void check(struct vmx_vcpu *vmx)
{
	enum ran_as ran_as = vmx_ran_as(vmx);

	vmx->check = false;
	if (ran_as != vmx->entered.ran_as)
		panic("the guest was to run %s, the VMCS says %s",
		      ran_as_name(vmx->entered.ran_as), ran_as_name(ran_as));
}

void vmx_vcpu_run(struct vcpu *v, struct exit *exit)
{
	struct vmx_vcpu *vmx = vmx_of(v);

	if (v->pending.kind)
		inject(v);
	if (v->dirty & ~ST_RIP)
		vmx_state_commit(v);
	if (v->dirty & ST_RIP)	/* after the CRs: they decide how flags are held */
		vmx_rip_commit(v);
	if (vmx->check)
		check(vmx);
	if (vmx->flush)
		flush(vmx);
	v->valid = 0;
	v->dirty = 0;
	if (!vmx_enter(v->gpr, &v->tsc, vmx)) {
		vmx->fail = vmx_read(VMCS_INSN_ERROR);
		*exit = (struct exit){
			.reason = EXIT_ENTRY_FAILED, .raw = vmx->fail,
		};
		return;
	}
	vmx->launched = true;
	vmx_exit_decode(v, exit);
}
