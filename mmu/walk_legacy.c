/*
 * The guest walker's descents outside long mode: PAE and 32-bit paging; must
 * not know the access. Apart from walk_descend.h because they are seldom hot.
 */
#include "mmu/walk_descend.h"

#define PDPTE_SHIFT	30

/* 32-bit paging. */
#define INDEX_BITS_32	10
#define INDEX_MASK_32	(BIT(INDEX_BITS_32) - 1)
#define PDE_SHIFT_32	(PAGE_SHIFT + INDEX_BITS_32)
#define CR3_ADDR_32	BITS(31, 12)
#define PDE_ADDR_32	BITS(31, 12)

/* A 4 MiB PDE: SDM 3A table 4-4. PSE-36 puts address bits 39:32 in 20:13. */
#define PDE4M_ADDR	BITS(31, 22)
#define PDE4M_HIGH	BITS(20, 13)
#define PDE4M_RESERVED	BITS(21, 13)
#define PDE4M_HIGH_ADDR	BITS(39, 32)
#define PSE36_WIDTH	40
#define PSE36_SHIFT	19	/* address bit 32 stands in bit 13 */

/* PAE entries: bits 62:52 are reserved, which the longer formats ignore. */
#define PAE_RESERVED	BITS(62, 52)

static uint64_t read_32(const struct guest_mem *mem, gpa_t at)
{
	const uint32_t *p = guest_mem_ptr(mem, at, sizeof(*p), false);

	return p ? __atomic_load_n(p, __ATOMIC_RELAXED) : UINT32_MAX;
}

/*
 * PAE: the top entries are registers. The APM checks their reserved bits at
 * the walk when nested paging is on ("Legacy PAE Mode" 15.25.10), else both
 * vendors at MOV to CR3, so that none can be met here.
 */
bool walk_descend_pae(const struct walk_mode *mode,
		      const struct guest_mem *mem, uint64_t va,
		      uint64_t *all, struct walk *out)
{
	unsigned index = va >> PDPTE_SHIFT & (ARRAY_SIZE(mode->pdpte) - 1);
	uint64_t entry = mode->pdpte[index];

	out->entry_gpa[2] = gpa((mode->cr3 & CR3_ADDR_PAE) +
				index * sizeof(entry));
	out->entry[2] = entry;
	if (!(entry & PTE_P))
		return walk_stop(out, 2, 0);
	if (entry & walk_reserved_pdpte(mode))
		return walk_stop(out, 2, PFEC_P | PFEC_RSVD);
	return walk_descend_64(mode, mem, va, entry & PTE_ADDR, 1,
			       walk_reserved(mode) | PAE_RESERVED, all, out);
}

/* Which of bits 21:13 of a 4 MiB PDE are not address bits here. */
static uint64_t reserved_4m(const struct walk_mode *mode)
{
	unsigned width = mode->maxphyaddr < PSE36_WIDTH ? mode->maxphyaddr
							: PSE36_WIDTH;

	if (!mode->pse36)
		return PDE4M_RESERVED;
	return PDE4M_RESERVED & ~(BIT(width - PSE36_SHIFT) - 1);
}

static bool found_4m(const struct walk_mode *mode, uint64_t va,
				 uint64_t pde, struct walk *out)
{
	uint64_t page = (pde & PDE4M_ADDR) |
			FIELD_PUT(PDE4M_HIGH_ADDR, FIELD_GET(PDE4M_HIGH, pde));

	if (pde & reserved_4m(mode))
		return walk_stop(out, 1, PFEC_P | PFEC_RSVD);
	out->level = 1;
	return walk_found(mode, va, page, SIZE_4M, pde ^ PTE_NX, pde, out);
}

/* Down the 4-byte entries of 32-bit paging: SDM 3A "32-Bit Paging" 4.3. */
bool walk_descend_32(const struct walk_mode *mode,
		     const struct guest_mem *mem, uint64_t va,
		     uint64_t *all, struct walk *out)
{
	gpa_t at = gpa((mode->cr3 & CR3_ADDR_32) +
		       (va >> PDE_SHIFT_32 & INDEX_MASK_32) * sizeof(uint32_t));
	uint64_t pde = read_32(mem, at), pte;

	out->entry_gpa[1] = at;
	out->entry[1] = pde;
	*all = pde;
	if (!(pde & PTE_P))
		return walk_stop(out, 1, 0);
	/* Without CR4.PSE bit 7 is ignored. */
	if ((pde & PTE_PS) && (mode->cr4 & CR4_PSE))
		return found_4m(mode, va, pde, out);

	at = gpa((pde & PDE_ADDR_32) +
		 (va >> PAGE_SHIFT & INDEX_MASK_32) * sizeof(uint32_t));
	pte = read_32(mem, at);
	out->entry_gpa[0] = at;
	out->entry[0] = pte;
	*all &= pte;
	if (!(pte & PTE_P))
		return walk_stop(out, 0, 0);
	out->level = 0;
	return walk_found(mode, va, pte & PDE_ADDR_32, PAGE_SIZE,
			  *all ^ PTE_NX, pte, out);
}
