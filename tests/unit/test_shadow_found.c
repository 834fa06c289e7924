/*
 * What random guests have found in the shadow MMU, each once more as small as it gets.
 * Knows the guest's side only: accesses, stores, flushes.
 */
#include "shadow_check.h"
#include "shadow_guest.h"

#define FLAGS		(PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
#define PML4		0x1000ul
#define PDPT		0x2000ul
#define PD		0x3000ul
#define PT		0x4000ul
#define DATA		0x10000ul
#define OTHER		0x11000ul
#define PAGES_MAX	64

static void put(struct world *w, uint64_t at, uint64_t value, unsigned size)
{
	memcpy(world_ours(w, at), &value, size);
	memcpy(world_theirs(w, at), &value, size);
}

static void begin(struct world *w, enum shadow_sync sync)
{
	struct shadow_config config = { .sync = sync, .nx = true, .pages_max = PAGES_MAX };

	world_make(w);
	frame_pool_init(&w->pool, hpa_of(w->pool_bytes), WORLD_POOL_SIZE);
	assert_int_equal(shadow_init(&w->s, &w->mem, &w->pool, &config), HV_OK);
	w->base_used = w->pool.used - 2 * (w->s.fresh - 1);
}

static void end(struct world *w)
{
	check_all(w);
	shadow_fini(&w->s);
	assert_int_equal(w->pool.used, 0);
}

/* Four levels from PML4 on, with CR0.WP. */
static struct walk_mode long_mode(void)
{
	return (struct walk_mode){
		.cr0 = CR0_PE | CR0_PG | CR0_WP, .cr3 = PML4, .cr4 = CR4_PAE,
		.efer = EFER_LME | EFER_LMA | EFER_NXE, .maxphyaddr = 40, .nx = true,
		.pse36 = true, .page1g = true };
}

static void read_at(struct world *w, uint64_t address)
{
	guest_access(w, address, ACCESS_READ, &(struct guest_store){ 0 }, true);
}

static void write_at(struct world *w, uint64_t address, uint64_t value)
{
	guest_access(w, address, ACCESS_WRITE, &(struct guest_store){ value, 8 }, true);
}

/*
 * Two addresses share a lowest table. INVLPG of one brings the entry in step; INVLPG of
 * the other must still reach what the hardware remembers of it.
 */
static void test_invlpg_of_each_address_of_a_shared_table(void **state)
{
	const uint64_t other = SIZE_2M, window = 5 * PAGE_SIZE;
	static struct world w;
	struct walk_mode mode = long_mode();
	(void)state;

	begin(&w, SHADOW_UNSYNC);
	put(&w, PML4, PDPT | FLAGS, 8);
	put(&w, PDPT, PD | FLAGS, 8);
	put(&w, PD, PT | FLAGS, 8);
	put(&w, PD + 8, PT | FLAGS, 8);
	put(&w, PT, DATA | FLAGS, 8);
	put(&w, PT + 5 * 8, PT | FLAGS, 8);
	guest_new_mode(&w, &mode, false);
	read_at(&w, 0);
	read_at(&w, other);
	read_at(&w, 0);
	/* The table is let go; both addresses are still remembered. */
	write_at(&w, window, OTHER | FLAGS);
	guest_invlpg(&w, 0);
	read_at(&w, 0);
	guest_invlpg(&w, other);
	read_at(&w, other);
	end(&w);
}

/*
 * INVLPG drops one address only. What the hardware still remembers of another must not
 * write the page any more once it is a table: none of the shadow's leaves tells of it.
 */
static void test_an_old_translation_does_not_write_a_new_table(void **state)
{
	const uint64_t other = SIZE_2M, window = 5 * PAGE_SIZE, third = 2 * SIZE_2M;
	static struct world w;
	struct walk_mode mode = long_mode();
	(void)state;

	begin(&w, SHADOW_UNSYNC);
	put(&w, PML4, PDPT | FLAGS, 8);
	put(&w, PDPT, PD | FLAGS, 8);
	put(&w, PD, PT | FLAGS, 8);
	put(&w, PD + 8, PT | FLAGS, 8);
	put(&w, PD + 16, DATA | FLAGS, 8);
	put(&w, PT, DATA | FLAGS, 8);
	put(&w, PT + 5 * 8, PT | FLAGS, 8);
	guest_new_mode(&w, &mode, false);
	write_at(&w, 0, OTHER | FLAGS);
	write_at(&w, other, OTHER | FLAGS);
	write_at(&w, 0, OTHER | FLAGS);
	write_at(&w, window, OTHER | FLAGS);
	guest_invlpg(&w, 0);
	read_at(&w, 0);
	read_at(&w, third);
	hardware_writes_no_table(&w);
	write_at(&w, other, 0);
	end(&w);
}

/*
 * The root is let go; then a walk comes to the same frame as a directory, which takes it
 * back, and with it the link that the walk has just gone down.
 */
static void test_a_root_let_go_is_a_directory_below_itself(void **state)
{
	static struct world w;
	struct walk_mode mode = long_mode();
	(void)state;

	begin(&w, SHADOW_PROTECT);
	put(&w, PML4, PDPT | FLAGS, 8);
	put(&w, PDPT, PD | FLAGS, 8);
	put(&w, PDPT + 8, PML4 | FLAGS, 8);
	put(&w, PD, PT | FLAGS, 8);
	put(&w, PT, DATA | FLAGS, 8);
	guest_new_mode(&w, &mode, false);
	read_at(&w, 0);
	w.let_go[w.lets++] = PML4 >> 12;
	shadow_let_write(&w.s, gpa(PML4));
	read_at(&w, SIZE_1G);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_root_let_go_is_a_directory_below_itself),
		cmocka_unit_test(test_invlpg_of_each_address_of_a_shared_table),
		cmocka_unit_test(test_an_old_translation_does_not_write_a_new_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
