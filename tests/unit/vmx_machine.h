/*
 * A CPU with VT-x made of arrays, and vmx/ compiled against it: tests see each VMREAD,
 * VMWRITE, INVVPID and entry. A field that the CPU does not have fails the test, as
 * does an entry that breaks a rule. And a vcpu on it, without EPT, in any of the guest's
 * modes. Knows no rule of its own.
 */
#ifndef TESTS_VMX_MACHINE_H
#define TESTS_VMX_MACHINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

/* The real wrappers of instructions stay out. */
#define CORE_X86_INSN_H
#define VMX_VMX_INSN_H

#include "core/cpuid_defs.h"
#include "core/strategy.h"
#include "mmu/panic.h"
#include "vmx/rules.h"
#include "vmx/vmx.h"

#define FIELDS		(VMCS_HOST_SSP_TABLE + 1)
#define POOL_FRAMES	64u
#define INVALIDATIONS	8u
#define MAY(controls)	FIELD_PUT(VMX_CTRL_ALLOWED1, (uint64_t)(controls))
#define ANY		UINT32_MAX
#define LINEAR_BITS	48
#define ROOT		0x5000u		/* of our tables: never read here */

struct invalidation { enum invvpid_type type; uint16_t vpid; uint64_t address; };

static struct machine {
	uint64_t	field[FIELDS];
	bool		absent[FIELDS];
	uint64_t	proc, proc2, exit, entry, ept_vpid, basic;	/* capabilities */
	uint64_t	efer, cr2;
	unsigned	efer_writes, cr2_writes, entries;
	struct invalidation invvpid[INVALIDATIONS];	/* since the entry before */
	unsigned	invvpids, before_entry;		/* ... and before the last one */

	uint8_t		*memory;
	struct frame_pool pool;
	struct host_cpu	host;
	struct hv_cpu	cpu;
	struct vm	vm;
} m;

_Noreturn void panic(const char *format, ...)
{
	fail_msg("panic: %s", format);
	abort();
}

static inline uint64_t vmx_read(enum vmcs_field field)
{
	if (m.absent[field])
		fail_msg("VMREAD of field %x, which this CPU does not have", field);
	return m.field[field];
}

static inline void vmx_write(enum vmcs_field field, uint64_t value)
{
	if (m.absent[field])
		fail_msg("VMWRITE of field %x, which this CPU does not have", field);
	m.field[field] = value;
}

static inline uint8_t vmx_cpl(void)
{
	return FIELD_GET(AR_DPL, vmx_read(VMCS_GUEST_SS_AR));
}

static inline void vmx_invvpid(enum invvpid_type type, uint16_t vpid,
			       uint64_t address)
{
	assert_true(m.ept_vpid & VMX_VPID_INVVPID);
	assert_true(m.ept_vpid & (VMX_VPID_INVVPID_ADDRESS << type));
	assert_true(m.invvpids < INVALIDATIONS);
	m.invvpid[m.invvpids++] = (struct invalidation){ type, vpid, address };
}

static inline void vmx_invept(enum invept_type type, uint64_t eptp)
{
	(void)type;
	(void)eptp;
	assert_true(m.ept_vpid & VMX_EPT_INVEPT);
}

static inline bool vmx_vmxon(hpa_t region) { return region.v; }
static inline void vmx_vmxoff(void) { }
static inline bool vmx_vmclear(hpa_t vmcs) { return vmcs.v; }
static inline bool vmx_vmptrld(hpa_t vmcs) { return vmcs.v; }

static inline uint64_t x86_rdmsr(uint32_t number)
{
	switch (number) {
	case MSR_VMX_BASIC:
		return m.basic;
	case MSR_VMX_PIN:
	case MSR_VMX_TRUE_PIN:
		return MAY(ANY);
	case MSR_VMX_PROC:
	case MSR_VMX_TRUE_PROC:
		return m.proc;
	case MSR_VMX_PROC2:
		return m.proc2;
	case MSR_VMX_EXIT:
	case MSR_VMX_TRUE_EXIT:
		return m.exit;
	case MSR_VMX_ENTRY:
	case MSR_VMX_TRUE_ENTRY:
		return m.entry;
	case MSR_VMX_EPT_VPID_CAP:
		return m.ept_vpid;
	case MSR_VMX_CR0_FIXED0:
		return CR0_PE | CR0_NE | CR0_PG;
	case MSR_VMX_CR4_FIXED0:
		return CR4_VMXE;
	case MSR_FEATURE_CONTROL:
		return FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX;
	case MSR_EFER:
		return m.efer;
	default:
		return 0;
	}
}

static inline void x86_wrmsr(uint32_t number, uint64_t value)
{
	if (number == MSR_EFER) {
		m.efer = value;
		m.efer_writes++;
	}
}

static inline uint64_t x86_read_cr2(void) { return m.cr2; }
static inline void x86_write_cr2(uint64_t value)
{
	m.cr2 = value;
	m.cr2_writes++;
}

static inline uint64_t x86_read_cr0(void) { return CR0_PE | CR0_NE | CR0_PG; }
static inline uint64_t x86_read_cr4(void) { return CR4_PAE | CR4_VMXE; }
static inline void x86_write_cr0(uint64_t value) { (void)value; }
static inline void x86_write_cr4(uint64_t value) { (void)value; }
static inline uint64_t x86_read_dr0(void) { return 0; }
static inline uint64_t x86_read_dr1(void) { return 0; }
static inline uint64_t x86_read_dr2(void) { return 0; }
static inline uint64_t x86_read_dr3(void) { return 0; }
static inline uint64_t x86_read_dr6(void) { return DR6_INIT; }
static inline void x86_write_dr0(uint64_t value) { (void)value; }
static inline void x86_write_dr1(uint64_t value) { (void)value; }
static inline void x86_write_dr2(uint64_t value) { (void)value; }
static inline void x86_write_dr3(uint64_t value) { (void)value; }
static inline void x86_write_dr6(uint64_t value) { (void)value; }
static inline void x86_interrupt_window(void) { }

/* vmx/host.c reads a real CPU's tables. */
void vmx_host_state(const struct vmx_vcpu *vmx)
{
	m.field[VMCS_HOST_CR0] = x86_read_cr0();
	m.field[VMCS_HOST_CR4] = x86_read_cr4();
	m.field[VMCS_HOST_CS_SELECTOR] = 0x08;
	m.field[VMCS_HOST_TR_SELECTOR] = 0x18;
	if (vmx->controls.exit & VMX_EXIT_LOAD_EFER)
		vmx_write(VMCS_HOST_EFER, m.efer);
}

static inline uint64_t machine_field(void *context, uint32_t field)
{
	(void)context;
	return m.absent[field] ? 0 : m.field[field];
}

static inline struct vmx_rule_input machine_rules(void)
{
	struct vmx_rule_input in = {
		.caps = {
			.basic = m.basic, .pin = MAY(ANY), .proc = m.proc,
			.proc2 = m.proc2, .exit = m.exit, .entry = m.entry,
			.ept_vpid = m.ept_vpid,
			.cr0_fixed0 = CR0_PE | CR0_NE | CR0_PG,
			.cr0_fixed1 = UINT32_MAX, .cr4_fixed0 = CR4_VMXE,
			.cr4_fixed1 = UINT32_MAX,
			.efer_supported = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
			.phys_bits = 52, .linear_bits = LINEAR_BITS,
			.long_mode = true,
		},
	};

	vmx_fields_read(&in.f, machine_field, NULL);
	return in;
}

bool vmx_enter(uint64_t gpr[GPR_COUNT], struct vcpu_tsc *tsc,
	       struct vmx_vcpu *vmx)
{
	struct vmx_rule_input in = machine_rules();
	const struct vmx_rule *broken = vmx_rules_broken(&in);

	(void)gpr;
	(void)tsc;
	(void)vmx;
	if (broken)
		fail_msg("the entry breaks %s", broken->name);
	m.entries++;
	m.before_entry = m.invvpids;
	m.invvpids = 0;
	m.field[VMCS_EXIT_REASON] = VMX_REASON_HLT;
	return true;
}

const char vmx_exit_point[1];

/* The backend itself, on the CPU above. NOLINTBEGIN(bugprone-suspicious-include) */
#include "vmx/choose.c"
#include "vmx/cpu.c"
#include "vmx/cr.c"
#include "vmx/exit.c"
#include "vmx/hidden.c"
#include "vmx/report.c"
#include "vmx/run.c"
#include "vmx/segment.c"
#include "vmx/state.c"
#include "vmx/vcpu.c"
/* NOLINTEND(bugprone-suspicious-include) */

/* The first generation: neither secondary controls that count, nor EFER's, nor the PAT's. */
#define EFER_PAT_ENTRY	(VMX_ENTRY_LOAD_EFER | VMX_ENTRY_LOAD_PAT)
#define EFER_PAT_EXIT	(VMX_EXIT_LOAD_EFER | VMX_EXIT_SAVE_EFER | \
			 VMX_EXIT_LOAD_PAT | VMX_EXIT_SAVE_PAT)
#define TAGS_FIRST	(VMX_VPID_INVVPID | VMX_VPID_INVVPID_SINGLE)
#define EPT_ALL		(VMX_EPT_WALK_4 | VMX_EPT_TYPE_WB | VMX_EPT_INVEPT | \
			 VMX_EPT_INVEPT_SINGLE | VMX_EPT_INVEPT_ALL)

enum cpu { CPU_FIRST, CPU_LATER, CPUS };

static const enum vmcs_field later_fields[] = {
	VMCS_VPID, VMCS_EPTP, VMCS_GUEST_PHYSICAL, VMCS_GUEST_PAT, VMCS_GUEST_EFER,
	VMCS_GUEST_PDPTE0, VMCS_GUEST_PDPTE1, VMCS_GUEST_PDPTE2, VMCS_GUEST_PDPTE3,
	VMCS_HOST_PAT, VMCS_HOST_EFER,
};

/* How a guest runs: its own CR0, CR4, EFER and RFLAGS. */
static const struct mode {
	uint64_t	cr0, cr4, efer;
	enum ran_as	ran_as;
} modes[] = {
	{ CR0_ET, 0, 0, RAN_VM86 },
	{ CR0_ET | CR0_PE, 0, EFER_LME, RAN_HIDDEN },
	{ CR0_ET | CR0_PE | CR0_PG, CR4_PSE, 0, RAN_SHADOW },
	{ CR0_ET | CR0_PE | CR0_PG | CR0_WP, CR4_PAE | CR4_PGE, EFER_NXE, RAN_SHADOW },
	{ CR0_ET | CR0_PE | CR0_PG, CR4_PAE, EFER_LME | EFER_LMA | EFER_SCE, RAN_SHADOW },
};
enum { REAL, UNPAGED, LEGACY, PAE, LONG, MODES };
_Static_assert(ARRAY_SIZE(modes) == MODES, "modes");

static void cpu_make(enum cpu cpu)
{
	m.proc = MAY(ANY) | VMX_PROC_CR3_LOAD | VMX_PROC_CR3_STORE;
	m.exit = MAY(ANY);
	m.entry = MAY(ANY);
	m.efer = EFER_LME | EFER_LMA | EFER_NXE;
	if (cpu == CPU_LATER) {
		m.basic = VMX_BASIC_TRUE_CONTROLS;
		m.proc = MAY(ANY);
		m.proc2 = MAY(VMX_PROC2_EPT | VMX_PROC2_VPID | VMX_PROC2_UNRESTRICTED);
		m.ept_vpid = EPT_ALL | TAGS_FIRST | VMX_VPID_INVVPID_ADDRESS;
		return;
	}
	m.proc &= ~MAY(VMX_PROC_SECONDARY);
	m.exit &= ~MAY(EFER_PAT_EXIT);
	m.entry &= ~MAY(EFER_PAT_ENTRY);
	for (unsigned i = 0; i < ARRAY_SIZE(later_fields); i++)
		m.absent[later_fields[i]] = true;
}

static void machine_make(enum cpu cpu, bool tags)
{
	memset(&m, 0, sizeof(m));
	cpu_make(cpu);
	m.memory = aligned_alloc(PAGE_SIZE, POOL_FRAMES * PAGE_SIZE);
	frame_pool_init(&m.pool, hpa_of(m.memory), POOL_FRAMES * PAGE_SIZE);
	m.host.basic[LEAF_FEATURES].ecx = CPUID_INTEL_VMX;
	m.host.extended[EXT_FEATURES].edx = CPUID_NX;
	m.host.cr4_supported = CR4_VMXE | CR4_PAE | CR4_PSE | CR4_PGE | CR4_DE;
	m.cpu = (struct hv_cpu){ .host = &m.host, .pool = &m.pool };
	vmx_probe(&m.host, &m.cpu.caps);
	assert_null(m.cpu.caps.missing);
	m.cpu.caps.pat_switch = false;	/* as hv_start() has it for shadow rungs */
	assert_int_equal(vmx_cpu_on(&m.cpu), HV_OK);
	m.vm.rung = &rungs[RUNG_VMX_SHADOW];
	m.vm.options = (struct rung_options){ .observe = OBSERVE_NONE, .tags = tags };
	m.vm.cpu = &m.cpu;
	m.vm.policy.cr4_allowed = CR4_PAE | CR4_PSE | CR4_PGE | CR4_DE;
	m.vm.vcpu.vm = &m.vm;
}

/* The guest's whole state is as in this mode, and new to the VMCS. */
static void mode_set(unsigned n)
{
	const struct mode *mode = &modes[n];
	struct vcpu *v = &m.vm.vcpu;
	struct guest_view view = {
		.cr0 = mode->cr0, .cr4 = mode->cr4, .efer = mode->efer, .fits = true,
	};

	v->cr0 = mode->cr0;
	v->cr4 = mode->cr4;
	v->efer = mode->efer;
	v->rip = 0x7c00;
	v->rflags = RFLAGS_ONE;
	v->dr7 = DR7_INIT;
	for (unsigned s = SEG_ES; s <= SEG_GS; s++)
		v->seg[s] = n == REAL ?
			(struct vcpu_seg){ 0, AR_REAL_DATA, UINT16_MAX, 0 } :
			(struct vcpu_seg){ 8, AR_REAL_DATA | AR_DB, UINT16_MAX, 0 };
	if (n != REAL)
		v->seg[SEG_CS].ar = AR_REAL_CODE | (n == LONG ? AR_L : AR_DB);
	v->seg[SEG_LDTR] = (struct vcpu_seg){ .ar = AR_UNUSABLE };
	v->seg[SEG_TR] = (struct vcpu_seg){ .ar = AR_TSS32_BUSY, .limit = 0x67 };
	strategy(&view, &m.cpu.caps, m.vm.rung, &m.vm.options,
		 m.vm.policy.cr4_allowed, &m.vm.hw);
	m.vm.hw.cr3 = ROOT;
	vcpu_touch(v, ST_ALL);
}

static void enter(void)
{
	struct exit exit;

	vmx_vcpu_run(&m.vm.vcpu, &exit);
	assert_int_equal(exit.reason, EXIT_HLT);
}

/* A vcpu that has run once in this mode. */
static void born(enum cpu cpu, bool tags, unsigned mode)
{
	machine_make(cpu, tags);
	mode_set(mode);
	assert_int_equal(vmx_vcpu_init(&m.vm.vcpu, &m.cpu), HV_OK);
	enter();
}

static void buried(void)
{
	vmx_vcpu_fini(&m.vm.vcpu);
	vmx_cpu_off(&m.cpu);
	assert_int_equal(m.pool.used, 0);
	free(m.memory);
}

#endif
