/*
 * Control and debug registers, MSRs, time, flags: known answers from SDM 2 "MOV
 * (control registers)", "MOV (debug registers)", "POPF", "CLI", "STI".
 */
#include "emulate_paged.h"

static bool refuse_cr(struct emu *emu, unsigned number, uint64_t value)
{
	(void)number, (void)value;
	emu->fault = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_GP,
				     .has_error = true };
	return false;
}

static bool refuse_msr(struct emu *emu, uint32_t number, uint64_t *value, bool write)
{
	(void)number, (void)value;
	return refuse_cr(emu, 0, write);
}

static void control_registers_read_the_guests_view(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.cr2 = UINT64_C(0x1122334455667788);
	m.v.cr3 = 0x7000;
	m.v.cr4 = CR4_PAE;
	m.v.cr8 = 5;
	assert_int_equal(STEP(0x0f, 0x20, 0xc0), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], CR0_PE | CR0_ET);
	assert_int_equal(STEP(0x0f, 0x20, 0xd1), EMU_OK);
	assert_true(m.v.gpr[GPR_RCX] == UINT64_C(0x1122334455667788));
	assert_int_equal(STEP(0x0f, 0x20, 0xda), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RDX], 0x7000);
	assert_int_equal(STEP(0x0f, 0x20, 0xe3), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RBX], CR4_PAE);
	assert_int_equal(STEP(0x44, 0x0f, 0x20, 0xc6), EMU_OK);	/* MOV RSI, CR8 */
	assert_int_equal(m.v.gpr[GPR_RSI], 5);
	assert_fault(STEP(0x0f, 0x20, 0xc8), VEC_UD, 0);	/* CR1 */
	m.v.cpl = 3;
	assert_fault(STEP(0x0f, 0x20, 0xc0), VEC_GP, 0);
}

static void control_registers_are_written_by_the_callback(void **unused)
{
	struct emu_ops ops = machine_ops;

	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = 0x9000;
	assert_int_equal(STEP(0x0f, 0x22, 0xd8), EMU_OK);	/* MOV CR3, EAX */
	assert_int_equal(m.v.cr3, 0x9000);
	assert_int_equal(STEP(0x0f, 0x22, 0xd0), EMU_OK);	/* CR2 takes anything */
	assert_int_equal(m.v.cr2, 0x9000);
	ops.write_cr = refuse_cr;
	m.emu.ops = &ops;
	assert_fault(STEP(0x0f, 0x22, 0xe0), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x06), VEC_GP, 0);		/* CLTS */
}

/* SDM 2A "LMSW": PE can be set but not cleared; "CLTS" clears TS. */
static void lmsw_smsw_clts(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = CR0_TS | CR0_MP;
	assert_int_equal(STEP(0x0f, 0x01, 0xf0), EMU_OK);
	assert_int_equal(m.v.cr0, CR0_PE | CR0_ET | CR0_TS | CR0_MP);
	assert_int_equal(STEP(0x0f, 0x06), EMU_OK);
	assert_int_equal(m.v.cr0, CR0_PE | CR0_ET | CR0_MP);
	m.v.gpr[GPR_RBX] = 0x6000;
	put(0x6000, 0xffffffff, 4);
	assert_int_equal(STEP(0x0f, 0x01, 0x23), EMU_OK);	/* SMSW m16 */
	assert_int_equal(get(0x6000, 4), 0xffff0000 | CR0_PE | CR0_ET | CR0_MP);
	assert_int_equal(STEP(0x0f, 0x01, 0xe1), EMU_OK);	/* SMSW ECX */
	assert_int_equal(m.v.gpr[GPR_RCX], m.v.cr0);
	machine_real();
	m.v.gpr[GPR_RAX] = CR0_PE;
	assert_int_equal(STEP(0x0f, 0x01, 0xf0), EMU_OK);
	assert_true(m.v.cr0 & CR0_PE);
}

/* SDM 3A "Control Registers" 2.5: UMIP makes these #GP(0) outside CPL 0. */
static void umip_hides_system_registers(void **unused)
{
	(void)unused;
	machine_protected(3);
	m.v.gpr[GPR_RBX] = 0x6000;
	assert_int_equal(STEP(0x0f, 0x01, 0xe1), EMU_OK);
	m.v.cr4 = CR4_UMIP;
	assert_fault(STEP(0x0f, 0x01, 0xe1), VEC_GP, 0);	/* SMSW */
	assert_fault(STEP(0x0f, 0x01, 0x03), VEC_GP, 0);	/* SGDT */
	assert_fault(STEP(0x0f, 0x00, 0xc0), VEC_GP, 0);	/* SLDT */
	m.v.cpl = 0;
	assert_int_equal(STEP(0x0f, 0x01, 0xe1), EMU_OK);
}

static void debug_registers_by_number(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = 0x1234;
	assert_int_equal(STEP(0x0f, 0x23, 0xd8), EMU_OK);	/* DR3 */
	assert_int_equal(m.v.dr[3], 0x1234);
	m.v.gpr[GPR_RAX] = 0xffffffff;
	assert_int_equal(STEP(0x0f, 0x23, 0xe0), EMU_OK);	/* DR4 is DR6 */
	assert_int_equal(m.v.dr6, 0xffffefff);			/* bit 12 is 0 */
	assert_int_equal(STEP(0x0f, 0x23, 0xe8), EMU_OK);	/* DR5 is DR7 */
	assert_int_equal(m.v.dr7, 0xffff2fff);			/* bits 12, 14, 15 are 0 */
	m.v.dr7 = DR7_INIT;
	assert_int_equal(STEP(0x0f, 0x21, 0xf1), EMU_OK);	/* MOV ECX, DR6 */
	assert_int_equal(m.v.gpr[GPR_RCX], 0xffffefff);
	assert_int_equal(STEP(0x0f, 0x21, 0xf9), EMU_OK);	/* DR7 */
	assert_int_equal(m.v.gpr[GPR_RCX], DR7_INIT);
	assert_int_equal(STEP(0x0f, 0x21, 0xd9), EMU_OK);	/* DR3 */
	assert_int_equal(m.v.gpr[GPR_RCX], 0x1234);
	m.v.cr4 = CR4_DE;
	assert_fault(STEP(0x0f, 0x21, 0xe1), VEC_UD, 0);
	assert_fault(STEP(0x0f, 0x23, 0xe0), VEC_UD, 0);
	m.v.dr7 |= DR7_GD;
	assert_fault(STEP(0x0f, 0x23, 0xc0), VEC_DB, 0);
	assert_true(m.v.dr6 & DR6_BD);
	machine_long(0);
	m.v.gpr[GPR_RAX] = BIT(32);
	assert_fault(STEP(0x0f, 0x23, 0xf0), VEC_GP, 0);	/* DR6, upper half */
	assert_fault(STEP(0x0f, 0x23, 0xf8), VEC_GP, 0);
	assert_int_equal(STEP(0x0f, 0x23, 0xc0), EMU_OK);	/* DR0 holds 64 bits */
	assert_true(m.v.dr[0] == BIT(32));
}

static void msrs_are_the_callbacks(void **unused)
{
	struct emu_ops ops = machine_ops;

	(void)unused;
	machine_long(0);
	m.v.gpr[GPR_RCX] = 0x10;
	m.v.gpr[GPR_RAX] = UINT64_C(0xffffffff55667788);
	m.v.gpr[GPR_RDX] = UINT64_C(0xffffffff11223344);
	assert_int_equal(STEP(0x0f, 0x30), EMU_OK);
	assert_true(m.msr_value == UINT64_C(0x1122334455667788));
	assert_int_equal(STEP(0x0f, 0x32), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x55667788);
	assert_int_equal(m.v.gpr[GPR_RDX], 0x11223344);
	ops.msr = refuse_msr;
	m.emu.ops = &ops;
	assert_fault(STEP(0x0f, 0x30), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x01, 0xf9), VEC_GP, 0);	/* RDTSCP without TSC_AUX */
	m.v.cpl = 3;
	assert_fault(STEP(0x0f, 0x32), VEC_GP, 0);
}

/* SDM 2B "RDTSC": CR4.TSD keeps it to CPL 0. RDPMC: no counter exists here. */
static void time_can_be_forbidden(void **unused)
{
	(void)unused;
	machine_protected(3);
	assert_int_equal(STEP(0x0f, 0x31), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RDX], 0x11223344);
	m.v.cr4 = CR4_TSD;
	assert_fault(STEP(0x0f, 0x31), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x01, 0xf9), VEC_GP, 0);
	m.v.cpl = 0;
	assert_int_equal(STEP(0x0f, 0x31), EMU_OK);
	assert_fault(STEP(0x0f, 0x33), VEC_GP, 0);
}

static void invlpg_gets_the_linear_address(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.seg[SEG_DS].base = 0x1000;
	m.v.gpr[GPR_RBX] = 0x234;
	assert_int_equal(STEP(0x0f, 0x01, 0x3b), EMU_OK);
	assert_int_equal(m.mmio_at, 0x1234);
	machine_long(0);
	m.v.seg[SEG_GS].base = UINT64_C(0xffff800000000000);
	m.v.gpr[GPR_RBX] = 0x10;
	assert_int_equal(STEP(0x65, 0x0f, 0x01, 0x3b), EMU_OK);
	assert_true(m.mmio_at == UINT64_C(0xffff800000000010));
	m.mmio_at = 1;
	m.v.gpr[GPR_RBX] = BIT(47);	/* not canonical: nothing happens, no fault */
	assert_int_equal(STEP(0x0f, 0x01, 0x3b), EMU_OK);
	assert_int_equal(m.mmio_at, 1);
}

static void hlt_and_caches_are_privileged(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_int_equal(STEP(0xf4), EMU_HALT);
	assert_int_equal(m.v.rip, CODE_AT + 1);
	assert_int_equal(STEP(0x0f, 0x09), EMU_OK);
	assert_int_equal(STEP(0x0f, 0x08), EMU_OK);
	m.v.cpl = 3;
	assert_fault(STEP(0xf4), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x09), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x0b), VEC_UD, 0);		/* UD2 */
}

/* SDM 2B "POPF": IOPL changes at CPL 0 only, IF where CPL <= IOPL, neither faults. */
static void popf_keeps_what_cpl_may_not_change(void **unused)
{
	uint64_t all = RFLAGS_IF | RFLAGS_IOPL | RFLAGS_CF | RFLAGS_AC;

	(void)unused;
	machine_protected(0);
	put(STACK_TOP, all, 4);
	assert_int_equal(STEP(0x9d), EMU_OK);
	assert_int_equal(m.v.rflags, all | RFLAGS_ONE);
	machine_protected(3);
	put(STACK3_TOP, all, 4);
	assert_int_equal(STEP(0x9d), EMU_OK);
	assert_int_equal(m.v.rflags, RFLAGS_CF | RFLAGS_AC | RFLAGS_ONE);
	machine_protected(3);
	put(STACK3_TOP, all, 4);
	m.v.rflags |= RFLAGS_IOPL | RFLAGS_AC;
	assert_int_equal(STEP(0x66, 0x9d), EMU_OK);	/* 16 bits: AC stays */
	assert_int_equal(m.v.rflags, all | RFLAGS_ONE);
	machine_vm86(0);
	assert_fault(STEP(0x9d), VEC_GP, 0);
}

/* SDM 3B "Protected-Mode Virtual Interrupts" 20.4, and VME: 20.3. */
static void cli_and_sti_by_mode(void **unused)
{
	(void)unused;
	machine_protected(3);
	assert_fault(STEP(0xfa), VEC_GP, 0);
	assert_fault(STEP(0xfb), VEC_GP, 0);
	m.v.cr4 = CR4_PVI;
	assert_int_equal(STEP(0xfb), EMU_OK);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_VIF);
	m.v.rflags |= RFLAGS_VIP;
	assert_fault(STEP(0xfb), VEC_GP, 0);
	assert_int_equal(STEP(0xfa), EMU_OK);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_VIP);
	machine_vm86(0);
	assert_fault(STEP(0xfa), VEC_GP, 0);
	m.v.cr4 = CR4_VME;
	m.v.rflags |= RFLAGS_VIF;
	assert_int_equal(STEP(0xfa), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_VIF);
	machine_vm86(3);
	m.v.rflags |= RFLAGS_IF;
	assert_int_equal(STEP(0xfa), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_IF);
	machine_protected(0);
	m.v.rflags |= RFLAGS_IF;
	assert_int_equal(STEP(0xfb), EMU_OK);
	assert_false(m.v.shadow & SHADOW_STI);	/* no shadow when IF was set already */
}

/* VME: PUSHF shows VIF as IF and IOPL 3; POPF puts IF into VIF; TF is refused. */
static void vme_flags_are_virtual(void **unused)
{
	(void)unused;
	machine_vm86(0);
	m.v.cr4 = CR4_VME;
	m.v.rflags |= RFLAGS_VIF;
	assert_int_equal(STEP(0x9c), EMU_OK);
	assert_int_equal(get(STACK3_TOP - 2, 2), RFLAGS_ONE | RFLAGS_IF | RFLAGS_IOPL);
	put(STACK3_TOP - 2, RFLAGS_ONE | RFLAGS_CF, 2);
	assert_int_equal(STEP(0x9d), EMU_OK);
	assert_false(m.v.rflags & RFLAGS_VIF);
	assert_true(m.v.rflags & RFLAGS_CF);
	m.v.gpr[GPR_RSP] = STACK3_TOP - 2;
	put(STACK3_TOP - 2, RFLAGS_TF, 2);
	assert_fault(STEP(0x9d), VEC_GP, 0);
	put(STACK3_TOP - 2, RFLAGS_IF, 2);
	m.v.rflags |= RFLAGS_VIP;
	assert_fault(STEP(0x9d), VEC_GP, 0);
	assert_fault(STEP(0x66, 0x9c), VEC_GP, 0);	/* 32-bit operand */
	assert_fault(STEP(0x66, 0x9d), VEC_GP, 0);
	machine_vm86(3);
	m.v.rflags |= RFLAGS_IF;
	assert_int_equal(STEP(0x9c), EMU_OK);
	assert_int_equal(get(STACK3_TOP - 2, 2), RFLAGS_ONE | RFLAGS_IF | RFLAGS_IOPL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_registers_read_the_guests_view),
		cmocka_unit_test(control_registers_are_written_by_the_callback),
		cmocka_unit_test(lmsw_smsw_clts),
		cmocka_unit_test(umip_hides_system_registers),
		cmocka_unit_test(debug_registers_by_number),
		cmocka_unit_test(msrs_are_the_callbacks),
		cmocka_unit_test(time_can_be_forbidden),
		cmocka_unit_test(invlpg_gets_the_linear_address),
		cmocka_unit_test(hlt_and_caches_are_privileged),
		cmocka_unit_test(popf_keeps_what_cpl_may_not_change),
		cmocka_unit_test(cli_and_sti_by_mode),
		cmocka_unit_test(vme_flags_are_virtual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
