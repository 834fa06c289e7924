/*
 * Opcodes that hold many instructions: 0F 01, 0F AE, 0F C7, and what is refused by
 * name. Known answers from SDM 2D "Opcode Extensions" A.4.
 */
#include "emulate_machine.h"

#define assert_stopped(status, name) do { \
	assert_int_equal(status, EMU_STOP); \
	assert_string_equal(m.emu.why, name); \
} while (0)

/* SDM 2A "CLAC", "STAC": #UD unless CPL is 0. */
static void clac_and_stac_are_the_kernels(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_int_equal(STEP(0x0f, 0x01, 0xcb), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_AC);
	assert_int_equal(STEP(0x0f, 0x01, 0xca), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_AC);
	machine_protected(3);
	assert_fault(STEP(0x0f, 0x01, 0xcb), VEC_UD, 0);
	assert_fault(STEP(0x0f, 0x01, 0xca), VEC_UD, 0);
}

static uint32_t fake_pkru;

static uint32_t fake_rdpkru(struct emu *emu)
{
	(void)emu;
	return fake_pkru;
}

static void fake_wrpkru(struct emu *emu, uint32_t value)
{
	(void)emu;
	fake_pkru = value;
}

static struct emu_ops key_ops;

static void machine_keys(unsigned cpl)
{
	machine_long(cpl);
	key_ops = machine_ops;
	key_ops.rdpkru = fake_rdpkru;
	key_ops.wrpkru = fake_wrpkru;
	m.emu.ops = &key_ops;
	fake_pkru = 0x12345678;
}

/* SDM 2B "RDPKRU": #UD without CR4.PKE, #GP(0) when ECX is not 0. */
static void rdpkru_reads_the_rights(void **unused)
{
	(void)unused;
	machine_keys(3);
	assert_fault(STEP(0x0f, 0x01, 0xee), VEC_UD, 0);
	m.v.cr4 = CR4_PKE;
	m.v.gpr[GPR_RDX] = 9;
	assert_int_equal(STEP(0x0f, 0x01, 0xee), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x12345678);
	assert_int_equal(m.v.gpr[GPR_RDX], 0);
	m.v.gpr[GPR_RCX] = 1;
	assert_fault(STEP(0x0f, 0x01, 0xee), VEC_GP, 0);
	assert_fault(STEP(0xf3, 0x0f, 0x01, 0xee), VEC_UD, 0);
}

/* SDM 2B "WRPKRU": the same, and #GP(0) when EDX is not 0. */
static void wrpkru_writes_the_rights(void **unused)
{
	(void)unused;
	machine_keys(3);
	m.v.gpr[GPR_RAX] = 0xfedcba9800000004;
	assert_fault(STEP(0x0f, 0x01, 0xef), VEC_UD, 0);
	m.v.cr4 = CR4_PKE;
	m.v.gpr[GPR_RCX] = 0x100000001;
	assert_fault(STEP(0x0f, 0x01, 0xef), VEC_GP, 0);
	m.v.gpr[GPR_RCX] = 0x100000000;
	m.v.gpr[GPR_RDX] = 1;
	assert_fault(STEP(0x0f, 0x01, 0xef), VEC_GP, 0);
	assert_int_equal(fake_pkru, 0x12345678);
	m.v.gpr[GPR_RDX] = 0x100000000;
	assert_int_equal(STEP(0x0f, 0x01, 0xef), EMU_OK);
	assert_int_equal(fake_pkru, 4);
	assert_fault(STEP(0xf3, 0x0f, 0x01, 0xef), VEC_UD, 0);
	m.emu.ops = &machine_ops;
	m.v.gpr[GPR_RDX] = 0;
	assert_stopped(STEP(0x0f, 0x01, 0xef), "protection keys without PKRU");
}

static unsigned calls;

static bool fake_hypercall(struct emu *emu)
{
	calls++;
	return emu->vcpu->gpr[GPR_RAX] == 1;
}

/* VMCALL and VMMCALL: the vendor's own calls, the other's is #UD, and what is no call too. */
static void hypercalls_are_the_vendor_s(void **unused)
{
	(void)unused;
	for (unsigned amd = 0; amd < 2; amd++) {
		const uint8_t own = amd ? 0xd9 : 0xc1, other = amd ? 0xc1 : 0xd9;

		machine_protected(0);
		key_ops = machine_ops;
		key_ops.hypercall = fake_hypercall;
		m.emu.ops = &key_ops;
		m.emu.amd = amd;
		calls = 0;
		m.v.gpr[GPR_RAX] = 1;
		assert_int_equal(STEP(0x0f, 0x01, own), EMU_OK);
		assert_fault(STEP(0x0f, 0x01, other), VEC_UD, 0);
		assert_int_equal(calls, 1);
		m.v.gpr[GPR_RAX] = 2;
		assert_fault(STEP(0x0f, 0x01, own), VEC_UD, 0);
		m.emu.ops = &machine_ops;
		m.v.gpr[GPR_RAX] = 1;
		assert_fault(STEP(0x0f, 0x01, own), VEC_UD, 0);
	}
}

/* What this virtual CPU does not have is #UD; what is not emulated has a name. */
static void group_7_registers(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_fault(STEP(0x0f, 0x01, 0xd0), VEC_UD, 0);	/* XGETBV */
	assert_fault(STEP(0x0f, 0x01, 0xd1), VEC_UD, 0);	/* XSETBV */
	assert_fault(STEP(0x0f, 0x01, 0xef), VEC_UD, 0);	/* WRPKRU */
	m.v.cr4 = CR4_OSXSAVE | CR4_PKE;
	assert_stopped(STEP(0x0f, 0x01, 0xd0), "XGETBV or XSETBV instruction");
	assert_stopped(STEP(0x0f, 0x01, 0xef), "protection keys without PKRU");
	assert_fault(STEP(0xf3, 0x0f, 0x01, 0xef), VEC_UD, 0);
	assert_stopped(STEP(0x0f, 0x01, 0xd5), "TSX instruction");	/* XEND */
	assert_stopped(STEP(0x0f, 0x01, 0xd6), "TSX instruction");	/* XTEST */
	assert_int_equal(STEP(0x0f, 0x01, 0xe8), EMU_OK);		/* SERIALIZE */
	assert_fault(STEP(0x0f, 0x01, 0xc8), VEC_UD, 0);	/* MONITOR */
	assert_fault(STEP(0x0f, 0x01, 0xc1), VEC_UD, 0);	/* VMCALL */
	assert_fault(STEP(0x0f, 0x01, 0xd8), VEC_UD, 0);	/* VMRUN */
	assert_fault(STEP(0xf3, 0x0f, 0x01, 0x28), VEC_UD, 0);	/* RSTORSSP */
}

/* SDM 2B "RDFSBASE", "WRFSBASE": CR4.FSGSBASE; 64-bit bases must be canonical. */
static void fsgsbase_rules(void **unused)
{
	(void)unused;
	machine_long(3);
	assert_fault(STEP(0xf3, 0x48, 0x0f, 0xae, 0xc0), VEC_UD, 0);
	m.v.cr4 = CR4_FSGSBASE;
	m.v.seg[SEG_GS].base = UINT64_C(0xffff800012345678);
	assert_int_equal(STEP(0xf3, 0x48, 0x0f, 0xae, 0xc8), EMU_OK);	/* RDGSBASE RAX */
	assert_true(m.v.gpr[GPR_RAX] == UINT64_C(0xffff800012345678));
	assert_int_equal(STEP(0xf3, 0x0f, 0xae, 0xc8), EMU_OK);		/* EAX */
	assert_int_equal(m.v.gpr[GPR_RAX], 0x12345678);
	assert_int_equal(STEP(0xf3, 0x0f, 0xae, 0xd0), EMU_OK);		/* WRFSBASE EAX */
	assert_int_equal(m.v.seg[SEG_FS].base, 0x12345678);
	m.v.gpr[GPR_RAX] = UINT64_C(0x800000000000);
	assert_fault(STEP(0xf3, 0x48, 0x0f, 0xae, 0xd8), VEC_GP, 0);	/* WRGSBASE */
	assert_true(m.v.seg[SEG_GS].base == UINT64_C(0xffff800012345678));
}

/* SDM 2A "CLFLUSH": permission is checked as for a byte's read; nothing is written. */
static void fences_and_flushes(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_int_equal(STEP(0x0f, 0xae, 0xe8), EMU_OK);	/* LFENCE */
	assert_int_equal(STEP(0x0f, 0xae, 0xf0), EMU_OK);	/* MFENCE */
	assert_int_equal(STEP(0x0f, 0xae, 0xf8), EMU_OK);	/* SFENCE */
	m.v.gpr[GPR_RBX] = 0x100;
	m.v.seg[SEG_DS].limit = 0x100;
	assert_int_equal(STEP(0x0f, 0xae, 0x3b), EMU_OK);	/* CLFLUSH */
	assert_int_equal(STEP(0x66, 0x0f, 0xae, 0x33), EMU_OK);	/* CLWB */
	m.v.gpr[GPR_RBX] = 0x101;
	assert_fault(STEP(0x0f, 0xae, 0x3b), VEC_GP, 0);
	assert_fault(STEP(0xf3, 0x0f, 0xae, 0x3b), VEC_UD, 0);
	assert_fault(STEP(0x66, 0x0f, 0xae, 0xf0), VEC_UD, 0);	/* TPAUSE */
	assert_fault(STEP(0xf3, 0x0f, 0xae, 0xe8), VEC_UD, 0);	/* INCSSP */
	assert_fault(STEP(0xf2, 0x0f, 0xae, 0xf0), VEC_UD, 0);	/* UMWAIT */
}

/* What has not been switched on, or belongs to another task, faults as on the CPU. */
static void other_units_fault_before_they_are_refused(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_fault(STEP(0x0f, 0x58, 0xc1), VEC_UD, 0);		/* CR4.OSFXSR */
	assert_fault(STEP(0xc5, 0xf8, 0x58, 0xc1), VEC_UD, 0);		/* CR4.OSXSAVE */
	assert_fault(STEP(0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc1), VEC_UD, 0);
	assert_fault(STEP(0x66, 0x0f, 0x38, 0x80, 0x03), VEC_UD, 0);	/* INVEPT */
	assert_fault(STEP(0x66, 0x0f, 0x38, 0x82, 0x03), VEC_UD, 0);	/* INVPCID */
	m.v.cr4 |= CR4_OSFXSR;
	m.v.cr0 |= CR0_TS;
	assert_fault(STEP(0x0f, 0x58, 0xc1), VEC_NM, 0);
	assert_fault(STEP(0x0f, 0xfc, 0xc1), VEC_NM, 0);
	assert_fault(STEP(0xd9, 0xe8), VEC_NM, 0);
	m.v.cr0 = (m.v.cr0 & ~CR0_TS) | CR0_EM;
	assert_fault(STEP(0x0f, 0x58, 0xc1), VEC_UD, 0);
	assert_fault(STEP(0x0f, 0xfc, 0xc1), VEC_UD, 0);
	assert_fault(STEP(0xd9, 0xe8), VEC_NM, 0);
}

static void state_of_other_units_is_refused_by_name(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.cr4 |= CR4_OSFXSR | CR4_OSXSAVE;	/* else they fault before */
	assert_stopped(STEP(0x0f, 0xae, 0x03), "FXSAVE or FXRSTOR instruction");
	assert_stopped(STEP(0x0f, 0xae, 0x0b), "FXSAVE or FXRSTOR instruction");
	assert_stopped(STEP(0x0f, 0xae, 0x13), "SSE instruction");	/* LDMXCSR */
	assert_stopped(STEP(0x0f, 0xae, 0x1b), "SSE instruction");	/* STMXCSR */
	assert_stopped(STEP(0x0f, 0xae, 0x23), "XSAVE instruction");
	assert_stopped(STEP(0x0f, 0xae, 0x33), "XSAVE instruction");	/* XSAVEOPT */
	assert_stopped(STEP(0x0f, 0xc7, 0x23), "XSAVE instruction");	/* XSAVEC */
	assert_stopped(STEP(0x0f, 0xc7, 0xf0), "RDRAND or RDSEED instruction");
	assert_stopped(STEP(0xf3, 0x0f, 0xc7, 0xf8), "RDPID or SENDUIPI instruction");
	assert_stopped(STEP(0xc6, 0xf8, 0x00), "TSX instruction");	/* XABORT */
	assert_stopped(STEP(0x9b), "x87 instruction");
	assert_stopped(STEP(0x0f, 0x77), "MMX instruction");
	assert_stopped(STEP(0x0f, 0x0e), "3DNow! instruction");
	assert_stopped(STEP(0xd9, 0xe8), "x87 instruction");
	assert_stopped(STEP(0x0f, 0xfc, 0xc1), "MMX instruction");
	assert_stopped(STEP(0x66, 0x0f, 0xfc, 0xc1), "SSE instruction");
	assert_stopped(STEP(0x0f, 0x58, 0xc1), "SSE instruction");
	assert_stopped(STEP(0x0f, 0x0f, 0xc1, 0x9e), "3DNow! instruction");
	assert_stopped(STEP(0xc5, 0xf8, 0x58, 0xc1), "AVX instruction");
	assert_stopped(STEP(0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc1), "AVX-512 instruction");
	assert_stopped(STEP(0x8f, 0xe9, 0x78, 0x81, 0xc1), "XOP instruction");
	assert_stopped(STEP(0x66, 0x0f, 0x78, 0xc0, 1, 2), "SSE instruction");	/* EXTRQ */
	assert_fault(STEP(0x0f, 0x78, 0xc0), VEC_UD, 0);	/* VMREAD */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clac_and_stac_are_the_kernels),
		cmocka_unit_test(rdpkru_reads_the_rights),
		cmocka_unit_test(wrpkru_writes_the_rights),
		cmocka_unit_test(hypercalls_are_the_vendor_s),
		cmocka_unit_test(group_7_registers),
		cmocka_unit_test(fsgsbase_rules),
		cmocka_unit_test(fences_and_flushes),
		cmocka_unit_test(other_units_fault_before_they_are_refused),
		cmocka_unit_test(state_of_other_units_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
