/*
 * The walker against the second model: every combination of the entries' flags, of the
 * control bits and of the kinds of access, in every paging mode. What is left out is
 * said where it is left out. WALK_LONG=1 leaves out less.
 */
#include "walk_path.h"

#define NO_LARGE	0u	/* the path ends in a page table */

static bool is_long(void)
{
	return getenv("WALK_LONG") != NULL;
}

static void set_all_values(struct path *t, uint64_t flags)
{
	for (unsigned i = 0; i < PT_LEVELS_MAX; i++)
		t->value[i] = leads_to[i] | flags;
}

/* Each entry in turn with every combination of flags, the others all allowing or not. */
static void test_every_flag_of_each_entry(void **state)
{
	static const uint64_t others[] = { PWU, PTE_P };
	(void)state;

	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct path t;

		path_make(&t, &shapes[i]);
		t.whole = true;
		for (unsigned n = 0; n < shapes[i].tables * 2; n++) {
			t.fixed = others[n % 2];
			memset(t.vary, 0, sizeof(t.vary));
			t.vary[n / 2] = shapes[i].entry_size == 8 ? FLAGS64 : FLAGS32;
			set_all_values(&t, PWU);
			product(&t, shapes[i].tables - 1);
		}
		path_end(&t);
	}
}

/*
 * All entries at once. Not in the short run: flags that only report (G), or are not
 * looked at (D above a leaf); A with more than two levels, which has its own test;
 * with five levels, entries that take away two rights at once: rights are ANDs over
 * the levels (4.6.1), and the test of single entries has all of one entry's.
 */
static void test_every_combination_over_the_levels(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct shape *s = &shapes[i];
		uint64_t rights = PWU | PTE_PS | (s->entry_size == 8 ? PTE_NX | PTE_RSVD : 0);
		uint64_t all = s->entry_size == 8 ? FLAGS64 : FLAGS32;
		uint64_t above = rights, leaf = rights & ~PTE_PS;
		struct path t;

		path_make(&t, s);
		if (is_long() || s->tables == 2)
			leaf = is_long() ? all : leaf | PTE_A | PTE_D;
		if (s->tables == 2)
			above = is_long() ? all : above | PTE_A;
		else if (s->tables == 4 && is_long())
			above |= PTE_A;
		t.one_right = s->tables == 5 && !is_long();
		t.vary[0] = leaf;
		for (unsigned k = 1; k < s->tables; k++)
			/* Above the PDPT, PS is one more reserved bit. */
			t.vary[k] = k <= 2 ? above : above & ~PTE_PS;
		product(&t, s->tables - 1);
		path_end(&t);
	}
}

/* A at every level, D and W of the leaf, in RAM and in ROM, looking only and not. */
static void test_every_accessed_and_dirty_flag(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct path t;

		path_make(&t, &shapes[i]);
		t.fixed = PWU;
		t.vary[0] = PTE_A | PTE_D | PTE_W;
		for (unsigned k = 1; k < shapes[i].tables; k++)
			t.vary[k] = PTE_A | (k <= 2 ? PTE_D | PTE_PS : 0);
		for (unsigned n = 0; n < 4; n++) {
			for (unsigned k = 0; k < t.p.mem.slots; k++)
				t.p.mem.slot[k].rom = t.p.model_mem.slot[k].rom = n & 1;
			t.also = n & 2 ? ACCESS_NO_AD : 0;
			product(&t, shapes[i].tables - 1);
		}
		path_end(&t);
	}
}

/* ---- what the flags do not cover ---- */

/* The key of the entry that maps the page, every register value for it, all others apart. */
static void with_every_key(struct path *t, unsigned leaf)
{
	const uint64_t key_shift = 59;

	for (unsigned n = 0; n < 16 * 4 * 2 * 16; n++) {
		unsigned key = n & 15, rights = n >> 4 & 3, flags = n >> 7;
		uint32_t others = rights == 0 ? UINT32_MAX : 0;

		for (unsigned k = 0; k < t->shape->tables; k++)
			t->value[k] = leads_to[k] | PWU | (uint64_t)(~key & 15) << key_shift;
		t->value[leaf] = leads_to[leaf] | PTE_P | (flags & 1 ? PTE_W : 0) |
				 (flags & 2 ? PTE_U : 0) | (flags & 4 ? PTE_NX : 0) |
				 (uint64_t)key << key_shift | (leaf ? PTE_PS : 0);
		if (flags & 8)
			t->value[t->shape->tables - 1] &= ~(PTE_U | PTE_W);
		t->p.mode.pkru = (others & ~(3u << 2 * key)) | rights << 2 * key;
		for (unsigned c = 0; c < CONTROLS; c++) {
			set_controls(t, c);
			t->p.mode.cr4 |= n >> 6 & 1 ? CR4_PKE : 0;
			by_all_accesses(t);
		}
	}
}

/* PAE and 32-bit paging have no keys: there bits 62:59 are reserved, or absent. */
static void test_every_protection_key(void **state)
{
	(void)state;
	for (unsigned i = 4; i < ARRAY_SIZE(shapes); i++) {
		struct path t;

		path_make(&t, &shapes[i]);
		for (unsigned leaf = 0; leaf < 3; leaf++)
			with_every_key(&t, leaf);
		path_end(&t);
	}
}

static void with_every_width(struct path *t)
{
	struct walk_mode *mode = &t->p.mode;

	for (mode->maxphyaddr = 32; mode->maxphyaddr <= 52; mode->maxphyaddr++)
		for (unsigned n = 0; n < 8; n++) {
			mode->nx = n & 1;
			mode->page1g = n & 2;
			mode->efer = t->shape->efer | (n & 4 ? EFER_NXE : 0);
			put_entries(t);
			pair_walk(&t->p, t->address, ACCESS_USER | ACCESS_FETCH);
			put_entries(t);
			pair_walk(&t->p, t->address, ACCESS_WRITE);
		}
}

/* Tables 4-4 to 4-20: every single bit of every entry, for each width of addresses. */
static void test_every_bit_of_every_entry(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
		unsigned bits = 8 * shapes[i].entry_size, tables = shapes[i].tables;
		struct path t;

		path_make(&t, &shapes[i]);
		for (unsigned large = NO_LARGE; large < 3 && large < tables; large++)
			for (unsigned n = 0; n < tables * bits; n++) {
				set_all_values(&t, PWU);
				if (large)
					t.value[large] |= PTE_PS;
				t.value[n / bits] ^= BIT(n % bits);
				with_every_width(&t);
				assert_true(pair_same_memory(&t.p));
			}
		path_end(&t);
	}
}

/* Table 4-8: every bit of the PDPTE register, as kept where the check is deferred. */
static void test_every_bit_of_the_pdpte(void **state)
{
	const struct shape *pae = &shapes[3];
	struct path t;
	(void)state;

	path_make(&t, pae);
	set_all_values(&t, PWU);
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t *pdpte = &t.p.mode.pdpte[t.address >> 30 & 3];

		*pdpte ^= BIT(bit);
		with_every_width(&t);
		*pdpte ^= BIT(bit);
	}
	path_end(&t);
}

/* Every address whose upper bits are all alike but for one, or but for a run of them. */
static void test_every_upper_part_of_an_address(void **state)
{
	(void)state;
	for (unsigned i = 4; i < ARRAY_SIZE(shapes); i++) {
		struct path t;

		path_make(&t, &shapes[i]);
		set_all_values(&t, PWU);
		put_entries(&t);
		for (unsigned lo = 30; lo < 64; lo++)
			for (unsigned hi = lo; hi < 64; hi++) {
				pair_walk(&t.p, t.address ^ BITS(hi, lo), ACCESS_READ);
				pair_walk(&t.p, t.address | BITS(hi, lo), ACCESS_READ);
				pair_walk(&t.p, t.address & ~BITS(hi, lo), ACCESS_READ);
			}
		assert_true(pair_same_memory(&t.p));
		path_end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_flag_of_each_entry),
		cmocka_unit_test(test_every_combination_over_the_levels),
		cmocka_unit_test(test_every_accessed_and_dirty_flag),
		cmocka_unit_test(test_every_protection_key),
		cmocka_unit_test(test_every_bit_of_every_entry),
		cmocka_unit_test(test_every_bit_of_the_pdpte),
		cmocka_unit_test(test_every_upper_part_of_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
