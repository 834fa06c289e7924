/*
 * Page tables that a guest finds itself running on: long mode's four levels, made in
 * guest RAM by the loader. Knows no kind of guest.
 * SDM 3A "4-Level Paging and 5-Level Paging" 4.5.
 */
#include <string.h>

#include "core/load/image.h"
#include "mmu/format.h"

#define LEVELS		4
#define INDEX_BITS	9
#define INDEX_MASK	(BIT(INDEX_BITS) - 1)

static enum hv_err take_table(struct load_tables *t, uint64_t *at)
{
	if (t->next >= t->end)
		return load_fail(t->l, HV_TOO_LARGE,
				 "page tables: no room below 0x%lx", t->end);
	*at = t->next;
	memset(guest_mem_ptr(t->l->mem, gpa(*at), PAGE_SIZE, true), 0,
	       PAGE_SIZE);
	t->next += PAGE_SIZE;
	return HV_OK;
}

enum hv_err load_tables_init(struct load_tables *t, struct loading *l,
			     uint64_t at, uint64_t end)
{
	*t = (struct load_tables){ .l = l, .next = at, .end = end };
	return take_table(t, &t->root);
}

/* Where `table` maps `va`: level 0 is the one with the smallest pages. */
static uint64_t entry_at(uint64_t table, uint64_t va, unsigned level)
{
	uint64_t index = va >> (PAGE_SHIFT + level * INDEX_BITS) & INDEX_MASK;

	return table + index * sizeof(uint64_t);
}

static uint64_t read_entry(const struct load_tables *t, uint64_t at)
{
	uint64_t entry;

	memcpy(&entry, guest_mem_ptr(t->l->mem, gpa(at), sizeof(entry), false),
	       sizeof(entry));
	return entry;
}

/* Down to `level`, through tables that are made where there are none. */
static enum hv_err descend(struct load_tables *t, uint64_t va, unsigned level,
			   uint64_t *at)
{
	uint64_t table = t->root;
	enum hv_err err;

	for (unsigned i = LEVELS - 1; i > level; i--) {
		uint64_t entry, where = entry_at(table, va, i);

		entry = read_entry(t, where);
		if (entry & PTE_PS)
			return load_fail(t->l, HV_ALREADY,
					 "page tables: 0x%lx is mapped twice", va);
		table = entry & PTE_ADDR;
		if (entry & PTE_P)
			continue;
		err = take_table(t, &table);
		if (err != HV_OK)
			return err;
		entry = table | PTE_P | PTE_W | PTE_U;
		load_write(t->l, where, &entry, sizeof(entry));
	}
	*at = entry_at(table, va, level);
	return HV_OK;
}

enum hv_err load_tables_map(struct load_tables *t, uint64_t va, uint64_t pa,
			    uint64_t size, uint64_t rights)
{
	while (size) {
		const bool large = !((va | pa) & (SIZE_2M - 1)) && size >= SIZE_2M;
		const uint64_t step = large ? SIZE_2M : PAGE_SIZE;
		const uint64_t entry = pa | rights | PTE_P | (large ? PTE_PS : 0);
		uint64_t at = 0;
		enum hv_err err = descend(t, va, large, &at);

		if (err != HV_OK)
			return err;
		if (read_entry(t, at) & PTE_P)
			return load_fail(t->l, HV_ALREADY,
					 "page tables: 0x%lx is mapped twice", va);
		load_write(t->l, at, &entry, sizeof(entry));
		va += step;
		pa += step;
		size -= size < step ? size : step;
	}
	return HV_OK;
}

enum hv_err load_tables_identity(struct load_tables *t)
{
	return load_tables_map(t, 0, 0, SIZE_4G, PTE_W);
}
