/*
 * The page of one linear address that the guest must not write, wherever the current
 * root leads for it; must not know what writes there, nor why.
 */
#include "mmu/shadow_page.h"

bool shadow_guard_leads(const struct shadow *s, unsigned page, unsigned level)
{
	uint64_t va = shadow_linear(s, s->guard);
	unsigned reached;

	return shadow_descend(s, va, level, &reached) == page;
}

void shadow_guard(struct shadow *s, gva_t address)
{
	if (s->guarded && s->guard == address.v)
		return;
	s->guarded = true;
	s->guard = address.v;
	s->guard_due = true;
	/* The hardware may remember more than the entry says by now. */
	s->flush = true;
}

void shadow_unguard(struct shadow *s)
{
	s->guarded = false;
	s->guard_due = false;
}

/*
 * A leaf made by a fault is read-only if it is the guarded one by then. A link or a root
 * may since lead to one that is not; and what is brought back in step is as the guest's.
 */
void shadow_guard_check(struct shadow *s)
{
	uint64_t va = shadow_linear(s, s->guard);
	unsigned level, page = shadow_descend(s, va, 0, &level);
	unsigned slot = shadow_slot(va, level);
	const struct shadow_page *p = &s->page[page];
	uint64_t entry = p->table[slot];

	s->guard_due = false;
	if (!shadow_used(p, slot) || !(entry & PTE_W) ||
	    !shadow_leaf_at(level, entry))
		return;
	/* Of a large one, the next fault for a write makes smaller ones. */
	(void)shadow_set_leaf(s, page, slot, entry & ~PTE_W,
			      shadow_gfn_of(s, entry & PTE_ADDR));
}
