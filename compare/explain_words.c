/*
 * The names of control bits, intercepts and vectors, as the manuals have them.
 * Must not know what any rung does with them.
 */
#include "compare/explain_words.h"
#include "compare/util.h"
#include "mmu/x86_defs.h"

#define CR0_NAME(bit)	{ CR0_##bit, #bit }
#define CR4_NAME(bit)	{ CR4_##bit, #bit }
#define EFER_NAME(bit)	{ EFER_##bit, #bit }
#define VEC_NAME(vec)	{ BIT(VEC_##vec), "#" #vec }

const struct bit_name words_cr0[] = {
	CR0_NAME(PE), CR0_NAME(MP), CR0_NAME(EM), CR0_NAME(TS), CR0_NAME(ET),
	CR0_NAME(NE), CR0_NAME(WP), CR0_NAME(AM), CR0_NAME(NW), CR0_NAME(CD),
	CR0_NAME(PG), { 0, NULL },
};

const struct bit_name words_cr4[] = {
	CR4_NAME(VME), CR4_NAME(PVI), CR4_NAME(TSD), CR4_NAME(DE), CR4_NAME(PSE),
	CR4_NAME(PAE), CR4_NAME(MCE), CR4_NAME(PGE), CR4_NAME(PCE),
	CR4_NAME(OSFXSR), CR4_NAME(OSXMMEXCPT), CR4_NAME(UMIP), CR4_NAME(LA57),
	CR4_NAME(VMXE), CR4_NAME(SMXE), CR4_NAME(FSGSBASE), CR4_NAME(PCIDE),
	CR4_NAME(OSXSAVE), CR4_NAME(SMEP), CR4_NAME(SMAP), CR4_NAME(PKE),
	CR4_NAME(CET), CR4_NAME(PKS), { 0, NULL },
};

const struct bit_name words_efer[] = {
	EFER_NAME(SCE), EFER_NAME(LME), EFER_NAME(LMA), EFER_NAME(NXE),
	EFER_NAME(SVME), EFER_NAME(LMSLE), EFER_NAME(FFXSR), { 0, NULL },
};

const struct bit_name words_intercepts[] = {
	{ IC_CR0_WRITE, "CR0-write" }, { IC_CR4_WRITE, "CR4-write" },
	{ IC_CR0_READ, "CR0-read" }, { IC_CR4_READ, "CR4-read" },
	{ IC_CR3, "CR3-access" }, { IC_INVLPG, "INVLPG" },
	{ IC_EFER_READ, "EFER-read" }, { IC_EFER_WRITE, "EFER-write" },
	{ IC_PAT, "PAT-access" }, { IC_TASK_SWITCH, "task-switch" }, { 0, NULL },
};

const struct bit_name words_vectors[] = {
	VEC_NAME(DE), VEC_NAME(DB), { BIT(VEC_NMI), "NMI" }, VEC_NAME(BP),
	VEC_NAME(OF), VEC_NAME(BR), VEC_NAME(UD), VEC_NAME(NM), VEC_NAME(DF),
	VEC_NAME(TS), VEC_NAME(NP), VEC_NAME(SS), VEC_NAME(GP), VEC_NAME(PF),
	VEC_NAME(MF), VEC_NAME(AC), VEC_NAME(MC), VEC_NAME(XM), { 0, NULL },
};

char *words_bits(const struct bit_name *names, uint64_t bits)
{
	struct buf text = { 0 };

	buf_fmt(&text, "%s", "");
	for (; names->name; names++) {
		if (!(bits & names->bits))
			continue;
		buf_fmt(&text, "%s%s", text.size ? " " : "", names->name);
		bits &= ~names->bits;
	}
	if (bits)
		buf_fmt(&text, "%sreserved", text.size ? " " : "");
	return text.text;
}

char *words_observing(const struct hw_view *hw)
{
	static const struct {
		const struct bit_name	*names;
		const char		*prefix;
	} kinds[] = {
		{ words_intercepts, "" }, { words_cr0, "CR0." },
		{ words_cr4, "CR4." },
	};
	const uint64_t bits[] = {
		hw->observing, hw->cr0_mask & ~hw->cr0_own,
		hw->cr4_mask & ~hw->cr4_own,
	};
	struct buf text = { 0 };

	buf_fmt(&text, "%s", "");
	for (unsigned k = 0; k < ARRAY_SIZE(kinds); k++)
		for (const struct bit_name *n = kinds[k].names; n->name; n++)
			if (bits[k] & n->bits)
				buf_fmt(&text, "%s%s%s", text.size ? " " : "",
					kinds[k].prefix, n->name);
	return text.text;
}

const char *words_root(enum root root, const struct guest_view *guest)
{
	switch (root) {
	case ROOT_HIDDEN:
		return "hidden identity map";
	case ROOT_HIDDEN_VM86:
		return "hidden identity map, with the task state of virtual-8086 mode";
	case ROOT_SHADOW_VM86:
		return "shadow: an identity map in PAE format, with the task state "
		       "of virtual-8086 mode";
	case ROOT_SHADOW:
		if (!(guest->cr0 & CR0_PG))
			return "shadow: an identity map in PAE format";
		return guest->efer & EFER_LMA ?
		       "shadow of the guest's tables, in their own format" :
		       "shadow of the guest's tables, in PAE format";
	default:
		return "the guest's own tables, if it has paging on";
	}
}

const char *words_sync(enum shadow_sync sync)
{
	switch (sync) {
	case SHADOW_PROTECT:
		return "protect: a guest's table in use is read-only; each write to it "
		       "exits and changes the shadow too";
	case SHADOW_FLUSH:
		return "flush: no table is protected; the shadow is filled on faults "
		       "and dropped on flushes, as a TLB is";
	default:
		return "unsync: a guest's table in use is read-only, but a lowest one "
		       "may be written freely until the next flush";
	}
}
