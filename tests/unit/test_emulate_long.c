/*
 * Long mode and the newer instructions: known answers from the manuals. Gates
 * with IST, IRETQ, SYSCALL and kin, canonical addresses, CMPXCHG16B, MOVBE..
 */
#include "emulate_machine.h"

#define NOT_CANONICAL	UINT64_C(0x8000000000000000)

static void put_gate64(unsigned vector, uint64_t offset, unsigned ist, unsigned dpl)
{
	put(IDT_AT + vector * 16, gate(SEL_CODE0, offset, 14, dpl, ist), 8);
	put(IDT_AT + vector * 16 + 8, offset >> 32, 8);
}

/* SDM 3A "64-Bit Mode Stack Frame" 6.14.2: SS:RSP always pushed, RSP aligned to 16. */
static void interrupt_aligns_and_always_pushes_ss(void **unused)
{
	const struct event e = { .kind = EVENT_EXCEPTION, .vector = VEC_GP, .has_error = true,
				 .error = 0x18 };

	(void)unused;
	machine_long(0);
	m.v.gpr[GPR_RSP] = 0x7ff9;
	put_gate64(VEC_GP, HANDLER_AT, 0, 0);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7ff0 - 48);
	assert_int_equal(get(0x7ff0 - 8, 8), SEL_DATA0);
	assert_int_equal(get(0x7ff0 - 16, 8), 0x7ff9);
	assert_int_equal(get(0x7ff0 - 32, 8), SEL_CODE0);
	assert_int_equal(get(0x7ff0 - 40, 8), CODE_AT);
	assert_int_equal(get(0x7ff0 - 48, 8), 0x18);
	m.v.gpr[GPR_RSP] += 8;
	assert_int_equal(STEP(0x48, 0xcf), EMU_OK);
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7ff9);
}

static void interrupt_from_ring_3_loads_a_null_ss(void **unused)
{
	(void)unused;
	machine_long(3);
	put_gate64(0x30, HANDLER_AT, 0, 3);
	assert_int_equal(STEP(0xcd, 0x30), EMU_OK);
	assert_int_equal(m.v.cpl, 0);
	assert_int_equal(m.v.seg[SEG_SS].sel, 0);
	assert_true(m.v.seg[SEG_SS].ar & AR_UNUSABLE);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 40);
	assert_int_equal(get(STACK_TOP - 16, 8), STACK3_TOP);
	assert_int_equal(STEP(0x48, 0xcf), EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.seg[SEG_SS].sel, SEL_DATA3);
}

/* SDM 3A "Interrupt Stack Table" 6.14.5 */
static void ist_switches_unconditionally(void **unused)
{
	const struct event e = { .kind = EVENT_NMI, .vector = VEC_NMI };

	(void)unused;
	machine_long(0);
	put(TSS_AT + 36 + 8, 0x6800, 8);	/* IST2 */
	put_gate64(VEC_NMI, HANDLER_AT, 2, 0);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x6800 - 40);
	assert_int_equal(m.v.shadow, SHADOW_NMI);
	assert_int_equal(STEP(0x48, 0xcf), EMU_OK);
	assert_int_equal(m.v.shadow, 0);
}

static void not_canonical_is_gp_or_ss(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.gpr[GPR_RAX] = NOT_CANONICAL;
	assert_fault(STEP(0x48, 0x8b, 0x08), VEC_GP, 0);
	assert_fault(STEP(0xff, 0xe0), VEC_GP, 0);		/* JMP RAX */
	m.v.gpr[GPR_RBP] = NOT_CANONICAL;
	assert_fault(STEP(0x48, 0x8b, 0x4d, 0x00), VEC_SS, 0);
}

/* In 64-bit code the bases of ES, CS, SS, DS are zero, those of FS and GS are not. */
static void only_fs_and_gs_have_bases(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.seg[SEG_DS].base = 0x100;
	m.v.seg[SEG_GS].base = 0x40000;
	put(0x40008, 0x66, 8);
	put(0x8, 0x55, 8);
	m.v.gpr[GPR_RBX] = 8;
	assert_int_equal(STEP(0x48, 0x8b, 0x03), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x55);
	assert_int_equal(STEP(0x65, 0x48, 0x8b, 0x03), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x66);
}

static void syscall_and_sysret(void **unused)
{
	(void)unused;
	machine_long(3);
	m.v.star = (uint64_t)SEL_DATA0 << 48 | (uint64_t)SEL_CODE0 << 32;
	m.v.lstar = HANDLER_AT;
	m.v.sfmask = RFLAGS_IF;
	m.v.rflags |= RFLAGS_IF;
	assert_int_equal(STEP(0x0f, 0x05), EMU_OK);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.cpl, 0);
	assert_int_equal(m.v.gpr[GPR_RCX], CODE_AT + 2);
	assert_int_equal(m.v.gpr[GPR_R11], RFLAGS_ONE | RFLAGS_IF);
	assert_int_equal(m.v.rflags, RFLAGS_ONE);
	assert_int_equal(m.v.seg[SEG_CS].sel, SEL_CODE0);
	assert_int_equal(m.v.seg[SEG_SS].sel, SEL_CODE0 + 8);
	assert_int_equal(STEP(0x48, 0x0f, 0x07), EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.rip, CODE_AT + 2);
	assert_int_equal(m.v.seg[SEG_CS].sel, (SEL_DATA0 + 16) | 3);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_IF);
	m.v.efer &= ~EFER_SCE;
	assert_fault(STEP(0x0f, 0x05), VEC_UD, 0);
}

static void sysenter_and_sysexit(void **unused)
{
	(void)unused;
	machine_protected(3);
	assert_fault(STEP(0x0f, 0x34), VEC_GP, 0);	/* SYSENTER_CS is null */
	m.v.sysenter_cs = SEL_CODE0;
	m.v.sysenter_eip = HANDLER_AT;
	m.v.sysenter_esp = 0x7000;
	assert_int_equal(STEP(0x0f, 0x34), EMU_OK);
	assert_int_equal(m.v.cpl, 0);
	assert_int_equal(m.v.rip, HANDLER_AT);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7000);
	m.v.gpr[GPR_RDX] = CODE_AT;
	m.v.gpr[GPR_RCX] = STACK3_TOP;
	assert_int_equal(STEP(0x0f, 0x35), EMU_OK);
	assert_int_equal(m.v.cpl, 3);
	assert_int_equal(m.v.seg[SEG_CS].sel, SEL_CODE0 + 16 + 3);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK3_TOP);
}

static void swapgs_rdtscp_and_fsgsbase(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.seg[SEG_GS].base = 1;
	m.v.kernel_gs_base = 2;
	assert_int_equal(STEP(0x0f, 0x01, 0xf8), EMU_OK);
	assert_int_equal(m.v.seg[SEG_GS].base, 2);
	assert_int_equal(m.v.kernel_gs_base, 1);
	m.msr_value = 7;
	assert_int_equal(STEP(0x0f, 0x01, 0xf9), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RCX], 7);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x55667788);
	assert_fault(STEP(0xf3, 0x0f, 0xae, 0xc0), VEC_UD, 0);
	m.v.cr4 |= CR4_FSGSBASE;
	m.v.gpr[GPR_RAX] = 0x1234;
	assert_int_equal(STEP(0xf3, 0x48, 0x0f, 0xae, 0xd0), EMU_OK);	/* WRFSBASE */
	assert_int_equal(m.v.seg[SEG_FS].base, 0x1234);
}

static void cmpxchg16b_and_8b(void **unused)
{
	(void)unused;
	machine_long(0);
	put(0x40000, 1, 8);
	put(0x40008, 2, 8);
	m.v.gpr[GPR_RSI] = 0x40000;
	m.v.gpr[GPR_RAX] = 1;
	m.v.gpr[GPR_RDX] = 2;
	m.v.gpr[GPR_RBX] = 3;
	m.v.gpr[GPR_RCX] = 4;
	assert_int_equal(STEP(0xf0, 0x48, 0x0f, 0xc7, 0x0e), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_ZF);
	assert_int_equal(get(0x40000, 8), 3);
	assert_int_equal(get(0x40008, 8), 4);
	assert_int_equal(STEP(0xf0, 0x48, 0x0f, 0xc7, 0x0e), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_ZF);
	assert_int_equal(m.v.gpr[GPR_RAX], 3);
	assert_int_equal(m.v.gpr[GPR_RDX], 4);
	m.v.gpr[GPR_RSI] = 0x40008;
	assert_fault(STEP(0x48, 0x0f, 0xc7, 0x0e), VEC_GP, 0);	/* not aligned */
}

/* What Unicorn's CPU does not have: MOVBE, POPCNT, ADCX, ADOX, CRC32. */
static void newer_integer_instructions(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.gpr[GPR_RSI] = 0x40000;
	put(0x40000, 0x11223344, 4);
	assert_int_equal(STEP(0x0f, 0x38, 0xf0, 0x06), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x44332211);
	assert_int_equal(STEP(0x66, 0x0f, 0x38, 0xf1, 0x46, 0x08), EMU_OK);
	assert_int_equal(get(0x40008, 4), 0x1122);
	m.v.gpr[GPR_RCX] = 0xff01;
	assert_int_equal(STEP(0xf3, 0x0f, 0xb8, 0xc1), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 9);
	m.v.rflags = RFLAGS_ONE | RFLAGS_CF;
	m.v.gpr[GPR_RAX] = UINT32_MAX;
	m.v.gpr[GPR_RCX] = 1;
	assert_int_equal(STEP(0x66, 0x0f, 0x38, 0xf6, 0xc1), EMU_OK);	/* ADCX */
	assert_int_equal(m.v.gpr[GPR_RAX], 1);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_CF);
	assert_int_equal(STEP(0xf3, 0x0f, 0x38, 0xf6, 0xc1), EMU_OK);	/* ADOX: OF was 0 */
	assert_int_equal(m.v.gpr[GPR_RAX], 2);
	/* CRC-32C of "123456789" is E3069283 (RFC 3720), with its two inversions. */
	m.v.gpr[GPR_RAX] = UINT32_MAX;
	for (unsigned i = 1; i <= 9; i++) {
		m.v.gpr[GPR_RCX] = '0' + i;
		assert_int_equal(STEP(0xf2, 0x0f, 0x38, 0xf0, 0xc1), EMU_OK);
	}
	assert_int_equal((uint32_t)~m.v.gpr[GPR_RAX], 0xe3069283);
}

static void cpuid_and_time_come_from_outside(void **unused)
{
	(void)unused;
	machine_long(3);
	m.v.gpr[GPR_RAX] = 10;
	m.v.gpr[GPR_RCX] = 20;
	assert_int_equal(STEP(0x0f, 0xa2), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 11);
	assert_int_equal(m.v.gpr[GPR_RBX], 22);
	m.v.cr4 |= CR4_TSD;
	assert_fault(STEP(0x0f, 0x31), VEC_GP, 0);
	m.v.cr4 |= CR4_UMIP;
	assert_fault(STEP(0x0f, 0x01, 0x06), VEC_GP, 0);	/* SGDT */
}

/* Compatibility mode to 64-bit code through a far RET, and the way back. */
static void far_return_changes_the_mode(void **unused)
{
	(void)unused;
	machine_long(0);
	put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, AR_CODE(0) | AR_FLAT), 8);
	put(STACK_TOP - 16, CODE_AT + 0x100, 8);
	put(STACK_TOP - 8, SEL_FREE, 8);
	m.v.gpr[GPR_RSP] = STACK_TOP - 16;
	assert_int_equal(STEP(0x48, 0xcb), EMU_OK);
	assert_false(m.v.seg[SEG_CS].ar & AR_L);
	assert_int_equal(m.v.rip, CODE_AT + 0x100);
	assert_int_equal(STEP(0x40), EMU_OK);			/* INC EAX, not REX */
	assert_int_equal(m.v.gpr[GPR_RAX], 1);
	assert_int_equal(STEP(0xea, 0, 0x50, 0, 0, SEL_CODE0, 0), EMU_OK);
	assert_true(m.v.seg[SEG_CS].ar & AR_L);
}

/* Long mode has no hardware tasks, no 16-bit gates, and refuses L with D. */
static void long_mode_refuses_legacy_gates(void **unused)
{
	(void)unused;
	machine_long(0);
	put(0x40000, 0x5000, 4);
	put(0x40004, SEL_TSS2, 2);
	m.v.gpr[GPR_RSI] = 0x40000;
	put(GDT_AT + SEL_TSS2, descriptor(TSS2_AT, 0x67, 0x89), 8);
	assert_fault(STEP(0xff, 0x2e), VEC_GP, SEL_TSS2);
	put(GDT_AT + SEL_FREE, descriptor(0, 0xfffff, AR_CODE(0) | AR_FLAT | (uint32_t)AR_L), 8);
	put(0x40004, SEL_FREE, 2);
	assert_fault(STEP(0xff, 0x2e), VEC_GP, SEL_FREE);
	m.v.rflags |= RFLAGS_NT;
	assert_fault(STEP(0x48, 0xcf), VEC_GP, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interrupt_aligns_and_always_pushes_ss),
		cmocka_unit_test(interrupt_from_ring_3_loads_a_null_ss),
		cmocka_unit_test(ist_switches_unconditionally),
		cmocka_unit_test(not_canonical_is_gp_or_ss),
		cmocka_unit_test(only_fs_and_gs_have_bases),
		cmocka_unit_test(syscall_and_sysret),
		cmocka_unit_test(sysenter_and_sysexit),
		cmocka_unit_test(swapgs_rdtscp_and_fsgsbase),
		cmocka_unit_test(cmpxchg16b_and_8b),
		cmocka_unit_test(newer_integer_instructions),
		cmocka_unit_test(cpuid_and_time_come_from_outside),
		cmocka_unit_test(far_return_changes_the_mode),
		cmocka_unit_test(long_mode_refuses_legacy_gates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
