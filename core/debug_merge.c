/*
 * Whose the debug registers are while a guest is under its user's control. The user's
 * breakpoints come first: a guest's whose register is needed waits. Must not run anything.
 */
#include "core/debug_merge.h"

#include "core/insn.h"

#define DR7_FIELDS	16	/* R/W and LEN of DR0, then of the others */
#define DR7_FIELD_BITS	4
#define DR7_FIELD	BITS(3, 0)
#define DR7_LEN_SHIFT	2
#define DR7_GLOBAL(n)	BIT(2 * (n) + 1)

static unsigned field_shift(unsigned n)
{
	return DR7_FIELDS + n * DR7_FIELD_BITS;
}

/* SDM 3B "Debug Control Register (DR7)" 17.2.4 */
static uint64_t field(const struct debug_point *p)
{
	uint64_t length = p->size == 8 ? 2 : p->size - 1u;

	return length << DR7_LEN_SHIFT | (uint64_t)__builtin_ctz(p->kind);
}

/* QEMU's TCG: see hv_caps.break_flat. The guest's breakpoints on data go without. */
static uint64_t code_alone(uint64_t dr7)
{
	for (unsigned n = 0; n < DR_COUNT; n++)
		if (dr7 >> field_shift(n) & BITS(1, 0))
			dr7 &= ~(DR7_ENABLE(n) | DR7_FIELD << field_shift(n));
	return dr7;
}

/* A register for a point of ours: one that the guest does not use, while there are any. */
static unsigned place(const struct debug *d)
{
	unsigned any = 0;

	for (unsigned n = DR_COUNT; n-- > 0;) {
		if (d->held[n] >= 0)
			continue;
		if (!(d->dr7 & DR7_ENABLE(n)))
			return n;
		any = n;
	}
	return any;
}

static void put(struct debug *d, struct vcpu *v, unsigned i)
{
	const struct debug_point *p = &d->point[i];
	unsigned n = place(d);

	d->held[n] = (int8_t)i;
	v->dr[n] = p->at;
	v->dr7 &= ~(DR7_FIELD << field_shift(n));
	v->dr7 |= DR7_GLOBAL(n) | field(p) << field_shift(n);
}

void debug_merge(struct vm *vm)
{
	struct debug *d = vm->debug;
	struct vcpu *v = &vm->vcpu;

	if (d->merged)
		return;
	d->merged = true;
	d->dr7 = v->dr7;
	/* So that what comes can be told from what the guest has left there. */
	d->dr6 = v->dr6;
	v->dr6 &= ~DR6_REASONS;
	if (vm->cpu->caps.break_flat)
		v->dr7 = code_alone(v->dr7);
	for (unsigned n = 0; n < DR_COUNT; n++) {
		d->dr[n] = v->dr[n];
		d->held[n] = -1;
	}
	for (unsigned i = 0; i < DR_COUNT; i++)
		if (d->point[i].kind)
			put(d, v, i);
	vcpu_touch(v, ST_DR);
}

/* What the CPU clears of itself in DR7, it has cleared in the guest's. */
static uint64_t cleared(const struct vm *vm)
{
	uint64_t by_itself = DR7_GD | (vm->cpu->caps.break_flat ? 0 : DR7_LOCALS);

	return by_itself & ~vm->vcpu.dr7;
}

void debug_part(struct vm *vm)
{
	struct debug *d = vm->debug;
	struct vcpu *v = &vm->vcpu;

	if (!d->merged)
		return;
	d->merged = false;
	v->dr7 = d->dr7 & ~cleared(vm);
	/* "May clear bits 0-3." SDM 3B "Debug Status Register (DR6)" 17.2.3 */
	v->dr6 |= v->dr6 & DR6_REASONS ? d->dr6 & ~DR6_B : d->dr6;
	for (unsigned n = 0; n < DR_COUNT; n++)
		v->dr[n] = d->dr[n];
	vcpu_touch(v, ST_DR);
}

uint8_t debug_ours(const struct debug *d, unsigned kinds)
{
	uint8_t bits = 0;

	for (unsigned n = 0; n < DR_COUNT; n++)
		if (d->held[n] >= 0 && d->point[d->held[n]].kind & kinds)
			bits |= BIT(n);
	return bits;
}

bool debug_code_here(const struct vm *vm)
{
	const struct debug *d = vm->debug;
	uint64_t at = insn_linear_rip(&vm->vcpu);

	for (unsigned n = 0; n < DR_COUNT; n++)
		if (d->point[n].kind == BREAK_CODE && d->point[n].at == at)
			return true;
	return false;
}

static bool same(const struct debug_point *a, const struct debug_point *b)
{
	return a->at == b->at && a->kind == b->kind && a->size == b->size;
}

/* SDM 3B "Breakpoint Field Recognition" 17.2.5: data must be aligned to its size. */
static bool possible(const struct vm *vm, const struct debug_point *p)
{
	if (p->kind == BREAK_CODE)
		return p->size == 1;
	if (vm->cpu->caps.break_flat ||
	    (p->kind != BREAK_WRITE && p->kind != BREAK_ACCESS))
		return false;
	return (p->size == 1 || p->size == 2 || p->size == 4 || p->size == 8) &&
	       !(p->at & (p->size - 1u));
}

bool debug_point_add(struct vm *vm, const struct debug_point *point)
{
	struct debug *d = vm->debug;
	struct debug_point *free = NULL;

	if (!possible(vm, point))
		return false;
	for (unsigned n = 0; n < DR_COUNT; n++) {
		if (same(&d->point[n], point))
			return true;
		if (!d->point[n].kind)
			free = &d->point[n];
	}
	if (!free)
		return false;
	*free = *point;
	return true;
}

bool debug_point_remove(struct vm *vm, const struct debug_point *point)
{
	struct debug *d = vm->debug;

	for (unsigned n = 0; n < DR_COUNT; n++) {
		if (!same(&d->point[n], point))
			continue;
		d->point[n].kind = 0;
		return true;
	}
	return false;
}

void debug_points_clear(struct vm *vm)
{
	for (unsigned n = 0; n < DR_COUNT; n++)
		vm->debug->point[n].kind = 0;
}
