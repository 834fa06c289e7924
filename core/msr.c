/* The guest's MSR accesses, answered by the policy's table; knows no vendor. */
#include "core/control.h"
#include "core/handlers.h"
#include "core/event.h"
#include "core/insn.h"

static uint64_t *live_field(struct vcpu *v, const struct msr_policy *m)
{
	vcpu_need(v, m->group);
	return (uint64_t *)((uint8_t *)v + m->field);
}

/* Apart, so that the usual case, the same one again, costs no call. */
static __attribute__((noinline))
const struct msr_policy *look_up(struct vm *vm, uint32_t number)
{
	vm->last_msr = policy_msr(number);
	return vm->last_msr;
}

static inline const struct msr_policy *find(struct vm *vm, uint32_t number)
{
	if (!vm->last_msr || vm->last_msr->number != number)
		return look_up(vm, number);
	return vm->last_msr;
}

bool msr_read(struct vm *vm, uint32_t number, uint64_t *value)
{
	const struct msr_policy *m = find(vm, number);
	struct vcpu *v = &vm->vcpu;

	if (!m)
		return false;
	switch (m->rule) {
	case MSR_RULE_LIVE:
		*value = *live_field(v, m);
		return true;
	case MSR_RULE_PAT:
		vcpu_need(v, ST_PAT);
		*value = v->pat;
		return true;
	case MSR_RULE_EFER:
		vcpu_need(v, ST_CR);
		*value = v->efer;
		return true;
	case MSR_RULE_P6:
		if (vm->cpu->host->amd)
			return false;
		*value = m->value;
		return true;
	case MSR_RULE_K7:
		*value = m->value;
		return vm->cpu->host->amd;
	case MSR_RULE_FIRMWARE:
		*value = m->value;
		return vm->policy.firmware;
	case MSR_RULE_CONSTANT:
	case MSR_RULE_IGNORE:
		*value = m->value;
		return true;
	case MSR_RULE_MTRR:
		return vm->policy.mtrr && mtrr_read(&vm->mtrrs, number, value);
	case MSR_RULE_TSC:
		*value = v->tsc.exit + v->tsc_offset;
		return true;
	case MSR_RULE_REFUSE:
		break;
	}
	return false;
}

static bool canonical(uint64_t value, unsigned bits)
{
	uint64_t upper = value >> (bits - 1);

	return !upper || upper == UINT64_MAX >> (bits - 1);
}

static bool write_pat(struct vm *vm, uint64_t value)
{
	if (!pat_valid(value))
		return false;
	vm->vcpu.pat = value;
	/* One that the hardware does not switch is nobody else's to hear of. */
	if (vm->cpu->caps.pat_switch)
		vcpu_touch(&vm->vcpu, ST_PAT);
	return true;
}

static __attribute__((noinline))
bool write_ruled(struct vm *vm, const struct msr_policy *m, uint64_t value)
{
	struct vcpu *v = &vm->vcpu;

	switch (m->rule) {
	case MSR_RULE_LIVE:
		/* SYSCALL masks 32 flags; CPUs reserve the other half. */
		if (m->number == MSR_SFMASK && value >> 32)
			return false;
		if (m->canonical && !canonical(value, vm->cpu->host->linear_bits))
			return false;
		*live_field(v, m) = value;
		vcpu_touch(v, m->group);
		return true;
	case MSR_RULE_PAT:
		return write_pat(vm, value);
	case MSR_RULE_EFER:
		return control_write_efer(vm, value);
	case MSR_RULE_P6:
		return !vm->cpu->host->amd && value == m->value;
	case MSR_RULE_K7:
		return vm->cpu->host->amd && value == m->value;
	case MSR_RULE_CONSTANT:
		return value == m->value;
	case MSR_RULE_FIRMWARE:
		return vm->policy.firmware;
	case MSR_RULE_IGNORE:
		return true;
	case MSR_RULE_MTRR:
		return vm->policy.mtrr &&
		       mtrr_write(&vm->mtrrs, m->number, value,
				  vm->policy.maxphyaddr);
	case MSR_RULE_TSC:
	case MSR_RULE_REFUSE:
		break;
	}
	return false;
}

static inline bool write(struct vm *vm, uint32_t number, uint64_t value)
{
	const struct msr_policy *m = find(vm, number);

	if (!m)
		return false;
	/* The one that a guest writes often and that still exits: without a call. */
	if (m->rule == MSR_RULE_PAT)
		return write_pat(vm, value);
	return write_ruled(vm, m, value);
}

bool msr_write(struct vm *vm, uint32_t number, uint64_t value)
{
	return write(vm, number, value);
}

enum action handle_msr(struct vm *vm, struct exit *exit)
{
	struct vcpu *v = &vm->vcpu;
	uint32_t number = (uint32_t)v->gpr[GPR_RCX];
	uint64_t value;

	if (exit->msr.write) {
		if (number == MSR_EFER) {
			exit->observed = vm->hw.observing & IC_EFER_WRITE;
			/* Before another root is chosen: nothing is fetched there yet. */
			if (!exit->insn_len)
				exit->insn_len = insn_length(vm, exit);
		}
		value = v->gpr[GPR_RDX] << 32 | (uint32_t)v->gpr[GPR_RAX];
		if (write(vm, number, value))
			return ACT_ADVANCE;
	} else if (msr_read(vm, number, &value)) {
		v->gpr[GPR_RAX] = (uint32_t)value;
		v->gpr[GPR_RDX] = value >> 32;
		return ACT_ADVANCE;
	}
	event_raise(vm, VEC_GP, 0);
	return ACT_RESUME;
}
