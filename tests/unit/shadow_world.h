/*
 * A guest for the shadow MMU's property test: scattered RAM, a ROM, holes, and each
 * of its bytes twice, once for the shadow and once for the second model. Knows no rule.
 */
#ifndef TESTS_SHADOW_WORLD_H
#define TESTS_SHADOW_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "mmu/shadow_page.h"
#include "walk_model_rights.h"

#define WORLD_POOL_SIZE		(2 * SIZE_2M)
#define WORLD_MEMORY_SIZE	(5 * SIZE_2M)
#define WORLD_TABLES		24	/* frames full of entries */
#define WORLD_ADDRESSES		24	/* linear addresses in use */
#define WORLD_STORES		96	/* since the last flush of everything */
#define WORLD_INVLPGS		64
#define WORLD_LET_GO	16u
#define WORLD_TLB		256

/* Where guest memory lies; `host`: its place among the host's bytes. */
static const struct {
	uint64_t base, size, host;
	bool rom;
} world_place[] = {
	{ 0, 2 * SIZE_2M, 0, false },
	{ SIZE_1G, SIZE_2M, 2 * SIZE_2M, false },
	/* Never as one large page: aligned otherwise in the host. */
	{ 2 * SIZE_1G, SIZE_2M, 3 * SIZE_2M + 5 * PAGE_SIZE, false },
	{ SIZE_4G - 16 * PAGE_SIZE, 16 * PAGE_SIZE, 4 * SIZE_2M + 8 * PAGE_SIZE, true },
};

/* A store of the guest's; `value` is what stands there in the other epoch. */
struct world_store {
	uint64_t at, value;
	unsigned size;
};

struct world_invlpg {
	uint64_t address;
	unsigned stores;	/* made before it */
};

struct world_translation {
	uint64_t page, host;	/* linear and host address of 4 KiB */
	bool valid, w, u, nx;
	uint8_t key;
};

struct world {
	struct shadow		s;
	struct frame_pool	pool;
	uint8_t			*pool_bytes, *ours, *theirs;
	struct guest_mem	mem;
	struct model_memory	model_mem;
	struct walk_mode	mode;
	bool			fixed;		/* the unpaged root with the configured directory */
	uint64_t		base_used;	/* of the pool, after shadow_init */

	uint64_t		table[WORLD_TABLES];	/* guest-physical */
	unsigned		entry_size[WORLD_TABLES], narrow;	/* percent of 4-byte ones */
	bool			tidy;		/* each serves at one level only */
	bool			calm;		/* few changes but those that are meant */
	bool			keyed;		/* entries have protection keys */
	uint64_t		address[WORLD_ADDRESSES];

	struct world_translation tlb[WORLD_TLB];
	struct world_store	store[WORLD_STORES];
	struct world_invlpg	invlpg[WORLD_INVLPGS];
	unsigned		stores, invlpgs;
	uint64_t		let_go[WORLD_LET_GO];	/* frames, since the last flush */
	unsigned		lets;

	uint64_t		random;
	uint64_t		operations, accesses, hits, stale, fills, guest, emulated;
	uint64_t		edits, edits_direct, flushes, reclaimed, unsynced, given_up;
	uint64_t		keys_guest, keys_emulated;	/* refused by a key */
};

/* ---- chance ---- */

static inline uint64_t world_random(struct world *w)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return w->random * UINT64_C(2685821657736338717);
}

static inline unsigned world_below(struct world *w, unsigned n)
{
	return (unsigned)((world_random(w) >> 32) % n);
}

static inline bool world_percent(struct world *w, unsigned n)
{
	return world_below(w, 100) < n;
}

/* ---- memory ---- */

static inline uint8_t *world_map(uint64_t size, int flags)
{
	uint8_t *at = mmap(NULL, size + SIZE_2M, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	assert_true(at != MAP_FAILED);
	return at + (align_up((uintptr_t)at, SIZE_2M) - (uintptr_t)at);
}

static inline void world_make(struct world *w)
{
	memset(w, 0, sizeof(*w));
	/* Roots of PAE format need an address that CR3 can name. */
	w->pool_bytes = world_map(WORLD_POOL_SIZE, MAP_32BIT);
	w->ours = world_map(WORLD_MEMORY_SIZE, 0);
	w->theirs = world_map(WORLD_MEMORY_SIZE, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(world_place); i++) {
		w->mem.slot[i] = (struct guest_mem_slot){
			gpa(world_place[i].base), world_place[i].size,
			hpa_of(w->ours + world_place[i].host), world_place[i].rom };
		w->model_mem.slot[i] = (struct model_slot){
			world_place[i].base, world_place[i].size,
			w->theirs + world_place[i].host, world_place[i].rom };
	}
	w->mem.slots = w->model_mem.slots = ARRAY_SIZE(world_place);
}

/* NULL: no memory there. Ours may be written whatever kind it is. */
static inline uint8_t *world_theirs(const struct world *w, uint64_t at)
{
	bool rom;

	return model_at(&w->model_mem, at, &rom);
}

static inline uint8_t *world_ours(const struct world *w, uint64_t at)
{
	uint8_t *theirs = world_theirs(w, at);

	return theirs ? w->ours + (theirs - w->theirs) : NULL;
}

static inline bool world_is_rom(const struct world *w, uint64_t at)
{
	bool rom = false;

	(void)model_at(&w->model_mem, at, &rom);
	return rom;
}

/* From the host's address to the guest's. False: it is none of the guest's memory. */
static inline bool world_gpa_of(const struct world *w, uint64_t host, uint64_t *at)
{
	for (unsigned i = 0; i < w->mem.slots; i++) {
		const struct guest_mem_slot *slot = &w->mem.slot[i];

		if (host >= slot->host.v && host - slot->host.v < slot->size) {
			*at = slot->base.v + (host - slot->host.v);
			return true;
		}
	}
	return false;
}

static inline void world_same_memory(const struct world *w)
{
	assert_memory_equal(w->ours, w->theirs, WORLD_MEMORY_SIZE);
}

/* Is it a table that was let go, and may be out of step whatever the policy? */
static inline bool world_let_go(const struct world *w, uint64_t gfn)
{
	for (unsigned i = 0; i < w->lets; i++)
		if (w->let_go[i] == gfn)
			return true;
	return false;
}

/* ---- failing so that it can be repeated ---- */

#define world_require(w, holds, ...)						\
	do {									\
		if (!(holds)) {							\
			print_error("# operation %llu: ",			\
				    (unsigned long long)(w)->operations);	\
			print_error(__VA_ARGS__);				\
			print_error("\n# cr0 %lx cr3 %lx cr4 %lx efer %lx pkru %x " \
				    "sync %d\n", (w)->mode.cr0, (w)->mode.cr3,	\
				    (w)->mode.cr4, (w)->mode.efer, (w)->mode.pkru, \
				    (int)(w)->s.config.sync);			\
			fail();							\
		}								\
	} while (0)

#endif
