/*
 * The picture of one address: the guest's entries beside the hardware's, and why they
 * differ. Reads everything, changes nothing.
 */
#include "mmu/shadow_page.h"

/* Where the picture stands while it goes down. */
struct view {
	const struct shadow	*s;
	const struct walk_mode	*mode;
	struct walk		w;
	enum walk_result	result;
	uint64_t		va;
	unsigned		page;	/* the shadow's at this level; 0: none further */
};

const char *shadow_why_text(enum shadow_why why)
{
	static const char *const texts[] = {
		[SHADOW_WHY_SAME] = "the same rights",
		[SHADOW_WHY_ABSENT] = "not made yet, or dropped: the next access makes it",
		[SHADOW_WHY_GUEST_ABSENT] = "not present in the guest's: a page fault is the guest's own",
		[SHADOW_WHY_OPEN] = "upper entry, open: the rights are in the last one",
		[SHADOW_WHY_TABLE] = "read-only: the page holds a table",
		[SHADOW_WHY_CLEAN] = "read-only until the first write sets the guest's dirty bit",
		[SHADOW_WHY_ROM] = "read-only memory",
		[SHADOW_WHY_NO_RAM] = "no memory there: every access is emulated",
		[SHADOW_WHY_SPLIT] = "a large page of the guest's, in smaller ones",
		[SHADOW_WHY_FORMAT] = "a level that only the hardware's format has",
		[SHADOW_WHY_WP] = "rights turned round: the guest's CR0.WP is clear",
		[SHADOW_WHY_STALE] = "out of step until the guest's next flush",
	};

	return texts[why];
}

static bool guest_has(const struct view *v, unsigned level)
{
	return v->w.levels && level < v->w.levels && level >= v->w.level;
}

/* Why a leaf that is there has other rights than the guest's entries give. */
static enum shadow_why leaf_why(const struct view *v, uint64_t leaf)
{
	uint64_t gfn = v->w.gpa.v >> PAGE_SHIFT;
	const struct shadow_frame *f = shadow_frame(v->s, gfn);
	const struct guest_mem_slot *slot = shadow_slot_of(v->s, gfn);
	uint64_t rights = (v->w.write ? PTE_W : 0) | (v->w.user ? PTE_U : 0);

	if (v->result != WALK_OK || !f || !slot ||
	    ((leaf & PTE_ADDR) | (v->w.gpa.v & (leaf & PTE_PS ? SIZE_2M - PAGE_SIZE : 0))) !=
	    shadow_host(slot, gfn))
		return SHADOW_WHY_STALE;
	if ((leaf & (PTE_W | PTE_U)) == rights && !(leaf & PTE_NX) == !v->w.nx)
		return SHADOW_WHY_SAME;
	if (leaf & ~rights & PTE_W)
		return v->s->base & ROLE_WP ? SHADOW_WHY_STALE : SHADOW_WHY_WP;
	if (!((leaf ^ rights) & PTE_W))
		return SHADOW_WHY_STALE;
	if (slot->rom)
		return SHADOW_WHY_ROM;
	return f->tracked ? SHADOW_WHY_TABLE : SHADOW_WHY_CLEAN;
}

static enum shadow_why absent_why(const struct view *v, unsigned level,
				  const struct shadow_line *line)
{
	if (line->has_guest && !(line->guest & PTE_P))
		return SHADOW_WHY_GUEST_ABSENT;
	if (level <= v->w.level && v->result == WALK_OK &&
	    !shadow_slot_of(v->s, v->w.gpa.v >> PAGE_SHIFT))
		return SHADOW_WHY_NO_RAM;
	return SHADOW_WHY_ABSENT;
}

/* An entry of ours that leads on. */
static enum shadow_why table_why(const struct view *v, unsigned level)
{
	if (v->w.levels && guest_has(v, level))
		return level == v->w.level ? SHADOW_WHY_SPLIT : SHADOW_WHY_OPEN;
	return level < v->w.levels || !v->w.levels ? SHADOW_WHY_SPLIT :
						      SHADOW_WHY_FORMAT;
}

/* One level; false: nothing below it. */
static bool line_fill(struct view *v, unsigned level, struct shadow_line *line)
{
	const struct shadow_page *p = &v->s->page[v->page];
	unsigned slot = shadow_slot(v->va, level);

	*line = (struct shadow_line){ .level = level };
	line->has_guest = guest_has(v, level);
	if (line->has_guest) {
		line->guest_at = v->w.entry_gpa[level];
		line->guest = v->w.entry[level];
	}
	line->has_shadow = v->page;
	if (!v->page) {
		line->why = absent_why(v, level, line);
		return level && level > v->w.level;
	}
	line->shadow_at = hpa_of(&p->table[slot]);
	line->shadow = p->table[slot];
	if (!shadow_used(p, slot)) {
		line->why = absent_why(v, level, line);
		v->page = 0;
		return level > v->w.level && v->w.levels;
	}
	if (shadow_leaf_at(level, line->shadow)) {
		line->why = leaf_why(v, line->shadow);
		return false;
	}
	line->why = table_why(v, level);
	v->page = p->link[slot].child;
	return true;
}

unsigned shadow_picture(const struct shadow *s, const struct walk_mode *mode,
			gva_t address, struct shadow_line lines[SHADOW_LINES])
{
	struct view v = {
		.s = s, .mode = mode, .va = shadow_linear(s, address.v),
		.page = s->root,
	};
	unsigned count = 0;

	v.result = walk(mode, s->mem, gva(v.va), ACCESS_READ | ACCESS_NO_AD, &v.w);
	if (v.result == WALK_NOT_CANONICAL)
		return 0;
	for (unsigned level = s->top;; level--) {
		bool more = line_fill(&v, level, &lines[count++]);

		if (!more || !level)
			return count;
	}
}
