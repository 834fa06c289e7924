/*
 * Memory and refusals, known answers: paging and page splits, REP that faults,
 * devices, ROM, LOCK and length rules, debug registers, MSRs, divide errors.
 */
#include "emulate_machine.h"

/* 32-bit paging: page tables at 10000, 11000; identity but for what a test changes. */
static void paging_on(void)
{
	put(0x10000, 0x11007, 4);
	for (unsigned i = 0; i < 256; i++)
		put(0x11000 + 4 * i, (i << 12) | 7, 4);
	m.v.cr3 = 0x10000;
	m.v.cr0 |= CR0_PG;
}

/* An operand over two pages, the second not present: nothing is written. */
static void split_write_faults_before_writing(void **unused)
{
	(void)unused;
	machine_protected(0);
	paging_on();
	put(0x11000 + 4 * 0x41, 0, 4);
	m.v.gpr[GPR_RAX] = UINT32_MAX;
	assert_fault(STEP(0xa3, 0xfe, 0x0f, 0x04, 0), VEC_PF, PFEC_W);
	assert_int_equal(m.emu.fault.cr2, 0x41000);
	assert_int_equal(get(0x40ffe, 2), 0);
	assert_int_equal(m.v.rip, CODE_AT);
	put(0x11000 + 4 * 0x41, 0x50007, 4);	/* elsewhere */
	assert_int_equal(STEP(0xa3, 0xfe, 0x0f, 0x04, 0), EMU_OK);
	assert_int_equal(get(0x40ffe, 2), 0xffff);
	assert_int_equal(get(0x50000, 2), 0xffff);
}

static void user_accesses_are_user_accesses(void **unused)
{
	(void)unused;
	machine_protected(3);
	paging_on();
	put(0x11000 + 4 * 0x40, 0x40003, 4);	/* supervisor */
	assert_fault(STEP(0xa1, 0, 0, 0x04, 0), VEC_PF, PFEC_P | PFEC_U);
	/* Descriptor tables are read as supervisor at CPL 3 too. */
	put(0x11000 + 4 * (GDT_AT >> 12), GDT_AT | 3, 4);
	m.v.gpr[GPR_RAX] = SEL_DATA3;
	assert_int_equal(STEP(0x8e, 0xd8), EMU_OK);
}

static void fetch_over_a_page_faults_at_the_second(void **unused)
{
	(void)unused;
	machine_protected(0);
	paging_on();
	m.v.rip = 0x40fff;
	put(0x40fff, 0xb8, 1);
	put(0x11000 + 4 * 0x41, 0, 4);
	assert_int_equal(emu_step(&m.emu), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_PF);
	assert_int_equal(m.emu.fault.cr2, 0x41000);
	put(0x40fff, 0x40, 1);			/* one byte: the next page is not touched */
	assert_int_equal(emu_step(&m.emu), EMU_OK);
}

/* REP MOVSB up to a bad page: progress stays, and the fault names the page. */
static void rep_faults_keep_progress(void **unused)
{
	(void)unused;
	machine_protected(0);
	paging_on();
	put(0x11000 + 4 * 0x41, 0, 4);
	m.v.gpr[GPR_RCX] = 8;
	m.v.gpr[GPR_RSI] = 0x30000;
	m.v.gpr[GPR_RDI] = 0x40ffd;
	put(0x30000, 0x030201, 4);
	assert_fault(STEP(0xf3, 0xa4), VEC_PF, PFEC_W);
	assert_int_equal(m.v.gpr[GPR_RCX], 5);
	assert_int_equal(m.v.gpr[GPR_RSI], 0x30003);
	assert_int_equal(m.v.gpr[GPR_RDI], 0x41000);
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(get(0x40ffd, 3), 0x030201);
}

static void rep_is_bounded_and_restarts(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RCX] = EMU_REP_MAX + 5;
	m.v.gpr[GPR_RDI] = 0x40000;
	m.v.gpr[GPR_RAX] = 0x77;
	assert_int_equal(STEP(0xf3, 0xaa), EMU_OK);
	assert_int_equal(m.v.rip, CODE_AT);
	assert_int_equal(m.v.gpr[GPR_RCX], 5);
	assert_int_equal(emu_step(&m.emu), EMU_OK);
	assert_int_equal(m.v.rip, CODE_AT + 2);
	assert_int_equal(m.v.gpr[GPR_RCX], 0);
	assert_int_equal(get(0x40000 + EMU_REP_MAX + 4, 2), 0x77);
}

static void devices_get_one_access_of_the_right_size(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = 0x12345678;
	assert_int_equal(STEP(0x66, 0xa3, 0x10, 0x00, 0x20, 0), EMU_OK);
	assert_int_equal(m.mmio_count, 1);
	assert_int_equal(m.mmio_at, MMIO_BASE + 0x10);
	assert_int_equal(m.mmio_size, 2);
	assert_true(m.mmio_write);
	assert_int_equal(m.mmio_value, 0x5678);
	m.mmio_value = 0xf0;
	assert_int_equal(STEP(0x80, 0x0d, 0x10, 0x00, 0x20, 0, 0x0f), EMU_OK);	/* OR m8 */
	assert_int_equal(m.mmio_count, 3);
	assert_int_equal(m.mmio_value & 0xff, 0xff);
}

static void rom_writes_are_dropped(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.mem.slots = 2;
	m.mem.slot[1] = (struct guest_mem_slot){ .base = gpa(MMIO_BASE), .size = PAGE_SIZE,
						 .host = hpa_of(m.ram + 0x60000), .rom = true };
	put(0x60000, 0x11, 1);
	m.v.gpr[GPR_RAX] = 0x22;
	assert_int_equal(STEP(0xa2, 0x00, 0x00, 0x20, 0), EMU_OK);
	assert_int_equal(get(0x60000, 1), 0x11);
	assert_int_equal(m.mmio_count, 0);
	assert_int_equal(STEP(0xa0, 0x00, 0x00, 0x20, 0), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x11);
}

static void refused_units_are_named_and_change_nothing(void **unused)
{
	static const struct { uint8_t bytes[6]; const char *why; } refused[] = {
		{ { 0xd9, 0xc0 }, "x87 instruction" },
		{ { 0x0f, 0x58, 0xc0 }, "SSE instruction" },
		{ { 0x0f, 0xfe, 0xc0 }, "MMX instruction" },
		{ { 0x66, 0x0f, 0xfe, 0xc0 }, "SSE instruction" },
		{ { 0xc5, 0xf8, 0x58, 0xc0 }, "AVX instruction" },
		{ { 0x62, 0xf1, 0x7c, 0x48, 0x58, 0xc0 }, "AVX-512 instruction" },
		{ { 0x0f, 0x0f, 0xc0, 0x9e }, "3DNow! instruction" },
	};
	struct vcpu before;

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(refused); i++) {
		machine_protected(0);
		m.v.cr4 |= CR4_OSFXSR | CR4_OSXSAVE;
		before = m.v;
		assert_int_equal(step_bytes(refused[i].bytes, 6), EMU_STOP);
		assert_string_equal(m.emu.why, refused[i].why);
		assert_memory_equal(&m.v, &before, sizeof(before));
	}
}

/* SDM 3A "Invalid Opcode": LOCK where it may not be, and instructions over 15 bytes. */
static void lock_and_length_rules(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_fault(STEP(0xf0, 0x01, 0xc0), VEC_UD, 0);	/* a register */
	assert_fault(STEP(0xf0, 0x8b, 0x00), VEC_UD, 0);	/* MOV */
	assert_int_equal(STEP(0xf0, 0xff, 0x05, 0, 0, 4, 0), EMU_OK);
	assert_int_equal(get(0x40000, 4), 1);
	assert_fault(STEP(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
			  0x66, 0x66, 0x66, 0x66, 0x90), VEC_GP, 0);
}

static void debug_registers(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = 0;
	assert_int_equal(STEP(0x0f, 0x23, 0xf0), EMU_OK);
	assert_int_equal(m.v.dr6, DR6_INIT);
	assert_int_equal(STEP(0x0f, 0x21, 0xe0), EMU_OK);	/* DR4 is DR6 */
	assert_int_equal(m.v.gpr[GPR_RAX], DR6_INIT);
	m.v.cr4 |= CR4_DE;
	assert_fault(STEP(0x0f, 0x21, 0xe0), VEC_UD, 0);
	m.v.dr7 |= DR7_GD;
	assert_fault(STEP(0x0f, 0x21, 0xc0), VEC_DB, 0);
	assert_true(m.v.dr6 & DR6_BD);
}

static void a_refused_msr_faults_as_the_callback_says(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_fault(STEP(0x0f, 0x32), VEC_GP, 0);
	m.v.gpr[GPR_RCX] = 0x10;
	m.msr_value = UINT64_C(0x0102030405060708);
	assert_int_equal(STEP(0x0f, 0x32), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x05060708);
	assert_int_equal(m.v.gpr[GPR_RDX], 0x01020304);
}

static void divide_errors_change_nothing(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = 0x80000000;
	m.v.gpr[GPR_RDX] = UINT32_MAX;
	m.v.gpr[GPR_RCX] = UINT32_MAX;
	assert_fault(STEP(0xf7, 0xf9), VEC_DE, 0);	/* IDIV: -2^31 / -1 */
	assert_int_equal(m.v.gpr[GPR_RAX], 0x80000000);
	m.v.gpr[GPR_RCX] = 1;
	assert_int_equal(STEP(0xf7, 0xf9), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x80000000);
	assert_int_equal(m.v.gpr[GPR_RDX], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split_write_faults_before_writing),
		cmocka_unit_test(user_accesses_are_user_accesses),
		cmocka_unit_test(fetch_over_a_page_faults_at_the_second),
		cmocka_unit_test(rep_faults_keep_progress),
		cmocka_unit_test(rep_is_bounded_and_restarts),
		cmocka_unit_test(devices_get_one_access_of_the_right_size),
		cmocka_unit_test(rom_writes_are_dropped),
		cmocka_unit_test(refused_units_are_named_and_change_nothing),
		cmocka_unit_test(lock_and_length_rules),
		cmocka_unit_test(debug_registers),
		cmocka_unit_test(a_refused_msr_faults_as_the_callback_says),
		cmocka_unit_test(divide_errors_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
