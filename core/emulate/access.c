/*
 * The accesses of instructions: by segment and offset with the rights of CPL, and
 * to system structures with the supervisor's. Must not know instructions.
 */
#include "core/breakpoint.h"
#include "core/emulate/translate.h"

/* Writable data that does not expand down, within its limit: the rest is seg_linear()'s. */
#define AR_PLAIN_MASK	(AR_UNUSABLE | AR_S | AR_TYPE_CODE | AR_TYPE_DOWN | AR_TYPE_WRITE)
#define AR_PLAIN	(AR_S | AR_TYPE_WRITE)

/* The access by its rules, one by one. */
static __attribute__((noinline)) bool open_careful(struct exec *x, unsigned seg, uint64_t offset,
						   unsigned size, unsigned access,
						   struct memref *ref)
{
	uint64_t linear;

	if (!seg_linear(x, seg, offset, size, access, &linear))
		return false;
	return lin_open(x, linear, size, access, ref);
}

/* Inside one page of the first slot's RAM. */
static inline bool open_at(const struct exec *x, gpa_t at, unsigned size, struct memref *ref)
{
	const struct guest_mem *mem = x->emu->mem;
	uint8_t *ptr = first_slot_ptr(mem, at.v);

	if (!ptr || mem->slot[0].rom)
		return false;
	ref->ptr[0] = ptr;
	ref->at[0] = at;
	ref->size[0] = (uint16_t)size;
	ref->size[1] = 0;
	ref->rom[0] = false;
	return true;
}

static __attribute__((noinline)) bool open_paged(struct exec *x, uint64_t linear, unsigned size,
						 unsigned access, struct memref *ref)
{
	gpa_t at;

	if (!translate_plain(x, linear, access, &at))
		return lin_open(x, linear, size, access, ref);
	if (!open_at(x, at, size, ref))
		ref_place(x, at, size, access, ref);
	return true;
}

bool mem_open(struct exec *x, unsigned seg, uint64_t offset, unsigned size,
	      unsigned access, struct memref *ref)
{
	const struct vcpu *v = x->v;
	const struct vcpu_seg *s = &v->seg[seg];
	uint64_t linear = (uint32_t)(s->base + offset);

	if (v->cpl == 3)
		access |= ACCESS_USER;
	if (exec_code64(x)) {
		linear = seg >= SEG_FS ? s->base + offset : offset;
		if (!seg_canonical(x, linear))
			return open_careful(x, seg, offset, size, access, ref);
	} else if ((s->ar & AR_PLAIN_MASK) != AR_PLAIN ||
		   (uint64_t)(uint32_t)offset + size - 1 > s->limit) {
		return open_careful(x, seg, offset, size, access, ref);
	}
	if ((linear & PAGE_MASK) + size > PAGE_SIZE || v->rflags & RFLAGS_AC ||
	    breakpoint_armed(v))
		return open_careful(x, seg, offset, size, access, ref);
	if (v->cr0 & CR0_PG)
		return open_paged(x, linear, size, access, ref);
	return open_at(x, gpa(linear), size, ref) ||
	       open_careful(x, seg, offset, size, access, ref);
}

bool mem_load(struct exec *x, unsigned seg, uint64_t offset, unsigned size, uint64_t *value)
{
	struct memref ref;

	if (!mem_open(x, seg, offset, size, ACCESS_READ, &ref))
		return false;
	*value = ref_load(x, &ref);
	return true;
}

bool mem_store(struct exec *x, unsigned seg, uint64_t offset, unsigned size, uint64_t value)
{
	struct memref ref;

	if (!mem_open(x, seg, offset, size, ACCESS_WRITE, &ref))
		return false;
	ref_store(x, &ref, value);
	return true;
}

bool sys_load(struct exec *x, uint64_t linear, unsigned size, uint64_t *value)
{
	struct memref ref;

	if (!vcpu_long_mode(x->v))
		linear = (uint32_t)linear;
	if (!lin_open(x, linear, size, ACCESS_READ | ACCESS_IMPLICIT, &ref))
		return false;
	*value = ref_load(x, &ref);
	return true;
}

bool sys_store(struct exec *x, uint64_t linear, unsigned size, uint64_t value)
{
	struct memref ref;

	if (!vcpu_long_mode(x->v))
		linear = (uint32_t)linear;
	if (!lin_open(x, linear, size, ACCESS_WRITE | ACCESS_IMPLICIT, &ref))
		return false;
	ref_store(x, &ref, value);
	return true;
}
