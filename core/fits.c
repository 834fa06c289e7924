/* The segment rules of VM entry, for asking beforehand; pure, names no vendor. */
#include "core/fits.h"

#define PARAGRAPH_SHIFT	4
#define LIMIT_REAL	UINT16_MAX
#define LIMIT_LOW	((uint32_t)BITS(11, 0))
#define LIMIT_HIGH	((uint32_t)BITS(31, 20))

/* Rights that vm86 has: present, 16-bit, and writable data that does not expand down, or code. */
#define VM86_MASK	(AR_UNUSABLE | AR_DB | AR_P | AR_S | \
			 AR_TYPE_CODE | AR_TYPE_DOWN | AR_TYPE_WRITE)
#define VM86_DATA	(AR_P | AR_S | AR_TYPE_WRITE)
#define VM86_CODE_MASK	(AR_UNUSABLE | AR_DB | AR_P | AR_S | AR_TYPE_CODE)
#define VM86_CODE	(AR_P | AR_S | AR_TYPE_CODE)

/* Type field values of system segments. */
#define TYPE_LDT	2u
#define TYPE_TSS16_BUSY	3u
#define TYPE_TSS_BUSY	11u

static unsigned rpl(const struct vcpu_seg *s)
{
	return s->sel & SEL_RPL;
}

static unsigned dpl(const struct vcpu_seg *s)
{
	return FIELD_GET(AR_DPL, s->ar);
}

static bool code(const struct vcpu_seg *s)
{
	return s->ar & AR_TYPE_CODE;
}

/* vm86 can read, write and execute all six alike: of code only CS may be. */
static inline bool vm86_segment(const struct vcpu_seg *s, bool cs)
{
	return s->base == (uint64_t)s->sel << PARAGRAPH_SHIFT && s->limit == LIMIT_REAL &&
	       ((s->ar & VM86_MASK) == VM86_DATA ||
		(cs && (s->ar & VM86_CODE_MASK) == VM86_CODE));
}

/* SS first: mostly it is loaded last, and this is asked after each. */
bool fits_vm86_stack(const struct vcpu *v)
{
	return vm86_segment(&v->seg[SEG_SS], false);
}

bool fits_vm86(const struct vcpu *v)
{
	const struct vcpu_seg *s = v->seg;

	return vm86_segment(&s[SEG_SS], false) && vm86_segment(&s[SEG_GS], false) &&
	       vm86_segment(&s[SEG_FS], false) && vm86_segment(&s[SEG_ES], false) &&
	       vm86_segment(&s[SEG_DS], false) && vm86_segment(&s[SEG_CS], true);
}

static inline bool limit_fits(const struct vcpu_seg *s)
{
	if (s->ar & AR_G)
		return (s->limit & LIMIT_LOW) == LIMIT_LOW;
	return !(s->limit & LIMIT_HIGH);
}

/* Present, code or data, accessed; limit and granularity in agreement. */
#define MEMORY	(AR_P | AR_S | AR_TYPE_ACCESSED)

static inline bool memory_fits(const struct vcpu_seg *s)
{
	return (s->ar & MEMORY) == MEMORY && limit_fits(s);
}

static bool cs_fits(const struct vcpu *v)
{
	const struct vcpu_seg *cs = &v->seg[SEG_CS], *ss = &v->seg[SEG_SS];
	bool conforming = cs->ar & AR_TYPE_DOWN;

	if ((cs->ar & AR_UNUSABLE) || !code(cs) || !memory_fits(cs) ||
	    (cs->base >> 32))
		return false;
	if ((v->efer & EFER_LMA) && (cs->ar & AR_L) && (cs->ar & AR_DB))
		return false;
	return conforming ? dpl(cs) <= dpl(ss) : dpl(cs) == dpl(ss);
}

static bool ss_fits(const struct vcpu *v)
{
	const struct vcpu_seg *ss = &v->seg[SEG_SS];

	if (dpl(ss) != rpl(ss) || rpl(ss) != rpl(&v->seg[SEG_CS]))
		return false;
	if (ss->ar & AR_UNUSABLE)
		return true;
	return !code(ss) && (ss->ar & AR_TYPE_WRITE) && memory_fits(ss) &&
	       !(ss->base >> 32);
}

static inline bool data_fits(const struct vcpu_seg *s, bool base64)
{
	if (s->ar & AR_UNUSABLE)
		return true;
	if (!memory_fits(s) || (!base64 && (s->base >> 32)))
		return false;
	if (code(s) && !(s->ar & AR_TYPE_WRITE))
		return false;
	return dpl(s) >= rpl(s) || (code(s) && (s->ar & AR_TYPE_DOWN));
}

static bool system_fits(const struct vcpu *v)
{
	const struct vcpu_seg *tr = &v->seg[SEG_TR], *ldt = &v->seg[SEG_LDTR];
	unsigned type = tr->ar & AR_TYPE;

	if ((tr->ar & (AR_UNUSABLE | AR_S | AR_P)) != AR_P ||
	    (tr->sel & SEL_TI) || !limit_fits(tr))
		return false;
	if (type != TYPE_TSS_BUSY &&
	    (type != TYPE_TSS16_BUSY || (v->efer & EFER_LMA)))
		return false;
	return (ldt->ar & AR_UNUSABLE) ||
	       ((ldt->ar & (AR_S | AR_P | AR_TYPE)) == (AR_P | TYPE_LDT) &&
		!(ldt->sel & SEL_TI) && limit_fits(ldt));
}

/*
 * What real mode leaves behind, and much else: all six in ring 0, their limits in bytes.
 * All at once: the same answer as below, where it is yes.
 */
static bool six_fit(const struct vcpu_seg *s)
{
	const struct vcpu_seg *es = &s[SEG_ES], *cs = &s[SEG_CS], *ss = &s[SEG_SS];
	const struct vcpu_seg *ds = &s[SEG_DS], *fs = &s[SEG_FS], *gs = &s[SEG_GS];
	uint32_t data = es->ar | ss->ar | ds->ar | fs->ar | gs->ar;
	uint32_t both = es->ar & ss->ar & ds->ar & fs->ar & gs->ar & cs->ar;
	uint32_t limits = es->limit | cs->limit | ss->limit | ds->limit | fs->limit | gs->limit;

	if ((data & AR_TYPE_CODE) || ((data | cs->ar) & (AR_UNUSABLE | AR_DPL | AR_G | AR_L)))
		return false;
	return (both & MEMORY) == MEMORY && (cs->ar & AR_TYPE_CODE) &&
	       (ss->ar & AR_TYPE_WRITE) && !(limits & LIMIT_HIGH) &&
	       !((es->sel | cs->sel | ss->sel | ds->sel | fs->sel | gs->sel) & SEL_RPL) &&
	       !((es->base | cs->base | ss->base | ds->base) >> 32);
}

bool fits_protected(const struct vcpu *v)
{
	if (six_fit(v->seg))
		return system_fits(v);
	return cs_fits(v) && ss_fits(v) &&
	       data_fits(&v->seg[SEG_DS], false) &&
	       data_fits(&v->seg[SEG_ES], false) &&
	       data_fits(&v->seg[SEG_FS], true) &&
	       data_fits(&v->seg[SEG_GS], true) && system_fits(v);
}

bool fits(const struct vcpu *v)
{
	if (!(v->cr0 & CR0_PE))
		return fits_vm86(v);
	if (v->rflags & RFLAGS_VM)
		return fits_vm86(v) && system_fits(v);
	return fits_protected(v);
}
