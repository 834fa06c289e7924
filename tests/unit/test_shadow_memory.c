/* The shadow's own memory: what it takes, how much at most, that all of it comes back. */
#include "shadow_fixture.h"

#define SPACES	100u
#define SPACE(n) (0x100000ul + (n) * 0x4000)	/* four tables each */

static enum hv_err init_with(struct rig *r, unsigned pages_max)
{
	const struct shadow_config config = { .sync = SHADOW_PROTECT, .pages_max = pages_max };

	shadow_fini(&r->s);
	return shadow_init(&r->s, &r->mem, &r->pool, &config);
}

/* An address space of its own for each number. */
static void space_make(struct rig *r, unsigned n)
{
	uint64_t table = SPACE(n);

	put64(r, table + 1 * 8, (table + 0x1000) | PWU);
	put64(r, table + 0x1000 + 2 * 8, (table + 0x2000) | PWU);
	put64(r, table + 0x2000 + 3 * 8, (table + 0x3000) | PWU);
	put64(r, table + 0x3000 + 4 * 8, DATA | PWU);
}

static void space_use(struct rig *r, unsigned n)
{
	r->mode.cr3 = SPACE(n);
	rig_root(r);
	assert_writes(r, r->va);
	assert_int_equal(maps_to(r, r->va), DATA);
}

/* Many spaces in few pages: never more than was allowed, each still served. */
static void check_bounded(enum shadow_sync sync)
{
	struct rig *r = rig_4level(sync);

	for (unsigned n = 0; n < SPACES; n++)
		space_make(r, n);
	for (unsigned round = 0; round < 2; round++)
		for (unsigned n = 0; n < SPACES; n++) {
			space_use(r, n);
			assert_true(r->s.counts.pages < PAGES);
			assert_true(r->s.counts.pages + r->s.spare < PAGES);
		}
	assert_true(r->s.counts.pages_most < PAGES);
	assert_true(r->s.counts.reclaimed > SPACES);
	rig_free(r);
}

static void test_pages_are_bounded_and_taken_back(void **state)
{
	(void)state;
	check_bounded(SHADOW_PROTECT);
	check_bounded(SHADOW_UNSYNC);
	check_bounded(SHADOW_FLUSH);
}

/* One root under use while hundreds of pages come and go below it. */
static void test_the_root_is_never_taken_back(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	hpa_t root = r->root;
	(void)state;

	for (unsigned n = 0; n < SPACES; n++) {
		space_make(r, n);
		put64(r, PML4 + (n + 2) * 8, (SPACE(n) + 0x1000) | PWU);
	}
	for (unsigned n = 0; n < SPACES; n++) {
		assert_writes(r, (n + 2ul) << 39 | VA_PAE);
		assert_int_not_equal(r->s.root, 0);
		assert_int_equal(hpa_of(r->s.page[r->s.root].table).v, root.v);
		assert_int_equal(r->s.page[r->s.root].gfn, PML4 >> PAGE_SHIFT);
	}
	assert_true(r->s.counts.reclaimed > SPACES);
	rig_free(r);
}

/*
 * What is used stays, what is not goes: of the space in use between all others nothing is
 * remade but what it gave up for so many writes, and a few when all looked used alike.
 */
static void test_the_page_longest_unused_goes_first(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	uint64_t made, remade = 0;
	(void)state;

	for (unsigned n = 0; n < SPACES; n++)
		space_make(r, n);
	space_use(r, 0);
	for (unsigned n = 1; n < SPACES; n++) {
		space_use(r, n);
		made = r->s.counts.made;
		write64(r, SPACE(0) + 0x3000 + 4 * 8, DATA | PWU);
		space_use(r, 0);
		remade += r->s.counts.made - made;
	}
	assert_true(r->s.counts.reclaimed > SPACES);
	assert_in_range(remade, 0, r->s.counts.floods + 8);
	rig_free(r);
}

static void test_all_frames_come_back(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	(void)state;

	for (unsigned n = 0; n < SPACES; n++) {
		space_make(r, n);
		space_use(r, n);
	}
	shadow_fini(&r->s);
	assert_int_equal(r->pool.used, 0);
	shadow_fini(&r->s);
	assert_int_equal(r->pool.used, 0);
	rig_free(r);
}

/* ---- made and unmade ---- */

static void test_pages_max_by_memory_and_its_bounds(void **state)
{
	struct rig *r = rig_make(SHADOW_PROTECT);
	(void)state;

	assert_int_equal(init_with(r, 0), HV_OK);
	assert_int_equal(r->s.config.pages_max, RAM_SIZE / PAGE_SIZE / 16);
	assert_int_equal(init_with(r, 1), HV_OK);
	assert_int_equal(r->s.config.pages_max, SHADOW_PAGES_MIN);
	assert_int_equal(init_with(r, SHADOW_PAGES_MIN), HV_OK);
	assert_int_equal(init_with(r, SHADOW_PAGES_MAX + 1), HV_BAD_ARGUMENT);
	assert_int_equal(r->pool.used, 0);
	assert_int_equal(init_with(r, UINT32_MAX), HV_BAD_ARGUMENT);
	assert_int_equal(r->pool.used, 0);
	/* As many as can be named, though never so many frames. */
	assert_int_equal(init_with(r, SHADOW_PAGES_MAX), HV_OK);
	rig_free(r);
}

/* The fewest pages there can be serve the deepest walk there is. */
static void test_the_fewest_pages_serve_five_levels(void **state)
{
	struct rig *r = rig_5level(SHADOW_PROTECT);
	(void)state;

	assert_int_equal(init_with(r, 1), HV_OK);
	for (unsigned n = 0; n < SPACES; n++) {
		uint64_t table = SPACE(n);

		space_make(r, n);
		put64(r, PML5 + n * 8, table | PWU);
	}
	rig_root(r);
	for (unsigned n = 0; n < SPACES; n++)
		assert_writes(r, (uint64_t)n << 48 | VA_4LEVEL);
	assert_true(r->s.counts.pages_most < SHADOW_PAGES_MIN);
	rig_free(r);
}

/* Whatever the pool has too little for, nothing stays taken. */
static void test_too_small_a_pool_is_left_as_it_was(void **state)
{
	struct rig *r = rig_make(SHADOW_PROTECT);
	unsigned frames = 0;
	enum hv_err err;
	(void)state;

	shadow_fini(&r->s);
	do {
		const struct shadow_config config = { .pages_max = PAGES };

		rig_pool(r, frames * PAGE_SIZE);
		err = shadow_init(&r->s, &r->mem, &r->pool, &config);
		if (err != HV_OK) {
			assert_int_equal(err, HV_NO_MEMORY);
			assert_int_equal(r->pool.used, 0);
		}
		frames++;
	} while (err != HV_OK && frames < POOL_SIZE / PAGE_SIZE);
	assert_int_equal(err, HV_OK);
	/* And the smallest that is enough for it does serve a guest. */
	put64(r, PML4E_AT, PDPT | PWU);
	for (unsigned n = 0; n < 4; n++)
		space_make(r, n);
	r->mode.cr4 = CR4_PAE;
	r->mode.efer = EFER_LME | EFER_LMA;
	r->va = VA_4LEVEL;
	for (unsigned n = 0; n < 4; n++)
		space_use(r, n);
	rig_free(r);
}

/* What a PAE CR3 or a frame's number here could not name is refused. */
static void test_memory_and_pool_above_4_gib_are_refused(void **state)
{
	struct rig *r = rig_make(SHADOW_PROTECT);
	struct guest_mem_slot *slot = &r->mem.slot[1];
	const struct shadow_config config = { .pages_max = PAGES };
	(void)state;

	shadow_fini(&r->s);
	slot->base = gpa(SIZE_4G - PAGE_SIZE);
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_OK);
	shadow_fini(&r->s);
	slot->base = gpa(SIZE_4G);
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_UNSUPPORTED);
	slot->base = gpa(SIZE_4G + PAGE_SIZE);
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_UNSUPPORTED);
	slot->base = gpa(SIZE_4G - PAGE_SIZE);
	slot->size = 2 * PAGE_SIZE;
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_UNSUPPORTED);
	slot->size = PAGE_SIZE;
	/* Not whole frames: flag bits would come of it. */
	slot->host.v++;
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_UNSUPPORTED);
	slot->host.v--;
	r->pool.end = hpa(SIZE_4G + PAGE_SIZE);
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_UNSUPPORTED);
	assert_int_equal(r->pool.used, 0);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_bounded_and_taken_back),
		cmocka_unit_test(test_the_root_is_never_taken_back),
		cmocka_unit_test(test_the_page_longest_unused_goes_first),
		cmocka_unit_test(test_all_frames_come_back),
		cmocka_unit_test(test_pages_max_by_memory_and_its_bounds),
		cmocka_unit_test(test_the_fewest_pages_serve_five_levels),
		cmocka_unit_test(test_too_small_a_pool_is_left_as_it_was),
		cmocka_unit_test(test_memory_and_pool_above_4_gib_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
