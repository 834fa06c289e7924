/*
 * What a guest may do next over the shadow MMU, by chance: accesses, stores to tables,
 * flushes, other modes. Knows no rule; the steps themselves judge.
 */
#ifndef TESTS_SHADOW_OPERATIONS_H
#define TESTS_SHADOW_OPERATIONS_H

#include "shadow_random.h"

#define ADDRESS_TRIES	5u
#define ADDRESSES_HOT	6u

/* ---- addresses ---- */

/* Mostly one that leads somewhere now. */
static inline void new_address(struct world *w, unsigned i)
{
	struct model m;

	for (unsigned tries = 0; tries < ADDRESS_TRIES; tries++) {
		w->address[i] = random_address(w);
		if (model_look(w, random_linear(w, w->address[i]), ACCESS_READ, &m) == WALK_OK &&
		    (m.levels || world_theirs(w, m.physical)))
			return;
	}
}

/* In another space some of the old addresses are kept. */
static inline void new_space(struct world *w, const struct walk_mode *mode, bool fixed)
{
	guest_new_mode(w, mode, fixed);
	for (unsigned i = 0; i < WORLD_ADDRESSES; i++)
		if (world_percent(w, 50))
			new_address(w, i);
}

/* ---- operations ---- */

static inline uint64_t pick_linear(struct world *w)
{
	unsigned n = world_percent(w, 50) ? ADDRESSES_HOT : WORLD_ADDRESSES;

	return random_linear(w, w->address[world_below(w, n)]);
}

/* One access somewhere in the page, by so much chance. */
static inline void use(struct world *w, uint64_t linear, unsigned access, unsigned chance)
{
	unsigned size = world_percent(w, 50) ? 8 : 4;
	uint64_t offset = align_down(world_below(w, PAGE_SIZE), size);
	struct guest_store store = { 0 };

	if (!world_percent(w, chance))
		return;
	w->mode.rflags_ac = world_percent(w, 30);
	if (w->keyed && world_percent(w, 20))
		random_pkru(w);
	if ((access & ACCESS_WRITE) && !history_full(w) &&
	    !(w->calm && world_percent(w, 95)))
		store = (struct guest_store){ random_entry(w, RANK_NONE), size };
	guest_access(w, linear + offset, access, &store, world_percent(w, 90));
}

/* An entry that one of the addresses uses, in RAM. */
static inline bool pick_entry(struct world *w, uint64_t *at, uint64_t *value, unsigned *size)
{
	struct model m;
	unsigned level;

	(void)model_look(w, pick_linear(w), ACCESS_READ, &m);
	if (!m.levels || m.level >= m.levels)
		return false;
	level = m.level + world_below(w, m.levels - m.level);
	if (!m.controls[level] || !world_theirs(w, m.entry_at[level]) ||
	    world_is_rom(w, m.entry_at[level]))
		return false;
	*at = m.entry_at[level];
	*value = m.entry[level];
	*size = m.entry_size;
	return true;
}

static inline uint64_t random_change(struct world *w, uint64_t at, uint64_t entry)
{
	unsigned rank = random_rank_of(w, at);

	static const uint64_t often[] = { PTE_P, PTE_W, PTE_U, PTE_A, PTE_D, PTE_PS, PTE_NX };

	if (w->keyed && world_percent(w, 20))
		return entry ^ FIELD_PUT(PTE_PKEY, random_key(w));
	if (world_percent(w, 50))
		return entry ^ often[world_below(w, ARRAY_SIZE(often))];
	if (world_percent(w, 5))
		return entry ^ BIT(32 + world_below(w, 31));	/* reserved, mostly */
	if ((entry & PTE_PS) && rank && world_percent(w, 50))
		return (entry & ~PTE_ADDR) | random_large(w);
	if (world_percent(w, 40))
		return (entry & ~PTE_ADDR) |
		       random_table(w, rank && rank != RANK_NONE ? rank - 1 : RANK_NONE);
	return world_percent(w, 10) ? 0 : random_entry(w, rank);
}

/* The guest stores through an address that leads there, if one does. */
static inline bool edit_through_mapping(struct world *w, uint64_t at,
					const struct guest_store *store)
{
	for (unsigned i = 0; i < WORLD_ADDRESSES; i++) {
		uint64_t address = random_linear(w, w->address[i]) | (at & PAGE_MASK);
		struct model m;

		if (model_look(w, address, ACCESS_WRITE, &m) != WALK_OK || m.physical != at)
			continue;
		guest_access(w, address, ACCESS_WRITE, store, world_percent(w, 90));
		return true;
	}
	return false;
}

static inline void edit(struct world *w, uint64_t at, const struct guest_store *store)
{
	if (history_full(w))
		return;
	if (world_percent(w, 15) || !edit_through_mapping(w, at, store))
		guest_put_emulated(w, at, store);
}

static inline void do_edit(struct world *w)
{
	struct guest_store store;
	uint64_t at;

	if (!pick_entry(w, &at, &store.value, &store.size))
		return;
	store.value = random_change(w, at, store.value);
	edit(w, at, &store);
}

/* An address whose walk reads the entry: what a guest that changes it has to flush. */
static inline bool uses_entry(const struct world *w, uint64_t address, uint64_t at)
{
	struct model m;

	(void)model_look(w, address, ACCESS_READ, &m);
	for (unsigned i = m.level; i < m.levels; i++)
		if (m.controls[i] && m.entry_at[i] == at)
			return true;
	return false;
}

/* As a system does it: used, changed, flushed (or not all of it), used again. */
static inline void do_remap(struct world *w)
{
	uint64_t at, linear[WORLD_ADDRESSES];
	struct guest_store store;
	unsigned n = 0;

	if (!pick_entry(w, &at, &store.value, &store.size))
		return;
	for (unsigned i = 0; i < WORLD_ADDRESSES; i++) {
		linear[n] = random_linear(w, w->address[i]);
		n += uses_entry(w, linear[n], at);
	}
	for (unsigned i = 0; i < n; i++)
		use(w, linear[i], random_access(w), 70);
	for (unsigned times = 1 + world_below(w, 2); times; times--) {
		store.value = random_change(w, at, store.value);
		edit(w, at, &store);
		if (world_percent(w, 30) && n)
			use(w, linear[world_below(w, n)], random_access(w), 100);
	}
	for (unsigned i = 0; i < n; i++) {
		if (world_percent(w, 70) && !history_full(w))
			guest_invlpg(w, linear[i]);
		use(w, linear[world_below(w, n)], random_access(w), 40);
	}
	for (unsigned i = 0; i < n; i++)
		use(w, linear[i], random_access(w), 70);
}

static inline void do_invlpg(struct world *w)
{
	guest_invlpg(w, pick_linear(w) | world_below(w, PAGE_SIZE));
}

static inline void do_load_cr3(struct world *w)
{
	struct walk_mode mode = w->mode;

	if (world_percent(w, 60))
		random_cr3(w, &mode);
	if (!random_load_pdptes(w, &mode)) {
		random_put_pdptes(w, &mode);
		if (!random_load_pdptes(w, &mode))
			return;
	}
	if (world_percent(w, 70))
		guest_load_cr3(w, &mode);
	else
		new_space(w, &mode, w->fixed);
}

static inline void do_control(struct world *w)
{
	static const uint64_t bits[] = {
		CR4_PGE, CR4_PSE, CR4_SMEP, CR4_SMAP, CR4_PKE };
	struct walk_mode mode = w->mode;

	switch (world_below(w, 3)) {
	case 0:
		mode.cr0 ^= CR0_WP;
		break;
	case 1:
		mode.efer ^= EFER_NXE;
		break;
	default:
		mode.cr4 ^= bits[world_below(w, mode.nx ? ARRAY_SIZE(bits) : 2)];
		break;
	}
	if (random_load_pdptes(w, &mode))
		guest_new_mode(w, &mode, w->fixed);
}

static inline void do_mode(struct world *w)
{
	struct walk_mode mode = w->mode;

	random_controls(w, &mode, random_paging(w));
	random_cr3(w, &mode);
	if (!random_load_pdptes(w, &mode)) {
		random_put_pdptes(w, &mode);
		if (!random_load_pdptes(w, &mode))
			return;
	}
	new_space(w, &mode, !(mode.cr0 & CR0_PG) && world_percent(w, 30));
}

/* The same root again, asked for between any two instructions. */
static inline void do_same_root(struct world *w)
{
	unsigned root = w->s.root;

	(void)shadow_root(&w->s, &w->mode, w->fixed);
	world_require(w, w->s.root == root, "another root for the same mode");
	hardware_honour(w);
}

static inline void do_one(struct world *w)
{
	unsigned n = world_below(w, 1000);

	if (history_full(w))
		do_load_cr3(w);
	if (history_full(w))
		guest_new_mode(w, &(struct walk_mode){
			.cr0 = CR0_PE, .maxphyaddr = w->mode.maxphyaddr,
			.pse36 = w->mode.pse36, .page1g = w->mode.page1g,
			.nx = w->mode.nx }, false);
	if (n < 720)
		use(w, pick_linear(w), random_access(w), 100);
	else if (n < 830)
		do_edit(w);
	else if (n < 880)
		do_remap(w);
	else if (n < 930)
		do_invlpg(w);
	else if (w->calm && n < 970)
		use(w, pick_linear(w), random_access(w), 100);
	else if (n < 950)
		do_load_cr3(w);
	else if (n < 960)
		do_control(w);
	else if (n < 965)
		do_mode(w);
	else if (n < 970)
		do_same_root(w);
	else if (w->calm && n < 995)
		do_remap(w);
	else if (n < 996)
		do_mode(w);
	else
		new_address(w, world_below(w, WORLD_ADDRESSES));
}

#endif
