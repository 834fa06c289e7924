/*
 * Which old translations the architecture still allows: those that the guest's tables
 * gave at some time since the guest last flushed the address. Found by taking its
 * stores back one by one and asking the second model. Must not know the shadow.
 * SDM 3A "Invalidation of TLBs and Paging-Structure Caches" 4.10.4.
 */
#ifndef TESTS_SHADOW_HISTORY_H
#define TESTS_SHADOW_HISTORY_H

#include "shadow_world.h"

static inline void history_clear(struct world *w)
{
	w->stores = w->invlpgs = w->lets = 0;
}

static inline bool history_full(const struct world *w)
{
	return w->stores == WORLD_STORES || w->invlpgs == WORLD_INVLPGS;
}

static inline void history_swap(struct world *w, struct world_store *store)
{
	uint8_t *at = world_theirs(w, store->at);
	uint64_t now = 0;

	memcpy(&now, at, store->size);
	memcpy(at, &store->value, store->size);
	store->value = now;
}

/* The store itself, into the model's memory only. */
static inline void history_store(struct world *w, uint64_t at, uint64_t value, unsigned size)
{
	struct world_store *store = &w->store[w->stores++];

	*store = (struct world_store){ at, value, size };
	history_swap(w, store);
}

static inline void history_invlpg(struct world *w, uint64_t address)
{
	w->invlpg[w->invlpgs++] = (struct world_invlpg){ address, w->stores };
}

/* Has the guest dropped a page of `size` at `address` after so many stores? */
static inline bool history_dropped(const struct world *w, uint64_t address, uint64_t size,
				   unsigned stores)
{
	for (unsigned i = 0; i < w->invlpgs; i++)
		if (w->invlpg[i].stores > stores &&
		    !((w->invlpg[i].address ^ address) & ~(size - 1)))
			return true;
	return false;
}

/* A translation can be remembered once its A flags, and D for writing, are set. */
static inline bool model_marked(const struct model *m)
{
	for (unsigned i = m->level; i < m->levels; i++) {
		bool rom = false;
		unsigned dirty = i == m->level && (m->access & ACCESS_WRITE);

		if (!m->controls[i] || !model_at(m->mem, m->entry_at[i], &rom) || rom)
			continue;
		if (!model_bit(m->entry[i], 5) || (dirty && !model_bit(m->entry[i], 6)))
			return false;
	}
	return true;
}

/* What the guest's tables say to this access as they are, nothing marked. */
static inline enum walk_result model_look(const struct world *w, uint64_t address,
					  unsigned access, struct model *m)
{
	*m = (struct model){ .mode = &w->mode, .mem = &w->model_mem, .address = address,
			     .access = access | ACCESS_NO_AD };
	return model_walk(m);
}

static inline bool model_leads(const struct world *w, uint64_t address, unsigned access,
			       uint64_t at, struct model *m)
{
	return model_look(w, address, access, m) == WALK_OK && m->physical == at &&
	       model_marked(m);
}

/*
 * Does the walk go through a table that the guest may write unheard? From any other a
 * change has been heard, and nothing old is left. Without protection that is all of them.
 */
static inline bool history_open(const struct world *w, const struct model *m)
{
	for (unsigned i = m->level; i < m->levels; i++) {
		uint64_t gfn = m->entry_at[i] >> 12;
		const struct shadow_frame *f = shadow_frame(&w->s, gfn);

		if (m->controls[i] && f && !f->tracked &&
		    (w->s.config.sync != SHADOW_PROTECT || world_let_go(w, gfn)))
			return true;
	}
	return false;
}

/* Did the address lead to `at` at a time from which it may have been remembered? */
static inline bool history_allows(struct world *w, uint64_t address, unsigned access,
				  uint64_t at)
{
	unsigned back = w->stores;
	bool found = false;
	struct model m;

	while (back && !found) {
		history_swap(w, &w->store[--back]);
		found = model_leads(w, address, access, at, &m) &&
			!history_dropped(w, address, m.page_size, back) &&
			history_open(w, &m);
	}
	while (back < w->stores)
		history_swap(w, &w->store[back++]);
	return found;
}

#endif
