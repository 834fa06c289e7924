/* How a run ended, for the one who started it. Must not know what is done with it. */
#include "core/hv_result.h"

#include <stdarg.h>

#include "core/text.h"

const char *hv_end_name(enum vm_end end)
{
	static const char *const names[] = {
		[END_NOT] = "none", [END_EXIT] = "exit", [END_HALT] = "halt",
		[END_TRIPLE_FAULT] = "triple-fault", [END_LIMIT] = "limit",
		[END_STOPPED] = "stopped", [END_ENTRY_FAILED] = "entry-failed",
		[END_RESET] = "reset", [END_UNTIL] = "until",
	};

	return names[end];
}

void hv_fail(const struct hv_start *start, bool missing, const char *format, ...)
{
	char text[sizeof(start->result->reason)];
	va_list args;

	va_start(args, format);
	text_vformat(text, sizeof(text), format, args);
	va_end(args);
	hv_record_error(start->io, missing, "%s", text);
	if (start->result)
		text_format(start->result->reason, sizeof(start->result->reason), "%s",
			    text);
}

void hv_tell(const struct hv_start *start, const struct vm *vm)
{
	const struct tally *t = &vm->tally;
	struct hv_result *result = start->result;

	if (!result)
		return;
	result->end = hv_end_name(vm->end);
	result->code = vm->end_code;
	text_format(result->reason, sizeof(result->reason), "%s", vm->end_reason);
	result->exits = t->exits;
	result->hypervisor = t->last_exit - t->first_entry - t->idle -
			     (t->guest - t->emulated);
}
