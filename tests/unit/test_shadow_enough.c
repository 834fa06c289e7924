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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_that_one_instruction_touches_is_there_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
