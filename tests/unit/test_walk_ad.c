/* The walker's accessed and dirty bits. SDM 3A "Accessed and Dirty Flags" 4.8. */
#include "walk_fixture.h"

static const uint64_t levels[] = { PTE_AT, PDE_AT, PDPTE_AT, PML4E_AT };

static bool any_marked(struct world *g)
{
	for (unsigned i = 0; i < ARRAY_SIZE(levels); i++)
		if (get64(g, levels[i]) & (PTE_A | PTE_D))
			return true;
	return false;
}

/* 4.8: a read sets A in every entry used and D in none. */
static void read_sets_accessed_everywhere(void **state)
{
	struct world *g = world_5level(state);

	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_int_equal(get64(g, PML5E_AT), PML4 | PWU | PTE_A);
	assert_int_equal(get64(g, PML4E_AT), PDPT | PWU | PTE_A);
	assert_int_equal(get64(g, PDPTE_AT), PD | PWU | PTE_A);
	assert_int_equal(get64(g, PDE_AT), PT | PWU | PTE_A);
	assert_int_equal(get64(g, PTE_AT), DATA | PWU | PTE_A);
}

/* 4.8: a write sets D in the entry that maps the page, there only. */
static void write_sets_dirty_in_the_leaf(void **state)
{
	struct world *g = world_4level(state);

	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(get64(g, PDE_AT), PT | PWU | PTE_A);
	assert_int_equal(get64(g, PTE_AT), DATA | PWU | PTE_A | PTE_D);
	assert_int_equal(g->w.entry[0], DATA | PWU | PTE_A | PTE_D);
}

/* 4.8: the same when a PDE maps a large page. */
static void write_sets_dirty_in_a_large_leaf(void **state)
{
	struct world *g = world_4level(state);
	uint64_t pde = BIT(30) | PWU | PTE_PS;

	put64(g, PDE_AT, pde);
	assert_gpa(g, ACCESS_WRITE, BIT(30) + 0x4123);
	assert_int_equal(get64(g, PDE_AT), pde | PTE_A | PTE_D);
	assert_int_equal(get64(g, PTE_AT), DATA | PWU);
}

/* 4.8: a fetch sets A, never D. */
static void fetch_sets_accessed_only(void **state)
{
	struct world *g = world_4level(state);

	assert_gpa(g, ACCESS_FETCH, DATA + OFFSET);
	assert_int_equal(get64(g, PTE_AT), DATA | PWU | PTE_A);
}

/* 4.8: a write to a page whose A is set everywhere still sets D. */
static void write_after_read_sets_dirty(void **state)
{
	struct world *g = world_4level(state);

	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(get64(g, PTE_AT), DATA | PWU | PTE_A | PTE_D);
}

/* 4.8: the flags are sticky, the CPU never clears them. */
static void read_keeps_dirty(void **state)
{
	struct world *g = world_4level(state);

	or64(g, PTE_AT, PTE_D);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_int_equal(get64(g, PTE_AT), DATA | PWU | PTE_A | PTE_D);
}

/* An upper entry without A is found even when the leaf has A and D. */
static void accessed_is_set_above_a_marked_leaf(void **state)
{
	struct world *g = world_4level(state);

	or64(g, PTE_AT, PTE_A | PTE_D);
	or64(g, PDE_AT, PTE_A);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(get64(g, PDPTE_AT), PD | PWU | PTE_A);
	assert_int_equal(get64(g, PML4E_AT), PDPT | PWU | PTE_A);
}

/* Bit 6 of an upper entry is ignored: it is no D, and no A. */
static void bit_6_of_upper_entries_is_left(void **state)
{
	struct world *g = world_4level(state);

	or64(g, PDE_AT, PTE_D);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(get64(g, PDE_AT), PT | PWU | PTE_A | PTE_D);
	assert_int_equal(get64(g, PDPTE_AT), PD | PWU | PTE_A);
}

/* A refused write leaves D alone; this walker leaves A alone too. */
static void refused_access_marks_nothing(void **state)
{
	struct world *g = world_4level(state);

	clear64(g, PTE_AT, PTE_W);
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W);
	assert_false(any_marked(g));
}

/* A walk that meets an absent or malformed entry marks nothing above it. */
static void failed_walk_marks_nothing(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PTE_AT, 0);
	assert_fault(g, ACCESS_READ, 0);
	assert_false(any_marked(g));
	put64(g, PTE_AT, DATA | PWU | BIT(50));
	assert_fault(g, ACCESS_READ, RSVD_FAULT);
	assert_false(any_marked(g));
}

/* ACCESS_NO_AD looks only. */
static void no_ad_marks_nothing(void **state)
{
	struct world *g = world_4level(state);

	assert_gpa(g, ACCESS_WRITE | ACCESS_NO_AD, DATA + OFFSET);
	assert_false(any_marked(g));
	assert_int_equal(g->w.entry[0], DATA | PWU);
}

/* ROM drops writes: the entry stays, the translation holds. */
static void rom_entries_keep_their_bits(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PDE_AT, ROM_BASE | PWU);
	put64(g, ROM_BASE + 4 * 8, DATA | PWU);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(get64(g, ROM_BASE + 4 * 8), DATA | PWU);
	assert_int_equal(g->w.entry[0], DATA | PWU);
	assert_int_equal(get64(g, PDE_AT), ROM_BASE | PWU | PTE_A);
}

/*
 * A PML4 entry that points to its own table serves at all four levels: A set
 * at the first must not be lost, nor D at the last.
 */
static void self_mapping_entry_gets_both_flags(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PML4 + 8, PML4 | PWU);
	g->va = (1ul << 39) | (1ul << 30) | (1ul << 21) | (1ul << 12) | 8;
	assert_gpa(g, ACCESS_WRITE, PML4 + 8);
	assert_int_equal(get64(g, PML4 + 8), PML4 | PWU | PTE_A | PTE_D);
}

/* A page directory that maps itself, 32-bit. */
static void self_mapping_32bit_directory(void **state)
{
	struct world *g = world_32bit(state);

	put32(g, PD + 1023 * 4, PD | PWU);
	g->va = 0xfffffffc;
	assert_gpa(g, ACCESS_WRITE, PD + 1023 * 4);
	assert_int_equal(get32(g, PD + 1023 * 4), PD | PWU | PTE_A | PTE_D);
}

/* PAE marks PDE and PTE; the PDPTE, a register, has no A bit. */
static void pae_leaves_the_pdpte(void **state)
{
	struct world *g = world_pae(state);

	put64(g, PDPTE_AT, PD | PTE_P);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_int_equal(get64(g, PDPTE_AT), PD | PTE_P);
	assert_int_equal(g->w.entry[2], PD | PTE_P);
	assert_int_equal(get64(g, PDE_AT), PT | PWU | PTE_A);
	assert_int_equal(get64(g, PTE_AT), DATA | PWU | PTE_A | PTE_D);
}

/* Table entries outside memory take no flags and the walk goes on. */
static void flags_outside_memory_are_dropped(void **state)
{
	struct world *g = world_32bit(state);

	put32(g, PDE32_AT, OUTSIDE | PWU);
	assert_gpa(g, ACCESS_WRITE, 0xfffff000 + OFFSET);
	assert_int_equal(get32(g, PDE32_AT), OUTSIDE | PWU | PTE_A);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(read_sets_accessed_everywhere),
		TEST(write_sets_dirty_in_the_leaf),
		TEST(write_sets_dirty_in_a_large_leaf),
		TEST(fetch_sets_accessed_only),
		TEST(write_after_read_sets_dirty),
		TEST(read_keeps_dirty),
		TEST(accessed_is_set_above_a_marked_leaf),
		TEST(bit_6_of_upper_entries_is_left),
		TEST(refused_access_marks_nothing),
		TEST(failed_walk_marks_nothing),
		TEST(no_ad_marks_nothing),
		TEST(rom_entries_keep_their_bits),
		TEST(self_mapping_entry_gets_both_flags),
		TEST(self_mapping_32bit_directory),
		TEST(pae_leaves_the_pdpte),
		TEST(flags_outside_memory_are_dropped),
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
