/*
 * The root that the hardware is given for each of the guest's modes and CR3s; must not
 * know what lies below it.
 */
#include "mmu/shadow_page.h"

#define CR3_ADDR_32	BITS(31, 12)
#define CR3_ADDR_PAE	BITS(31, 5)
#define CR3_OFFSET_PAE	BITS(11, 5)
#define ROOT_LEVEL_PAE	2u

/* The role bits that every table of this mode shares. */
static uint32_t role_base(const struct walk_mode *mode)
{
	uint32_t base = mode->cr0 & CR0_WP ? ROLE_WP : 0;

	if (!base && (mode->cr4 & (CR4_SMEP | CR4_SMAP | CR4_PKE)))
		base = ROLE_SMXP;
	if (mode->nx && (mode->efer & EFER_NXE) && (mode->cr4 & CR4_PAE))
		base |= ROLE_NXE;
	if (mode->efer & EFER_LMA)
		return base | FIELD_PUT(ROLE_FORMAT, ROLE_LONG);
	if (mode->cr4 & CR4_PAE)
		return base | FIELD_PUT(ROLE_FORMAT, ROLE_PAE);
	return base | FIELD_PUT(ROLE_FORMAT, ROLE_32BIT) |
	       (mode->cr4 & CR4_PSE ? ROLE_PSE : 0);
}

static void root_set(struct shadow *s, unsigned page, unsigned top)
{
	if (page != s->root) {
		s->near = 0;
		s->guard_due |= s->guarded;
	}
	s->root = page;
	s->top = top;
}

static unsigned root_find(struct shadow *s, uint64_t gfn, uint32_t role)
{
	if (!shadow_slot_of(s, gfn) && !(role & ROLE_DIRECT))
		return s->nowhere;
	shadow_reserve(s);
	return shadow_page_get(s, gfn, role);
}

/* A page knows what it stands for: one that has become something else is not taken for it. */
static inline unsigned root_get(struct shadow *s, uint64_t gfn, uint32_t role)
{
	uint16_t *recent = &s->recent[gfn % SHADOW_RECENT];
	struct shadow_page *p = &s->page[*recent];

	if (p->gfn != gfn || p->role != role)
		*recent = root_find(s, gfn, role);
	else
		p->hot = true;
	return *recent;
}

/* The PDPTEs are registers: what the root was made from must be what they hold. */
static void pdptes_apply(struct shadow *s, unsigned page,
			 const struct walk_mode *mode)
{
	struct shadow_page *p = &s->page[page];

	for (unsigned i = 0; i < SHADOW_ROOT_ENTRIES; i++) {
		if (p->pdpte[i] == mode->pdpte[i])
			continue;
		shadow_drop(s, page, i);
		p->pdpte[i] = mode->pdpte[i];
	}
}

static void root_long(struct shadow *s, const struct walk_mode *mode)
{
	unsigned level = mode->cr4 & CR4_LA57 ? 4 : 3;

	root_set(s, root_get(s, FIELD_GET(PTE_ADDR, mode->cr3),
			     s->base | level | ROLE_RIGHTS), level);
}

static void root_pae(struct shadow *s, const struct walk_mode *mode)
{
	uint64_t cr3 = mode->cr3 & CR3_ADDR_PAE;
	unsigned page;

	page = root_get(s, cr3 >> PAGE_SHIFT, s->base | ROOT_LEVEL_PAE | ROLE_ROOT |
			FIELD_PUT(ROLE_OFFSET, FIELD_GET(CR3_OFFSET_PAE, cr3)));
	if (page != s->nowhere)
		pdptes_apply(s, page, mode);
	root_set(s, page, ROOT_LEVEL_PAE);
}

static void root_32bit(struct shadow *s, const struct walk_mode *mode)
{
	root_set(s, root_get(s, (mode->cr3 & CR3_ADDR_32) >> PAGE_SHIFT,
			     s->base | ROOT_LEVEL_PAE | ROLE_ROOT),
		 ROOT_LEVEL_PAE);
}

/* Identity: linear addresses are the guest's physical ones. */
static void root_unpaged(struct shadow *s, bool fixed)
{
	root_set(s, root_get(s, 0, ROOT_LEVEL_PAE | ROLE_ROOT | ROLE_DIRECT |
			     ROLE_WP | ROLE_RIGHTS | ROLE_DIRTY |
			     (fixed ? ROLE_FIXED : 0)), ROOT_LEVEL_PAE);
}

static __attribute__((noinline))
hpa_t root_choose(struct shadow *s, const struct walk_mode *mode)
{
	switch (FIELD_GET(ROLE_FORMAT, s->base)) {
	case ROLE_LONG:
		root_long(s, mode);
		break;
	case ROLE_PAE:
		root_pae(s, mode);
		break;
	case ROLE_32BIT:
		root_32bit(s, mode);
		break;
	default:
		root_unpaged(s, s->fixed);
	}
	return hpa_of(s->page[s->root].table);
}

/* In long mode nearly always one of the last roots: root_long() without the questions. */
hpa_t shadow_root_switch(struct shadow *s, const struct walk_mode *mode)
{
	uint64_t gfn = FIELD_GET(PTE_ADDR, mode->cr3);
	unsigned page = s->recent[gfn % SHADOW_RECENT];
	struct shadow_page *p = &s->page[page];

	if (FIELD_GET(ROLE_FORMAT, s->base) != ROLE_LONG || p->gfn != gfn ||
	    p->role != (s->base | s->top | ROLE_RIGHTS))
		return root_choose(s, mode);
	p->hot = true;
	root_set(s, page, s->top);
	return hpa_of(p->table);
}

bool shadow_root_unpaged(const struct shadow *s, bool fixed)
{
	return s->base == ROLE_WP && s->fixed == fixed && s->root;
}

hpa_t shadow_root(struct shadow *s, const struct walk_mode *mode, bool fixed)
{
	s->reserved = PTE_ADDR & ~(BIT(mode->maxphyaddr) - 1);
	s->base = mode->cr0 & CR0_PG ? role_base(mode) : ROLE_WP;
	s->fixed = fixed;
	return root_choose(s, mode);
}
