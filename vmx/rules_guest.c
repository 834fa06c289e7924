/*
 * Entry rules on the guest's control and debug registers, MSRs, descriptor
 * tables, RIP, RFLAGS and PDPTEs; a predicate says that its rule holds.
 */
#include "core/policy.h"
#include "vmx/rules_group.h"

#define DTR_LIMIT_RESERVED	BITS(31, 16)
#define RFLAGS_RESERVED		(BITS(63, 22) | BIT(15) | BIT(5) | BIT(3))
#define PDPTE_P			BIT(0)
#define PDPTE_RESERVED		(BITS(2, 1) | BITS(8, 5))

/* CD and NW are never judged; PE and PG not with unrestricted guest. */
static bool guest_cr0(vmx_input *in, unsigned arg)
{
	uint64_t free_bits = CR0_CD | CR0_NW;

	(void)arg;
	if (unrestricted(in))
		free_bits |= CR0_PE | CR0_PG;
	return cr_fixed(in->f.cr0 & ~free_bits, in->caps.cr0_fixed0 & ~free_bits,
			in->caps.cr0_fixed1);
}

static bool guest_pg_needs_pe(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.cr0 & CR0_PG, in->f.cr0 & CR0_PE);
}

static bool guest_cr4(vmx_input *in, unsigned arg)
{
	(void)arg;
	return cr_fixed(in->f.cr4, in->caps.cr4_fixed0, in->caps.cr4_fixed1);
}

static bool guest_cet_needs_wp(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.cr4 & CR4_CET, in->f.cr0 & CR0_WP);
}

static bool guest_debugctl(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.entry & VMX_ENTRY_LOAD_DEBUG,
		       !(in->f.debugctl & ~in->caps.debugctl_supported));
}

static bool long_needs_pg(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(ia32e(in), in->f.cr0 & CR0_PG);
}

static bool long_needs_pae(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(ia32e(in), in->f.cr4 & CR4_PAE);
}

static bool pcid_needs_long(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.cr4 & CR4_PCIDE, ia32e(in));
}

static bool guest_cr3(vmx_input *in, unsigned arg)
{
	(void)arg;
	return within_phys(in, in->f.cr3);
}

static bool guest_dr7(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.entry & VMX_ENTRY_LOAD_DEBUG, !(in->f.dr7 & BITS(63, 32)));
}

static bool guest_sysenter(vmx_input *in, unsigned arg)
{
	return canonical(in, arg ? in->f.sysenter_eip : in->f.sysenter_esp);
}

static bool guest_pat(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.entry & VMX_ENTRY_LOAD_PAT, pat_valid(in->f.pat));
}

static bool loads_efer(vmx_input *in)
{
	return in->f.entry & VMX_ENTRY_LOAD_EFER;
}

static bool guest_efer_reserved(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(loads_efer(in), !(in->f.efer & ~in->caps.efer_supported));
}

static bool guest_efer_lma(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(loads_efer(in), !!(in->f.efer & EFER_LMA) == ia32e(in));
}

static bool guest_efer_lme(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(loads_efer(in) && (in->f.cr0 & CR0_PG),
		       !!(in->f.efer & EFER_LMA) == !!(in->f.efer & EFER_LME));
}

static bool dtr_base(vmx_input *in, unsigned arg)
{
	return canonical(in, arg ? in->f.idtr_base : in->f.gdtr_base);
}

static bool dtr_limit(vmx_input *in, unsigned arg)
{
	return !((arg ? in->f.idtr_limit : in->f.gdtr_limit) & DTR_LIMIT_RESERVED);
}

static bool code64(vmx_input *in)
{
	return ia32e(in) && (in->f.seg[SEG_CS].ar & AR_L);
}

/* In 64-bit mode one bit less than canonical: RIP may step off the half. */
static bool guest_rip(vmx_input *in, unsigned arg)
{
	uint64_t top = BITS(63, in->caps.linear_bits);

	(void)arg;
	if (!code64(in))
		return !(in->f.rip & BITS(63, 32));
	return !(in->f.rip & top) || (in->f.rip & top) == top;
}

static bool rflags_reserved(vmx_input *in, unsigned arg)
{
	(void)arg;
	return !(in->f.rflags & RFLAGS_RESERVED) && (in->f.rflags & RFLAGS_ONE);
}

static bool rflags_vm(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(vm86(in), !ia32e(in) && (in->f.cr0 & CR0_PE));
}

static bool rflags_if(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(injects(in, VMX_EVENT_EXT_INTR), in->f.rflags & RFLAGS_IF);
}

static bool pdpte(vmx_input *in, unsigned arg)
{
	bool ept = proc2(in) & VMX_PROC2_EPT;
	uint64_t entry = ept ? in->f.pdpte[arg] : in->pdpte[arg];
	bool pae = (in->f.cr0 & CR0_PG) && (in->f.cr4 & CR4_PAE) && !ia32e(in);

	if (!pae || !(entry & PDPTE_P))
		return true;
	return !(entry & PDPTE_RESERVED) && within_phys(in, entry);
}

#define REGS	"SDM 3C \"Checks on Guest Control Registers, Debug Registers, and MSRs\" 26.3.1.1"
#define DTRS	"SDM 3C \"Checks on Guest Descriptor-Table Registers\" 26.3.1.3"
#define FLOW	"SDM 3C \"Checks on Guest RIP, RFLAGS, and SSP\" 26.3.1.4"
#define TABLES	"SDM 3C \"Checks on Guest Page-Directory-Pointer-Table Entries\" 26.3.1.6"

static const struct vmx_rule rules[] = {
	{ "guest-cr0-fixed",		REGS, guest_cr0, 0 },
	{ "guest-pg-needs-pe",		REGS, guest_pg_needs_pe, 0 },
	{ "guest-cr4-fixed",		REGS, guest_cr4, 0 },
	{ "guest-cet-needs-wp",		REGS, guest_cet_needs_wp, 0 },
	{ "guest-debugctl-reserved",	REGS, guest_debugctl, 0 },
	{ "guest-64-needs-pg",		REGS, long_needs_pg, 0 },
	{ "guest-64-needs-pae",		REGS, long_needs_pae, 0 },
	{ "guest-pcid-needs-64",	REGS, pcid_needs_long, 0 },
	{ "guest-cr3-reserved",		REGS, guest_cr3, 0 },
	{ "guest-dr7-high-bits",	REGS, guest_dr7, 0 },
	{ "guest-sysenter-esp",		REGS, guest_sysenter, 0 },
	{ "guest-sysenter-eip",		REGS, guest_sysenter, 1 },
	{ "guest-pat-types",		REGS, guest_pat, 0 },
	{ "guest-efer-reserved",	REGS, guest_efer_reserved, 0 },
	{ "guest-efer-lma",		REGS, guest_efer_lma, 0 },
	{ "guest-efer-lme",		REGS, guest_efer_lme, 0 },
	{ "guest-gdtr-base",		DTRS, dtr_base, 0 },
	{ "guest-idtr-base",		DTRS, dtr_base, 1 },
	{ "guest-gdtr-limit",		DTRS, dtr_limit, 0 },
	{ "guest-idtr-limit",		DTRS, dtr_limit, 1 },
	{ "guest-rip",			FLOW, guest_rip, 0 },
	{ "guest-rflags-reserved",	FLOW, rflags_reserved, 0 },
	{ "guest-rflags-vm",		FLOW, rflags_vm, 0 },
	{ "guest-rflags-if",		FLOW, rflags_if, 0 },
	{ "guest-pdpte0",		TABLES, pdpte, 0 },
	{ "guest-pdpte1",		TABLES, pdpte, 1 },
	{ "guest-pdpte2",		TABLES, pdpte, 2 },
	{ "guest-pdpte3",		TABLES, pdpte, 3 },
};

const struct vmx_rule_group vmx_rules_guest = { rules, ARRAY_SIZE(rules) };
