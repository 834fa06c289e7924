/*
 * The CPU as a run found it, for the next run. Must not know what is run.
 */
#include "boot/slate.h"

#include "boot/desc.h"
#include "boot/timer.h"
#include "core/msr_defs.h"
#include "core/policy.h"
#include "core/x86_insn.h"

#define MSRS_KEPT	16u

/* MSRs that guests change in the CPU itself. */
static struct { uint32_t number; uint64_t value; } kept[MSRS_KEPT];
static unsigned kept_count;
static struct fx_image fx;

static void keep(const struct msr_policy *m)
{
	uint64_t value;

	if (m->rule != MSR_RULE_LIVE && m->rule != MSR_RULE_PAT)
		return;
	if (kept_count == MSRS_KEPT || !x86_rdmsr_safe(m->number, &value))
		return;
	kept[kept_count].number = m->number;
	kept[kept_count++].value = value;
}

void slate_keep(void)
{
	for (unsigned i = 0; i < policy_msr_count; i++)
		keep(&policy_msrs[i]);
	x86_fxsave(&fx, true);
}

void slate_clean(void)
{
	host_timer_stop();
	for (unsigned i = 0; i < kept_count; i++)
		x86_wrmsr(kept[i].number, kept[i].value);
	desc_reload();
	x86_fninit();
	x86_fxrstor(&fx, true);
}
