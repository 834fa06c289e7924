/*
 * The short ways must not show: plain translations judge as the walker does, and a
 * decoded instruction is believed only while its bytes stay.
 */
#include "emulate_paged.h"
#include "mmu/walk.h"

#define DATA_AT		0x20000u

static struct emu_cache cache;

static void in_mode(bool is_long, unsigned cpl)
{
	if (is_long) {
		machine_long(cpl);
		paging_long();
	} else {
		machine_protected(cpl);
		paging_32();
	}
	memset(&cache, 0, sizeof(cache));
	m.emu.cache = &cache;
	m.v.gpr[GPR_RBX] = DATA_AT;
}

static void self_modifying_code_is_seen(void **unused)
{
	(void)unused;
	in_mode(false, 0);
	assert_int_equal(STEP(0xb0, 0x11), EMU_OK);	/* MOV AL, 11 */
	for (unsigned i = 0; i < 4; i++) {
		m.v.rip = CODE_AT;
		m.ram[CODE_AT + 1] = (uint8_t)(0x20 + i);
		assert_int_equal(emu_step(&m.emu), EMU_OK);
		assert_int_equal(m.v.gpr[GPR_RAX], 0x20 + i);
		assert_int_equal(m.v.rip, CODE_AT + 2);
	}
	m.v.rip = CODE_AT;
	m.ram[CODE_AT] = 0x0f;				/* no instruction any more */
	m.ram[CODE_AT + 1] = 0x0a;
	assert_fault(emu_step(&m.emu), VEC_UD, 0);
	assert_fault(emu_step(&m.emu), VEC_UD, 0);
}

/* The same bytes are other instructions in code of another size. */
static void a_decoded_instruction_has_a_size_of_code(void **unused)
{
	(void)unused;
	in_mode(false, 0);
	m.v.gpr[GPR_RAX] = 0x1ffff;
	assert_int_equal(STEP(0x40), EMU_OK);		/* INC EAX */
	assert_int_equal(m.v.gpr[GPR_RAX], 0x20000);
	m.v.seg[SEG_CS].ar &= (uint32_t)~AR_DB;
	m.v.rip = CODE_AT;
	m.v.gpr[GPR_RAX] = 0x1ffff;
	assert_int_equal(emu_step(&m.emu), EMU_OK);	/* INC AX */
	assert_int_equal(m.v.gpr[GPR_RAX], 0x10000);
	in_mode(true, 0);
	assert_int_equal(STEP(0x40, 0x90), EMU_OK);	/* REX and NOP */
	assert_int_equal(m.v.rip, CODE_AT + 2);
}

/* Two places 64 bytes apart share a line of the cache. */
static void lines_are_shared_truthfully(void **unused)
{
	(void)unused;
	in_mode(false, 0);
	m.ram[CODE_AT + EMU_LINES] = 0x41;		/* INC ECX */
	m.ram[CODE_AT] = 0x40;				/* INC EAX */
	for (unsigned i = 0; i < 6; i++) {
		m.v.rip = CODE_AT + (i & 1) * EMU_LINES;
		assert_int_equal(emu_step(&m.emu), EMU_OK);
	}
	assert_int_equal(m.v.gpr[GPR_RAX], 3);
	assert_int_equal(m.v.gpr[GPR_RCX], 3);
}

/* What walk() says of the same access on tables as they are now. */
static enum walk_result walked(unsigned access, struct walk *w)
{
	struct walk_mode mode = { .cr0 = m.v.cr0, .cr3 = m.v.cr3, .cr4 = m.v.cr4,
				  .efer = m.v.efer, .maxphyaddr = m.emu.maxphyaddr,
				  .page1g = true, .nx = true,
				  .rflags_ac = m.v.rflags & RFLAGS_AC };

	return walk(&mode, &m.mem, gva(DATA_AT), access | ACCESS_NO_AD, w);
}

static void judged_as_walked(bool is_long, unsigned cpl, uint64_t lose, uint64_t give,
			     uint64_t cr4, uint64_t efer)
{
	static const uint8_t code[2][2] = { { 0x8b, 0x03 }, { 0x89, 0x03 } };

	for (unsigned write = 0; write < 2; write++) {
		unsigned access = (write ? ACCESS_WRITE : 0) | (cpl == 3 ? ACCESS_USER : 0);
		uint32_t entry;
		struct walk w;

		in_mode(is_long, cpl);
		m.v.cr4 |= cr4;
		m.v.efer |= efer;
		/* Code stays the supervisor's or the user's own: only data is tried. */
		if (cpl == 0)
			page_lose(CODE_AT, PTE_U);
		page_lose(DATA_AT, lose);
		entry = TABLES_AT + (is_long ? 0x3000 + DATA_AT / 0x200 : 0x1000 + DATA_AT / 0x400);
		put(entry, get(entry, is_long ? 8 : 4) | give, is_long ? 8 : 4);
		if (walked(access, &w) == WALK_OK) {
			assert_int_equal(step_bytes(code[write], 2), EMU_OK);
			assert_true(get(entry, 1) & PTE_A);
			if (write)
				assert_true(get(entry, 1) & PTE_D);
		} else {
			assert_fault(step_bytes(code[write], 2), VEC_PF, w.error);
		}
	}
}

static void rights_are_the_walkers(void **unused)
{
	static const uint64_t cr4[] = { 0, CR4_SMEP, CR4_SMEP | CR4_SMAP, CR4_PSE };

	(void)unused;
	for (unsigned i = 0; i < 8 * ARRAY_SIZE(cr4); i++) {
		unsigned cpl = i & 1 ? 3 : 0;
		bool is_long = i & 2;
		uint64_t efer = i & 4 ? EFER_NXE : 0, bits = cr4[i / 8];

		judged_as_walked(is_long, cpl, 0, 0, bits, efer);
		judged_as_walked(is_long, cpl, PTE_P, 0, bits, efer);
		judged_as_walked(is_long, cpl, PTE_W, 0, bits, efer);
		judged_as_walked(is_long, cpl, PTE_U, 0, bits, efer);
		judged_as_walked(is_long, cpl, PTE_A, 0, bits, efer);
		judged_as_walked(is_long, cpl, PTE_D, 0, bits, efer);
		judged_as_walked(is_long, cpl, 0, PTE_PAT, bits, efer);
		if (is_long) {
			judged_as_walked(is_long, cpl, 0, PTE_NX, bits, efer);
			judged_as_walked(is_long, cpl, 0, BIT(40), bits, efer);
		}
	}
}

/* SMEP: the supervisor fetches no user page. NX: nobody fetches. */
static void fetches_are_judged(void **unused)
{
	(void)unused;
	for (unsigned is_long = 0; is_long < 2; is_long++) {
		in_mode(is_long, 0);
		m.v.cr4 |= CR4_SMEP;
		assert_fault(STEP(0x90), VEC_PF, PFEC_P | PFEC_I);
		page_lose(CODE_AT, PTE_U);
		assert_int_equal(STEP(0x90), EMU_OK);
		m.v.cpl = 3;
		assert_fault(STEP(0x90), VEC_PF, PFEC_P | PFEC_U | PFEC_I);
	}
	in_mode(true, 0);
	m.v.efer |= EFER_NXE;
	put(TABLES_AT + 0x3000 + CODE_AT / 0x200, CODE_AT | PAGE_ALL | PTE_NX, 8);
	assert_fault(STEP(0x90), VEC_PF, PFEC_P | PFEC_I);
}

/* Large pages, five levels, tables and pages outside the RAM: by the walker, or as it does. */
static void unusual_tables(void **unused)
{
	(void)unused;
	in_mode(true, 0);
	put(TABLES_AT + 0x2000, PAGE_ALL | PTE_PS, 8);		/* 2 MiB at 0 */
	put(DATA_AT, 0x11223344, 4);
	assert_int_equal(STEP(0x8b, 0x03), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x11223344);
	put(TABLES_AT + 0x2000, PAGE_ALL | PTE_PS | BIT(13), 8);	/* reserved */
	assert_fault(STEP(0x8b, 0x03), VEC_PF, PFEC_P | PFEC_RSVD);
	in_mode(true, 0);
	put(TABLES_AT + 0x1000, PAGE_ALL | PTE_PS, 8);		/* 1 GiB at 0 */
	assert_int_equal(STEP(0x8b, 0x03), EMU_OK);
	in_mode(true, 0);
	put(TABLES_AT + 0x2000, MMIO_BASE | PAGE_ALL, 8);	/* a table of all ones */
	assert_fault(STEP(0x8b, 0x03), VEC_PF, PFEC_P | PFEC_RSVD);
	in_mode(true, 0);
	put(TABLES_AT + 0x4000, TABLES_AT | PAGE_ALL, 8);	/* five levels */
	m.v.cr3 = TABLES_AT + 0x4000;
	m.v.cr4 |= CR4_LA57;
	put(DATA_AT, 0x55667788, 4);
	assert_int_equal(STEP(0x8b, 0x03), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x55667788);
	in_mode(false, 0);
	m.v.cr4 |= CR4_PSE;
	put(TABLES_AT, PAGE_ALL | PTE_PS, 4);			/* 4 MiB at 0 */
	put(DATA_AT, 0x99, 4);
	assert_int_equal(STEP(0x8b, 0x03), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 0x99);
	in_mode(false, 0);
	m.v.cr3 = MMIO_BASE;					/* all ones: present, 4 KiB */
	assert_fault(emu_step(&m.emu), VEC_UD, 0);		/* and so is the code there */
	assert_int_equal(m.mmio_count, 0);
}

/* Two slots: RAM from 1 MiB on is reached, and a device between is one. */
static void memory_beyond_the_first_slot(void **unused)
{
	static uint8_t more[0x2000] __attribute__((aligned(4096)));

	(void)unused;
	for (unsigned paged = 0; paged < 2; paged++) {
		machine_protected(0);
		if (paged)
			paging_32();
		m.mem.slots = 2;
		m.mem.slot[1] = (struct guest_mem_slot){ .base = gpa(0x180000), .size = 0x2000,
							 .host = hpa_of(more) };
		m.v.gpr[GPR_RAX] = 0x12345678;
		m.v.gpr[GPR_RBX] = 0x180ffe;			/* across its pages */
		assert_int_equal(STEP(0x89, 0x03), EMU_OK);
		assert_int_equal(more[0xffe], 0x78);
		assert_int_equal(more[0x1001], 0x12);
		more[0] = 0x40;					/* INC EAX, run from there */
		m.v.rip = 0x180000;
		assert_int_equal(emu_step(&m.emu), EMU_OK);
		assert_int_equal(m.v.gpr[GPR_RAX], 0x12345679);
		m.v.rip = MMIO_BASE;				/* no code in a device */
		m.mmio_value = 0x40;
		assert_fault(emu_step(&m.emu), VEC_UD, 0);
		assert_int_equal(m.mmio_count, 0);
	}
}

/* #AC: CPL 3, CR0.AM and RFLAGS.AC. SDM 3A "Alignment Check Exception" 6.15. */
static void alignment_is_checked_for_user_data(void **unused)
{
	(void)unused;
	machine_protected(3);
	m.v.cr0 |= CR0_AM;
	m.v.rflags |= RFLAGS_AC;
	m.v.gpr[GPR_RBX] = DATA_AT + 1;
	assert_fault(STEP(0x8b, 0x03), VEC_AC, 0);
	assert_int_equal(STEP(0x8a, 0x03), EMU_OK);		/* a byte */
	m.v.gpr[GPR_RBX] = DATA_AT + 2;
	assert_int_equal(STEP(0x66, 0x8b, 0x03), EMU_OK);
	assert_fault(STEP(0x89, 0x03), VEC_AC, 0);
	m.v.cr0 &= ~CR0_AM;
	assert_int_equal(STEP(0x89, 0x03), EMU_OK);
	m.v.cr0 |= CR0_AM;
	m.v.cpl = 0;
	assert_int_equal(STEP(0x89, 0x03), EMU_OK);
}

/* Code at the end of a segment, of a page and of the canonical half. */
static void code_at_edges(void **unused)
{
	(void)unused;
	machine_protected(0);
	m.v.seg[SEG_CS].limit = CODE_AT + 1;
	assert_int_equal(STEP(0x04, 0x05), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 5);
	assert_fault(emu_step(&m.emu), VEC_GP, 0);
	m.v.rip = CODE_AT;
	m.v.seg[SEG_CS].limit = CODE_AT;			/* the immediate is out */
	assert_fault(emu_step(&m.emu), VEC_GP, 0);
	machine_protected(0);
	m.v.rip = CODE_AT + 0xfff;
	assert_int_equal(STEP(0x04, 0x06), EMU_OK);
	assert_int_equal(m.v.gpr[GPR_RAX], 6);
	m.v.rip = CODE_AT + 0xfff;
	assert_fault(STEP(0x0f, 0x0a), VEC_UD, 0);
	machine_long(0);
	m.v.rip = BIT(47);
	assert_fault(emu_step(&m.emu), VEC_GP, 0);
	m.v.rip = UINT64_MAX - 1;				/* wraps; ones there */
	assert_fault(emu_step(&m.emu), VEC_UD, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(self_modifying_code_is_seen),
		cmocka_unit_test(a_decoded_instruction_has_a_size_of_code),
		cmocka_unit_test(lines_are_shared_truthfully),
		cmocka_unit_test(rights_are_the_walkers),
		cmocka_unit_test(fetches_are_judged),
		cmocka_unit_test(unusual_tables),
		cmocka_unit_test(memory_beyond_the_first_slot),
		cmocka_unit_test(alignment_is_checked_for_user_data),
		cmocka_unit_test(code_at_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
