/*
 * What stands before a walk: the mode, the PDPTEs, the slot of a table; must
 * not know entries below them.
 */
#include "mmu/walk.h"

#include "mmu/walk_descend.h"

const struct pt_format *walk_format(const struct walk_mode *mode)
{
	if (!(mode->cr0 & CR0_PG))
		return NULL;
	if (mode->efer & EFER_LMA)
		return mode->cr4 & CR4_LA57 ? &pt_format_5level
					    : &pt_format_4level;
	return mode->cr4 & CR4_PAE ? &pt_format_pae : &pt_format_32bit;
}

bool walk_load_pdptes(struct walk_mode *mode, const struct guest_mem *mem,
		      uint64_t cr3)
{
	const struct guest_mem_slot *slot = walk_first_slot(mem);
	uint64_t table = cr3 & CR3_ADDR_PAE;
	bool good = true;

	for (unsigned i = 0; i < ARRAY_SIZE(mode->pdpte); i++) {
		gpa_t at = gpa(table + i * sizeof(uint64_t));
		uint64_t entry = walk_read_64(mem, &slot, at);

		mode->pdpte[i] = entry;
		if ((entry & PTE_P) && (entry & walk_reserved_pdpte(mode)))
			good = false;
	}
	return good;
}

const struct guest_mem_slot walk_no_slot = { .size = 0 };

const struct guest_mem_slot *walk_slot_of(const struct guest_mem *mem,
					  gpa_t at)
{
	for (unsigned i = 0; i < mem->slots; i++)
		if (at.v - mem->slot[i].base.v < mem->slot[i].size)
			return &mem->slot[i];
	return NULL;
}
