/*
 * The builder: makes, reads and frees whole tables; must not know what an
 * entry's bits mean (ptab_entry.c does) nor whose tables these are.
 */
#include "mmu/ptab.h"

#include "mmu/ptab_entry.h"

/* Can the format's entries name every table the pool may give? */
static bool frames_fit(const struct pt_format *format, hpa_t root, hpa_t end)
{
	if (format->entry_size == sizeof(uint32_t))
		return end.v <= SIZE_4G;
	/* CR3 has 32 bits when it names PAE tables: SDM 3A table 4-7. */
	return format->levels > pt_format_pae.levels || root.v < SIZE_4G;
}

enum hv_err ptab_init(struct ptab *pt, const struct pt_format *format,
		      struct frame_pool *pool, unsigned largest, bool nx)
{
	enum hv_err err;

	*pt = (struct ptab){ .format = format, .pool = pool,
			     .largest = largest, .nx = nx };
	if (largest >= format->levels || !format->level[largest].leaf)
		return HV_BAD_ARGUMENT;
	err = frame_alloc(pool, &pt->root);
	if (err)
		return err;
	if (!frames_fit(format, pt->root, pool->end)) {
		ptab_fini(pt);
		return HV_BAD_ARGUMENT;
	}
	return HV_OK;
}

static bool frames_ok(const struct ptab *pt, uint64_t pa, uint64_t size)
{
	uint64_t last = pa + size - 1;
	uint64_t max = pt->format->entry_size == sizeof(uint32_t) ?
		       SIZE_4G - 1 : PTE_ADDR | PAGE_MASK;

	return !(pa & PAGE_MASK) && last >= pa && last <= max;
}

static bool any_mapped(const struct ptab *pt, uint64_t va, uint64_t left)
{
	while (left) {
		void *slot;
		uint64_t entry;
		unsigned level = ptab_descend(pt, va, &slot, &entry);
		uint64_t step = ptab_step(pt, level, va, left);

		if (ptab_present(pt, entry))
			return true;
		va += step;
		left -= step;
	}
	return false;
}

static unsigned leaf_level(const struct ptab *pt, uint64_t va, uint64_t pa,
			   uint64_t left)
{
	unsigned level = pt->largest;

	while (level && (((va | pa) & (ptab_level_size(pt, level) - 1)) ||
			 left < ptab_level_size(pt, level)))
		level--;
	return level;
}

/*
 * Map one page at or below `level`; *done is its size. A table in the way is
 * kept, even an empty one: a CPU may still hold a pointer to it.
 */
static enum hv_err map_one(struct ptab *pt, uint64_t va, uint64_t pa,
			   unsigned target, unsigned prot, uint64_t *done)
{
	void *slot;
	uint64_t entry;
	unsigned level = ptab_descend(pt, va, &slot, &entry);

	for (; level > target; level--) {
		hpa_t table;
		enum hv_err err = frame_alloc(pt->pool, &table);

		if (err)
			return err;
		ptab_write(pt, slot, ptab_table_entry(pt, level, table));
		slot = ptab_slot(pt, level - 1, table, va);
	}
	ptab_write(pt, slot, ptab_leaf_entry(pt, level, pa, prot));
	*done = ptab_level_size(pt, level);
	return HV_OK;
}

/* Take back the pages that a failed ptab_map made. */
static void unmap_whole(struct ptab *pt, uint64_t va, uint64_t left)
{
	while (left) {
		void *slot;
		uint64_t entry;
		unsigned level = ptab_descend(pt, va, &slot, &entry);
		uint64_t step = ptab_step(pt, level, va, left);

		ptab_write(pt, slot, 0);
		va += step;
		left -= step;
	}
}

enum hv_err ptab_map(struct ptab *pt, uint64_t va, hpa_t pa, uint64_t size,
		     unsigned prot)
{
	if (!size)
		return HV_OK;
	if (!(prot & PROT_R) || !ptab_range_ok(pt, va, size) ||
	    !frames_ok(pt, pa.v, size))
		return HV_BAD_ARGUMENT;
	if (any_mapped(pt, va, size))
		return HV_ALREADY;

	for (uint64_t at = 0, done; at < size; at += done) {
		unsigned level = leaf_level(pt, va + at, pa.v + at, size - at);
		enum hv_err err = map_one(pt, va + at, pa.v + at, level, prot,
					  &done);

		if (err) {
			unmap_whole(pt, va, at);
			return err;
		}
	}
	return HV_OK;
}

bool ptab_lookup(const struct ptab *pt, uint64_t va, struct ptab_leaf *leaf)
{
	unsigned level = pt->format->levels - 1u;
	unsigned prot = PROT_ALL;
	hpa_t table = pt->root;
	uint64_t offset;

	if (!ptab_range_ok(pt, align_down(va, PAGE_SIZE), PAGE_SIZE))
		return false;
	for (;; level--) {
		uint64_t entry = ptab_read(pt, ptab_slot(pt, level, table, va));
		bool is_leaf = ptab_is_leaf(pt, level, entry);

		if (!ptab_present(pt, entry))
			return false;
		table = hpa(ptab_entry_pa(pt, level, entry, is_leaf));
		if (is_leaf)	/* the memory type is the leaf's alone */
			prot |= PROT_UNCACHED;
		prot &= ptab_entry_prot(pt, level, entry);
		if (is_leaf)
			break;
	}
	offset = va & (ptab_level_size(pt, level) - 1);
	leaf->level = level;
	leaf->prot = prot;
	leaf->frame = hpa(table.v + align_down(offset, PAGE_SIZE));
	return true;
}

/* Depth is bounded by PT_LEVELS_MAX. */
static void table_free(struct ptab *pt, unsigned level, hpa_t table)
{
	uint64_t entries = BIT(pt->format->level[level].bits);

	for (uint64_t i = 0; level && i < entries; i++) {
		uint64_t va = i << pt->format->level[level].shift;
		uint64_t entry = ptab_read(pt, ptab_slot(pt, level, table, va));
		uint64_t next = ptab_entry_pa(pt, level, entry, false);

		if (ptab_present(pt, entry) && !ptab_is_leaf(pt, level, entry))
			table_free(pt, level - 1, hpa(next));
	}
	frame_free(pt->pool, table);
}

void ptab_fini(struct ptab *pt)
{
	if (pt->root.v)
		table_free(pt, pt->format->levels - 1u, pt->root);
	pt->root = hpa(0);
}
