/*
 * A small guest for the walker's tests: 1 MiB of RAM at 0, one ROM page above
 * it, one page mapped in each paging mode. Knows no rule under test.
 */
#ifndef TESTS_WALK_FIXTURE_H
#define TESTS_WALK_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mmu/walk.h"

#define RAM_SIZE	0x100000ul
#define ROM_BASE	RAM_SIZE
#define OUTSIDE		0x800000ul

/* Where the tables lie, top down, and the index used in each. */
#define PML5		0x1000ul
#define PML4		0x2000ul
#define PDPT		0x3000ul
#define PD		0x4000ul
#define PT		0x5000ul
#define DATA		0x6000ul
#define PML5E_AT	(PML5 + 5 * 8)
#define PML4E_AT	(PML4 + 1 * 8)
#define PDPTE_AT	(PDPT + 2 * 8)
#define PDE_AT		(PD + 3 * 8)
#define PTE_AT		(PT + 4 * 8)
#define OFFSET		0x123ul

/* Indices 1, 2, 3, 4 of PML4, PDPT, PD, PT; PAE uses the lower three. */
#define VA_4LEVEL	((1ul << 39) | VA_PAE)
#define VA_5LEVEL	((5ul << 48) | VA_4LEVEL)
#define VA_PAE		((2ul << 30) | (3ul << 21) | (4ul << 12) | OFFSET)

/* 32-bit: index 3 of the directory, 4 of the table, 4 bytes each. */
#define VA_32BIT	((3ul << 22) | (4ul << 12) | OFFSET)
#define PDE32_AT	(PD + 3 * 4)
#define PTE32_AT	(PT + 4 * 4)

#define PWU		(PTE_P | PTE_W | PTE_U)

struct world {
	uint8_t			*ram, *rom;
	struct guest_mem	mem;
	struct walk_mode	mode;
	struct walk		w;
	uint64_t		va;
};

static inline int world_make(void **state)
{
	struct world *g = calloc(1, sizeof(*g));

	g->ram = aligned_alloc(PAGE_SIZE, RAM_SIZE);
	g->rom = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	memset(g->ram, 0, RAM_SIZE);
	memset(g->rom, 0, PAGE_SIZE);
	g->mem.slots = 2;
	g->mem.slot[0] = (struct guest_mem_slot){
		gpa(0), RAM_SIZE, hpa_of(g->ram), false };
	g->mem.slot[1] = (struct guest_mem_slot){
		gpa(ROM_BASE), PAGE_SIZE, hpa_of(g->rom), true };
	g->mode = (struct walk_mode){
		.cr0 = CR0_PE | CR0_PG | CR0_WP,
		.maxphyaddr = 40, .pse36 = true, .page1g = true, .nx = true,
	};
	*state = g;
	return 0;
}

static inline int world_free(void **state)
{
	struct world *g = *state;

	free(g->ram);
	free(g->rom);
	free(g);
	return 0;
}

static inline uint8_t *at(struct world *g, uint64_t address)
{
	return address >= ROM_BASE ? g->rom + (address - ROM_BASE)
				   : g->ram + address;
}

static inline void put64(struct world *g, uint64_t address, uint64_t value)
{
	memcpy(at(g, address), &value, sizeof(value));
}

static inline uint64_t get64(struct world *g, uint64_t address)
{
	uint64_t value;

	memcpy(&value, at(g, address), sizeof(value));
	return value;
}

static inline void put32(struct world *g, uint64_t address, uint32_t value)
{
	memcpy(at(g, address), &value, sizeof(value));
}

static inline uint32_t get32(struct world *g, uint64_t address)
{
	uint32_t value;

	memcpy(&value, at(g, address), sizeof(value));
	return value;
}

static inline void or64(struct world *g, uint64_t address, uint64_t bits)
{
	put64(g, address, get64(g, address) | bits);
}

static inline void clear64(struct world *g, uint64_t address, uint64_t bits)
{
	put64(g, address, get64(g, address) & ~bits);
}

static inline struct world *world_4level(void **state)
{
	struct world *g = *state;

	put64(g, PML4E_AT, PDPT | PWU);
	put64(g, PDPTE_AT, PD | PWU);
	put64(g, PDE_AT, PT | PWU);
	put64(g, PTE_AT, DATA | PWU);
	g->mode.cr3 = PML4;
	g->mode.cr4 = CR4_PAE;
	g->mode.efer = EFER_LME | EFER_LMA | EFER_NXE;
	g->va = VA_4LEVEL;
	return g;
}

static inline struct world *world_5level(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PML5E_AT, PML4 | PWU);
	g->mode.cr3 = PML5;
	g->mode.cr4 |= CR4_LA57;
	g->va = VA_5LEVEL;
	return g;
}

static inline struct world *world_pae(void **state)
{
	struct world *g = world_4level(state);

	g->mode.pdpte[2] = PD | PTE_P;
	g->mode.cr3 = PDPT;
	g->mode.efer = EFER_NXE;
	g->va = VA_PAE;
	return g;
}

static inline struct world *world_32bit(void **state)
{
	struct world *g = *state;

	put32(g, PDE32_AT, PT | PWU);
	put32(g, PTE32_AT, DATA | PWU);
	g->mode.cr3 = PD;
	g->mode.cr4 = 0;
	g->va = VA_32BIT;
	return g;
}

static inline enum walk_result go(struct world *g, unsigned access)
{
	memset(&g->w, 0xa5, sizeof(g->w));
	return walk(&g->mode, &g->mem, gva(g->va), access, &g->w);
}

#define assert_gpa(g, access, expected) do {				\
	assert_int_equal(go(g, access), WALK_OK);			\
	assert_int_equal((g)->w.gpa.v, expected);			\
	assert_int_equal((g)->w.error, 0);				\
} while (0)

#define assert_fault(g, access, expected) do {				\
	assert_int_equal(go(g, access), WALK_FAULT);			\
	assert_int_equal((g)->w.error, expected);			\
} while (0)

#define TEST(name)	cmocka_unit_test_setup_teardown(name, world_make, \
							world_free)
#define RSVD_FAULT	(PFEC_P | PFEC_RSVD)

#endif
