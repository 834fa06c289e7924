/*
 * Entry rules on the VM-exit and VM-entry control fields, with the event to be
 * injected; a predicate says that its rule holds. Knows no segment.
 */
#include "vmx/rules_group.h"

#define MSR_AREA_ALIGN	16

static bool exit_allowed(vmx_input *in, unsigned arg)
{
	(void)arg;
	return fits(in->f.exit, in->caps.exit);
}

static bool save_timer_needs_timer(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.exit & VMX_EXIT_SAVE_TIMER, in->f.pin & VMX_PIN_PREEMPTION_TIMER);
}

/* The first and the last byte must both be within reach. */
static bool msr_area(vmx_input *in, uint64_t address, uint64_t count)
{
	uint64_t last = address + count * sizeof(struct vmx_msr_entry) - 1;

	if (count == 0)
		return true;
	return structure_at(in, address, MSR_AREA_ALIGN) && structure_at(in, last, 1);
}

static bool exit_store_area(vmx_input *in, unsigned arg)
{
	(void)arg;
	return msr_area(in, in->f.exit_store_addr, in->f.exit_store_count);
}

static bool exit_load_area(vmx_input *in, unsigned arg)
{
	(void)arg;
	return msr_area(in, in->f.exit_load_addr, in->f.exit_load_count);
}

static bool entry_load_area(vmx_input *in, unsigned arg)
{
	(void)arg;
	return msr_area(in, in->f.entry_load_addr, in->f.entry_load_count);
}

static bool entry_allowed(vmx_input *in, unsigned arg)
{
	(void)arg;
	return fits(in->f.entry, in->caps.entry);
}

static bool entry_no_smm(vmx_input *in, unsigned arg)
{
	(void)arg;
	return !(in->f.entry & (VMX_ENTRY_SMM | VMX_ENTRY_DUAL_MONITOR_OFF));
}

/* Type 7 is the pending monitor-trap exit, where that control exists at all. */
static bool inject_type_defined(vmx_input *in, unsigned arg)
{
	uint64_t may = FIELD_GET(VMX_CTRL_ALLOWED1, in->caps.proc);

	(void)arg;
	if (injects(in, VMX_EVENT_OTHER))
		return may & VMX_PROC_MONITOR_TRAP;
	return !injects(in, VMX_EVENT_RESERVED_TYPE);
}

static bool inject_vector_suits(vmx_input *in, unsigned arg)
{
	(void)arg;
	if (injects(in, VMX_EVENT_NMI))
		return inject_vector(in) == VEC_NMI;
	if (injects(in, VMX_EVENT_EXCEPTION))
		return inject_vector(in) < VEC_EXCEPTIONS;
	if (injects(in, VMX_EVENT_OTHER))
		return inject_vector(in) == 0;
	return true;
}

static bool vector_has_error(uint64_t vector)
{
	switch (vector) {
	case VEC_DF:
	case VEC_TS:
	case VEC_NP:
	case VEC_SS:
	case VEC_GP:
	case VEC_PF:
	case VEC_AC:
		return true;
	default:
		return false;
	}
}

/*
 * In real mode no exception has an error code; in protected mode the vector
 * decides, unless the CPU says that it takes exceptions with or without one.
 */
static bool inject_error_suits(vmx_input *in, unsigned arg)
{
	bool given = in->f.intr_info & VMX_EVENT_ERROR_VALID;

	(void)arg;
	if (!injecting(in))
		return true;
	if (inject_type(in) != VMX_EVENT_EXCEPTION || !(in->f.cr0 & CR0_PE))
		return !given;
	if (in->caps.basic & VMX_BASIC_ANY_ERROR_CODE)
		return true;
	return given == vector_has_error(inject_vector(in));
}

static bool inject_reserved(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(injecting(in), !(in->f.intr_info & VMX_EVENT_RESERVED));
}

static bool inject_error_reserved(vmx_input *in, unsigned arg)
{
	bool given = injecting(in) && (in->f.intr_info & VMX_EVENT_ERROR_VALID);

	(void)arg;
	return implies(given, !(in->f.intr_error & VMX_EVENT_ERROR_RESERVED));
}

static bool inject_length(vmx_input *in, unsigned arg)
{
	uint64_t least = (in->caps.misc & VMX_MISC_INJECT_LEN0) ? 0 : 1;

	(void)arg;
	if (!injects(in, VMX_EVENT_SOFT_INT) && !injects(in, VMX_EVENT_PRIV_SOFT) &&
	    !injects(in, VMX_EVENT_SOFT_EXC))
		return true;
	return in->f.insn_len >= least && in->f.insn_len <= VMX_INSN_LEN_MAX;
}

#define EXIT	"SDM 3C \"VM-Exit Control Fields\" 26.2.1.2"
#define ENTRY	"SDM 3C \"VM-Entry Control Fields\" 26.2.1.3"

static const struct vmx_rule rules[] = {
	{ "exit-allowed",		EXIT, exit_allowed, 0 },
	{ "save-timer-needs-timer",	EXIT, save_timer_needs_timer, 0 },
	{ "exit-msr-store-area",	EXIT, exit_store_area, 0 },
	{ "exit-msr-load-area",		EXIT, exit_load_area, 0 },
	{ "entry-allowed",		ENTRY, entry_allowed, 0 },
	{ "entry-not-for-smm",		ENTRY, entry_no_smm, 0 },
	{ "entry-msr-load-area",	ENTRY, entry_load_area, 0 },
	{ "inject-type",		ENTRY, inject_type_defined, 0 },
	{ "inject-vector",		ENTRY, inject_vector_suits, 0 },
	{ "inject-error-code",		ENTRY, inject_error_suits, 0 },
	{ "inject-reserved",		ENTRY, inject_reserved, 0 },
	{ "inject-error-reserved",	ENTRY, inject_error_reserved, 0 },
	{ "inject-instruction-length",	ENTRY, inject_length, 0 },
};

const struct vmx_rule_group vmx_rules_transition = { rules, ARRAY_SIZE(rules) };
