/*
 * Shadow pages and the lists that join their entries; must not know the guest's
 * formats, nor why an entry comes or goes.
 */
#include "mmu/shadow_page.h"

#include <string.h>

/* ---- lists of entries ---- */

static struct shadow_link *link_of(const struct shadow *s, uint32_t id)
{
	return &s->page[ENTRY_PAGE(id)].link[ENTRY_SLOT(id)];
}

static uint32_t list_add(struct shadow *s, uint32_t head, uint32_t id,
			 unsigned child)
{
	*link_of(s, id) = (struct shadow_link){ .next = head, .child = child };
	if (head)
		link_of(s, head)->prev = id;
	return id;
}

/* The new head. */
static uint32_t list_remove(struct shadow *s, uint32_t head, uint32_t id)
{
	const struct shadow_link *link = link_of(s, id);

	if (link->next)
		link_of(s, link->next)->prev = link->prev;
	if (!link->prev)
		return link->next;
	link_of(s, link->prev)->next = link->next;
	return head;
}

/* The list that a leaf is on. */
static uint32_t *leaf_list(struct shadow *s, unsigned level, uint32_t gfn,
			   uint64_t entry)
{
	struct shadow_frame *f;

	if (level)
		return &s->chunk[gfn >> SHADOW_INDEX_BITS].large;
	f = shadow_frame(s, gfn);
	return entry & PTE_W ? &f->writable : &f->maps;
}

static void leaf_list_add(struct shadow *s, unsigned level, uint32_t gfn,
			  uint64_t entry, uint32_t id)
{
	uint32_t *list = leaf_list(s, level, gfn, entry);

	*list = list_add(s, *list, id, 0);
}

static void leaf_list_remove(struct shadow *s, unsigned level, uint32_t gfn,
			     uint64_t entry, uint32_t id)
{
	uint32_t *list = leaf_list(s, level, gfn, entry);

	*list = list_remove(s, *list, id);
}

/* ---- entries ---- */

static void entry_put(struct shadow_page *p, unsigned slot, uint64_t entry)
{
	__atomic_store_n(&p->table[slot], entry, __ATOMIC_RELAXED);
	p->used[slot / 64] |= BIT(slot % 64);
	p->count++;
}

static void entry_clear(struct shadow_page *p, unsigned slot)
{
	__atomic_store_n(&p->table[slot], 0, __ATOMIC_RELAXED);
	p->used[slot / 64] &= ~BIT(slot % 64);
	p->count--;
}

/* A present entry goes, and leaves its list. The page it led to, or 0. */
static unsigned unlink_entry(struct shadow *s, unsigned page, unsigned slot)
{
	struct shadow_page *p = &s->page[page];
	unsigned level = FIELD_GET(ROLE_LEVEL, p->role), child = 0;
	uint32_t id = ENTRY_ID(page, slot);

	if (shadow_leaf_at(level, p->table[slot])) {
		leaf_list_remove(s, level,
				 shadow_gfn_of(s, p->table[slot] & PTE_ADDR),
				 p->table[slot], id);
	} else {
		struct shadow_page *c;

		child = p->link[slot].child;
		c = &s->page[child];
		c->parents = list_remove(s, c->parents, id);
		s->near = 0;
	}
	entry_clear(p, slot);
	s->generation += level || (s->watched >> slot % 64 & 1);
	s->flush = true;
	return child;
}

void shadow_drop(struct shadow *s, unsigned page, unsigned slot)
{
	unsigned child;

	if (!shadow_used(&s->page[page], slot))
		return;
	child = unlink_entry(s, page, slot);
	/* Nobody else has it, and nobody could find it. */
	if (child && s->config.sync == SHADOW_FLUSH)
		shadow_page_free(s, child);
}

bool shadow_set_leaf(struct shadow *s, unsigned page, unsigned slot,
		     uint64_t entry, uint32_t gfn)
{
	struct shadow_page *p = &s->page[page];
	unsigned level = FIELD_GET(ROLE_LEVEL, p->role);
	uint64_t old = p->table[slot];
	uint32_t id = ENTRY_ID(page, slot);

	if (old == entry)
		return false;
	/* The same page with other rights: only less of them, or another key, needs a flush. */
	if (old && shadow_leaf_at(level, old) && !((old ^ entry) & PTE_ADDR)) {
		if (((old & ~entry) & (PTE_W | PTE_U)) |
		    ((entry & ~old) & PTE_NX) | ((old ^ entry) & PTE_PKEY))
			s->flush = true;
		if ((old ^ entry) & PTE_W) {
			leaf_list_remove(s, level, gfn, old, id);
			leaf_list_add(s, level, gfn, entry, id);
		}
		__atomic_store_n(&p->table[slot], entry, __ATOMIC_RELAXED);
		return true;
	}
	if (old)
		shadow_drop(s, page, slot);
	entry_put(p, slot, entry);
	leaf_list_add(s, level, gfn, entry, id);
	return true;
}

/* ---- pages ---- */

static void active_add(struct shadow *s, unsigned page)
{
	struct shadow_page *p = &s->page[page];

	p->next = s->active;
	p->prev = 0;
	if (s->active)
		s->page[s->active].prev = page;
	else
		s->hand = page;
	s->active = page;
}

static void active_remove(struct shadow *s, unsigned page)
{
	struct shadow_page *p = &s->page[page];

	if (p->next)
		s->page[p->next].prev = p->prev;
	else
		s->hand = p->prev;
	if (p->prev)
		s->page[p->prev].next = p->next;
	else
		s->active = p->next;
}

/* The list that a page of this role is found on. */
static uint16_t *same_head(struct shadow *s, uint32_t gfn, uint32_t role)
{
	struct shadow_frame *f = shadow_frame(s, gfn);

	return shadow_tracks(role) ? &f->tables : &f->others;
}

static void same_remove(struct shadow *s, unsigned page)
{
	struct shadow_page *p = &s->page[page];
	uint16_t *at = same_head(s, p->gfn, p->role);

	while (*at != page)
		at = &s->page[*at].same;
	*at = p->same;
}

static void clear_entries(struct shadow *s, unsigned page)
{
	const struct shadow_page *p = &s->page[page];

	for (unsigned i = 0; i < ARRAY_SIZE(p->used); i++)
		while (p->used[i])
			shadow_drop(s, page,
				    i * 64 + __builtin_ctzll(p->used[i]));
}

void shadow_page_free(struct shadow *s, unsigned page)
{
	struct shadow_page *p = &s->page[page];

	while (p->parents)
		(void)unlink_entry(s, ENTRY_PAGE(p->parents),
				   ENTRY_SLOT(p->parents));
	clear_entries(s, page);
	/* The fixed directory's entry is on no list. */
	if (p->role & ROLE_FIXED)
		p->table[SHADOW_ROOT_ENTRIES - 1] = 0;
	if (shadow_tracks(p->role))
		shadow_untrack(s, page);
	same_remove(s, page);
	active_remove(s, page);
	p->role = 0;
	p->next = s->free;
	s->free = page;
	s->spare++;
	s->counts.pages--;
	if (s->root == page)
		s->root = 0;
	s->near = 0;
	s->flush = true;
}

/* A page never used gets its frames; false: no more pages, or no memory. */
bool shadow_page_spare(struct shadow *s)
{
	struct shadow_page *p = &s->page[s->fresh];
	hpa_t table, link;

	if (s->fresh > s->config.pages_max ||
	    frame_alloc_raw(s->pool, &table) != HV_OK)
		return false;
	if (frame_alloc_raw(s->pool, &link) != HV_OK) {
		frame_free(s->pool, table);
		return false;
	}
	p->table = hpa_ptr(table);
	p->link = hpa_ptr(link);
	p->next = s->free;
	s->free = s->fresh++;
	s->spare++;
	return true;
}

/* The page longest unused, but for the root; each one in use is passed over once. */
static void reclaim(struct shadow *s)
{
	for (;;) {
		unsigned page = s->hand;
		struct shadow_page *p = &s->page[page];

		if (!p->hot && page != s->root) {
			s->counts.reclaimed++;
			shadow_page_free(s, page);
			return;
		}
		p->hot = false;
		active_remove(s, page);
		active_add(s, page);
	}
}

void shadow_reserve(struct shadow *s)
{
	while (s->spare < SHADOW_SPARE)
		if (!shadow_page_spare(s))
			reclaim(s);
}

static unsigned page_make(struct shadow *s, uint32_t gfn, uint32_t role,
			  uint16_t *same)
{
	unsigned page = s->free;
	struct shadow_page *p = &s->page[page];
	unsigned entries = role & ROLE_ROOT ? SHADOW_ROOT_ENTRIES : SHADOW_ENTRIES;

	s->free = p->next;
	s->spare--;
	if (p->blank < entries) {
		memset(p->table + p->blank, 0,
		       (entries - p->blank) * sizeof(*p->table));
		p->blank = entries;
	}
	p->gfn = gfn;
	p->role = role;
	p->parents = 0;
	p->same = *same;
	*same = page;
	p->out_of_step = false;
	p->hot = true;
	active_add(s, page);
	s->counts.made++;
	if (++s->counts.pages > s->counts.pages_most)
		s->counts.pages_most = s->counts.pages;
	if (role & ROLE_FIXED)
		p->table[SHADOW_ROOT_ENTRIES - 1] = s->config.fixed.v | PTE_P;
	if (shadow_tracks(role))
		shadow_track(s, page);
	return page;
}

unsigned shadow_page_get(struct shadow *s, uint32_t gfn, uint32_t role)
{
	uint16_t *same = same_head(s, gfn, role);

	for (unsigned page = *same; page; page = s->page[page].same)
		if (s->page[page].role == role) {
			s->page[page].hot = true;
			return page;
		}
	return page_make(s, gfn, role, same);
}

/* ---- the page below ---- */

unsigned shadow_descend(const struct shadow *s, uint64_t va, unsigned last,
			unsigned *level)
{
	unsigned page = s->root;

	for (*level = s->top; *level > last; --*level) {
		const struct shadow_page *p = &s->page[page];
		unsigned slot = shadow_slot(va, *level);

		if (!shadow_used(p, slot) ||
		    shadow_leaf_at(*level, p->table[slot]))
			break;
		page = p->link[slot].child;
	}
	return page;
}

/* Upper entries are open: rights are the last one's affair. A PAE root's have none. */
static uint64_t table_entry(const struct shadow_page *parent,
			    const struct shadow_page *child)
{
	uint64_t at = hpa_of(child->table).v | PTE_P;

	return parent->role & ROLE_ROOT ? at : at | PTE_W | PTE_U | PTE_A;
}

/*
 * Where nothing was linked, nothing old can be remembered: what hangs below a page must
 * be in step before it is linked there. SDM 3A "Optional Invalidation" 4.10.4.3.
 */
static void bring_in_step(struct shadow *s, const struct shadow_page *c)
{
	if (!s->unsynced || !c->count)
		return;
	if (FIELD_GET(ROLE_LEVEL, c->role))
		shadow_sync_all(s);
	else if (c->out_of_step)
		shadow_resync_frame(s, c->gfn);
}

unsigned shadow_child(struct shadow *s, unsigned page, unsigned slot,
		      uint32_t gfn, uint32_t role)
{
	struct shadow_page *p = &s->page[page];
	struct shadow_page *c;
	unsigned child = 0;

	if (shadow_used(p, slot)) {
		child = p->link[slot].child;
		c = &s->page[child];
		if (child && c->gfn == gfn && c->role == role) {
			shadow_used_as_table(s, c);
			return child;
		}
		shadow_drop(s, page, slot);
	}
	child = s->config.sync == SHADOW_FLUSH ?
		page_make(s, gfn, role, same_head(s, gfn, role)) :
		shadow_page_get(s, gfn, role);
	c = &s->page[child];
	bring_in_step(s, c);
	entry_put(p, slot, table_entry(p, c));
	s->guard_due |= s->guarded;
	c->parents = list_add(s, c->parents, ENTRY_ID(page, slot), child);
	return child;
}
