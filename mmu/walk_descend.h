/*
 * From CR3 down to the leaf: which entries are used and whether they are well
 * formed. Private to the walker; knows nothing of the access.
 *
 * On the hypervisor's hot path: inlined, and the shifts of 8-byte formats are
 * computed (nine bits a level) instead of read from pt_format.
 * SDM 3A "Paging" 4.3 to 4.5; APM vol. 2 "Page Translation" 5.2, 5.3.
 */
#ifndef MMU_WALK_DESCEND_H
#define MMU_WALK_DESCEND_H

#include "mmu/walk.h"
#include "mmu/walk_perm.h"

#define INDEX_BITS	9
#define INDEX_MASK	(BIT(INDEX_BITS) - 1)

/* Large leaves: reserved between the PAT bit and the address. */
#define PDE2M_RESERVED		BITS(20, 13)
#define PDPTE1G_RESERVED	BITS(29, 13)

#define CR3_ADDR_PAE	BITS(31, 5)
/* In the PAE top entries, beside the address bits. SDM 3A table 4-8. */
#define PDPTE_RESERVED	(BITS(63, 52) | BITS(8, 5) | BITS(2, 1))

static inline bool walk_stop(struct walk *out, unsigned level, uint32_t error)
{
	out->level = level;
	out->error = error;
	return false;
}

/* The slot that holds `at`, or NULL. */
const struct guest_mem_slot *walk_slot_of(const struct guest_mem *mem,
					  gpa_t at);

/* Where to look first. An empty slot, not NULL, when there is no memory. */
extern const struct guest_mem_slot walk_no_slot;

static inline const struct guest_mem_slot *
walk_first_slot(const struct guest_mem *mem)
{
	return mem->slots ? &mem->slot[0] : &walk_no_slot;
}

/*
 * One load, for a torn one would be an entry that the guest never wrote. *slot
 * is where the last entry lay: all tables mostly lie in one slot. Slots are
 * whole pages, so that an aligned entry never straddles their edge.
 */
static inline uint64_t walk_read_64(const struct guest_mem *mem,
				    const struct guest_mem_slot **slot,
				    gpa_t at)
{
	const struct guest_mem_slot *s = *slot;

	if (__builtin_expect(at.v - s->base.v >= s->size, 0)) {
		s = walk_slot_of(mem, at);
		if (!s)
			return UINT64_MAX;
		*slot = s;
	}
	return __atomic_load_n((const uint64_t *)((const uint8_t *)
			       hpa_ptr(s->host) + (at.v - s->base.v)),
			       __ATOMIC_RELAXED);
}

/* Why an entry ends the walk: absent, or else a reserved bit is set. */
static inline uint32_t walk_malformed(uint64_t entry)
{
	return entry & PTE_P ? PFEC_P | PFEC_RSVD : 0;
}

/* Address bits 51:MAXPHYADDR. */
static inline uint64_t walk_reserved_address(const struct walk_mode *mode)
{
	return PTE_ADDR & ~(BIT(mode->maxphyaddr) - 1);
}

static inline uint64_t walk_reserved_pdpte(const struct walk_mode *mode)
{
	return walk_reserved_address(mode) | PDPTE_RESERVED;
}

/* Reserved in every 8-byte entry, whatever its level. */
static inline uint64_t walk_reserved(const struct walk_mode *mode)
{
	return walk_reserved_address(mode) | (walk_nxe(mode) ? 0 : PTE_NX);
}

/* The bits that must be zero in an entry that has PS set. */
static inline uint64_t walk_reserved_large(const struct walk_mode *mode,
					   unsigned level)
{
	if (level == 1)
		return PDE2M_RESERVED;
	if (level == 2 && mode->page1g)
		return PDPTE1G_RESERVED;
	return PTE_PS;
}

/*
 * Fill in the translation. `seen` is the AND of the entries with NX inverted,
 * so that one AND a level gathers W, U, A and NX together.
 */
static inline bool walk_found(const struct walk_mode *mode, uint64_t va,
			      uint64_t page, uint64_t size, uint64_t seen,
			      uint64_t leaf, struct walk *out)
{
	out->gpa = gpa(page | (va & (size - 1)));
	out->page_size = size;
	out->error = 0;
	out->write = seen & PTE_W;
	out->user = seen & PTE_U;
	out->nx = !(seen & PTE_NX);
	out->global = (leaf & PTE_G) && (mode->cr4 & CR4_PGE);
	return true;
}

/*
 * Down 8-byte entries from the table of `level`. False: the P and RSVD bits of
 * the fault are in out->error. *all: the AND of the entries (for the A bit).
 */
static inline bool walk_descend_64(const struct walk_mode *mode,
				   const struct guest_mem *mem, uint64_t va,
				   uint64_t table, unsigned level,
				   uint64_t reserved, uint64_t *all,
				   struct walk *out)
{
	unsigned shift = PAGE_SHIFT + level * INDEX_BITS;
	const struct guest_mem_slot *slot = walk_first_slot(mem);
	uint64_t check = reserved | PTE_P;
	uint64_t seen = UINT64_MAX, entry, size;

	for (;; level--, shift -= INDEX_BITS) {
		gpa_t at = gpa(table + (va >> shift & INDEX_MASK) *
			       sizeof(entry));

		entry = walk_read_64(mem, &slot, at);
		out->entry_gpa[level] = at;
		out->entry[level] = entry;
		if (__builtin_expect(!!((entry ^ PTE_P) & check), 0))
			return walk_stop(out, level, walk_malformed(entry));
		seen &= entry ^ PTE_NX;
		table = entry & PTE_ADDR;
		if (!level)
			break;
		if (entry & PTE_PS) {
			if (entry & walk_reserved_large(mode, level))
				return walk_stop(out, level,
						 PFEC_P | PFEC_RSVD);
			break;
		}
	}
	*all = seen;
	out->level = level;
	size = BIT(shift);
	return walk_found(mode, va, table & -size, size, seen, entry, out);
}

/* The same from the top, for PAE and for 32-bit paging. */
bool walk_descend_pae(const struct walk_mode *mode,
		      const struct guest_mem *mem, uint64_t va,
		      uint64_t *all, struct walk *out);
bool walk_descend_32(const struct walk_mode *mode,
		     const struct guest_mem *mem, uint64_t va,
		     uint64_t *all, struct walk *out);

#endif
