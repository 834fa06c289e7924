/*
 * What shadow paging is made of: pages of hardware entries, what each stands for, and
 * the lists that join them. Private to mmu/shadow*.c and its tests; knows no fault.
 *
 * Every present entry is on exactly one list: an entry that leads to a shadow page is
 * on that page's `parents`; a leaf of 4 KiB on its guest frame's `maps`, or on its
 * `writable`, so that what a new table takes away is proportional to that; a leaf of
 * 2 MiB on its chunk's `large`. So whatever must be found when a page goes or a
 * frame becomes a table is found without a search. The frame a leaf maps is read
 * from the leaf itself, never computed from what its page stands for.
 */
#ifndef MMU_SHADOW_PAGE_H
#define MMU_SHADOW_PAGE_H

#include "mmu/shadow.h"

#define SHADOW_ENTRIES		512u
#define SHADOW_INDEX_BITS	9
#define SHADOW_INDEX_MASK	(BIT(SHADOW_INDEX_BITS) - 1)
#define SHADOW_LEVEL_2M		1u	/* level index whose leaves map 2 MiB */
#define SHADOW_ROOT_ENTRIES	4u	/* of a PAE root */
#define SHADOW_PAGES_MIN	16u
#define SHADOW_PAGES_MAX	16383u
#define SHADOW_SPARE		6u	/* at hand before a fault is filled: each level, a root */
#define SHADOW_FLOOD		3u	/* emulated writes without use: the table is given up */
#define SHADOW_TURNS		8u	/* of one entry, from user to supervisor: then emulated */
#define SHADOW_CHUNKS		(SIZE_4G / SIZE_2M)

/*
 * What a shadow page stands for: all that gives its entries their meaning. Two
 * pages with the same frame and role are the same page.
 */
#define ROLE_LEVEL	BITS(2, 0)
#define ROLE_FORMAT	BITS(4, 3)
#define ROLE_UNPAGED	0u		/* values of ROLE_FORMAT */
#define ROLE_32BIT	1u
#define ROLE_PAE	2u
#define ROLE_LONG	3u
#define ROLE_DIRECT	BIT(5)		/* a run of memory, not a table of the guest's */
#define ROLE_W		BIT(6)		/* the guest's rights, ANDed over the levels above */
#define ROLE_U		BIT(7)
#define ROLE_X		BIT(8)
#define ROLE_RIGHTS	(ROLE_W | ROLE_U | ROLE_X)
#define ROLE_DIRTY	BIT(9)		/* direct: dirty already, a write needs nothing more */
#define ROLE_NXE	BIT(10)
#define ROLE_WP		BIT(11)
#define ROLE_SMXP	BIT(12)		/* WP clear: SMEP, SMAP or PKE is set */
#define ROLE_PSE	BIT(13)		/* 32-bit: a directory's bit 7 is honoured */
#define ROLE_ROOT	BIT(14)		/* a PAE root: four entries, from registers or made up */
#define ROLE_FIXED	BIT(15)		/* ... the last of them the configured directory */
#define ROLE_QUADRANT	BITS(17, 16)	/* 32-bit: which part of the guest's 1024 entries */
#define ROLE_OFFSET	BITS(24, 18)	/* PAE root: CR3 bits 11:5 */
#define ROLE_VOID	BIT(25)		/* the root of tables that lie nowhere: stays empty */
#define ROLE_PKEY	BITS(29, 26)	/* direct: the protection key of the large page */

#define ROLE_RIGHTS_SHIFT 5		/* from PTE_W, PTE_U to ROLE_W, ROLE_U */

/* An entry's name, in 24 bits: page number and index. 0: none (page 0 is no page). */
#define ENTRY_ID(page, slot)	((uint32_t)(page) << SHADOW_INDEX_BITS | (slot))
#define ENTRY_PAGE(id)		((id) >> SHADOW_INDEX_BITS)
#define ENTRY_SLOT(id)		((id) & SHADOW_INDEX_MASK)

struct shadow_link {
	uint64_t	next : 24, prev : 24;	/* neighbours on the list this entry is on */
	uint64_t	child : 16;		/* the page it leads to; 0: a leaf */
};
_Static_assert(sizeof(struct shadow_link) == 8, "a frame of links for a page");

struct shadow_page {
	uint64_t	*table;		/* what the hardware walks; NULL: never used */
	struct shadow_link *link;	/* one for each entry */
	uint64_t	used[SHADOW_ENTRIES / 64];	/* which entries are present */
	uint32_t	gfn;		/* the guest's table; direct: the first frame mapped */
	uint32_t	role;		/* 0: not in use */
	uint32_t	parents;	/* entries that lead here */
	uint16_t	same;		/* next page of the same frame */
	uint16_t	next, prev;	/* active (both), free (next) */
	uint16_t	unsynced;	/* next page out of step, */
	uint16_t	unsynced_prev;	/* ... and the one before */
	uint16_t	blank;		/* entries from 0 on that are zero when not used */
	uint16_t	count;		/* entries present */
	bool		out_of_step;	/* the guest may write the table */
	bool		hot;		/* used since the last search for a victim */
	uint64_t	pdpte[SHADOW_ROOT_ENTRIES];	/* PAE root: what it was made from */
};

/* A guest frame. */
struct shadow_frame {
	uint32_t	writable;	/* 4 KiB leaves that let the guest write it, */
	uint32_t	maps;		/* ... and those that do not */
	uint16_t	tables;		/* pages that shadow it as a table */
	uint16_t	others;		/* direct pages and PAE roots that begin here */
	uint8_t		writes;		/* emulated since it was last used as a table */
	bool		tracked;	/* holds a table: no leaf of any shadow may write it */
};
#define SHADOW_CHUNK_FRAMES	(sizeof(struct shadow_frame) * SHADOW_ENTRIES / PAGE_SIZE)
_Static_assert(sizeof(struct shadow_frame) == 16, "whole frames for a chunk");

struct shadow_chunk {
	struct shadow_frame *frame;	/* [512] where there is memory, else NULL */
	uint32_t	large;		/* 2 MiB leaves that map it */
	uint32_t	tables;		/* frames in it that hold tables */
};

static inline unsigned shadow_shift(unsigned level)
{
	return PAGE_SHIFT + level * SHADOW_INDEX_BITS;
}

static inline unsigned shadow_slot(uint64_t va, unsigned level)
{
	return va >> shadow_shift(level) & SHADOW_INDEX_MASK;
}

static inline bool shadow_tracks(uint32_t role)
{
	return !(role & (ROLE_DIRECT | ROLE_ROOT | ROLE_VOID));
}

static inline uint32_t shadow_entry_rights(uint64_t entry)
{
	return (entry & (PTE_W | PTE_U)) << ROLE_RIGHTS_SHIFT |
	       (entry & PTE_NX ? 0 : ROLE_X);
}

static inline bool shadow_leaf_at(unsigned level, uint64_t entry)
{
	return !level || (entry & PTE_PS);
}

static inline bool shadow_used(const struct shadow_page *p, unsigned slot)
{
	return p->used[slot / 64] & BIT(slot % 64);
}

/* Outside long mode linear addresses have 32 bits. */
static inline uint64_t shadow_linear(const struct shadow *s, uint64_t va)
{
	return s->page[s->root].role & ROLE_ROOT ? (uint32_t)va : va;
}

/* ---- mmu/shadow_guard.c: the page of one address that the guest must not write ---- */

/* Does the current root lead to this page, of this level, for the guarded address? */
__attribute__((noinline))
bool shadow_guard_leads(const struct shadow *s, unsigned page, unsigned level);

/* Is this entry the guarded address's own? */
static inline bool shadow_guards(const struct shadow *s, unsigned page,
				 unsigned slot, unsigned level)
{
	return s->guarded && slot == shadow_slot(s->guard, level) &&
	       shadow_guard_leads(s, page, level);
}

/* ---- mmu/shadow_page.c: pages and lists ---- */

/* One more page at hand; false: there are no more, or no memory. */
bool shadow_page_spare(struct shadow *s);

/* Have SHADOW_SPARE pages at hand, taking them back from others if it must be. */
void shadow_reserve(struct shadow *s);

/* The page that stands for (gfn, role), made if there is none. After shadow_reserve(). */
unsigned shadow_page_get(struct shadow *s, uint32_t gfn, uint32_t role);
void shadow_page_free(struct shadow *s, unsigned page);

/* Remove an entry that may be present. Asks for a flush if it was. */
void shadow_drop(struct shadow *s, unsigned page, unsigned slot);

/* Put a leaf in, which maps `gfn`. False: it was there already, just so. */
bool shadow_set_leaf(struct shadow *s, unsigned page, unsigned slot,
		     uint64_t entry, uint32_t gfn);

/*
 * The page below, as (gfn, role) asks; what else was there goes. With
 * SHADOW_FLUSH pages are not shared: each is part of one address range only, so
 * that an entry is a translation that was made for just its address.
 */
unsigned shadow_child(struct shadow *s, unsigned page, unsigned slot,
		      uint32_t gfn, uint32_t role);

/*
 * From the root down the links towards an address (shadow_linear()), to level `last` or
 * as far as they go: the page reached, and its level.
 */
unsigned shadow_descend(const struct shadow *s, uint64_t va, unsigned last,
			unsigned *level);

/* ---- mmu/shadow_track.c: guest frames ---- */

/* NULL: nothing there, and no direct page begins there. */
static inline struct shadow_frame *shadow_frame(const struct shadow *s,
						uint64_t gfn)
{
	const struct shadow_chunk *chunk;

	if (gfn >> (32 - PAGE_SHIFT))
		return NULL;
	chunk = &s->chunk[gfn >> SHADOW_INDEX_BITS];
	return chunk->frame ? &chunk->frame[gfn & SHADOW_INDEX_MASK] : NULL;
}

/* Not cold, and no table that is only written. */
static inline void shadow_used_as_table(const struct shadow *s, struct shadow_page *p)
{
	p->hot = true;
	if (shadow_tracks(p->role))
		shadow_frame(s, p->gfn)->writes = 0;
}

/* The slot that holds a whole guest frame, or NULL. */
static inline const struct guest_mem_slot *shadow_slot_of(const struct shadow *s,
							  uint64_t gfn)
{
	const struct guest_mem *mem = s->mem;
	uint64_t at = gfn << PAGE_SHIFT;

	for (unsigned i = 0; i < mem->slots; i++)
		if (at - mem->slot[i].base.v < mem->slot[i].size)
			return &mem->slot[i];
	return NULL;
}

static inline uint64_t shadow_host(const struct guest_mem_slot *slot, uint64_t gfn)
{
	return slot->host.v + ((gfn << PAGE_SHIFT) - slot->base.v);
}

/* From the address in a leaf back to the guest's frame. */
uint32_t shadow_gfn_of(const struct shadow *s, uint64_t host);

/* A page that shadows this frame as a table has come, or the last has gone. */
void shadow_track(struct shadow *s, unsigned page);
void shadow_untrack(struct shadow *s, unsigned page);

/* May the frame's tables go out of step? Then they do, and the guest may write it. */
bool shadow_unsync(struct shadow *s, struct shadow_frame *frame);

/* Bring the tables in a frame back in step; it is read-only from here on. */
void shadow_resync_frame(struct shadow *s, uint32_t gfn);

/* Bring one entry of a lowest table back in step. True: it was not. */
bool shadow_resync_entry(struct shadow *s, unsigned page, unsigned slot);

#endif
