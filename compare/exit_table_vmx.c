/*
 * VMX basic exit reasons 0 to 41, those of the first CPUs with VT-x: data.
 * SDM 3D appendix C "VMX Basic Exit Reasons"; fields: SDM 3C "Recording VM-Exit
 * Information and Updating VM-entry Control Fields".
 */
#include "compare/exit_table.h"

#define ALWAYS		"\"Instructions That Cause VM Exits Unconditionally\""
#define BY_CONTROL	"\"Instructions That Cause VM Exits Conditionally\""
#define OTHER_CAUSES	"\"Other Causes of VM Exits\""
#define QUALIFICATION	"\"Exit Qualification\""
#define ENTRY_FAILURES	"\"VM-Entry Failures During or After Loading Guest State\""
#define EVENT_EXITS	"\"Information for VM Exits Due to Vectored Events\""
#define SMM		"\"Dual-Monitor Treatment of SMIs and SMM\""
#define LENGTH		"VM-exit instruction length"
#define OPERAND		"exit qualification (displacement), VM-exit instruction information, " \
			"VM-exit instruction length"
#define NO_VMX		"when executed: no control can prevent it"
#define NO_SMM		"never: SMIs are treated in the default way, by the firmware"

const struct exit_code exit_table_vmx[] = {
	{ 0, 0, "EXCEPTION_NMI", "exception or NMI", "exception shadow host-interrupt",
	  "an NMI of the machine's (host-interrupt); #AC and #DB, which could loop without an "
	  "exit; #PF where the hardware walks hidden or shadow tables; any vector in "
	  "virtual-8086 mode, and while a debugger steps",
	  "VM-exit interruption information and error code; exit qualification: the address of "
	  "a #PF, the DR6 bits of a #DB; VM-exit instruction length of INT3 and INTO; "
	  "IDT-vectoring information and error code",
	  EVENT_EXITS "; " OTHER_CAUSES, NULL },
	{ 1, 1, "EXT_INTR", "external interrupt", "host-interrupt",
	  "whenever the machine interrupts, nearly always its timer",
	  "VM-exit interruption information, if interrupts are acknowledged on exit (here not)",
	  OTHER_CAUSES, "EXTERNAL_INTERRUPT EXTERNAL_INTR" },
	{ 2, 2, "TRIPLE_FAULT", "triple fault", "triple-fault",
	  "a fault while #DF was delivered", "none", OTHER_CAUSES, NULL },
	{ 3, 3, "INIT", "INIT signal", "other",
	  "never: no other CPU is running that could send one", "none", OTHER_CAUSES,
	  "INIT_SIGNAL" },
	{ 4, 4, "SIPI", "start-up IPI", "other",
	  "never: the guest is never entered in the wait-for-SIPI state",
	  "exit qualification: the vector", OTHER_CAUSES, "SIPI_SIGNAL STARTUP_IPI" },
	{ 5, 5, "IO_SMI", "SMI that came just after an I/O instruction", "other", NO_SMM,
	  "exit qualification; VM-exit instruction information and guest-linear address "
	  "(INS, OUTS); I/O RCX, RSI, RDI, RIP", SMM, NULL },
	{ 6, 6, "OTHER_SMI", "any other SMI", "other", NO_SMM, "none", SMM, NULL },
	{ 7, 7, "INTR_WINDOW", "interrupt window", "window",
	  "at the first boundary at which RFLAGS.IF is set and nothing blocks interrupts; asked "
	  "for while one waits", "none", OTHER_CAUSES, "INTERRUPT_WINDOW PENDING_INTERRUPT" },
	{ 8, 8, "NMI_WINDOW", "NMI window", "other",
	  "never: NMIs are the host's, none is kept for the guest", "none", OTHER_CAUSES, NULL },
	{ 9, 9, "TASK_SWITCH", "task switch", "task-switch",
	  "at any attempt: no control can prevent it",
	  "exit qualification: the selector, and CALL, JMP, IRET or a task gate; IDT-vectoring "
	  "information; VM-exit instruction length", OTHER_CAUSES "; " QUALIFICATION, NULL },
	{ 10, 10, "CPUID", "CPUID", "cpuid", "when executed: no control can prevent it",
	  LENGTH, ALWAYS, NULL },
	{ 11, 11, "GETSEC", "GETSEC", "refused-insn",
	  "never: the guest has no CR4.SMXE, so the CPU raises #UD itself", LENGTH, ALWAYS, NULL },
	{ 12, 12, "HLT", "HLT", "hlt", "when executed", LENGTH, BY_CONTROL, NULL },
	{ 13, 13, "INVD", "INVD", "cache", "when executed: no control can prevent it", LENGTH,
	  ALWAYS, NULL },
	{ 14, 14, "INVLPG", "INVLPG", "invlpg", "when executed, on vmx-shadow",
	  "exit qualification: the linear address; " LENGTH, BY_CONTROL, NULL },
	{ 15, 15, "RDPMC", "RDPMC", "refused-insn", "when executed", LENGTH, BY_CONTROL, NULL },
	{ 16, 16, "RDTSC", "RDTSC", "other",
	  "never: the guest reads the CPU's TSC, moved by the TSC offset", LENGTH, BY_CONTROL,
	  NULL },
	{ 17, 17, "RSM", "RSM in system-management mode", "other",
	  "never: the guest is not in SMM, where alone RSM is no #UD", "none", SMM, NULL },
	{ 18, 18, "VMCALL", "VMCALL", "hypercall", NO_VMX, LENGTH, ALWAYS, NULL },
	{ 19, 19, "VMCLEAR", "VMCLEAR", "refused-insn", NO_VMX, OPERAND, ALWAYS, NULL },
	{ 20, 20, "VMLAUNCH", "VMLAUNCH", "refused-insn", NO_VMX, LENGTH, ALWAYS, NULL },
	{ 21, 21, "VMPTRLD", "VMPTRLD", "refused-insn", NO_VMX, OPERAND, ALWAYS, NULL },
	{ 22, 22, "VMPTRST", "VMPTRST", "refused-insn", NO_VMX, OPERAND, ALWAYS, NULL },
	{ 23, 23, "VMREAD", "VMREAD", "refused-insn", NO_VMX, OPERAND,
	  BY_CONTROL, NULL },
	{ 24, 24, "VMRESUME", "VMRESUME", "refused-insn", NO_VMX, LENGTH, ALWAYS, NULL },
	{ 25, 25, "VMWRITE", "VMWRITE", "refused-insn", NO_VMX, OPERAND,
	  BY_CONTROL, NULL },
	{ 26, 26, "VMXOFF", "VMXOFF", "refused-insn", NO_VMX, LENGTH, ALWAYS, "VMOFF" },
	{ 27, 27, "VMXON", "VMXON", "refused-insn", NO_VMX, OPERAND, ALWAYS, "VMON" },
	{ 28, 28, "CR_ACCESS", "access to CR0, CR3, CR4 or CR8", "cr-access",
	  "a write that changes a masked bit of CR0 or CR4: what the hardware insists on, what "
	  "is hidden, and PE, PG, PAE to observe; CR3 under hidden or shadow tables; CR8 always",
	  "exit qualification: register, access type, GPR, the operand of LMSW; guest-linear "
	  "address (LMSW from memory); " LENGTH, BY_CONTROL "; " QUALIFICATION, "MOV_CR" },
	{ 29, 29, "DR_ACCESS", "MOV to or from a debug register", "dr-access",
	  "while DR7 enables no breakpoint, the first after a port access; while a debugger has "
	  "the debug registers; else they are the guest's alone",
	  "exit qualification: register, direction, GPR; " LENGTH,
	  BY_CONTROL "; " QUALIFICATION, "MOV_DR" },
	{ 30, 30, "IO", "I/O instruction", "io", "when executed: all ports are ours",
	  "exit qualification: size, direction, string, REP, immediate, port; VM-exit instruction "
	  "information and guest-linear address (INS, OUTS); " LENGTH,
	  BY_CONTROL "; " QUALIFICATION, "IO_INSTRUCTION" },
	{ 31, 31, "RDMSR", "RDMSR", "msr",
	  "when executed, but for the registers that the guest has to itself (MSR bitmap)",
	  LENGTH "; the number is in ECX", BY_CONTROL, "MSR_READ" },
	{ 32, 32, "WRMSR", "WRMSR", "msr",
	  "when executed, but for the registers that the guest has to itself (MSR bitmap)",
	  LENGTH "; the number is in ECX, the value in EDX:EAX", BY_CONTROL, "MSR_WRITE" },
	{ 33, 33, "GUEST_STATE", "VM entry failed: invalid guest state", "entry-failed",
	  "with bit 31 set: a rule on the guest-state area is broken",
	  "exit qualification: 0, 2 (PDPTE), 3 (NMI into blocking by STI), 4 (VMCS link pointer)",
	  ENTRY_FAILURES, "INVALID_STATE INVALID_GUEST_STATE" },
	{ 34, 34, "MSR_LOAD", "VM entry failed: loading MSRs", "entry-failed",
	  "never: the VM-entry MSR-load area is empty",
	  "exit qualification: the entry of the area, counted from 1", ENTRY_FAILURES,
	  "MSR_LOAD_FAIL" },
	{ 36, 36, "MWAIT", "MWAIT", "refused-insn", "when executed",
	  "exit qualification: whether address-range monitoring was armed; " LENGTH,
	  BY_CONTROL, "MWAIT_INSTRUCTION" },
	{ 37, 37, "MONITOR_TRAP", "monitor trap flag", "other",
	  "never: single-stepping by the hypervisor is not used", "none",
	  "\"Monitor Trap Flag\"", "MONITOR_TRAP_FLAG MTF" },
	{ 39, 39, "MONITOR", "MONITOR", "refused-insn", "when executed", LENGTH, BY_CONTROL,
	  "MONITOR_INSTRUCTION" },
	{ 40, 40, "PAUSE", "PAUSE, or a loop of them", "other",
	  "never: there is no other virtual CPU to run meanwhile", LENGTH, BY_CONTROL,
	  "PAUSE_INSTRUCTION" },
	{ 41, 41, "MACHINE_CHECK", "VM entry failed: machine-check event", "entry-failed",
	  "with bit 31 set: the machine failed during entry", "none",
	  "\"Machine-Check Events During VM Entry\"", "MCE_DURING_VMENTRY" },
	{ 0 },
};
