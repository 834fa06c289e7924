/*
 * The picture of one address: the guest's entries beside the hardware's, and why they
 * differ. Reads everything, changes nothing.
 */
#include "mmu/shadow_page.h"

/* Where the picture stands while it goes down. */
struct view {
	const struct shadow	*s;
	struct walk		w;	/* what the guest's tables say now */
	enum walk_result	result;
	uint64_t		va;
	unsigned		page;	/* the shadow's at this level; 0: none */
	bool			ended;	/* the hardware's walk has come to a leaf */
};

const char *shadow_why_text(enum shadow_why why)
{
	static const char *const texts[SHADOW_WHYS] = {
		[SHADOW_WHY_SAME] = "the same rights",
		[SHADOW_WHY_ABSENT] =
			"not made yet, or dropped: an access that the guest allows makes it",
		[SHADOW_WHY_GUEST_ABSENT] = "not present: the page fault is the guest's own",
		[SHADOW_WHY_RESERVED] =
			"a reserved bit is set: the page fault is the guest's own",
		[SHADOW_WHY_OPEN] = "upper entry, open: the rights are in the last one",
		[SHADOW_WHY_TABLE] = "read-only: the page holds a table, writes to it are seen",
		[SHADOW_WHY_CLEAN] =
			"read-only until the first write sets the guest's dirty bit",
		[SHADOW_WHY_ROM] = "read-only memory: writes go nowhere",
		[SHADOW_WHY_GUARDED] = "read-only: writes to the page are emulated",
		[SHADOW_WHY_LATE] = "read-only still: the next write makes it writable",
		[SHADOW_WHY_NO_RAM] = "no memory there: every access is emulated",
		[SHADOW_WHY_NO_TABLE] = "the table lies in no memory: every access is emulated",
		[SHADOW_WHY_SPLIT] = "the guest's large page, in smaller ones",
		[SHADOW_WHY_FORMAT] = "a level that only the hardware's format has",
		[SHADOW_WHY_WP] = "CR0.WP is clear: turned to the supervisor, who may write",
		[SHADOW_WHY_STALE] = "out of step until the guest's next flush",
	};

	return texts[why];
}

static bool guest_has(const struct view *v, unsigned level)
{
	return level < v->w.levels && level >= v->w.level;
}

/* PAE's top entries have no rights and are registers. SDM 3A table 4-8. */
static bool is_pdpte(const struct view *v, unsigned level)
{
	return v->w.levels == 3 && level == 2;
}

static uint64_t leaf_size(unsigned level)
{
	return BIT(shadow_shift(level));
}

/* Does the leaf map the page that the guest's tables name now? */
static bool right_page(const struct view *v, unsigned level, uint64_t leaf)
{
	uint64_t gfn = v->w.gpa.v >> PAGE_SHIFT;
	const struct guest_mem_slot *slot = shadow_slot_of(v->s, gfn);
	uint64_t offset = v->w.gpa.v & (leaf_size(level) - PAGE_SIZE);

	return v->result == WALK_OK && slot &&
	       ((leaf & PTE_ADDR) | offset) == shadow_host(slot, gfn);
}

static bool guest_dirty(const struct view *v)
{
	return !v->w.levels || (v->w.entry[v->w.level] & PTE_D);
}

/* The guest may write, the hardware's leaf does not let it. */
static enum shadow_why read_only_why(const struct view *v)
{
	uint64_t gfn = v->w.gpa.v >> PAGE_SHIFT;

	if (shadow_slot_of(v->s, gfn)->rom)
		return SHADOW_WHY_ROM;
	if (shadow_frame(v->s, gfn)->tracked)
		return SHADOW_WHY_TABLE;
	if (v->s->guarded && v->s->guard >> PAGE_SHIFT == v->va >> PAGE_SHIFT)
		return SHADOW_WHY_GUARDED;
	return guest_dirty(v) ? SHADOW_WHY_LATE : SHADOW_WHY_CLEAN;
}

static enum shadow_why leaf_why(const struct view *v, unsigned level, uint64_t leaf)
{
	uint64_t key = v->w.levels ? v->w.entry[v->w.level] & PTE_PKEY : 0;
	uint64_t differ = (v->w.write ? PTE_W : 0) | (v->w.user ? PTE_U : 0) |
			  (v->w.nx ? PTE_NX : 0) | key;

	if (!right_page(v, level, leaf))
		return SHADOW_WHY_STALE;
	differ ^= leaf & (PTE_W | PTE_U | PTE_NX | PTE_PKEY);
	if (!differ)
		return guest_has(v, level) && leaf_size(level) < v->w.page_size ?
		       SHADOW_WHY_SPLIT : SHADOW_WHY_SAME;
	/* A leaf that the supervisor may write is turned away from the user, if it was open. */
	if ((differ & PTE_W) && (leaf & PTE_W))
		return !(v->s->base & ROLE_WP) && !(leaf & PTE_U) &&
		       !(differ & (PTE_NX | PTE_PKEY)) ?
		       SHADOW_WHY_WP : SHADOW_WHY_STALE;
	return differ == PTE_W ? read_only_why(v) : SHADOW_WHY_STALE;
}

/* The guest's own entry may say why nothing can be made of it. */
static enum shadow_why absent_why(const struct view *v, unsigned level,
				  const struct shadow_line *line)
{
	if (line->has_guest && !is_pdpte(v, level) &&
	    !shadow_slot_of(v->s, line->guest_at.v >> PAGE_SHIFT))
		return SHADOW_WHY_NO_TABLE;
	if (line->has_guest && !(line->guest & PTE_P))
		return SHADOW_WHY_GUEST_ABSENT;
	if (line->has_guest && v->result == WALK_FAULT && level == v->w.level)
		return SHADOW_WHY_RESERVED;
	if (v->result == WALK_OK && !shadow_slot_of(v->s, v->w.gpa.v >> PAGE_SHIFT))
		return SHADOW_WHY_NO_RAM;
	return v->ended ? SHADOW_WHY_STALE : SHADOW_WHY_ABSENT;
}

/* Why an entry of ours that leads on is as it is; the guest's may have gone since. */
static enum shadow_why table_why(const struct view *v, unsigned level,
				 const struct shadow_line *line, unsigned child)
{
	const struct shadow_page *p = &v->s->page[child];
	bool direct = p->role & ROLE_DIRECT;
	uint64_t rights = PTE_W | PTE_U | PTE_NX;

	if (!v->w.levels || level >= v->w.levels)
		return SHADOW_WHY_FORMAT;
	if (level <= v->w.level)
		return v->result == WALK_OK && direct ? SHADOW_WHY_SPLIT :
							SHADOW_WHY_STALE;
	if (direct || p->gfn != FIELD_GET(PTE_ADDR, line->guest))
		return SHADOW_WHY_STALE;
	return is_pdpte(v, level) || !((line->guest ^ line->shadow) & rights) ?
	       SHADOW_WHY_SAME : SHADOW_WHY_OPEN;
}

/* The hardware's side of one level. */
static void shadow_side(struct view *v, unsigned level, struct shadow_line *line)
{
	const struct shadow_page *p = &v->s->page[v->page];
	unsigned slot = shadow_slot(v->va, level), child;

	line->has_shadow = true;
	line->shadow_at = hpa_of(&p->table[slot]);
	line->shadow = p->table[slot];
	if (!shadow_used(p, slot)) {
		line->why = absent_why(v, level, line);
		v->page = 0;
		return;
	}
	if (shadow_leaf_at(level, line->shadow)) {
		line->why = leaf_why(v, level, line->shadow);
		v->ended = true;
		v->page = 0;
		return;
	}
	child = p->link[slot].child;
	line->why = table_why(v, level, line, child);
	v->page = child;
}

static void line_fill(struct view *v, unsigned level, struct shadow_line *line)
{
	*line = (struct shadow_line){ .level = level };
	line->has_guest = guest_has(v, level);
	if (line->has_guest) {
		line->guest_at = v->w.entry_gpa[level];
		line->guest = v->w.entry[level];
	}
	if (v->page)
		shadow_side(v, level, line);
	else
		line->why = absent_why(v, level, line);
}

unsigned shadow_picture(const struct shadow *s, const struct walk_mode *mode,
			gva_t address, struct shadow_line lines[SHADOW_LINES])
{
	struct walk_mode tables = *mode;
	struct view v = { .s = s, .page = s->root, .va = address.v };
	unsigned count = 0;

	if (!(mode->efer & EFER_LMA))
		v.va = (uint32_t)v.va;
	/* What the tables say, whoever asks. */
	tables.cr4 &= ~(CR4_SMEP | CR4_SMAP | CR4_PKE);
	v.result = walk(&tables, s->mem, gva(v.va), ACCESS_READ | ACCESS_NO_AD, &v.w);
	if (v.result == WALK_NOT_CANONICAL)
		return 0;
	for (unsigned level = s->top;; level--) {
		line_fill(&v, level, &lines[count++]);
		if (!level || (!v.page && level <= v.w.level) ||
		    (!v.page && !v.w.levels))
			return count;
	}
}
