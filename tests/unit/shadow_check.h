/*
 * The shadow MMU's lists and counts against its tables: every entry is found where it
 * must be, from both ends, and nothing else is. Must not know the guest's tables.
 */
#ifndef TESTS_SHADOW_CHECK_H
#define TESTS_SHADOW_CHECK_H

#include "shadow_check_entry.h"

struct check_counts {
	unsigned pages, leaves, large, links, tables, others, unsynced, upper;
	unsigned on_maps, on_large, on_parents, on_tables, on_others;
};

/* ---- one page ---- */

static inline void check_entry(const struct world *w, unsigned page, unsigned slot,
			       struct check_counts *n)
{
	const struct shadow_page *p = &w->s.page[page];
	unsigned level = p->role & 7;
	uint64_t entry = p->table[slot];

	if (!level)
		n->leaves++;
	else if (model_bit(entry, 7))
		n->large++;
	else
		n->links++;
	check_meaning(w, page, slot);
}

static inline bool check_is_fixed(const struct shadow_page *p, unsigned slot)
{
	return (p->role & ROLE_FIXED) && slot == 3;
}

static inline void check_page(const struct world *w, unsigned page, struct check_counts *n)
{
	const struct shadow_page *p = &w->s.page[page];
	unsigned entries = p->role & ROLE_ROOT ? 4 : 512, count = 0;

	world_require(w, p->blank >= entries, "page %u is blank to %u", page, p->blank);
	for (unsigned slot = 0; slot < p->blank; slot++) {
		bool used = p->used[slot / 64] >> slot % 64 & 1;

		if (check_is_fixed(p, slot)) {
			world_require(w, !used && p->table[slot] ==
				      (w->s.config.fixed.v | PTE_P), "the fixed directory");
			continue;
		}
		world_require(w, used == (p->table[slot] != 0),
			      "page %u slot %u holds %lx", page, slot, p->table[slot]);
		if (!used)
			continue;
		count++;
		check_entry(w, page, slot, n);
	}
	world_require(w, count == p->count, "page %u counts %u", page, p->count);
	n->pages++;
	n->unsynced += p->out_of_step;
	n->upper += p->out_of_step && (p->role & 7);
	if (p->role & (ROLE_DIRECT | ROLE_ROOT))
		n->others++;
	else
		n->tables++;
}

static inline void check_page_out_of_use(const struct world *w, unsigned page)
{
	const struct shadow_page *p = &w->s.page[page];

	world_require(w, !p->role && !p->count, "page %u is free and in use", page);
	for (unsigned i = 0; i < ARRAY_SIZE(p->used); i++)
		world_require(w, !p->used[i], "free page %u uses %u", page, i);
	for (unsigned slot = 0; slot < p->blank; slot++)
		world_require(w, !p->table[slot], "free page %u holds %lx", page,
			      p->table[slot]);
}

/* ---- lists of entries ---- */

static inline uint64_t check_entry_of(const struct world *w, uint32_t id)
{
	unsigned page = id >> 9, slot = id & 511;
	const struct shadow_page *p = &w->s.page[page];

	world_require(w, page && page < w->s.fresh && p->role, "a list names page %u", page);
	world_require(w, p->used[slot / 64] >> slot % 64 & 1, "a list names slot %u", slot);
	return p->table[slot];
}

static inline const struct shadow_link *check_link_of(const struct world *w, uint32_t id)
{
	return &w->s.page[id >> 9].link[id & 511];
}

/* Leaves of `level` that lead to the host memory at `host`. */
static inline unsigned check_leaf_list(const struct world *w, uint32_t head, unsigned level,
				       uint64_t first, uint64_t size)
{
	uint32_t before = 0;
	unsigned n = 0;

	for (uint32_t id = head; id; before = id, id = check_link_of(w, id)->next) {
		uint64_t entry = check_entry_of(w, id), at = 0;

		world_require(w, (w->s.page[id >> 9].role & 7) == level,
			      "a leaf of the other size");
		world_require(w, world_gpa_of(w, entry & model_mask(51, 12), &at) &&
			      at >= first && at - first < size,
			      "the leaf %lx is on the list of %lx", entry, first);
		world_require(w, check_link_of(w, id)->prev == before, "prev of %x", id);
		world_require(w, !check_link_of(w, id)->child, "a leaf with a child");
		n++;
	}
	return n;
}

static inline unsigned check_parents(const struct world *w, unsigned page)
{
	const struct shadow_page *p = &w->s.page[page];
	uint32_t before = 0;
	unsigned n = 0;

	for (uint32_t id = p->parents; id; before = id, id = check_link_of(w, id)->next) {
		uint64_t entry = check_entry_of(w, id);

		world_require(w, (entry & model_mask(51, 12)) == hpa_of(p->table).v,
			      "%lx does not lead to its child", entry);
		world_require(w, check_link_of(w, id)->child == page, "another child");
		world_require(w, check_link_of(w, id)->prev == before, "prev of %x", id);
		n++;
	}
	world_require(w, w->s.config.sync != SHADOW_FLUSH || n == (page != w->s.root),
		      "page %u has %u parents", page, n);
	return n;
}

/* ---- frames ---- */

static inline void check_same(const struct world *w, unsigned head, uint64_t gfn, bool table,
			      unsigned *n)
{
	for (unsigned page = head; page; page = w->s.page[page].same) {
		const struct shadow_page *p = &w->s.page[page];

		world_require(w, page < w->s.fresh && p->role && p->gfn == gfn,
			      "page %u of frame %lx", page, gfn);
		world_require(w, table == !(p->role & (ROLE_DIRECT | ROLE_ROOT)),
			      "page %u is on the other list", page);
		for (unsigned other = p->same; other && w->s.config.sync != SHADOW_FLUSH;
		     other = w->s.page[other].same)
			world_require(w, w->s.page[other].role != p->role,
				      "pages %u and %u stand for the same", page, other);
		(*n)++;
	}
}

/* A table is protected, unless all that shadows it is out of step: lowest, or let go. */
static inline void check_tracked(const struct world *w, const struct shadow_frame *f,
				 uint64_t gfn)
{
	bool should = f->tables && w->s.config.sync != SHADOW_FLUSH;

	for (unsigned page = f->tables; page; page = w->s.page[page].same) {
		const struct shadow_page *p = &w->s.page[page];

		if (!p->out_of_step)
			continue;
		world_require(w, w->s.config.sync != SHADOW_FLUSH &&
			      (world_let_go(w, gfn) ||
			       (w->s.config.sync == SHADOW_UNSYNC && !(p->role & 7))),
			      "page %u is out of step", page);
		should = false;
	}
	world_require(w, f->tracked == should, "frame %lx tracked %d", gfn, f->tracked);
	for (unsigned page = f->tables; page && !should; page = w->s.page[page].same)
		world_require(w, w->s.config.sync == SHADOW_FLUSH ||
			      w->s.page[page].out_of_step, "page %u is not protected", page);
}

static inline void check_frame(const struct world *w, uint64_t gfn, struct check_counts *n)
{
	const struct shadow_frame *f = shadow_frame(&w->s, gfn);

	n->on_maps += check_leaf_list(w, f->maps, 0, gfn << 12, PAGE_SIZE) +
		      check_leaf_list(w, f->writable, 0, gfn << 12, PAGE_SIZE);
	check_same(w, f->tables, gfn, true, &n->on_tables);
	check_same(w, f->others, gfn, false, &n->on_others);
	check_tracked(w, f, gfn);
	for (uint32_t id = f->maps; id; id = check_link_of(w, id)->next)
		world_require(w, !model_bit(check_entry_of(w, id), 1),
			      "a leaf of frame %lx among the read-only ones can write", gfn);
	for (uint32_t id = f->writable; id; id = check_link_of(w, id)->next)
		world_require(w, model_bit(check_entry_of(w, id), 1),
			      "a leaf of frame %lx among the writable ones cannot write", gfn);
	world_require(w, !f->tracked || !f->writable,
		      "the table at frame %lx can be written", gfn);
}

static inline void check_chunk(const struct world *w, unsigned i, struct check_counts *n)
{
	const struct shadow_chunk *c = &w->s.chunk[i];
	unsigned tables = 0;

	n->on_large += check_leaf_list(w, c->large, 1, i * SIZE_2M, SIZE_2M);
	if (!c->frame) {
		world_require(w, !c->tables && !c->large, "chunk %u without memory", i);
		return;
	}
	for (unsigned k = 0; k < 512; k++) {
		const struct shadow_frame *f = &c->frame[k];

		tables += w->s.config.sync != SHADOW_FLUSH && f->tables;
		if (f->writable || f->maps || f->tables || f->others || f->tracked)
			check_frame(w, (uint64_t)i << 9 | k, n);
	}
	world_require(w, c->tables == tables, "chunk %u has %u tables, not %u", i, tables,
		      c->tables);
	world_require(w, !c->tables || !c->large, "a large leaf over tables in chunk %u", i);
}

/* ---- lists of pages ---- */

static inline void check_active(const struct world *w, const struct check_counts *n)
{
	unsigned before = 0, active = 0, spare = 0, unsynced = 0;

	for (unsigned page = w->s.active; page; before = page, page = w->s.page[page].next) {
		world_require(w, w->s.page[page].role, "page %u active and free", page);
		world_require(w, w->s.page[page].prev == before, "prev of page %u", page);
		active++;
	}
	world_require(w, w->s.hand == before, "the other end is %u", w->s.hand);
	for (unsigned page = w->s.free; page; page = w->s.page[page].next) {
		check_page_out_of_use(w, page);
		spare++;
	}
	before = 0;
	for (unsigned page = w->s.unsynced; page;
	     before = page, page = w->s.page[page].unsynced) {
		world_require(w, w->s.page[page].out_of_step, "page %u is in step", page);
		world_require(w, w->s.page[page].unsynced_prev == before,
			      "what is out of step before page %u", page);
		unsynced++;
	}
	world_require(w, unsynced == n->unsynced, "%u out of step", n->unsynced);
	world_require(w, n->upper == w->s.unsynced_upper, "%u upper out of step", n->upper);
	world_require(w, active == n->pages && active == w->s.counts.pages, "%u active", active);
	world_require(w, spare == w->s.spare, "%u spare", spare);
	world_require(w, active + spare + 2 == w->s.fresh, "a page is lost");
}

/* ---- the whole ---- */

/* After every operation: what costs nothing to look at. */
static inline void check_quick(const struct world *w)
{
	const struct shadow *s = &w->s;

	world_require(w, s->root && s->page[s->root].role, "the root is dead");
	world_require(w, s->fresh <= s->config.pages_max + 1 &&
		      s->counts.pages <= s->config.pages_max, "too many pages");
	world_require(w, w->pool.used == w->base_used + 2 * (s->fresh - 1), "the pool");
	world_require(w, !s->near || s->page[s->near].role, "the nearest is dead");
}

static inline void check_all(const struct world *w)
{
	struct check_counts n = { 0 };

	check_quick(w);
	for (unsigned page = 1; page < w->s.fresh; page++)
		if (page == w->s.nowhere)
			for (unsigned slot = 0; slot < 512; slot++)
				world_require(w, !w->s.page[page].table[slot], "nowhere");
		else if (w->s.page[page].role)
			check_page(w, page, &n);
	for (unsigned i = 0; i < SHADOW_CHUNKS; i++)
		if (w->s.chunk[i].frame || w->s.chunk[i].large)
			check_chunk(w, i, &n);
	for (unsigned page = 1; page < w->s.fresh; page++)
		if (w->s.page[page].role && page != w->s.nowhere)
			n.on_parents += check_parents(w, page);
	check_active(w, &n);
	world_require(w, n.on_maps == n.leaves && n.on_large == n.large &&
		      n.on_parents == n.links, "entries on no list");
	world_require(w, n.on_tables == n.tables && n.on_others == n.others,
		      "pages on no list");
}

#endif
