/*
 * From the guest's view to the hardware's: pure, knows no vendor, touches
 * nothing. What differs between CPUs comes in as struct hv_caps.
 */
#include "core/strategy.h"

#include "mmu/x86_defs.h"

/* Cache control is the host's: neither VM entry nor exit may be trusted to switch it. */
#define CR0_CACHE	(CR0_CD | CR0_NW)

/* Bits whose changes move the guest from one paging mode to another. */
#define CR0_MODE	(CR0_PE | CR0_PG)
#define CR4_MODE	CR4_PAE

/*
 * A guest can make the CPU deliver #AC or #DB for ever without an exit
 * (each delivery raising the next): only an intercept ends that.
 */
#define EXCEPTIONS_ALWAYS	(BIT(VEC_AC) | BIT(VEC_DB))

/*
 * What 32-bit hidden tables cannot be run with. SMEP and SMAP would fault on a
 * map that is open to all privilege levels; the others belong to formats that
 * it does not have.
 */
#define CR4_HIDDEN_OFF	(CR4_PAE | CR4_PGE | CR4_LA57 | CR4_PCIDE | \
			 CR4_SMEP | CR4_SMAP)

/*
 * With shadow tables the guest's are walked by software: what such a walk
 * depends on is ours. Off in hardware: global pages and PCIDs, which our entries
 * have none of, and with paging off what would fault on the map of all memory.
 */
#define CR4_SHADOW_OWN	(CR4_PSE | CR4_PAE | CR4_PGE | CR4_LA57 | CR4_PCIDE | \
			 CR4_SMEP | CR4_SMAP | CR4_PKE | CR4_PKS)
#define CR4_SHADOW_OFF	(CR4_PGE | CR4_PCIDE)
#define CR4_UNPAGED_OFF	(CR4_LA57 | CR4_SMEP | CR4_SMAP | CR4_PKS)

/* The guest's own view as far as the CPU takes it, and whose each bit is. */
static void native(const struct guest_view *guest, const struct hv_caps *caps,
		   uint64_t cr4_allowed, struct hw_view *out)
{
	out->cr0 = guest->cr0 | caps->cr0_must;
	out->cr3 = guest->cr3;
	out->cr4 = guest->cr4 | caps->cr4_must;
	out->efer = guest->efer | caps->efer_must;
	out->exceptions = EXCEPTIONS_ALWAYS |
			  (caps->df_deliver ? BIT(VEC_DF) : 0);
	/*
	 * Read shadows let a guest see one value and run with another: the
	 * bits the hardware insists on, and those it must not get, are ours.
	 */
	if (caps->masks) {
		out->cr0 &= ~CR0_CACHE;
		out->cr0_own = caps->cr0_must | CR0_CACHE | ~CR0_DEFINED;
		out->cr4_own = ~cr4_allowed;
	} else {
		out->cr4_own = caps->cr4_can & ~cr4_allowed;
	}
	/* CPUID tells it: a write that changes it must be seen. */
	out->cr4_own |= cr4_allowed & CR4_PKE;
	if (caps->efer_hidden)
		out->intercepts |= IC_EFER_READ | IC_EFER_WRITE;
	if (!caps->pat_switch)
		out->intercepts |= IC_PAT;
	if (caps->lme_needs_pae && !(guest->cr4 & CR4_PAE)) {
		/* Until PAE is set, and paging on without it must raise #GP. */
		out->lme_held = guest->efer & EFER_LME;
		out->efer &= ~EFER_LME;
		if (out->lme_held) {
			out->cr0_own |= CR0_PG;
			out->cr4_own |= CR4_PAE;
		}
	}
}

/* Real mode under tables, on a CPU that insists on PE where there is PG. */
static void as_vm86(const struct guest_view *guest,
		    const struct rung_options *options, struct hw_view *out)
{
	out->ran_as = RAN_VM86;
	/*
	 * vm86 runs at CPL 3: no alignment checks, which real mode has not; all
	 * exceptions go through the guest's IVT, which the CPU does not read.
	 */
	out->cr0 &= ~CR0_AM;
	out->cr0_own |= CR0_AM;
	out->exceptions = UINT32_MAX;
	out->vm86_fast = options->vm86 == VM86_FAST && guest->ivt_at_zero &&
			 (guest->rflags & RFLAGS_IOPL) == RFLAGS_IOPL;
	out->cr4 = (out->cr4 & ~CR4_VME) | (out->vm86_fast ? CR4_VME : 0);
	out->cr4_own |= CR4_VME;
}

/* Paging is off and the hardware must not know: it walks our identity map. */
static void hidden(const struct guest_view *guest,
		   const struct rung_options *options, struct hw_view *out)
{
	bool real = !(guest->cr0 & CR0_PE);

	out->ran_as = RAN_HIDDEN;
	out->root = real ? ROOT_HIDDEN_VM86 : ROOT_HIDDEN;
	out->cr3 = 0;			/* the backend knows where the map is */
	out->cr4 = (out->cr4 & ~CR4_HIDDEN_OFF) | CR4_PSE;
	out->cr4_own |= CR4_HIDDEN_OFF | CR4_PSE;
	out->efer &= ~(EFER_LME | EFER_LMA);
	out->intercepts |= IC_CR3;
	out->exceptions |= BIT(VEC_PF);	/* only where the map has its hole */
	if (real)
		as_vm86(guest, options, out);
}

/* Without unrestricted guest the hardware insists on PE and PG. */
static void restricted(const struct guest_view *guest,
		       const struct rung_options *options, struct hw_view *out)
{
	out->cr0 |= CR0_MODE;
	out->cr0_own |= CR0_MODE;
	out->intercepts |= IC_EFER_READ | IC_EFER_WRITE;
	if (!(guest->cr0 & CR0_PG))
		hidden(guest, options, out);
	if (!guest->fits || (!(guest->cr0 & CR0_PG) &&
			     options->unpaged == UNPAGED_EMULATE))
		out->ran_as = RAN_EMULATED;
}

/* Paging is off: the shadow is an identity map. APM vol. 2 "Paged Real Mode" 15.19. */
static void shadowed_unpaged(const struct guest_view *guest,
			     const struct hv_caps *caps,
			     const struct rung_options *options,
			     struct hw_view *out)
{
	out->ran_as = RAN_HIDDEN;
	out->cr4 &= ~CR4_UNPAGED_OFF;
	if (!(guest->cr0 & CR0_PE)) {
		if (caps->paged_real) {
			out->ran_as = RAN_PAGED_REAL;
		} else {
			out->root = ROOT_SHADOW_VM86;
			as_vm86(guest, options, out);
		}
	}
	if (options->unpaged == UNPAGED_EMULATE)
		out->ran_as = RAN_EMULATED;
}

/*
 * The hardware walks our tables and never the guest's, whose control bits it does not
 * get. Every change of mode exits for that alone: there is nothing left to observe. Out
 * of line, so that the native rungs do not pay for it at every exit. CR3 is the root, which
 * core/control.c knows.
 */
static __attribute__((noinline))
void shadowed(const struct guest_view *guest, const struct hv_caps *caps,
	      const struct rung_options *options, uint64_t cr4_allowed,
	      struct hw_view *out)
{
	uint64_t cr0_own = CR0_MODE | CR0_WP | CR0_CACHE | ~CR0_DEFINED | caps->cr0_must;
	uint64_t cr4_own = CR4_SHADOW_OWN | ~cr4_allowed;

	/* Every field by name: to clear them all first costs more than this. */
	out->cr0 = (guest->cr0 & ~CR0_CACHE) | caps->cr0_must | CR0_PG | CR0_WP |
		   (caps->paged_real ? 0 : CR0_PE);
	out->cr3 = 0;
	out->cr4 = (guest->cr4 & ~CR4_SHADOW_OFF) | caps->cr4_must | CR4_PAE;
	out->efer = guest->efer | caps->efer_must | (caps->nx ? EFER_NXE : 0);
	out->cr0_own = cr0_own;
	out->cr4_own = cr4_own;
	out->intercepts = IC_CR0_WRITE | IC_CR4_WRITE | IC_CR3 | IC_INVLPG | IC_TASK_SWITCH |
			  IC_EFER_READ | IC_EFER_WRITE | (caps->pat_switch ? 0 : IC_PAT);
	out->observing = 0;
	out->exceptions = EXCEPTIONS_ALWAYS | BIT(VEC_PF) | (caps->df_deliver ? BIT(VEC_DF) : 0);
	out->ran_as = RAN_SHADOW;
	out->root = ROOT_SHADOW;
	out->lme_held = out->vm86_fast = out->nested = out->unrestricted = false;
	/* With CR0.PG set the CPU would take LME for long mode. */
	if (!(guest->efer & EFER_LMA)) {
		out->lme_held = guest->efer & EFER_LME;
		out->efer &= ~EFER_LME;
	}
	if (!(guest->cr0 & CR0_PG))
		shadowed_unpaged(guest, caps, options, out);
	if (!guest->fits && !caps->paged_real)
		out->ran_as = RAN_EMULATED;
	out->cr0_mask = out->cr0_own;
	out->cr4_mask = out->cr4_own;
	if (caps->masks)
		return;
	if (out->cr0 != guest->cr0)
		out->intercepts |= IC_CR0_READ;
	if (out->cr4 != guest->cr4)
		out->intercepts |= IC_CR4_READ;
}

static void observe(struct hw_view *out)
{
	uint32_t wanted = IC_CR0_WRITE | IC_CR4_WRITE | IC_EFER_WRITE;

	out->observing = wanted & ~out->intercepts;
	out->intercepts |= wanted;
	out->cr0_mask |= CR0_MODE;
	out->cr4_mask |= CR4_MODE;
}

void strategy(const struct guest_view *guest, const struct hv_caps *caps,
	      const struct rung *rung, const struct rung_options *options,
	      uint64_t cr4_allowed, struct hw_view *out)
{
	if (rung->shadow) {
		shadowed(guest, caps, options, cr4_allowed, out);
		return;
	}
	*out = (struct hw_view){
		.ran_as = RAN_NATIVE,
		.root = ROOT_GUEST,
		.nested = rung->nested,
		.unrestricted = rung->unrestricted,
	};
	native(guest, caps, cr4_allowed, out);
	if (!rung->unrestricted)
		restricted(guest, options, out);
	if (out->cr0_own)
		out->intercepts |= IC_CR0_WRITE;
	if (out->cr4_own)
		out->intercepts |= IC_CR4_WRITE;
	out->cr0_mask = out->cr0_own;
	out->cr4_mask = out->cr4_own;
	if (options->observe == OBSERVE_MODES)
		observe(out);
}

enum guest_mode strategy_mode(const struct guest_view *guest)
{
	if (!(guest->cr0 & CR0_PE))
		return MODE_REAL;
	if (!(guest->cr0 & CR0_PG))
		return MODE_UNPAGED;
	if (guest->efer & EFER_LMA)
		return MODE_LONG;
	return guest->cr4 & CR4_PAE ? MODE_PAE : MODE_32BIT;
}

const char *guest_mode_name(enum guest_mode mode)
{
	static const char *const names[] = {
		[MODE_REAL] = "real", [MODE_UNPAGED] = "unpaged",
		[MODE_32BIT] = "32bit", [MODE_PAE] = "pae",
		[MODE_LONG] = "long", [MODE_UNOBSERVED] = "unobserved",
	};

	return names[mode];
}

const char *ran_as_name(enum ran_as ran_as)
{
	static const char *const names[] = {
		[RAN_NATIVE] = "native", [RAN_PAGED_REAL] = "paged-real",
		[RAN_HIDDEN] = "hidden", [RAN_VM86] = "vm86",
		[RAN_EMULATED] = "emulated", [RAN_SHADOW] = "shadow",
		[RAN_RING3] = "ring3",
	};

	return names[ran_as];
}
