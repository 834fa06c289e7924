/*
 * Paging for the emulator's test machine: identity maps whose pages a test takes
 * away, and the check that a fault has left the vcpu as it was.
 */
#ifndef TESTS_EMULATE_PAGED_H
#define TESTS_EMULATE_PAGED_H

#include "emulate_machine.h"

#define TABLES_AT	0x40000u	/* and the three pages after it */
#define PAGE_ALL	(PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)

/* 32-bit paging, the RAM and the device's page mapped one to one. */
static inline void paging_32(void)
{
	put(TABLES_AT, (TABLES_AT + 0x1000) | PAGE_ALL, 4);
	for (uint32_t at = 0; at < 0x400000; at += 0x1000)
		put(TABLES_AT + 0x1000 + at / 0x400, at | PAGE_ALL, 4);
	m.v.cr3 = TABLES_AT;
	m.v.cr0 |= CR0_PG | CR0_WP;
}

/* Four levels over the first 2 MiB. */
static inline void paging_long(void)
{
	for (unsigned i = 0; i < 3; i++)
		put(TABLES_AT + i * 0x1000, (TABLES_AT + 0x1000 * (i + 1)) | PAGE_ALL, 8);
	for (uint32_t at = 0; at < 0x200000; at += 0x1000)
		put(TABLES_AT + 0x3000 + at / 0x200, at | PAGE_ALL, 8);
	m.v.cr3 = TABLES_AT;
	m.v.cr4 |= CR4_PAE;
	m.v.cr0 |= CR0_PG | CR0_WP;
}

/* The entry of the page at `at` loses these bits. */
static inline void page_lose(uint32_t at, uint64_t bits)
{
	uint32_t entry = TABLES_AT + (m.v.efer & EFER_LMA ? 0x3000 + at / 0x200 :
				      0x1000 + at / 0x400);

	put(entry, get(entry, 4) & ~bits, 4);
}

static inline void page_give(uint32_t at, uint64_t bits)
{
	uint32_t entry = TABLES_AT + (m.v.efer & EFER_LMA ? 0x3000 + at / 0x200 :
				      0x1000 + at / 0x400);

	put(entry, get(entry, 4) | bits, 4);
}

/*
 * One instruction while the page at `gone` lacks `bits`: it may fault, with #PF and
 * nothing changed, and must succeed when they are back. True: it did fault.
 */
static inline bool faults_and_restarts(const uint8_t *bytes, unsigned size, uint32_t gone,
				       uint64_t bits)
{
	struct vcpu before;
	enum emu_status status;

	page_lose(gone, bits);
	before = m.v;
	status = step_bytes(bytes, size);
	if (status == EMU_OK)
		return false;
	assert_int_equal(status, EMU_FAULT);
	assert_int_equal(m.emu.fault.vector, VEC_PF);
	assert_int_equal(m.emu.fault.cr2 & ~0xfffull, gone);
	assert_memory_equal(&before, &m.v, offsetof(struct vcpu, valid));
	page_give(gone, bits);
	assert_int_equal(step_bytes(bytes, size), EMU_OK);
	return true;
}

#define RESTARTS(gone, bits, ...) \
	faults_and_restarts((const uint8_t[]){ __VA_ARGS__ }, \
			    sizeof((const uint8_t[]){ __VA_ARGS__ }), gone, bits)

#endif
