/*
 * Segmentation: a segment and an offset to a linear address, with the limit
 * and type checks of each mode. Must not know paging.
 * SDM 3A "Limit Checking" 5.3, "Type Checking" 5.5; APM vol. 2 "Segmentation" 4.
 */
#include "core/emulate/exec.h"

static bool seg_fault(struct exec *x, unsigned seg)
{
	if (seg == SEG_SS)
		return exec_fault_error(x, VEC_SS, x->stack_error);
	return exec_gp0(x);
}

static bool in_limit(const struct vcpu_seg *s, uint32_t offset, unsigned size)
{
	uint64_t last = (uint64_t)offset + size - 1;

	if ((s->ar & (AR_S | AR_TYPE_CODE | AR_TYPE_DOWN)) == (AR_S | AR_TYPE_DOWN))
		return offset > s->limit &&
		       last <= (s->ar & AR_DB ? UINT32_MAX : UINT16_MAX);
	return last <= s->limit;
}

/* Protected mode: null and type; real and virtual-8086 mode check limits only. */
static bool type_allows(const struct vcpu_seg *s, unsigned access)
{
	if (s->ar & AR_UNUSABLE)
		return false;
	if (access & ACCESS_WRITE)
		return (s->ar & (AR_TYPE_CODE | AR_TYPE_WRITE)) == AR_TYPE_WRITE;
	return !(s->ar & AR_TYPE_CODE) || s->ar & AR_TYPE_WRITE || access & ACCESS_FETCH;
}

bool seg_linear(struct exec *x, unsigned seg, uint64_t offset, unsigned size,
		unsigned access, uint64_t *linear)
{
	const struct vcpu_seg *s = &x->v->seg[seg];

	if (exec_code64(x)) {
		*linear = seg >= SEG_FS ? s->base + offset : offset;
		if (!seg_canonical(x, *linear) || !seg_canonical(x, *linear + size - 1))
			return seg_fault(x, seg);
		return true;
	}
	if (exec_protected(x) && !type_allows(s, access))
		return seg_fault(x, seg);
	if (!in_limit(s, (uint32_t)offset, size))
		return seg_fault(x, seg);
	*linear = (uint32_t)(s->base + offset);
	return true;
}

bool seg_check_rip(struct exec *x, uint64_t rip)
{
	if (exec_code64(x) ? !seg_canonical(x, rip) : rip > x->v->seg[SEG_CS].limit)
		return exec_gp0(x);
	return true;
}
