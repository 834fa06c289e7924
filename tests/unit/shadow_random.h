/*
 * Random worlds for the shadow MMU: tables that no system would make, modes, addresses
 * and accesses. Knows no rule but which values the registers take.
 */
#ifndef TESTS_SHADOW_RANDOM_H
#define TESTS_SHADOW_RANDOM_H

#include "shadow_guest.h"

/* ---- entries ---- */

static inline uint64_t random_frame(struct world *w)
{
	unsigned i = world_below(w, ARRAY_SIZE(world_place));
	uint64_t span = world_place[i].size / PAGE_SIZE;

	if (world_percent(w, 3))
		return world_random(w) & (world_percent(w, 50) ? BITS(31, 12) : PTE_ADDR);
	if (world_percent(w, 5))
		span += 2;	/* or just beyond its end */
	return world_place[i].base + world_below(w, (unsigned)span) * PAGE_SIZE;
}

/* In a tidy world each table serves at one level, its rank; else anywhere. */
#define RANKS		5u
#define RANK_NONE	RANKS

static inline unsigned random_rank_of(const struct world *w, uint64_t at)
{
	for (unsigned i = 0; w->tidy && i < WORLD_TABLES; i++)
		if (w->table[i] == align_down(at, PAGE_SIZE))
			return i % RANKS;
	return RANK_NONE;
}

static inline uint64_t random_table(struct world *w, unsigned rank)
{
	if (!w->tidy || rank == RANK_NONE || world_percent(w, 5))
		return w->table[world_below(w, WORLD_TABLES)];
	return w->table[world_below(w, WORLD_TABLES / RANKS) * RANKS + rank];
}

/* Aligned as some large page, mostly where memory is. */
static inline uint64_t random_large(struct world *w)
{
	static const uint64_t sizes[] = { SIZE_2M, SIZE_2M, SIZE_4M, SIZE_1G };
	uint64_t at = align_down(random_frame(w), sizes[world_below(w, ARRAY_SIZE(sizes))]);

	if (world_percent(w, 10))
		at |= world_random(w) & BITS(20, 13);	/* PSE-36, or reserved */
	return at;
}

/* Few keys, so that entries meet that have the same. */
static inline uint64_t random_key(struct world *w)
{
	static const uint8_t keys[] = { 0, 1, 7, 15 };

	return keys[world_below(w, ARRAY_SIZE(keys))];
}

static inline uint64_t random_flags(struct world *w)
{
	uint64_t flags = world_random(w) & (PTE_A | PTE_D | PTE_G | PTE_PCD | PTE_PWT);

	flags |= world_percent(w, 97) ? PTE_P : 0;
	flags |= world_percent(w, 90) ? PTE_W : 0;
	flags |= world_percent(w, 92) ? PTE_U : 0;
	flags |= world_percent(w, 4) ? PTE_NX : 0;
	if (world_percent(w, 1))
		flags |= world_random(w) & BITS(62, 52);
	if (w->keyed && world_percent(w, 40))
		flags |= FIELD_PUT(PTE_PKEY, random_key(w));
	return flags;
}

/* An entry for a table of that rank. */
static inline uint64_t random_entry(struct world *w, unsigned rank)
{
	uint64_t entry = random_flags(w);
	unsigned below = rank && rank != RANK_NONE ? rank - 1 : RANK_NONE;

	if (world_percent(w, rank ? 12 : 2))
		entry |= PTE_PS | (world_percent(w, 85) ? random_large(w) : random_frame(w));
	else
		entry |= world_percent(w, rank ? 80 : 60) ? random_table(w, below)
							  : random_frame(w);
	if (world_percent(w, 1))
		entry ^= BIT(world_below(w, 64));
	return entry;
}

/* ---- a world ---- */

static inline void random_table_fill(struct world *w, unsigned i)
{
	uint8_t *theirs = world_theirs(w, w->table[i]);

	for (unsigned at = 0; at < PAGE_SIZE; at += w->entry_size[i]) {
		uint64_t entry = random_entry(w, random_rank_of(w, w->table[i]));

		memcpy(theirs + at, &entry, w->entry_size[i]);
	}
}

/* Some in a row, some anywhere, two in ROM. */
static inline void random_tables(struct world *w)
{
	w->tidy = world_percent(w, 60);
	w->calm = world_percent(w, 50);
	w->keyed = world_percent(w, 40);
	w->narrow = w->keyed ? 0 : world_below(w, 3) * 50;
	for (unsigned i = 0; i < WORLD_TABLES; i++) {
		unsigned place = i < WORLD_TABLES - 2 ? i % 3 : 3;
		uint64_t frames = world_place[place].size / PAGE_SIZE;

		w->table[i] = world_place[place].base + PAGE_SIZE *
			      (i < WORLD_TABLES / 2 ? i / 3 : world_below(w, (unsigned)frames));
		w->entry_size[i] = world_percent(w, w->narrow) ? 4 : 8;
	}
	for (unsigned i = 0; i < WORLD_TABLES; i++)
		random_table_fill(w, i);
	memcpy(w->ours, w->theirs, WORLD_MEMORY_SIZE);
}

/* Few indices at each level, so that paths meet. */
static inline uint64_t random_address(struct world *w)
{
	static const unsigned index[] = { 0, 0, 1, 2, 3, 256, 510, 511 };
	uint64_t address = 0;

	for (unsigned level = 0; level < 5; level++)
		address |= (uint64_t)(world_percent(w, 85) ?
				      index[world_below(w, ARRAY_SIZE(index))] :
				      world_below(w, 512)) << (12 + 9 * level);
	if (world_percent(w, 30))
		address = (address & ~BITS(31, 0)) | (random_frame(w) & BITS(31, 12));
	return address;
}

/* The same, as a linear address of the mode. */
static inline uint64_t random_linear(const struct world *w, uint64_t address)
{
	unsigned unused = w->mode.cr4 & CR4_LA57 ? 64 - 57 : 64 - 48;

	if (!(w->mode.cr0 & CR0_PG) || !(w->mode.efer & EFER_LMA)) {
		address &= BITS(31, 0);
		/* The fourth GiB of that root is not the guest's. */
		return w->fixed && address >= 3 * SIZE_1G ? address - SIZE_1G : address;
	}
	return (uint64_t)((int64_t)(address << unused) >> unused);
}

/* ---- modes ---- */

static inline void random_cr3(struct world *w, struct walk_mode *mode)
{
	unsigned top = mode->efer & EFER_LMA ? (mode->cr4 & CR4_LA57 ? 4 : 3) : 1;

	mode->cr3 = world_percent(w, 96) ? random_table(w, top) : random_frame(w);
	mode->cr3 |= world_random(w) & (CR3_PCD | CR3_PWT);
	if (!(mode->efer & EFER_LMA)) {
		mode->cr3 &= BITS(31, 0);
		if (world_percent(w, 60))
			mode->cr3 |= world_random(w) & BITS(6, 5);
	}
	mode->cr3 &= BITS(mode->maxphyaddr - 1, 0);
}

/* As MOV to CR3 takes them. False: it refuses. */
static inline bool random_load_pdptes(const struct world *w, struct walk_mode *mode)
{
	uint64_t at = mode->cr3 & BITS(31, 5);

	if (!(mode->cr0 & CR0_PG) || !(mode->cr4 & CR4_PAE) || (mode->efer & EFER_LMA))
		return true;
	for (unsigned i = 0; i < 4; i++) {
		const uint8_t *from = world_theirs(w, at + 8 * i);

		mode->pdpte[i] = UINT64_MAX;
		if (from)
			memcpy(&mode->pdpte[i], from, 8);
		if (model_bit(mode->pdpte[i], 0) &&
		    (mode->pdpte[i] & model_reserved_pdpte(mode)))
			return false;
	}
	return true;
}

/* Random tables hold no PDPTEs that MOV to CR3 takes: write some. */
static inline void random_put_pdptes(struct world *w, const struct walk_mode *mode)
{
	uint64_t at = mode->cr3 & BITS(31, 5);

	if (!(mode->cr0 & CR0_PG) || !(mode->cr4 & CR4_PAE) || (mode->efer & EFER_LMA))
		return;
	for (unsigned i = 0; i < 4; i++) {
		struct guest_store store = {
			random_table(w, 1) | (world_percent(w, 90) ? PTE_P : 0), 8 };

		if (history_full(w))
			return;
		guest_put_emulated(w, at + 8 * i, &store);
	}
}

enum random_paging { PAGING_OFF, PAGING_32BIT, PAGING_PAE, PAGING_4LEVEL, PAGING_5LEVEL };

static inline void random_controls(struct world *w, struct walk_mode *mode,
				   enum random_paging paging)
{
	mode->cr0 = CR0_PE | (paging != PAGING_OFF ? CR0_PG : 0) |
		    (world_random(w) & CR0_WP);
	mode->cr4 = world_random(w) & (CR4_PSE | CR4_PGE);
	/* A CPU with these has NX, too. */
	if (mode->nx && world_percent(w, 50))
		mode->cr4 |= world_random(w) & (CR4_SMEP | CR4_SMAP);
	if (mode->nx && w->keyed && world_percent(w, 75))
		mode->cr4 |= CR4_PKE;
	mode->efer = world_percent(w, 70) ? EFER_NXE : 0;
	if (paging > PAGING_32BIT || (paging == PAGING_OFF && world_percent(w, 50)))
		mode->cr4 |= CR4_PAE;
	if (paging >= PAGING_4LEVEL)
		mode->efer |= EFER_LME | EFER_LMA;
	if (paging == PAGING_5LEVEL)
		mode->cr4 |= CR4_LA57;
}

static inline enum random_paging random_paging(struct world *w)
{
	static const enum random_paging kinds[] = {
		PAGING_OFF, PAGING_PAE, PAGING_PAE, PAGING_PAE, PAGING_4LEVEL, PAGING_4LEVEL,
		PAGING_4LEVEL, PAGING_5LEVEL,
	};

	/* Mostly what the tables' entries were written for. */
	if (world_percent(w, w->narrow * 9 / 10 + 5))
		return PAGING_32BIT;
	/* A key is reserved bits with PAE paging. */
	if (w->keyed && world_percent(w, 80))
		return world_percent(w, 50) ? PAGING_4LEVEL : PAGING_5LEVEL;
	return kinds[world_below(w, ARRAY_SIZE(kinds))];
}

/* WRPKRU: nobody hears of it. Half of the keys are open. */
static inline void random_pkru(struct world *w)
{
	w->mode.pkru = (uint32_t)world_random(w);
	w->mode.pkru &= (uint32_t)world_random(w);
}

/* ---- accesses ---- */

static inline unsigned random_access(struct world *w)
{
	static const unsigned kinds[] = { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };
	unsigned access = kinds[world_below(w, ARRAY_SIZE(kinds))];

	if (world_percent(w, 40))
		access |= ACCESS_USER;
	if (world_percent(w, 6) && !(access & ACCESS_FETCH))
		access |= ACCESS_IMPLICIT;
	return access;
}

#endif
