/*
 * Shadow paging under a guest that does anything in any order: random tables in all
 * modes, with and without the flushes that the architecture asks for. After every
 * operation the second model and the invariants are asked.
 *
 *   SHADOW_SEED=n repeats a run; SHADOW_COUNT=n operations in all
 */
#include "shadow_check.h"
#include "shadow_operations.h"

#define COUNT_DEFAULT	3000000ull
#define SEED_DEFAULT	0x5eed0011ull
#define COUNT_TELLING	100000u		/* enough for rates to mean something */
#define POLICIES	3
#define WORLD_OPERATIONS 3000u
#define CHECK_EVERY	16u
#define MEMORY_EVERY	1000u

/* ---- worlds ---- */

static void world_begin(struct world *w, enum shadow_sync sync)
{
	static const uint8_t widths[] = { 52, 40, 36, 32, 46 };
	struct shadow_config config = { .sync = sync };
	struct walk_mode mode = { 0 };

	frame_pool_init(&w->pool, hpa_of(w->pool_bytes), WORLD_POOL_SIZE);
	mode.maxphyaddr = widths[world_below(w, ARRAY_SIZE(widths))];
	mode.pse36 = world_percent(w, 80);
	mode.page1g = world_percent(w, 70);
	mode.nx = config.nx = world_percent(w, 80);
	random_tables(w);
	config.pages_max = SHADOW_PAGES_MIN + world_below(w, w->calm ? 200 : 12);
	assert_int_equal(frame_alloc(&w->pool, &config.fixed), HV_OK);
	assert_int_equal(shadow_init(&w->s, &w->mem, &w->pool, &config), HV_OK);
	w->base_used = w->pool.used - 2 * (w->s.fresh - 1);
	random_controls(w, &mode, PAGING_OFF);
	new_space(w, &mode, false);
}

static void world_end(struct world *w)
{
	check_all(w);
	world_same_memory(w);
	w->reclaimed += w->s.counts.reclaimed;
	w->unsynced += w->s.counts.unsynced;
	shadow_fini(&w->s);
	assert_int_equal(w->pool.used, 1);	/* the fixed directory */
}

static void run_world(struct world *w, enum shadow_sync sync, uint64_t operations)
{
	world_begin(w, sync);
	for (uint64_t n = 1; n <= operations; n++) {
		w->operations++;
		do_one(w);
		check_quick(w);
		if (sync != SHADOW_FLUSH)
			hardware_writes_no_table(w);
		if (n % CHECK_EVERY == 0)
			check_all(w);
		if (n % MEMORY_EVERY == 0)
			world_same_memory(w);
	}
	world_end(w);
}

/* ---- the tests ---- */

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *given = getenv(name);

	return given ? strtoull(given, NULL, 0) : otherwise;
}

static void say(const struct world *w, uint64_t seed)
{
	print_message("# SHADOW_SEED=%#llx: %llu operations, %llu accesses: %llu by hardware "
		      "(%llu by old translations), %llu faults filled, %llu the guest's, "
		      "%llu emulated, %llu given up\n", (unsigned long long)seed,
		      (unsigned long long)w->operations, (unsigned long long)w->accesses,
		      (unsigned long long)w->hits, (unsigned long long)w->stale,
		      (unsigned long long)w->fills, (unsigned long long)w->guest,
		      (unsigned long long)w->emulated, (unsigned long long)w->given_up);
	print_message("# %llu stores (%llu by hardware), %llu flushes, %llu pages reclaimed, "
		      "%llu let out of step; by keys %llu refused, %llu emulated\n",
		      (unsigned long long)w->edits, (unsigned long long)w->edits_direct,
		      (unsigned long long)w->flushes, (unsigned long long)w->reclaimed,
		      (unsigned long long)w->unsynced, (unsigned long long)w->keys_guest,
		      (unsigned long long)w->keys_emulated);
}

/* No kind of end is a rarity, or little was tested. */
static void nothing_is_rare(const struct world *w, enum shadow_sync sync)
{
	assert_in_range(w->hits, w->accesses / 4, w->accesses);
	assert_in_range(w->guest, w->accesses / 20, w->accesses);
	assert_in_range(w->emulated, w->accesses / 100, w->accesses);
	assert_in_range(w->edits_direct, w->edits / 10, w->edits);
	assert_in_range(w->reclaimed, w->operations / 1000, UINT64_MAX);
	assert_in_range(w->keys_guest, w->accesses / 300, w->accesses);
	assert_in_range(w->keys_emulated, w->accesses / 3000, w->accesses);
	/* With `protect` by a table that was let go, and by nothing else. */
	assert_in_range(w->stale, sync == SHADOW_PROTECT ? 1 : w->hits / 1000, w->hits);
	if (sync == SHADOW_UNSYNC)
		assert_in_range(w->unsynced, w->operations / 1000, UINT64_MAX);
}

static void policy_holds(enum shadow_sync sync)
{
	uint64_t count = number_from("SHADOW_COUNT", COUNT_DEFAULT) / POLICIES;
	uint64_t seed = number_from("SHADOW_SEED", SEED_DEFAULT + sync);
	static struct world w;

	world_make(&w);
	w.random = seed ? seed : 1;
	while (w.operations < count) {
		uint64_t left = count - w.operations;

		run_world(&w, sync, left < WORLD_OPERATIONS ? left : WORLD_OPERATIONS);
	}
	say(&w, seed);
	if (w.operations >= COUNT_TELLING)
		nothing_is_rare(&w, sync);
}

static void test_a_table_written_is_emulated_and_nothing_is_old(void **state)
{
	(void)state;
	policy_holds(SHADOW_PROTECT);
}

static void test_lowest_tables_out_of_step_are_no_older_than_the_last_flush(void **state)
{
	(void)state;
	policy_holds(SHADOW_UNSYNC);
}

static void test_an_unprotected_shadow_is_no_older_than_the_last_flush(void **state)
{
	(void)state;
	policy_holds(SHADOW_FLUSH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_table_written_is_emulated_and_nothing_is_old),
		cmocka_unit_test(
			test_lowest_tables_out_of_step_are_no_older_than_the_last_flush),
		cmocka_unit_test(test_an_unprotected_shadow_is_no_older_than_the_last_flush),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
