/*
 * One instruction gets on, whatever it touches: all its pages there at once, with the
 * fewest shadow pages that a guest's memory leads to, and a page that both sides want.
 */
#include "shadow_fixture.h"

#define ADDRESSES	12u	/* far CALL through a gate: six things, each across two pages */
#define TABLES		0x10000ul
#define NEVER		1000u
#define MEMORY_LEAST	SIZE_2M	/* what `mem=` takes */

/* Address n, all levels of whose translation are its own. */
static uint64_t apart(unsigned n)
{
	return (uint64_t)n << 48;
}

static struct rig *rig_apart(enum shadow_sync sync)
{
	struct rig *r = rig_make(sync);
	const struct shadow_config config = { .sync = sync, .nx = true };
	uint64_t table = TABLES;

	shadow_fini(&r->s);
	r->mem.slot[0].size = MEMORY_LEAST;
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_OK);
	for (unsigned n = 0; n < ADDRESSES; n++) {
		put64(r, PML5 + n * 8, table | PWU);
		for (unsigned level = 4; level; level--, table += PAGE_SIZE)
			put64(r, table, (level > 1 ? table + PAGE_SIZE : DATA) | PWU);
	}
	r->mode.cr3 = PML5;
	r->mode.cr4 = CR4_PAE | CR4_LA57;
	r->mode.efer = EFER_LME | EFER_LMA | EFER_NXE;
	rig_root(r);
	return r;
}

/* The first of its addresses that the hardware refuses, ADDRESSES: none. */
static unsigned refused_at(struct rig *r, uint32_t *error)
{
	for (unsigned n = 0; n < ADDRESSES; n++)
		if (hw_refuses(r, apart(n), ACCESS_READ, error))
			return n;
	return ADDRESSES;
}

/* Begun anew after each fault, it comes to its end after one for each address. */
static void test_all_that_one_instruction_touches_is_there_at_once(void **state)
{
	(void)state;
	for (enum shadow_sync sync = SHADOW_UNSYNC; sync <= SHADOW_FLUSH; sync++) {
		struct rig *r = rig_apart(sync);
		unsigned faults = 0, n;
		uint32_t error, own;

		for (; (n = refused_at(r, &error)) < ADDRESSES; faults++) {
			assert_in_range(faults, 0, NEVER);
			assert_int_equal(shadow_fault(&r->s, &r->mode, gva(apart(n)),
						      ACCESS_READ, error, &own),
					 SHADOW_DONE);
		}
		assert_int_equal(faults, ADDRESSES);
		rig_free(r);
	}
}

#define BY_USER		(ACCESS_FETCH | ACCESS_USER)
#define ROUNDS		100u

static struct rig *rig_read_only(uint64_t entry_at, uint64_t entry)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);

	put64(r, entry_at, entry);
	r->mode.cr0 &= ~CR0_WP;
	rig_root(r);
	return r;
}

/*
 * CR0.WP clear: user code, and the supervisor's stack in the same read-only page (in the
 * same large one). One instruction fetched there that goes through a gate needs both.
 */
static void one_for_both_sides(struct rig *r)
{
	unsigned faults = 0, emulated = 0;

	while (!emulated) {
		uint32_t error, own;
		bool fetched = !hw_refuses(r, r->va, BY_USER, &error);
		enum shadow_answer answer;

		assert_in_range(faults++, 0, NEVER);
		if (fetched)
			assert_true(hw_refuses(r, r->va + 8, ACCESS_WRITE, &error));
		answer = shadow_fault(&r->s, &r->mode, gva(fetched ? r->va + 8 : r->va),
				      fetched ? ACCESS_WRITE : BY_USER, error, &own);
		emulated += answer == SHADOW_EMULATE;
	}
	assert_int_equal(r->s.written, SHADOW_BOTH_SIDES);
}

static void test_an_instruction_that_needs_a_page_for_both_sides_is_emulated(void **state)
{
	struct rig *r = rig_read_only(PTE_AT, DATA | PTE_P | PTE_U);
	(void)state;

	one_for_both_sides(r);
	/* Let try all the same, it is the supervisor's turn, and then the user's. */
	assert_writes(r, r->va);
	assert_int_equal(touch(r, r->va, BY_USER), PASSES);
	rig_free(r);
	r = rig_read_only(PDE_AT, SIZE_2M | PTE_PS | PTE_P | PTE_U);
	one_for_both_sides(r);
	rig_free(r);
}

/* Apart, each side gets what it asks for, nearly always without the emulator. */
static void test_both_sides_in_turn_are_emulated_seldom(void **state)
{
	struct rig *r = rig_read_only(PTE_AT, DATA | PTE_P | PTE_U);
	unsigned emulated = 0;
	(void)state;

	for (unsigned i = 0; i < ROUNDS; i++) {
		emulated += touch(r, r->va, ACCESS_WRITE) == EMULATED;
		assert_int_equal(touch(r, r->va, BY_USER), PASSES);
		assert_int_equal(maps_to(r, r->va), DATA);
		assert_false(writable(r, r->va));
	}
	assert_in_range(emulated, 1, ROUNDS / SHADOW_TURNS);
	rig_free(r);
}

/* Who writes page after page is no such case. */
static void test_another_page_begins_the_count_anew(void **state)
{
	struct rig *r = rig_read_only(PTE_AT, DATA | PTE_P | PTE_U);
	(void)state;

	put64(r, PTE_AT + 8, DATA | PTE_P | PTE_U);
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t va = r->va + (i & 1) * PAGE_SIZE;

		assert_writes(r, va);
		assert_int_equal(touch(r, va, BY_USER), PASSES);
	}
	rig_free(r);
}

/* Dropped and made again, the entry was not the user's: nobody is kept from getting on. */
static void test_a_write_that_takes_nothing_from_the_user_is_no_turn(void **state)
{
	struct rig *r = rig_read_only(PTE_AT, DATA | PTE_P | PTE_U);
	(void)state;

	for (unsigned i = 0; i < ROUNDS; i++) {
		assert_writes(r, r->va);
		write64(r, PTE_AT, DATA | PTE_P | PTE_U);
		assert_false(present(r, r->va));
	}
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_an_instruction_that_needs_a_page_for_both_sides_is_emulated),
		cmocka_unit_test(test_both_sides_in_turn_are_emulated_seldom),
		cmocka_unit_test(test_another_page_begins_the_count_anew),
		cmocka_unit_test(test_a_write_that_takes_nothing_from_the_user_is_no_turn),
		cmocka_unit_test(test_all_that_one_instruction_touches_is_there_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
