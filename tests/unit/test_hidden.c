/*
 * The identity map of a guest without paging, entry by entry and as the CPU walks
 * it. What is expected comes from SDM 3A "32-Bit Paging" 4.3, table 4-4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mmu/hidden.h"
#include "mmu/walk.h"

#define HOLE		UINT64_C(0xfb000000)
#define HOLE_ENTRY	(HOLE / SIZE_4M)
/* Table 4-4: P, R/W, U/S, A, D, PS; and the same but for U/S. */
#define OPEN		0xe7u
#define SUPERVISOR	0xe3u

static uint32_t *directory;

/* A directory at guest-physical zero, walked as with CR0.PE, PG and CR4.PSE set. */
static enum walk_result look(uint32_t address, unsigned access, uint64_t cr0,
			     struct walk *out)
{
	const struct walk_mode mode = {
		.cr0 = CR0_PE | CR0_PG | cr0, .cr4 = CR4_PSE, .maxphyaddr = 40,
	};
	const struct guest_mem mem = {
		.slot[0] = { .size = PAGE_SIZE, .host = hpa_of(directory) },
		.slots = 1,
	};

	return walk(&mode, &mem, gva(address), access, out);
}

static int make(void **state)
{
	(void)state;
	directory = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	memset(directory, 0x5a, PAGE_SIZE);
	return directory == NULL;
}

static int unmake(void **state)
{
	(void)state;
	free(directory);
	return 0;
}

/* All 1,024 entries but the hole's: their own 4 MiB, open, accessed and dirty. */
static void each_entry_maps_its_own_address(void **state)
{
	(void)state;
	for (unsigned supervisor = 0; supervisor < 2; supervisor++) {
		hidden_fill(directory, gpa(HOLE), supervisor);
		for (uint64_t i = 0; i < HIDDEN_ENTRIES; i++)
			if (i != HOLE_ENTRY)
				assert_int_equal(directory[i], i * SIZE_4M | OPEN);
	}
}

static void the_hole_is_absent(void **state)
{
	(void)state;
	hidden_fill(directory, gpa(HOLE), false);
	assert_int_equal(directory[HOLE_ENTRY] & PTE_P, 0);
}

static void the_hole_of_vm86_is_the_supervisors(void **state)
{
	(void)state;
	hidden_fill(directory, gpa(HOLE), true);
	assert_int_equal(directory[HOLE_ENTRY], HOLE | SUPERVISOR);
}

/* Any address inside the 4 MiB names the same hole. */
static void the_hole_is_the_four_mib_around_an_address(void **state)
{
	(void)state;
	hidden_fill(directory, gpa(HOLE + SIZE_4M - 1), false);
	assert_int_equal(directory[HOLE_ENTRY] & PTE_P, 0);
	assert_int_equal(directory[HOLE_ENTRY - 1], (HOLE - SIZE_4M) | OPEN);
	assert_int_equal(directory[HOLE_ENTRY + 1], (HOLE + SIZE_4M) | OPEN);
}

/* Linear address = physical address, for reads, writes and fetches of all rings. */
static void the_cpu_finds_every_address_at_itself(void **state)
{
	static const unsigned accesses[] = {
		ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH, ACCESS_USER,
		ACCESS_USER | ACCESS_WRITE, ACCESS_USER | ACCESS_FETCH,
	};
	struct walk w;

	(void)state;
	hidden_fill(directory, gpa(HOLE), false);
	for (uint64_t at = 0; at < SIZE_4G; at += SIZE_4M / 2) {
		uint32_t address = (uint32_t)(at + at / SIZE_4M);

		if (at / SIZE_4M == HOLE_ENTRY)
			continue;
		for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++) {
			assert_int_equal(look(address, accesses[i], CR0_WP, &w),
					 WALK_OK);
			assert_int_equal(w.gpa.v, address);
			assert_int_equal(w.page_size, SIZE_4M);
			assert_true(w.user && w.write && !w.nx && !w.global);
		}
	}
}

/* Accessed and dirty are preset: no walk has a reason to write an entry. */
static void walks_leave_the_map_as_it_is(void **state)
{
	uint32_t before[HIDDEN_ENTRIES];
	struct walk w;

	(void)state;
	hidden_fill(directory, gpa(HOLE), true);
	memcpy(before, directory, sizeof(before));
	for (uint64_t at = 0; at < SIZE_4G; at += SIZE_4M)
		(void)!look((uint32_t)at, ACCESS_WRITE, 0, &w);
	assert_memory_equal(directory, before, sizeof(before));
}

/* SDM 3A "Page-Fault Exceptions" 4.7: not present, so P is clear in the error code. */
static void the_absent_hole_faults_for_all(void **state)
{
	struct walk w;

	(void)state;
	hidden_fill(directory, gpa(HOLE), false);
	assert_int_equal(look(HOLE, ACCESS_READ, 0, &w), WALK_FAULT);
	assert_int_equal(w.error, 0);
	assert_int_equal(look(HOLE + 0x2fff, ACCESS_USER | ACCESS_WRITE, 0, &w),
			 WALK_FAULT);
	assert_int_equal(w.error, PFEC_U | PFEC_W);
}

/* The CPU's own accesses reach the task state; vm86 code, at CPL 3, does not. */
static void the_supervisors_hole_faults_for_vm86_code(void **state)
{
	struct walk w;

	(void)state;
	hidden_fill(directory, gpa(HOLE), true);
	assert_int_equal(look(HOLE + 0x2000, ACCESS_READ | ACCESS_IMPLICIT, 0, &w),
			 WALK_OK);
	assert_int_equal(w.gpa.v, HOLE + 0x2000);
	assert_int_equal(look(HOLE + 0x2000, ACCESS_USER, 0, &w), WALK_FAULT);
	assert_int_equal(w.error, PFEC_P | PFEC_U);
	assert_int_equal(look(HOLE, ACCESS_USER | ACCESS_WRITE, 0, &w), WALK_FAULT);
	assert_int_equal(w.error, PFEC_P | PFEC_U | PFEC_W);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_entry_maps_its_own_address),
		cmocka_unit_test(the_hole_is_absent),
		cmocka_unit_test(the_hole_of_vm86_is_the_supervisors),
		cmocka_unit_test(the_hole_is_the_four_mib_around_an_address),
		cmocka_unit_test(the_cpu_finds_every_address_at_itself),
		cmocka_unit_test(walks_leave_the_map_as_it_is),
		cmocka_unit_test(the_absent_hole_faults_for_all),
		cmocka_unit_test(the_supervisors_hole_faults_for_vm86_code),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
