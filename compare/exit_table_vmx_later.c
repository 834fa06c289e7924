/*
 * VMX basic exit reasons from 43 on, those of EPT, of virtual APICs and of newer
 * instructions: data. SDM 3D appendix C "VMX Basic Exit Reasons".
 */
#include "compare/exit_table.h"

#define ALWAYS		"\"Instructions That Cause VM Exits Unconditionally\""
#define BY_CONTROL	"\"Instructions That Cause VM Exits Conditionally\""
#define APPENDIX	"\"VMX Basic Exit Reasons\""
#define LENGTH		"VM-exit instruction length"
#define INFO		"VM-exit instruction information; " LENGTH
#define OPERAND		"exit qualification (displacement); " INFO
#define NO_APIC		"never: the guest has no local APIC"
#define NOT_ENABLED(insn) \
	"never: \"enable " insn "\" is clear, so the CPU raises #UD itself"
#define NOT_ASKED(control) "never: \"" control "\" is clear"

const struct exit_code exit_table_vmx_later[] = {
	{ 43, 43, "TPR_THRESHOLD", "TPR below threshold", "other", NO_APIC, "none",
	  "\"TPR Virtualization\"", "TPR_BELOW_THRESHOLD" },
	{ 44, 44, "APIC_ACCESS", "access to the APIC-access page", "other", NO_APIC,
	  "exit qualification: offset and access type; guest-linear address; IDT-vectoring "
	  "information", "\"Virtualizing Memory-Mapped APIC Accesses\"", NULL },
	{ 45, 45, "VIRTUAL_EOI", "virtualized EOI", "other", NO_APIC,
	  "exit qualification: the vector", "\"EOI Virtualization\"", "EOI_INDUCED" },
	{ 46, 46, "GDTR_IDTR", "LGDT, LIDT, SGDT or SIDT", "other",
	  NOT_ASKED("descriptor-table exiting"), OPERAND, BY_CONTROL,
	  "ACCESS_GDTR_OR_IDTR GDT_IDT_ACCESS" },
	{ 47, 47, "LDTR_TR", "LLDT, LTR, SLDT or STR", "other",
	  NOT_ASKED("descriptor-table exiting"), OPERAND, BY_CONTROL,
	  "ACCESS_LDTR_OR_TR LDT_TR_ACCESS" },
	{ 48, 48, "EPT_VIOLATION", "EPT violation", "memory",
	  "with EPT: an access to guest-physical memory that the EPT tables do not allow; no "
	  "RAM there, or a write to ROM",
	  "exit qualification: the access, what was allowed, whether it was the final one; "
	  "guest-physical address; guest-linear address; IDT-vectoring information and error "
	  "code", "\"EPT Violations\"; \"Exit Qualification\"", NULL },
	{ 49, 49, "EPT_MISCONFIG", "EPT misconfiguration", "other",
	  "never: no EPT entry of ours has a combination that the CPU rejects",
	  "guest-physical address", "\"EPT Misconfigurations\"", "EPT_MISCONFIGURATION" },
	{ 50, 50, "INVEPT", "INVEPT", "refused-insn", "when executed: no control can prevent it",
	  OPERAND, ALWAYS, NULL },
	{ 51, 51, "RDTSCP", "RDTSCP", "refused-insn", NOT_ENABLED("RDTSCP"), LENGTH, BY_CONTROL,
	  NULL },
	{ 52, 52, "PREEMPTION_TIMER", "the VMX-preemption timer reached zero", "other",
	  "never: deadlines are the machine's timer, seen as external interrupts", "none",
	  "\"VMX-Preemption Timer\"", "VMX_PREEMPTION_TIMER" },
	{ 53, 53, "INVVPID", "INVVPID", "refused-insn",
	  "when executed: no control can prevent it", OPERAND, ALWAYS, NULL },
	{ 54, 54, "WBINVD", "WBINVD or WBNOINVD", "cache", NOT_ASKED("WBINVD exiting"), LENGTH,
	  BY_CONTROL, NULL },
	{ 55, 55, "XSETBV", "XSETBV", "refused-insn",
	  "never: the guest has no CR4.OSXSAVE, so the CPU raises #UD itself", LENGTH, ALWAYS,
	  NULL },
	{ 56, 56, "APIC_WRITE", "write to the virtual-APIC page", "other", NO_APIC,
	  "exit qualification: the page offset", "\"APIC-Write Emulation\"", NULL },
	{ 57, 57, "RDRAND", "RDRAND", "other", NOT_ASKED("RDRAND exiting"), INFO, BY_CONTROL,
	  NULL },
	{ 58, 58, "INVPCID", "INVPCID", "refused-insn", NOT_ENABLED("INVPCID"), OPERAND,
	  BY_CONTROL, NULL },
	{ 59, 59, "VMFUNC", "VMFUNC that is not enabled or fails", "refused-insn",
	  NOT_ENABLED("VM functions"), LENGTH, "\"VM Functions\"", NULL },
	{ 60, 60, "ENCLS", "ENCLS", "refused-insn", NOT_ASKED("enable ENCLS exiting"), LENGTH,
	  BY_CONTROL, NULL },
	{ 61, 61, "RDSEED", "RDSEED", "other", NOT_ASKED("RDSEED exiting"), INFO, BY_CONTROL,
	  NULL },
	{ 62, 62, "PML_FULL", "page-modification log full", "other",
	  NOT_ASKED("enable PML"), "exit qualification: NMI unblocking due to IRET",
	  "\"Page-Modification Logging\"", NULL },
	{ 63, 63, "XSAVES", "XSAVES", "other", NOT_ENABLED("XSAVES/XRSTORS"), OPERAND,
	  BY_CONTROL, NULL },
	{ 64, 64, "XRSTORS", "XRSTORS", "other", NOT_ENABLED("XSAVES/XRSTORS"), OPERAND,
	  BY_CONTROL, NULL },
	{ 65, 65, "PCONFIG", "PCONFIG", "other", NOT_ENABLED("PCONFIG"), LENGTH, BY_CONTROL,
	  NULL },
	{ 66, 66, "SPP", "sub-page permission miss or misconfiguration", "other",
	  NOT_ASKED("sub-page write permissions for EPT"),
	  "exit qualification: miss or misconfiguration; guest-physical address; guest-linear "
	  "address", "\"Sub-Page Write Permissions\"", NULL },
	{ 67, 67, "UMWAIT", "UMWAIT", "other", NOT_ENABLED("user wait and pause"), INFO,
	  BY_CONTROL, NULL },
	{ 68, 68, "TPAUSE", "TPAUSE", "other", NOT_ENABLED("user wait and pause"), INFO,
	  BY_CONTROL, NULL },
	{ 69, 69, "LOADIWKEY", "LOADIWKEY", "other", NOT_ASKED("LOADIWKEY exiting"), INFO,
	  BY_CONTROL, NULL },
	{ 70, 70, "ENCLV", "ENCLV", "other", NOT_ASKED("enable ENCLV exiting"), LENGTH,
	  BY_CONTROL, NULL },
	{ 72, 72, "ENQCMD_PASID", "ENQCMD: PASID translation failed", "other",
	  NOT_ASKED("PASID translation"), OPERAND, APPENDIX, NULL },
	{ 73, 73, "ENQCMDS_PASID", "ENQCMDS: PASID translation failed", "other",
	  NOT_ASKED("PASID translation"), OPERAND, APPENDIX, NULL },
	{ 74, 74, "BUS_LOCK", "bus lock", "other", NOT_ASKED("VMM bus-lock detection"), "none",
	  APPENDIX, NULL },
	{ 75, 75, "INSN_TIMEOUT", "no instruction boundary within the time allowed", "other",
	  NOT_ASKED("instruction timeout"),
	  "exit qualification: whether the VM context is valid; IDT-vectoring information",
	  APPENDIX, "NOTIFY INSTRUCTION_TIMEOUT" },
	{ 76, 76, "SEAMCALL", "SEAMCALL", "refused-insn",
	  "when executed, on a CPU with TDX: no control can prevent it", LENGTH, APPENDIX, NULL },
	{ 77, 77, "TDCALL", "TDCALL", "refused-insn",
	  "when executed, on a CPU with TDX: no control can prevent it", LENGTH, APPENDIX, NULL },
	{ 78, 78, "RDMSRLIST", "RDMSRLIST", "other", NOT_ENABLED("MSR-list instructions"),
	  "exit qualification: the MSR; " LENGTH, APPENDIX, NULL },
	{ 79, 79, "WRMSRLIST", "WRMSRLIST", "other", NOT_ENABLED("MSR-list instructions"),
	  "exit qualification: the MSR; VM-exit instruction information; " LENGTH, APPENDIX,
	  NULL },
	{ 80, 80, "URDMSR", "URDMSR", "other",
	  "never: the tertiary processor-based controls are not in use", LENGTH, APPENDIX, NULL },
	{ 81, 81, "UWRMSR", "UWRMSR", "other",
	  "never: the tertiary processor-based controls are not in use", LENGTH, APPENDIX, NULL },
	{ 84, 84, "RDMSR_IMM", "RDMSR with an immediate number", "refused-insn",
	  "when executed, on a CPU that has it: the guest is told of no such form",
	  "exit qualification: the MSR; " INFO, APPENDIX, "MSR_READ_IMM" },
	{ 85, 85, "WRMSRNS_IMM", "WRMSRNS with an immediate number", "refused-insn",
	  "when executed, on a CPU that has it: the guest is told of no such form",
	  "exit qualification: the MSR; " INFO, APPENDIX, "MSR_WRITE_IMM" },
	{ 0 },
};
