/*
 * Asks core/strategy what a rung does in each state of a guest, and puts the
 * answer into words. Knows no list of rungs of its own, and no layout.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/explain_strategy.h"
#include "compare/explain_words.h"
#include "compare/util.h"
#include "core/strategy.h"
#include "mmu/x86_defs.h"

/* What core/policy lets a guest set on a CPU that has it all. */
#define CR4_GUEST	(CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | \
			 CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | \
			 CR4_UMIP | CR4_LA57 | CR4_FSGSBASE | CR4_SMEP | \
			 CR4_SMAP | CR4_PKE)
#define CR4_CPU		(CR4_GUEST | CR4_MCE | CR4_PCE | CR4_PCIDE | \
			 CR4_OSXSAVE | CR4_CET)
#define EFER_GUEST	(EFER_SCE | EFER_NXE)

/* APM vol. 2 "Canonicalization and Consistency Checks" 15.5.1: EFER.SVME. */
static const struct hv_caps svm_caps = {
	.nested = true, .unrestricted = true, .pat_switch = true,
	.df_deliver = true, .efer_hidden = true, .efer_must = EFER_SVME,
	.cr4_can = CR4_CPU, .nx = true, .paged_real = true,
};

/* SDM 3D "VMX-Fixed Bits in CR0" A.7, "VMX-Fixed Bits in CR4" A.8. */
static const struct hv_caps vmx_caps = {
	.nested = true, .unrestricted = true, .pat_switch = true,
	.masks = true, .cr0_must = CR0_NE, .cr4_must = CR4_VMXE,
	.cr4_can = CR4_CPU | CR4_VMXE | CR4_SMXE, .nx = true,
};

/* A mode: the bits that make it one, and those the guest may set as it likes. */
static const struct {
	const char	*name;
	uint64_t	cr0, cr4, efer;
	uint64_t	cr4_free, efer_free;
} modes[] = {
	{ "real", 0, 0, 0, CR4_GUEST, EFER_GUEST | EFER_LME },
	{ "unpaged protected", CR0_PE, 0, 0, CR4_GUEST, EFER_GUEST | EFER_LME },
	{ "32-bit paging", CR0_PE | CR0_PG, 0, 0, CR4_GUEST & ~CR4_PAE,
	  EFER_GUEST },
	{ "PAE", CR0_PE | CR0_PG, CR4_PAE, 0, CR4_GUEST, EFER_GUEST },
	{ "long", CR0_PE | CR0_PG, CR4_PAE, EFER_LME | EFER_LMA, CR4_GUEST,
	  EFER_GUEST },
};

static const struct state {
	const char	*when;
	bool		real_only, fits, iopl3;
} states[] = {
	{ "segments fit", false, true, false },
	{ "segments fit, IOPL 3, IVT at 0", true, true, true },
	{ "segments do not fit", false, false, false },
};

static const struct rung *built(const char *name)
{
	const struct rung *rung = rung_find(name, (unsigned)strlen(name));

	return rung && rung->built && rung->backend ? rung : NULL;
}

static bool is_svm(const struct rung *rung)
{
	return !strcmp(rung->backend, "svm");
}

/* The PAT has no place of its own where there is no nested paging: APM 15.25.2. */
static struct hv_caps caps_for(const struct rung *rung)
{
	struct hv_caps caps = is_svm(rung) ? svm_caps : vmx_caps;

	if (rung->shadow)
		caps.pat_switch = false;
	return caps;
}

static enum shadow_sync sync_of(const struct explain_options *o)
{
	return o->sync_protect ? SHADOW_PROTECT :
	       o->sync_flush ? SHADOW_FLUSH : SHADOW_UNSYNC;
}

/* What the hardware runs with when the guest has none, and all, of its free bits set. */
struct asked {
	struct guest_view	low, high;
	struct hw_view		with_low, with_high;
	struct hw_view		with_lme;	/* as low, LME set where the mode lets it be */
	struct hw_view		with_same;	/* the guest has what the hardware has */
};

static void ask(struct asked *a, const struct rung *rung,
		const struct explain_options *o, unsigned mode,
		const struct state *state)
{
	const struct rung_options options = {
		.observe = o->observe_none ? OBSERVE_NONE : OBSERVE_MODES,
		.tags = !o->tags_off,
		.unpaged = o->unpaged_emulate ? UNPAGED_EMULATE : UNPAGED_HIDDEN,
		.vm86 = o->vm86_fast ? VM86_FAST : VM86_EXACT,
		.sync = sync_of(o),
	};
	const struct hv_caps caps = caps_for(rung);
	struct guest_view lme, equal;

	a->low = (struct guest_view){
		.cr0 = modes[mode].cr0, .cr4 = modes[mode].cr4,
		.efer = modes[mode].efer,
		.rflags = state->iopl3 ? RFLAGS_IOPL : 0,
		.fits = state->fits, .ivt_at_zero = state->iopl3,
	};
	a->high = a->low;
	a->high.cr0 |= CR0_DEFINED & ~(CR0_PE | CR0_PG);
	a->high.cr4 |= modes[mode].cr4_free;
	a->high.efer |= modes[mode].efer_free;
	strategy(&a->low, &caps, rung, &options, CR4_GUEST, &a->with_low);
	strategy(&a->high, &caps, rung, &options, CR4_GUEST, &a->with_high);
	lme = a->low;
	lme.efer |= modes[mode].efer_free & EFER_LME;
	strategy(&lme, &caps, rung, &options, CR4_GUEST, &a->with_lme);
	equal = a->low;
	equal.cr0 |= a->with_low.cr0 & ~(CR0_PE | CR0_PG);
	equal.cr4 |= a->with_low.cr4 & modes[mode].cr4_free;
	strategy(&equal, &caps, rung, &options, CR4_GUEST, &a->with_same);
}

/* "on NE; off CD NW; else the guest's" */
static char *forced(const struct bit_name *names, uint64_t low, uint64_t high,
		    uint64_t with_low, uint64_t with_high)
{
	char *on = words_bits(names, with_low & with_high & ~low);
	char *off = words_bits(names, high & ~with_low & ~with_high);
	struct buf text = { 0 };

	if (*on)
		buf_fmt(&text, "on %s; ", on);
	if (*off)
		buf_fmt(&text, "off %s; ", off);
	buf_fmt(&text, "%sthe guest's", text.size ? "else " : "");
	free(on);
	free(off);
	return text.text;
}

/* Our own bits, and those that are ours only while LME is set and PAE is clear. */
static char *own(const struct bit_name *names, uint64_t always, uint64_t with_lme)
{
	char *bits = words_bits(names, always);
	char *more = words_bits(names, with_lme & ~always);
	char *text = fmt("%s%s%s%s", bits, *bits && *more ? "; " : "",
			 *more ? "with LME but not PAE: " : "", more);

	free(bits);
	free(more);
	return text;
}

/* LME may be kept from the hardware in one case and not in the other. */
static char *efer_forced(const struct asked *a)
{
	char *text = forced(words_efer, a->low.efer, a->high.efer,
			    a->with_low.efer, a->with_high.efer);
	char *longer;

	if (!(a->high.efer & a->with_high.efer & ~a->with_lme.efer & EFER_LME))
		return text;
	longer = fmt("off LME while PAE is clear; %s", text);
	free(text);
	return longer;
}

/* What always exits, and what does only while the guest's value is not the hardware's. */
static char *intercepts(const struct asked *a)
{
	uint32_t always = a->with_same.intercepts & ~a->with_same.observing;
	uint32_t low = a->with_low.intercepts & ~a->with_low.observing;
	uint32_t high = a->with_high.intercepts & ~a->with_high.observing;
	char *bits = words_bits(words_intercepts, always);
	char *more = words_bits(words_intercepts, (low | high) & ~always);
	char *text = fmt("%s%s%s%s", bits, *bits && *more ? "; " : "",
			 *more ? "while the values differ: " : "", more);

	free(bits);
	free(more);
	return text;
}

static const char *why(const struct rung *rung, const struct asked *a,
		       const struct explain_options *o)
{
	switch (a->with_low.ran_as) {
	case RAN_EMULATED:
		if (a->low.cr0 & CR0_PG)
			return WHY_UNFIT;
		return o->unpaged_emulate ? WHY_EMULATE_OPTION : WHY_UNFIT_UNPAGED;
	case RAN_VM86:
		return a->with_low.vm86_fast ? WHY_VM86_FAST : WHY_VM86_EXACT;
	case RAN_HIDDEN:
		return rung->shadow ? WHY_SHADOW_UNPAGED : WHY_HIDDEN;
	case RAN_PAGED_REAL:
		return WHY_PAGED_REAL;
	case RAN_SHADOW:
		return WHY_SHADOW;
	default:
		if (is_svm(rung))
			return WHY_SVM;
		return rung->unrestricted ? WHY_UNRESTRICTED : WHY_PAGED;
	}
}

/* What is written into the hardware, and what comes back from it. */
static void hardware_fields(char *field[], const struct asked *a)
{
	const struct guest_view *low = &a->low, *high = &a->high;
	const struct hw_view *hw = &a->with_low, *top = &a->with_high;

	field[EXPLAIN_CR0] = forced(words_cr0, low->cr0, high->cr0, hw->cr0,
				    top->cr0);
	field[EXPLAIN_CR3] = xdup(words_root(hw->root, low));
	field[EXPLAIN_CR4] = forced(words_cr4, low->cr4, high->cr4, hw->cr4,
				    top->cr4);
	field[EXPLAIN_EFER] = efer_forced(a);
	field[EXPLAIN_CR0_OWN] = own(words_cr0, hw->cr0_own, a->with_lme.cr0_own);
	field[EXPLAIN_CR4_OWN] = own(words_cr4, hw->cr4_own, a->with_lme.cr4_own);
	field[EXPLAIN_INTERCEPTS] = intercepts(a);
	field[EXPLAIN_OBSERVING] = words_observing(hw);
	field[EXPLAIN_EXCEPTIONS] = hw->exceptions == UINT32_MAX ? xdup("all") :
				    words_bits(words_vectors, hw->exceptions);
}

static void row_fill(struct explain_row *row, const struct rung *rung,
		     const struct asked *a, const struct explain_options *o)
{
	*row = (struct explain_row){
		.ran_as = ran_as_name(a->with_low.ran_as),
	};
	/* Emulated code enters nothing: there is no hardware view of it. */
	if (a->with_low.ran_as != RAN_EMULATED)
		hardware_fields(row->field, a);
	row->field[EXPLAIN_WHY] = xdup(why(rung, a, o));
	for (int f = 0; f < EXPLAIN_FIELDS; f++)
		if (!row->field[f])
			row->field[f] = xdup("");
}

static bool same(const struct explain_row *a, const struct explain_row *b)
{
	for (int f = 0; f < EXPLAIN_FIELDS; f++)
		if (strcmp(a->field[f], b->field[f]))
			return false;
	return !strcmp(a->ran_as, b->ran_as);
}

size_t explain_rows(const char *name, const struct explain_options *options,
		    struct explain_row rows[EXPLAIN_ROWS])
{
	const struct rung *rung = built(name);
	size_t count = 0;
	struct asked a;

	for (unsigned m = 0; rung && m < ARRAY_SIZE(modes); m++) {
		size_t first = count;

		for (unsigned s = 0; s < ARRAY_SIZE(states); s++) {
			if (states[s].real_only && modes[m].cr0)
				continue;
			ask(&a, rung, options, m, &states[s]);
			row_fill(&rows[count], rung, &a, options);
			rows[count].mode = modes[m].name;
			rows[count].when = states[s].when;
			if (count > first && same(&rows[count - 1], &rows[count]))
				explain_rows_free(&rows[count], 1);
			else
				count++;
		}
		if (count == first + 1)
			rows[first].when = "any";
	}
	return count;
}

void explain_rows_free(struct explain_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int f = 0; f < EXPLAIN_FIELDS; f++)
			free(rows[i].field[f]);
}

char *explain_rung(const char *name)
{
	const struct rung *rung = built(name);

	if (!rung)
		return NULL;
	if (is_svm(rung))
		return fmt("SVM, nested paging %s", rung->nested ? "on" : "off");
	return fmt("VT-x, EPT %s, unrestricted guest %s",
		   rung->nested ? "on" : "off", rung->unrestricted ? "on" : "off");
}

char *explain_cpu(const char *name)
{
	const struct rung *rung = built(name);
	struct hv_caps caps;
	char *cr0, *cr4, *efer, *text;

	if (!rung)
		return NULL;
	caps = caps_for(rung);
	cr0 = words_bits(words_cr0, caps.cr0_must);
	cr4 = words_bits(words_cr4, caps.cr4_must);
	efer = words_bits(words_efer, caps.efer_must);
	text = fmt("has all that guests may use; demands %s%s%s%s%s%s; %s",
		   *cr0 ? "CR0." : "", cr0, *cr4 ? ", CR4." : "", cr4,
		   *efer ? "EFER." : "", efer, caps.masks ?
		   "CR0 and CR4 have masks and read shadows" :
		   "no masks: writes of CR0 and CR4 exit whole");
	free(cr0);
	free(cr4);
	free(efer);
	return text;
}

const char *explain_sync(const char *name, const struct explain_options *options)
{
	const struct rung *rung = built(name);

	return rung && rung->shadow ? words_sync(sync_of(options)) : NULL;
}
