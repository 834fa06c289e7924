/*
 * The walker against the second model on tables that no system would make: random
 * entries that lead anywhere, to each other, to themselves, out of memory, into ROM.
 *
 *   DIPTYCH_SEED=n repeats a run; WALK_LONG=1 makes twenty times as many walks
 */
#include "walk_pair.h"

#define WALKS		600000u
#define WALKS_LONG	(20 * WALKS)
#define WALKS_PER_WORLD	300u
#define SEED_DEFAULT	0x5eed0007ull

static uint64_t state_of_random;

static uint64_t random64(void)
{
	state_of_random ^= state_of_random >> 12;
	state_of_random ^= state_of_random << 25;
	state_of_random ^= state_of_random >> 27;
	return state_of_random * UINT64_C(2685821657736338717);
}

static unsigned below(unsigned n)
{
	return (unsigned)((random64() >> 32) % n);
}

static bool percent(unsigned n)
{
	return below(100) < n;
}

/* ---- a world: some pages here and there, full of entries ---- */

static const struct {
	uint64_t base;
	unsigned pages, rom_percent;
} places[GUEST_MEM_SLOTS] = {
	{ 0, 2, 0 },
	{ 0x200000, 2, 80 },
	{ 0x40000000, 2, 0 },
	{ 0x80000000, 1, 20 },
	{ 0xfffff000, 1, 50 },
	{ 0x100000000, 1, 20 },
	{ 0x3fc0000000, 2, 0 },
	{ 0x8000000000000, 1, 0 },
};

/* Most often a page of memory, often the first ones: the same table at many levels. */
static uint64_t random_page(void)
{
	unsigned i = percent(30) ? 0 : below(ARRAY_SIZE(places));

	if (percent(5))
		return random64() & (percent(50) ? BITS(31, 12) : PTE_ADDR);
	return places[i].base + below(places[i].pages + percent(3)) * PAGE_SIZE;
}

static uint64_t random_entry(void)
{
	uint64_t entry = random_page() | (random64() & (PTE_A | PTE_D | PTE_G | PTE_PCD |
							 BITS(11, 9)));

	entry |= percent(95) ? PTE_P : 0;
	entry |= percent(80) ? PTE_W : 0;
	entry |= percent(80) ? PTE_U : 0;
	entry |= percent(20) ? PTE_PS : 0;
	entry |= percent(15) ? PTE_NX : 0;
	if (percent(20))
		entry |= random64() & BITS(62, 52);
	if (percent(3))
		entry ^= BIT(below(64));
	return entry;
}

static void random_world(struct pair *p)
{
	unsigned size = percent(70) ? 8 : 4;

	p->mem.slots = p->model_mem.slots = p->pages = 0;
	memset(&p->trail, 0, sizeof(p->trail));
	for (unsigned i = 0; i < ARRAY_SIZE(places); i++)
		pair_slot(p, places[i].base, places[i].pages,
			  percent(places[i].rom_percent));
	for (unsigned at = 0; at < p->pages * PAGE_SIZE; at += size) {
		uint64_t entry = random_entry();

		memcpy(p->theirs + at, &entry, size);
	}
	memcpy(p->ours, p->theirs, p->pages * PAGE_SIZE);
	/* The mode that fits these entries; random_mode() keeps to it mostly. */
	p->mode.cr4 = size == 8 ? CR4_PAE : 0;
}

/* ---- a mode ---- */

static void random_paging(struct walk_mode *mode)
{
	bool pae = mode->cr4 & CR4_PAE;

	mode->cr4 = (pae ? CR4_PAE : 0) |
		    (random64() & (CR4_PSE | CR4_SMEP | CR4_SMAP | CR4_PGE));
	mode->efer = random64() & EFER_NXE;
	if (!pae || percent(25))
		return;
	/* These need long mode. SDM 3A "Control Registers" 2.5. */
	mode->efer |= EFER_LME | EFER_LMA;
	mode->cr4 |= random64() & (CR4_LA57 | CR4_PKE | CR4_PCIDE);
}

static void random_cr3(struct walk_mode *mode)
{
	bool is_long = mode->efer & EFER_LMA;

	/* No bit above the width is ever in CR3: MOV refuses it. */
	mode->cr3 = random_page() | (random64() & PAGE_MASK);
	if (!is_long) {
		mode->cr3 &= BITS(31, 0);
		/* Bits 63:32 may be left from long mode; tables 4-3, 4-7: ignored. */
		if (percent(10))
			mode->cr3 |= random64() & ~BITS(31, 0);
	}
	mode->cr3 &= BITS(mode->maxphyaddr - 1, 0);
}

/* Near what MOV to CR3 takes: present and sound, present with one bit too many, or absent. */
static void put_likely_pdptes(struct pair *p, uint64_t at)
{
	bool rom;

	for (unsigned i = 0; i < ARRAY_SIZE(p->mode.pdpte); i++) {
		uint64_t entry = random_page() & BITS(31, 12);

		if (percent(60))
			entry |= PTE_P | (percent(10) ? BIT(below(64)) : 0);
		else
			entry = random64() & ~PTE_P;
		if (model_at(&p->model_mem, at + 8 * i, &rom))
			pair_put(p, at + 8 * i, entry, 8);
	}
}

static void random_pdptes(struct pair *p)
{
	struct walk_mode *mode = &p->mode, before = *mode;
	uint64_t at = mode->cr3 & BITS(31, 5);
	bool good = true;

	if (percent(60))
		put_likely_pdptes(p, at);
	for (unsigned i = 0; i < ARRAY_SIZE(mode->pdpte); i++) {
		struct model m = { .mem = &p->model_mem, .entry_size = 8 };
		uint64_t entry = model_read(&m, 0, at + 8 * i);

		/* 4.4.1: of one that is not present no bit is looked at. */
		if (entry & PTE_P && entry & model_reserved_pdpte(mode))
			good = false;
		before.pdpte[i] = entry;
	}
	assert_int_equal(walk_load_pdptes(mode, &p->mem, at), good);
	assert_memory_equal(mode->pdpte, before.pdpte, sizeof(mode->pdpte));
	/* The entries fit other levels mostly; so make registers that lead on. */
	for (unsigned i = 0; i < ARRAY_SIZE(mode->pdpte); i++)
		if (percent(80))
			mode->pdpte[i] = random_page() | (percent(90) ? PTE_P : 0);
}

static void random_mode(struct pair *p)
{
	static const uint8_t widths[] = { 52, 52, 40, 39, 36, 32, 46, 51 };
	struct walk_mode *mode = &p->mode;

	if (percent(5))
		mode->cr4 ^= CR4_PAE;
	random_paging(mode);
	mode->cr0 = CR0_PE | (percent(99) ? CR0_PG : 0) | (random64() & CR0_WP);
	if (!(mode->cr0 & CR0_PG))
		mode->efer &= ~EFER_LMA;
	mode->maxphyaddr = widths[below(ARRAY_SIZE(widths))];
	mode->pse36 = percent(80);
	mode->page1g = percent(80);
	mode->nx = percent(90);
	mode->rflags_ac = percent(50);
	mode->pkru = (uint32_t)random64();
	mode->pkru &= (uint32_t)random64();	/* a key is free in half of the cases */
	random_cr3(mode);
	if (mode->cr4 & CR4_PAE && !(mode->efer & EFER_LMA))
		random_pdptes(p);
}

/* The same roots, one level more or less: an answer kept for one is none for the other. */
static void change_levels(struct walk_mode *mode)
{
	if (mode->efer & EFER_LMA)
		mode->cr4 ^= CR4_LA57;
}

/* ---- an address and an access ---- */

static uint64_t random_address(const struct walk_mode *mode, uint64_t last)
{
	uint64_t address = percent(50) ? random64() : last ^ (random64() & PAGE_MASK);
	unsigned unused = mode->cr4 & CR4_LA57 ? 64 - 57 : 64 - 48;

	if (percent(30))
		address = last ^ BIT(below(64));
	if (!(mode->efer & EFER_LMA))
		return address & BITS(31, 0);
	if (percent(5))
		return address;
	if (percent(50))
		return address & BITS(46, 0);
	/* Repeat the highest bit used. */
	return (uint64_t)((int64_t)(address << unused) >> unused);
}

static unsigned random_access(void)
{
	static const unsigned kinds[] = { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };
	unsigned access = kinds[below(ARRAY_SIZE(kinds))];

	if (percent(40))
		access |= ACCESS_USER;
	if (percent(15) && !(access & ACCESS_FETCH))
		access |= ACCESS_IMPLICIT;
	if (percent(10))
		access |= ACCESS_NO_AD;
	return access;
}

/* Change one of the entries that the last walk read: an old answer must not stay. */
static void change_used_entry(struct pair *p)
{
	const struct model *m = &p->last;
	unsigned level;
	uint64_t value;
	bool rom;

	if (m->level >= m->levels)
		return;
	level = m->level + below(m->levels - m->level);
	if (!m->entry_size || !model_at(&p->model_mem, m->entry_at[level], &rom))
		return;
	value = percent(50) ? random_entry() : m->entry[level] ^ BIT(below(m->entry_size * 8));
	pair_put(p, m->entry_at[level], value, m->entry_size);
}

/* ---- the tests ---- */

static void same_memory(struct pair *p)
{
	if (pair_same_memory(p))
		return;
	p->wrong++;
	print_error("walk %llu: memory differs\n", (unsigned long long)p->walks);
	memcpy(p->ours, p->theirs, p->pages * PAGE_SIZE);
}

static void test_random_tables_are_walked_as_the_model_walks_them(void **state)
{
	uint64_t count = getenv("WALK_LONG") ? WALKS_LONG : WALKS, address = 0;
	const char *given = getenv("DIPTYCH_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 0) : SEED_DEFAULT;
	struct pair p;
	(void)state;

	print_message("# DIPTYCH_SEED=%#llx\n", (unsigned long long)seed);
	state_of_random = seed ? seed : 1;
	pair_make(&p);
	while (p.walks < count) {
		random_world(&p);
		for (unsigned n = 0; n < WALKS_PER_WORLD; n++) {
			if (n % 16 == 0)
				random_mode(&p);
			else if (n % 4 == 0)
				change_levels(&p.mode);
			address = random_address(&p.mode, address);
			pair_walk(&p, address, random_access());
			same_memory(&p);
			if (percent(20))
				change_used_entry(&p);
		}
	}
	print_message("# %llu walks, %llu faults, %llu by walk_peek, %llu wrong\n",
		      (unsigned long long)p.walks, (unsigned long long)p.faults,
		      (unsigned long long)p.peeks, (unsigned long long)p.wrong);
	assert_int_equal(p.wrong, 0);
	/* Neither kind of end is a rarity, or little was tested. */
	assert_in_range(p.faults, p.walks / 10, p.walks * 9 / 10);
	assert_in_range(p.peeks, p.walks / 20, p.walks);
	pair_free(&p);
}

/* An answer kept in long mode, changed while PAE used the same tables, is not given again. */
static void test_an_answer_kept_does_not_outlive_long_mode(void **state)
{
	const uint64_t flags = PTE_P | PTE_W | PTE_U | PTE_A | PTE_D;
	struct pair p;
	(void)state;

	pair_make(&p);
	pair_slot(&p, 0, 8, false);
	for (unsigned page = 1; page <= 4; page++)
		pair_put(&p, page * PAGE_SIZE, (page + 1) * PAGE_SIZE | flags, 8);
	p.mode = (struct walk_mode){
		.cr0 = CR0_PE | CR0_PG, .cr3 = PAGE_SIZE, .cr4 = CR4_PAE,
		.efer = EFER_LME | EFER_LMA, .maxphyaddr = 40,
		.pdpte = { 3 * PAGE_SIZE | PTE_P },
	};
	assert_int_equal(pair_walk(&p, 0, ACCESS_READ), WALK_OK);
	pair_put(&p, 4 * PAGE_SIZE, 6 * PAGE_SIZE | flags, 8);
	p.mode.efer = 0;
	assert_int_equal(pair_walk(&p, 0, ACCESS_READ), WALK_OK);
	p.mode.efer = EFER_LME | EFER_LMA;
	assert_int_equal(pair_walk(&p, 0, ACCESS_READ), WALK_OK);
	assert_int_equal(p.peeks, p.walks);
	assert_int_equal(p.wrong, 0);
	pair_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_tables_are_walked_as_the_model_walks_them),
		cmocka_unit_test(test_an_answer_kept_does_not_outlive_long_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
