/* The run loop: enter, count, handle, until the guest ends. Knows no vendor. */
#include "core/text.h"
#include "core/vm.h"

#include <stdarg.h>

#include "core/assist.h"
#include "core/event.h"
#include "core/handlers.h"
#include "core/insn.h"

void vm_finish(struct vm *vm, enum vm_end end, uint32_t code,
	       const char *format, ...)
{
	va_list args;

	if (vm->end != END_NOT)
		return;
	vm->end = end;
	vm->end_code = code;
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
		return handle_memory(vm, exit);
	case EXIT_EXCEPTION:
		return handle_exception(vm, exit);
	case EXIT_REFUSED_INSN:
		return handle_refused(vm, exit);
	case EXIT_CACHE:
		return ACT_ADVANCE;	/* the host's caches stay coherent without it */
	case EXIT_HOST_INTERRUPT:
	case EXIT_WINDOW:
		return ACT_RESUME;
	case EXIT_TRIPLE_FAULT:
		return stop(vm, END_TRIPLE_FAULT, "triple fault", exit->raw);
	case EXIT_ENTRY_FAILED:
		return entry_failed(vm);
	case EXIT_TASK_SWITCH:
	case EXIT_DR:
	case EXIT_INVLPG:
		return assist_emulate(vm);
	case EXIT_OTHER:
	case EXIT_REASONS:
		break;
	}
	return stop(vm, END_STOPPED, "an exit this build does not know",
		    exit->raw);
}

static enum action advance(struct vm *vm, const struct exit *exit)
{
	struct insn insn;

	if (exit->insn_len) {
		insn_advance(vm, exit->insn_len);
		return ACT_RESUME;
	}
	if (!insn_at_rip(vm, &insn))
		return stop(vm, END_STOPPED,
			    "the instruction changed under its exit", exit->raw);
	insn_advance(vm, insn.length);
	return ACT_RESUME;
}

static void count(struct vm *vm, const struct exit *exit)
{
	if (exit->reason == EXIT_ENTRY_FAILED)
		return;
	if (exit->observed)
		vm->tally.observe++;
	else
		vm->tally.by_reason[exit->reason]++;
}

void vm_run(struct vm *vm)
{
	struct vcpu *v = &vm->vcpu;
	enum action action = ACT_RESUME;

	while (action != ACT_STOP) {
		struct exit exit;

		vm->backend->vcpu_run(v, &exit);
		if (exit.reason != EXIT_ENTRY_FAILED)
			tally_run(&vm->tally, v);
		/* What the exit interrupted goes on unless a fault tops it. */
		v->pending = exit.vectoring;
		action = dispatch(vm, &exit);
		count(vm, &exit);
		if (action == ACT_ADVANCE)
			action = advance(vm, &exit);
		if (vm->limit && v->tsc.exit - vm->tally.first_entry > vm->limit) {
			vm_finish(vm, END_LIMIT, 0,
				  "the budget of %lu is used up", vm->limit);
			action = ACT_STOP;
		}
	}
}
