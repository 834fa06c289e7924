/*
 * Guest frames that hold tables: read-only while the shadow is in step, or let go and
 * brought back. Must not know faults or addresses of the guest's.
 */
#include "mmu/panic.h"
#include "mmu/shadow_page.h"

#define PAE_RESERVED	BITS(62, 52)

uint32_t shadow_gfn_of(const struct shadow *s, uint64_t host)
{
	const struct guest_mem *mem = s->mem;
	uint64_t offset = 0;
	unsigned i = 0;

	for (; i < mem->slots; i++) {
		offset = host - mem->slot[i].host.v;
		if (offset < mem->slot[i].size)
			break;
	}
	if (i == mem->slots)
		panic("a shadow leaf maps host memory %lx, which is not the guest's", host);
	return (mem->slot[i].base.v + offset) >> PAGE_SHIFT;
}

/* Take the right to write from every leaf that maps the frame and has it. */
static void write_protect(struct shadow *s, uint32_t gfn)
{
	const struct shadow_frame *f = shadow_frame(s, gfn);

	while (f->writable) {
		unsigned page = ENTRY_PAGE(f->writable);
		unsigned slot = ENTRY_SLOT(f->writable);

		(void)shadow_set_leaf(s, page, slot,
				      s->page[page].table[slot] & ~PTE_W, gfn);
	}
}

/* No leaf of 2 MiB over a table: its frames must be mapped one by one. */
static void split_large(struct shadow *s, struct shadow_chunk *c)
{
	while (c->large)
		shadow_drop(s, ENTRY_PAGE(c->large), ENTRY_SLOT(c->large));
}

static void let_go(struct shadow *s, unsigned page)
{
	struct shadow_page *p = &s->page[page];

	if (p->out_of_step)
		return;
	p->out_of_step = true;
	s->unsynced_upper += !!FIELD_GET(ROLE_LEVEL, p->role);
	p->unsynced = s->unsynced;
	p->unsynced_prev = 0;
	s->page[s->unsynced].unsynced_prev = page;	/* of page 0, if there is none: unread */
	s->unsynced = page;
	s->counts.unsynced++;
}

static void unsynced_remove(struct shadow *s, unsigned page)
{
	struct shadow_page *p = &s->page[page];

	p->out_of_step = false;
	s->unsynced_upper -= !!FIELD_GET(ROLE_LEVEL, p->role);
	s->page[p->unsynced].unsynced_prev = p->unsynced_prev;
	if (s->unsynced == page)
		s->unsynced = p->unsynced;
	else
		s->page[p->unsynced_prev].unsynced = p->unsynced;
}

void shadow_track(struct shadow *s, unsigned page)
{
	const struct shadow_page *p = &s->page[page];
	struct shadow_frame *f = shadow_frame(s, p->gfn);
	struct shadow_chunk *c = &s->chunk[p->gfn >> SHADOW_INDEX_BITS];

	if (s->config.sync == SHADOW_FLUSH)
		return;
	if (!p->same) {
		c->tables++;
		f->writes = 0;
	} else if (!f->tracked) {
		/* The frame is out of step: only more lowest tables may join. */
		if (!FIELD_GET(ROLE_LEVEL, p->role)) {
			let_go(s, page);
			return;
		}
		shadow_resync_frame(s, p->gfn);
	}
	f->tracked = true;
	split_large(s, c);
	write_protect(s, p->gfn);
	/* Also what the hardware alone remembers of how the frame was mapped. */
	s->flush = true;
}

void shadow_untrack(struct shadow *s, unsigned page)
{
	const struct shadow_page *p = &s->page[page];
	struct shadow_frame *f = shadow_frame(s, p->gfn);

	if (s->config.sync == SHADOW_FLUSH)
		return;
	if (p->out_of_step)
		unsynced_remove(s, page);
	if (f->tables == page && !p->same) {
		f->tracked = false;
		s->chunk[p->gfn >> SHADOW_INDEX_BITS].tables--;
	}
}

/* Out of step first, then writable: never the other way round. */
static void frame_let_go(struct shadow *s, struct shadow_frame *f)
{
	for (unsigned page = f->tables; page; page = s->page[page].same)
		let_go(s, page);
	f->tracked = false;
}

void shadow_let_write(struct shadow *s, gpa_t at)
{
	struct shadow_frame *f = shadow_frame(s, at.v >> PAGE_SHIFT);

	if (f && f->tracked)
		frame_let_go(s, f);
}

bool shadow_unsync(struct shadow *s, struct shadow_frame *f)
{
	if (s->config.sync != SHADOW_UNSYNC)
		return false;
	for (unsigned page = f->tables; page; page = s->page[page].same)
		if (FIELD_GET(ROLE_LEVEL, s->page[page].role))
			return false;
	frame_let_go(s, f);
	return true;
}

/* ---- back in step ---- */

static uint64_t guest_entry(const struct shadow *s, const struct shadow_page *p,
			    unsigned slot)
{
	const struct guest_mem_slot *mem = shadow_slot_of(s, p->gfn);
	const void *table = hpa_ptr(hpa(shadow_host(mem, p->gfn)));

	if (FIELD_GET(ROLE_FORMAT, p->role) == ROLE_32BIT)
		return __atomic_load_n((const uint32_t *)table + slot +
				       FIELD_GET(ROLE_QUADRANT, p->role) *
				       SHADOW_ENTRIES, __ATOMIC_RELAXED);
	return __atomic_load_n((const uint64_t *)table + slot, __ATOMIC_RELAXED);
}

/* The bits that make a lowest entry fault. SDM 3A tables 4-6, 4-11, 4-20. */
static uint64_t entry_reserved(const struct shadow *s, uint32_t role)
{
	uint64_t reserved = s->reserved | (role & ROLE_NXE ? 0 : PTE_NX);

	switch (FIELD_GET(ROLE_FORMAT, role)) {
	case ROLE_32BIT:
		return 0;
	case ROLE_PAE:
		return reserved | PAE_RESERVED;
	default:
		return reserved;
	}
}

/* The leaf that the guest's entry calls for now, or 0: a fault must decide. */
static uint64_t leaf_now(const struct shadow *s, uint32_t role, uint64_t entry)
{
	uint64_t gfn = FIELD_GET(PTE_ADDR, entry);
	const struct guest_mem_slot *slot;
	const struct shadow_frame *f;
	uint32_t rights;
	uint64_t leaf;

	if ((entry & (PTE_P | PTE_A)) != (PTE_P | PTE_A) ||
	    (entry & entry_reserved(s, role)))
		return 0;
	slot = shadow_slot_of(s, gfn);
	f = shadow_frame(s, gfn);
	if (!slot || !f)
		return 0;
	rights = role & shadow_entry_rights(entry);
	leaf = shadow_host(slot, gfn) | PTE_P | PTE_A | PTE_D | (entry & PTE_PKEY);
	if ((entry & PTE_D) && !slot->rom && !f->tracked &&
	    ((rights & ROLE_W) || !((role & ROLE_WP) | (rights & ROLE_U))))
		leaf |= PTE_W;
	if (rights & ROLE_U)
		leaf |= PTE_U;
	if (!(rights & ROLE_X))
		leaf |= PTE_NX;
	return leaf;
}

bool shadow_resync_entry(struct shadow *s, unsigned page, unsigned slot)
{
	const struct shadow_page *p = &s->page[page];
	uint64_t now = leaf_now(s, p->role, guest_entry(s, p, slot));

	s->counts.compared++;
	if (now)
		return shadow_set_leaf(s, page, slot, now,
				       shadow_gfn_of(s, now & PTE_ADDR));
	shadow_drop(s, page, slot);
	return true;
}

static void resync_page(struct shadow *s, unsigned page)
{
	const struct shadow_page *p = &s->page[page];
	bool upper = FIELD_GET(ROLE_LEVEL, p->role);

	for (unsigned i = 0; i < ARRAY_SIZE(p->used); i++)
		for (uint64_t used = p->used[i]; used; used &= used - 1) {
			unsigned slot = i * 64 + __builtin_ctzll(used);

			/* What leads on is found again by the next fault. */
			if (upper)
				shadow_drop(s, page, slot);
			else
				(void)shadow_resync_entry(s, page, slot);
		}
}

void shadow_resync_frame(struct shadow *s, uint32_t gfn)
{
	struct shadow_frame *f = shadow_frame(s, gfn);

	/* Read-only first: an entry brought in step may map this very frame. */
	f->tracked = true;
	f->writes = 0;
	s->guard_due |= s->guarded;
	write_protect(s, gfn);
	s->flush = true;
	for (unsigned page = f->tables; page; page = s->page[page].same) {
		if (!s->page[page].out_of_step)
			continue;
		unsynced_remove(s, page);
		resync_page(s, page);
		s->counts.resynced++;
	}
}
