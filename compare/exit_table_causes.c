/* The neutral reasons of an exit and who handles each: data. Names no vendor's code. */
#include "compare/exit_table.h"

#define HANDLERS "core/handlers.c:"
#define LOOP	"core/vm.c:"

const struct exit_cause exit_causes[] = {
	{ "cpuid", "the guest asks what CPU it has: answered by policy", HANDLERS "handle_cpuid" },
	{ "msr", "a model-specific register is read or written", "core/msr.c:handle_msr" },
	{ "io", "a port is read or written: the virtual PC answers", HANDLERS "handle_io" },
	{ "cr-access", "a control register is read or written. A change that exits only to be "
	  "seen is counted as `observe`", HANDLERS "handle_cr" },
	{ "dr-access", "a debug register is read or written while a debugger has them, or, on "
	  "VT-x, for the first time since nothing was enabled in DR7",
	  "core/assist.c:assist_emulate" },
	{ "hlt", "the guest waits for an interrupt", HANDLERS "handle_hlt" },
	{ "hypercall", "the guest calls the hypervisor", HANDLERS "handle_hypercall" },
	{ "memory", "a nested fault: no such guest-physical memory, or not that way",
	  HANDLERS "handle_memory" },
	{ "exception", "an exception that is not left to the guest alone; it is put into the "
	  "guest, or its instruction is carried out in software",
	  HANDLERS "handle_exception" },
	{ "host-interrupt", "an interrupt or NMI of the machine's, taken by the host; nearly "
	  "always its timer", LOOP "dispatch" },
	{ "window", "the guest can take the interrupt that waits for it now", LOOP "dispatch" },
	{ "invlpg", "the guest drops one translation", HANDLERS "handle_invlpg" },
	{ "shadow", "a page fault that is not the guest's: an entry is missing in tables of "
	  "ours. The decoder says exception, the handler finds this out",
	  "core/shadowing.c:shadowing_fault" },
	{ "cache", "the guest flushes caches: nothing to do, the host's stay coherent",
	  LOOP "dispatch" },
	{ "task-switch", "the guest switches tasks by hardware: emulated",
	  HANDLERS "handle_memory" },
	{ "refused-insn", "an instruction that the virtual CPU does not have: #UD; RDPMC, with "
	  "no such counter: #GP", HANDLERS "handle_refused" },
	{ "triple-fault", "a fault while #DF was delivered: the guest ends", LOOP "stop" },
	{ "other", "a code that this build does not ask for: the guest is stopped, with the "
	  "code in the reason", LOOP "stop" },
	{ "entry-failed", "the guest never ran; the broken rule is named. Ends the guest, and "
	  "is not counted", LOOP "entry_failed" },
	{ 0 },
};
