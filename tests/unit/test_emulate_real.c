/*
 * Real and virtual-8086 mode: known answers from the manuals. Limits, big real
 * mode, INT and IRET, far transfers, the way into protected mode, VME.
 */
#include "emulate_machine.h"

/* SDM 3B "Interrupt and Exception Handling" 20.1.4: FLAGS, CS, IP; IF and TF cleared. */
static void int_n_goes_through_the_ivt(void **unused)
{
	(void)unused;
	machine_real();
	put(0x21 * 4, 0x0500u << 16 | 0x12, 4);
	m.v.rflags |= RFLAGS_IF | RFLAGS_CF;
	assert_int_equal(STEP(0xcd, 0x21), EMU_OK);
	assert_int_equal(m.v.rip, 0x12);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x500);
	assert_int_equal(m.v.seg[SEG_CS].base, 0x5000);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 6);
	assert_int_equal(get(STACK_TOP - 6, 2), 2);
	assert_int_equal(get(STACK_TOP - 4, 2), CODE_AT >> 4);
	assert_int_equal(get(STACK_TOP - 2, 2), RFLAGS_ONE | RFLAGS_IF | RFLAGS_CF);
	assert_int_equal(m.v.rflags, RFLAGS_ONE | RFLAGS_CF);
}

/* A relocated IDTR is honoured, and so is its limit: #GP past it. */
static void idtr_base_and_limit_hold_in_real_mode(void **unused)
{
	(void)unused;
	machine_real();
	m.v.idtr = (struct vcpu_dtr){ .base = 0x6000, .limit = 0x21 * 4 + 3 };
	put(0x6000 + 0x21 * 4, 0x0700u << 16, 4);
	assert_int_equal(STEP(0xcd, 0x21), EMU_OK);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x700);
	machine_real();
	m.v.idtr.limit = 0x21 * 4 + 2;
	assert_int_equal(STEP(0xcd, 0x21), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_GP);
	assert_false(m.emu.fault.has_error);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP);
}

static void iret_restores_ip_cs_flags(void **unused)
{
	(void)unused;
	machine_real();
	m.v.gpr[GPR_RSP] = 0x7000;
	put(0x7000, 0x34, 2);
	put(0x7002, 0x0600, 2);
	put(0x7004, 0x7202, 2);
	assert_int_equal(STEP(0xcf), EMU_OK);
	assert_int_equal(m.v.rip, 0x34);
	assert_int_equal(m.v.seg[SEG_CS].base, 0x6000);
	assert_int_equal(m.v.rflags, 0x7202);
	assert_int_equal(m.v.gpr[GPR_RSP], 0x7006);
}

/* An access past 64 KiB faults unless the cached limit is larger: big real mode. */
static void real_mode_limit_is_the_cached_one(void **unused)
{
	(void)unused;
	machine_real();
	m.v.gpr[GPR_RBX] = 0x20000;
	put(0x20000, 0xabcd, 2);
	assert_int_equal(STEP(0x67, 0x8b, 0x03), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_GP);
	m.v.seg[SEG_DS].limit = UINT32_MAX;
	assert_int_equal(STEP(0x67, 0x8b, 0x03), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0xabcd);
}

/* Loading a segment register in real mode leaves the limit alone. */
static void real_mode_load_keeps_the_limit(void **unused)
{
	(void)unused;
	machine_real();
	m.v.seg[SEG_DS].limit = UINT32_MAX;
	m.v.gpr[GPR_RAX] = 0x1234;
	assert_int_equal(STEP(0x8e, 0xd8), EMU_OK);
	assert_int_equal(m.v.seg[SEG_DS].sel, 0x1234);
	assert_int_equal(m.v.seg[SEG_DS].base, 0x12340);
	assert_int_equal(m.v.seg[SEG_DS].limit, UINT32_MAX);
}

/* A word at offset FFFF crosses the limit: #GP, with SS #SS. */
static void word_at_ffff_faults(void **unused)
{
	(void)unused;
	machine_real();
	m.v.gpr[GPR_RBX] = 0xffff;
	assert_int_equal(STEP(0x8b, 0x07), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_GP);
	assert_int_equal(STEP(0x36, 0x8b, 0x07), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_SS);
	m.v.gpr[GPR_RSP] = 1;
	assert_int_equal(STEP(0x50), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_SS);
	assert_int_equal(m.v.gpr[GPR_RSP], 1);
}

static void push_wraps_in_64k(void **unused)
{
	(void)unused;
	machine_real();
	m.v.gpr[GPR_RSP] = 0xabcd0000;
	m.v.gpr[GPR_RAX] = 0x5678;
	assert_int_equal(STEP(0x50), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RSP], 0xabcdfffe);
	assert_int_equal(get(0xfffe, 2), 0x5678);
}

/* LGDT, LMSW, far JMP: the usual way in. */
static void real_to_protected_mode(void **unused)
{
	(void)unused;
	machine_real();
	machine_gdt();
	m.v.gdtr = (struct vcpu_dtr){ 0 };
	put(0x7100, GDT_LIMIT, 2);
	put(0x7102, 0xff000000u | GDT_AT, 4);
	assert_int_equal(STEP(0x0f, 0x01, 0x16, 0x00, 0x71), EMU_OK);
	assert_int_equal(m.v.gdtr.limit, GDT_LIMIT);
	assert_int_equal(m.v.gdtr.base, GDT_AT);	/* 16-bit operands: 24 bits */
	m.v.gpr[GPR_RAX] = 1;
	assert_int_equal(STEP(0x0f, 0x01, 0xf0), EMU_OK);
	assert_true(m.v.cr0 & CR0_PE);
	assert_int_equal(STEP(0x66, 0xea, 0x00, 0x50, 0, 0, SEL_CODE0, 0), EMU_OK);
	assert_int_equal(m.v.rip, 0x5000);
	assert_int_equal(m.v.seg[SEG_CS].sel, SEL_CODE0);
	assert_int_equal(m.v.seg[SEG_CS].base, 0);
	assert_true(m.v.seg[SEG_CS].ar & AR_DB);
	/* LMSW cannot clear PE. */
	m.v.gpr[GPR_RAX] = 0;
	assert_int_equal(STEP(0x0f, 0x01, 0xf0), EMU_OK);
	assert_true(m.v.cr0 & CR0_PE);
}

static void call_far_and_retf(void **unused)
{
	(void)unused;
	machine_real();
	assert_int_equal(STEP(0x9a, 0x10, 0x00, 0x00, 0x05), EMU_OK);
	assert_int_equal(m.v.rip, 0x10);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x500);
	assert_int_equal(get(STACK_TOP - 4, 2), 5);
	assert_int_equal(get(STACK_TOP - 2, 2), CODE_AT >> 4);
	assert_int_equal(STEP(0xca, 0x02, 0x00), EMU_OK);
	assert_int_equal(m.v.rip, 5);
	assert_int_equal(m.v.seg[SEG_CS].sel, CODE_AT >> 4);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP + 2);
}

/* Instructions that protected mode alone knows. */
static void protected_instructions_are_ud_in_real_mode(void **unused)
{
	(void)unused;
	machine_real();
	assert_fault(STEP(0x0f, 0x00, 0xd8), VEC_UD, 0);	/* LTR AX */
	assert_fault(STEP(0x63, 0xc0), VEC_UD, 0);		/* ARPL */
	assert_fault(STEP(0x0f, 0x02, 0xc0), VEC_UD, 0);	/* LAR */
}

static void sti_and_mov_ss_shadow_one_instruction(void **unused)
{
	(void)unused;
	machine_real();
	assert_int_equal(STEP(0xfb), EMU_OK);
	assert_int_equal(m.v.shadow, SHADOW_STI);
	assert_int_equal(STEP(0x90), EMU_OK);
	assert_int_equal(m.v.shadow, 0);
	assert_int_equal(STEP(0x8e, 0xd0), EMU_OK);
	assert_int_equal(m.v.shadow, SHADOW_MOV_SS);
	m.v.rflags |= RFLAGS_IF;
	assert_int_equal(STEP(0xfb), EMU_OK);	/* IF was set already: no shadow */
	assert_int_equal(m.v.shadow, 0);
}

static void single_step_traps_after_the_instruction(void **unused)
{
	(void)unused;
	machine_real();
	m.v.rflags |= RFLAGS_TF;
	assert_int_equal(STEP(0x40), EMU_OK);
	assert_int_equal(m.v.rip, 1);
	assert_int_equal(m.v.gpr[GPR_RAX], 1);
	assert_int_equal(m.v.pending.kind, EVENT_EXCEPTION);
	assert_int_equal(m.v.pending.vector, VEC_DB);
	assert_true(m.v.dr6 & DR6_BS);
	m.v.pending.kind = EVENT_NONE;
	assert_int_equal(STEP(0x8e, 0xd0), EMU_OK);	/* MOV SS holds it off */
	assert_int_equal(m.v.pending.kind, EVENT_NONE);
}

/* SDM 3B "Sensitive Instructions" 20.2.7: CLI, STI, PUSHF, POPF, INT n, IRET by IOPL. */
static void vm86_iopl_guards_sensitive_instructions(void **unused)
{
	static const uint8_t op[][2] = {
		{ 0xfa }, { 0xfb }, { 0x9c }, { 0x9d }, { 0xcd, 0x21 }, { 0xcf }
	};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(op); i++) {
		machine_vm86(0);
		assert_fault(step_bytes(op[i], 2), VEC_GP, 0);
	}
	machine_vm86(3);
	assert_int_equal(STEP(0xfb), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_IF);
}

/* With VME, IF is VIF; a pending virtual interrupt makes STI fault. */
static void vme_virtualises_if(void **unused)
{
	(void)unused;
	machine_vm86(0);
	m.v.cr4 = CR4_VME;
	assert_int_equal(STEP(0xfb), EMU_OK);
	assert_true(m.v.rflags & RFLAGS_VIF);
	assert_false(m.v.rflags & RFLAGS_IF);
	assert_int_equal(STEP(0x9c), EMU_OK);
	assert_int_equal(get(STACK3_TOP - 2, 2) & (RFLAGS_IF | RFLAGS_IOPL),
			 RFLAGS_IF | RFLAGS_IOPL);
	m.v.rflags |= RFLAGS_VIP;
	assert_fault(STEP(0xfb), VEC_GP, 0);
}

/* SDM 3B table 20-2, method 5: a clear bit in the map sends INT n to the task's IVT. */
static void vme_redirects_int_n(void **unused)
{
	(void)unused;
	machine_vm86(0);
	m.v.cr4 = CR4_VME;
	put(TSS_AT + 102, 0x100, 2);	/* redirection map at 0E0: all clear */
	put(0x21 * 4, 0x0500u << 16 | 0x77, 4);
	assert_int_equal(STEP(0xcd, 0x21), EMU_OK);
	assert_int_equal(m.v.rip, 0x77);
	assert_int_equal(m.v.seg[SEG_CS].sel, 0x500);
	assert_true(m.v.rflags & RFLAGS_VM);
	put(TSS_AT + 0xe0 + 0x21 / 8, 1 << (0x21 & 7), 1);
	assert_fault(STEP(0xcd, 0x21), VEC_GP, 0);
}

static void ports_follow_the_bitmap_in_vm86(void **unused)
{
	(void)unused;
	machine_vm86(3);
	assert_fault(STEP(0xe4, 0x60), VEC_GP, 0);
	put(TSS_AT + 102, 0x100, 2);
	m.port_value = 0x5a;
	assert_int_equal(STEP(0xe4, 0x60), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX] & 0xff, 0x5a);
	put(TSS_AT + 0x100 + 0x60 / 8, 2, 1);	/* port 61 */
	assert_fault(STEP(0xe5, 0x60), VEC_GP, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(int_n_goes_through_the_ivt),
		cmocka_unit_test(idtr_base_and_limit_hold_in_real_mode),
		cmocka_unit_test(iret_restores_ip_cs_flags),
		cmocka_unit_test(real_mode_limit_is_the_cached_one),
		cmocka_unit_test(real_mode_load_keeps_the_limit),
		cmocka_unit_test(word_at_ffff_faults),
		cmocka_unit_test(push_wraps_in_64k),
		cmocka_unit_test(real_to_protected_mode),
		cmocka_unit_test(call_far_and_retf),
		cmocka_unit_test(protected_instructions_are_ud_in_real_mode),
		cmocka_unit_test(sti_and_mov_ss_shadow_one_instruction),
		cmocka_unit_test(single_step_traps_after_the_instruction),
		cmocka_unit_test(vm86_iopl_guards_sensitive_instructions),
		cmocka_unit_test(vme_virtualises_if),
		cmocka_unit_test(vme_redirects_int_n),
		cmocka_unit_test(ports_follow_the_bitmap_in_vm86),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
