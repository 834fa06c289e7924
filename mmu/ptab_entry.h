/*
 * One builder entry: its place, its bits, its meaning. Private to the builder;
 * knows no range and no frame pool.
 */
#ifndef MMU_PTAB_ENTRY_H
#define MMU_PTAB_ENTRY_H

#include "mmu/ptab.h"

#define PROT_ALL	(PROT_R | PROT_W | PROT_X | PROT_U)

/* The entry for `va` in the table of `level`, a pointer to 4 or 8 bytes. */
void *ptab_slot(const struct ptab *pt, unsigned level, hpa_t table, uint64_t va);

uint64_t ptab_read(const struct ptab *pt, const void *slot);

/* One store, after all stores that filled what the entry points to. */
void ptab_write(const struct ptab *pt, void *slot, uint64_t entry);

/* The entry of `level` that points to a table: no permission withheld. */
uint64_t ptab_table_entry(const struct ptab *pt, unsigned level, hpa_t table);

/* The entry of `level` that maps `pa`. */
uint64_t ptab_leaf_entry(const struct ptab *pt, unsigned level, uint64_t pa,
			 unsigned prot);

bool ptab_present(const struct ptab *pt, uint64_t entry);
bool ptab_is_leaf(const struct ptab *pt, unsigned level, uint64_t entry);

/* Of a present entry: what it allows, and the frame it names. */
unsigned ptab_entry_prot(const struct ptab *pt, unsigned level, uint64_t entry);
uint64_t ptab_entry_pa(const struct ptab *pt, unsigned level, uint64_t entry,
		       bool leaf);

static inline uint64_t ptab_level_size(const struct ptab *pt, unsigned level)
{
	return BIT(pt->format->level[level].shift);
}

/*
 * Follows tables from the root towards `va` and stops at the first entry that
 * is a leaf or absent. Yields its slot and value; returns its level.
 */
unsigned ptab_descend(const struct ptab *pt, uint64_t va, void **slot,
		      uint64_t *entry);

/* Page aligned, no wrap, inside the format's space, not across its hole. */
bool ptab_range_ok(const struct ptab *pt, uint64_t va, uint64_t size);

/* Bytes from va to the end of its level-sized page, at most `left`. */
static inline uint64_t ptab_step(const struct ptab *pt, unsigned level,
				 uint64_t va, uint64_t left)
{
	uint64_t size = ptab_level_size(pt, level);
	uint64_t step = size - (va & (size - 1));

	return step < left ? step : left;
}

#endif
