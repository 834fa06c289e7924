/*
 * The common translation by a straight road: every right granted by every entry,
 * accessed and dirty set already, nothing reserved. Must not decide anything
 * else: whatever looks unusual here is walk()'s to judge.
 */
#ifndef CORE_EMULATE_TRANSLATE_H
#define CORE_EMULATE_TRANSLATE_H

#include "core/emulate/exec.h"

#define PLAIN_INDEX_BITS_32	10	/* 32-bit paging */
#define PLAIN_TABLE_32		BITS(31, 12)

/* Guest memory in the first slot, where nearly all of it lies; NULL: elsewhere. */
static inline uint8_t *first_slot_ptr(const struct guest_mem *mem, uint64_t at)
{
	const struct guest_mem_slot *s = &mem->slot[0];
	uint64_t offset = at - s->base.v;

	return offset < s->size ? (uint8_t *)hpa_ptr(s->host) + offset : NULL;
}

/* What all entries must have set, by access; the last one of a write has D, too. */
static inline uint32_t plain_need(unsigned access)
{
#define NEED_READ	(PTE_P | PTE_A)
#define NEED_WRITE	(PTE_P | PTE_A | PTE_W)
	static const uint8_t need[ACCESS_IMPLICIT] = {
		[ACCESS_READ] = NEED_READ, [ACCESS_WRITE] = NEED_WRITE,
		[ACCESS_FETCH] = NEED_READ,
		[ACCESS_USER] = NEED_READ | PTE_U,
		[ACCESS_USER | ACCESS_WRITE] = NEED_WRITE | PTE_U,
		[ACCESS_USER | ACCESS_FETCH] = NEED_READ | PTE_U,
	};

	return need[access];
}

static inline bool plain_32(const struct exec *x, uint64_t linear, unsigned access, gpa_t *at)
{
	const struct guest_mem_slot *s = &x->emu->mem->slot[0];
	const uint8_t *host = hpa_ptr(s->host);
	uint32_t need = plain_need(access), pde, pte;
	uint64_t offset;

	offset = (x->v->cr3 & PLAIN_TABLE_32) - s->base.v +
		 ((uint32_t)linear >> (PAGE_SHIFT + PLAIN_INDEX_BITS_32)) * sizeof(pde);
	if (offset >= s->size)
		return false;
	pde = __atomic_load_n((const uint32_t *)(const void *)(host + offset), __ATOMIC_RELAXED);
	offset = (pde & (uint32_t)PLAIN_TABLE_32) - s->base.v +
		 ((uint32_t)linear >> PAGE_SHIFT & (BIT(PLAIN_INDEX_BITS_32) - 1)) * sizeof(pte);
	if (offset >= s->size || pde & PTE_PS)
		return false;
	pte = __atomic_load_n((const uint32_t *)(const void *)(host + offset), __ATOMIC_RELAXED);
	if (need & ~(pde & pte) || (access & ACCESS_WRITE && !(pte & PTE_D)))
		return false;
	*at = gpa((pte & (uint32_t)PLAIN_TABLE_32) | (linear & PAGE_MASK));
	return true;
}

/* The same for four levels: translate.c. */
bool plain_long(const struct exec *x, uint64_t linear, unsigned access, gpa_t *at);

/*
 * True: *at is what walk() would answer, and walk() would write nothing. SMEP, SMAP
 * and protection keys judge the owner of a page: 32-bit code that has them walks.
 */
static inline bool translate_plain(const struct exec *x, uint64_t linear, unsigned access,
				   gpa_t *at)
{
	if (x->v->efer & EFER_LMA)
		return plain_long(x, linear, access, at);
	return !(x->v->cr4 & (CR4_PAE | CR4_SMEP | CR4_SMAP | CR4_PKE)) &&
	       plain_32(x, linear, access, at);
}

#endif
