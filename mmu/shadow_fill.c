/*
 * One page fault: the guest's walk, and then the entries that the hardware lacks for
 * it; must not know what becomes of a fault that is the guest's own.
 */
#include "mmu/shadow_page.h"

/* The guest's translation on its way into the shadow. */
struct fill {
	struct shadow		*s;
	const struct walk_mode	*mode;
	const struct walk	*w;
	uint64_t		va;
	unsigned		access;
	uint32_t		rights;		/* the AND so far */
	unsigned		page;		/* the shadow page reached */
	bool			linked;		/* the hardware had not been led there */
};

static bool unpaged(const struct fill *f)
{
	return !(f->mode->cr0 & CR0_PG);
}

/* Does the guest map this address, at this level of ours, from one large entry? */
static bool inside_large(const struct fill *f, unsigned level)
{
	return unpaged(f) || level <= f->w->level;
}

static uint32_t guest_rights(const struct fill *f, unsigned level)
{
	/* A PAE top entry has no rights. SDM 3A table 4-8. */
	if (f->w->levels == 3 && level == 2)
		return ROLE_RIGHTS;
	return shadow_entry_rights(f->w->entry[level]);
}

/* In ROM the entry of a page that is written stays as it was. */
static bool dirty(const struct fill *f)
{
	return unpaged(f) || (f->access & ACCESS_WRITE) ||
	       (f->w->entry[f->w->level] & PTE_D);
}

/* What a page of a run of memory stands for. */
static uint32_t direct_role(const struct fill *f, unsigned level)
{
	uint32_t role = level | ROLE_DIRECT | (f->s->base & (ROLE_WP | ROLE_SMXP));

	if (unpaged(f))
		return role | ROLE_RIGHTS | ROLE_DIRTY;
	return role | (f->rights & guest_rights(f, f->w->level)) |
	       FIELD_PUT(ROLE_PKEY, FIELD_GET(PTE_PKEY, f->w->entry[f->w->level])) |
	       (dirty(f) ? ROLE_DIRTY : 0);
}

static void step(struct fill *f, unsigned level, uint32_t gfn, uint32_t role)
{
	unsigned slot = shadow_slot(f->va, level);
	const uint64_t *entry = &f->s->page[f->page].table[slot];
	uint64_t before = *entry;

	f->page = shadow_child(f->s, f->page, slot, gfn, role);
	f->linked |= *entry != before;
}

static void step_direct(struct fill *f, unsigned level)
{
	uint64_t first = align_down(f->w->gpa.v, BIT(shadow_shift(level)));

	step(f, level, first >> PAGE_SHIFT, direct_role(f, level - 1));
}

/* The table that the guest's entry of `level` names. */
static void step_table(struct fill *f, unsigned level)
{
	uint32_t quadrant = 0;

	f->rights &= guest_rights(f, level);
	if (f->w->levels == 2)
		quadrant = shadow_slot(f->va, 1) & 1;
	step(f, level, FIELD_GET(PTE_ADDR, f->w->entry[level]),
	     f->s->base | (level - 1) | f->rights |
	     FIELD_PUT(ROLE_QUADRANT, quadrant));
}

/* The 32-bit directory: our format has a level above it, of which each entry has a quarter. */
static void step_quarter(struct fill *f)
{
	step(f, 2, f->s->page[f->s->root].gfn, f->s->base | 1 | ROLE_RIGHTS |
	     FIELD_PUT(ROLE_QUADRANT, shadow_slot(f->va, 2)));
}

static void descend_once(struct fill *f, unsigned last)
{
	f->page = f->s->root;
	f->rights = ROLE_RIGHTS;
	for (unsigned level = f->s->top; level > last; level--) {
		if (inside_large(f, level))
			step_direct(f, level);
		else if (f->w->levels == 2 && level == 2)
			step_quarter(f);
		else
			step_table(f, level);
	}
}

/*
 * From the root to the page whose entry of level `last` is to be made. An upper table
 * brought back in step on the way may have lost what was linked a moment ago.
 */
static void descend(struct fill *f, unsigned last)
{
	unsigned upper;

	do {
		upper = f->s->unsynced_upper;
		descend_once(f, last);
	} while (f->s->unsynced_upper < upper);
}

/*
 * The lowest table used last serves again while what it stands for is the same: nearly
 * all faults come in runs.
 */
static bool near(struct fill *f)
{
	struct shadow *s = f->s;
	struct shadow_page *p = &s->page[s->near];
	uint32_t rights = ROLE_RIGHTS, quadrant = 0;

	if (!s->near || s->near_tag != f->va >> shadow_shift(1) || f->w->level ||
	    unpaged(f))
		return false;
	for (unsigned level = f->w->levels - 1; level; level--)
		rights &= guest_rights(f, level);
	if (f->w->levels == 2)
		quadrant = s->near_tag & 1;
	if (p->gfn != FIELD_GET(PTE_ADDR, f->w->entry[1]) ||
	    p->role != (s->base | rights | FIELD_PUT(ROLE_QUADRANT, quadrant)))
		return false;
	f->rights = rights;
	f->page = s->near;
	shadow_used_as_table(s, p);
	return true;
}

/* Is the entry for this address, in the page reached, the guarded one? */
static bool guarded(const struct fill *f, unsigned level)
{
	return shadow_guards(f->s, f->page, shadow_slot(f->va, level), level);
}

/* Can 2 MiB go in one leaf: one run of memory, aligned in the host too, without tables? */
static bool fits_large(const struct fill *f, const struct guest_mem_slot *slot)
{
	uint64_t first = align_down(f->w->gpa.v, SIZE_2M);

	return inside_large(f, SHADOW_LEVEL_2M) &&
	       !f->s->chunk[first / SIZE_2M].tables && first >= slot->base.v &&
	       first + SIZE_2M <= slot->base.v + slot->size &&
	       !(shadow_host(slot, first >> PAGE_SHIFT) & (SIZE_2M - 1));
}

/* All tables of the walk must lie in memory, or there is nothing to keep in step with. */
static bool tables_in_memory(const struct fill *f)
{
	const struct walk *w = f->w;

	/* The fourth GiB may be the configured directory's: none of the guest's business. */
	if (unpaged(f))
		return !f->s->fixed || f->va < 3 * SIZE_1G;
	if (f->s->root == f->s->nowhere)
		return false;
	for (unsigned level = w->level; level < w->levels; level++)
		if (!shadow_slot_of(f->s, w->entry_gpa[level].v >> PAGE_SHIFT) &&
		    !(w->levels == 3 && level == 2))
			return false;
	return true;
}

/*
 * Has this entry been to and fro so often that one instruction may need it for both, the
 * user's code and the supervisor's stack in one page, and never get on?
 */
static bool turns_too_often(const struct fill *f, unsigned level)
{
	struct shadow *s = f->s;
	unsigned slot = shadow_slot(f->va, level);
	uint64_t old = s->page[f->page].table[slot];
	bool users = (old & PTE_U) && shadow_leaf_at(level, old);

	if (s->turned != ENTRY_ID(f->page, slot) || !users) {
		s->turned = ENTRY_ID(f->page, slot);
		s->turns = 0;
	}
	if (s->turns++ < SHADOW_TURNS)
		return false;
	s->turns = 0;
	s->written = SHADOW_BOTH_SIDES;
	return true;
}

static uint64_t rights_of(const struct walk *w, bool write, bool user)
{
	return PTE_P | (write ? PTE_W : 0) | (user ? PTE_U : 0) | (w->nx ? PTE_NX : 0);
}

/*
 * The hardware's CR0.WP is always set: with the guest's clear, a user page that only the
 * supervisor may write is either its, or the user's to read, as the last access asks. 0:
 * neither will do (SMEP, SMAP and protection keys look at U, and PKRU changes without an
 * exit): emulate. Apart, for few guests clear WP.
 */
static __attribute__((noinline))
uint64_t rights_without_wp(const struct fill *f, unsigned level, bool writable)
{
	const struct walk *w = f->w;

	if (!w->user)
		return rights_of(w, writable, false);
	if (!(f->access & ACCESS_WRITE))
		return rights_of(w, false, true);
	if ((f->s->base & ROLE_SMXP) || turns_too_often(f, level))
		return 0;
	return rights_of(w, writable, false);
}

/* The rights of the leaf, and PTE_P; 0: none will do. */
static uint64_t leaf_rights(const struct fill *f, unsigned level, bool writable)
{
	const struct walk *w = f->w;

	if (!w->write && !(f->s->base & ROLE_WP))
		return rights_without_wp(f, level, writable);
	return rights_of(w, w->write && writable, w->user);
}

/* May the leaf let the guest write? False: this very access must be emulated. */
static bool may_write(const struct fill *f, const struct guest_mem_slot *slot,
		      bool *writable)
{
	struct shadow_frame *frame = shadow_frame(f->s, f->w->gpa.v >> PAGE_SHIFT);
	bool write = f->access & ACCESS_WRITE;

	*writable = false;
	if (slot->rom || guarded(f, 0))
		return !write;
	if (frame->tracked && !(write && shadow_unsync(f->s, frame))) {
		if (write)
			f->s->written = f->w->gpa.v >> PAGE_SHIFT;
		return !write;
	}
	*writable = dirty(f);
	return true;
}

/* The leaf for this walk. *changed: it, or the way to it, was not there. False: emulate. */
static bool fill(struct fill *f, bool *changed)
{
	struct shadow *s = f->s;
	uint64_t gfn = f->w->gpa.v >> PAGE_SHIFT;
	const struct guest_mem_slot *slot = shadow_slot_of(s, gfn);
	uint64_t leaf = PTE_A | PTE_D, rights;
	unsigned level = 0;
	bool writable;

	if (!slot)
		return false;
	if (!near(f)) {
		if (!tables_in_memory(f))
			return false;
		shadow_reserve(s);
		level = fits_large(f, slot) ? SHADOW_LEVEL_2M : 0;
		descend(f, level);
		/* A table that this walk made known may lie in these 2 MiB. */
		if (level && (!fits_large(f, slot) || guarded(f, level)))
			descend(f, level = 0);
		if (!inside_large(f, SHADOW_LEVEL_2M)) {
			s->near = f->page;
			s->near_tag = f->va >> shadow_shift(1);
		}
	}
	if (level) {
		leaf |= PTE_PS;
		gfn &= ~SHADOW_INDEX_MASK;
	}
	/* The hardware asks PKRU itself: the guest's is in the CPU. */
	if (!unpaged(f))
		leaf |= f->w->entry[f->w->level] & PTE_PKEY;
	/* Only now: tables on the way may have become known, this frame among them. */
	if (!may_write(f, slot, &writable))
		return false;
	rights = leaf_rights(f, level, writable);
	if (!rights)
		return false;
	*changed = shadow_set_leaf(s, f->page, shadow_slot(f->va, level),
				   leaf | rights | shadow_host(slot, gfn), gfn) || f->linked;
	s->counts.fills++;
	return true;
}

/* Is it refused if it was made for a system structure, where RFLAGS.AC does not count? */
static bool smap_refuses(const struct fill *f, uint32_t *error)
{
	struct walk w;

	if ((f->access & (ACCESS_USER | ACCESS_FETCH)) ||
	    !(f->mode->cr4 & CR4_SMAP) || unpaged(f) || !f->w->user ||
	    walk(f->mode, f->s->mem, gva(f->va), f->access | ACCESS_IMPLICIT,
		 &w) != WALK_FAULT)
		return false;
	*error = w.error;
	return true;
}

/* With the guest's CR0.WP clear its supervisor's writes do not ask for WD, ours do. */
static bool wd_refuses(const struct fill *f)
{
	struct walk_mode ours = *f->mode;
	struct walk w;

	ours.cr0 |= CR0_WP;
	return walk(&ours, f->s->mem, gva(f->va), f->access | ACCESS_NO_AD,
		    &w) == WALK_FAULT && (w.error & PFEC_PK);
}

/*
 * A key that the walk does not ask refuses: one of an older entry, or hardware that asks more
 * than the manuals say (Bochs 2.7 has WD hold on supervisor pages), where the guest alone
 * would have this fault.
 */
static bool key_refuses(uint32_t hardware, uint32_t *error)
{
	if (!(hardware & PFEC_PK))
		return false;
	*error = hardware;
	return true;
}

/*
 * The entry was there, with all rights, and yet the hardware refused: it has remembered an
 * older one, or SMAP refuses an access to a system structure, which no error code tells
 * apart. The guest's own it is only if it comes back after a flush.
 */
static enum shadow_answer refused(struct fill *f, bool again, uint32_t hardware,
				  uint32_t *error)
{
	if ((hardware & PFEC_PK) && wd_refuses(f))
		return SHADOW_EMULATE;
	if ((hardware & PFEC_P) &&
	    (smap_refuses(f, error) || key_refuses(hardware, error))) {
		if (again)
			return SHADOW_GUEST;
		f->s->doubted = true;
	}
	f->s->flush = true;
	return SHADOW_DONE;
}

enum shadow_answer shadow_fault(struct shadow *s, const struct walk_mode *mode,
				gva_t address, unsigned access,
				uint32_t hardware, uint32_t *error)
{
	struct fill f = { .s = s, .mode = mode,
			  .va = shadow_linear(s, address.v), .access = access };
	bool again = s->doubted && s->address == f.va, changed;
	struct walk w;

	s->doubted = false;
	s->address = f.va;
	s->written = SHADOW_NO_FRAME;
	f.w = &w;
	switch (walk(mode, s->mem, gva(f.va), access, &w)) {
	case WALK_OK:
		break;
	case WALK_FAULT:
		*error = w.error;
		return SHADOW_GUEST;
	case WALK_NOT_CANONICAL:
		return SHADOW_EMULATE;
	}
	if (!fill(&f, &changed))
		return SHADOW_EMULATE;
	return changed ? SHADOW_DONE : refused(&f, again, hardware, error);
}
