/*
 * The plain translation through four levels, 4 KiB and 2 MiB pages. Must not
 * decide anything that is not plain.
 */
#include "core/emulate/translate.h"

#define INDEX_BITS	9
#define TOP_SHIFT	39
#define RESERVED_2M	BITS(20, 13)

/* SMEP, SMAP and protection keys judge user pages: then it is not plain. */
static inline bool plain_owner(const struct exec *x, uint64_t seen, unsigned access)
{
	uint64_t judges = access & ACCESS_USER ? CR4_PKE : CR4_SMEP | CR4_SMAP | CR4_PKE;

	return !(seen & PTE_U) || !(x->v->cr4 & judges);
}

bool plain_long(const struct exec *x, uint64_t linear, unsigned access, gpa_t *at)
{
	const struct emu *emu = x->emu;
	const struct guest_mem_slot *s = &emu->mem->slot[0];
	const uint8_t *host = hpa_ptr(s->host);
	uint64_t first = s->base.v, size = s->size;
	bool nx = emu->nx && x->v->efer & EFER_NXE && !(access & ACCESS_FETCH);
	uint64_t forbidden = (PTE_ADDR & ~(BIT(emu->maxphyaddr) - 1)) | (nx ? 0 : PTE_NX);
	uint64_t need = plain_need(access), table = x->v->cr3 & PTE_ADDR;
	uint64_t seen = UINT64_MAX, entry;
	unsigned shift = TOP_SHIFT;

	if (x->v->cr4 & CR4_LA57 || !seg_canonical(x, linear))
		return false;
	for (;; shift -= INDEX_BITS) {
		uint64_t offset = table - first +
				  (linear >> shift & (BIT(INDEX_BITS) - 1)) * sizeof(entry);

		if (offset >= size)
			return false;
		entry = __atomic_load_n((const uint64_t *)(const void *)(host + offset),
					__ATOMIC_RELAXED);
		if ((entry & (need | forbidden)) != need)
			return false;
		seen &= entry;
		table = entry & PTE_ADDR;
		if (shift == PAGE_SHIFT)
			break;
		if (entry & PTE_PS) {
			if (shift != PAGE_SHIFT + INDEX_BITS ||
			    entry & RESERVED_2M)
				return false;
			table &= ~(BIT(shift) - 1);
			break;
		}
	}
	if ((access & ACCESS_WRITE && !(entry & PTE_D)) || !plain_owner(x, seen, access))
		return false;
	*at = gpa(table | (linear & (BIT(shift) - 1)));
	return true;
}
