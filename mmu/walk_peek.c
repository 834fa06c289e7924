/*
 * The short walk: where an address that the CPU has just used leads. No rights, no
 * reserved bits, no accessed bits: the hardware has judged all that already.
 */
#include "mmu/walk.h"

#define INDEX_BITS_64	9
#define INDEX_MASK_64	(BIT(INDEX_BITS_64) - 1)
#define TOP_4LEVEL	39
#define TOP_5LEVEL	48
#define TOP_PAE_DIRECTORY 21
#define PDPTE_SHIFT	30
#define PDE_SHIFT_32	22
#define INDEX_MASK_32	(BIT(10) - 1)
#define TABLE_32	BITS(31, 12)
#define LARGE_SHIFT_MAX	30

static bool leaf(uint64_t entry, unsigned shift, uint64_t linear, gpa_t *out)
{
	uint64_t offset = BIT(shift) - 1;

	*out = gpa((entry & PTE_ADDR & ~offset) | (linear & offset));
	return true;
}

/* From the table whose entries each map BIT(shift) bytes; leaves its steps in `trail`. */
static bool descend_64(const struct guest_mem *mem, uint64_t table,
		       unsigned shift, uint64_t linear,
		       struct walk_trail *trail, gpa_t *out)
{
	/* Tables nearly always lie in the first slot: RAM from 0. */
	const uint8_t *host = hpa_ptr(mem->slot[0].host);
	uint64_t base = mem->slot[0].base.v, size = mem->slot[0].size;

	for (;; shift -= INDEX_BITS_64) {
		uint64_t index = (linear >> shift) & INDEX_MASK_64;
		uint64_t at = table + index * sizeof(uint64_t);
		const volatile uint64_t *from;
		uint64_t entry;

		if (at - base < size)	/* entries are aligned, slots whole pages */
			from = (const volatile uint64_t *)(host + (at - base));
		else
			from = guest_mem_ptr(mem, gpa(at), sizeof(entry), false);
		if (!from)
			return false;
		entry = *from;
		if (!(entry & PTE_P))
			return false;
		trail->at[trail->steps] = from;
		trail->value[trail->steps++] = entry;
		if (shift == PAGE_SHIFT ||
		    ((entry & PTE_PS) && shift <= LARGE_SHIFT_MAX))
			return leaf(entry, shift, linear, out);
		table = entry & PTE_ADDR;
	}
}

static bool entry_32(const struct guest_mem *mem, uint64_t table,
		     uint64_t index, struct walk_trail *trail, uint32_t *entry)
{
	const volatile uint32_t *at;

	at = guest_mem_ptr(mem, gpa(table + (index & INDEX_MASK_32) *
				    sizeof(*entry)), sizeof(*entry), false);
	if (!at)
		return false;
	*entry = *at;
	trail->narrow_at[trail->steps] = at;
	trail->narrow[trail->steps++] = *entry;
	return *entry & PTE_P;
}

/* PSE-36 frames are left to the full walk. */
static bool descend_32(const struct guest_mem *mem, uint64_t cr3, uint64_t cr4,
		       uint64_t linear, struct walk_trail *trail, gpa_t *out)
{
	uint32_t entry;

	if (!entry_32(mem, cr3 & TABLE_32, linear >> PDE_SHIFT_32, trail, &entry))
		return false;
	if ((entry & PTE_PS) && (cr4 & CR4_PSE))
		return !(entry & (BITS(PDE_SHIFT_32 - 1, PAGE_SHIFT + 1))) &&
		       leaf(entry, PDE_SHIFT_32, linear, out);
	if (!entry_32(mem, entry & TABLE_32, linear >> PAGE_SHIFT, trail, &entry))
		return false;
	return leaf(entry, PAGE_SHIFT, linear, out);
}

/* The same entries at the same places lead to the same page. */
static bool trail_holds(const struct walk_trail *trail,
			const struct walk_roots *roots, uint64_t linear)
{
	if (trail->page != linear >> PAGE_SHIFT || trail->cr3 != roots->cr3 ||
	    trail->mode != (roots->cr4 & CR4_LA57) || !trail->steps)
		return false;
	for (unsigned i = 0; i < trail->steps; i++)
		if (*trail->at[i] != trail->value[i])
			return false;
	return true;
}

static bool peek_long(const struct guest_mem *mem,
		      const struct walk_roots *roots, uint64_t linear,
		      struct walk_trail *trail, gpa_t *out)
{
	bool five = roots->cr4 & CR4_LA57;

	if (trail_holds(trail, roots, linear)) {
		*out = gpa(trail->gpa_page | (linear & PAGE_MASK));
		return true;
	}
	trail->steps = 0;
	if (!descend_64(mem, roots->cr3 & PTE_ADDR,
			five ? TOP_5LEVEL : TOP_4LEVEL, linear, trail, out)) {
		trail->steps = 0;
		return false;
	}
	trail->page = linear >> PAGE_SHIFT;
	trail->cr3 = roots->cr3;
	trail->mode = roots->cr4 & CR4_LA57;
	trail->gpa_page = out->v & ~PAGE_MASK;
	return true;
}

/* CR4.PSE decides what a directory's entry means. No long mode has this value. */
static uint64_t narrow_mode(const struct walk_roots *roots)
{
	return 1 | (roots->cr4 & CR4_PSE);
}

static bool peek_32(const struct guest_mem *mem, const struct walk_roots *roots,
		    uint32_t linear, struct walk_trail *trail, gpa_t *out)
{
	uint64_t mode = narrow_mode(roots);

	if (trail->page == linear >> PAGE_SHIFT && trail->cr3 == roots->cr3 &&
	    trail->mode == mode && trail->steps &&
	    *trail->narrow_at[0] == trail->narrow[0] &&
	    (trail->steps == 1 || *trail->narrow_at[1] == trail->narrow[1])) {
		*out = gpa(trail->gpa_page | (linear & PAGE_MASK));
		return true;
	}
	trail->steps = 0;
	if (!descend_32(mem, roots->cr3, roots->cr4, linear, trail, out)) {
		trail->steps = 0;
		return false;
	}
	trail->page = linear >> PAGE_SHIFT;
	trail->cr3 = roots->cr3;
	trail->mode = mode;
	trail->gpa_page = out->v & ~PAGE_MASK;
	return true;
}

bool walk_peek(const struct guest_mem *mem, const struct walk_roots *roots,
	       gva_t address, struct walk_trail *trail, gpa_t *out)
{
	uint64_t linear = address.v;

	if (roots->efer & EFER_LMA)
		return peek_long(mem, roots, linear, trail, out);
	if (roots->cr4 & CR4_PAE) {
		uint64_t pdpte = roots->pdpte[(uint32_t)linear >> PDPTE_SHIFT];
		bool found;

		trail->steps = 0;
		found = (pdpte & PTE_P) &&
			descend_64(mem, pdpte & PTE_ADDR,
					TOP_PAE_DIRECTORY, (uint32_t)linear,
					trail, out);

		trail->steps = 0;	/* the PDPTE is not among them */
		return found;
	}
	return peek_32(mem, roots, (uint32_t)linear, trail, out);
}
