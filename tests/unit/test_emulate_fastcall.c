/*
 * SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS: where they exist, what they check and
 * load. Known answers from SDM 2B and APM vol. 3, which differ where `amd` says so.
 */
#include "emulate_machine.h"

#define HIGH_NOT_CANONICAL BIT(47)

static void machine_star(bool is_long, unsigned cpl)
{
	if (is_long)
		machine_long(cpl);
	else
		machine_protected(cpl);
	m.v.efer |= EFER_SCE;
	m.v.star = (uint64_t)0x20 << 48 | (uint64_t)0x0b << 32 | 0x5000;
	m.v.lstar = UINT64_C(0xffff800000005000);
	m.v.cstar = UINT64_C(0xffff800000006000);
	m.v.sysenter_cs = 0x0b;
	m.v.sysenter_esp = UINT64_C(0xffff800000007000);
	m.v.sysenter_eip = UINT64_C(0xffff800000008000);
}

/* Intel: 64-bit code only. AMD: any protected mode. EFER.SCE in both. */
static void syscall_exists_by_vendor(void **unused)
{
	(void)unused;
	machine_star(false, 3);
	assert_fault(STEP(0x0f, 0x05), VEC_UD, 0);
	assert_fault(STEP(0x0f, 0x07), VEC_UD, 0);
	m.emu.amd = true;
	m.v.rflags |= RFLAGS_IF | RFLAGS_CF;
	assert_int_equal(STEP(0x0f, 0x05), EMU_OK);
	assert_int_equal(m.v.rip, 0x5000);		/* STAR[31:0] */
	assert_int_equal(m.v.gpr[GPR_RCX], CODE_AT + 2);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_CF);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x08);
	assert_int_equal(m.v.seg[SEG_SS].sel, 0x10);
	assert_int_equal(m.v.cpl, 0);
	m.v.gpr[GPR_RCX] = CODE_AT;
	assert_int_equal(STEP(0x0f, 0x07), EMU_OK);	/* SYSRET, legacy: IF is set */
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_CF | RFLAGS_IF);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x23);
	assert_int_equal(m.v.seg[SEG_SS].sel, 0x2b);
	assert_int_equal(m.v.cpl, 3);
	m.v.efer = 0;
	assert_fault(STEP(0x0f, 0x05), VEC_UD, 0);
	machine_real();
	m.emu.amd = true;
	m.v.efer = EFER_SCE;
	assert_fault(STEP(0x0f, 0x05), VEC_UD, 0);
}

/* Compatibility code on AMD goes to CSTAR; FMASK clears flags, R11 keeps them. */
static void syscall_from_compatibility_code(void **unused)
{
	(void)unused;
	machine_star(true, 3);
	m.v.seg[SEG_CS].ar = AR_CODE(3) | AR_FLAT;
	assert_fault(STEP(0x0f, 0x05), VEC_UD, 0);
	m.emu.amd = true;
	m.v.sfmask = RFLAGS_CF;
	m.v.rflags |= RFLAGS_CF | RFLAGS_ZF;
	assert_int_equal(STEP(0x0f, 0x05), EMU_OK);
	assert_true(m.v.rip == UINT64_C(0xffff800000006000));
	assert_int_equal(m.v.gpr[GPR_R11], RFLAGS_ONE | RFLAGS_CF | RFLAGS_ZF);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_ZF);
	assert_true(m.v.seg[SEG_CS].ar & AR_L);
}

/* SYSRET to compatibility code keeps ECX only; the canonical check is Intel's. */
static void sysret_rules(void **unused)
{
	(void)unused;
	machine_star(true, 0);
	m.v.gpr[GPR_RCX] = UINT64_C(0x100001000);
	m.v.gpr[GPR_R11] = RFLAGS_VM | RFLAGS_RF | RFLAGS_IF;
	assert_int_equal(STEP(0x0f, 0x07), EMU_OK);
	assert_int_equal(m.v.rip, 0x1000);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_IF);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x23);
	assert_false(m.v.seg[SEG_CS].ar & AR_L);
	machine_star(true, 3);
	assert_fault(STEP(0x0f, 0x07), VEC_GP, 0);
	machine_star(true, 0);
	m.v.gpr[GPR_RCX] = HIGH_NOT_CANONICAL;
	assert_fault(STEP(0x48, 0x0f, 0x07), VEC_GP, 0);
	assert_int_equal(m.v.cpl, 0);
	m.emu.amd = true;
	assert_int_equal(STEP(0x48, 0x0f, 0x07), EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	assert_true(m.v.rip == HIGH_NOT_CANONICAL);	/* faults at the fetch, in ring 3 */
	assert_fault(emu_step(&m.emu), VEC_GP, 0);
}

/* SDM 2B "SYSENTER": #GP(0) when the CS MSR is null; 32-bit targets are cut. */
static void sysenter_rules(void **unused)
{
	(void)unused;
	machine_star(false, 3);
	m.v.rflags |= RFLAGS_IF;
	assert_int_equal(STEP(0x0f, 0x34), EMU_OK);
	assert_int_equal(m.v.rip, 0x8000);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7000);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x08);
	assert_int_equal(m.v.rflags, RFLAGS_ONE);
	machine_star(false, 3);
	m.v.sysenter_cs = 3;
	assert_fault(STEP(0x0f, 0x34), VEC_GP, 0);
	machine_star(true, 3);
	assert_int_equal(STEP(0x0f, 0x34), EMU_OK);
	assert_true(m.v.rip == UINT64_C(0xffff800000008000));
	machine_star(true, 3);
	m.emu.amd = true;				/* not in long mode there */
	assert_fault(STEP(0x0f, 0x34), VEC_UD, 0);
	assert_fault(STEP(0x0f, 0x35), VEC_UD, 0);
	machine_real();					/* #GP there, no #UD */
	m.v.sysenter_cs = 0x08;
	assert_fault(STEP(0x0f, 0x34), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x35), VEC_GP, 0);
	machine_vm86(3);
	m.v.sysenter_cs = 0x08;
	m.v.sysenter_eip = HANDLER_AT;
	assert_int_equal(STEP(0x0f, 0x34), EMU_OK);	/* leaves virtual-8086 mode */
	assert_false(m.v.rflags & RFLAGS_VM);
}

static void sysexit_rules(void **unused)
{
	(void)unused;
	machine_star(false, 0);
	m.v.sysenter_cs = 0x08;
	m.v.gpr[GPR_RDX] = 0x5000;
	m.v.gpr[GPR_RCX] = 0x9000;
	assert_int_equal(STEP(0x0f, 0x35), EMU_OK);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x1b);	/* + 16 */
	assert_int_equal(m.v.seg[SEG_SS].sel, 0x23);	/* + 24 */
	assert_int_equal(m.v.rip, 0x5000);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x9000);
	assert_fault(STEP(0x0f, 0x35), VEC_GP, 0);	/* CPL 3 now */
	machine_star(true, 0);
	m.v.sysenter_cs = 0;
	assert_fault(STEP(0x0f, 0x35), VEC_GP, 0);
	m.v.sysenter_cs = 0x08;
	m.v.gpr[GPR_RDX] = HIGH_NOT_CANONICAL;
	assert_fault(STEP(0x48, 0x0f, 0x35), VEC_GP, 0);
	m.v.gpr[GPR_RDX] = 0x5000;
	m.v.gpr[GPR_RCX] = HIGH_NOT_CANONICAL;
	assert_fault(STEP(0x48, 0x0f, 0x35), VEC_GP, 0);
	m.v.gpr[GPR_RCX] = 0x9000;
	assert_int_equal(STEP(0x48, 0x0f, 0x35), EMU_OK);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x2b);	/* + 32: 64-bit code */
	assert_true(m.v.seg[SEG_CS].ar & AR_L);
}

static void swapgs_is_the_kernels(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.kernel_gs_base = 0x1234;
	assert_int_equal(STEP(0x0f, 0x01, 0xf8), EMU_OK);
	assert_int_equal(m.v.seg[SEG_GS].base, 0x1234);
	assert_int_equal(m.v.kernel_gs_base, 0);
	m.v.cpl = 3;
	assert_fault(STEP(0x0f, 0x01, 0xf8), VEC_GP, 0);
	machine_protected(0);
	assert_fault(STEP(0x0f, 0x01, 0xf8), VEC_UD, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syscall_exists_by_vendor),
		cmocka_unit_test(syscall_from_compatibility_code),
		cmocka_unit_test(sysret_rules),
		cmocka_unit_test(sysenter_rules),
		cmocka_unit_test(sysexit_rules),
		cmocka_unit_test(swapgs_is_the_kernels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
