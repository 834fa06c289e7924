/*
 * The shadow's contract: each paging mode filled and read back by hand, roots, tables that
 * lie nowhere, memory taken and given back.
 */
#include "shadow_fixture.h"

#define OTHER		0x7000ul
#define PML4_2		0x9000ul
#define HARDWARE_TABLE	(PTE_P | PTE_W | PTE_U | PTE_A)	/* an upper entry: open */
#define LEAF		(PTE_P | PTE_A | PTE_D)

static uint64_t host(struct rig *r, uint64_t address)
{
	return hpa_of(at(r, address)).v;
}

/* ---- the modes, entry by entry ---- */

static void check_path(struct rig *r, unsigned top, uint64_t va, uint64_t leaf)
{
	const struct hw h = hw_walk(r, va);

	assert_true(h.present);
	assert_int_equal(h.level, 0);
	for (unsigned level = top; level; level--) {
		bool pdpte = top == 2 && level == 2;

		assert_int_equal(*h.slot[level] & ~PTE_ADDR,
				 pdpte ? PTE_P : HARDWARE_TABLE);
	}
	assert_int_equal(*h.slot[0], leaf);
}

static void check_mode(struct rig *r, unsigned top)
{
	assert_int_equal(r->root.v & PAGE_MASK, 0);
	assert_true(r->root.v < SIZE_4G);
	assert_false(present(r, r->va));
	assert_int_equal(touch(r, r->va + 0x123, ACCESS_WRITE | ACCESS_USER), PASSES);
	assert_int_equal(r->faults, 1);
	check_path(r, top, r->va, host(r, DATA) | LEAF | PTE_W | PTE_U);
	/* The next page of the same table, with fewer rights. */
	assert_int_equal(touch(r, r->va + PAGE_SIZE, ACCESS_READ), PASSES);
	check_path(r, top, r->va + PAGE_SIZE, host(r, OTHER) | LEAF);
	assert_int_equal(r->s.counts.fills, 2);
	rig_free(r);
}

static void test_4_levels(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT + 8, OTHER | PTE_P);
	check_mode(r, 3);
}

static void test_5_levels(void **state)
{
	struct rig *r = rig_5level(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT + 8, OTHER | PTE_P);
	check_mode(r, 4);
}

static void test_pae(void **state)
{
	struct rig *r = rig_pae(SHADOW_PROTECT);
	(void)state;

	put64(r, PTE_AT + 8, OTHER | PTE_P);
	check_mode(r, 2);
}

static void test_32bit(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	(void)state;

	put32(r, PTE32_AT + 4, OTHER | PTE_P);
	check_mode(r, 2);
}

/* Each half of a 32-bit table, each quarter of the directory: 1024 entries in pages of 512. */
static void test_32bit_quarters_and_halves(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	(void)state;

	for (unsigned i = 0; i < 16; i++) {
		unsigned pde = i * 64 + 1, pte = i * 64 + 33;
		uint64_t page = 0x100000 + i * PAGE_SIZE, va = (uint64_t)pde << 22 | pte << 12;

		put32(r, PD + pde * 4, PT | PWU);
		put32(r, PT + pte * 4, page | PWU);
		assert_writes(r, va);
		assert_int_equal(maps_to(r, va), page);
	}
	rig_free(r);
}

/* Linear addresses have 32 bits there: what is above does not count. */
static void test_32bit_addresses_wrap(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	uint32_t error;
	(void)state;

	assert_int_equal(shadow_fault(&r->s, &r->mode, gva(r->va | SIZE_4G), ACCESS_READ, 0,
				      &error), SHADOW_DONE);
	assert_int_equal(maps_to(r, r->va), DATA);
	rig_free(r);
}

static void test_without_paging_addresses_are_physical(void **state)
{
	struct rig *r = rig_unpaged(SHADOW_PROTECT);
	(void)state;

	assert_writes(r, 0x1234);
	assert_int_equal(maps_to(r, 0x1234), 0x1234);
	assert_int_equal(touch(r, ROM_BASE, ACCESS_FETCH), PASSES);
	assert_int_equal(maps_to(r, ROM_BASE + 5), ROM_BASE + 5);
	assert_int_equal(touch(r, ROM_BASE, ACCESS_WRITE), EMULATED);
	assert_int_equal(touch(r, OUTSIDE, ACCESS_READ), EMULATED);
	assert_int_equal(touch(r, UINT32_MAX, ACCESS_READ), EMULATED);
	rig_free(r);
}

/* The configured directory is the fourth GiB of the root that asks for it, and no other's. */
static void test_the_fixed_directory_is_only_where_asked_for(void **state)
{
	struct rig *r = rig_unpaged(SHADOW_PROTECT);
	const uint64_t *plain = hpa_ptr(r->root), *with;
	(void)state;

	r->s.config.fixed = hpa(0x1234000);
	with = hpa_ptr(shadow_root(&r->s, &r->mode, true));
	assert_int_equal(with[3], 0x1234000 | PTE_P);
	assert_int_equal(with[0] | with[1] | with[2], 0);
	assert_int_equal(plain[3], 0);
	assert_ptr_equal(hpa_ptr(shadow_root(&r->s, &r->mode, false)), plain);
	shadow_sync_all(&r->s);
	rig_free(r);
}

/* What lies in the fourth GiB is not reached by such a root; without paging it is otherwise. */
static void test_a_fixed_root_refuses_the_fourth_gib(void **state)
{
	struct shadow_config config = { .sync = SHADOW_PROTECT, .fixed = hpa(0x1234000) };
	const gva_t fourth = gva(3 * SIZE_1G), low = gva(0x1000);
	struct rig *r = rig_unpaged(SHADOW_PROTECT);
	uint32_t error;
	(void)state;

	shadow_fini(&r->s);
	r->mem.slot[1].base = gpa(fourth.v);
	assert_int_equal(shadow_init(&r->s, &r->mem, &r->pool, &config), HV_OK);
	(void)shadow_root(&r->s, &r->mode, false);
	assert_int_equal(shadow_fault(&r->s, &r->mode, fourth, ACCESS_READ, 0, &error),
			 SHADOW_DONE);
	r->root = shadow_root(&r->s, &r->mode, true);
	assert_int_equal(shadow_fault(&r->s, &r->mode, fourth, ACCESS_READ, 0, &error),
			 SHADOW_EMULATE);
	assert_int_equal(((const uint64_t *)hpa_ptr(r->root))[3], 0x1234000 | PTE_P);
	assert_int_equal(shadow_fault(&r->s, &r->mode, low, ACCESS_READ, 0, &error),
			 SHADOW_DONE);
	rig_free(r);
}

/* PDPTEs are registers: memory may change under them, and they without memory. */
static void test_pdptes_are_what_the_registers_hold(void **state)
{
	struct rig *r = rig_pae(SHADOW_PROTECT);
	hpa_t root;
	(void)state;

	assert_writes(r, r->va);
	write64(r, PDPT + 2 * 8, 0);
	root = r->root;
	rig_root(r);
	assert_int_equal(r->root.v, root.v);
	assert_true(present(r, r->va));
	r->mode.pdpte[2] = 0;
	rig_root(r);
	assert_false(present(r, r->va));
	assert_faults(r, r->va, ACCESS_READ, 0);
	r->mode.pdpte[0] = PD | PTE_P;
	rig_root(r);
	assert_writes(r, r->va & (SIZE_1G - 1));
	rig_free(r);
}

/* Four entries of 32 bytes: two PAE roots in one page of the guest's are two. */
static void test_pae_roots_are_told_apart_by_the_whole_of_cr3(void **state)
{
	struct rig *r = rig_pae(SHADOW_PROTECT);
	hpa_t first = r->root;
	(void)state;

	assert_writes(r, r->va);
	r->mode.cr3 += 32;
	memset(r->mode.pdpte, 0, sizeof(r->mode.pdpte));
	rig_root(r);
	assert_int_not_equal(r->root.v, first.v);
	assert_false(present(r, r->va));
	rig_free(r);
}

/* ---- roots ---- */

static void test_a_root_is_kept_across_switches(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	hpa_t first = r->root;
	(void)state;

	assert_writes(r, r->va);
	r->mode.cr3 = PML4_2;
	shadow_sync_all(&r->s);
	rig_root(r);
	assert_int_not_equal(r->root.v, first.v);
	assert_faults(r, r->va, ACCESS_READ, 0);
	r->mode.cr3 = PML4;
	shadow_sync_all(&r->s);
	rig_root(r);
	assert_int_equal(r->root.v, first.v);
	assert_int_equal(touch(r, r->va, ACCESS_WRITE), PASSES);
	assert_int_equal(r->faults, 0);
	rig_free(r);
}

/* A virtual TLB keeps nothing across a flush. */
static void test_with_flush_nothing_is_kept(void **state)
{
	struct rig *r = rig_4level(SHADOW_FLUSH);
	(void)state;

	assert_writes(r, r->va);
	r->s.flush = false;
	shadow_sync_all(&r->s);
	assert_true(r->s.flush);
	assert_int_equal(r->s.counts.pages, 0);
	rig_root(r);
	assert_false(present(r, r->va));
	rig_free(r);
}

/* Tables where no memory is read as all ones; what such a walk allows is emulated. */
static void test_tables_that_lie_nowhere_are_emulated(void **state)
{
	struct rig *r = rig_32bit(SHADOW_PROTECT);
	(void)state;

	r->mode.cr4 = 0;
	put32(r, PDE32_AT, OUTSIDE | PWU);
	rig_root(r);
	assert_int_equal(touch(r, r->va, ACCESS_READ), EMULATED);
	r->mode.cr3 = OUTSIDE;
	rig_root(r);
	assert_int_equal(touch(r, r->va, ACCESS_READ), EMULATED);
	assert_false(present(r, r->va));
	assert_int_equal(*(uint64_t *)hpa_ptr(r->root), 0);
	rig_free(r);
}

/* All ones are reserved in longer entries: the guest's own fault. */
static void test_long_tables_that_lie_nowhere_fault(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	r->mode.cr3 = OUTSIDE;
	rig_root(r);
	assert_faults(r, r->va, ACCESS_READ, PFEC_P | PFEC_RSVD);
	assert_faults(r, r->va, ACCESS_FETCH | ACCESS_USER,
		      PFEC_P | PFEC_RSVD | PFEC_I | PFEC_U);
	r->mode.cr3 = PML4;
	rig_root(r);
	assert_writes(r, r->va);
	rig_free(r);
}

static void test_addresses_that_are_not_canonical_are_no_page_faults(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	assert_int_equal(touch(r, r->va | BIT(50), ACCESS_READ), EMULATED);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_4_levels),
		cmocka_unit_test(test_5_levels),
		cmocka_unit_test(test_pae),
		cmocka_unit_test(test_32bit),
		cmocka_unit_test(test_32bit_quarters_and_halves),
		cmocka_unit_test(test_32bit_addresses_wrap),
		cmocka_unit_test(test_without_paging_addresses_are_physical),
		cmocka_unit_test(test_the_fixed_directory_is_only_where_asked_for),
		cmocka_unit_test(test_a_fixed_root_refuses_the_fourth_gib),
		cmocka_unit_test(test_pdptes_are_what_the_registers_hold),
		cmocka_unit_test(test_pae_roots_are_told_apart_by_the_whole_of_cr3),
		cmocka_unit_test(test_a_root_is_kept_across_switches),
		cmocka_unit_test(test_with_flush_nothing_is_kept),
		cmocka_unit_test(test_tables_that_lie_nowhere_are_emulated),
		cmocka_unit_test(test_long_tables_that_lie_nowhere_fault),
		cmocka_unit_test(test_addresses_that_are_not_canonical_are_no_page_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
