/*
 * The bars for shadow tables. Must not know what was measured here.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/bars.h"
#include "compare/counts.h"

/* KVM's columns that have shadow tables. */
static const char *const shadowed[] = { "npt0", "vmx_ept0_bochs" };

/* KVM's part allowed, and what a count may be over bare's without an exit. */
enum { SHARE = 3, FAULT_COUNTED = 1 };

/* Rounded, and far less where KVM reads whole tables again. */
static const struct {
	const char *line;
	uint64_t most;
} agreed[] = {
	{ "invlpg", 400 }, { "cr3_same", 750 }, { "cr3_switch", 1300 },
	{ "pg_map_first", 1200 }, { "pf_reflect", 620 }, { "pf_demand", 1850 },
	{ "pf_cow", 3800 }, { "pte_remap", 1200 }, { "lm_pf_demand", 2200 },
	{ "pte_set16_cr3_touch16", 20000 }, { "old_space_touch16", 10000 },
};

static bool number(json_t *kvm, const char *line, const char *column,
		   uint64_t *out)
{
	char *text = kvm_count(kvm, line, column);
	bool found = text && counts_number(text, out);

	free(text);
	return found;
}

bool bar_find(json_t *kvm, const char *line, const char *own, uint64_t *most)
{
	uint64_t bare, count, native = 0, best = UINT64_MAX;

	if (number(kvm, line, "bare", &bare))
		native = bare + FAULT_COUNTED;
	if (!number(kvm, line, own, most))
		return false;
	if (*most <= native)
		return true;
	for (size_t i = 0; i < sizeof(shadowed) / sizeof(*shadowed); i++)
		if (number(kvm, line, shadowed[i], &count) && count > native &&
		    count < best)
			best = count;
	if (best < UINT64_MAX)
		*most = best / SHARE;
	for (size_t i = 0; i < sizeof(agreed) / sizeof(*agreed); i++)
		if (!strcmp(agreed[i].line, line))
			*most = agreed[i].most;
	return true;
}
