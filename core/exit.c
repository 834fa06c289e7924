/* The names of exit reasons, as the record gives them. */
#include "core/exit.h"

const char *exit_reason_name(enum exit_reason reason)
{
	static const char *const names[EXIT_REASONS] = {
		[EXIT_CPUID] = "cpuid", [EXIT_MSR] = "msr", [EXIT_IO] = "io",
		[EXIT_CR] = "cr-access", [EXIT_DR] = "dr-access",
		[EXIT_HLT] = "hlt", [EXIT_HYPERCALL] = "hypercall",
		[EXIT_MEMORY] = "memory", [EXIT_EXCEPTION] = "exception",
		[EXIT_HOST_INTERRUPT] = "host-interrupt",
		[EXIT_WINDOW] = "window", [EXIT_INVLPG] = "invlpg",
		[EXIT_SHADOW] = "shadow",
		[EXIT_CACHE] = "cache", [EXIT_TASK_SWITCH] = "task-switch",
		[EXIT_REFUSED_INSN] = "refused-insn",
		[EXIT_TRIPLE_FAULT] = "triple-fault", [EXIT_OTHER] = "other",
		[EXIT_ENTRY_FAILED] = "entry-failed",
	};

	return names[reason];
}
