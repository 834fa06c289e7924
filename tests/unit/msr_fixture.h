/* RDMSR and WRMSR exits of a guest in a fake world, and what came of them. */
#ifndef TESTS_MSR_FIXTURE_H
#define TESTS_MSR_FIXTURE_H

#include "fake_world.h"

#include "core/msr_defs.h"

static inline const struct vcpu *wrmsr(struct world *w, uint32_t number,
				uint64_t value)
{
	/* The high halves of the three registers are ignored. */
	w->vm.vcpu.gpr[GPR_RCX] = UINT64_MAX << 32 | number;
	w->vm.vcpu.gpr[GPR_RAX] = UINT64_MAX << 32 | (uint32_t)value;
	w->vm.vcpu.gpr[GPR_RDX] = UINT64_MAX << 32 | value >> 32;
	return ONE(w, EXIT_MSR, .insn_len = 2, .msr.write = true);
}

static inline const struct vcpu *rdmsr(struct world *w, uint32_t number)
{
	w->vm.vcpu.gpr[GPR_RCX] = number;
	w->vm.vcpu.gpr[GPR_RAX] = UINT64_MAX;
	w->vm.vcpu.gpr[GPR_RDX] = UINT64_MAX;
	return ONE(w, EXIT_MSR, .insn_len = 2);
}

static inline void assert_read(struct world *w, uint32_t number, uint64_t value)
{
	const struct vcpu *v = rdmsr(w, number);

	assert_int_equal(v->gpr[GPR_RAX], (uint32_t)value);
	assert_int_equal(v->gpr[GPR_RDX], value >> 32);
	assert_int_equal(v->rip, WORLD_CODE + 2);
	assert_int_equal(world_event(w, 0)->kind, EVENT_NONE);
}

static inline void assert_gp(struct world *w)
{
	assert_fault(w, VEC_GP);
	assert_true(world_event(w, 0)->has_error);
	assert_int_equal(world_event(w, 0)->error, 0);
	/* No state but the event: nothing at all is written back. */
	assert_int_equal(w->fake.entry[1].dirty, 0);
}

#endif
