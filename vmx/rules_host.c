/*
 * Entry rules on the host-state area, with those on the address-space sizes of
 * both sides; a predicate says that its rule holds. Knows no guest state.
 */
#include "core/policy.h"
#include "vmx/rules_group.h"

#define SELECTOR_RPL_TI	BITS(2, 0)

static bool host64(vmx_input *in)
{
	return in->f.exit & VMX_EXIT_HOST_64;
}

static bool host_cr0(vmx_input *in, unsigned arg)
{
	(void)arg;
	return cr_fixed(in->f.host_cr0, in->caps.cr0_fixed0, in->caps.cr0_fixed1);
}

static bool host_cr4(vmx_input *in, unsigned arg)
{
	(void)arg;
	return cr_fixed(in->f.host_cr4, in->caps.cr4_fixed0, in->caps.cr4_fixed1);
}

static bool host_cet_needs_wp(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.host_cr4 & CR4_CET, in->f.host_cr0 & CR0_WP);
}

static bool host_cr3(vmx_input *in, unsigned arg)
{
	(void)arg;
	return within_phys(in, in->f.host_cr3);
}

enum { HOST_SYSENTER_ESP, HOST_SYSENTER_EIP, HOST_FS, HOST_GS, HOST_GDTR, HOST_IDTR, HOST_TR };

static bool host_canonical(vmx_input *in, unsigned arg)
{
	const uint64_t address[] = {
		[HOST_SYSENTER_ESP] = in->f.host_sysenter_esp,
		[HOST_SYSENTER_EIP] = in->f.host_sysenter_eip,
		[HOST_FS] = in->f.host_fs_base,
		[HOST_GS] = in->f.host_gs_base,
		[HOST_GDTR] = in->f.host_gdtr_base,
		[HOST_IDTR] = in->f.host_idtr_base,
		[HOST_TR] = in->f.host_tr_base,
	};

	return canonical(in, address[arg]);
}

static bool host_pat(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.exit & VMX_EXIT_LOAD_PAT, pat_valid(in->f.host_pat));
}

static bool host_efer_reserved(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(in->f.exit & VMX_EXIT_LOAD_EFER,
		       !(in->f.host_efer & ~in->caps.efer_supported));
}

/* LMA and LME must each equal the address-space size. */
static bool host_efer_long(vmx_input *in, unsigned arg)
{
	uint64_t both = EFER_LMA | EFER_LME;

	(void)arg;
	return implies(in->f.exit & VMX_EXIT_LOAD_EFER,
		       (in->f.host_efer & both) == (host64(in) ? both : 0));
}

static bool host_selectors(vmx_input *in, unsigned arg)
{
	uint64_t any = in->f.host_es | in->f.host_cs | in->f.host_ss | in->f.host_ds |
		       in->f.host_fs | in->f.host_gs | in->f.host_tr;

	(void)arg;
	return !(any & SELECTOR_RPL_TI);
}

static bool host_cs_tr_not_null(vmx_input *in, unsigned arg)
{
	(void)arg;
	return in->f.host_cs && in->f.host_tr;
}

static bool host_ss_not_null(vmx_input *in, unsigned arg)
{
	(void)arg;
	return host64(in) || in->f.host_ss;
}

static bool size_matches_now(vmx_input *in, unsigned arg)
{
	(void)arg;
	return host64(in) == !!in->caps.long_mode;
}

static bool guest64_needs_host64(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(ia32e(in), host64(in));
}

static bool host32_no_pcid(vmx_input *in, unsigned arg)
{
	(void)arg;
	return host64(in) || !(in->f.host_cr4 & CR4_PCIDE);
}

static bool host64_needs_pae(vmx_input *in, unsigned arg)
{
	(void)arg;
	return implies(host64(in), in->f.host_cr4 & CR4_PAE);
}

static bool host_rip(vmx_input *in, unsigned arg)
{
	(void)arg;
	if (host64(in))
		return canonical(in, in->f.host_rip);
	return !(in->f.host_rip & BITS(63, 32));
}

#define REGS	"SDM 3C \"Checks on Host Control Registers, MSRs, and SSP\" 26.2.2"
#define SEGS	"SDM 3C \"Checks on Host Segment and Descriptor-Table Registers\" 26.2.3"
#define SIZE	"SDM 3C \"Checks Related to Address-Space Size\" 26.2.4"

static const struct vmx_rule rules[] = {
	{ "host-cr0-fixed",		REGS, host_cr0, 0 },
	{ "host-cr4-fixed",		REGS, host_cr4, 0 },
	{ "host-cet-needs-wp",		REGS, host_cet_needs_wp, 0 },
	{ "host-cr3-reserved",		REGS, host_cr3, 0 },
	{ "host-sysenter-esp",		REGS, host_canonical, HOST_SYSENTER_ESP },
	{ "host-sysenter-eip",		REGS, host_canonical, HOST_SYSENTER_EIP },
	{ "host-pat-types",		REGS, host_pat, 0 },
	{ "host-efer-reserved",		REGS, host_efer_reserved, 0 },
	{ "host-efer-long-mode",	REGS, host_efer_long, 0 },
	{ "host-selector-rpl-ti",	SEGS, host_selectors, 0 },
	{ "host-cs-tr-not-null",	SEGS, host_cs_tr_not_null, 0 },
	{ "host-ss-not-null",		SEGS, host_ss_not_null, 0 },
	{ "host-fs-base",		SEGS, host_canonical, HOST_FS },
	{ "host-gs-base",		SEGS, host_canonical, HOST_GS },
	{ "host-gdtr-base",		SEGS, host_canonical, HOST_GDTR },
	{ "host-idtr-base",		SEGS, host_canonical, HOST_IDTR },
	{ "host-tr-base",		SEGS, host_canonical, HOST_TR },
	{ "host-size-matches-now",	SIZE, size_matches_now, 0 },
	{ "guest-64-needs-host-64",	SIZE, guest64_needs_host64, 0 },
	{ "host-32-no-pcid",		SIZE, host32_no_pcid, 0 },
	{ "host-64-needs-pae",		SIZE, host64_needs_pae, 0 },
	{ "host-rip",			SIZE, host_rip, 0 },
};

const struct vmx_rule_group vmx_rules_host = { rules, ARRAY_SIZE(rules) };
