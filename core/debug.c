/*
 * Stops and steps, in a backend that stands before the real one: what runs in hardware
 * goes through to it, what must be watched closely is carried out by the emulator.
 * Knows no vendor and no protocol.
 */
#include "core/debug.h"

#include "core/assist.h"
#include "core/debug_merge.h"
#include "core/emulate/decode_defs.h"
#include "core/event.h"
#include "core/insn.h"
#include "core/trace.h"

#define CLOSE_STEPS	256	/* instructions between two looks at devices and clock */

/* All but NMI, which is the host's. */
#define EXCEPTIONS_ALL	(UINT32_MAX & ~(uint32_t)BIT(VEC_NMI))

static void put_off(uint64_t *at, uint64_t by)
{
	if (*at != UINT64_MAX)
		*at += by;
}

/* As if the clock had stood still for so long: for the guest, its budget, the tally. */
static void hide(struct vm *vm, uint64_t spent)
{
	struct vcpu *v = &vm->vcpu;

	v->tsc.entry += spent;
	v->tsc.exit += spent;
	v->tsc_offset -= spent;
	vcpu_touch(v, ST_TSC);
	vm->tally.first_entry += spent;
	vm->tally.last_exit += spent;
	vm->tally.segment_host += spent;
	if (vm->trace)
		vm->trace->began += spent;
	put_off(&vm->deadline, spent);
	put_off(&vm->wake, spent);
	put_off(&vm->board.due, spent);
	/* The host's timer may have gone off meanwhile. */
	vm->board.armed = false;
	vm->board.pc.clock.attention = true;
}

/* The user has the guest, with its own debug registers. */
static void stopped(struct vm *vm)
{
	struct debug *d = vm->debug;
	uint64_t start = vm->io->clock(vm->io);
	struct debug_stop stop = d->stop;

	d->stopping = d->step = false;
	debug_part(vm);
	d->user->stopped(vm, &stop);
	debug_merge(vm);
	d->past = true;
	hide(vm, vm->io->clock(vm->io) - start);
}

static void stop_next(struct debug *d, enum debug_why why, uint64_t address)
{
	/* Of several reasons the first one tells most. */
	if (!d->stopping)
		d->stop = (struct debug_stop){ why, address };
	d->stopping = true;
}

static bool is_db(const struct event *event)
{
	return event->kind == EVENT_EXCEPTION && event->vector == VEC_DB;
}

/* Take the user's hits out of DR6. True: the guest has no share in this #DB. */
static bool users_alone(struct vm *vm)
{
	struct debug *d = vm->debug;
	struct vcpu *v = &vm->vcpu;
	uint64_t ours = debug_ours(d, BREAK_CODE | BREAK_WRITE | BREAK_ACCESS);
	uint64_t data = v->dr6 & debug_ours(d, BREAK_WRITE | BREAK_ACCESS);
	bool any = v->dr6 & ours;

	if (data)
		stop_next(d, DEBUG_WATCH, v->dr[__builtin_ctzll(data)]);
	v->dr6 &= ~ours;
	vcpu_touch(v, ST_DR);
	return any && !(v->dr6 & DR6_REASONS);
}

/* What emulated code has hit waits as a #DB. */
static void sort_pending(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;

	if (!is_db(&v->pending))
		return;
	if (users_alone(vm)) {
		v->pending.kind = EVENT_NONE;
		return;
	}
	/* The guest's: what it will read in DR6 is settled now. */
	debug_part(vm);
	debug_merge(vm);
}

static bool mov_dr(struct vm *vm)
{
	struct insn insn;

	return insn_at_rip(vm, &insn) && insn.map == MAP_0F &&
	       (insn.opcode == OP_0F_MOV_DR_FROM || insn.opcode == OP_0F_MOV_DR_TO);
}

/* The emulator has not got the instruction: the CPU has. */
static bool leave(struct vm *vm)
{
	vm->debug->by_cpu = true;
	return true;
}

/* A breakpoint of the guest's on the instruction at RIP: it faults instead. */
static bool guest_break(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;
	uint8_t hits = breakpoint_at_rip(v) & ~debug_ours(vm->debug, BREAK_CODE);

	if (!hits)
		return false;
	v->dr6 |= hits;
	vcpu_touch(v, ST_DR);
	event_raise(vm, VEC_DB, 0);
	return true;
}

static void emulate(struct vm *vm)
{
	bool own = mov_dr(vm);

	if (own)
		debug_part(vm);
	if (vm->hw.ran_as == RAN_EMULATED)
		assist_emulate(vm);
	else
		assist_or_leave(vm, leave);
	debug_merge(vm);
}

/* One instruction, with the fault it raises, or one event on its way in. */
static void by_hand(struct vm *vm)
{
	struct debug *d = vm->debug;
	struct vcpu *v = &vm->vcpu;

	if (!v->pending.kind && !guest_break(vm)) {
		emulate(vm);
		/* It is still to come: what has been said of it holds. */
		if (d->by_cpu) {
			d->past = true;
			return;
		}
		tally_emulated(&vm->tally, 1);
		sort_pending(vm);
	}
	d->past = false;
	if (v->pending.kind && !vm->end)
		assist_deliver(vm);
	if (d->step)
		stop_next(d, DEBUG_STEP, 0);
}

/* Would the machine miss a breakpoint here? See hv_caps.break_flat. */
static bool blind(const struct vm *vm)
{
	const struct vcpu *v = &vm->vcpu;

	return vm->cpu->caps.break_flat && debug_ours(vm->debug, BREAK_CODE) &&
	       (!(v->cr0 & CR0_PE) || v->rflags & RFLAGS_VM ||
		(!vcpu_code64(v) && v->seg[SEG_CS].base));
}

/* Must the next instruction be carried out in software? */
static bool closely(const struct vm *vm)
{
	const struct debug *d = vm->debug;

	return d->step || vm->hw.ran_as == RAN_EMULATED || blind(vm) ||
	       (d->past && debug_code_here(vm));
}

/* Is the guest to stand still before the instruction at RIP? */
static bool due(struct vm *vm)
{
	struct debug *d = vm->debug;

	if (!vm->vcpu.pending.kind && !d->past && debug_code_here(vm))
		stop_next(d, DEBUG_BREAK, 0);
	return d->stopping;
}

/* True: the hardware may go on with the guest. */
static bool turn(struct vm *vm)
{
	struct debug *d = vm->debug;
	struct vcpu *v = &vm->vcpu;

	vcpu_need(v, ST_ALL);
	debug_merge(vm);
	if (d->user->calls(vm))
		stop_next(d, DEBUG_ASKED, 0);
	for (unsigned n = 0; n < CLOSE_STEPS; n++) {
		sort_pending(vm);
		if (due(vm))
			stopped(vm);
		if (vm->end || !closely(vm))
			return !vm->end;
		by_hand(vm);
		/* Devices, HLT and the end are the run loop's. */
		if (d->by_cpu || vm->end || vm->board.pc.clock.attention)
			return false;
	}
	return false;
}

/* Nothing that the run loop should count or handle, but it shall look around. */
static void no_exit(struct vm *vm, struct exit *exit)
{
	struct event vectoring = exit->vectoring;

	*exit = (struct exit){ .reason = EXIT_WINDOW, .vectoring = vectoring };
	vm->tally.exits--;
	vm->tally.by_reason[EXIT_WINDOW]--;
}

/*
 * One instruction in hardware. Nothing that could show RFLAGS.TF comes here: all that
 * pushes, stores or loads flags, the emulator has; a fault exits before it pushes them.
 */
static void step_by_cpu(struct vm *vm, struct exit *exit)
{
	struct debug *d = vm->debug;
	struct vcpu *v = &vm->vcpu;
	uint32_t exceptions = vm->hw.exceptions;
	uint64_t own = v->rflags & RFLAGS_TF;

	d->by_cpu = false;
	vm->hw.exceptions = EXCEPTIONS_ALL;
	v->rflags |= RFLAGS_TF;
	vcpu_touch(v, ST_RIP | ST_CR);
	d->real->vcpu_run(v, exit);
	vm->hw.exceptions = exceptions;
	if (exit->reason == EXIT_ENTRY_FAILED)
		return;
	vcpu_need(v, ST_ALL);
	v->rflags = (v->rflags & ~RFLAGS_TF) | own;
	vcpu_touch(v, ST_RIP | ST_CR);
	if (exit->reason != EXIT_EXCEPTION || !is_db(&exit->exception))
		return;
	d->past = false;
	if (!own)
		v->dr6 &= ~DR6_BS;
	vcpu_touch(v, ST_DR);
	users_alone(vm);
	if (d->step)
		stop_next(d, DEBUG_STEP, 0);
	if (!(v->dr6 & DR6_REASONS))
		no_exit(vm, exit);
}

/* An exit that the user's breakpoints have made, or an access to registers they are in. */
static bool caught(struct vm *vm, const struct exit *exit)
{
	bool exception = exit->reason == EXIT_EXCEPTION;
	struct vcpu *v = &vm->vcpu;

	if (exception && is_db(&exit->exception)) {
		vcpu_need(v, ST_ALL);
		return users_alone(vm) ||
		       (!(v->dr6 & DR6_REASONS) && debug_code_here(vm));
	}
	/* In virtual-8086 mode it is a #GP. */
	if (exit->reason != EXIT_DR &&
	    !(exception && vm->hw.ran_as == RAN_VM86))
		return false;
	vcpu_need(v, ST_ALL);
	if (exit->reason != EXIT_DR && !mov_dr(vm))
		return false;
	emulate(vm);
	return true;
}

/* In the place of the backend's own vcpu_run. */
static void run(struct vcpu *v, struct exit *exit)
{
	struct vm *vm = v->vm;
	struct debug *d = vm->debug;

	if (turn(vm)) {
		d->past = false;
		d->real->vcpu_run(v, exit);
		if (exit->reason != EXIT_ENTRY_FAILED && caught(vm, exit))
			no_exit(vm, exit);
		return;
	}
	if (d->by_cpu) {
		step_by_cpu(vm, exit);
		return;
	}
	v->tsc.exit = vm->io->clock(vm->io);
	v->tsc.entry = v->tsc.exit;
	exit->vectoring.kind = EVENT_NONE;
	no_exit(vm, exit);
}

void debug_emulated(struct vm *vm)
{
	(void)turn(vm);
}

void debug_begin(struct vm *vm, struct debug *debug, const struct debug_user *user)
{
	*debug = (struct debug){
		.backend = *vm->backend, .real = vm->backend, .user = user,
		.stopping = true, .stop.why = DEBUG_START,
	};
	debug->backend.vcpu_run = run;
	vm->backend = &debug->backend;
	vm->debug = debug;
}

void debug_end(struct vm *vm)
{
	if (!vm->debug)
		return;
	vcpu_need(&vm->vcpu, ST_ALL);
	debug_part(vm);
	vm->debug->user->ended(vm);
}
