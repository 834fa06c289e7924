/*
 * Two copies of one guest, one for the walker and one for the second model: each walk
 * is made in both and everything the contract promises is compared. Knows no rule.
 */
#ifndef TESTS_WALK_PAIR_H
#define TESTS_WALK_PAIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "walk_model_rights.h"

#define PAIR_PAGES	16
#define PAIR_SAID_MAX	10

struct pair {
	uint8_t			*ours, *theirs;	/* PAIR_PAGES pages each */
	unsigned		pages;		/* given out to slots */
	struct guest_mem	mem;
	struct model_memory	model_mem;
	struct walk_mode	mode;
	struct walk_trail	trail;
	struct model		last;		/* as it ended in the model */
	uint64_t		walks, faults, peeks, wrong;
};

static inline void pair_make(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	p->ours = aligned_alloc(PAGE_SIZE, PAIR_PAGES * PAGE_SIZE);
	p->theirs = aligned_alloc(PAGE_SIZE, PAIR_PAGES * PAGE_SIZE);
	assert_non_null(p->ours);
	assert_non_null(p->theirs);
	memset(p->ours, 0, PAIR_PAGES * PAGE_SIZE);
	memset(p->theirs, 0, PAIR_PAGES * PAGE_SIZE);
}

static inline void pair_free(struct pair *p)
{
	free(p->ours);
	free(p->theirs);
}

static inline void pair_slot(struct pair *p, uint64_t base, unsigned pages, bool rom)
{
	unsigned i = p->mem.slots;
	uint64_t size = pages * PAGE_SIZE, offset = p->pages * PAGE_SIZE;

	assert_in_range(p->pages + pages, 1, PAIR_PAGES);
	assert_in_range(i, 0, GUEST_MEM_SLOTS - 1);
	p->mem.slot[i] = (struct guest_mem_slot){
		gpa(base), size, hpa_of(p->ours + offset), rom };
	p->model_mem.slot[i] = (struct model_slot){ base, size, p->theirs + offset, rom };
	p->mem.slots = p->model_mem.slots = i + 1;
	p->pages += pages;
}

static inline void pair_put(struct pair *p, uint64_t at, uint64_t value, unsigned size)
{
	bool rom;
	uint8_t *theirs = model_at(&p->model_mem, at, &rom);

	assert_non_null(theirs);
	memcpy(theirs, &value, size);
	memcpy(p->ours + (theirs - p->theirs), &value, size);
}

static inline bool pair_same_memory(const struct pair *p)
{
	return !memcmp(p->ours, p->theirs, p->pages * PAGE_SIZE);
}

/* ---- one walk in both ---- */

/* Of an entry met twice it is not promised which of the two uses' A and D each shows. */
static inline uint64_t pair_entry_mask(const struct model *m, unsigned i)
{
	for (unsigned k = m->level; k < m->levels; k++)
		if (k != i && m->entry_at[k] == m->entry_at[i])
			return ~(PTE_A | PTE_D);
	return UINT64_MAX;
}

static inline const char *pair_differs_entries(const struct model *m, const struct walk *w)
{
	for (unsigned i = m->level; i < m->levels; i++) {
		if (w->entry_gpa[i].v != m->entry_at[i])
			return "entry_gpa";
		if ((w->entry[i] ^ m->entry[i]) & pair_entry_mask(m, i))
			return "entry";
	}
	return NULL;
}

static inline const char *pair_differs_found(const struct model *m, const struct walk *w)
{
	if (w->gpa.v != m->physical)
		return "gpa";
	if (w->page_size != m->page_size)
		return "page_size";
	if (!m->levels)
		return NULL;
	if (w->write != model_writable(m) || w->user != model_user_address(m) ||
	    w->nx != model_no_execute(m))
		return "write, user or nx";
	return w->global != model_global(m) ? "global" : NULL;
}

static inline const char *pair_differs(const struct model *m, enum walk_result theirs,
				       const struct walk *w, enum walk_result ours)
{
	const char *what = NULL;

	if (ours != theirs)
		return "result";
	if (w->levels != m->levels)
		return "levels";
	if (ours == WALK_NOT_CANONICAL)
		return NULL;
	if (ours == WALK_FAULT && w->error != m->error)
		return "error";
	if (ours == WALK_OK)
		what = pair_differs_found(m, w);
	if (what || !m->levels)
		return what;
	return w->level != m->level ? "level" : pair_differs_entries(m, w);
}

static inline void pair_say(const struct pair *p, const struct model *m, const char *what,
			    enum walk_result theirs, const struct walk *w,
			    enum walk_result ours)
{
	const struct walk_mode *mode = &p->mode;

	if (p->wrong > PAIR_SAID_MAX)
		return;
	print_error("walk %llu: %s differs: walker %d error %#x gpa %#llx level %u, "
		    "model %d error %#x gpa %#llx level %u\n",
		    (unsigned long long)p->walks, what, ours, w->error,
		    (unsigned long long)w->gpa.v, w->level, theirs, m->error,
		    (unsigned long long)m->physical, m->level);
	print_error("  address %#llx access %#x cr0 %#llx cr3 %#llx cr4 %#llx efer %#llx "
		    "pkru %#x M %u pse36 %d page1g %d nx %d ac %d\n",
		    (unsigned long long)m->address, m->access,
		    (unsigned long long)mode->cr0, (unsigned long long)mode->cr3,
		    (unsigned long long)mode->cr4, (unsigned long long)mode->efer,
		    mode->pkru, mode->maxphyaddr, mode->pse36, mode->page1g, mode->nx,
		    mode->rflags_ac);
	for (unsigned i = m->levels; i-- > m->level;)
		print_error("  level %u at %#llx: %#llx\n", i,
			    (unsigned long long)m->entry_at[i],
			    (unsigned long long)m->entry[i]);
}

/* It may decline; when it answers, the answer is the walk's. */
static inline const char *pair_peek(struct pair *p, const struct model *m)
{
	const struct walk_roots roots = {
		p->mode.cr3, p->mode.cr4, p->mode.efer, p->mode.pdpte };
	struct walk_trail none = { 0 };
	gpa_t at;

	if (!m->levels)
		return NULL;
	if (walk_peek(&p->mem, &roots, gva(m->address), &p->trail, &at)) {
		p->peeks++;
		if (at.v != m->physical)
			return "walk_peek with a trail";
	}
	if (walk_peek(&p->mem, &roots, gva(m->address), &none, &at) &&
	    at.v != m->physical)
		return "walk_peek";
	return NULL;
}

static inline enum walk_result pair_walk(struct pair *p, uint64_t address, unsigned access)
{
	struct model m = { .mode = &p->mode, .mem = &p->model_mem,
			   .address = address, .access = access };
	enum walk_result theirs = model_walk(&m), ours;
	const char *what;
	struct walk w;

	memset(&w, 0xa5, sizeof(w));
	ours = walk(&p->mode, &p->mem, gva(address), access, &w);
	p->walks++;
	p->last = m;
	p->faults += theirs == WALK_FAULT;
	what = pair_differs(&m, theirs, &w, ours);
	if (!what && ours == WALK_OK)
		what = pair_peek(p, &m);
	if (what) {
		p->wrong++;
		pair_say(p, &m, what, theirs, &w, ours);
	}
	return theirs;
}

#endif
