/*
 * The rungs and their options, as named on the command line: what may be asked
 * for. What a rung does is core/strategy; what a CPU can do is the backend's probe.
 */
#ifndef CORE_RUNG_H
#define CORE_RUNG_H

#include "mmu/shadow.h"

enum rung_id {
	RUNG_BARE, RUNG_SVM_NPT, RUNG_SVM_SHADOW, RUNG_VMX_UG, RUNG_VMX_EPT,
	RUNG_VMX_SHADOW, RUNG_RING3, RUNG_COUNT
};

struct rung {
	enum rung_id	id;
	const char	*name;
	const char	*backend;	/* its name, or NULL: none */
	bool		nested;		/* needs nested paging / EPT */
	bool		unrestricted;	/* needs unpaged guests in hardware */
	bool		shadow;		/* our tables instead of the guest's: mmu/shadow.h */
	bool		vm86;		/* real mode runs as virtual-8086 mode */
	bool		built;		/* this build offers it */
};

enum observe { OBSERVE_MODES, OBSERVE_NONE };

/* How code with paging off runs where the hardware insists on paging. */
enum unpaged { UNPAGED_HIDDEN, UNPAGED_EMULATE };

/*
 * Real mode as virtual-8086 mode: exact traps whatever touches IOPL or IF; fast
 * lets it run while the guest's own IOPL is 3, and misses a guest lowering it.
 */
enum vm86 { VM86_EXACT, VM86_FAST };

struct rung_options {
	enum observe	observe;
	bool		tags;		/* ASID / VPID in use */
	enum unpaged	unpaged;
	enum vm86	vm86;
	enum shadow_sync sync;
};

extern const struct rung rungs[RUNG_COUNT];

/* NULL when no rung is called that. `size` bytes of name, no terminator needed. */
const struct rung *rung_find(const char *name, unsigned size);

/* "unsync", "protect", "flush": as on the command line and in the record. */
const char *rung_sync_name(enum shadow_sync sync);

#endif
