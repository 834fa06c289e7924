/* The run loop: enter, count, handle, until the guest ends. Knows no vendor. */
#include "core/text.h"
#include "core/vm.h"

#include <stdarg.h>

#include "core/assist.h"
#include "core/event.h"
#include "core/handlers.h"
#include "core/insn.h"
#include "core/trace.h"

void vm_finish(struct vm *vm, enum vm_end end, uint32_t code,
	       const char *format, ...)
{
	va_list args;

	if (vm->end != END_NOT)
		return;
	vm->end = end;
	vm->end_code = code;
	vm->board.pc.clock.attention = true;	/* so that the run loop looks */
	va_start(args, format);
	text_vformat(vm->end_reason, sizeof(vm->end_reason), format, args);
	va_end(args);
}

static enum action stop(struct vm *vm, enum vm_end end, const char *why,
			uint64_t raw)
{
	vcpu_need(&vm->vcpu, ST_RIP);
	vm_finish(vm, end, 0, "%s (code %lx, rip %lx)", why, raw,
		  vm->vcpu.rip);
	return ACT_STOP;
}

static enum action entry_failed(struct vm *vm)
{
	char text[200];

	vm->backend->entry_diagnose(&vm->vcpu, text, sizeof(text));
	vm_finish(vm, END_ENTRY_FAILED, 0, "%s", text);
	return ACT_STOP;
}

static enum action dispatch(struct vm *vm, struct exit *exit)
{
	switch ((enum exit_reason)exit->reason) {
	case EXIT_CPUID:
		return handle_cpuid(vm, exit);
	case EXIT_MSR:
		return handle_msr(vm, exit);
	case EXIT_IO:
		return handle_io(vm, exit);
	case EXIT_CR:
		return handle_cr(vm, exit);
	case EXIT_HLT:
		return handle_hlt(vm, exit);
	case EXIT_HYPERCALL:
		return handle_hypercall(vm, exit);
	case EXIT_MEMORY:
	case EXIT_TASK_SWITCH:
		return handle_memory(vm, exit);
	case EXIT_EXCEPTION:
		return handle_exception(vm, exit);
	case EXIT_REFUSED_INSN:
		return handle_refused(vm, exit);
	case EXIT_CACHE:
		return ACT_ADVANCE;	/* the host's caches stay coherent without it */
	case EXIT_HOST_INTERRUPT:
		vm->io->poll(vm->io);
		/* Whatever it was, the timer may have to be set again. */
		vm->board.armed = false;
		vm->board.pc.clock.attention = true;
		return ACT_RESUME;
	case EXIT_WINDOW:
		vm->board.pc.clock.attention = true;
		return ACT_RESUME;
	case EXIT_TRIPLE_FAULT:
		return stop(vm, END_TRIPLE_FAULT, "triple fault", exit->raw);
	case EXIT_ENTRY_FAILED:
		return entry_failed(vm);
	case EXIT_INVLPG:
		return handle_invlpg(vm, exit);
	case EXIT_DR:
		return assist_emulate(vm);
	case EXIT_SHADOW:
	case EXIT_OTHER:
	case EXIT_REASONS:
		break;
	}
	return stop(vm, END_STOPPED, "an exit this build does not know",
		    exit->raw);
}

static enum action advance(struct vm *vm, const struct exit *exit)
{
	unsigned length = exit->insn_len;

	if (!length)
		length = insn_length(vm, exit);
	if (!length)
		return stop(vm, END_STOPPED,
			    "the instruction changed under its exit", exit->raw);
	insn_advance(vm, length);
	return ACT_RESUME;
}

static void count(struct vm *vm, const struct exit *exit)
{
	if (exit->observed)
		vm->tally.observe++;
	else
		vm->tally.by_reason[exit->reason]++;
}

/* Time is up for the guest or for a device, or a device has something to tell. */
static void look(struct vm *vm)
{
	uint64_t last = vm->deadline;

	if (vm->end != END_NOT)
		return;
	if (vm->vcpu.tsc.exit > last) {
		vm_finish(vm, END_LIMIT, 0, "the budget of %lu is used up",
			  vm->limit);
		return;
	}
	board_service(vm);
	if (last != UINT64_MAX)
		last++;
	vm->wake = vm->board.due < last ? vm->board.due : last;
}

static enum action handle(struct vm *vm, struct exit *exit)
{
	enum action action;

	tally_run(&vm->tally, &vm->vcpu);
	/* What the exit interrupted goes on unless a fault tops it. */
	if (exit->vectoring.kind)
		vm->vcpu.pending = exit->vectoring;
	action = dispatch(vm, exit);
	count(vm, exit);
	if (action == ACT_ADVANCE)
		action = advance(vm, exit);
	if (vm->vcpu.tsc.exit >= vm->wake || vm->board.pc.clock.attention) {
		look(vm);
		if (vm->end != END_NOT)
			return ACT_STOP;
	}
	return action;
}

/* How many emulated instructions between two looks at the clock and the console. */
#define SETTLE_STEPS	256

static void look_up(struct vm *vm)
{
	vm->vcpu.tsc.exit = vm->io->clock(vm->io);
	vm->tally.last_exit = vm->vcpu.tsc.exit;
	vm->io->poll(vm->io);
	look(vm);
}

/*
 * Carry out in software what the hardware cannot be entered for: code in a state
 * that does not fit, and events where it would look in the wrong table for their
 * handler. False when the guest ended.
 */
static bool settle(struct vm *vm)
{
	for (;;) {
		bool emulated = vm->hw.ran_as == RAN_EMULATED;

		if (vm->end != END_NOT)
			return false;
		if (vm->vcpu.pending.kind &&
		    (emulated || vm->hw.ran_as == RAN_VM86)) {
			assist_deliver(vm);
			continue;
		}
		if (!emulated)
			return true;
		if (vm->trace)
			trace_emulating(vm);
		if (vm->debug)
			debug_emulated(vm);
		else
			assist_run(vm, SETTLE_STEPS);
		/* On its way back to the hardware, whose next exit is looked at. */
		if (vm->hw.ran_as == RAN_EMULATED || vm->board.pc.clock.attention)
			look_up(vm);
	}
}

/* Nearly always there is nothing to settle. */
static inline bool settled(const struct vm *vm)
{
	return vm->hw.ran_as != RAN_EMULATED && vm->hw.ran_as != RAN_VM86;
}

static void start_clock(struct vm *vm)
{
	uint64_t now = vm->io->clock(vm->io);

	tally_start(&vm->tally, now);
	/* A budget past the end of time is none. */
	vm->deadline = now + vm->limit;
	if (!vm->limit || vm->deadline < vm->limit)
		vm->deadline = UINT64_MAX;
	vm->vcpu.tsc.exit = now;
	board_start(vm, vm->cpu->host->tsc_hz,
		    vm->cpu->host->tsc_counts_instructions);
	/* The timer is set before the first entry: there may be no exit but the timer's. */
	look(vm);
}

__attribute__((noinline)) void vm_run(struct vm *vm)
{
	struct exit exit;

	start_clock(vm);
	while (settled(vm) || settle(vm)) {
		vm->backend->vcpu_run(&vm->vcpu, &exit);
		if (exit.reason == EXIT_ENTRY_FAILED) {
			entry_failed(vm);
			break;
		}
		if (handle(vm, &exit) == ACT_STOP)
			break;
	}
	if (vm->trace)
		trace_end(vm);
}
