/* The exits that a guest's instructions cause, one handler each; no vendor. */
#include "core/handlers.h"

#include "core/assist.h"
#include "core/breakpoint.h"
#include "core/control.h"
#include "core/emulate/decode_defs.h"
#include "core/event.h"
#include "core/insn_plain.h"
#include "core/picture.h"
#include "core/shadowing.h"

/* Hypercall numbers, in EAX. All others raise #UD, as on a CPU without them. */
#define HYPERCALL_NOP		0u
#define HYPERCALL_PICTURE	1u	/* of the linear address in RBX */
#define HYPERCALL_TABLES	2u	/* answers how many shadow pages were made so far */

static uint32_t low32(uint64_t value)
{
	return (uint32_t)value;
}

enum action handle_cpuid(struct vm *vm, struct exit *exit)
{
	uint64_t *gpr = vm->vcpu.gpr;
	const struct cpuid_regs *r = policy_cpuid(&vm->policy,
						  low32(gpr[GPR_RAX]),
						  low32(gpr[GPR_RCX]));

	(void)exit;
	gpr[GPR_RAX] = r->eax;
	gpr[GPR_RBX] = r->ebx;
	gpr[GPR_RCX] = r->ecx;
	gpr[GPR_RDX] = r->edx;
	return ACT_ADVANCE;
}

/*
 * A string, or an access that a breakpoint of the guest's matches: the emulator makes
 * the trap. SDM 3B "Data Memory and I/O Breakpoint Exception Conditions" 17.3.1.2
 */
static __attribute__((noinline))
bool io_emulated(struct vm *vm, const struct exit *exit)
{
	if (exit->io.rare & IO_STRING)
		return true;
	vcpu_need(&vm->vcpu, ST_DR | ST_CR);
	return breakpoint_hits(&vm->vcpu, BREAK_PORT, exit->io.port, exit->io.size);
}

enum action handle_io(struct vm *vm, struct exit *exit)
{
	uint64_t *rax = &vm->vcpu.gpr[GPR_RAX];
	struct bus *bus = &vm->board.pc.bus;
	uint32_t value;

	if (exit->io.rare && io_emulated(vm, exit))
		return assist_emulate(vm);
	board_clock(&vm->board, &vm->vcpu, vm->vcpu.tsc.exit);
	if (!exit->io.in) {
		bus_out(bus, exit->io.port, exit->io.size, low32(*rax));
		return vm->end ? ACT_STOP : ACT_ADVANCE;
	}
	value = bus_in(bus, exit->io.port, exit->io.size);
	if (exit->io.size == 4)
		*rax = value;
	else if (exit->io.size == 2)
		*rax = (*rax & ~BITS(15, 0)) | (uint16_t)value;
	else
		*rax = (*rax & ~BITS(7, 0)) | (uint8_t)value;
	return ACT_ADVANCE;
}

/* What the guest wrote to CR0, from any of the instructions that can. */
static bool cr0_operand(const struct vcpu *v, const struct exit *exit,
			uint64_t *value)
{
	switch (exit->cr.kind) {
	case CR_CLTS:
		*value = v->cr0 & ~CR0_TS;
		return true;
	case CR_LMSW:
		*value = control_lmsw(v->cr0, exit->cr.lmsw);
		return true;
	case CR_WRITE:
		*value = v->gpr[exit->cr.gpr];
		if (!vcpu_code64(v))
			*value = low32(*value);
		return true;
	default:
		return false;
	}
}

static bool write_cr(struct vm *vm, struct exit *exit)
{
	struct vcpu *v = &vm->vcpu;
	uint64_t value, cr0 = v->cr0, cr4 = v->cr4;
	bool done;

	if (!cr0_operand(v, exit, &value))
		return false;
	done = control_write_cr(vm, exit->cr.number, value);
	if (exit->cr.number == 0)
		/* Under shadow tables no write exits for observing's sake. */
		exit->observed = !vm->rung->shadow &&
				 !((cr0 ^ value) & vm->hw.cr0_own);
	else if (exit->cr.number == 4)
		exit->observed = !((cr4 ^ value) & vm->hw.cr4_own) &&
				 (vm->cpu->caps.masks || !vm->hw.cr4_own);
	return done;
}

static uint64_t read_cr(struct vcpu *v, unsigned number)
{
	switch (number) {
	case 0:
		return v->cr0;
	case 3:
		return v->cr3;
	case 4:
		return v->cr4;
	default:
		return v->cr8;
	}
}

/* MOV to or from a CR, or CLTS, found by decoding; false: anything else. */
static bool decode_cr(struct vm *vm, struct exit *exit)
{
	struct insn insn;

	if (!insn_at_rip(vm, &insn) || insn.map != MAP_0F)
		return false;
	exit->insn_len = insn.length;
	exit->cr.number = insn.reg;
	exit->cr.gpr = insn.rm;
	switch (insn.opcode) {
	case OP_0F_MOV_CR_FROM:
		exit->cr.kind = CR_READ;
		return true;
	case OP_0F_MOV_CR_TO:
		exit->cr.kind = CR_WRITE;
		return true;
	case OP_0F_CLTS:
		exit->cr.kind = CR_CLTS;
		exit->cr.number = 0;
		return true;
	default:
		return false;
	}
}

/*
 * CR3 under shadow tables, where each access exits: the guest's is in software alone.
 * False: the common way. Only code that is not 64-bit must not lend its registers'
 * upper halves.
 */
static inline bool own_cr3(struct vm *vm, const struct exit *exit)
{
	struct vcpu *v = &vm->vcpu;

	if (!vm->rung->shadow || exit->cr.number != 3 ||
	    exit->cr.gpr == GPR_RSP)
		return false;
	if (exit->cr.kind == CR_READ) {
		v->gpr[exit->cr.gpr] = v->cr3;
		return true;
	}
	return !(v->gpr[exit->cr.gpr] >> 32) &&
	       control_write_cr3(vm, v->gpr[exit->cr.gpr]);
}

enum action handle_cr(struct vm *vm, struct exit *exit)
{
	struct vcpu *v = &vm->vcpu;
	bool known = exit->decoded || insn_plain_cr(vm, exit);

	if (known && own_cr3(vm, exit))
		return ACT_ADVANCE;
	vcpu_need(v, ST_CR | ST_CS);
	if (!known && !decode_cr(vm, exit)) {
		exit->observed = vm->hw.observing & IC_CR0_WRITE;
		return assist_emulate(vm);
	}
	if (exit->cr.gpr == GPR_RSP)
		vcpu_need(v, ST_RSP);
	if (exit->cr.kind == CR_READ) {
		v->gpr[exit->cr.gpr] = read_cr(v, exit->cr.number);
		if (exit->cr.gpr == GPR_RSP)
			vcpu_touch(v, ST_RSP);
		return ACT_ADVANCE;
	}
	if (write_cr(vm, exit))
		return ACT_ADVANCE;
	event_raise(vm, VEC_GP, 0);
	return ACT_RESUME;
}

enum action handle_hlt(struct vm *vm, const struct exit *exit)
{
	/* It is waited out before the next entry, when RIP is past it. */
	vm->board.halted = true;
	vm->board.pc.clock.attention = true;
	return exit ? ACT_ADVANCE : ACT_RESUME;
}

static inline bool answer_hypercall(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;
	uint32_t number = low32(v->gpr[GPR_RAX]);

	vcpu_need(v, ST_CPL);
	if (v->cpl || number > HYPERCALL_TABLES)
		return false;
	v->gpr[GPR_RAX] = 0;
	if (number == HYPERCALL_NOP)
		return true;
	if (number == HYPERCALL_TABLES) {
		v->gpr[GPR_RAX] = vm->shadow.counts.made;
		return true;
	}
	vcpu_need(v, ST_CR | ST_CS);
	picture_call(vm, gva(vcpu_code64(v) ? v->gpr[GPR_RBX] :
					      low32(v->gpr[GPR_RBX])));
	return true;
}

enum action handle_hypercall(struct vm *vm, struct exit *exit)
{
	(void)exit;
	if (answer_hypercall(vm))
		return ACT_ADVANCE;
	event_raise(vm, VEC_UD, 0);
	return ACT_RESUME;
}

/* Out of line: the exit's own handler is on the way of every one. */
__attribute__((noinline))
bool hypercall(struct vm *vm)
{
	return answer_hypercall(vm);
}

enum action handle_memory(struct vm *vm, struct exit *exit)
{
	/* What an event on its way in met is not the instruction's at RIP. */
	if (exit->vectoring.kind)
		return assist_deliver(vm);
	return assist_emulate(vm);
}

/*
 * vm86 faults where real mode would not: those instructions are emulated, and a
 * fault of the guest's own comes out of that again. Whatever else was raised goes
 * to the guest's IVT, where there are no error codes.
 */
static enum action vm86_exception(struct vm *vm, const struct event *event)
{
	if (event->kind != EVENT_EXCEPTION || event->vector == VEC_GP ||
	    event->vector == VEC_SS || event->vector == VEC_PF) {
		vm->vcpu.pending.kind = EVENT_NONE;
		return assist_emulate(vm);
	}
	vm->vcpu.pending = *event;
	vm->vcpu.pending.has_error = false;
	return ACT_RESUME;
}

enum action handle_exception(struct vm *vm, struct exit *exit)
{
	if (vm->rung->shadow && exit->exception.vector == VEC_PF)
		return shadowing_fault(vm, exit);
	if (vm->hw.ran_as == RAN_VM86)
		return vm86_exception(vm, &exit->exception);
	/* The hidden map has one hole, over its own pages: an empty bus. */
	if (vm->hw.root != ROOT_GUEST && exit->exception.vector == VEC_PF)
		return handle_memory(vm, exit);
	if (exit->exception.vector == VEC_DF) {
		/* What led to it is part of it; if it faults too, that is the end. */
		vm->vcpu.pending = exit->exception;
		return assist_deliver(vm);
	}
	event_raise_event(vm, &exit->exception);
	return vm->end ? ACT_STOP : ACT_RESUME;
}

enum action handle_invlpg(struct vm *vm, struct exit *exit)
{
	if (!vm->rung->shadow ||
	    (!exit->decoded && !insn_plain_invlpg(vm, exit)))
		return assist_emulate(vm);
	/* While all is in step the hardware remembers nothing that is not so. */
	if (!shadow_in_step(&vm->shadow))
		shadowing_invlpg(vm, exit->address);
	return ACT_ADVANCE;
}

enum action handle_refused(struct vm *vm, struct exit *exit)
{
	event_raise(vm, exit->refused.vector, 0);
	return ACT_RESUME;
}
