/*
 * Entry rules on the guest's non-register state: activity, interruptibility,
 * pending debug exceptions, link pointer; a predicate says its rule holds.
 */
#include "vmx/rules_group.h"

#define DEBUGCTL_BTF		BIT(1)
#define BLOCKED_SHADOW		(VMX_INTR_STI | VMX_INTR_MOV_SS)

static bool blocked(vmx_input *in, uint64_t by)
{
	return in->f.interruptibility & by;
}

static bool activity_supported(vmx_input *in, unsigned arg)
{
	(void)arg;
	switch (in->f.activity) {
	case VMX_ACTIVITY_ACTIVE:
		return true;
	case VMX_ACTIVITY_HLT:
		return in->caps.misc & VMX_MISC_ACTIVITY_HLT;
	case VMX_ACTIVITY_SHUTDOWN:
		return in->caps.misc & VMX_MISC_ACTIVITY_SHUTDOWN;
	case VMX_ACTIVITY_WAIT_SIPI:
		return in->caps.misc & VMX_MISC_ACTIVITY_WAIT_SIPI;
	default:
		return false;
	}
}

static bool hlt_at_cpl0(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.activity == VMX_ACTIVITY_HLT, seg_dpl(in, SEG_SS) == 0);
}

static bool shadow_needs_active(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(blocked(in, BLOCKED_SHADOW), in->f.activity == VMX_ACTIVITY_ACTIVE);
}

static bool hlt_takes(vmx_input *in)
{
	uint64_t vector = inject_vector(in);

	switch (inject_type(in)) {
	case VMX_EVENT_EXT_INTR:
	case VMX_EVENT_NMI:
		return true;
	case VMX_EVENT_EXCEPTION:
		return vector == VEC_DB || vector == VEC_MC;
	case VMX_EVENT_OTHER:
		return vector == 0;
	default:
		return false;
	}
}

/* What may wake an inactive guest. */
static bool injection_suits_activity(vmx_input *in, unsigned arg)
{
	bool mc = inject_type(in) == VMX_EVENT_EXCEPTION && inject_vector(in) == VEC_MC;

	(void)arg;
	if (!injecting(in))
		return true;
	switch (in->f.activity) {
	case VMX_ACTIVITY_HLT:
		return hlt_takes(in);
	case VMX_ACTIVITY_SHUTDOWN:
		return inject_type(in) == VMX_EVENT_NMI || mc;
	case VMX_ACTIVITY_WAIT_SIPI:
		return false;
	default:
		return true;
	}
}

static bool intr_reserved(vmx_input *in, unsigned arg)
{
	(void)arg;
	return !blocked(in, VMX_INTR_RESERVED);
}

static bool intr_one_shadow(vmx_input *in, unsigned arg)
{
	(void)arg;
	return !(blocked(in, VMX_INTR_STI) && blocked(in, VMX_INTR_MOV_SS));
}

static bool sti_needs_if(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(blocked(in, VMX_INTR_STI), in->f.rflags & RFLAGS_IF);
}

static bool ext_intr_unblocked(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(injects(in, VMX_EVENT_EXT_INTR), !blocked(in, BLOCKED_SHADOW));
}

static bool nmi_unblocked_mov_ss(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(injects(in, VMX_EVENT_NMI), !blocked(in, VMX_INTR_MOV_SS));
}

/* "A processor may require" it: some do, so none of ours may rely on less. */
static bool nmi_unblocked_sti(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(injects(in, VMX_EVENT_NMI), !blocked(in, VMX_INTR_STI));
}

static bool nmi_unblocked_nmi(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(injects(in, VMX_EVENT_NMI) && (in->f.pin & VMX_PIN_VIRTUAL_NMI),
		       !blocked(in, VMX_INTR_NMI));
}

/* This hypervisor is never in SMM. */
static bool smi_not_blocked(vmx_input *in, unsigned arg)
{
	(void)arg;
	return !blocked(in, VMX_INTR_SMI);
}

static bool enclave_not_mov_ss(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(blocked(in, VMX_INTR_ENCLAVE), !blocked(in, VMX_INTR_MOV_SS));
}

static bool pending_reserved(vmx_input *in, unsigned arg)
{
	(void)arg;
	return !(in->f.pending_debug & ~VMX_PENDING_DEFINED);
}

/*
 * In an interrupt shadow or halted, the single-step trap of the instruction
 * before must be pending exactly when TF asks for one (BTF asks for branches).
 */
static bool pending_step(vmx_input *in, unsigned arg)
{
	bool halted = in->f.activity == VMX_ACTIVITY_HLT;
	bool steps = (in->f.rflags & RFLAGS_TF) && !(in->f.debugctl & DEBUGCTL_BTF);

	(void)arg;
	return implies(halted || blocked(in, BLOCKED_SHADOW),
		       !!(in->f.pending_debug & VMX_PENDING_BS) == steps);
}

static bool pending_rtm(vmx_input *in, unsigned arg)
{
	uint64_t alone = VMX_PENDING_RTM | VMX_PENDING_BREAKPOINT;

	(void)arg;
	return implies(in->f.pending_debug & VMX_PENDING_RTM,
		       in->f.pending_debug == alone && !blocked(in, VMX_INTR_MOV_SS));
}

static bool link_pointer(vmx_input *in, unsigned arg)
{
	(void)arg;
	return in->f.link_pointer == VMX_LINK_NONE ||
	       structure_at(in, in->f.link_pointer, PAGE_SIZE);
}

#define NONREG	"SDM 3C \"Checks on Guest Non-Register State\" 26.3.1.5"

static const struct vmx_rule rules[] = {
	{ "activity-supported",		NONREG, activity_supported, 0 },
	{ "hlt-at-cpl-0",		NONREG, hlt_at_cpl0, 0 },
	{ "shadow-needs-active",	NONREG, shadow_needs_active, 0 },
	{ "injection-suits-activity",	NONREG, injection_suits_activity, 0 },
	{ "interruptibility-reserved",	NONREG, intr_reserved, 0 },
	{ "sti-or-mov-ss",		NONREG, intr_one_shadow, 0 },
	{ "sti-needs-if",		NONREG, sti_needs_if, 0 },
	{ "interrupt-unblocked",	NONREG, ext_intr_unblocked, 0 },
	{ "nmi-unblocked-mov-ss",	NONREG, nmi_unblocked_mov_ss, 0 },
	{ "nmi-unblocked-nmi",		NONREG, nmi_unblocked_nmi, 0 },
	{ "smi-not-blocked",		NONREG, smi_not_blocked, 0 },
	{ "enclave-not-mov-ss",		NONREG, enclave_not_mov_ss, 0 },
	{ "pending-debug-reserved",	NONREG, pending_reserved, 0 },
	{ "pending-single-step",	NONREG, pending_step, 0 },
	{ "pending-rtm",		NONREG, pending_rtm, 0 },
	{ "link-pointer",		NONREG, link_pointer, 0 },
	{ "nmi-unblocked-sti",		NONREG, nmi_unblocked_sti, 0 },
};

const struct vmx_rule_group vmx_rules_nonreg = { rules, ARRAY_SIZE(rules) };
