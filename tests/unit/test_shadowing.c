/*
 * Shadow tables joined to a vm: when an instruction that the emulator does not have is
 * left to the guest, and when that has been tried often enough; where code is read
 * from; what is counted. The shadow's own rules are tested elsewhere.
 */
#include "fake_world.h"

#include <sys/mman.h>

#include "core/shadowing.h"
#include "mmu/shadow_page.h"

#define POOL_SIZE	(4 * SIZE_2M)
#define ALIAS		SIZE_1G		/* what the second directory maps */
#define DIRECTORY	0x5000u
#define TABLE		0x6000u
#define TABLE_AT	(2 * SIZE_2M)	/* what the table maps */
#define STORE		0x9000u		/* where a store by SSE lies */
#define STORES		12		/* more than any patience */

static struct frame_pool pool;
static void *pool_memory;

/* 64-bit code on shadow tables that are all read-only while they are in use. */
static int shadow_setup(void **state)
{
	struct world *w = world_make(world_seed);

	pool_memory = mmap(NULL, POOL_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	assert_ptr_not_equal(pool_memory, MAP_FAILED);
	frame_pool_init(&pool, hpa_of(pool_memory), POOL_SIZE);
	world_long(w);
	w->vm.vcpu.cr0 |= CR0_WP;
	w->vm.vcpu.cr4 |= CR4_OSFXSR;
	w->cpu.caps.paged_real = w->cpu.caps.nx = true;
	w->cpu.caps.pat_switch = false;
	w->cpu.pool = &pool;
	w->vm.rung = &rungs[RUNG_SVM_SHADOW];
	w->vm.options.sync = SHADOW_PROTECT;
	world_entry(w, WORLD_PDPT, 1, DIRECTORY | WORLD_TABLE);
	world_entry(w, DIRECTORY, 0, WORLD_TABLE | PTE_PS);
	assert_int_equal(shadowing_init(&w->vm), HV_OK);
	*state = w;
	return 0;
}

static int shadow_teardown(void **state)
{
	struct world *w = *state;

	shadowing_fini(&w->vm);
	assert_int_equal(munmap(pool_memory, POOL_SIZE), 0);
	return world_teardown(state);
}

/* MOVUPS [address], XMM0: 0F 11 /r, here by a 32-bit displacement. SDM 2B "MOVUPS". */
static void put_store(struct world *w, uint32_t address)
{
	static const uint8_t store[] = { 0x0f, 0x11, 0x04, 0x25 };

	memcpy(w->ram + STORE, store, sizeof(store));
	memcpy(w->ram + STORE + sizeof(store), &address, sizeof(address));
}

static void at_store(struct fake *fake)
{
	fake->cpu.rip = STORE;
}

static void elsewhere(struct fake *fake)
{
	fake->cpu.rip = WORLD_CODE;
}

/* A page fault of the hardware's. */
static struct fake_step fault(uint64_t address, uint32_t error,
			      void (*play)(struct fake *fake))
{
	return (struct fake_step){
		.exit = { .reason = EXIT_EXCEPTION, .exception = {
			.kind = EVENT_EXCEPTION, .vector = VEC_PF,
			.has_error = true, .error = error, .cr2 = address } },
		.play = play,
	};
}

/* The table is used again after each store: nobody is stuck. */
static void a_store_that_is_done_may_be_left_to_the_guest_again(void **state)
{
	struct fake_step step[2 * STORES];
	struct world *w = *state;

	put_store(w, DIRECTORY);
	for (unsigned i = 0; i < STORES; i++) {
		step[2 * i] = fault(ALIAS, 0, elsewhere);
		step[2 * i + 1] = fault(DIRECTORY, PFEC_W, at_store);
	}
	RUN(w, step);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->fake.entries, ARRAY_SIZE(step) + 1);
}

/* What it writes is the table that maps it: that is let go, and stays. */
static void a_store_to_the_table_that_maps_it_gets_on(void **state)
{
	const struct fake_step step[] = {
		fault(WORLD_PD, PFEC_W, at_store), fault(WORLD_PD, PFEC_W | PFEC_P, at_store),
	};
	struct world *w = *state;

	put_store(w, WORLD_PD);
	RUN(w, step);
	assert_int_equal(w->vm.end, END_HALT);
	assert_false(shadow_frame(&w->vm.shadow, WORLD_PD / PAGE_SIZE)->tracked);
	assert_int_not_equal(shadow_frame(&w->vm.shadow, WORLD_PD / PAGE_SIZE)->writable, 0);
}

/* As want of shadow pages would have it: what the store needs is taken back each time. */
static void take_back(struct fake *fake)
{
	struct world *w = (struct world *)(void *)fake;

	shadow_give_up(&w->vm.shadow, gpa(WORLD_PD));
	shadow_give_up(&w->vm.shadow, gpa(DIRECTORY));
	shadow_give_up(&w->vm.shadow, gpa(TABLE));
	at_store(fake);
}

static void a_store_that_never_gets_on_ends_the_guest(void **state)
{
	struct fake_step step[STORES];
	struct world *w = *state;

	put_store(w, WORLD_PD);
	for (unsigned i = 0; i < STORES; i++)
		step[i] = fault(WORLD_PD, PFEC_W, take_back);
	RUN(w, step);
	assert_int_equal(w->vm.end, END_STOPPED);
	assert_in_range(w->fake.entries, 2, STORES - 1);
	assert_non_null(strstr(w->vm.end_reason, "SSE instruction"));
}

/* Across two pages, each of which holds the table that maps the other. */
static struct fake_step two_tables(struct world *w, uint64_t first, unsigned i)
{
	world_entry(w, DIRECTORY, TABLE_AT / SIZE_2M, TABLE | WORLD_TABLE);
	world_entry(w, TABLE, 0, DIRECTORY | WORLD_TABLE);
	world_entry(w, TABLE, 1, TABLE | WORLD_TABLE);
	put_store(w, (uint32_t)first);
	return fault(i % 2 ? first + 8 : first, PFEC_W, take_back);
}

static void two_tables_in_turn_end_the_guest(void **state)
{
	struct fake_step step[2 * STORES];
	struct world *w = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(step); i++)
		step[i] = two_tables(w, ALIAS + TABLE_AT + PAGE_SIZE - 8, i);
	RUN(w, step);
	assert_int_equal(w->vm.end, END_STOPPED);
}

/* The first fault was elsewhere, and does not come again. */
static void the_second_of_two_tables_is_enough(void **state)
{
	struct fake_step step[4 * STORES];
	struct world *w = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(step); i++)
		step[i] = two_tables(w, ALIAS + TABLE_AT + PAGE_SIZE - 8, !!i);
	RUN(w, step);
	assert_int_equal(w->vm.end, END_STOPPED);
}

/* ---- code, where the hardware tells no lengths ---- */

#define CODE_PAGE	(ALIAS + SIZE_2M)	/* in the second entry of the directory */
#define CODE_OFFSET	0x10u
static const uint8_t wrmsr[] = { 0x0f, 0x30 }, cpuid[] = { 0x0f, 0xa2 },
		     cpuid_long[] = { 0x66, 0x0f, 0xa2 };

static void at_code_page(struct fake *fake)
{
	fake->cpu.rip = CODE_PAGE;
}

/* A handler of a step trap, say: it has given the page another frame before it returns. */
static void code_moves(struct fake *fake)
{
	struct world *w = (struct world *)(void *)fake;

	shadow_write(&w->vm.shadow, gpa(DIRECTORY + sizeof(uint64_t)), sizeof(uint64_t));
	world_entry(w, DIRECTORY, 1, WORLD_TABLE | PTE_PS);
	fake->cpu.rip = CODE_PAGE + CODE_OFFSET;
}

static void code_is_read_where_the_new_root_leads(void **state)
{
	const struct fake_step step[] = {
		{ .exit = { .reason = EXIT_MSR, .msr.write = true }, .play = at_code_page },
		fault(CODE_PAGE + CODE_OFFSET, PFEC_I, code_moves),
		{ .exit.reason = EXIT_CPUID },
	};
	struct world *w = *state;

	world_entry(w, DIRECTORY, 1, SIZE_2M | WORLD_TABLE | PTE_PS);
	memcpy(w->ram + SIZE_2M, wrmsr, sizeof(wrmsr));
	memcpy(w->ram + SIZE_2M + CODE_OFFSET, cpuid, sizeof(cpuid));
	memcpy(w->ram + CODE_OFFSET, cpuid_long, sizeof(cpuid_long));
	w->vm.vcpu.gpr[GPR_RCX] = MSR_EFER;
	w->vm.vcpu.gpr[GPR_RAX] = w->vm.vcpu.efer | EFER_NXE;
	RUN(w, step);
	assert_int_equal(world_after(w, 0)->rip, CODE_PAGE + sizeof(wrmsr));
	assert_int_equal(world_after(w, 2)->rip,
			 CODE_PAGE + CODE_OFFSET + sizeof(cpuid_long));
}

/* ---- what is counted ---- */

/* With CR0.WP clear, and no masks, each write exits; for the tables' sake alone. */
static void a_write_of_cr0_is_not_observing(void **state)
{
	const struct fake_step step = STEP(EXIT_CR, .insn_len = 3, .decoded = true,
		.cr = { .number = 0, .gpr = GPR_RBX, .kind = CR_WRITE });
	struct world *w = *state;

	w->vm.vcpu.cr0 &= ~CR0_WP;
	w->vm.vcpu.gpr[GPR_RBX] = w->vm.vcpu.cr0 | CR0_TS;
	world_run(w, &step, 1);
	assert_int_equal(world_after(w, 0)->cr0 & CR0_TS, CR0_TS);
	assert_int_equal(w->vm.tally.by_reason[EXIT_CR], 1);
	assert_int_equal(w->vm.tally.observe, 0);
}

#define SHADOW_TEST(name)						\
	cmocka_unit_test_setup_teardown(name, shadow_setup, shadow_teardown)

static const struct CMUnitTest tests[] = {
	SHADOW_TEST(a_store_that_is_done_may_be_left_to_the_guest_again),
	SHADOW_TEST(a_store_to_the_table_that_maps_it_gets_on),
	SHADOW_TEST(a_store_that_never_gets_on_ends_the_guest),
	SHADOW_TEST(two_tables_in_turn_end_the_guest),
	SHADOW_TEST(the_second_of_two_tables_is_enough),
	SHADOW_TEST(code_is_read_where_the_new_root_leads),
	SHADOW_TEST(a_write_of_cr0_is_not_observing),
};

WORLD_MAIN(tests)
