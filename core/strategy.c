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

static void native_masks(const struct hv_caps *caps, uint64_t cr4_allowed,
			 struct hw_view *out)
{
	/*
	 * Read shadows let a guest see one value and run with another: the
	 * bits the hardware insists on, and those it must not get, are ours.
	 */
	out->cr0_own = caps->masks ? caps->cr0_must | CR0_CACHE |
				     ~CR0_DEFINED : 0;
	out->cr0_own &= ~(CR0_PE | CR0_PG);
	out->cr4_own = caps->masks ? ~cr4_allowed : caps->cr4_can & ~cr4_allowed;
}

void strategy(const struct guest_view *guest, const struct hv_caps *caps,
	      const struct rung *rung, const struct rung_options *options,
	      uint64_t cr4_allowed, struct hw_view *out)
{
	bool observe = options->observe == OBSERVE_MODES;

	*out = (struct hw_view){
		.cr3 = guest->cr3,
		.ran_as = RAN_NATIVE,
		.nested = rung->nested,
		.unrestricted = rung->unrestricted,
		.exceptions = EXCEPTIONS_ALWAYS |
			      (caps->df_deliver ? BIT(VEC_DF) : 0),
	};
	native_masks(caps, cr4_allowed, out);

	out->cr0 = guest->cr0 | caps->cr0_must;
	if (caps->masks)
		out->cr0 &= ~CR0_CACHE;
	out->cr4 = guest->cr4 | caps->cr4_must;
	out->efer = guest->efer | caps->efer_must;

	if (out->cr0_own)
		out->intercepts |= IC_CR0_WRITE;
	if (out->cr4_own)
		out->intercepts |= IC_CR4_WRITE;
	if (caps->efer_hidden)
		out->intercepts |= IC_EFER_READ | IC_EFER_WRITE;
	if (!caps->pat_switch)
		out->intercepts |= IC_PAT;

	out->cr0_mask = out->cr0_own;
	out->cr4_mask = out->cr4_own;
	if (observe) {
		uint32_t wanted = IC_CR0_WRITE | IC_CR4_WRITE | IC_EFER_WRITE;

		out->observing = wanted & ~out->intercepts;
		out->intercepts |= wanted;
		out->cr0_mask |= CR0_MODE;
		out->cr4_mask |= CR4_MODE;
	}
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
