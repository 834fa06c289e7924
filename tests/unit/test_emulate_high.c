/*
 * System structures in the upper half while compatibility code runs: their addresses have
 * 64 bits whatever the code's, over the edge of a page too. SDM 3A 5.13, "Paging" 4.1.
 */
#include "emulate_paged.h"

#define HIGH		UINT64_C(0xffff800000000000)
#define HIGH_TABLES	(TABLES_AT + 0x4000u)
#define SECOND_PAGE	0x15000u
#define PAST_EDGE	(SECOND_PAGE - 4)	/* eight bytes there lie in two pages */

static const uint8_t load_ds[] = { 0x8e, 0xd8 };	/* MOV DS, AX */

/* Compatibility code at CPL 0; the upper half maps the page that the lower half lacks. */
static void machine_compatibility(void)
{
	machine_long(0);
	paging_long();
	put(TABLES_AT + 256 * 8, HIGH_TABLES | PAGE_ALL, 8);
	put(HIGH_TABLES, (HIGH_TABLES + 0x1000) | PAGE_ALL, 8);
	put(HIGH_TABLES + 0x1000, (HIGH_TABLES + 0x2000) | PAGE_ALL, 8);
	memcpy(m.ram + HIGH_TABLES + 0x2000, m.ram + TABLES_AT + 0x3000, PAGE_SIZE);
	page_lose(SECOND_PAGE, PTE_P);
	m.v.seg[SEG_CS].ar = AR_CODE(0) | AR_FLAT;
}

static void a_descriptor_over_the_edge_of_a_page(void **unused)
{
	const unsigned sel = 0x08;

	(void)unused;
	machine_compatibility();
	put(PAST_EDGE - 8 + sel, get(GDT_AT + SEL_DATA0, 8), 8);
	m.v.gdtr.base = HIGH + PAST_EDGE - 8;
	m.v.gpr[GPR_RAX] = sel;
	assert_int_equal(step_bytes(load_ds, sizeof(load_ds)), EMU_OK);
	assert_int_equal(m.v.seg[SEG_DS].sel, sel);
}

static void the_fault_names_the_page_that_is_missing(void **unused)
{
	(void)unused;
	machine_compatibility();
	m.v.gdtr.base = HIGH + PAST_EDGE - 8;
	m.v.gpr[GPR_RAX] = 0x08;
	put(HIGH_TABLES + 0x2000 + SECOND_PAGE / 0x200, 0, 8);
	assert_int_equal(step_bytes(load_ds, sizeof(load_ds)), EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_PF);
	assert_int_equal(m.emu.fault.cr2, HIGH + SECOND_PAGE);
}

/* RSP0 is at 4 in a TSS: with the TSS at 8 below an edge it lies in two pages. */
static void a_stack_from_the_tss_over_the_edge_of_a_page(void **unused)
{
	const struct event e = { .kind = EVENT_EXCEPTION, .vector = VEC_UD };

	(void)unused;
	machine_compatibility();
	m.v.seg[SEG_TR].base = HIGH + PAST_EDGE - 4;
	put(PAST_EDGE, STACK_TOP, 8);
	m.v.cpl = 3;
	m.v.seg[SEG_CS].ar = AR_CODE(3) | AR_FLAT;
	m.v.seg[SEG_SS].ar = AR_DATA(3) | AR_FLAT;
	put(IDT_AT + VEC_UD * 16, gate(SEL_CODE0, HANDLER_AT, 14, 0, 0), 8);
	put(IDT_AT + VEC_UD * 16 + 8, 0, 8);
	assert_int_equal(emu_deliver(&m.emu, &e), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RSP], STACK_TOP - 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_over_the_edge_of_a_page),
		cmocka_unit_test(the_fault_names_the_page_that_is_missing),
		cmocka_unit_test(a_stack_from_the_tss_over_the_edge_of_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
