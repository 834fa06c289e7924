/*
 * Reads the probe guest's report: what virtualisation a guest of this KVM sees. Must
 * not know hosts; asks for the same as the hypervisor's own backends ask.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare/kvm.h"
#include "compare/kvm_defs.h"
#include "compare/rungs.h"
#include "compare/util.h"

enum { LINE_NUMBERS = 5, HEXADECIMAL = 16 };

/* The line that starts with this word and number; false: there is none. */
static bool line_find(const char *report, const char *word, uint32_t index,
		      uint32_t *numbers, int count)
{
	char *start = fmt("%s %08" PRIx32 " ", word, index), *end;
	const char *at = strstr(report, start);
	bool found = at != NULL;

	if (found)
		at += strlen(start);
	for (int i = 0; found && i < count; i++) {
		numbers[i] = (uint32_t)strtoul(at, &end, HEXADECIMAL);
		found = end != at;
		at = end;
	}
	free(start);
	return found;
}

struct leaf { uint32_t eax, ebx, ecx, edx; };

static struct leaf leaf(const char *report, uint32_t index)
{
	uint32_t r[4] = { 0 };

	if (!line_find(report, "cpuid", index, r, 4))
		return (struct leaf){ 0 };
	return (struct leaf){ r[0], r[1], r[2], r[3] };
}

struct msr { uint32_t high, low; };

/* An MSR that raises #GP is zero here, as if it had no bit set. */
static struct msr msr(const char *report, uint32_t index)
{
	uint32_t r[2] = { 0 };

	if (!line_find(report, "msr", index, r, 2))
		return (struct msr){ 0 };
	return (struct msr){ r[0], r[1] };
}

static void word_add(struct buf *words, bool has, const char *word)
{
	if (has)
		buf_fmt(words, "%s%s", words->size ? ", " : "", word);
}

static unsigned caps_svm(const char *report, bool *locked, struct buf *words)
{
	uint32_t edx = leaf(report, LEAF_SVM).edx;

	*locked = msr(report, PROBE_VM_CR).low & VM_CR_LOW_SVMDIS;
	word_add(words, true, "SVM");
	word_add(words, edx & SVM_EDX_NP, "NPT");
	word_add(words, edx & SVM_EDX_NRIPS, "next RIP");
	word_add(words, edx & SVM_EDX_FLUSH_BY_ASID, "flush by ASID");
	word_add(words, edx & SVM_EDX_DECODE_ASSISTS, "decode assists");
	return CAP_SVM | (edx & SVM_EDX_NP ? CAP_NPT : 0);
}

/* 0 when a control is missing that every rung uses. */
static unsigned caps_vmx(const char *report, bool *locked, struct buf *words)
{
	uint32_t feature = msr(report, PROBE_FEATURE_CONTROL).low;
	uint32_t proc = msr(report, PROBE_VMX_PROC).high;
	uint32_t proc2 = proc & PROC_HIGH_SECONDARY ?
			 msr(report, PROBE_VMX_PROC2).high : 0;
	uint32_t ept = msr(report, PROBE_VMX_EPT_VPID).low;
	bool nested = (proc2 & PROC2_HIGH_EPT) && (ept & EPT_LOW_WALK_4) &&
		      (ept & EPT_LOW_WB);
	bool unrestricted = nested && (proc2 & PROC2_HIGH_UNRESTRICTED);

	*locked = (feature & FEATURE_LOW_LOCK) && !(feature & FEATURE_LOW_VMX);
	if (!(proc & PROC_HIGH_WINDOW) || !(proc & PROC_HIGH_TSC_OFFSET))
		return 0;
	word_add(words, true, "VT-x");
	word_add(words, nested, "EPT");
	word_add(words, proc2 & PROC2_HIGH_VPID, "VPID");
	word_add(words, unrestricted, "unrestricted guest");
	return CAP_VMX | (nested ? CAP_EPT : 0) | (unrestricted ? CAP_UG : 0);
}

bool kvm_report_read(const char *report, unsigned *caps, bool *locked, char **words)
{
	static const char last[] = "done\n", amd[] = "Auth", hygon[] = "Hygo";
	size_t size = strlen(report);
	struct buf said = { 0 };
	struct leaf vendor;
	bool is_amd;

	*caps = 0;
	*locked = false;
	*words = NULL;
	if (size < strlen(last) || strcmp(report + size - strlen(last), last) ||
	    !leaf(report, LEAF_VENDOR).ebx)
		return false;
	vendor = leaf(report, LEAF_VENDOR);
	is_amd = !memcmp(&vendor.ebx, amd, sizeof(vendor.ebx)) ||
		 !memcmp(&vendor.ebx, hygon, sizeof(vendor.ebx));
	buf_fmt(&said, "%s", "");
	if (is_amd && (leaf(report, LEAF_EXTENDED).ecx & EXTENDED_ECX_SVM))
		*caps = caps_svm(report, locked, &said);
	else if (!is_amd && (leaf(report, LEAF_FEATURES).ecx & FEATURES_ECX_VMX))
		*caps = caps_vmx(report, locked, &said);
	if (*locked)
		*caps = 0;
	*words = said.text;
	return true;
}
