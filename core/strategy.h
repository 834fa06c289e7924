/*
 * The heart of the project: from what the guest believes, what the CPU can do
 * and the rung asked for, to what the hardware runs with. One pure function;
 * both backends only apply its answer.
 */
#ifndef CORE_STRATEGY_H
#define CORE_STRATEGY_H

#include "core/backend.h"
#include "core/rung.h"
#include "core/vcpu.h"

/* Neutral intercepts: what must make the guest exit. */
#define IC_CR0_WRITE	BIT(0)	/* changes of the bits in cr0_mask */
#define IC_CR4_WRITE	BIT(1)	/* changes of the bits in cr4_mask */
#define IC_EFER_READ	BIT(2)
#define IC_EFER_WRITE	BIT(3)
#define IC_PAT		BIT(4)	/* the hardware does not switch it */
#define IC_CR3		BIT(5)	/* reads and writes */
/*
 * The hardware's value differs and there is no read shadow. Each write must exit
 * too: one that changes nothing in hardware may change what the guest has.
 */
#define IC_CR0_READ	BIT(6)
#define IC_CR4_READ	BIT(7)
#define IC_INVLPG	BIT(8)
#define IC_TASK_SWITCH	BIT(9)	/* it would load CR3 */

enum ran_as {
	RAN_NATIVE, RAN_PAGED_REAL, RAN_HIDDEN, RAN_VM86, RAN_EMULATED,
	RAN_SHADOW, RAN_RING3
};

enum guest_mode { MODE_REAL, MODE_UNPAGED, MODE_32BIT, MODE_PAE, MODE_LONG,
		  MODE_UNOBSERVED };

/* Whose tables translate linear addresses. */
enum root {
	ROOT_GUEST,
	ROOT_HIDDEN,		/* an identity map that the guest cannot see */
	ROOT_HIDDEN_VM86,	/* the same, and the task state that vm86 needs */
	ROOT_SHADOW,		/* ours, made from the guest's (an identity map with paging off) */
	ROOT_SHADOW_VM86,	/* the same, and the task state that vm86 needs */
};

struct guest_view {
	uint64_t	cr0, cr3, cr4, efer;
	uint64_t	rflags;		/* IOPL is read, where real mode is vm86 */
	bool		fits;		/* segments the hardware can be entered with: core/fits.h */
	bool		ivt_at_zero;	/* IDTR covers the IVT at 0, where vm86 looks */
};

struct hw_view {
	uint64_t	cr0, cr3, cr4, efer;	/* cr3: 0 with shadow tables */
	uint64_t	cr0_mask, cr4_mask;	/* a write that changes one of these exits */
	uint64_t	cr0_own, cr4_own;	/* the part of the masks this rung itself needs */
	uint32_t	intercepts;		/* IC_*, observing included */
	uint32_t	observing;		/* those only there to observe */
	uint32_t	exceptions;		/* bit n: vector n exits */
	enum ran_as	ran_as;
	enum root	root;
	bool		lme_held;		/* the guest's EFER.LME is not in hardware */
	bool		vm86_fast;		/* RAN_VM86 with IOPL 3 and CR4.VME */
	bool		nested;			/* nested paging / EPT on */
	bool		unrestricted;		/* unpaged guest code in hardware */
};

void strategy(const struct guest_view *guest, const struct hv_caps *caps,
	      const struct rung *rung, const struct rung_options *options,
	      uint64_t cr4_allowed, struct hw_view *out);

enum guest_mode strategy_mode(const struct guest_view *guest);

const char *guest_mode_name(enum guest_mode mode);
const char *ran_as_name(enum ran_as ran_as);

#endif
