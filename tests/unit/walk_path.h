/*
 * One path through the tables in each paging mode, and the machine that tries its entries
 * with all their flags under all controls by all accesses. Knows no rule but what stops a walk.
 */
#ifndef TESTS_WALK_PATH_H
#define TESTS_WALK_PATH_H

#include "walk_pair.h"

/* A flag that is reserved at every level of 8-byte entries; in 4 MiB PDEs, PTE_RSVD32. */
#define MAXPHYADDR	40
#define PTE_RSVD	BIT(45)
#define PTE_RSVD32	BIT(21)
#define PWU		(PTE_P | PTE_W | PTE_U)
#define FLAGS		(PWU | PTE_A | PTE_D | PTE_PS | PTE_G)
#define FLAGS64		(FLAGS | PTE_NX | PTE_RSVD)
#define FLAGS32		(FLAGS | PTE_RSVD32)

struct shape {
	const char *name;
	unsigned tables;	/* in memory: of PAE two */
	unsigned entry_size;
	uint64_t cr4, efer;
	bool pse36;
};

static const struct shape shapes[] = {
	{ "32-bit", 2, 4, 0, 0, true },
	{ "32-bit, PSE", 2, 4, CR4_PSE, 0, false },
	{ "32-bit, PSE-36", 2, 4, CR4_PSE, 0, true },
	{ "PAE", 2, 8, CR4_PAE, 0, false },
	{ "4-level", 4, 8, CR4_PAE, EFER_LME | EFER_LMA, false },
	{ "5-level", 5, 8, CR4_PAE | CR4_LA57, EFER_LME | EFER_LMA, false },
};

/* What an entry of each level holds: where it leads is a page of any size that it can map. */
static const uint64_t leads_to[PT_LEVELS_MAX] = {
	0xc0000000, 0x80000000, 0x40000000, 0x5000, 0x3000 };
static const uint64_t table_at[PT_LEVELS_MAX] = {
	0x80000000, 0x40000000, 0x5000, 0x3000, 0x2000 };

static const unsigned accesses[] = {
	ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH,
	ACCESS_USER | ACCESS_READ, ACCESS_USER | ACCESS_WRITE, ACCESS_USER | ACCESS_FETCH,
	ACCESS_IMPLICIT | ACCESS_READ, ACCESS_IMPLICIT | ACCESS_WRITE,
	/* Made at CPL 3 it is supervisor-mode still. No fetch is implicit. */
	ACCESS_IMPLICIT | ACCESS_USER | ACCESS_READ,
	ACCESS_IMPLICIT | ACCESS_USER | ACCESS_WRITE,
};

struct path {
	struct pair p;
	const struct shape *shape;
	uint64_t address;
	uint64_t value[PT_LEVELS_MAX];
	uint64_t vary[PT_LEVELS_MAX];	/* flags tried both ways */
	uint64_t fixed;			/* flags set where they are not tried */
	bool whole;			/* nothing left out */
	bool one_right;			/* at most one right less in each entry */
	unsigned also;			/* into every access */
	void (*each)(struct path *t);	/* what to try each set of entries with; NULL: both walks */
};

static inline uint64_t entry_at(const struct path *t, unsigned level)
{
	unsigned shift = t->shape->entry_size == 8 ? 12 + 9 * level : 12 + 10 * level;
	unsigned bits = t->shape->entry_size == 8 ? 9 : 10;

	return table_at[level] +
	       model_bits(t->address, shift + bits - 1, shift) * t->shape->entry_size;
}

static inline void path_make(struct path *t, const struct shape *shape)
{
	memset(t, 0, sizeof(*t));
	pair_make(&t->p);
	pair_slot(&t->p, 0x2000, 4, false);
	pair_slot(&t->p, table_at[1], 1, false);
	pair_slot(&t->p, table_at[0], 1, false);
	t->shape = shape;
	t->address = 0x9a3c5 + (shape->entry_size == 4 ? 0xd6700000 : 0xb5d00000);
	if (shape->tables >= 4)
		t->address |= 0x2a5ull << 36;
	if (shape->tables == 5)
		t->address |= 0xb7ull << 48;
	t->p.mode = (struct walk_mode){
		.cr0 = CR0_PE | CR0_PG, .cr3 = table_at[shape->tables - 1],
		.cr4 = shape->cr4 | CR4_PGE, .efer = shape->efer,
		.maxphyaddr = MAXPHYADDR, .pse36 = shape->pse36, .page1g = true, .nx = true,
	};
	for (unsigned i = 0; i < ARRAY_SIZE(t->p.mode.pdpte); i++)
		t->p.mode.pdpte[i] = i << 12;
	t->p.mode.pdpte[t->address >> 30 & 3] = table_at[1] | PTE_P;
}

static inline void path_end(struct path *t)
{
	print_message("# %s: %llu walks, %llu faults, %llu by walk_peek, %llu wrong\n",
		      t->shape->name, (unsigned long long)t->p.walks,
		      (unsigned long long)t->p.faults, (unsigned long long)t->p.peeks,
		      (unsigned long long)t->p.wrong);
	assert_int_equal(t->p.wrong, 0);
	pair_free(&t->p);
}

static inline void put_entries(struct path *t)
{
	for (unsigned i = 0; i < t->shape->tables; i++)
		pair_put(&t->p, entry_at(t, i), t->value[i], t->shape->entry_size);
}

/* ---- one set of entries under all control bits, by all accesses ---- */

/* The bits of `n`, one control bit each. */
static inline void set_controls(struct path *t, unsigned n)
{
	struct walk_mode *mode = &t->p.mode;

	mode->cr0 = CR0_PE | CR0_PG | (n & 1 ? CR0_WP : 0);
	mode->efer = t->shape->efer | (n & 2 ? EFER_NXE : 0);
	mode->cr4 = t->shape->cr4 | CR4_PGE | (n & 4 ? CR4_SMEP : 0) |
		    (n & 8 ? CR4_SMAP : 0);
	mode->rflags_ac = n & 16;
}
#define CONTROLS	32u

static inline void by_all_accesses(struct path *t)
{
	for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++) {
		put_entries(t);
		pair_walk(&t->p, t->address, accesses[i] | t->also);
		for (unsigned k = 0; k < t->shape->tables; k++) {
			bool rom;
			const uint8_t *theirs = model_at(&t->p.model_mem, entry_at(t, k), &rom);

			assert_memory_equal(t->p.ours + (theirs - t->p.theirs), theirs,
					    t->shape->entry_size);
		}
	}
}

static inline void under_all_controls(struct path *t)
{
	for (unsigned n = 0; n < CONTROLS; n++) {
		set_controls(t, n);
		by_all_accesses(t);
	}
	assert_true(pair_same_memory(&t->p));
}

/* ---- all sets of entries ---- */

static inline uint64_t reserved_flag(const struct path *t)
{
	return t->shape->entry_size == 8 ? PTE_RSVD : 0;
}

/*
 * Below an entry that is not present, has a reserved bit or maps a page, nothing is
 * read (4.3, 4.4.2, 4.5): one set of lower entries stands for all. Not so with NX,
 * which is reserved only without NXE.
 */
static inline bool ends(const struct path *t, unsigned level)
{
	uint64_t value = t->value[level];
	bool ps = t->shape->entry_size == 8 || t->shape->cr4 & CR4_PSE;

	return !level || !(value & PTE_P) || value & reserved_flag(t) ||
	       (ps && value & PTE_PS);
}

/*
 * Of an entry that is not present, or has a reserved bit, the other flags say nothing:
 * none and all of them stand for the rest. That it is so, the test of single entries
 * shows, where nothing is left out.
 */
static inline bool stands_for_itself(const struct path *t, unsigned level, uint64_t set)
{
	uint64_t mask = t->vary[level], all = mask;
	unsigned less;

	if (t->whole)
		return true;
	if (mask & PTE_P && !(set & PTE_P))
		return !set || set == (all & ~PTE_P);
	if (set & reserved_flag(t))
		return set == (PTE_P | PTE_RSVD) || set == all;
	less = !(set & PTE_W) + !(set & PTE_U) + !!(set & PTE_NX);
	return !t->one_right || less <= 1;
}

static inline void product(struct path *t, unsigned level)
{
	uint64_t mask, set = 0;

	if (level >= PT_LEVELS_MAX) {
		fail();
		return;
	}
	mask = t->vary[level];
	do {
		if (stands_for_itself(t, level, set)) {
			t->value[level] = leads_to[level] | set | (t->fixed & ~mask);
			if (ends(t, level))
				(t->each ? t->each : under_all_controls)(t);
			else
				product(t, level - 1);
		}
		set = (set - mask) & mask;
	} while (set);
	t->value[level] = leads_to[level] | PWU;
}

#endif
