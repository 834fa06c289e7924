/*
 * What a probe tells of the CPU's own registers: VMX capability MSRs where there are such,
 * for reading another raises #GP (SDM 3D appendix A), and CPUID on AMD-V.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The real wrappers of instructions stay out. */
#define CORE_X86_INSN_H
#define VMX_VMX_INSN_H
#define SVM_SVM_INSN_H

#include "core/cpuid_defs.h"
#include "core/policy.h"
#include "core/text.h"
#include "mmu/panic.h"
#include "svm/svm.h"
#include "vmx/vmx.h"

#define MAY(controls)	FIELD_PUT(VMX_CTRL_ALLOWED1, (uint64_t)(controls))
#define MSR_FIRST	MSR_VMX_BASIC
#define MSRS		(MSR_VMX_EXIT2 - MSR_VMX_BASIC + 1)
#define NAMELESS	UINT64_C(0x1111)

/* A CPU that has the MSRs of `there`, and fails the test when another is read. */
static struct { uint64_t value[MSRS]; bool there[MSRS]; } cpu;

static uint64_t x86_rdmsr(uint32_t number)
{
	if (number == MSR_FEATURE_CONTROL)
		return FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX;
	assert_in_range(number, MSR_FIRST, MSR_VMX_EXIT2);
	if (!cpu.there[number - MSR_FIRST])
		fail_msg("RDMSR %x: this CPU has no such MSR", number);
	return cpu.value[number - MSR_FIRST];
}

static bool x86_rdmsr_safe(uint32_t number, uint64_t *value)
{
	(void)number;
	*value = 0;
	return false;
}

static void x86_wrmsr(uint32_t number, uint64_t value) { (void)number, (void)value; }
static uint64_t x86_read_cr0(void) { return 0; }
static uint64_t x86_read_cr4(void) { return 0; }
static void x86_write_cr0(uint64_t value) { (void)value; }
static void x86_write_cr4(uint64_t value) { (void)value; }
static bool vmx_vmxon(hpa_t region) { return region.v; }
static void vmx_vmxoff(void) { }

#define list vmx_list
#define probe_raw vmx_probe_raw
#include "vmx/cpu.c" /* NOLINT(bugprone-suspicious-include) */
#undef list
#undef probe_raw
#undef LEVEL_2M
#undef LEVEL_1G
#define list svm_list
#define probe_raw svm_probe_raw
#include "svm/cpu.c" /* NOLINT(bugprone-suspicious-include) */

static void have(uint32_t msr, uint64_t value)
{
	cpu.there[msr - MSR_FIRST] = true;
	cpu.value[msr - MSR_FIRST] = value;
}

/* Those that every CPU with VMX has: A.1 to A.9, and what the probe itself asks. */
static void oldest(void)
{
	memset(&cpu, 0, sizeof(cpu));
	for (uint32_t msr = MSR_VMX_BASIC; msr <= MSR_VMX_VMCS_ENUM; msr++)
		have(msr, NAMELESS);
	have(MSR_VMX_BASIC, 0);
	have(MSR_VMX_EXIT, 0);
	have(MSR_VMX_PROC, MAY(VMX_PROC_INTR_WINDOW | VMX_PROC_TSC_OFFSET));
}

static struct hv_caps probe(void)
{
	struct host_cpu host = { .amd = false };
	struct hv_caps caps;

	host.basic[LEAF_FEATURES].ecx = CPUID_VMX;
	vmx_probe(&host, &caps);
	assert_null(caps.missing);
	return caps;
}

static const uint64_t *told(const struct hv_caps *caps, const char *name)
{
	for (unsigned i = 0; i < caps->raw_count; i++)
		if (!strcmp(caps->raw[i].name, name))
			return &caps->raw[i].value;
	return NULL;
}

static void the_oldest_cpu_has_eleven(void **state)
{
	struct hv_caps caps;

	(void)state;
	oldest();
	caps = probe();
	assert_int_equal(caps.raw_count, 11);
	assert_int_equal(*told(&caps, "ia32_vmx_misc"), NAMELESS);
	assert_int_equal(*told(&caps, "ia32_vmx_vmcs_enum"), NAMELESS);
	assert_null(told(&caps, "ia32_vmx_procbased_ctls2"));
	assert_null(told(&caps, "ia32_vmx_true_exit_ctls"));
}

/* A.3.3: with "activate secondary controls"; A.10: with EPT or VPID. */
static void secondary_controls_bring_their_own(void **state)
{
	struct hv_caps caps;

	(void)state;
	oldest();
	have(MSR_VMX_PROC, MAY(VMX_PROC_INTR_WINDOW | VMX_PROC_TSC_OFFSET |
			       VMX_PROC_SECONDARY));
	have(MSR_VMX_PROC2, MAY(VMX_PROC2_RDTSCP));
	caps = probe();
	assert_int_equal(caps.raw_count, 12);
	assert_int_equal(*told(&caps, "ia32_vmx_procbased_ctls2"),
			 MAY(VMX_PROC2_RDTSCP));
	have(MSR_VMX_PROC2, MAY(VMX_PROC2_VPID));
	have(MSR_VMX_EPT_VPID_CAP, NAMELESS);
	caps = probe();
	assert_int_equal(caps.raw_count, 13);
	assert_int_equal(*told(&caps, "ia32_vmx_ept_vpid_cap"), NAMELESS);
	have(MSR_VMX_PROC2, MAY(VMX_PROC2_VPID | VMX_PROC2_VMFUNC));
	have(MSR_VMX_VMFUNC, NAMELESS);
	caps = probe();
	assert_int_equal(*told(&caps, "ia32_vmx_vmfunc"), NAMELESS);
}

/* A.2: bit 55 of the first says that there are the TRUE ones. */
static void true_controls_are_there_by_bit_55(void **state)
{
	struct hv_caps caps;

	(void)state;
	oldest();
	have(MSR_VMX_BASIC, UINT64_C(1) << 55);
	for (uint32_t msr = MSR_VMX_TRUE_PIN; msr <= MSR_VMX_TRUE_ENTRY; msr++)
		have(msr, msr);
	caps = probe();
	assert_int_equal(caps.raw_count, 15);
	assert_int_equal(*told(&caps, "ia32_vmx_true_pinbased_ctls"),
			 MSR_VMX_TRUE_PIN);
	assert_int_equal(*told(&caps, "ia32_vmx_true_entry_ctls"),
			 MSR_VMX_TRUE_ENTRY);
}

/* A.3.4 and A.4.2: tertiary and secondary exit controls. Then there are all twenty. */
static void the_newest_cpu_has_room_in_the_record(void **state)
{
	struct hv_caps caps;

	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	for (uint32_t msr = MSR_FIRST; msr <= MSR_VMX_EXIT2; msr++)
		have(msr, UINT64_MAX);
	caps = probe();
	assert_int_equal(caps.raw_count, MSRS);
	assert_true(caps.raw_count <= CAPS_RAW);
	for (unsigned i = 0; i < caps.raw_count; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(caps.raw[i].name, caps.raw[k].name);
}

static void amd_tells_the_leaf_of_svm(void **state)
{
	struct host_cpu host = { .amd = true };
	struct hv_caps caps;

	(void)state;
	host.extended[EXT_FEATURES].ecx = CPUID_AMD_SVM;
	host.extended[SVM_CPUID_LEAF - CPUID_EXTENDED] = (struct cpuid_regs){
		.eax = 1, .ebx = 16, .ecx = 5, .edx = UINT32_MAX,
	};
	svm_probe(&host, &caps);
	assert_int_equal(caps.raw_count, 3);
	assert_int_equal(*told(&caps, "cpuid_8000000a_eax"), 1);
	assert_int_equal(*told(&caps, "cpuid_8000000a_ebx"), 16);
	assert_int_equal(*told(&caps, "cpuid_8000000a_edx"), UINT32_MAX);
}

/* Rung bare asks every backend: one that the CPU has not must not touch it. */
static void a_cpu_with_neither_is_not_asked(void **state)
{
	struct host_cpu host = { .amd = false };
	struct hv_caps caps;

	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	vmx_probe(&host, &caps);
	assert_int_equal(caps.raw_count, 0);
	svm_probe(&host, &caps);
	assert_int_equal(caps.raw_count, 0);
	host.amd = true;
	svm_probe(&host, &caps);
	assert_int_equal(caps.raw_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_cpu_has_eleven),
		cmocka_unit_test(secondary_controls_bring_their_own),
		cmocka_unit_test(true_controls_are_there_by_bit_55),
		cmocka_unit_test(the_newest_cpu_has_room_in_the_record),
		cmocka_unit_test(amd_tells_the_leaf_of_svm),
		cmocka_unit_test(a_cpu_with_neither_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
