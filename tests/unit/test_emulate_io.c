/*
 * Port instructions: IOPL, the TSS's bitmap, sizes, strings. Known answers from
 * SDM 1 "Protected-Mode I/O" 19.5 and SDM 2 "IN", "INS", "OUT", "OUTS".
 */
#include "emulate_paged.h"

#define MAP_AT		104u		/* in the TSS */
#define PORT		0x123u

/* CPL 3, IOPL 0, all ports denied but those of `open` from PORT on. */
static void machine_map(unsigned open)
{
	machine_protected(3);
	put(TSS_AT + 102, MAP_AT, 2);
	memset(m.ram + TSS_AT + MAP_AT, 0xff, 0x100);
	for (unsigned p = PORT; p < PORT + open; p++)
		m.ram[TSS_AT + MAP_AT + p / 8] &= (uint8_t)~(1u << (p & 7));
	m.v.gpr[GPR_RDX] = PORT;
}

static void real_mode_and_iopl_need_no_map(void **unused)
{
	(void)unused;
	machine_real();
	m.port_value = 0x5a;
	assert_int_equal(STEP(0xe4, 0x60), EMU_OK);		/* IN AL, 60 */
	assert_int_equal(m.v.gpr[GPR_RAX], 0x5a);
	assert_int_equal(m.port_number, 0x60);
	machine_protected(3);
	assert_fault(STEP(0xe4, 0x60), VEC_GP, 0);
	m.v.rflags |= RFLAGS_IOPL;
	assert_int_equal(STEP(0xe4, 0x60), EMU_OK);
}

/* The bits of all bytes accessed must be clear. */
static void every_port_of_the_access_must_be_open(void **unused)
{
	(void)unused;
	machine_map(2);
	assert_int_equal(STEP(0xec), EMU_OK);			/* IN AL, DX */
	assert_int_equal(STEP(0x66, 0xed), EMU_OK);		/* IN AX, DX */
	assert_fault(STEP(0xed), VEC_GP, 0);			/* IN EAX, DX */
	machine_map(4);
	assert_int_equal(STEP(0xed), EMU_OK);
	m.v.gpr[GPR_RDX] = PORT - 1;
	assert_fault(STEP(0xec), VEC_GP, 0);
}

/* "The processor reads two bytes": both must lie in the limit. */
static void the_map_ends_with_the_limit(void **unused)
{
	(void)unused;
	machine_map(4);
	m.v.seg[SEG_TR].limit = MAP_AT + PORT / 8 + 1;
	assert_int_equal(STEP(0xec), EMU_OK);
	m.v.seg[SEG_TR].limit--;
	assert_fault(STEP(0xec), VEC_GP, 0);
	m.v.seg[SEG_TR].limit = 102;		/* the base field itself is cut off */
	assert_fault(STEP(0xec), VEC_GP, 0);
	machine_map(4);
	m.v.seg[SEG_TR].ar = AR_TSS16_BUSY;	/* has no map */
	assert_fault(STEP(0xec), VEC_GP, 0);
}

static void map_reads_page_fault(void **unused)
{
	(void)unused;
	machine_map(4);
	paging_32();
	assert_true(RESTARTS(TSS_AT, PTE_P, 0xec));
	machine_map(4);
	m.v.seg[SEG_TR].base = TSS_AT + 0x1000 - 103;	/* base field and map on two pages */
	put(m.v.seg[SEG_TR].base + 102, MAP_AT, 2);
	paging_32();
	assert_true(RESTARTS(TSS_AT + 0x1000, PTE_P, 0xec));
	machine_map(4);
	m.v.seg[SEG_TR].base = TSS_AT + 0x1000 - 104;
	put(m.v.seg[SEG_TR].base + 102, MAP_AT, 2);
	memset(m.ram + TSS_AT + 0x1000, 0, 0x100);
	paging_32();
	assert_true(RESTARTS(TSS_AT + 0x1000, PTE_P, 0xec));
}

/* Ports are 32 bits wide at most: REX.W changes nothing. */
static void out_sends_the_accumulator(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.gpr[GPR_RAX] = UINT64_C(0xaabbccdd11223344);
	m.v.gpr[GPR_RDX] = PORT;
	assert_int_equal(STEP(0x48, 0xef), EMU_OK);
	assert_int_equal(m.port_value, 0x11223344);
	assert_true(m.port_write);
	assert_int_equal(STEP(0xe6, 0x80), EMU_OK);
	assert_int_equal(m.port_value, 0x44);
	m.port_value = 0x99887766;
	assert_int_equal(STEP(0x48, 0xed), EMU_OK);
	assert_true(m.v.gpr[GPR_RAX] == 0x99887766);	/* upper half cleared */
}

static void strings_move_and_count(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RDX] = PORT;
	m.v.gpr[GPR_RDI] = 0x6000;
	m.v.gpr[GPR_RCX] = 3;
	m.port_value = 0x4142;
	assert_int_equal(STEP(0xf3, 0x66, 0x6d), EMU_OK);	/* REP INSW */
	assert_int_equal(get(0x6000, 8), UINT64_C(0x414241424142));
	assert_int_equal(m.v.gpr[GPR_RDI], 0x6006);
	assert_int_equal(m.v.gpr[GPR_RCX], 0);
	assert_int_equal(m.port_count, 3);
	m.v.gpr[GPR_RSI] = 0x6001;
	m.v.rflags |= RFLAGS_DF;
	assert_int_equal(STEP(0x6e), EMU_OK);			/* OUTSB, downward */
	assert_int_equal(m.port_value, 0x41);
	assert_int_equal(m.v.gpr[GPR_RSI], 0x6000);
}

/* The destination is judged before the port is read: nothing is lost. */
static void ins_faults_before_the_port(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RDI] = 0x6000;
	m.v.seg[SEG_ES].limit = 0x5fff;
	assert_fault(STEP(0x6c), VEC_GP, 0);
	assert_int_equal(m.port_count, 0);
	m.v.gpr[GPR_RSI] = 0x6000;
	m.v.seg[SEG_DS].limit = 0x5fff;
	assert_fault(STEP(0x6e), VEC_GP, 0);
	assert_int_equal(m.port_count, 0);
	machine_protected(3);
	assert_fault(STEP(0x6c), VEC_GP, 0);
	assert_fault(STEP(0x6e), VEC_GP, 0);
	assert_fault(STEP(0xe6, 0x80), VEC_GP, 0);
}

static bool refuse_port(struct emu *emu, uint16_t port, uint32_t *value, unsigned size, bool write)
{
	(void)port, (void)value, (void)size, (void)write;
	emu->fault = (struct event){ .kind = EVENT_EXCEPTION, .vector = VEC_GP,
				     .has_error = true };
	return false;
}

static void a_refused_port_faults_as_the_callback_says(void **unused)
{
	struct emu_ops ops = machine_ops;
	static const uint8_t code[][2] = { { 0xec, 0x90 }, { 0xee, 0x90 }, { 0x6c, 0x90 },
					   { 0x6e, 0x90 } };

	(void)unused;
	ops.port = refuse_port;
	for (unsigned i = 0; i < ARRAY_SIZE(code); i++) {
		machine_protected(0);
		m.emu.ops = &ops;
		m.v.gpr[GPR_RDI] = m.v.gpr[GPR_RSI] = 0x6000;
		assert_fault(step_bytes(code[i], sizeof(code[i])), VEC_GP, 0);
		assert_int_equal(m.v.rip, CODE_AT);
		assert_int_equal(m.v.gpr[GPR_RDI], 0x6000);
		assert_int_equal(m.v.gpr[GPR_RSI], 0x6000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_mode_and_iopl_need_no_map),
		cmocka_unit_test(every_port_of_the_access_must_be_open),
		cmocka_unit_test(the_map_ends_with_the_limit),
		cmocka_unit_test(map_reads_page_fault),
		cmocka_unit_test(out_sends_the_accumulator),
		cmocka_unit_test(strings_move_and_count),
		cmocka_unit_test(ins_faults_before_the_port),
		cmocka_unit_test(a_refused_port_faults_as_the_callback_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
