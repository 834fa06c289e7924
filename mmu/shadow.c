/*
 * Shadow paging from outside: made and unmade, and what the guest does that the shadow
 * must follow. Must not know how an entry comes about.
 */
#include "mmu/shadow_page.h"

#include <string.h>

#define FRAMES_A_PAGE	16	/* the guest's frames for each shadow page, by default */
#define SPARE_AT_START	(SHADOW_SPARE + 2)
/*
 * By default never fewer: the twelve pages that one instruction can be about (a far CALL
 * through a gate: code, operand, gate, descriptor, TSS and stack, each across two pages)
 * may be four tables of their own apart, and all must be there at once. Beside them: the
 * root, `nowhere`, the spare ones.
 */
#define PAGES_ENOUGH	64

/* ---- made and unmade ---- */

static enum hv_err chunk_make(struct shadow *s, uint64_t gfn)
{
	struct shadow_chunk *c = &s->chunk[gfn >> SHADOW_INDEX_BITS];
	hpa_t frame;
	enum hv_err err;

	if (c->frame)
		return HV_OK;
	err = frame_alloc_run(s->pool, SHADOW_CHUNK_FRAMES, &frame);
	if (err == HV_OK)
		c->frame = hpa_ptr(frame);
	return err;
}

/* Where there is memory, and where the direct pages of each GiB begin. */
static enum hv_err chunks_make(struct shadow *s)
{
	enum hv_err err = HV_OK;

	for (uint64_t at = 0; err == HV_OK && at < SIZE_4G; at += SIZE_1G)
		err = chunk_make(s, at >> PAGE_SHIFT);
	for (unsigned i = 0; i < s->mem->slots; i++) {
		const struct guest_mem_slot *slot = &s->mem->slot[i];

		for (uint64_t at = slot->base.v; err == HV_OK &&
		     at < slot->base.v + slot->size; at += PAGE_SIZE)
			err = chunk_make(s, at >> PAGE_SHIFT);
	}
	return err;
}

static unsigned pages_by_memory(const struct guest_mem *mem)
{
	uint64_t frames = 0, pages;

	for (unsigned i = 0; i < mem->slots; i++)
		frames += mem->slot[i].size >> PAGE_SHIFT;
	pages = frames / FRAMES_A_PAGE;
	if (pages < PAGES_ENOUGH)
		return PAGES_ENOUGH;
	return pages > SHADOW_PAGES_MAX ? SHADOW_PAGES_MAX : pages;
}

/* What the guest's memory and the pool must be like. */
static bool usable(const struct guest_mem *mem, const struct frame_pool *pool)
{
	for (unsigned i = 0; i < mem->slots; i++)
		if (((mem->slot[i].base.v | mem->slot[i].size |
		      mem->slot[i].host.v) & PAGE_MASK) ||
		    mem->slot[i].base.v >= SIZE_4G ||
		    mem->slot[i].size > SIZE_4G - mem->slot[i].base.v)
			return false;
	return pool->end.v <= SIZE_4G;
}

static uint64_t array_bytes(const struct shadow *s)
{
	return align_up((s->config.pages_max + 1) * sizeof(struct shadow_page),
			sizeof(struct shadow_chunk)) +
	       SHADOW_CHUNKS * sizeof(struct shadow_chunk);
}

static enum hv_err arrays_make(struct shadow *s)
{
	uint64_t bytes = array_bytes(s);
	enum hv_err err;

	s->array_count = align_up(bytes, PAGE_SIZE) / PAGE_SIZE;
	err = frame_alloc_run(s->pool, s->array_count, &s->array_frames);
	if (err != HV_OK)
		return err;
	s->page = hpa_ptr(s->array_frames);
	s->chunk = (void *)((uint8_t *)s->page + bytes -
			    SHADOW_CHUNKS * sizeof(struct shadow_chunk));
	return HV_OK;
}

/* The root of tables that lie nowhere: no entry ever. It is on no list. */
static void nowhere_make(struct shadow *s)
{
	struct shadow_page *p = &s->page[s->free];

	s->nowhere = s->free;
	s->free = p->next;
	s->spare--;
	memset(p->table, 0, PAGE_SIZE);
	p->role = ROLE_VOID;
}

enum hv_err shadow_init(struct shadow *s, const struct guest_mem *mem,
			struct frame_pool *pool,
			const struct shadow_config *config)
{
	enum hv_err err;

	*s = (struct shadow){ .mem = mem, .pool = pool, .config = *config, .fresh = 1 };
	if (!usable(mem, pool))
		return HV_UNSUPPORTED;
	if (!s->config.pages_max)
		s->config.pages_max = pages_by_memory(mem);
	if (s->config.pages_max > SHADOW_PAGES_MAX)
		return HV_BAD_ARGUMENT;
	if (s->config.pages_max < SHADOW_PAGES_MIN)
		s->config.pages_max = SHADOW_PAGES_MIN;
	err = arrays_make(s);
	if (err != HV_OK)
		return err;
	err = chunks_make(s);
	while (err == HV_OK && s->spare < SPARE_AT_START)
		if (!shadow_page_spare(s))
			err = HV_NO_MEMORY;
	if (err == HV_OK)
		nowhere_make(s);
	else
		shadow_fini(s);
	return err;
}

void shadow_fini(struct shadow *s)
{
	if (!s->page)
		return;
	for (unsigned i = 1; i < s->fresh; i++) {
		frame_free(s->pool, hpa_of(s->page[i].table));
		frame_free(s->pool, hpa_of(s->page[i].link));
	}
	for (unsigned i = 0; i < SHADOW_CHUNKS; i++)
		for (unsigned k = 0; s->chunk[i].frame && k < SHADOW_CHUNK_FRAMES; k++)
			frame_free(s->pool, hpa_of((uint8_t *)s->chunk[i].frame +
						   k * PAGE_SIZE));
	for (unsigned i = 0; i < s->array_count; i++)
		frame_free(s->pool, hpa(s->array_frames.v + i * PAGE_SIZE));
	*s = (struct shadow){ 0 };
}

/* ---- what the guest does ---- */

/* The entries of one page that [first, last] of the guest's table, in bytes, make. */
static void drop_range(struct shadow *s, unsigned page, unsigned first,
		       unsigned last)
{
	uint32_t role = s->page[page].role;
	unsigned size = sizeof(uint64_t), copies = 1, skip = 0;

	if (FIELD_GET(ROLE_FORMAT, role) == ROLE_32BIT) {
		size = sizeof(uint32_t);
		/* A directory's entry is two of ours, which map half as much. */
		copies = FIELD_GET(ROLE_LEVEL, role) ? 2 : 1;
		skip = FIELD_GET(ROLE_QUADRANT, role) * SHADOW_ENTRIES;
	}
	for (unsigned slot = first / size * copies;
	     slot < (last / size + 1) * copies; slot++)
		if (slot - skip < SHADOW_ENTRIES)
			shadow_drop(s, page, slot - skip);
}

/* Written again and again, used never: it is a table no more, or is being built. */
static bool flooded(const struct shadow *s, struct shadow_frame *f)
{
	if (f->writes < SHADOW_FLOOD) {
		f->writes++;
		return false;
	}
	for (unsigned page = f->tables; page; page = s->page[page].same)
		if (page == s->root)
			return false;
	return true;
}

static void give_up(struct shadow *s, struct shadow_frame *f)
{
	for (unsigned page = f->tables, next; page; page = next) {
		next = s->page[page].same;
		if (page != s->root)
			shadow_page_free(s, page);
	}
}

void shadow_write(struct shadow *s, gpa_t at, unsigned size)
{
	struct shadow_frame *f = shadow_frame(s, at.v >> PAGE_SHIFT);
	unsigned first = at.v & PAGE_MASK;

	/* Out of step, it will be compared entry by entry anyway. */
	if (!f || !f->tracked)
		return;
	s->counts.written++;
	if (flooded(s, f)) {
		s->counts.floods++;
		give_up(s, f);
		return;
	}
	for (unsigned page = f->tables; page; page = s->page[page].same)
		drop_range(s, page, first, first + size - 1);
}

void shadow_give_up(struct shadow *s, gpa_t at)
{
	struct shadow_frame *f = shadow_frame(s, at.v >> PAGE_SHIFT);

	if (f)
		give_up(s, f);
}

/* Was this entry made from a large one of the guest's? */
static bool of_large(const struct shadow *s, const struct shadow_page *p,
		     unsigned level, unsigned slot)
{
	if (shadow_leaf_at(level, p->table[slot]))
		return level;
	return s->page[p->link[slot].child].role & ROLE_DIRECT;
}

/*
 * As a TLB does it: what was made from one large entry of the guest's goes as a
 * whole, and of its 4 MiB both halves.
 */
static void drop_address(struct shadow *s, uint64_t va)
{
	unsigned page = s->root, level = s->top;

	for (;; level--) {
		const struct shadow_page *p = &s->page[page];
		unsigned slot = shadow_slot(va, level), half = slot ^ 1;

		if (level == SHADOW_LEVEL_2M && shadow_used(p, half) &&
		    FIELD_GET(ROLE_FORMAT, p->role) == ROLE_32BIT &&
		    of_large(s, p, level, half))
			shadow_drop(s, page, half);
		if (!shadow_used(p, slot))
			return;
		if (!level || of_large(s, p, level, slot)) {
			shadow_drop(s, page, slot);
			return;
		}
		page = p->link[slot].child;
	}
}

/* The lowest table for an address, or 0: none, or a large leaf. */
static unsigned lowest(const struct shadow *s, uint64_t va)
{
	unsigned level, page;

	if (s->near && s->near_tag == va >> shadow_shift(1))
		return s->near;
	page = shadow_descend(s, va, 0, &level);
	return level ? 0 : page;
}

const uint8_t *shadow_leads(const struct shadow *s, gva_t address)
{
	uint64_t va = shadow_linear(s, address.v), entry, inside;
	unsigned level, page = shadow_descend(s, va, 0, &level);
	unsigned slot = shadow_slot(va, level);

	if (!shadow_used(&s->page[page], slot))
		return NULL;
	entry = s->page[page].table[slot];
	if (!shadow_leaf_at(level, entry))
		return NULL;
	inside = (BIT(shadow_shift(level)) - 1) & ~PAGE_MASK;
	return hpa_ptr(hpa((entry & PTE_ADDR & ~inside) | (va & inside)));
}

bool shadow_invlpg(struct shadow *s, gva_t address)
{
	bool flush = s->flush;
	unsigned page, slot;

	if (s->config.sync == SHADOW_FLUSH) {
		drop_address(s, shadow_linear(s, address.v));
		return false;	/* what was dropped has asked for a flush */
	}
	if (s->unsynced_upper) {
		shadow_sync_all(s);
		return false;	/* that has asked for a flush */
	}
	/* Upper tables are in step now, and lowest ones that nobody has let go. */
	if (!s->unsynced)
		return false;
	page = lowest(s, shadow_linear(s, address.v));
	slot = shadow_slot(address.v, 0);
	if (!page || !s->page[page].out_of_step)
		return false;
	/*
	 * In step already it may be for another address that shares the table, while the
	 * hardware still remembers what it was for this one.
	 */
	if (shadow_used(&s->page[page], slot))
		(void)shadow_resync_entry(s, page, slot);
	if (shadow_guards(s, page, slot, 0))
		s->guard_due = true;
	s->flush = flush;	/* one translation is enough */
	return true;
}

void shadow_sync_all(struct shadow *s)
{
	if (s->config.sync == SHADOW_FLUSH) {
		while (s->active)
			shadow_page_free(s, s->active);
		return;
	}
	while (s->unsynced)
		shadow_resync_frame(s, s->page[s->unsynced].gfn);
}
