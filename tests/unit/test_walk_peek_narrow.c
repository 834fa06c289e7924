/*
 * The short walk's memory of 32-bit paging, and of one mode after another: it ends with
 * any entry, CR3 or control bit that leads elsewhere, flush or none. SDM 3A 4.3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mmu/walk.h"

#define RAM_SIZE	(UINT64_C(1) << 20)
#define VA_32		((UINT64_C(3) << 22) | (4 << PAGE_SHIFT) | 0x123)
#define PDE_32		3u		/* its indices */
#define PTE_32		4u

static uint8_t *ram;

struct narrow {
	struct guest_mem	mem;
	struct walk_roots	roots;
	struct walk_trail	trail;
	uint32_t		*tables;
};

/* Directory 1, table 2, frame 5; a second directory 6 with table 7 and frame 8. */
static struct narrow narrow(void)
{
	struct narrow n = {
		.mem.slot[0] = { .size = RAM_SIZE, .host = hpa_of(ram) },
		.mem.slots = 1,
		.roots = { .cr3 = PAGE_SIZE, .cr4 = CR4_PSE },
		.tables = (uint32_t *)ram,
	};

	memset(ram, 0, RAM_SIZE);
	n.tables[1024 + PDE_32] = 2 * PAGE_SIZE | PTE_P;
	n.tables[2 * 1024 + PTE_32] = 5 * PAGE_SIZE | PTE_P;
	n.tables[6 * 1024 + PDE_32] = 7 * PAGE_SIZE | PTE_P;
	n.tables[7 * 1024 + PTE_32] = 8 * PAGE_SIZE | PTE_P;
	return n;
}

static void assert_leads(struct narrow *n, uint64_t to)
{
	gpa_t at;

	assert_true(walk_peek(&n->mem, &n->roots, gva(VA_32), &n->trail, &at));
	assert_int_equal(at.v, to);
}

static void assert_declines(struct narrow *n)
{
	gpa_t at;

	assert_false(walk_peek(&n->mem, &n->roots, gva(VA_32), &n->trail, &at));
}

/* The second time by what is remembered, to any byte of the page, and of no other. */
static void the_trail_is_of_one_page(void **state)
{
	struct narrow n = narrow();
	gpa_t at;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_leads(&n, 5 * PAGE_SIZE + 0x123);
		assert_int_equal(n.trail.steps, 2);
	}
	assert_true(walk_peek(&n.mem, &n.roots, gva(VA_32 + 1), &n.trail, &at));
	assert_int_equal(at.v, 5 * PAGE_SIZE + 0x124);
	assert_false(walk_peek(&n.mem, &n.roots, gva(VA_32 + PAGE_SIZE), &n.trail, &at));
	assert_leads(&n, 5 * PAGE_SIZE + 0x123);
}

/* Above 4 GiB there is nothing: an address is its lower half. */
static void the_trail_looks_at_32_bits(void **state)
{
	struct narrow n = narrow();
	gpa_t at;

	(void)state;
	assert_leads(&n, 5 * PAGE_SIZE + 0x123);
	assert_true(walk_peek(&n.mem, &n.roots, gva(BIT(32) | VA_32), &n.trail, &at));
	assert_int_equal(at.v, 5 * PAGE_SIZE + 0x123);
}

static void the_trail_ends_with_a_pte(void **state)
{
	struct narrow n = narrow();

	(void)state;
	assert_leads(&n, 5 * PAGE_SIZE + 0x123);
	n.tables[2 * 1024 + PTE_32] = 9 * PAGE_SIZE | PTE_P;
	assert_leads(&n, 9 * PAGE_SIZE + 0x123);
	n.tables[2 * 1024 + PTE_32] = 0;
	assert_declines(&n);
	assert_declines(&n);
	n.tables[2 * 1024 + PTE_32] = 5 * PAGE_SIZE | PTE_P;
	assert_leads(&n, 5 * PAGE_SIZE + 0x123);
}

static void the_trail_ends_with_a_pde(void **state)
{
	struct narrow n = narrow();

	(void)state;
	assert_leads(&n, 5 * PAGE_SIZE + 0x123);
	n.tables[1024 + PDE_32] = 7 * PAGE_SIZE | PTE_P;
	assert_leads(&n, 8 * PAGE_SIZE + 0x123);
	/* A large page in its place, and back. */
	n.tables[1024 + PDE_32] = PTE_P | PTE_PS;
	assert_leads(&n, (VA_32 & (SIZE_4M - 1)));
	assert_leads(&n, (VA_32 & (SIZE_4M - 1)));
	assert_int_equal(n.trail.steps, 1);
	n.tables[1024 + PDE_32] = 2 * PAGE_SIZE | PTE_P;
	assert_leads(&n, 5 * PAGE_SIZE + 0x123);
	n.tables[1024 + PDE_32] = 0;
	assert_declines(&n);
}

/* A directory's bit 7 means a large page only with CR4.PSE. SDM 3A table 4-4. */
static void the_trail_ends_with_pse(void **state)
{
	struct narrow n = narrow();

	(void)state;
	n.tables[1024 + PDE_32] = PTE_P | PTE_PS;
	n.tables[PTE_32] = 9 * PAGE_SIZE | PTE_P;	/* the table, if it is one */
	for (unsigned i = 0; i < 2; i++) {
		n.roots.cr4 = CR4_PSE;
		assert_leads(&n, VA_32 & (SIZE_4M - 1));
		n.roots.cr4 = 0;
		assert_leads(&n, 9 * PAGE_SIZE + 0x123);
	}
}

static void the_trail_ends_with_cr3(void **state)
{
	struct narrow n = narrow();

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		n.roots.cr3 = PAGE_SIZE;
		assert_leads(&n, 5 * PAGE_SIZE + 0x123);
		n.roots.cr3 = 6 * PAGE_SIZE;
		assert_leads(&n, 8 * PAGE_SIZE + 0x123);
	}
	n.roots.cr3 = RAM_SIZE;
	assert_declines(&n);
	n.roots.cr3 = 6 * PAGE_SIZE;
	assert_leads(&n, 8 * PAGE_SIZE + 0x123);
}

/* One trail through all modes, the same CR3 and page: each reads the tables its own way. */
static void the_trail_ends_with_the_mode(void **state)
{
	static const uint64_t pdpte[4] = { 10 * PAGE_SIZE | PTE_P };
	struct narrow n = narrow();
	uint64_t *tables = (uint64_t *)ram;

	(void)state;
	n.roots.pdpte = pdpte;
	tables[512] = 12 * PAGE_SIZE | PTE_P;		/* PML4, and two entries of 32 bits */
	tables[12 * 512] = 10 * PAGE_SIZE | PTE_P;
	tables[10 * 512 + VA_32 / SIZE_2M] = 11 * PAGE_SIZE | PTE_P;
	tables[11 * 512 + PTE_32] = 13 * PAGE_SIZE | PTE_P;
	for (unsigned i = 0; i < 4; i++) {
		n.roots.cr4 = CR4_PSE;
		n.roots.efer = 0;
		assert_leads(&n, 5 * PAGE_SIZE + 0x123);
		n.roots.cr4 = CR4_PSE | CR4_PAE;
		if (i & 1)
			assert_leads(&n, 13 * PAGE_SIZE + 0x123);
		n.roots.efer = EFER_LME | EFER_LMA;
		if (i & 2)
			assert_leads(&n, 13 * PAGE_SIZE + 0x123);
	}
	/* A walk of PAE's in between is not what long mode's is judged by. */
	n.roots.efer = EFER_LME | EFER_LMA;
	assert_leads(&n, 13 * PAGE_SIZE + 0x123);
	n.roots.efer = 0;
	assert_leads(&n, 13 * PAGE_SIZE + 0x123);
	n.roots.efer = EFER_LME | EFER_LMA;
	tables[512] = 0;
	assert_declines(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_trail_is_of_one_page),
		cmocka_unit_test(the_trail_looks_at_32_bits),
		cmocka_unit_test(the_trail_ends_with_a_pte),
		cmocka_unit_test(the_trail_ends_with_a_pde),
		cmocka_unit_test(the_trail_ends_with_pse),
		cmocka_unit_test(the_trail_ends_with_cr3),
		cmocka_unit_test(the_trail_ends_with_the_mode),
	};
	int failed;

	ram = aligned_alloc(PAGE_SIZE, RAM_SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(ram);
	return failed;
}
