/*
 * Builder entries, coded and decoded for every format; must not know ranges.
 * SDM 3A "Paging" tables 4-4 to 4-20; SDM 3C tables 28-1 to 28-6.
 */
#include "mmu/ptab_entry.h"

void *ptab_slot(const struct ptab *pt, unsigned level, hpa_t table, uint64_t va)
{
	const struct pt_level *l = &pt->format->level[level];
	uint64_t index = (va >> l->shift) & (BIT(l->bits) - 1);

	return (uint8_t *)hpa_ptr(table) + index * pt->format->entry_size;
}

uint64_t ptab_read(const struct ptab *pt, const void *slot)
{
	if (pt->format->entry_size == sizeof(uint32_t))
		return __atomic_load_n((const uint32_t *)slot, __ATOMIC_RELAXED);
	return __atomic_load_n((const uint64_t *)slot, __ATOMIC_RELAXED);
}

void ptab_write(const struct ptab *pt, void *slot, uint64_t entry)
{
	if (pt->format->entry_size == sizeof(uint32_t))
		__atomic_store_n((uint32_t *)slot, (uint32_t)entry,
				 __ATOMIC_RELEASE);
	else
		__atomic_store_n((uint64_t *)slot, entry, __ATOMIC_RELEASE);
}

/*
 * In a PAE PDPTE the W and U bits are reserved: SDM 3A table 4-8. It is the
 * only top level narrower than its tables.
 */
static bool is_pdpte(const struct ptab *pt, unsigned level)
{
	return pt->format->level[level].bits < pt->format->level[0].bits;
}

uint64_t ptab_table_entry(const struct ptab *pt, unsigned level, hpa_t table)
{
	if (pt->format->ept)
		return table.v | EPT_R | EPT_W | EPT_X;
	if (is_pdpte(pt, level))
		return table.v | PTE_P;
	return table.v | PTE_P | PTE_W | PTE_U;
}

static uint64_t ept_leaf(unsigned level, uint64_t pa, unsigned prot)
{
	unsigned type = prot & PROT_UNCACHED ? EPT_MEMTYPE_UC : EPT_MEMTYPE_WB;

	return pa | FIELD_PUT(EPT_MEMTYPE, (uint64_t)type) |
	       (prot & PROT_R ? EPT_R : 0) |
	       (prot & PROT_W ? EPT_W : 0) |
	       (prot & PROT_X ? EPT_X : 0) |
	       (level ? EPT_PS : 0);
}

uint64_t ptab_leaf_entry(const struct ptab *pt, unsigned level, uint64_t pa,
			 unsigned prot)
{
	if (pt->format->ept)
		return ept_leaf(level, pa, prot);

	bool nx = pt->nx && pt->format->entry_size == sizeof(uint64_t);

	/* PCD and PWT choose PAT entry 3: uncacheable from reset on. */
	return pa | PTE_P | PTE_A | PTE_D |
	       (prot & PROT_W ? PTE_W : 0) |
	       (prot & PROT_U ? PTE_U : 0) |
	       (prot & PROT_UNCACHED ? PTE_PCD | PTE_PWT : 0) |
	       (nx && !(prot & PROT_X) ? PTE_NX : 0) |
	       (level ? PTE_PS : 0);
}

bool ptab_present(const struct ptab *pt, uint64_t entry)
{
	return entry & (pt->format->ept ? EPT_R | EPT_W | EPT_X : PTE_P);
}

bool ptab_is_leaf(const struct ptab *pt, unsigned level, uint64_t entry)
{
	/* NOLINTNEXTLINE(misc-redundant-expression): equal is what is asserted */
	_Static_assert(PTE_PS == EPT_PS, "one bit marks a leaf in all formats");

	return !level || (pt->format->level[level].leaf && (entry & PTE_PS));
}

static unsigned ept_prot(uint64_t entry, bool leaf)
{
	unsigned prot = (entry & EPT_R ? PROT_R : 0) |
			(entry & EPT_W ? PROT_W : 0) |
			(entry & EPT_X ? PROT_X : 0);

	if (leaf && FIELD_GET(EPT_MEMTYPE, entry) == EPT_MEMTYPE_UC)
		prot |= PROT_UNCACHED;
	return prot;
}

unsigned ptab_entry_prot(const struct ptab *pt, unsigned level, uint64_t entry)
{
	bool leaf = ptab_is_leaf(pt, level, entry);

	if (pt->format->ept)
		return ept_prot(entry, leaf);
	if (is_pdpte(pt, level))
		return PROT_ALL;
	return PROT_R | (entry & PTE_W ? PROT_W : 0) |
	       (entry & PTE_U ? PROT_U : 0) |
	       (entry & PTE_NX ? 0 : PROT_X) |
	       (leaf && (entry & PTE_PCD) ? PROT_UNCACHED : 0);
}

uint64_t ptab_entry_pa(const struct ptab *pt, unsigned level, uint64_t entry,
		       bool leaf)
{
	return align_down(entry & PTE_ADDR,
			  leaf ? ptab_level_size(pt, level) : PAGE_SIZE);
}

unsigned ptab_descend(const struct ptab *pt, uint64_t va, void **slot,
		      uint64_t *entry)
{
	unsigned level = pt->format->levels - 1u;
	hpa_t table = pt->root;

	for (;; level--) {
		*slot = ptab_slot(pt, level, table, va);
		*entry = ptab_read(pt, *slot);
		if (!ptab_present(pt, *entry) ||
		    ptab_is_leaf(pt, level, *entry))
			return level;
		table = hpa(ptab_entry_pa(pt, level, *entry, false));
	}
}

static bool address_ok(const struct ptab *pt, uint64_t va)
{
	const struct pt_format *f = pt->format;
	unsigned width = f->level[f->levels - 1].shift +
			 f->level[f->levels - 1].bits;

	/* EPT, 32-bit and PAE addresses are plain; the others sign-extend. */
	if (f->ept || f->levels <= pt_format_pae.levels)
		return va < BIT(width);

	uint64_t above = va >> (width - 1);

	return above == 0 || above == ~UINT64_C(0) >> (width - 1);
}

bool ptab_range_ok(const struct ptab *pt, uint64_t va, uint64_t size)
{
	uint64_t last = va + size - 1;

	/* The two ends of a range across the hole differ in bit 63. */
	return size && !((va | size) & PAGE_MASK) && last >= va &&
	       !((va ^ last) & BIT(63)) &&
	       address_ok(pt, va) && address_ok(pt, last);
}
