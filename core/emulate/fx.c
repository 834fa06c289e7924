/*
 * FXSAVE, FXRSTOR, LDMXCSR, STMXCSR: a copy goes between the guest's memory and the
 * state in the CPU, checked on the way. Must not know what the registers mean.
 * SDM 2A "FXSAVE", "FXRSTOR", "LDMXCSR"; SDM 1 "MXCSR Control and Status Register" 10.2.3.
 */
#include <string.h>

#include "core/emulate/block.h"
#include "core/emulate/fx_state.h"

static const char by_name[] = "FXSAVE or FXRSTOR instruction";

bool fx_get(struct exec *x, struct fx_image *image, bool wide, const char *what)
{
	const struct emu_ops *ops = x->emu->ops;

	memset(image, 0, sizeof(*image));
	return (ops->fxsave && ops->fxsave(x->emu, image, wide)) || exec_stop(x, what);
}

bool fx_put(struct exec *x, const struct fx_image *image, bool wide, const char *what)
{
	const struct emu_ops *ops = x->emu->ops;

	return (ops->fxrstor && ops->fxrstor(x->emu, image, wide)) || exec_stop(x, what);
}

/* CPUs without a mask of their own have this one. SDM 1 "MXCSR_MASK" 11.6.6 */
static bool mxcsr_valid(const struct fx_image *now, uint32_t mxcsr)
{
	return !(mxcsr & ~(now->mxcsr_mask ? now->mxcsr_mask : MXCSR_MASK_DEFAULT));
}

/* With CR4.OSFXSR clear SSE's state stays out of it; outside 64-bit code, half of it. */
static unsigned used(const struct exec *x)
{
	if (!(x->v->cr4 & CR4_OSFXSR))
		return offsetof(struct fx_image, mxcsr);
	return exec_code64(x) ? offsetof(struct fx_image, rest) :
	       offsetof(struct fx_image, xmm[8]);
}

/* The rules before either; then the area is open and the state at hand. */
static bool begin(struct exec *x, unsigned access, struct fx_image *now, struct memref *ref)
{
	if (exec_unit_faults(x, VECTOR_X87))	/* #NM for CR0.EM, too */
		return false;
	return block_open(x, sizeof(*now), FX_ALIGN, access, ref) &&
	       fx_get(x, now, x->width == 8, by_name);
}

#define ST_AT	offsetof(struct fx_image, st)

bool fx_save(struct exec *x)
{
	unsigned size = used(x), head = size < ST_AT ? size : ST_AT;
	struct fx_image now;
	struct memref ref;

	if (!begin(x, ACCESS_WRITE, &now, &ref))
		return false;
	block_store(x, &ref, 0, &now, head);
	if (head < ST_AT)
		size = offsetof(struct fx_image, xmm);
	block_store(x, &ref, ST_AT, now.st, size - ST_AT);
	return true;
}

bool fx_restore(struct exec *x)
{
	bool sse = x->v->cr4 & CR4_OSFXSR;
	struct fx_image now, want;
	struct memref ref;
	uint32_t mask;

	if (!begin(x, ACCESS_READ, &now, &ref))
		return false;
	block_load(x, &ref, &want);
	if (sse && !mxcsr_valid(&now, want.mxcsr))
		return exec_gp0(x);
	mask = now.mxcsr_mask;
	memcpy(&now, &want, sse ? ST_AT : used(x));
	now.mxcsr_mask = mask;
	memcpy(now.st, want.st, sizeof(now.st));
	if (sse)
		memcpy(now.xmm, want.xmm, used(x) - offsetof(struct fx_image, xmm));
	return fx_put(x, &now, x->width == 8, by_name);
}

bool fx_ldmxcsr(struct exec *x)
{
	struct fx_image now;
	uint64_t value;

	if (exec_unit_faults(x, VECTOR_SSE) || !mem_load(x, x->seg, x->offset, 4, &value) ||
	    !fx_get(x, &now, true, "SSE instruction"))
		return false;
	if (!mxcsr_valid(&now, (uint32_t)value))
		return exec_gp0(x);
	now.mxcsr = (uint32_t)value;
	return fx_put(x, &now, true, "SSE instruction");
}

bool fx_stmxcsr(struct exec *x)
{
	struct fx_image now;

	return !exec_unit_faults(x, VECTOR_SSE) && fx_get(x, &now, true, "SSE instruction") &&
	       mem_store(x, x->seg, x->offset, 4, now.mxcsr);
}
