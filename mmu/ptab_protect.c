/*
 * The builder's changes of permission, with the splitting of large pages;
 * must not know an entry's bits nor when the caller flushes.
 */
#include "mmu/ptab_entry.h"

/* Replace a large leaf by a table of leaves one level down that map the same. */
static enum hv_err split(struct ptab *pt, unsigned level, void *slot,
			 uint64_t entry)
{
	uint64_t pa = ptab_entry_pa(pt, level, entry, true);
	unsigned prot = ptab_entry_prot(pt, level, entry);
	uint64_t step = ptab_level_size(pt, level - 1);
	hpa_t table;
	enum hv_err err = frame_alloc(pt->pool, &table);

	if (err)
		return err;
	for (uint64_t at = 0; at < ptab_level_size(pt, level); at += step)
		ptab_write(pt, ptab_slot(pt, level - 1, table, at),
			   ptab_leaf_entry(pt, level - 1, pa + at, prot));
	ptab_write(pt, slot, ptab_table_entry(pt, level, table));
	return HV_OK;
}

/* Split until a page boundary lies at `va`, if anything is mapped there. */
static enum hv_err split_at(struct ptab *pt, uint64_t va)
{
	for (;;) {
		void *slot;
		uint64_t entry;
		unsigned level = ptab_descend(pt, va, &slot, &entry);
		enum hv_err err;

		if (!ptab_present(pt, entry) ||
		    !(va & (ptab_level_size(pt, level) - 1)))
			return HV_OK;
		err = split(pt, level, slot, entry);
		if (err)
			return err;
	}
}

static void protect_one(struct ptab *pt, unsigned level, void *slot,
			uint64_t entry, unsigned prot)
{
	uint64_t pa = ptab_entry_pa(pt, level, entry, true);

	ptab_write(pt, slot,
		   prot ? ptab_leaf_entry(pt, level, pa, prot) : 0);
}

enum hv_err ptab_protect(struct ptab *pt, uint64_t va, uint64_t size,
			 unsigned prot)
{
	enum hv_err err;

	if (!size)
		return HV_OK;
	if ((prot && !(prot & PROT_R)) || !ptab_range_ok(pt, va, size))
		return HV_BAD_ARGUMENT;

	/* Both edges first: what can fail does so before anything changes. */
	err = split_at(pt, va);
	if (!err)
		err = split_at(pt, va + size);
	if (err)
		return err;

	for (uint64_t at = 0, step; at < size; at += step) {
		void *slot;
		uint64_t entry;
		unsigned level = ptab_descend(pt, va + at, &slot, &entry);

		if (ptab_present(pt, entry))
			protect_one(pt, level, slot, entry, prot);
		step = ptab_step(pt, level, va + at, size - at);
	}
	return HV_OK;
}
