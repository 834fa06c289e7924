/*
 * Linear addresses to guest memory: translate every page of an operand first,
 * then use it. Must not know segments or instructions.
 */
#include <string.h>

#include "core/emulate/debug.h"

static bool page_fault(struct exec *x, uint64_t linear, uint32_t error)
{
	exec_fault_error(x, VEC_PF, 0);
	x->emu->fault.error = error;	/* no EXT bit here */
	x->emu->fault.cr2 = linear;
	return false;
}

/* The control state as the walker wants it. */
static struct walk_mode walk_mode_of(const struct exec *x)
{
	const struct vcpu *v = x->v;
	const struct emu_ops *ops = x->emu->ops;
	struct walk_mode mode = {
		.cr0 = v->cr0, .cr3 = v->cr3, .cr4 = v->cr4, .efer = v->efer,
		.pkru = v->cr4 & CR4_PKE && ops->rdpkru ? ops->rdpkru(x->emu) : 0,
		.maxphyaddr = x->emu->maxphyaddr,
		.pse36 = x->emu->pse36, .page1g = x->emu->page1g, .nx = x->emu->nx,
		.rflags_ac = v->rflags & RFLAGS_AC,
	};

	for (unsigned i = 0; i < ARRAY_SIZE(mode.pdpte); i++)
		mode.pdpte[i] = v->pdpte[i];
	return mode;
}

/* One page's part of an operand, paging being on. */
static bool translate(struct exec *x, uint64_t linear, unsigned access, gpa_t *at)
{
	struct walk_mode mode = walk_mode_of(x);
	struct walk w;

	switch (walk(&mode, x->emu->mem, gva(linear), access, &w)) {
	case WALK_OK:
		*at = w.gpa;
		return true;
	case WALK_FAULT:
		return page_fault(x, linear, w.error);
	case WALK_NOT_CANONICAL:
		break;
	}
	return exec_gp0(x);
}

/* What lies at a translated address: RAM, ROM or a device. */
static inline void place(struct exec *x, gpa_t at, unsigned part, unsigned access,
			 struct memref *ref)
{
	bool write = access & ACCESS_WRITE;

	ref->at[part] = at;
	ref->rom[part] = false;
	ref->ptr[part] = guest_mem_ptr(x->emu->mem, at, ref->size[part], write);
	if (!ref->ptr[part] && write) {
		ref->ptr[part] = guest_mem_ptr(x->emu->mem, at, ref->size[part], false);
		ref->rom[part] = ref->ptr[part];
	}
}

void ref_place(struct exec *x, gpa_t at, unsigned size, unsigned access, struct memref *ref)
{
	ref->size[0] = (uint16_t)size;
	ref->size[1] = 0;
	place(x, at, 0, access, ref);
}

static bool open_part(struct exec *x, uint64_t linear, unsigned part, unsigned access,
		      struct memref *ref)
{
	gpa_t at = gpa(linear);

	if (x->v->cr0 & CR0_PG && !translate(x, linear, access, &at))
		return false;
	place(x, at, part, access, ref);
	return true;
}

/*
 * SDM 3A "Alignment Check Exception" 6.15: user data, CR0.AM and RFLAGS.AC. What is
 * longer has rules of its own.
 */
#define ALIGN_MAX	16u

static bool misaligned(const struct exec *x, uint64_t linear, unsigned size, unsigned access)
{
	return linear & (size - 1) && !(size & (size - 1)) && size <= ALIGN_MAX &&
	       x->v->cpl == 3 && x->v->cr0 & CR0_AM && x->v->rflags & RFLAGS_AC &&
	       (access & (ACCESS_USER | ACCESS_FETCH)) == ACCESS_USER;
}

bool lin_open(struct exec *x, uint64_t linear, unsigned size, unsigned access,
	      struct memref *ref)
{
	unsigned room = PAGE_SIZE - (linear & PAGE_MASK);

	if (misaligned(x, linear, size, access))
		return exec_fault_error(x, VEC_AC, 0);
	if (breakpoint_armed(x->v))
		debug_data(x, linear, size, access);
	ref->size[0] = size <= room ? size : room;
	ref->size[1] = size - ref->size[0];
	if (!open_part(x, linear, 0, access, ref))
		return false;
	if (!ref->size[1])
		return true;
	linear += room;
	/* Long mode's system structures lie anywhere, whatever code is running. */
	if (!exec_code64(x) && !(access & ACCESS_IMPLICIT && vcpu_long_mode(x->v)))
		linear = (uint32_t)linear;
	return open_part(x, linear, 1, access, ref);
}

/* The guest's other CPUs and devices may write at any time: one access, once. */
static inline uint64_t host_load(const uint8_t *at, unsigned size)
{
	uint64_t value = 0;

	switch (size) {
	case 1:
		return *(const volatile uint8_t *)at;
	case 2: {
		uint16_t v;

		__builtin_memcpy(&v, at, sizeof(v));
		return v;
	}
	case 4: {
		uint32_t v;

		__builtin_memcpy(&v, at, sizeof(v));
		return v;
	}
	default:
		__builtin_memcpy(&value, at, size);
		return value;
	}
}

static inline void host_store(uint8_t *at, unsigned size, uint64_t value)
{
	switch (size) {
	case 1:
		*at = value;
		break;
	case 2:
		__builtin_memcpy(at, &value, 2);
		break;
	case 4:
		__builtin_memcpy(at, &value, 4);
		break;
	case 8:
		__builtin_memcpy(at, &value, 8);
		break;
	default:
		__builtin_memcpy(at, &value, size);
		break;
	}
}

static uint64_t load_part(struct exec *x, const struct memref *ref, unsigned part)
{
	uint64_t value = 0;

	if (ref->ptr[part])
		return host_load(ref->ptr[part], ref->size[part]);
	x->emu->ops->mmio(x->emu, ref->at[part], &value, ref->size[part], false);
	return value;
}

static void store_part(struct exec *x, const struct memref *ref, unsigned part, uint64_t value)
{
	struct emu *emu = x->emu;

	if (ref->rom[part])
		return;
	if (!ref->ptr[part]) {
		emu->ops->mmio(emu, ref->at[part], &value, ref->size[part], true);
		return;
	}
	if (emu->ops->before_write)
		emu->ops->before_write(emu, ref->at[part], ref->size[part]);
	host_store(ref->ptr[part], ref->size[part], value);
}

static __attribute__((noinline)) uint64_t load_parts(struct exec *x, const struct memref *ref)
{
	uint64_t value = load_part(x, ref, 0);

	if (ref->size[1])
		value |= load_part(x, ref, 1) << (8 * ref->size[0]);
	return value;
}

uint64_t ref_load(struct exec *x, const struct memref *ref)
{
	if (ref->size[1] || !ref->ptr[0])
		return load_parts(x, ref);
	return host_load(ref->ptr[0], ref->size[0]);
}

static __attribute__((noinline)) void store_parts(struct exec *x, const struct memref *ref,
						  uint64_t value)
{
	store_part(x, ref, 0, value);
	if (ref->size[1])
		store_part(x, ref, 1, value >> (8 * ref->size[0]));
}

void ref_store(struct exec *x, const struct memref *ref, uint64_t value)
{
	if (ref->size[1] || !ref->ptr[0] || ref->rom[0] || x->emu->ops->before_write) {
		store_parts(x, ref, value);
		return;
	}
	host_store(ref->ptr[0], ref->size[0], value);
}

/* By instruction, not by builtin: a guest's LOCK may straddle any alignment. */
#define HOST_CAS(type, suffix, constraint) do { \
	type expected = (type)old; \
	__asm__ volatile("lock cmpxchg" suffix " %[new], %[mem]" \
			 : "=@ccz" (same), "+a" (expected), [mem] "+m" (*(type *)at) \
			 : [new] constraint ((type)value) : "memory"); \
} while (0)

static bool host_cas(void *at, unsigned size, uint64_t old, uint64_t value)
{
	bool same = false;

	switch (size) {
	case 1:
		HOST_CAS(uint8_t, "b", "q");
		break;
	case 2:
		HOST_CAS(uint16_t, "w", "r");
		break;
	case 4:
		HOST_CAS(uint32_t, "l", "r");
		break;
	case 8:
		HOST_CAS(uint64_t, "q", "r");
		break;
	}
	return same;
}

bool ref_cas(struct exec *x, const struct memref *ref, uint64_t old, uint64_t value)
{
	struct emu *emu = x->emu;

	if (ref->size[1] || !ref->ptr[0] || ref->rom[0]) {
		ref_store(x, ref, value);
		return true;
	}
	if (emu->ops->before_write)
		emu->ops->before_write(emu, ref->at[0], ref->size[0]);
	return host_cas(ref->ptr[0], ref->size[0], old, value);
}
