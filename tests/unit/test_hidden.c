/*
 * The stand-ins for paging and a task, entry by entry and as the CPU walks them. What
 * is expected comes from SDM 3A "32-Bit Paging" 4.3, "PAE Paging" 4.4, tables 4-4,
 * 4-10, 4-11; "Task-State Segment (TSS)" 7.2.1; SDM 1 "I/O Permission Bit Map" 19.5.2.
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

/* A task state in a pool with room for `frames`, and the CPU that walks it. */
struct task {
	uint8_t			*memory;
	struct frame_pool	pool;
	hpa_t			directory;
	enum hv_err		err;
};

#define TASK_ROOM	8u

static struct task task_make(unsigned frames)
{
	struct task t = {
		.memory = aligned_alloc(PAGE_SIZE, TASK_ROOM * PAGE_SIZE),
	};

	memset(t.memory, 0x5a, TASK_ROOM * PAGE_SIZE);
	frame_pool_init(&t.pool, hpa_of(t.memory), frames * PAGE_SIZE);
	t.err = hidden_task_make(&t.pool, &t.directory);
	return t;
}

static enum walk_result task_look(const struct task *t, uint64_t address,
				  unsigned access, struct walk *out)
{
	const struct walk_mode mode = {
		.cr0 = CR0_PE | CR0_PG | CR0_WP, .cr4 = CR4_PAE,
		.pdpte[3] = t->directory.v | PTE_P, .maxphyaddr = 52,
	};
	const struct guest_mem mem = {
		.slot[0] = {
			.base = gpa(hpa_of(t->memory).v),
			.size = TASK_ROOM * PAGE_SIZE, .host = hpa_of(t->memory),
		},
		.slots = 1,
	};

	return walk(&mode, &mem, gva(address), access, out);
}

/* Read through the tables, as the CPU does when vm86 code executes INT n or IN. */
static uint8_t task_byte(const struct task *t, uint64_t offset)
{
	struct walk w;

	assert_int_equal(task_look(t, HIDDEN_TSS + offset,
				   ACCESS_READ | ACCESS_IMPLICIT, &w), WALK_OK);
	assert_in_range(w.gpa.v, hpa_of(t->memory).v,
			hpa_of(t->memory).v + TASK_ROOM * PAGE_SIZE - 1);
	return *(uint8_t *)hpa_ptr(hpa(w.gpa.v));
}

/* 19.5.2: the map ends with a byte of ones inside the limit. 104 + 32 + 8192 = 2088h. */
static void the_task_lets_all_ports_and_interrupts_through(void **state)
{
	struct task t = task_make(TASK_ROOM);

	(void)state;
	assert_int_equal(t.err, HV_OK);
	assert_int_equal(TSS_LIMIT, 0x2088);
	for (unsigned at = 0; at < TSS_LIMIT; at++)
		if (at == 102)
			assert_int_equal(task_byte(&t, at), 0x88);
		else
			assert_int_equal(task_byte(&t, at), 0);
	assert_int_equal(task_byte(&t, TSS_LIMIT), 0xff);
	free(t.memory);
}

/* 4.4: only its own pages, and for the CPU's own accesses alone, of all the fourth GiB. */
static void the_task_is_all_there_is_and_the_supervisors(void **state)
{
	struct task t = task_make(TASK_ROOM);
	struct walk w;

	(void)state;
	for (uint64_t at = 3 * SIZE_1G; at < SIZE_4G; at += PAGE_SIZE) {
		bool ours = at >= 0xfb002000 && at < 0xfb005000;

		assert_int_equal(task_look(&t, at, ACCESS_WRITE, &w),
				 ours ? WALK_OK : WALK_FAULT);
		assert_int_equal(task_look(&t, at, ACCESS_USER, &w), WALK_FAULT);
		assert_int_equal(w.error, PFEC_U | (ours ? PFEC_P : 0));
	}
	free(t.memory);
}

/* Three frames of its own, none of them a table; accessed and dirty are preset. */
static void walks_leave_the_tasks_tables_as_they_are(void **state)
{
	struct task t = task_make(TASK_ROOM);
	uint8_t *before = malloc(TASK_ROOM * PAGE_SIZE);
	gpa_t frame[3];
	struct walk w;

	(void)state;
	memcpy(before, t.memory, TASK_ROOM * PAGE_SIZE);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(task_look(&t, HIDDEN_TSS + i * PAGE_SIZE,
					   ACCESS_WRITE, &w), WALK_OK);
		frame[i] = w.gpa;
		assert_int_not_equal(w.gpa.v, w.entry_gpa[0].v & ~PAGE_MASK);
		assert_int_not_equal(w.gpa.v, t.directory.v);
	}
	assert_true(frame[0].v != frame[1].v && frame[1].v != frame[2].v &&
		    frame[0].v != frame[2].v);
	assert_memory_equal(t.memory, before, TASK_ROOM * PAGE_SIZE);
	free(before);
	free(t.memory);
}

/* Whatever room there is: made whole or not at all, and every frame comes back. */
static void the_tasks_frames_come_back(void **state)
{
	unsigned made = 0;

	(void)state;
	for (unsigned room = 0; room < TASK_ROOM; room++) {
		struct task t = task_make(room);

		if (t.err == HV_OK) {
			made++;
			assert_int_equal(t.pool.used, 5);
			hidden_task_free(&t.pool, t.directory);
		} else {
			assert_int_equal(t.err, HV_NO_MEMORY);
			assert_true(room < 5);
		}
		assert_int_equal(t.pool.used, 0);
		free(t.memory);
	}
	assert_int_equal(made, 3);
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
		cmocka_unit_test(the_task_lets_all_ports_and_interrupts_through),
		cmocka_unit_test(the_task_is_all_there_is_and_the_supervisors),
		cmocka_unit_test(walks_leave_the_tasks_tables_as_they_are),
		cmocka_unit_test(the_tasks_frames_come_back),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
