/*
 * Which instruction, access or port meets a breakpoint in DR0 to DR3 while
 * emulating. SDM 3B "Debug Registers" 17.2, "Debug Exception (#DB)" 17.3.1.
 */
#include "emulate_debug.h"

static const uint8_t nop[] = { 0x90 };

/* A fault before the instruction: nothing of it has happened. 17.3.1.1 */
static void an_instruction_breakpoint_faults(void **unused)
{
	(void)unused;
	for (unsigned n = 0; n < 4; n++) {
		machine_protected(0);
		arm(n, CODE_AT, RW_CODE, LEN_1);
		assert_fault(STEP(0x40), VEC_DB, 0);		/* INC EAX */
		assert_false(m.emu.fault.has_error);
		assert_int_equal(m.v.rip, CODE_AT);
		assert_int_equal(m.v.gpr[GPR_RAX], 0);
		assert_int_equal(m.v.dr6, DR6_INIT | BIT(n));
		assert_true(m.v.dirty & ST_DR);
		assert_int_equal(m.v.pending.kind, EVENT_NONE);
	}
}

/* Ln does as Gn; neither, or another address, does nothing. 17.2.4 */
static void an_instruction_breakpoint_must_be_on_and_there(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.dr[2] = CODE_AT;
	m.v.dr7 |= BIT(4);
	assert_fault(STEP(0x90), VEC_DB, 0);
	m.v.dr7 = DR7_INIT;
	m.v.dr6 = DR6_INIT;
	arm(1, CODE_AT + 1, RW_CODE, LEN_1);
	assert_int_equal(STEP(0x66, 0x90), EMU_OK);
	assert_trap(0);
}

/* RF holds it off for one instruction; so does a load of SS before it. 6.8.3 */
static void rf_and_mov_ss_hold_an_instruction_breakpoint_off(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, CODE_AT, RW_CODE, LEN_1);
	m.v.rflags |= RFLAGS_RF;
	assert_int_equal(STEP(0x90), EMU_OK);
	assert_int_equal(m.v.rflags, RFLAGS_ONE);
	m.v.rip = CODE_AT;
	m.v.shadow = SHADOW_MOV_SS;
	assert_int_equal(STEP(0x90), EMU_OK);
	m.v.rip = CODE_AT;
	m.v.shadow = SHADOW_STI;
	assert_fault(STEP(0x90), VEC_DB, 0);
	m.emu.resumed = true;
	m.v.dr6 = DR6_INIT;
	assert_int_equal(STEP(0x90), EMU_OK);
	assert_trap(0);
}

/* It is the first of an instruction's faults: SDM 3A table 6-2. */
static void an_instruction_breakpoint_comes_before_the_fetch(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, CODE_AT, RW_CODE, LEN_1);
	m.v.seg[SEG_CS].limit = CODE_AT - 1;
	assert_fault(emu_step(&m.emu), VEC_DB, 0);
	m.v.rflags |= RFLAGS_RF;
	assert_fault(emu_step(&m.emu), VEC_GP, 0);
}

/* Linear addresses: CS's base counts, 32 bits outside long mode, 64 within. */
static void an_instruction_breakpoint_is_a_linear_address(void **unused)
{
	(void)unused;
	machine_real();
	arm(0, CODE_AT, RW_CODE, LEN_1);
	assert_fault(emu_step(&m.emu), VEC_DB, 0);
	machine_protected(0);
	m.v.seg[SEG_CS].base = 0xfffff000;
	m.v.rip = CODE_AT + 0x1000;
	arm(0, CODE_AT, RW_CODE, LEN_1);
	assert_fault(emu_step(&m.emu), VEC_DB, 0);
	m.v.dr[0] |= BIT(32);
	memcpy(m.ram + CODE_AT, nop, sizeof(nop));
	assert_int_equal(emu_step(&m.emu), EMU_OK);
	machine_long(0);
	arm(0, BIT(32) | CODE_AT, RW_CODE, LEN_1);
	assert_int_equal(STEP(0x90), EMU_OK);
	m.v.dr[0] = CODE_AT + 1;
	assert_fault(emu_step(&m.emu), VEC_DB, 0);
}

/* MOV [RBX], rAX or MOV rAX, [RBX] of this size in 64-bit code. */
static void touch(uint64_t at, unsigned size, bool write)
{
	uint8_t code[4] = { 0x66, 0x48 };
	unsigned length = size == 2 ? 1 : 0;

	if (size == 8)
		code[length++] = 0x48;
	code[length++] = (uint8_t)((write ? 0x88 : 0x8a) | (size > 1));
	code[length++] = 0x03;
	m.v.rip = CODE_AT;
	m.v.gpr[GPR_RBX] = at;
	m.v.dr6 = DR6_INIT;
	m.v.pending.kind = EVENT_NONE;
	m.v.dirty = 0;
	assert_int_equal(step_bytes(code, length), EMU_OK);
}

/* Any shared byte hits, "as long as the range is aligned": low bits are ignored. 17.2.5 */
static void data_breakpoints_hit_by_the_byte(void **unused)
{
	static const unsigned lens[] = { LEN_1, LEN_2, LEN_4, LEN_8 };

	(void)unused;
	machine_long(0);
	for (unsigned l = 0; l < 4; l++)
		for (unsigned low = 0; low < 8; low++)
			for (unsigned s = 0; s < 4; s++)
				for (unsigned off = 0; off < 32; off++) {
					unsigned first = WATCHED + (low & ~((1u << l) - 1));
					unsigned last = first + (1u << l) - 1;
					unsigned from = WATCHED - 12 + off;
					unsigned to = from + (1u << s) - 1;
					bool hit = from <= last && to >= first;

					m.v.dr7 = DR7_INIT;
					arm(1, WATCHED + low, RW_WRITE, lens[l]);
					arm(3, WATCHED + low, RW_ACCESS, lens[l]);
					touch(from, 1u << s, true);
					assert_trap(hit ? BIT(1) | BIT(3) : 0);
					touch(from, 1u << s, false);
					assert_trap(hit ? BIT(3) : 0);
					assert_int_equal(m.v.rip, CODE_AT + 2 + (s == 1 || s == 3));
				}
}

/* What is read and written is written; what is only compared is read. */
static void a_changed_operand_is_written(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, WATCHED, RW_WRITE, LEN_4);
	m.v.gpr[GPR_RBX] = WATCHED;
	assert_int_equal(STEP(0x39, 0x03), EMU_OK);		/* CMP [EBX], EAX */
	assert_trap(0);
	assert_int_equal(STEP(0xff, 0x03), EMU_OK);		/* INC dword [EBX] */
	assert_trap(1);
	assert_int_equal(get(WATCHED, 4), 1);
}

static void the_stack_is_data(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(2, STACK_TOP - 4, RW_ACCESS, LEN_4);
	assert_int_equal(STEP(0x50), EMU_OK);			/* PUSH EAX */
	assert_trap(BIT(2));
	m.v.dr6 = DR6_INIT;
	m.v.pending.kind = EVENT_NONE;
	assert_int_equal(STEP(0x59), EMU_OK);			/* POP ECX */
	assert_trap(BIT(2));
}

/* R/W 11b is "on data reads or writes but not instruction fetches". 17.2.4 */
static void fetches_are_no_data(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, CODE_AT, RW_ACCESS, LEN_4);
	assert_int_equal(STEP(0x90), EMU_OK);
	assert_trap(0);
	machine_protected(0);
	m.v.rip = 0x1ffe;	/* over the end of a page, byte by byte */
	arm(0, 0x2000, RW_ACCESS, LEN_4);
	assert_int_equal(STEP(0x0f, 0x1f, 0x40, 0x00), EMU_OK);
	assert_trap(0);
}

/* Over the end of a page, and over that of the 32-bit address space. */
static void an_operand_of_two_parts_hits_in_both(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(0, 0x7000, RW_WRITE, LEN_1);
	m.v.gpr[GPR_RBX] = 0x6ffd;
	assert_int_equal(STEP(0x89, 0x03), EMU_OK);		/* MOV [EBX], EAX */
	assert_trap(1);
	machine_protected(0);
	arm(0, 0, RW_WRITE, LEN_1);
	m.v.seg[SEG_DS].base = 0xfffffffe;
	assert_int_equal(STEP(0x89, 0x03), EMU_OK);
	assert_trap(1);
}

/* R/W 10b: ports, with CR4.DE only, by the byte as data is. 17.2.4 */
static void port_breakpoints(void **unused)
{
	(void)unused;
	machine_protected(0);
	arm(1, 0x80, RW_PORT, LEN_2);
	assert_int_equal(STEP(0xe4, 0x80), EMU_OK);		/* IN AL, 80h */
	assert_trap(0);
	m.v.cr4 = CR4_DE;
	assert_int_equal(STEP(0xe4, 0x82), EMU_OK);
	assert_trap(0);
	m.v.gpr[GPR_RBX] = 0x80;
	assert_int_equal(STEP(0x88, 0x03), EMU_OK);		/* memory at 80h */
	assert_trap(0);
	assert_int_equal(STEP(0xe6, 0x81), EMU_OK);		/* OUT 81h, AL */
	assert_trap(BIT(1));
	m.v.dr6 = DR6_INIT;
	m.v.pending.kind = EVENT_NONE;
	assert_int_equal(STEP(0xe5, 0x7d), EMU_OK);		/* IN EAX, 7Dh */
	assert_trap(BIT(1));
	assert_int_equal(m.port_count, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instruction_breakpoint_faults),
		cmocka_unit_test(an_instruction_breakpoint_must_be_on_and_there),
		cmocka_unit_test(rf_and_mov_ss_hold_an_instruction_breakpoint_off),
		cmocka_unit_test(an_instruction_breakpoint_comes_before_the_fetch),
		cmocka_unit_test(an_instruction_breakpoint_is_a_linear_address),
		cmocka_unit_test(data_breakpoints_hit_by_the_byte),
		cmocka_unit_test(a_changed_operand_is_written),
		cmocka_unit_test(the_stack_is_data),
		cmocka_unit_test(fetches_are_no_data),
		cmocka_unit_test(an_operand_of_two_parts_hits_in_both),
		cmocka_unit_test(port_breakpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
