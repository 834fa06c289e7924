/*
 * Descriptors: found in GDT or LDT, read once, checked on the copy. Must not
 * know which instruction asks. SDM 3A "Segment Descriptors" 3.4.5.
 */
#include <string.h>

#include "core/emulate/descriptor.h"

bool desc_fault(struct exec *x, uint8_t vector, uint16_t sel)
{
	return exec_fault_error(x, vector, sel & SELECTOR_ERROR);
}

bool desc_in_table(const struct exec *x, uint16_t sel, uint64_t *at)
{
	const struct vcpu_seg *ldt = &x->v->seg[SEG_LDTR];
	unsigned offset = sel & SELECTOR_INDEX;
	uint64_t limit = x->v->gdtr.limit, base = x->v->gdtr.base;

	if (sel & SELECTOR_TI) {
		if (ldt->ar & AR_UNUSABLE)
			return false;
		base = ldt->base;
		limit = ldt->limit;
	}
	*at = base + offset;
	return offset + DESC_SIZE - 1 <= limit;
}

bool desc_read(struct exec *x, uint16_t sel, uint8_t vector, struct desc *d)
{
	d->sel = sel;
	d->high = 0;
	if (!desc_in_table(x, sel, &d->at))
		return desc_fault(x, vector, sel);
	if (!sys_load(x, d->at, DESC_SIZE, &d->low))
		return false;
	d->ar = (uint32_t)(d->low >> DESC_AR_SHIFT) & DESC_AR;
	return true;
}

bool desc_read_high(struct exec *x, uint8_t vector, struct desc *d)
{
	uint64_t at;

	if (!desc_in_table(x, (uint16_t)(d->sel + DESC_SIZE), &at) ||
	    (d->sel & SELECTOR_INDEX) == SELECTOR_INDEX)
		return desc_fault(x, vector, d->sel);
	if (!sys_load(x, d->at + DESC_SIZE, DESC_SIZE, &d->high))
		return false;
	if (d->high >> 32 & DESC_UPPER_TYPE)
		return desc_fault(x, vector, d->sel);
	return true;
}

void desc_to_seg(const struct desc *d, struct vcpu_seg *seg)
{
	uint32_t limit = FIELD_GET(DESC_LIMIT_LOW, d->low) |
			 FIELD_GET(DESC_LIMIT_HIGH, d->low) << 16;

	seg->sel = d->sel;
	seg->ar = d->ar;
	seg->limit = d->ar & AR_G ? limit << PAGE_SHIFT | PAGE_MASK : limit;
	seg->base = FIELD_GET(DESC_BASE_LOW, d->low) |
		    FIELD_GET(DESC_BASE_HIGH, d->low) << 24 | d->high << 32;
}

bool desc_set_type(struct exec *x, struct desc *d, unsigned set, unsigned clear)
{
	struct memref ref;
	uint64_t old, value;

	if (!lin_open(x, vcpu_long_mode(x->v) ? d->at + DESC_TYPE_BYTE :
		      (uint32_t)(d->at + DESC_TYPE_BYTE), 1,
		      ACCESS_WRITE | ACCESS_IMPLICIT, &ref))
		return false;
	do {
		old = ref_load(x, &ref);
		value = (old | set) & ~(uint64_t)clear;
	} while (!ref_cas(x, &ref, old, value));
	d->ar = (d->ar | set) & ~clear;
	return true;
}

bool desc_set_accessed(struct exec *x, struct desc *d)
{
	if (d->ar & AR_TYPE_ACCESSED)
		return true;
	return desc_set_type(x, d, AR_TYPE_ACCESSED, 0);
}

bool desc_long_valid(const struct exec *x, const struct desc *d)
{
	return !vcpu_long_mode(x->v) || (d->ar & (AR_L | AR_DB)) != (AR_L | AR_DB);
}

bool exec_guarded(struct exec *x, bool (*body)(struct exec *x))
{
	uint8_t saved[offsetof(struct vcpu, valid)];

	memcpy(saved, x->v, sizeof(saved));
	if (body(x))
		return true;
	if (x->switched)	/* the fault belongs to the new task */
		return false;
	memcpy(x->v, saved, sizeof(saved));
	exec_refresh(x);
	return false;
}
