/*
 * SVM exit codes from 0x080 on: SVM's own instructions, those that came later, and
 * what no intercept bit asks for: data. APM vol. 2 appendix C "SVM Intercept Exit Codes".
 */
#include "compare/exit_table.h"

#define INSN		"\"Instruction Intercepts\""
#define APPENDIX	"\"SVM Intercept Exit Codes\""
#define AVIC		"\"Advanced Virtual Interrupt Controller\""
#define ENCRYPTED	"\"Encrypted State (SEV-ES)\""
#define NONE		"none"
#define NO_AVIC		"never: AVIC is off, the guest has no local APIC"
#define NO_ES		"never: the guest's registers are not encrypted"
#define NOT_ENABLED	"never: it is not enabled for the guest, so the CPU raises #UD itself"

const struct exit_code exit_table_svm_later[] = {
	{ 0x080, 0x080, "VMRUN", "VMRUN", "refused-insn",
	  "when executed with EFER.SVME set, as it is in hardware; the intercept is a must",
	  NONE, INSN, NULL },
	{ 0x081, 0x081, "VMMCALL", "VMMCALL", "hypercall", "when executed", NONE,
	  "\"VMMCALL Instruction\"", NULL },
	{ 0x082, 0x082, "VMLOAD", "VMLOAD", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x083, 0x083, "VMSAVE", "VMSAVE", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x084, 0x084, "STGI", "STGI", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x085, 0x085, "CLGI", "CLGI", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x086, 0x086, "SKINIT", "SKINIT", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x087, 0x087, "RDTSCP", "RDTSCP", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x088, 0x088, "ICEBP", "ICEBP (INT1)", "other",
	  "never: the #DB that it raises is intercepted instead", NONE, INSN, NULL },
	{ 0x089, 0x089, "WBINVD", "WBINVD or WBNOINVD", "other",
	  "never: the guest may write the caches back", NONE, INSN, NULL },
	{ 0x08a, 0x08a, "MONITOR", "MONITOR or MONITORX", "refused-insn", "when executed", NONE,
	  INSN, NULL },
	{ 0x08b, 0x08b, "MWAIT", "MWAIT or MWAITX", "refused-insn", "when executed", NONE, INSN,
	  NULL },
	{ 0x08c, 0x08c, "MWAIT_CONDITIONAL", "MWAIT or MWAITX, the monitor armed",
	  "refused-insn", "never: MWAIT is intercepted whether armed or not", NONE, INSN, NULL },
	{ 0x08d, 0x08d, "XSETBV", "XSETBV", "refused-insn",
	  "when executed; but without CR4.OSXSAVE, which the guest has not, #UD comes first",
	  NONE, INSN, NULL },
	{ 0x08e, 0x08e, "RDPRU", "RDPRU", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x08f, 0x08f, "EFER_WRITE_TRAP", "write of EFER, after it", "other", NO_ES,
	  "EXITINFO1: the new value", ENCRYPTED, NULL },
	{ 0x090, 0x09f, "CR#_WRITE_TRAP", "write of CR0 to CR15, after it", "other", NO_ES,
	  "EXITINFO1: the new value", ENCRYPTED, NULL },
	{ 0x0a0, 0x0a0, "INVLPGB", "INVLPGB", "other", NOT_ENABLED, NONE, INSN, NULL },
	{ 0x0a1, 0x0a1, "INVLPGB_ILLEGAL", "INVLPGB with operands a guest may not use", "other",
	  NOT_ENABLED, NONE, INSN, NULL },
	{ 0x0a2, 0x0a2, "INVPCID", "INVPCID", "refused-insn", "when executed", NONE, INSN, NULL },
	{ 0x0a3, 0x0a3, "MCOMMIT", "MCOMMIT", "other", NOT_ENABLED, NONE, INSN, NULL },
	{ 0x0a4, 0x0a4, "TLBSYNC", "TLBSYNC", "other", NOT_ENABLED, NONE, INSN, NULL },
	{ 0x0a5, 0x0a5, "BUSLOCK", "bus lock, the threshold used up", "other",
	  "never: not intercepted", NONE, "\"Bus Lock Threshold\"", "BUS_LOCK" },
	{ 0x0a6, 0x0a6, "IDLE_HLT", "HLT with no virtual interrupt pending", "other",
	  "never: HLT is intercepted whatever is pending", NONE, "\"Idle HLT Intercept\"", NULL },
	{ 0x400, 0x400, "NPF", "nested page fault", "memory",
	  "with nested paging: an access to guest-physical memory that the nested tables do not "
	  "allow; no RAM there, or a write to ROM",
	  "EXITINFO1: the error code, and whether the address is the final one (bit 32) or of "
	  "the guest's tables (33); EXITINFO2: the guest-physical address; instruction bytes",
	  "\"Nested versus Guest Page Faults, Fault Ordering\"", "NESTED_PAGE_FAULT" },
	{ 0x401, 0x401, "AVIC_INCOMPLETE_IPI", "IPI that AVIC could not deliver", "other",
	  NO_AVIC, "EXITINFO1: the interrupt command; EXITINFO2: the reason and an index",
	  AVIC, "INCOMPLETE_IPI" },
	{ 0x402, 0x402, "AVIC_NOACCEL", "access to a virtual APIC register that AVIC leaves "
	  "to software", "other", NO_AVIC,
	  "EXITINFO1: the offset, and read or write; EXITINFO2: the vector of an EOI", AVIC,
	  "AVIC_UNACCELERATED_ACCESS" },
	{ 0x403, 0x403, "VMGEXIT", "VMGEXIT", "other",
	  "never: without SEV-ES its bytes are VMMCALL", NONE, ENCRYPTED, NULL },
	{ 0xf0000000, 0xf0000000, "UNUSED", "left to the host's software (the manual prints "
	  "F000_000h)", "other", "never: the CPU does not produce it", NONE, APPENDIX, "SW" },
	{ UINT64_MAX - 3, UINT64_MAX - 3, "INVALID_PMC", "VMRUN refused: invalid PMC state",
	  "other", "never: performance counters are not virtualised", NONE, APPENDIX, NULL },
	{ UINT64_MAX - 2, UINT64_MAX - 2, "IDLE_REQUIRED",
	  "VMRUN refused: the sibling thread is not idle", "other",
	  "never: a protection of SEV-SNP guests", NONE, APPENDIX, NULL },
	{ UINT64_MAX - 1, UINT64_MAX - 1, "BUSY", "VMRUN refused: the save area is in use",
	  "other", NO_ES, NONE, ENCRYPTED, NULL },
	{ UINT64_MAX, UINT64_MAX, "INVALID", "VMRUN refused: invalid state in the VMCB",
	  "entry-failed", "a rule of consistency is broken; emulators may fill in 32 bits only",
	  NONE, "\"Canonicalization and Consistency Checks\"", NULL },
	{ 0 },
};
