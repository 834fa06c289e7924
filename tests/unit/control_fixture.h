/*
 * Control-register writes, judged: refused with nothing changed, or taken with or
 * without a flush. Knows no rule under test.
 */
#ifndef TESTS_CONTROL_FIXTURE_H
#define TESTS_CONTROL_FIXTURE_H

#include "fake_world.h"

/* Registers as they are, to see that a refused write changed none. */
struct kept { uint64_t cr0, cr3, cr4, efer, pdpte[4], flushes; };

static inline struct kept keep(const struct world *w)
{
	const struct vcpu *v = &w->vm.vcpu;
	struct kept k;

	k.cr0 = v->cr0;
	k.cr3 = v->cr3;
	k.cr4 = v->cr4;
	k.efer = v->efer;
	memcpy(k.pdpte, v->pdpte, sizeof(k.pdpte));
	k.flushes = w->fake.flushes;
	return k;
}

static inline void assert_kept(const struct world *w, struct kept before)
{
	const struct kept now = keep(w);

	assert_memory_equal(&now, &before, sizeof(now));
}

#define assert_refused(w, call) do {					\
	const struct kept before_ = keep(w);				\
									\
	assert_false(call);						\
	assert_kept(w, before_);					\
} while (0)

/* Accepted; `flush` says whether translations had to be dropped. */
#define assert_taken(w, call, flush) do {				\
	const unsigned flushes_ = (w)->fake.flushes;			\
									\
	assert_true(call);						\
	if (flush)							\
		assert_true((w)->fake.flushes > flushes_);		\
	else								\
		assert_int_equal((w)->fake.flushes, flushes_);		\
} while (0)

/* The four PDPTEs in memory become what `first` and noise say. */
static inline void put_pdptes(struct world *w, uint64_t first)
{
	world_entry(w, WORLD_PDPT, 0, first);
	world_entry(w, WORLD_PDPT, 1, 0x5000 | PTE_P);
	world_entry(w, WORLD_PDPT, 2, 0x6000);
	world_entry(w, WORLD_PDPT, 3, 0x7000 | PTE_P);
}

static inline void assert_loaded(struct world *w, uint64_t first)
{
	assert_int_equal(w->vm.vcpu.pdpte[0], first);
	assert_int_equal(w->vm.vcpu.pdpte[1], 0x5000 | PTE_P);
	assert_int_equal(w->vm.vcpu.pdpte[2], 0x6000);
	assert_int_equal(w->vm.vcpu.pdpte[3], 0x7000 | PTE_P);
}

#define PDPTE_NEW	(0x8000 | PTE_P)
#define PDPTE_BAD	(0x8000 | PTE_P | PTE_W)	/* bit 1 is reserved */

#endif
