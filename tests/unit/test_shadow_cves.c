/*
 * Failures of other hypervisors' shadow paging that have been published, by name: what went
 * wrong there in one sentence, and that it does not here.
 */
#include "shadow_fixture.h"

#define OTHER	0x7000ul
#define PT2	0x8000ul
#define PD2	0x9000ul
#define LARGE	0x400000ul
#define USER	(PFEC_P | PFEC_U)

/*
 * CVE-2021-38198 (KVM): the rights of a shadow page were computed wrongly along the walk, so
 * that a page of tables shared by two paths could have the rights of the wrong one, and a
 * page fault for protection was missing.
 *
 * Two entries of one PDPT lead to the same tables, one for the user to read and one for the
 * supervisor alone: whichever is used first, the other keeps its own rights.
 */
static void check_38198(bool user_first)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const uint64_t user = r->va, supervisor = r->va + SIZE_1G;

	put64(r, PDPTE_AT, PD | PTE_P | PTE_U);
	put64(r, PDPTE_AT + 8, PD | PTE_P | PTE_W);
	put64(r, PTE_AT, DATA | PWUAD);
	for (unsigned i = 0; i < 2; i++) {
		if (i == user_first)
			assert_writes(r, supervisor);
		else
			assert_int_equal(touch(r, user, ACCESS_USER), PASSES);
	}
	assert_false(writable(r, user));
	assert_false(hw_walk(r, supervisor).user);
	assert_faults(r, user, ACCESS_USER | ACCESS_WRITE, USER | PFEC_W);
	assert_faults(r, user, ACCESS_WRITE, PFEC_P | PFEC_W);
	assert_faults(r, supervisor, ACCESS_USER, USER);
	assert_writes(r, supervisor);
	rig_free(r);
}

static void test_cve_2021_38198_rights_of_all_levels(void **state)
{
	(void)state;
	check_38198(false);
	check_38198(true);
}

/* The same with rights that differ at each level in turn, and with large pages. */
static void test_cve_2021_38198_rights_at_each_level(void **state)
{
	static const uint64_t entries[] = { PML4E_AT, PDPTE_AT, PDE_AT };
	(void)state;

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(entries); i++) {
		uint64_t place = entries[i / 2];
		struct rig *r = rig_4level(SHADOW_PROTECT);
		/* The same table by the next entry, which has one right less. */
		uint64_t alias = r->va + (place == PML4E_AT ? 1ul << 39 :
					  place == PDPTE_AT ? SIZE_1G : SIZE_2M);

		put64(r, PTE_AT, DATA | PWUAD);
		put64(r, PD + 6 * 8, LARGE | PWUAD | PTE_PS);
		put64(r, place + 8, get64(r, place) & ~(i % 2 ? PTE_U : PTE_W));
		assert_int_equal(touch(r, r->va, ACCESS_WRITE | ACCESS_USER), PASSES);
		assert_faults(r, alias, ACCESS_WRITE | ACCESS_USER, USER | PFEC_W);
		assert_reads(r, alias);
		assert_faults(r, alias, ACCESS_WRITE | ACCESS_USER, USER | PFEC_W);
		if (place != PDE_AT) {
			uint64_t up = 3 * SIZE_2M - 4 * PAGE_SIZE;

			assert_writes(r, r->va + up);
			assert_faults(r, alias + up, ACCESS_WRITE | ACCESS_USER, USER | PFEC_W);
			assert_reads(r, alias + up);
			assert_int_equal(touch(r, r->va + up, ACCESS_WRITE | ACCESS_USER),
					 PASSES);
		}
		rig_free(r);
	}
}

/*
 * A shadow page used again where it stands for something else: KVM once took one for a large
 * page whatever the rights of the entry that mapped it, and one made with EFER.NXE set
 * after it was cleared.
 *
 * One frame at two levels, in two modes, by two rights: each has a page of its own.
 */
static void test_a_page_serves_only_its_own_role(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	/* The directory is a table of its own: entry 3 of it maps PT as a page. */
	put64(r, PDE_AT + 8, PD | PTE_P | PTE_W | PTE_A);
	put64(r, PTE_AT, DATA | PWUAD);
	assert_writes(r, r->va);
	assert_reads(r, r->va + SIZE_2M - PAGE_SIZE);
	assert_int_equal(maps_to(r, r->va + SIZE_2M - PAGE_SIZE), PT);
	assert_false(writable(r, r->va + SIZE_2M - PAGE_SIZE));
	assert_false(hw_walk(r, r->va + SIZE_2M - PAGE_SIZE).user);
	assert_int_equal(maps_to(r, r->va), DATA);
	rig_free(r);
}

static void test_a_page_made_in_one_mode_serves_no_other(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const uint64_t va32 = 4ul << 12;
	hpa_t long_root = r->root;
	(void)state;

	put64(r, PTE_AT, DATA | PWUAD);
	assert_writes(r, r->va);
	/* The PML4 as a 32-bit directory, its entry 0 the same PT as 32-bit table. */
	put32(r, PML4, PT | PWUAD);
	r->mode.cr4 = CR4_PSE;
	r->mode.efer = EFER_NXE;
	rig_root(r);
	assert_int_not_equal(r->root.v, long_root.v);
	/* Entry 4 of 4 bytes is the low half of entry 2 of 8, which is absent. */
	assert_faults(r, va32, ACCESS_READ, 0);
	assert_writes(r, va32 + 4 * PAGE_SIZE);
	assert_int_equal(maps_to(r, va32 + 4 * PAGE_SIZE), DATA);
	r->mode.cr4 = CR4_PAE;
	r->mode.efer = EFER_LME | EFER_LMA | EFER_NXE;
	rig_root(r);
	assert_int_equal(r->root.v, long_root.v);
	assert_int_equal(maps_to(r, r->va), DATA);
	assert_false(present(r, r->va + 4 * PAGE_SIZE));
	rig_free(r);
}

/* Pieces of one large page by entries with other rights are other pieces. */
static void test_pieces_of_a_large_page_serve_only_their_own_rights(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	const uint64_t va = VA_4LEVEL & ~(SIZE_1G - 1);
	(void)state;

	put64(r, PD + 6 * 8, PWUAD | PTE_PS);
	put64(r, PD + 7 * 8, PTE_P | PTE_A | PTE_PS);
	put64(r, PD + 8 * 8, PWU | PTE_A | PTE_PS);
	assert_writes(r, va + 6 * SIZE_2M + DATA);
	assert_reads(r, va + 7 * SIZE_2M + OTHER);
	assert_reads(r, va + 8 * SIZE_2M + OTHER);
	assert_faults(r, va + 7 * SIZE_2M + DATA, ACCESS_USER, USER);
	assert_faults(r, va + 7 * SIZE_2M + DATA, ACCESS_WRITE, PFEC_P | PFEC_W);
	assert_false(writable(r, va + 8 * SIZE_2M + DATA));
	assert_writes(r, va + 6 * SIZE_2M + OTHER);
	rig_free(r);
}

/*
 * CVE-2026-46113, CVE-2026-53359: a frame number was computed again where the one stored
 * should have been used.
 *
 * Large pages and tables change places under one entry: what is on a frame's list when the
 * frame becomes a table is what maps it, in every way that a frame can be mapped.
 */
static void test_cve_2026_46113_entries_leave_the_list_they_are_on(void **state)
{
	static const enum shadow_sync syncs[] = { SHADOW_PROTECT, SHADOW_UNSYNC };
	(void)state;

	for (unsigned i = 0; i < 2 * ARRAY_SIZE(syncs); i++) {
		struct rig *r = rig_4level(syncs[i / 2]);
		const uint64_t va = VA_4LEVEL & ~(SIZE_1G - 1), small = va + 6 * SIZE_2M;
		uint64_t piece = i % 2 ? OTHER : LARGE + OTHER;

		/* A large page in pieces, or in one leaf, and then a table in its place. */
		put64(r, PD + 6 * 8, align_down(piece, SIZE_2M) | PWUAD | PTE_PS);
		assert_writes(r, small + OTHER);
		assert_int_equal(maps_to(r, small + OTHER), piece);
		write64(r, PD + 6 * 8, PT2 | PWU);
		put64(r, PT2 + 7 * 8, DATA | PWUAD);
		assert_writes(r, small + OTHER);
		assert_int_equal(maps_to(r, small + OTHER), DATA);
		/* Nothing of the old page is left to be found. */
		write64(r, PT2 + 7 * 8, 0);
		shadow_give_up(&r->s, gpa(PT2));
		shadow_give_up(&r->s, gpa(PD));
		assert_false(present(r, small + OTHER));
		/* DATA, mapped by nobody now, becomes a table. */
		put64(r, PD + 7 * 8, DATA | PWU);
		put64(r, DATA, piece | PWUAD);
		assert_writes(r, va + 7 * SIZE_2M);
		assert_int_equal(maps_to(r, va + 7 * SIZE_2M), piece);
		rig_free(r);
	}
}

/* A table that maps, of all frames, itself and its parents: each entry knows its frame. */
static void test_cve_2026_53359_a_page_freed_frees_its_entries(void **state)
{
	static const uint64_t frames[] = { PML4, PDPT, PD, PT, PT2, DATA, OTHER, ROM_BASE };
	(void)state;

	for (unsigned first = 0; first < ARRAY_SIZE(frames); first++) {
		struct rig *r = rig_4level(SHADOW_PROTECT);

		for (unsigned i = 0; i < ARRAY_SIZE(frames); i++)
			put64(r, PTE_AT + i * 8,
			      frames[(first + i) % ARRAY_SIZE(frames)] | PWUAD);
		for (unsigned i = 0; i < ARRAY_SIZE(frames); i++)
			assert_reads(r, r->va + i * PAGE_SIZE);
		shadow_give_up(&r->s, gpa(frames[first]));
		shadow_give_up(&r->s, gpa(PT));
		shadow_give_up(&r->s, gpa(PD));
		shadow_give_up(&r->s, gpa(PDPT));
		/* Only the root is left, and nothing maps anything. */
		assert_int_equal(r->s.counts.pages, 1);
		for (unsigned i = 0; i < ARRAY_SIZE(frames); i++)
			assert_int_equal(frame_of(r, frames[i])->maps, 0);
		assert_reads(r, r->va);
		rig_free(r);
	}
}

/*
 * CVE-2026-64561: a root was freed while it was still in use.
 *
 * Nothing that the guest does to the table of the root in use takes its page away: not a
 * flood of writes, not its use at other levels, not the want of pages.
 */
static void test_cve_2026_64561_the_root_outlives_what_is_done_to_it(void **state)
{
	static const enum shadow_sync syncs[] = { SHADOW_PROTECT, SHADOW_UNSYNC };
	(void)state;

	for (unsigned i = 0; i < ARRAY_SIZE(syncs); i++) {
		struct rig *r = rig_4level(syncs[i]);
		/* Entry 2 of the PML4 is the PML4: it is every level's table at once. */
		const uint64_t self = 2ul << 39 | 2ul << 30 | 2ul << 21 | 2ul << 12;
		hpa_t root = r->root;

		put64(r, PML4 + 2 * 8, PML4 | PWU);
		for (unsigned n = 0; n < 10; n++) {
			assert_reads(r, self);
			assert_int_equal(touch(r, self, ACCESS_WRITE), EMULATED);
			write64(r, PML4 + 9 * 8, n);
			shadow_give_up(&r->s, gpa(PML4));
			assert_int_equal(hpa_of(r->s.page[r->s.root].table).v, root.v);
			assert_int_not_equal(r->s.page[r->s.root].role, 0);
		}
		for (unsigned n = 0; n < 4 * PAGES; n++) {
			put64(r, PDPTE_AT, PD2 | PWU);
			write64(r, PML4E_AT, (0x100000 + n * PAGE_SIZE) | PWU);
			put64(r, 0x100000 + n * PAGE_SIZE + 2 * 8, PD | PWU);
			assert_writes(r, r->va);
			assert_int_equal(hpa_of(r->s.page[r->s.root].table).v, root.v);
		}
		assert_true(r->s.counts.reclaimed > PAGES);
		rig_root(r);
		assert_int_equal(r->root.v, root.v);
		rig_free(r);
	}
}

/* The root left behind is a page as any other, and freed the hardware is told to forget it. */
static void test_cve_2026_64561_a_root_left_is_flushed_when_it_goes(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	(void)state;

	assert_writes(r, r->va);
	r->mode.cr3 = PT2;
	rig_root(r);
	r->s.flush = false;
	shadow_give_up(&r->s, gpa(PML4));
	assert_true(r->s.flush);
	assert_int_equal(frame_of(r, PML4)->tables, 0);
	r->mode.cr3 = PML4;
	rig_root(r);
	assert_writes(r, r->va);
	rig_free(r);
}

/*
 * XSA-173 (Xen): the frame number of a large page above 2^44 was cut to the 32 bits of the
 * field that kept it.
 *
 * Frame numbers whose low 32, 20 or 12 bits are those of a frame with memory are no memory:
 * of pages of each size, of tables, of CR3.
 */
static void test_xsa_173_frame_numbers_are_not_cut(void **state)
{
	struct rig *r = rig_4level(SHADOW_UNSYNC);
	const uint64_t va = VA_4LEVEL & ~(SIZE_1G - 1);
	(void)state;

	r->mode.maxphyaddr = 52;
	rig_root(r);
	assert_writes(r, r->va);
	for (unsigned bit = 32; bit < 52; bit++) {
		write64(r, PTE_AT, BIT(bit) | DATA | PWUAD);
		assert_int_equal(touch(r, r->va, ACCESS_READ), EMULATED);
		write64(r, PD + 6 * 8, BIT(bit) | LARGE | PWUAD | PTE_PS);
		assert_int_equal(touch(r, va + 6 * SIZE_2M, ACCESS_WRITE), EMULATED);
		write64(r, PDPTE_AT + 8, BIT(bit) | PWUAD | PTE_PS);
		assert_int_equal(touch(r, va + SIZE_1G + DATA, ACCESS_WRITE), EMULATED);
		/* As a table: not PT, but all ones. */
		write64(r, PDE_AT + 8, BIT(bit) | PT | PWU);
		assert_int_equal(touch(r, r->va + SIZE_2M, ACCESS_READ), EMULATED);
		assert_false(present(r, r->va));
		assert_false(present(r, va + 6 * SIZE_2M));
		assert_false(present(r, va + SIZE_1G + DATA));
		assert_false(present(r, r->va + SIZE_2M));
		r->mode.cr3 = BIT(bit) | PML4;
		rig_root(r);
		assert_int_not_equal(touch(r, r->va, ACCESS_READ), PASSES);
		r->mode.cr3 = PML4;
		rig_root(r);
	}
	rig_free(r);
}

/*
 * CVE-2026-89932: a tag for translations was used for the first time without a flush.
 *
 * What the hardware may remember under the guest's tag is asked to be flushed whenever a
 * page that it may know is given a new meaning, or memory it may write becomes a table.
 */
static void test_cve_2026_89932_pages_used_again_are_flushed_first(void **state)
{
	struct rig *r = rig_4level(SHADOW_PROTECT);
	uint64_t reclaimed = 0;
	(void)state;

	r->s.flush = false;
	assert_writes(r, r->va);
	assert_true(r->s.flush);
	for (unsigned n = 0; n < 2 * PAGES; n++) {
		uint64_t table = 0x100000 + n * PAGE_SIZE;

		put64(r, table + 4 * 8, DATA | PWUAD);
		put64(r, PD + (10 + n) * 8, table | PWU);
		r->s.flush = false;
		reclaimed = r->s.counts.reclaimed;
		assert_reads(r, (r->va & ~(SIZE_1G - 1)) + (10 + n) * SIZE_2M + 4 * PAGE_SIZE);
		assert_true(r->s.flush);
	}
	assert_true(reclaimed);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cve_2021_38198_rights_of_all_levels),
		cmocka_unit_test(test_cve_2021_38198_rights_at_each_level),
		cmocka_unit_test(test_a_page_serves_only_its_own_role),
		cmocka_unit_test(test_a_page_made_in_one_mode_serves_no_other),
		cmocka_unit_test(test_pieces_of_a_large_page_serve_only_their_own_rights),
		cmocka_unit_test(test_cve_2026_46113_entries_leave_the_list_they_are_on),
		cmocka_unit_test(test_cve_2026_53359_a_page_freed_frees_its_entries),
		cmocka_unit_test(test_cve_2026_64561_the_root_outlives_what_is_done_to_it),
		cmocka_unit_test(test_cve_2026_64561_a_root_left_is_flushed_when_it_goes),
		cmocka_unit_test(test_xsa_173_frame_numbers_are_not_cut),
		cmocka_unit_test(test_cve_2026_89932_pages_used_again_are_flushed_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
