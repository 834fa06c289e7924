/*
 * The guest walker: chooses the descent, judges the access, sets accessed and
 * dirty; must not know who asks nor what becomes of a fault.
 */
#include "mmu/walk.h"

#include "mmu/walk_descend.h"
#include "mmu/walk_perm.h"

/*
 * Restarts allowed when another CPU changes entries under the walk, or when
 * one entry serves at several levels and its A bit changes under itself. After
 * them the translation stands as last read, without the missing A and D: only
 * guest CPUs that race with themselves can see that.
 */
#define WALK_TRIES	8

static enum walk_result unpaged(gva_t address, struct walk *out)
{
	*out = (struct walk){
		.gpa = gpa(address.v), .page_size = SIZE_4G,
		.write = true, .user = true,
	};
	return WALK_OK;
}

static bool canonical(uint64_t va, unsigned levels)
{
	unsigned unused = 64 - (PAGE_SHIFT + levels * INDEX_BITS);

	return (uint64_t)((int64_t)(va << unused) >> unused) == va;
}

static inline enum walk_result descend(const struct walk_mode *mode,
				       const struct guest_mem *mem, uint64_t va,
				       uint64_t *all, struct walk *out)
{
	bool found;

	if (__builtin_expect(!!(mode->efer & EFER_LMA), 1)) {
		unsigned levels = 4 + FIELD_GET(CR4_LA57, mode->cr4);

		out->levels = levels;
		if (!canonical(va, levels))
			return WALK_NOT_CANONICAL;
		found = walk_descend_64(mode, mem, va, mode->cr3 & PTE_ADDR,
					levels - 1, walk_reserved(mode),
					all, out);
	} else if (mode->cr4 & CR4_PAE) {
		out->levels = 3;
		found = walk_descend_pae(mode, mem, va, all, out);
	} else {
		out->levels = 2;
		found = walk_descend_32(mode, mem, va, all, out);
	}
	return found ? WALK_OK : WALK_FAULT;
}

/* Put `set` into an entry that still is as read; false when it is not. */
static bool entry_update(void *p, bool wide, uint64_t entry, uint64_t set)
{
	uint32_t narrow = (uint32_t)entry;

	if (wide)
		return __atomic_compare_exchange_n((uint64_t *)p, &entry,
						   entry | set, false,
						   __ATOMIC_SEQ_CST,
						   __ATOMIC_RELAXED);
	return __atomic_compare_exchange_n((uint32_t *)p, &narrow,
					   narrow | (uint32_t)set, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/*
 * Set A in each entry used, and D in the last for a write. False: an entry has
 * changed since it was read, walk again. Entries in ROM or outside memory stay.
 */
__attribute__((noinline))
static bool mark(const struct guest_mem *mem, struct walk *out,
		 unsigned access)
{
	uint64_t leaf_set = access & ACCESS_WRITE ? PTE_A | PTE_D : PTE_A;
	bool wide = out->levels > 2;
	/* PAE's top entries are registers without an A bit. */
	unsigned level = out->levels == 3 ? 1 : out->levels - 1u;

	for (;; level--) {
		uint64_t set = level == out->level ? leaf_set : PTE_A;
		uint64_t entry = out->entry[level];

		if (set & ~entry) {
			void *p = guest_mem_ptr(mem, out->entry_gpa[level],
						wide ? sizeof(uint64_t)
						     : sizeof(uint32_t), true);

			if (p && !entry_update(p, wide, entry, set))
				return false;
			if (p)
				out->entry[level] = entry | set;
		}
		if (level == out->level)
			return true;
	}
}

/* Is there nothing left for mark() to do? `all` is the AND of the entries. */
static inline bool marked(const struct walk *w, uint64_t all, unsigned access)
{
	return (all & PTE_A) &&
	       (!(access & ACCESS_WRITE) || (w->entry[w->level] & PTE_D));
}

/* Does the page refuse the access? Then the error code is complete. */
static inline bool refused(const struct walk_mode *mode, unsigned access,
			   struct walk *w)
{
	uint32_t pkey = 0;

	if ((mode->cr4 & CR4_PKE) && (mode->efer & EFER_LMA) && w->user)
		pkey = walk_pkey_error(mode, access, w->entry[w->level]);
	if (!pkey && !walk_denied(mode, access, w))
		return false;
	w->error = PFEC_P | pkey | walk_access_error(mode, access);
	return true;
}

/*
 * A and D change only when the whole walk succeeds. The manuals let a CPU mark
 * the upper entries of a walk that then faults, or not, for the A bit tells of
 * use in a translation (SDM 3A "Accessed and Dirty Flags" 4.8): software must
 * bear both. D must not be set by a refused write.
 */
enum walk_result walk(const struct walk_mode *mode, const struct guest_mem *mem,
		      gva_t address, unsigned access, struct walk *out)
{
	if (!(mode->cr0 & CR0_PG))
		return unpaged(address, out);

	for (unsigned tries = WALK_TRIES;; tries--) {
		uint64_t all = 0;
		enum walk_result result = descend(mode, mem, address.v, &all,
						  out);

		if (result == WALK_FAULT)
			out->error |= walk_access_error(mode, access);
		if (result != WALK_OK)
			return result;
		if (refused(mode, access, out))
			return WALK_FAULT;
		if ((access & ACCESS_NO_AD) || marked(out, all, access))
			return WALK_OK;
		if (mark(mem, out, access) || !tries)
			return WALK_OK;
	}
}
