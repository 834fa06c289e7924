/*
 * SVM exit codes 0x000 to 0x07f, those of the first intercept words: data.
 * APM vol. 2 appendix C "SVM Intercept Exit Codes".
 */
#include "compare/exit_table.h"

#define INSN		"\"Instruction Intercepts\""
#define ASSISTS		"\"Decode Assists\""
#define NONE		"none"
#define NO_CR		"never: not intercepted; CR2 is the guest's own, CR1 is #UD"
#define DEBUGGED	"while a debugger has the debug registers; else they are the guest's alone"
#define NO_TABLES	"never: the guest has its own descriptor-table registers"
#define GPR		"EXITINFO1: bit 63, set for MOV; bits 3:0, the GPR (with decode assists)"

const struct exit_code exit_table_svm[] = {
	{ 0x000, 0x000, "CR0_READ", "read of CR0", "cr-access",
	  "on svm-shadow, while the hardware's CR0 is not the guest's", GPR, ASSISTS, NULL },
	{ 0x001, 0x002, "CR#_READ", "read of CR1 or CR2", "other", NO_CR, GPR, ASSISTS, NULL },
	{ 0x003, 0x003, "CR3_READ", "read of CR3", "cr-access",
	  "on svm-shadow: the hardware's CR3 is ours", GPR, ASSISTS, NULL },
	{ 0x004, 0x004, "CR4_READ", "read of CR4", "cr-access",
	  "on svm-shadow, while the hardware's CR4 is not the guest's", GPR, ASSISTS, NULL },
	{ 0x005, 0x00f, "CR#_READ", "read of CR5 to CR15", "other",
	  "never: not intercepted; CR8 is the virtual TPR in the VMCB, the others are #UD", GPR,
	  ASSISTS, NULL },
	{ 0x010, 0x010, "CR0_WRITE", "write of CR0", "cr-access",
	  "on svm-shadow, while the hardware's CR0 is not the guest's", GPR, ASSISTS, NULL },
	{ 0x011, 0x012, "CR#_WRITE", "write of CR1 or CR2", "other", NO_CR, GPR, ASSISTS, NULL },
	{ 0x013, 0x013, "CR3_WRITE", "write of CR3", "cr-access",
	  "on svm-shadow: the hardware's CR3 is ours", GPR, ASSISTS, NULL },
	{ 0x014, 0x014, "CR4_WRITE", "write of CR4", "cr-access",
	  "on svm-shadow always; on svm-npt to observe PAE, and to keep bits back that the "
	  "guest is not told of", GPR, ASSISTS, NULL },
	{ 0x015, 0x01f, "CR#_WRITE", "write of CR5 to CR15", "other",
	  "never: not intercepted; CR8 is the virtual TPR in the VMCB, the others are #UD", GPR,
	  ASSISTS, NULL },
	{ 0x020, 0x02f, "DR#_READ", "read of DR0 to DR15", "dr-access", DEBUGGED,
	  "EXITINFO1: bits 3:0, the GPR (with decode assists)", ASSISTS, NULL },
	{ 0x030, 0x03f, "DR#_WRITE", "write of DR0 to DR15", "dr-access", DEBUGGED,
	  "EXITINFO1: bits 3:0, the GPR (with decode assists)", ASSISTS, NULL },
	{ 0x040, 0x05f, "EXCP#", "exception, by vector", "exception shadow",
	  "#AC and #DB, which could loop without an exit; #DF, since not every CPU exits on the "
	  "fault after it; #PF on svm-shadow; any while a debugger steps",
	  "EXITINFO1: the error code; EXITINFO2: the address of a #PF",
	  "\"Exception Intercepts\"", NULL },
	{ 0x060, 0x060, "INTR", "physical interrupt", "host-interrupt",
	  "whenever the machine interrupts, nearly always its timer", NONE,
	  "\"Interrupt Intercepts\"", NULL },
	{ 0x061, 0x061, "NMI", "physical NMI", "host-interrupt", "whenever there is one", NONE,
	  "\"Interrupt Intercepts\"", NULL },
	{ 0x062, 0x062, "SMI", "physical SMI", "other",
	  "never: not intercepted, the firmware has its SMIs", "EXITINFO1: the source of the SMI",
	  "\"Interrupt Intercepts\"; \"SMM Support\"", NULL },
	{ 0x063, 0x063, "INIT", "physical INIT", "other",
	  "intercepted, so that it cannot reset the machine under us; no other CPU runs that "
	  "could send one", NONE, "\"Interrupt Intercepts\"", NULL },
	{ 0x064, 0x064, "VINTR", "virtual interrupt", "window",
	  "when the guest can take an interrupt; asked for, by a dummy V_IRQ, while one waits",
	  NONE, "\"Virtual Interrupt Intercept\"", NULL },
	{ 0x065, 0x065, "CR0_SEL_WRITE", "write of CR0 that changes more than TS and MP",
	  "cr-access", "on svm-npt to observe PE and PG; on svm-shadow while the hardware's CR0 "
	  "is the guest's", GPR, "\"Instruction Intercepts\"", NULL },
	{ 0x066, 0x066, "IDTR_READ", "SIDT", "other", NO_TABLES, NONE, INSN, NULL },
	{ 0x067, 0x067, "GDTR_READ", "SGDT", "other", NO_TABLES, NONE, INSN, NULL },
	{ 0x068, 0x068, "LDTR_READ", "SLDT", "other", NO_TABLES, NONE, INSN, NULL },
	{ 0x069, 0x069, "TR_READ", "STR", "other", NO_TABLES, NONE, INSN, NULL },
	{ 0x06a, 0x06a, "IDTR_WRITE", "LIDT", "other", NO_TABLES, NONE, INSN, NULL },
	{ 0x06b, 0x06b, "GDTR_WRITE", "LGDT", "other", NO_TABLES, NONE, INSN, NULL },
	{ 0x06c, 0x06c, "LDTR_WRITE", "LLDT", "other", NO_TABLES, NONE, INSN, NULL },
	{ 0x06d, 0x06d, "TR_WRITE", "LTR", "task-switch",
	  "on svm-shadow under QEMU, which has no intercept for task switches: the page of the "
	  "TSS is guarded (svm/task_guard.c)", NONE, INSN, NULL },
	{ 0x06e, 0x06e, "RDTSC", "RDTSC", "other",
	  "never: the guest reads the CPU's TSC, moved by the TSC offset", NONE, INSN, NULL },
	{ 0x06f, 0x06f, "RDPMC", "RDPMC", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x070, 0x070, "PUSHF", "PUSHF", "other", "never: RFLAGS is the guest's own", NONE,
	  INSN, NULL },
	{ 0x071, 0x071, "POPF", "POPF", "other", "never: RFLAGS is the guest's own", NONE, INSN,
	  NULL },
	{ 0x072, 0x072, "CPUID", "CPUID", "cpuid", "when executed", NONE, INSN, NULL },
	{ 0x073, 0x073, "RSM", "RSM", "other",
	  "never: not intercepted; the guest is not in SMM, where alone RSM is no #UD", NONE,
	  INSN, NULL },
	{ 0x074, 0x074, "IRET", "IRET", "other",
	  "never: NMIs are the host's, so none of the guest's has to be waited out", NONE, INSN,
	  NULL },
	{ 0x075, 0x075, "SWINT", "INT n", "other", "never: the guest's own IDT or IVT has them",
	  "EXITINFO1: the vector (with decode assists)", INSN "; " ASSISTS, NULL },
	{ 0x076, 0x076, "INVD", "INVD", "cache", "when executed", NONE, INSN, NULL },
	{ 0x077, 0x077, "PAUSE", "PAUSE, by its filter", "other",
	  "never: there is no other virtual CPU to run meanwhile", NONE,
	  "\"Pause Intercept Filtering\"", NULL },
	{ 0x078, 0x078, "HLT", "HLT", "hlt", "when executed", NONE, INSN, NULL },
	{ 0x079, 0x079, "INVLPG", "INVLPG", "invlpg", "when executed, on svm-shadow",
	  "EXITINFO1: the linear address (with decode assists)", INSN "; " ASSISTS, NULL },
	{ 0x07a, 0x07a, "INVLPGA", "INVLPGA", "refused-insn", "when executed", NONE,
	  INSN "; " ASSISTS, NULL },
	{ 0x07b, 0x07b, "IOIO", "I/O instruction at a port that the map protects", "io",
	  "when executed: all ports are ours",
	  "EXITINFO1: port, segment, address and operand size, REP, string, direction; "
	  "EXITINFO2: the next RIP", "\"IOIO Intercepts\"", "IO" },
	{ 0x07c, 0x07c, "MSR", "RDMSR or WRMSR of a register that the map protects", "msr",
	  "when executed, but for the registers that the guest has to itself",
	  "EXITINFO1: 0 for RDMSR, 1 for WRMSR; the number is in ECX", "\"MSR Intercepts\"",
	  NULL },
	{ 0x07d, 0x07d, "TASK_SWITCH", "task switch", "task-switch",
	  "on svm-shadow: a switch would load the hardware's CR3",
	  "EXITINFO1: the selector; EXITINFO2: the error code, and IRET, JMP, RF",
	  "\"Task Switch Intercept\"", NULL },
	{ 0x07e, 0x07e, "FERR_FREEZE", "frozen by an x87 error that waits for an interrupt",
	  "other", "intercepted, since the CPU would wait for ever; needs CR0.NE clear and an "
	  "unmasked x87 error", NONE, "\"Ferr_Freeze Intercept\"", NULL },
	{ 0x07f, 0x07f, "SHUTDOWN", "shutdown", "triple-fault",
	  "a fault while #DF was delivered", "none; the state saved is undefined",
	  "\"Shutdown Intercept\"", NULL },
	{ 0 },
};
