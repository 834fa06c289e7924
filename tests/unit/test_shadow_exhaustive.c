/*
 * The shadow against the second model of the walk: every combination of the entries' flags,
 * of the control bits and of the kinds of access, in every paging mode, ends as the model
 * says: made, the guest's own fault with the same code, or emulated where nothing else can
 * do it. WALK_LONG=1 leaves out less.
 */
#include "shadow_fixture.h"
#include "walk_path.h"

struct sweep {
	struct path t;		/* first: what is called for each set is given only this */
	struct rig r;
	bool rom;
	unsigned long made, faulted, emulated, found;
};

static bool is_long(void)
{
	return getenv("WALK_LONG") != NULL;
}

/* ---- the machine: as the path's, with memory where its pages are ---- */

static void sweep_make(struct sweep *w, const struct shape *shape, enum shadow_sync sync,
		       bool rom, void (*each)(struct path *t))
{
	const struct shadow_config config = { .sync = sync, .nx = true, .pages_max = PAGES };
	uint64_t in_large = shape->entry_size == 8 ? SIZE_2M - 1 : SIZE_4M - 1;
	uint64_t pages[3];

	memset(w, 0, sizeof(*w));
	path_make(&w->t, shape);
	pages[0] = leads_to[0];
	pages[1] = leads_to[1] | (w->t.address & in_large & ~PAGE_MASK);
	pages[2] = leads_to[2] | (w->t.address & (SIZE_1G - 1) & ~PAGE_MASK);
	for (unsigned i = 0; i < 3; i++)
		pair_slot(&w->t.p, pages[i], 1, rom);
	w->rom = rom;
	w->t.each = each;
	w->r.pool_memory = mmap(NULL, POOL_SIZE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	assert_ptr_not_equal(w->r.pool_memory, MAP_FAILED);
	rig_pool(&w->r, POOL_SIZE);
	assert_int_equal(shadow_init(&w->r.s, &w->t.p.mem, &w->r.pool, &config), HV_OK);
}

static void sweep_end(struct sweep *w)
{
	print_message("# %s: %lu made, %lu faulted, %lu emulated; %lu pages made\n",
		      w->t.shape->name, w->made, w->faulted, w->emulated,
		      (unsigned long)w->r.s.counts.made);
	assert_int_equal(w->t.p.wrong, 0);
	assert_true(w->made && w->faulted);
	shadow_fini(&w->r.s);
	assert_int_equal(w->r.pool.used, 0);
	munmap(w->r.pool_memory, POOL_SIZE);
	pair_free(&w->t.p);
}

/* The entries as they shall be, in both memories; the shadow hears of each that changes. */
static void put_all(struct sweep *w)
{
	struct path *t = &w->t;

	for (unsigned i = 0; i < t->shape->tables; i++) {
		uint64_t place = entry_at(t, i), size = t->shape->entry_size;
		bool rom;
		uint8_t *theirs = model_at(&t->p.model_mem, place, &rom);

		if (memcmp(theirs, &t->value[i], size) ||
		    memcmp(t->p.ours + (theirs - t->p.theirs), &t->value[i], size)) {
			shadow_write(&w->r.s, gpa(place), size);
			pair_put(&t->p, place, t->value[i], size);
		}
	}
}

/* ---- one access in both ---- */

static void wrong(struct sweep *w, const char *what, const struct model *m)
{
	const struct walk_mode *mode = &w->t.p.mode;

	if (w->t.p.wrong++ > PAIR_SAID_MAX)
		fail_msg("%s: more than %d wrong", w->t.shape->name, PAIR_SAID_MAX);
	print_error("%s: access %#x cr0 %#lx cr4 %#lx efer %#lx pkru %#x ac %d, "
		    "model %#x, ours %#x\n", what, m->access, mode->cr0, mode->cr4, mode->efer,
		    mode->pkru, mode->rflags_ac, m->error, w->r.error);
	for (unsigned i = m->levels; i-- > m->level;)
		print_error("  level %u: %#lx\n", i, m->entry[i]);
}

/* Does the page's key refuse where CR0.WP is set, as the hardware has it? */
static bool wp_alone_refuses(const struct model *m)
{
	struct walk_mode mode = *m->mode;
	struct model with = *m;

	with.mode = &mode;
	mode.cr0 |= CR0_WP;
	return model_key_denies(&with);
}

static bool may_emulate(const struct sweep *w, const struct model *m)
{
	bool write = m->access & ACCESS_WRITE, rom;
	const struct walk_mode *mode = m->mode;

	if (!model_at(m->mem, m->physical, &rom) || (write && rom))
		return true;
	/* Neither as the user's nor as the supervisor's page can it be mapped. */
	return write && !(mode->cr0 & CR0_WP) && model_user_address(m) &&
	       ((!model_writable(m) && (mode->cr4 & (CR4_SMEP | CR4_SMAP | CR4_PKE) ||
					w->r.s.written == SHADOW_BOTH_SIDES)) ||
		wp_alone_refuses(m));
}

/* The leaf never gives what the guest's entries do not. */
static void check_rights(struct sweep *w, const struct model *m)
{
	const struct hw h = hw_walk(&w->r, m->address);
	bool rom = true, wp = m->mode->cr0 & CR0_WP;
	const uint8_t *theirs = model_at(m->mem, m->physical, &rom);

	if (!h.present || !theirs ||
	    h.host != hpa_of(w->t.p.ours + (theirs - w->t.p.theirs)).v)
		wrong(w, "another frame", m);
	if (h.user && !model_user_address(m))
		wrong(w, "a supervisor page open to the user", m);
	if (!h.nx && model_no_execute(m))
		wrong(w, "an NX page may be executed", m);
	if (m->mode->efer & EFER_LMA && h.key != model_bits(m->entry[m->level], 62, 59))
		wrong(w, "another key", m);
	if (h.write && (rom || !model_bit(m->entry[m->level], 6) ||
			(!model_writable(m) && (wp || h.user))))
		wrong(w, "writable", m);
}

/*
 * An implicit access that SMAP refuses whatever RFLAGS.AC looks like an explicit one that
 * may be made, until the entry is there: then A and D are set already. The emulator knows.
 */
static enum walk_result as_explicit(const struct model *m, struct model *explicit)
{
	*explicit = (struct model){ .mode = m->mode, .mem = m->mem, .address = m->address };
	explicit->access = ACCESS_NO_AD | (m->access & ACCESS_WRITE);
	return m->access & ACCESS_IMPLICIT ? model_walk(explicit) : WALK_FAULT;
}

static bool looks_allowed(const struct model *m)
{
	struct model explicit;

	return as_explicit(m, &explicit) == WALK_OK;
}

static bool emulation_finds_it(const struct sweep *w, const struct model *m)
{
	struct model explicit;

	return as_explicit(m, &explicit) == WALK_OK && may_emulate(w, &explicit);
}

static void access_one(struct sweep *w, unsigned access)
{
	struct path *t = &w->t;
	struct model m = { .mode = &t->p.mode, .mem = &t->p.model_mem,
			   .address = t->address, .access = access };
	enum walk_result theirs;
	enum end ours;

	put_all(w);
	theirs = model_walk(&m);
	ours = touch(&w->r, t->address, access);
	if (ours == LOOPS)
		wrong(w, "no end", &m);
	else if (theirs == WALK_FAULT && ours == EMULATED && emulation_finds_it(w, &m))
		w->found++;
	else if (theirs == WALK_FAULT && (ours != FAULTS || w->r.error != m.error))
		wrong(w, "not the guest's fault", &m);
	else if (theirs == WALK_OK && ours == FAULTS)
		wrong(w, "a fault of the shadow's reaches the guest", &m);
	else if (ours == EMULATED && !may_emulate(w, &m))
		wrong(w, "emulated", &m);
	else if (ours == PASSES)
		check_rights(w, &m);
	if (!pair_same_memory(&t->p) && !(theirs == WALK_FAULT && looks_allowed(&m)))
		wrong(w, "accessed and dirty", &m);
	w->made += ours == PASSES;
	w->faulted += ours == FAULTS;
	w->emulated += ours == EMULATED;
}

/* Each access on entries as the one before left the shadow. */
static void by_each_access(struct path *t)
{
	struct sweep *w = (struct sweep *)t;

	for (unsigned n = 0; n < CONTROLS; n++) {
		set_controls(t, n);
		w->r.mode = t->p.mode;
		rig_root(&w->r);
		for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++)
			access_one(w, accesses[i]);
	}
}

/* The same with nothing kept from one set of entries to the next. */
static void by_each_access_afresh(struct path *t)
{
	struct sweep *w = (struct sweep *)t;

	for (unsigned n = 0; n < CONTROLS; n++) {
		set_controls(t, n);
		w->r.mode = t->p.mode;
		for (unsigned i = 0; i < ARRAY_SIZE(accesses); i++) {
			put_all(w);
			shadow_sync_all(&w->r.s);
			rig_root(&w->r);
			access_one(w, accesses[i]);
		}
	}
}

/* ---- the sets ---- */

/* Each entry in turn with every combination of flags, the others all allowing or not. */
static void each_entry(enum shadow_sync sync, bool rom, void (*each)(struct path *t))
{
	static const uint64_t others[] = { PWU | PTE_A, PTE_P };

	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct sweep w;

		sweep_make(&w, &shapes[i], sync, rom, each);
		w.t.whole = true;
		for (unsigned n = 0; n < shapes[i].tables * 2; n++) {
			w.t.fixed = others[n % 2];
			memset(w.t.vary, 0, sizeof(w.t.vary));
			w.t.vary[n / 2] = shapes[i].entry_size == 8 ? FLAGS64 : FLAGS32;
			if (!is_long())
				w.t.vary[n / 2] &= ~PTE_G;
			for (unsigned k = 0; k < PT_LEVELS_MAX; k++)
				w.t.value[k] = leads_to[k] | PWU;
			product(&w.t, shapes[i].tables - 1);
		}
		sweep_end(&w);
	}
}

static void test_every_flag_with_tables_kept_in_step(void **state)
{
	(void)state;
	each_entry(SHADOW_PROTECT, false, by_each_access);
}

static void test_every_flag_with_tables_let_go(void **state)
{
	(void)state;
	each_entry(SHADOW_UNSYNC, false, by_each_access);
}

static void test_every_flag_with_a_virtual_tlb(void **state)
{
	(void)state;
	each_entry(SHADOW_FLUSH, false, by_each_access_afresh);
}

static void test_every_flag_over_read_only_memory(void **state)
{
	(void)state;
	each_entry(SHADOW_PROTECT, true, by_each_access);
}

/* W, U and NX of all entries at once, A and D of the leaf, large pages at every level. */
static void test_rights_are_taken_from_every_level(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct shape *s = &shapes[i];
		uint64_t rights = PTE_W | PTE_U | (s->entry_size == 8 ? PTE_NX : 0);
		struct sweep w;

		sweep_make(&w, s, SHADOW_PROTECT, false, by_each_access);
		w.t.fixed = PTE_P | PTE_A;
		w.t.one_right = s->tables >= 4 && !is_long();
		w.t.vary[0] = rights | (s->tables == 2 || is_long() ? PTE_D : 0);
		for (unsigned k = 1; k < s->tables; k++)
			w.t.vary[k] = rights | (k <= 2 ? PTE_PS : 0);
		product(&w.t, s->tables - 1);
		sweep_end(&w);
	}
}

/* ---- protection keys: 4 and 5 levels have them ---- */

#define KEY		5u	/* any but 0 */
#define LEAVES		3u	/* PTE, PDE, PDPTE */

/* PKRU changes between any two accesses, and nobody hears of it. */
static void by_each_right_of_the_key(struct path *t)
{
	struct sweep *w = (struct sweep *)t;

	for (unsigned n = 0; n < 2 * CONTROLS; n++) {
		set_controls(t, n / 2);
		t->p.mode.cr4 |= n & 1 ? CR4_PKE : 0;
		w->r.mode = t->p.mode;
		rig_root(&w->r);
		for (unsigned i = 0; i < 4 * ARRAY_SIZE(accesses); i++) {
			uint32_t rights = (i & 3) << 2 * KEY, others = ~(UINT32_C(3) << 2 * KEY);

			/* The other keys have what this has not. */
			w->r.mode.pkru = t->p.mode.pkru = rights | (i & 3 ? 0 : others);
			/* D is taken back before each access. */
			if (w->r.s.config.sync == SHADOW_FLUSH) {
				put_all(w);
				shadow_sync_all(&w->r.s);
				rig_root(&w->r);
			}
			access_one(w, accesses[i >> 2]);
		}
	}
}

/* Rights and D of the leaf at each level, a right less above, this key and another. */
static void every_right_of_a_key(struct sweep *w)
{
	struct path *t = &w->t;

	for (unsigned n = 0; n < 2 * 2 * LEAVES * 16; n++) {
		unsigned flags = n & 15, leaf = (n >> 4) % LEAVES, set = (n >> 4) / LEAVES;
		uint64_t key = FIELD_PUT(PTE_PKEY, set & 1 ? KEY : 0);

		for (unsigned k = 0; k < t->shape->tables; k++)
			t->value[k] = leads_to[k] | PWU | PTE_A | (key ^ PTE_PKEY);
		t->value[leaf] = leads_to[leaf] | PTE_P | PTE_A | key | (leaf ? PTE_PS : 0) |
				 (flags & 1 ? PTE_W : 0) | (flags & 2 ? PTE_U : 0) |
				 (flags & 4 ? PTE_D : 0) | (flags & 8 ? PTE_NX : 0);
		if (set & 2)
			t->value[t->shape->tables - 1] &= ~(PTE_U | PTE_W);
		by_each_right_of_the_key(t);
	}
}

static void keys_hold(enum shadow_sync sync)
{
	for (unsigned i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct sweep w;

		if (shapes[i].tables < 4 ||
		    (sync == SHADOW_FLUSH && shapes[i].tables > 4 && !is_long()))
			continue;
		sweep_make(&w, &shapes[i], sync, false, NULL);
		every_right_of_a_key(&w);
		sweep_end(&w);
	}
}

static void test_every_key_with_tables_kept_in_step(void **state)
{
	(void)state;
	keys_hold(SHADOW_PROTECT);
}

static void test_every_key_with_tables_let_go(void **state)
{
	(void)state;
	keys_hold(SHADOW_UNSYNC);
}

static void test_every_key_with_a_virtual_tlb(void **state)
{
	(void)state;
	keys_hold(SHADOW_FLUSH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_flag_with_tables_kept_in_step),
		cmocka_unit_test(test_every_flag_with_tables_let_go),
		cmocka_unit_test(test_every_flag_with_a_virtual_tlb),
		cmocka_unit_test(test_every_flag_over_read_only_memory),
		cmocka_unit_test(test_rights_are_taken_from_every_level),
		cmocka_unit_test(test_every_key_with_tables_kept_in_step),
		cmocka_unit_test(test_every_key_with_tables_let_go),
		cmocka_unit_test(test_every_key_with_a_virtual_tlb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
