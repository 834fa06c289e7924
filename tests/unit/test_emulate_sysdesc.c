/*
 * Descriptor-table and descriptor instructions: known answers from SDM 2 "LGDT",
 * "LLDT", "LTR", "LAR", "LSL", "VERR", "ARPL", "MOVSXD".
 */
#include "emulate_paged.h"

#define BUFFER_AT	0x6000u

static void put_free(uint64_t ar)
{
	put(GDT_AT + SEL_FREE, descriptor(0x1234, 0x5678, ar), 8);
	put(GDT_AT + SEL_FREE + 8, 0, 8);
}

/* A 16-bit LGDT takes 24 bits of base, a 32-bit one all. SGDT stores all. */
static void table_registers(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RBX] = BUFFER_AT;
	put(BUFFER_AT, 0xabcd, 2);
	put(BUFFER_AT + 2, 0x12345678, 4);
	assert_int_equal(STEP(0x66, 0x0f, 0x01, 0x13), EMU_OK);	/* LGDT */
	assert_int_equal(m.v.gdtr.limit, 0xabcd);
	assert_int_equal(m.v.gdtr.base, 0x345678);
	assert_int_equal(STEP(0x0f, 0x01, 0x1b), EMU_OK);	/* LIDT */
	assert_int_equal(m.v.idtr.base, 0x12345678);
	put(BUFFER_AT, 0, 8);
	assert_int_equal(STEP(0x0f, 0x01, 0x0b), EMU_OK);	/* SIDT */
	assert_int_equal(get(BUFFER_AT, 8), UINT64_C(0x12345678abcd));
	m.v.cpl = 3;
	assert_fault(STEP(0x0f, 0x01, 0x13), VEC_GP, 0);
	machine_long(0);
	m.v.gpr[GPR_RBX] = BUFFER_AT;
	put(BUFFER_AT + 2, BIT(47), 8);				/* not canonical */
	assert_fault(STEP(0x0f, 0x01, 0x13), VEC_GP, 0);
	put(BUFFER_AT + 2, UINT64_C(0xffff800000001000), 8);
	assert_int_equal(STEP(0x0f, 0x01, 0x13), EMU_OK);
	assert_true(m.v.gdtr.base == UINT64_C(0xffff800000001000));
}

static void table_operands_are_checked(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RBX] = BUFFER_AT;
	m.v.seg[SEG_DS].limit = BUFFER_AT;
	assert_fault(STEP(0x0f, 0x01, 0x13), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x01, 0x03), VEC_GP, 0);
	m.v.seg[SEG_DS].limit = BUFFER_AT + 4;			/* the base's last byte is out */
	assert_fault(STEP(0x0f, 0x01, 0x13), VEC_GP, 0);
	assert_fault(STEP(0x0f, 0x01, 0x03), VEC_GP, 0);
	assert_int_equal(get(BUFFER_AT, 8), 0);			/* nothing half stored */
}

static void selectors_are_stored(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.seg[SEG_LDTR].sel = 0x77;
	m.v.gpr[GPR_RAX] = UINT32_MAX;
	assert_int_equal(STEP(0x0f, 0x00, 0xc0), EMU_OK);	/* SLDT EAX */
	assert_int_equal(m.v.gpr[GPR_RAX], 0x77);
	m.v.gpr[GPR_RBX] = BUFFER_AT;
	put(BUFFER_AT, UINT32_MAX, 4);
	assert_int_equal(STEP(0x0f, 0x00, 0x0b), EMU_OK);	/* STR m16 */
	assert_int_equal(get(BUFFER_AT, 4), 0xffff0000 | SEL_TSS);
}

static void lldt_rules(void **unused)
{
	(void)unused;
	machine_protected(0);
	put_free(0x82);
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_int_equal(STEP(0x0f, 0x00, 0xd0), EMU_OK);
	assert_int_equal(m.v.seg[SEG_LDTR].base, 0x1234);
	assert_int_equal(m.v.seg[SEG_LDTR].limit, 0x5678);
	m.v.gpr[GPR_RAX] = 3;					/* null, whatever the RPL */
	assert_int_equal(STEP(0x0f, 0x00, 0xd0), EMU_OK);
	assert_true(m.v.seg[SEG_LDTR].ar & AR_UNUSABLE);
	m.v.gpr[GPR_RAX] = SEL_FREE | 4;			/* in an LDT */
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_GP, SEL_FREE | 4);
	m.v.gpr[GPR_RAX] = GDT_LIMIT + 1;
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_GP, GDT_LIMIT + 1);
	m.v.gpr[GPR_RAX] = SEL_DATA0;
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_GP, SEL_DATA0);
	put_free(0x02);
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_NP, SEL_FREE);
}

static void ltr_rules(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.gpr[GPR_RAX] = 0;
	assert_fault(STEP(0x0f, 0x00, 0xd8), VEC_GP, 0);
	put_free(0x81);						/* an available 16-bit TSS */
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_int_equal(STEP(0x0f, 0x00, 0xd8), EMU_OK);
	assert_int_equal(m.v.seg[SEG_TR].ar & AR_TYPE, 3);	/* busy, in cache and memory */
	assert_int_equal(get(GDT_AT + SEL_FREE + 5, 1), 0x83);
	assert_fault(STEP(0x0f, 0x00, 0xd8), VEC_GP, SEL_FREE);	/* busy now */
	put_free(0x09);
	assert_fault(STEP(0x0f, 0x00, 0xd8), VEC_NP, SEL_FREE);
}

/* SDM 3A "Segment Descriptor Tables in IA-32e Mode" 3.5.2: 16 bytes, canonical. */
static void long_mode_system_descriptors(void **unused)
{
	(void)unused;
	machine_long(0);
	put_free(0x82);
	put(GDT_AT + SEL_FREE + 8, 0xffff8000, 4);
	m.v.gpr[GPR_RAX] = SEL_FREE;
	assert_int_equal(STEP(0x0f, 0x00, 0xd0), EMU_OK);
	assert_true(m.v.seg[SEG_LDTR].base == UINT64_C(0xffff800000001234));
	put(GDT_AT + SEL_FREE + 8, 0x8000, 4);
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_GP, SEL_FREE);
	put(GDT_AT + SEL_FREE + 8, BIT(40), 8);			/* the upper type is not 0 */
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_GP, SEL_FREE);
	put_free(0x81);						/* 16-bit TSS: none here */
	assert_fault(STEP(0x0f, 0x00, 0xd8), VEC_GP, SEL_FREE);
	put_free(0x89);
	put(GDT_AT + SEL_FREE + 8, 0x8000, 4);
	assert_fault(STEP(0x0f, 0x00, 0xd8), VEC_GP, SEL_FREE);
	put(GDT_AT + SEL_FREE + 8, 0, 8);
	assert_int_equal(STEP(0x0f, 0x00, 0xd8), EMU_OK);
	put(GDT_AT + 0x78, descriptor(0, 0, 0x82), 8);		/* its second half is outside */
	m.v.gpr[GPR_RAX] = 0x78;
	assert_fault(STEP(0x0f, 0x00, 0xd0), VEC_GP, 0x78);
}

/* The types LAR and LSL accept: SDM 2A tables 3-53 and 3-56. */
static void lar_and_lsl_by_type(void **unused)
{
	static const struct { uint8_t type; bool lar, lsl, lar_long, lsl_long; } row[] = {
		{ 0, false, false, false, false }, { 1, true, true, false, false },
		{ 2, true, true, true, true }, { 3, true, true, false, false },
		{ 4, true, false, false, false }, { 5, true, false, false, false },
		{ 6, false, false, false, false }, { 7, false, false, false, false },
		{ 9, true, true, true, true }, { 11, true, true, true, true },
		{ 12, true, false, true, false }, { 14, false, false, false, false },
	};

	(void)unused;
	for (unsigned i = 0; i < 2 * ARRAY_SIZE(row); i++) {
		unsigned r = i / 2;
		bool is_long = i & 1;

		if (is_long)
			machine_long(0);
		else
			machine_protected(0);
		put_free(0x80u | row[r].type);
		m.v.gpr[GPR_RAX] = SEL_FREE;
		assert_int_equal(STEP(0x0f, 0x02, 0xc8), EMU_OK);
		assert_int_equal(!!(m.v.rflags & RFLAGS_ZF),
				 is_long ? row[r].lar_long : row[r].lar);
		assert_int_equal(m.v.gpr[GPR_RCX],
				 m.v.rflags & RFLAGS_ZF ? 0x8000u | row[r].type << 8 : 0);
		assert_int_equal(STEP(0x0f, 0x03, 0xd0), EMU_OK);
		assert_int_equal(!!(m.v.rflags & RFLAGS_ZF),
				 is_long ? row[r].lsl_long : row[r].lsl);
		assert_int_equal(m.v.gpr[GPR_RDX], m.v.rflags & RFLAGS_ZF ? 0x5678 : 0);
	}
}

static bool verifies(uint8_t modrm, uint16_t sel)
{
	m.v.gpr[GPR_RAX] = sel;
	assert_int_equal(STEP(0x0f, 0x00, modrm), EMU_OK);
	return m.v.rflags & RFLAGS_ZF;
}

#define VERR	0xe0
#define VERW	0xe8

static void verr_and_verw_by_type(void **unused)
{
	(void)unused;
	machine_protected(0);
	assert_true(verifies(VERR, SEL_DATA0));
	assert_true(verifies(VERW, SEL_DATA0));
	assert_false(verifies(VERR, 0));
	assert_false(verifies(VERW, GDT_LIMIT + 1));
	assert_false(verifies(VERR, SEL_DATA0 | 3));		/* RPL above DPL */
	assert_true(verifies(VERR, SEL_CONFORM | 3));		/* conforming: no privilege */
	assert_true(verifies(VERR, SEL_CODE0));
	assert_false(verifies(VERW, SEL_CODE0));
	assert_false(verifies(VERR, SEL_TSS));			/* a system segment */
	assert_false(verifies(VERW, SEL_TSS));
	assert_false(verifies(VERR, SEL_DATA0 | 4));		/* no LDT */
	put_free(0x99);						/* execute only */
	assert_false(verifies(VERR, SEL_FREE));
	put_free(0x91);						/* read only */
	assert_true(verifies(VERR, SEL_FREE));
	assert_false(verifies(VERW, SEL_FREE));
	m.v.cpl = 3;
	assert_false(verifies(VERR, SEL_DATA0));
	assert_true(verifies(VERW, SEL_DATA3));
}

static void probes_page_fault(void **unused)
{
	(void)unused;
	machine_protected(0);
	paging_32();
	m.v.gpr[GPR_RAX] = SEL_DATA0;
	assert_true(RESTARTS(GDT_AT, PTE_P, 0x0f, 0x02, 0xc8));
	assert_true(RESTARTS(GDT_AT, PTE_P, 0x0f, 0x00, VERR));
	assert_true(RESTARTS(GDT_AT, PTE_P, 0x0f, 0x00, VERW));
}

/* ZF and the larger RPL; #UD outside protected mode. */
static void arpl_raises_the_rpl(void **unused)
{
	(void)unused;
	machine_protected(3);
	m.v.gpr[GPR_RAX] = 0x10;
	m.v.gpr[GPR_RCX] = 0x23;
	assert_int_equal(STEP(0x63, 0xc8), EMU_OK);		/* ARPL AX, CX */
	assert_int_equal(m.v.gpr[GPR_RAX], 0x13);
	assert_true(m.v.rflags & RFLAGS_ZF);
	assert_int_equal(STEP(0x63, 0xc8), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x13);
	assert_false(m.v.rflags & RFLAGS_ZF);
	put(BUFFER_AT, 0x41, 2);
	m.v.gpr[GPR_RBX] = BUFFER_AT;
	assert_int_equal(STEP(0x63, 0x0b), EMU_OK);
	assert_int_equal(get(BUFFER_AT, 2), 0x43);
	m.v.seg[SEG_DS].limit = BUFFER_AT;
	assert_fault(STEP(0x63, 0x0b), VEC_GP, 0);
	machine_real();
	assert_fault(STEP(0x63, 0xc8), VEC_UD, 0);
}

static void movsxd_extends_by_operand_size(void **unused)
{
	(void)unused;
	machine_long(0);
	m.v.gpr[GPR_RAX] = 0x80000001;
	m.v.gpr[GPR_RCX] = UINT64_MAX;
	assert_int_equal(STEP(0x63, 0xc8), EMU_OK);		/* MOVSXD ECX, EAX */
	assert_int_equal(m.v.gpr[GPR_RCX], 0x80000001);
	assert_int_equal(STEP(0x48, 0x63, 0xc8), EMU_OK);
	assert_true(m.v.gpr[GPR_RCX] == UINT64_C(0xffffffff80000001));
	assert_int_equal(STEP(0x66, 0x63, 0xc8), EMU_OK);
	assert_true(m.v.gpr[GPR_RCX] == UINT64_C(0xffffffff80000001));
	m.v.gpr[GPR_RBX] = BIT(47);
	assert_fault(STEP(0x63, 0x0b), VEC_GP, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_registers),
		cmocka_unit_test(table_operands_are_checked),
		cmocka_unit_test(selectors_are_stored),
		cmocka_unit_test(lldt_rules),
		cmocka_unit_test(ltr_rules),
		cmocka_unit_test(long_mode_system_descriptors),
		cmocka_unit_test(lar_and_lsl_by_type),
		cmocka_unit_test(verr_and_verw_by_type),
		cmocka_unit_test(probes_page_fault),
		cmocka_unit_test(arpl_raises_the_rpl),
		cmocka_unit_test(movsxd_extends_by_operand_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
