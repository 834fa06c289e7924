/*
 * A second model of the page walk, written from the manual alone: slow, plain, one
 * function per paging mode. Must not know how mmu/ does it; shares only its names.
 * SDM 3A "Paging" 4.3 to 4.8. The contract's own choices (what is read outside memory,
 * A/D set only when the whole walk succeeds) are those of mmu/walk.h.
 */
#ifndef TESTS_WALK_MODEL_H
#define TESTS_WALK_MODEL_H

#include <string.h>

#include "mmu/walk.h"

struct model_slot {
	uint64_t base, size;
	uint8_t *bytes;
	bool rom;
};

struct model_memory {
	struct model_slot slot[GUEST_MEM_SLOTS];
	unsigned slots;
};

enum model_found { MODEL_TRANSLATED, MODEL_NOT_PRESENT, MODEL_RESERVED };

struct model {
	const struct walk_mode *mode;
	const struct model_memory *mem;
	uint64_t address;
	unsigned access;

	enum model_found found;
	unsigned levels, level;		/* of the mode; index of the last entry read */
	unsigned entry_size;
	uint64_t entry[PT_LEVELS_MAX], entry_at[PT_LEVELS_MAX];
	bool controls[PT_LEVELS_MAX];	/* has R/W, U/S and A: all but a PAE PDPTE */

	uint64_t physical, page_size;
	uint32_t error;
};

/* ---- words ---- */

static inline uint64_t model_bits(uint64_t value, unsigned hi, unsigned lo)
{
	return value >> lo & (~UINT64_C(0) >> (63 - (hi - lo)));
}

static inline uint64_t model_mask(unsigned hi, unsigned lo)
{
	return hi < lo ? 0 : ~UINT64_C(0) >> (63 - (hi - lo)) << lo;
}

static inline bool model_bit(uint64_t value, unsigned n)
{
	return value >> n & 1;
}

static inline uint8_t *model_at(const struct model_memory *mem, uint64_t at, bool *rom)
{
	for (unsigned i = 0; i < mem->slots; i++) {
		const struct model_slot *s = &mem->slot[i];

		if (at >= s->base && at - s->base < s->size) {
			*rom = s->rom;
			return s->bytes + (at - s->base);
		}
	}
	return NULL;
}

/* An entry is aligned to its size, so that it never lies in two slots. */
static inline uint64_t model_read(struct model *m, unsigned level, uint64_t at)
{
	uint64_t value = 0;
	bool rom;
	const uint8_t *from = model_at(m->mem, at, &rom);

	if (from)
		memcpy(&value, from, m->entry_size);
	else
		memset(&value, UINT8_MAX, m->entry_size);
	m->level = level;
	m->entry[level] = value;
	m->entry_at[level] = at;
	m->controls[level] = true;
	return value;
}

static inline bool model_nxe(const struct walk_mode *mode)
{
	return mode->nx && mode->efer & EFER_NXE;
}

/* P first: nothing else is looked at in an entry that is not present (4.7, RSVD flag). */
static inline bool model_good(struct model *m, uint64_t entry, uint64_t reserved)
{
	if (!model_bit(entry, 0))
		m->found = MODEL_NOT_PRESENT;
	else if (entry & reserved)
		m->found = MODEL_RESERVED;
	else
		return true;
	return false;
}

static inline void model_maps(struct model *m, uint64_t page, uint64_t size)
{
	m->found = MODEL_TRANSLATED;
	m->page_size = size;
	m->physical = page | (m->address & (size - 1));
}

/* ---- 4.3 32-bit paging: tables 4-3 to 4-6 ---- */

/* Reserved only with CR4.PSE, and then only in a PDE that maps a page. */
static inline uint64_t model_reserved_4m(const struct walk_mode *mode)
{
	unsigned m = mode->maxphyaddr < 40 ? mode->maxphyaddr : 40;

	return mode->pse36 ? model_mask(21, m - 19) : model_mask(21, 13);
}

static inline void model_32bit(struct model *m)
{
	const struct walk_mode *mode = m->mode;
	bool pse = mode->cr4 & CR4_PSE;
	uint64_t pde, pte, page;

	m->levels = 2;
	m->entry_size = 4;
	pde = model_read(m, 1, (mode->cr3 & model_mask(31, 12)) |
			       model_bits(m->address, 31, 22) << 2);
	if (pse && model_bit(pde, 7)) {
		if (!model_good(m, pde, model_reserved_4m(mode)))
			return;
		page = pde & model_mask(31, 22);
		if (mode->pse36)
			page |= model_bits(pde, 20, 13) << 32;
		model_maps(m, page, UINT64_C(4) << 20);
		return;
	}
	if (!model_good(m, pde, 0))
		return;
	pte = model_read(m, 0, (pde & model_mask(31, 12)) |
			       model_bits(m->address, 21, 12) << 2);
	if (model_good(m, pte, 0))
		model_maps(m, pte & model_mask(31, 12), UINT64_C(4) << 10);
}

/* ---- 4.4 PAE paging: tables 4-7 to 4-11 ---- */

static inline uint64_t model_reserved_pdpte(const struct walk_mode *mode)
{
	return model_mask(2, 1) | model_mask(8, 5) | model_mask(63, mode->maxphyaddr);
}

static inline void model_pae(struct model *m)
{
	const struct walk_mode *mode = m->mode;
	uint64_t reserved = model_mask(62, mode->maxphyaddr);
	uint64_t address = model_mask(51, 12);
	uint64_t pdpte, pde, pte;
	unsigned i = (unsigned)model_bits(m->address, 31, 30);

	if (!model_nxe(mode))
		reserved |= model_mask(63, 63);
	m->levels = 3;
	m->entry_size = 8;
	m->level = 2;
	/* The register, not memory; where it came from is for the record only. */
	pdpte = m->entry[2] = mode->pdpte[i];
	m->entry_at[2] = (mode->cr3 & model_mask(31, 5)) | i << 3;
	if (!model_good(m, pdpte, model_reserved_pdpte(mode)))
		return;
	pde = model_read(m, 1, (pdpte & address) | model_bits(m->address, 29, 21) << 3);
	if (model_bit(pde, 7)) {
		if (model_good(m, pde, reserved | model_mask(20, 13)))
			model_maps(m, pde & model_mask(51, 21), UINT64_C(2) << 20);
		return;
	}
	if (!model_good(m, pde, reserved))
		return;
	pte = model_read(m, 0, (pde & address) | model_bits(m->address, 20, 12) << 3);
	if (model_good(m, pte, reserved))
		model_maps(m, pte & address, UINT64_C(4) << 10);
}

/* ---- 4.5 4-level and 5-level paging: tables 4-12 to 4-20 ---- */

static inline uint64_t model_reserved_long(const struct walk_mode *mode)
{
	uint64_t reserved = model_mask(51, mode->maxphyaddr);

	if (!model_nxe(mode))
		reserved |= model_mask(63, 63);
	return reserved;
}

/* From the PDPT on, 4-level and 5-level paging are the same. */
static inline void model_long_pdpt(struct model *m, uint64_t table)
{
	uint64_t reserved = model_reserved_long(m->mode);
	uint64_t address = model_mask(51, 12);
	uint64_t pdpte, pde, pte;

	pdpte = model_read(m, 2, table | model_bits(m->address, 38, 30) << 3);
	if (model_bit(pdpte, 7)) {
		if (!m->mode->page1g)
			reserved |= model_mask(7, 7);
		if (model_good(m, pdpte, reserved | model_mask(29, 13)))
			model_maps(m, pdpte & model_mask(51, 30), UINT64_C(1) << 30);
		return;
	}
	if (!model_good(m, pdpte, reserved))
		return;
	pde = model_read(m, 1, (pdpte & address) | model_bits(m->address, 29, 21) << 3);
	if (model_bit(pde, 7)) {
		if (model_good(m, pde, reserved | model_mask(20, 13)))
			model_maps(m, pde & model_mask(51, 21), UINT64_C(2) << 20);
		return;
	}
	if (!model_good(m, pde, reserved))
		return;
	pte = model_read(m, 0, (pde & address) | model_bits(m->address, 20, 12) << 3);
	if (model_good(m, pte, reserved))
		model_maps(m, pte & address, UINT64_C(4) << 10);
}

static inline void model_4level(struct model *m)
{
	uint64_t reserved = model_reserved_long(m->mode) | model_mask(7, 7);
	uint64_t address = model_mask(51, 12), pml4e;

	m->levels = 4;
	m->entry_size = 8;
	pml4e = model_read(m, 3, (m->mode->cr3 & address) |
				 model_bits(m->address, 47, 39) << 3);
	if (model_good(m, pml4e, reserved))
		model_long_pdpt(m, pml4e & address);
}

static inline void model_5level(struct model *m)
{
	uint64_t reserved = model_reserved_long(m->mode) | model_mask(7, 7);
	uint64_t address = model_mask(51, 12), pml5e, pml4e;

	m->levels = 5;
	m->entry_size = 8;
	pml5e = model_read(m, 4, (m->mode->cr3 & address) |
				 model_bits(m->address, 56, 48) << 3);
	if (!model_good(m, pml5e, reserved))
		return;
	pml4e = model_read(m, 3, (pml5e & address) |
				 model_bits(m->address, 47, 39) << 3);
	if (model_good(m, pml4e, reserved))
		model_long_pdpt(m, pml4e & address);
}

#endif
