/*
 * The short walk against the full one: wherever the full walk succeeds the short
 * one gives the same address or declines; it never leaves guest memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mmu/walk.h"

#define RAM_SIZE	(UINT64_C(1) << 20)
#define TABLES		16u
#define ROUNDS		200000u

static uint8_t *ram;
static uint64_t seed;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static struct guest_mem memory(void)
{
	return (struct guest_mem){
		.slot[0] = { .size = RAM_SIZE, .host = hpa_of(ram) },
		.slots = 1,
	};
}

/* Tables that point at each other, sometimes large, sometimes out of RAM. */
static void random_tables(bool wide)
{
	for (unsigned i = 0; i < TABLES * PAGE_SIZE / 8; i++) {
		uint64_t r = next();
		uint64_t entry = (next() % TABLES) << PAGE_SHIFT |
				 PTE_P | PTE_W | PTE_U;

		if (r % 16 == 0)
			entry &= ~PTE_P;
		if (r % 16 == 1)
			entry |= PTE_PS;
		if (r % 64 == 2)
			entry |= BIT(30);
		if (wide)
			((uint64_t *)ram)[i] = entry;
		else
			((uint64_t *)ram)[i] = entry | (entry ^ PAGE_SIZE) << 32;
	}
}

/* Returns how often both found the address. */
static unsigned agree(struct walk_mode *mode)
{
	const struct guest_mem mem = memory();
	const struct walk_roots roots = {
		mode->cr3, mode->cr4, mode->efer, mode->pdpte,
	};
	struct walk_trail trail = { 0 };
	unsigned same = 0;

	for (unsigned i = 0; i < ROUNDS / 100; i++) {
		uint64_t linear = next() & BITS(46, 0);
		struct walk full;
		gpa_t at;

		if (!(mode->efer & EFER_LMA))
			linear = (uint32_t)linear;
		if (walk(mode, &mem, gva(linear), ACCESS_READ | ACCESS_NO_AD,
			 &full) != WALK_OK)
			(void)!walk_peek(&mem, &roots, gva(linear), &trail, &at);
		else if (walk_peek(&mem, &roots, gva(linear), &trail, &at)) {
			assert_int_equal(at.v, full.gpa.v);
			same++;
		}
	}
	return same;
}

static struct walk_mode base(uint64_t cr4, uint64_t efer)
{
	struct walk_mode mode = {
		.cr0 = CR0_PE | CR0_PG, .cr3 = 0, .cr4 = cr4, .efer = efer,
		.maxphyaddr = 40, .page1g = true, .nx = true,
	};

	for (unsigned i = 0; i < 4; i++)
		mode.pdpte[i] = (next() % TABLES) << PAGE_SHIFT | PTE_P;
	return mode;
}

static void over_rounds(uint64_t cr4, uint64_t efer, bool wide)
{
	unsigned same = 0;

	for (unsigned i = 0; i < 50; i++) {
		struct walk_mode mode = base(cr4, efer);

		random_tables(wide);
		same += agree(&mode);
	}
	/* Half of all addresses are mapped somewhere: the test must see them. */
	assert_true(same > ROUNDS / 10);
}

static void test_4level_agrees(void **state)
{
	(void)state;
	over_rounds(CR4_PAE, EFER_LME | EFER_LMA, true);
}

static void test_5level_agrees(void **state)
{
	(void)state;
	over_rounds(CR4_PAE | CR4_LA57, EFER_LME | EFER_LMA, true);
}

static void test_pae_agrees(void **state)
{
	(void)state;
	over_rounds(CR4_PAE, 0, true);
}

static void test_32bit_agrees(void **state)
{
	(void)state;
	over_rounds(CR4_PSE, 0, false);
	over_rounds(0, 0, false);
}

/* One mapping by hand: PML4 -> PDPT -> PD -> PT -> frame. */
static void test_4level_by_hand(void **state)
{
	const struct walk_roots roots = {
		PAGE_SIZE, CR4_PAE, EFER_LME | EFER_LMA, NULL,
	};
	const struct guest_mem mem = memory();
	uint64_t *tables = (uint64_t *)ram;
	struct walk_trail trail = { 0 };
	gpa_t at;

	(void)state;
	memset(ram, 0, RAM_SIZE);
	tables[512 + 1] = 2 * PAGE_SIZE | PTE_P;
	tables[2 * 512 + 2] = 3 * PAGE_SIZE | PTE_P;
	tables[3 * 512 + 3] = 4 * PAGE_SIZE | PTE_P;
	tables[4 * 512 + 4] = 5 * PAGE_SIZE | PTE_P;
	assert_true(walk_peek(&mem, &roots, gva(BIT(39) | 2 * BIT(30) |
		    3 * BIT(21) | 4 * BIT(12) | 0x123), &trail, &at));
	assert_int_equal(at.v, 5 * PAGE_SIZE + 0x123);
	assert_false(walk_peek(&mem, &roots, gva(0), &trail, &at));
}

/*
 * Each entry on the way is looked at again: a guest that changes any of them, with
 * or without a flush, is seen.
 */
static void test_trail_ends_with_a_change(void **state)
{
	const struct walk_roots roots = {
		PAGE_SIZE, CR4_PAE, EFER_LME | EFER_LMA, NULL,
	};
	const struct guest_mem mem = memory();
	uint64_t *tables = (uint64_t *)ram;

	(void)state;
	for (unsigned level = 1; level <= 4; level++) {
		struct walk_trail trail = { 0 };
		gpa_t at;

		memset(ram, 0, RAM_SIZE);
		for (unsigned i = 1; i <= 4; i++)
			tables[i * 512] = (i + 1) * PAGE_SIZE | PTE_P;
		tables[8 * 512] = 9 * PAGE_SIZE | PTE_P;
		for (unsigned i = 0; i < 2; i++) {
			assert_true(walk_peek(&mem, &roots, gva(8), &trail, &at));
			assert_int_equal(at.v, 5 * PAGE_SIZE + 8);
		}
		assert_int_equal(trail.steps, 4);
		if (level == 4) {
			tables[4 * 512] = 7 * PAGE_SIZE | PTE_P;
			assert_true(walk_peek(&mem, &roots, gva(8), &trail, &at));
			assert_int_equal(at.v, 7 * PAGE_SIZE + 8);
			continue;
		}
		tables[level * 512] = 0;
		assert_false(walk_peek(&mem, &roots, gva(8), &trail, &at));
	}
}

/* A root outside guest memory is declined, not read. */
static void test_root_outside_memory(void **state)
{
	const struct walk_roots roots = {
		RAM_SIZE, CR4_PAE, EFER_LME | EFER_LMA, NULL,
	};
	const struct guest_mem mem = memory();
	struct walk_trail trail = { 0 };
	gpa_t at;

	(void)state;
	assert_false(walk_peek(&mem, &roots, gva(0), &trail, &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_4level_by_hand),
		cmocka_unit_test(test_root_outside_memory),
		cmocka_unit_test(test_trail_ends_with_a_change),
		cmocka_unit_test(test_4level_agrees),
		cmocka_unit_test(test_5level_agrees),
		cmocka_unit_test(test_pae_agrees),
		cmocka_unit_test(test_32bit_agrees),
	};
	const char *given = getenv("DIPTYCH_SEED");

	setvbuf(stdout, NULL, _IONBF, 0);
	ram = aligned_alloc(PAGE_SIZE, RAM_SIZE);
	seed = given ? strtoull(given, NULL, 0) : 0x2545f4914f6cdd1d;
	printf("seed %#llx\n", (unsigned long long)seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
