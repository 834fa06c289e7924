/*
 * The table of VMX exit reasons against vmx/exit.c itself, compiled over a VMCS made of
 * an array: for every reason what the decoder answers is what the table says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The real wrappers of instructions stay out. */
#define CORE_X86_INSN_H
#define VMX_VMX_INSN_H
#include "mmu/bits.h"
#include "mmu/x86_defs.h"
#include "vmx/vmcs.h"

static uint64_t field[VMCS_HOST_SSP_TABLE + 1];

static inline uint64_t vmx_read(enum vmcs_field which)
{
	return field[which];
}

static inline void vmx_write(enum vmcs_field which, uint64_t value)
{
	field[which] = value;
}

static inline uint8_t vmx_cpl(void)
{
	return 0;
}

static inline void x86_interrupt_window(void)
{
}

#include "vmx/vmx.h"

static bool dr_given;

void vmx_dr_give(const struct vcpu *v, bool given)
{
	vmx_of(v)->dr_given = given;
	dr_given = given;
}

#include "vmx/exit.c" /* NOLINT(bugprone-suspicious-include) */

#include "compare/exit_find.h"

static struct vmx_vcpu vmx;
static struct vm vm;

static struct exit decoded_exit(uint64_t reason)
{
	struct exit exit;

	vm.vcpu = (struct vcpu){ .vm = &vm, .backend = &vmx, .valid = ~0u };
	/* A vector, for reason 0: an NMI would go to this host's handler. */
	field[VMCS_EXIT_INTR_INFO] = VMX_EVENT_VALID | VEC_GP |
				     FIELD_PUT(VMX_EVENT_TYPE, (uint64_t)VMX_EVENT_EXCEPTION);
	field[VMCS_EXIT_REASON] = reason;
	vmx_exit_decode(&vm.vcpu, &exit);
	return exit;
}

static const char *decoded(uint64_t reason)
{
	return exit_reason_name(decoded_exit(reason).reason);
}

static const struct exit_code *row_of(uint64_t code)
{
	const struct exit_code *row;

	for (size_t n = 0; (row = exit_row(EXIT_VMX, n)); n++)
		if (row->first <= code && code <= row->last)
			return row;
	return NULL;
}

/* Entry failures are told by bit 31. SDM 3C "VM-Entry Failures" 26.8 */
static uint64_t as_told(const struct exit_code *row)
{
	bool failed = !strcmp(row->cause, "entry-failed");

	return row->first | (failed ? VMX_REASON_ENTRY_FAILED : 0);
}

static void rows_say_what_the_decoder_answers(void **state)
{
	const struct exit_code *row;

	(void)state;
	for (size_t n = 0; (row = exit_row(EXIT_VMX, n)); n++) {
		const char *name = decoded(as_told(row));

		if (strncmp(row->cause, name, strlen(name)))
			fail_msg("%s: the decoder says %s, the table %s", row->name, name,
				 row->cause);
	}
}

static void no_reason_is_decoded_that_has_no_row(void **state)
{
	(void)state;
	for (uint64_t reason = 0; reason <= VMX_REASON_BASIC; reason++)
		if (!row_of(reason))
			assert_string_equal(decoded(reason), "other");
}

/* SDM 3C "VM-Entry Failures": only these three basic reasons stand beside bit 31. */
static void entry_failures_are_the_manuals_three(void **state)
{
	const struct exit_code *row;

	(void)state;
	for (size_t n = 0; (row = exit_row(EXIT_VMX, n)); n++)
		assert_int_equal(exit_becomes(row, "entry-failed"),
				 row->first == VMX_REASON_GUEST_STATE ||
				 row->first == VMX_REASON_MSR_LOAD ||
				 row->first == VMX_REASON_MACHINE_CHECK);
}

/* Each enumerator of vmx/vmcs_exit.h: one left out does not compile (-Wswitch). */
static const char *name_of(enum vmx_reason reason)
{
#define NAME(name) case VMX_REASON_##name: return #name
	switch (reason) {
	NAME(EXCEPTION_NMI); NAME(EXT_INTR); NAME(TRIPLE_FAULT); NAME(INIT); NAME(SIPI);
	NAME(IO_SMI); NAME(OTHER_SMI); NAME(INTR_WINDOW); NAME(NMI_WINDOW);
	NAME(TASK_SWITCH); NAME(CPUID); NAME(GETSEC); NAME(HLT); NAME(INVD); NAME(INVLPG);
	NAME(RDPMC); NAME(RDTSC); NAME(RSM); NAME(VMCALL); NAME(VMCLEAR); NAME(VMLAUNCH);
	NAME(VMPTRLD); NAME(VMPTRST); NAME(VMREAD); NAME(VMRESUME); NAME(VMWRITE);
	NAME(VMXOFF); NAME(VMXON); NAME(CR_ACCESS); NAME(DR_ACCESS); NAME(IO); NAME(RDMSR);
	NAME(WRMSR); NAME(GUEST_STATE); NAME(MSR_LOAD); NAME(MWAIT); NAME(MONITOR_TRAP);
	NAME(MONITOR); NAME(PAUSE); NAME(MACHINE_CHECK); NAME(TPR_THRESHOLD);
	NAME(APIC_ACCESS); NAME(VIRTUAL_EOI); NAME(GDTR_IDTR); NAME(LDTR_TR);
	NAME(EPT_VIOLATION); NAME(EPT_MISCONFIG); NAME(INVEPT); NAME(RDTSCP);
	NAME(PREEMPTION_TIMER); NAME(INVVPID); NAME(WBINVD); NAME(XSETBV); NAME(APIC_WRITE);
	NAME(RDRAND); NAME(INVPCID); NAME(VMFUNC); NAME(ENCLS); NAME(RDSEED); NAME(PML_FULL);
	NAME(XSAVES); NAME(XRSTORS); NAME(PCONFIG); NAME(SPP); NAME(UMWAIT); NAME(TPAUSE);
	NAME(LOADIWKEY); NAME(ENCLV); NAME(ENQCMD_PASID); NAME(ENQCMDS_PASID);
	NAME(BUS_LOCK); NAME(INSN_TIMEOUT); NAME(SEAMCALL); NAME(TDCALL); NAME(RDMSRLIST);
	NAME(WRMSRLIST); NAME(URDMSR); NAME(UWRMSR); NAME(RDMSR_IMM); NAME(WRMSRNS_IMM);
	}
#undef NAME
	return NULL;
}

static void every_reason_of_the_backend_has_its_row(void **state)
{
	unsigned seen = 0;

	(void)state;
	for (uint64_t reason = 0; reason <= VMX_REASON_BASIC; reason++) {
		const char *name = name_of((enum vmx_reason)reason);

		if (!name)
			continue;
		seen++;
		assert_non_null(row_of(reason));
		assert_string_equal(row_of(reason)->name, name);
	}
	assert_true(seen > 70);
}

/*
 * Instructions that exit on CPUs that have them, whatever the controls are, and that this
 * virtual CPU has not got: the guest sees #UD, and is not stopped. SDM 3C "Instructions That
 * Cause VM Exits Unconditionally"; SDM 3D appendix C "VMX Basic Exit Reasons" for the later
 * ones, of which the MSR accesses exit as the bitmaps have it.
 */
static void what_no_control_prevents_is_an_invalid_opcode(void **state)
{
	static const uint16_t reasons[] = { 11, 19, 20, 21, 22, 23, 24, 25, 26, 27, 50, 53, 55,
					    76, 77, 84, 85 };

	(void)state;
	for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct exit exit = decoded_exit(reasons[i]);

		assert_int_equal(exit.reason, EXIT_REFUSED_INSN);
		assert_int_equal(exit.refused.vector, 6);
	}
}

/* SDM 3C table 27-2: the exit qualification has the selector in bits 15:0. */
static void a_task_switch_tells_its_selector(void **state)
{
	struct exit exit;

	(void)state;
	field[VMCS_EXIT_QUALIFICATION] = UINT64_C(0xc0001238);
	exit = decoded_exit(VMX_REASON_TASK_SWITCH);
	assert_true(exit.decoded);
	assert_int_equal(exit.task.selector, 0x1238);
}

/* SDM 3C "Checks on Guest RIP, RFLAGS, and SSP": outside 64-bit mode no bit above 31. */
static void rip_that_ran_past_4_gib_wraps(void **state)
{
	static const uint64_t reasons[] = { VMX_REASON_EXT_INTR, VMX_REASON_INTR_WINDOW };
	const uint64_t past = UINT64_C(0x100000001);

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(reasons); i++) {
		field[VMCS_GUEST_RIP] = past;
		field[VMCS_GUEST_CS_AR] = 0;
		decoded_exit(reasons[i]);
		assert_int_equal(field[VMCS_GUEST_RIP], 1);
		field[VMCS_GUEST_RIP] = past;
		field[VMCS_GUEST_CS_AR] = AR_L;
		decoded_exit(reasons[i]);
		assert_int_equal(field[VMCS_GUEST_RIP], past);
	}
}

/* SDM 3C table 27-5: bit 4 is a string instruction's, bits 2:0 the size less one. */
static void an_access_to_a_port_is_told(void **state)
{
	struct exit exit;

	(void)state;
	field[VMCS_EXIT_QUALIFICATION] = UINT64_C(0x01f0001b);
	exit = decoded_exit(VMX_REASON_IO);
	assert_int_equal(exit.io.port, 0x1f0);
	assert_int_equal(exit.io.size, 4);
	assert_true(exit.io.in);
	assert_int_equal(exit.io.rare, IO_STRING);
	field[VMCS_EXIT_QUALIFICATION] = UINT64_C(0x03f80000);
	exit = decoded_exit(VMX_REASON_IO);
	assert_int_equal(exit.io.port, 0x3f8);
	assert_int_equal(exit.io.size, 1);
	assert_false(exit.io.in);
	assert_int_equal(exit.io.rare, 0);
}

/* The debug registers are the guest's from its first MOV DR until DR7 enables nothing. */
static void a_port_is_told_with_what_dr7_enables(void **state)
{
	(void)state;
	field[VMCS_EXIT_QUALIFICATION] = 0;
	field[VMCS_GUEST_DR7] = DR7_INIT | BIT(3) | BIT(6) | DR7_GD;
	assert_int_equal(decoded_exit(VMX_REASON_DR_ACCESS).reason, EXIT_DR);
	assert_true(dr_given);
	assert_int_equal(decoded_exit(VMX_REASON_IO).io.rare, BIT(3) | BIT(6));
	assert_true(dr_given);
	field[VMCS_GUEST_DR7] = DR7_INIT | DR7_EXACT;
	assert_int_equal(decoded_exit(VMX_REASON_IO).io.rare, 0);
	assert_false(dr_given);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_access_to_a_port_is_told),
		cmocka_unit_test(a_port_is_told_with_what_dr7_enables),
		cmocka_unit_test(rip_that_ran_past_4_gib_wraps),
		cmocka_unit_test(rows_say_what_the_decoder_answers),
		cmocka_unit_test(no_reason_is_decoded_that_has_no_row),
		cmocka_unit_test(entry_failures_are_the_manuals_three),
		cmocka_unit_test(every_reason_of_the_backend_has_its_row),
		cmocka_unit_test(what_no_control_prevents_is_an_invalid_opcode),
		cmocka_unit_test(a_task_switch_tells_its_selector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
