/* The walker's access rights: W, U, NX, CR0.WP, SMEP, SMAP, protection keys. */
#include "walk_fixture.h"

static const uint64_t levels[] = { PTE_AT, PDE_AT, PDPTE_AT, PML4E_AT };

/* SDM 3A 4.6: a user write needs W in every entry. */
static void user_write_needs_w_everywhere(void **state)
{
	struct world *g = world_4level(state);

	for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
		clear64(g, levels[i], PTE_W);
		assert_fault(g, ACCESS_WRITE | ACCESS_USER,
			     PFEC_P | PFEC_W | PFEC_U);
		assert_false(g->w.write);
		assert_gpa(g, ACCESS_USER, DATA + OFFSET);
		or64(g, levels[i], PTE_W);
	}
	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, DATA + OFFSET);
}

/* SDM 3A 4.6: a user access needs U in every entry. */
static void user_access_needs_u_everywhere(void **state)
{
	struct world *g = world_4level(state);

	for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
		clear64(g, levels[i], PTE_U);
		assert_fault(g, ACCESS_USER, PFEC_P | PFEC_U);
		assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
		assert_false(g->w.user);
		or64(g, levels[i], PTE_U);
	}
}

/* SDM 3A 4.6: CR0.WP decides whether W binds the supervisor. */
static void supervisor_write_heeds_w_under_wp(void **state)
{
	struct world *g = world_4level(state);

	clear64(g, PTE_AT, PTE_W);
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W);
	g->mode.cr0 &= ~CR0_WP;
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_fault(g, ACCESS_WRITE | ACCESS_USER, PFEC_P | PFEC_W | PFEC_U);
}

/* SDM 3A 4.6: XD in any entry forbids fetches, from either privilege. */
static void nx_anywhere_forbids_fetch(void **state)
{
	struct world *g = world_4level(state);

	for (unsigned i = 0; i < ARRAY_SIZE(levels); i++) {
		or64(g, levels[i], PTE_NX);
		assert_fault(g, ACCESS_FETCH, PFEC_P | PFEC_I);
		assert_fault(g, ACCESS_FETCH | ACCESS_USER,
			     PFEC_P | PFEC_U | PFEC_I);
		assert_gpa(g, ACCESS_WRITE | ACCESS_USER, DATA + OFFSET);
		assert_true(g->w.nx);
		clear64(g, levels[i], PTE_NX);
	}
	assert_gpa(g, ACCESS_FETCH, DATA + OFFSET);
}

/* SDM 3A 4.7: I/D is reported only with CR4.PAE and NXE, or with SMEP. */
static void fetch_bit_needs_nxe_or_smep(void **state)
{
	struct world *g = world_4level(state);

	put64(g, PTE_AT, 0);
	assert_fault(g, ACCESS_FETCH, PFEC_I);
	g->mode.efer &= ~EFER_NXE;
	assert_fault(g, ACCESS_FETCH, 0);
	g->mode.cr4 |= CR4_SMEP;
	assert_fault(g, ACCESS_FETCH, PFEC_I);
}

/* SDM 3A 4.7: NXE without CR4.PAE (32-bit paging) does not report I/D. */
static void fetch_bit_needs_pae_with_nxe(void **state)
{
	struct world *g = world_32bit(state);

	g->mode.efer = EFER_NXE;
	put32(g, PTE32_AT, 0);
	assert_fault(g, ACCESS_FETCH, 0);
	g->mode.cr4 = CR4_SMEP;
	assert_fault(g, ACCESS_FETCH, PFEC_I);
}

/* SDM 3A 4.6: with SMEP the supervisor may not fetch from user pages. */
static void smep_forbids_supervisor_fetch_of_user_page(void **state)
{
	struct world *g = world_4level(state);

	assert_gpa(g, ACCESS_FETCH, DATA + OFFSET);
	g->mode.cr4 |= CR4_SMEP;
	assert_fault(g, ACCESS_FETCH, PFEC_P | PFEC_I);
	assert_gpa(g, ACCESS_READ, DATA + OFFSET);
	assert_gpa(g, ACCESS_FETCH | ACCESS_USER, DATA + OFFSET);
	clear64(g, PDE_AT, PTE_U);
	assert_gpa(g, ACCESS_FETCH, DATA + OFFSET);
}

/* SDM 3A 4.6: with SMAP supervisor data accesses to user pages need AC. */
static void smap_forbids_supervisor_data_without_ac(void **state)
{
	struct world *g = world_4level(state);

	g->mode.cr4 |= CR4_SMAP;
	assert_fault(g, ACCESS_READ, PFEC_P);
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W);
	assert_gpa(g, ACCESS_USER, DATA + OFFSET);
	g->mode.rflags_ac = true;
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
}

/* SDM 3A 4.6: SMAP says nothing of fetches, nor of supervisor pages. */
static void smap_leaves_fetches_and_supervisor_pages(void **state)
{
	struct world *g = world_4level(state);

	g->mode.cr4 |= CR4_SMAP;
	assert_gpa(g, ACCESS_FETCH, DATA + OFFSET);
	clear64(g, PML4E_AT, PTE_U);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
}

/* SDM 3A 4.6: implicit supervisor accesses get no help from AC. */
static void smap_ignores_ac_on_implicit_access(void **state)
{
	struct world *g = world_4level(state);

	g->mode.cr4 |= CR4_SMAP;
	g->mode.rflags_ac = true;
	assert_fault(g, ACCESS_IMPLICIT, PFEC_P);
}

/* SDM 3A 4.6: an implicit access is the supervisor's, even at CPL 3. */
static void implicit_access_is_supervisor(void **state)
{
	struct world *g = world_4level(state);

	clear64(g, PTE_AT, PTE_U);
	assert_gpa(g, ACCESS_IMPLICIT | ACCESS_USER, DATA + OFFSET);
	put64(g, PTE_AT, 0);
	assert_fault(g, ACCESS_IMPLICIT | ACCESS_USER, 0);
}

/* SDM 3A 4.6: AC with SMAP does not lift CR0.WP. */
static void smap_and_wp_both_hold(void **state)
{
	struct world *g = world_4level(state);

	g->mode.cr4 |= CR4_SMAP;
	g->mode.rflags_ac = true;
	clear64(g, PTE_AT, PTE_W);
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W);
	g->mode.cr0 &= ~CR0_WP;
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	g->mode.rflags_ac = false;
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W);
}

/* Gives the page key 5 and PKRU the two bits of that key. */
static struct world *world_pkey(void **state, uint32_t rights)
{
	struct world *g = world_4level(state);

	or64(g, PTE_AT, 5ul << 59);
	g->mode.cr4 |= CR4_PKE;
	g->mode.pkru = rights << 10;
	return g;
}

/* SDM 3A 4.6.2: ADi forbids data accesses to user pages of key i. */
static void pkru_ad_forbids_data(void **state)
{
	struct world *g = world_pkey(state, 1);

	assert_fault(g, ACCESS_USER, PFEC_P | PFEC_U | PFEC_PK);
	assert_fault(g, ACCESS_READ, PFEC_P | PFEC_PK);
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W | PFEC_PK);
}

/* SDM 3A 4.6.2: WDi forbids user writes, and supervisor writes under WP. */
static void pkru_wd_forbids_writes(void **state)
{
	struct world *g = world_pkey(state, 2);

	assert_gpa(g, ACCESS_USER, DATA + OFFSET);
	assert_fault(g, ACCESS_WRITE | ACCESS_USER,
		     PFEC_P | PFEC_W | PFEC_U | PFEC_PK);
	assert_fault(g, ACCESS_WRITE, PFEC_P | PFEC_W | PFEC_PK);
	g->mode.cr0 &= ~CR0_WP;
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
	assert_fault(g, ACCESS_WRITE | ACCESS_USER,
		     PFEC_P | PFEC_W | PFEC_U | PFEC_PK);
}

/* SDM 3A 4.6.2: keys say nothing of fetches. */
static void pkru_leaves_fetches(void **state)
{
	struct world *g = world_pkey(state, 3);

	assert_gpa(g, ACCESS_FETCH | ACCESS_USER, DATA + OFFSET);
}

/* SDM 3A 4.6.2: PKRU is for user pages; supervisor pages have PKS. */
static void pkru_leaves_supervisor_pages(void **state)
{
	struct world *g = world_pkey(state, 3);

	clear64(g, PDE_AT, PTE_U);
	assert_gpa(g, ACCESS_WRITE, DATA + OFFSET);
}

/* SDM 3A 4.6.2: without CR4.PKE the key is ignored. */
static void pkru_needs_pke(void **state)
{
	struct world *g = world_pkey(state, 3);

	g->mode.cr4 &= ~CR4_PKE;
	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, DATA + OFFSET);
}

/* SDM 3A 4.6.2: only the two PKRU bits of the page's own key count. */
static void pkru_of_other_keys_is_nothing(void **state)
{
	struct world *g = world_pkey(state, 3);

	g->mode.pkru = ~g->mode.pkru;
	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, DATA + OFFSET);
}

/* SDM 3A 4.6.2: keys exist in 4-level and 5-level paging only. */
static void pkru_needs_long_mode(void **state)
{
	struct world *g = world_pae(state);

	g->mode.cr4 |= CR4_PKE;
	g->mode.pkru = UINT32_MAX;
	assert_gpa(g, ACCESS_WRITE | ACCESS_USER, DATA + OFFSET);
}

/* SDM 3A 4.6.2: the key of a large page is in the large leaf. */
static void pkey_of_large_page_is_in_its_leaf(void **state)
{
	struct world *g = world_pkey(state, 1);

	put64(g, PDE_AT, BIT(30) | (5ul << 59) | PWU | PTE_PS);
	assert_fault(g, ACCESS_READ, PFEC_P | PFEC_PK);
	put64(g, PDE_AT, BIT(30) | (4ul << 59) | PWU | PTE_PS);
	assert_gpa(g, ACCESS_READ, BIT(30) + 0x4123);
}

/* SDM 3A 4.7: PK is set whenever its conditions hold, W missing or not. */
static void pk_bit_joins_other_violations(void **state)
{
	struct world *g = world_pkey(state, 1);

	clear64(g, PTE_AT, PTE_W);
	assert_fault(g, ACCESS_WRITE | ACCESS_USER,
		     PFEC_P | PFEC_W | PFEC_U | PFEC_PK);
}

/* SDM 3A 4.7: a reserved bit is reported with W, U and I as for any fault. */
static void reserved_fault_tells_the_access(void **state)
{
	struct world *g = world_4level(state);

	or64(g, PDE_AT, BIT(45));
	assert_fault(g, ACCESS_WRITE | ACCESS_USER,
		     PFEC_P | PFEC_RSVD | PFEC_W | PFEC_U);
	assert_fault(g, ACCESS_FETCH | ACCESS_USER,
		     PFEC_P | PFEC_RSVD | PFEC_I | PFEC_U);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(user_write_needs_w_everywhere),
		TEST(user_access_needs_u_everywhere),
		TEST(supervisor_write_heeds_w_under_wp),
		TEST(nx_anywhere_forbids_fetch),
		TEST(fetch_bit_needs_nxe_or_smep),
		TEST(fetch_bit_needs_pae_with_nxe),
		TEST(smep_forbids_supervisor_fetch_of_user_page),
		TEST(smap_forbids_supervisor_data_without_ac),
		TEST(smap_leaves_fetches_and_supervisor_pages),
		TEST(smap_ignores_ac_on_implicit_access),
		TEST(implicit_access_is_supervisor),
		TEST(smap_and_wp_both_hold),
		TEST(pkru_ad_forbids_data),
		TEST(pkru_wd_forbids_writes),
		TEST(pkru_leaves_fetches),
		TEST(pkru_leaves_supervisor_pages),
		TEST(pkru_needs_pke),
		TEST(pkru_of_other_keys_is_nothing),
		TEST(pkru_needs_long_mode),
		TEST(pkey_of_large_page_is_in_its_leaf),
		TEST(pk_bit_joins_other_violations),
		TEST(reserved_fault_tells_the_access),
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
