/*
 * Entry rules on the VM-execution control fields; a predicate says that its
 * rule holds. Knows neither host nor guest state.
 */
#include "vmx/rules_group.h"

#define POSTED_DESC_ALIGN	64
#define VECTOR_MAX	BITS(7, 0)
#define TPR_CLASS	BITS(3, 0)

static bool pin_allowed(vmx_input *in, unsigned arg)
{
	(void)arg;
	return fits(in->f.pin, in->caps.pin);
}

static bool proc_allowed(vmx_input *in, unsigned arg)
{
	(void)arg;
	return fits(in->f.proc, in->caps.proc);
}

static bool proc2_allowed(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.proc & VMX_PROC_SECONDARY, fits(in->f.proc2, in->caps.proc2));
}

/* The tertiary MSR is 64 bits of allowed-1 settings: A.3.4. */
static bool proc3_allowed(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.proc & VMX_PROC_TERTIARY, !(in->f.proc3 & ~in->caps.proc3));
}

static bool cr3_targets(vmx_input *in, unsigned arg)
{
	(void)arg;
	return in->f.cr3_target_count <= FIELD_GET(VMX_MISC_CR3_TARGETS, in->caps.misc);
}

static bool io_bitmaps(vmx_input *in, unsigned arg)
{
	uint64_t address = arg ? in->f.io_bitmap_b : in->f.io_bitmap_a;

	return implies(in->f.proc & VMX_PROC_IO_BITMAPS, structure_at(in, address, PAGE_SIZE));
}

static bool msr_bitmap(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.proc & VMX_PROC_MSR_BITMAPS,
		       structure_at(in, in->f.msr_bitmap, PAGE_SIZE));
}

static bool virtual_apic(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.proc & VMX_PROC_TPR_SHADOW,
		       structure_at(in, in->f.virtual_apic, PAGE_SIZE));
}

static bool tpr_threshold(vmx_input *in, unsigned arg)
{
	(void)arg;
	if (!(in->f.proc & VMX_PROC_TPR_SHADOW) || (proc2(in) & VMX_PROC2_INTR_DELIVERY))
		return true;
	return !(in->f.tpr_threshold & ~TPR_CLASS);
}

static bool apic_needs_tpr_shadow(vmx_input *in, unsigned arg)
{
	uint64_t apic = VMX_PROC2_X2APIC | VMX_PROC2_APIC_REGISTERS | VMX_PROC2_INTR_DELIVERY;

	(void)arg;
	return implies(proc2(in) & apic, in->f.proc & VMX_PROC_TPR_SHADOW);
}

static bool virtual_nmi_needs_exiting(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.pin & VMX_PIN_VIRTUAL_NMI, in->f.pin & VMX_PIN_NMI);
}

static bool nmi_window_needs_virtual(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.proc & VMX_PROC_NMI_WINDOW, in->f.pin & VMX_PIN_VIRTUAL_NMI);
}

static bool apic_access(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(proc2(in) & VMX_PROC2_APIC_ACCESS,
		       structure_at(in, in->f.apic_access, PAGE_SIZE));
}

static bool x2apic_excludes_access(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(proc2(in) & VMX_PROC2_X2APIC, !(proc2(in) & VMX_PROC2_APIC_ACCESS));
}

static bool delivery_needs_ext_intr(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(proc2(in) & VMX_PROC2_INTR_DELIVERY, in->f.pin & VMX_PIN_EXT_INTR);
}

static bool posted_controls(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.pin & VMX_PIN_POSTED_INTR,
		       (proc2(in) & VMX_PROC2_INTR_DELIVERY) &&
		       (in->f.exit & VMX_EXIT_ACK_INTR));
}

static bool posted_vector(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.pin & VMX_PIN_POSTED_INTR, in->f.posted_vector <= VECTOR_MAX);
}

static bool posted_desc(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.pin & VMX_PIN_POSTED_INTR,
		       structure_at(in, in->f.posted_desc, POSTED_DESC_ALIGN));
}

static bool vpid(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(proc2(in) & VMX_PROC2_VPID, in->f.vpid != 0);
}

static bool ept(vmx_input *in)
{
	return proc2(in) & VMX_PROC2_EPT;
}

static bool eptp_type(vmx_input *in, unsigned arg)
{
	uint64_t type = FIELD_GET(VMX_EPTP_TYPE, in->f.eptp);

	(void)arg;
	if (!ept(in))
		return true;
	return (type == VMX_EPTP_UC && (in->caps.ept_vpid & VMX_EPT_TYPE_UC)) ||
	       (type == VMX_EPTP_WB && (in->caps.ept_vpid & VMX_EPT_TYPE_WB));
}

static bool eptp_walk(vmx_input *in, unsigned arg)
{
	uint64_t walk = FIELD_GET(VMX_EPTP_WALK, in->f.eptp);

	(void)arg;
	if (!ept(in))
		return true;
	return (walk == VMX_EPTP_WALK_4 && (in->caps.ept_vpid & VMX_EPT_WALK_4)) ||
	       (walk == VMX_EPTP_WALK_5 && (in->caps.ept_vpid & VMX_EPT_WALK_5));
}

static bool eptp_ad(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(ept(in) && (in->f.eptp & VMX_EPTP_AD), in->caps.ept_vpid & VMX_EPT_AD);
}

static bool eptp_reserved(vmx_input *in, unsigned arg)
{
	uint64_t reserved = VMX_EPTP_RESERVED;

	(void)arg;
	if (!(in->caps.ept_vpid & VMX_EPT_SSS))
		reserved |= VMX_EPTP_SSS;
	return implies(ept(in), within_phys(in, in->f.eptp) && !(in->f.eptp & reserved));
}

/* Controls that mean nothing without EPT; a row's `arg` is the index. */
static const uint64_t need_ept[] = {
	VMX_PROC2_UNRESTRICTED, VMX_PROC2_PML, VMX_PROC2_MBEC,
};

static bool needs_ept(vmx_input *in, unsigned arg)
{
	return implies(proc2(in) & need_ept[arg], ept(in));
}

static bool pml_address(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(proc2(in) & VMX_PROC2_PML, structure_at(in, in->f.pml, PAGE_SIZE));
}

static bool shadow_bitmaps(vmx_input *in, unsigned arg)
{
	uint64_t address = arg ? in->f.vmwrite_bitmap : in->f.vmread_bitmap;

	return implies(proc2(in) & VMX_PROC2_VMCS_SHADOWING,
		       structure_at(in, address, PAGE_SIZE));
}

static bool ve_info(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(proc2(in) & VMX_PROC2_EPT_VE,
		       structure_at(in, in->f.ve_info, PAGE_SIZE));
}

static bool tsc_multiplier(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(proc2(in) & VMX_PROC2_TSC_SCALING, in->f.tsc_multiplier != 0);
}

#define EXEC	"SDM 3C \"VM-Execution Control Fields\" 26.2.1.1"

static const struct vmx_rule rules[] = {
	{ "pin-allowed",		EXEC, pin_allowed, 0 },
	{ "proc-allowed",		EXEC, proc_allowed, 0 },
	{ "proc2-allowed",		EXEC, proc2_allowed, 0 },
	{ "proc3-allowed",		EXEC, proc3_allowed, 0 },
	{ "cr3-target-count",		EXEC, cr3_targets, 0 },
	{ "io-bitmap-a-address",	EXEC, io_bitmaps, 0 },
	{ "io-bitmap-b-address",	EXEC, io_bitmaps, 1 },
	{ "msr-bitmap-address",		EXEC, msr_bitmap, 0 },
	{ "virtual-apic-address",	EXEC, virtual_apic, 0 },
	{ "tpr-threshold",		EXEC, tpr_threshold, 0 },
	{ "apic-needs-tpr-shadow",	EXEC, apic_needs_tpr_shadow, 0 },
	{ "virtual-nmi-needs-exiting",	EXEC, virtual_nmi_needs_exiting, 0 },
	{ "nmi-window-needs-virtual",	EXEC, nmi_window_needs_virtual, 0 },
	{ "apic-access-address",	EXEC, apic_access, 0 },
	{ "x2apic-excludes-access",	EXEC, x2apic_excludes_access, 0 },
	{ "delivery-needs-ext-intr",	EXEC, delivery_needs_ext_intr, 0 },
	{ "posted-controls",		EXEC, posted_controls, 0 },
	{ "posted-vector",		EXEC, posted_vector, 0 },
	{ "posted-descriptor",		EXEC, posted_desc, 0 },
	{ "vpid-not-zero",		EXEC, vpid, 0 },
	{ "eptp-memory-type",		EXEC, eptp_type, 0 },
	{ "eptp-walk-length",		EXEC, eptp_walk, 0 },
	{ "eptp-accessed-dirty",	EXEC, eptp_ad, 0 },
	{ "eptp-reserved",		EXEC, eptp_reserved, 0 },
	{ "unrestricted-needs-ept",	EXEC, needs_ept, 0 },
	{ "pml-needs-ept",		EXEC, needs_ept, 1 },
	{ "mode-execute-needs-ept",	EXEC, needs_ept, 2 },
	{ "pml-address",		EXEC, pml_address, 0 },
	{ "vmread-bitmap-address",	EXEC, shadow_bitmaps, 0 },
	{ "vmwrite-bitmap-address",	EXEC, shadow_bitmaps, 1 },
	{ "ve-information-address",	EXEC, ve_info, 0 },
	{ "tsc-multiplier",		EXEC, tsc_multiplier, 0 },
};

const struct vmx_rule_group vmx_rules_execution = { rules, ARRAY_SIZE(rules) };
