/*
 * Protection keys under shadow tables: PKRU is the guest's own and changes without an exit,
 * CR4.PKE chooses shadows. SDM 3A "Protection Keys" 4.6.2.
 */
#include "shadowing_fixture.h"

#define KEY		5u
#define KEY_AD		(UINT32_C(1) << 2 * KEY)	/* no data access */
#define KEY_WD		(UINT32_C(2) << 2 * KEY)	/* no write */
#define KEYED		FIELD_PUT(PTE_PKEY, KEY)

static const uint8_t store_eax[] = { 0x89, 0x07 };	/* MOV [RDI], EAX */

static uint32_t in_cpu;		/* PKRU */
static unsigned asked;

static uint32_t rdpkru(struct host_io *io)
{
	(void)io;
	asked++;
	return in_cpu;
}

/* A guest of four levels, with a page of that key. */
static struct vcpu *begin(struct rig *r, enum shadow_sync sync, uint64_t pke)
{
	struct vcpu *v = &r->w->vm.vcpu;

	r->w->io.rdpkru = rdpkru;
	rig_sync(r, sync);
	rig_long(r);
	v->cr4 |= pke;
	map(r, 0, DATA | TOUCHED | KEYED);
	control_apply(&r->w->vm);
	in_cpu = 0;
	asked = 0;
	return v;
}

/* The guest writes it between any two faults, and no exit tells. */
static void pkru_is_asked_at_each_fault(void **state)
{
	static const struct { uint32_t pkru, hardware, error; } rows[] = {
		{ KEY_AD, 0, PFEC_P | PFEC_PK },
		{ 0, 0, 0 },
		{ KEY_AD, PFEC_P | PFEC_PK, PFEC_P | PFEC_PK },
		{ KEY_WD, PFEC_P | PFEC_W | PFEC_PK, PFEC_P | PFEC_W | PFEC_PK },
		{ KEY_WD, PFEC_P | PFEC_W | PFEC_U | PFEC_PK,
		  PFEC_P | PFEC_W | PFEC_U | PFEC_PK },
		{ ~(KEY_AD | KEY_WD), 0, 0 },
	};
	struct rig *r = *state;
	struct vcpu *v = begin(r, SHADOW_UNSYNC, CR4_PKE);

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		asked = 0;
		in_cpu = rows[i].pkru;
		GOES_ON(r, FAULT(TEST_VA, rows[i].hardware));
		assert_int_equal(asked, 1);
		assert_int_equal(world_event(r->w, 0)->kind,
				 rows[i].error ? EVENT_EXCEPTION : EVENT_NONE);
		if (rows[i].error)
			assert_int_equal(world_event(r->w, 0)->error, rows[i].error);
		v->pending.kind = EVENT_NONE;
	}
	assert_int_equal(leaf_of(r, TEST_VA) & PTE_PKEY, KEYED);
}

/* With CR4.PKE clear RDPKRU would be #UD, and no key counts. SDM 2B "RDPKRU" */
static void pkru_is_not_asked_without_pke(void **state)
{
	struct rig *r = *state;

	(void)begin(r, SHADOW_UNSYNC, 0);
	in_cpu = UINT32_MAX;
	GOES_ON(r, FAULT(TEST_VA, 0));
	assert_int_equal(asked, 0);
	assert_int_equal(world_event(r->w, 0)->kind, EVENT_NONE);
	assert_int_not_equal(leaf_of(r, TEST_VA), 0);
}

/* With CR0.WP clear the supervisor's write passes WD; the hardware's WP is set: by software. */
static void without_wp_a_write_against_wd_is_made_in_software(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = begin(r, SHADOW_UNSYNC, CR4_PKE);

	v->cr0 &= ~CR0_WP;
	control_apply(&r->w->vm);
	in_cpu = KEY_WD;
	GOES_ON(r, FAULT(TEST_VA, 0));
	world_code(r->w, store_eax, sizeof(store_eax));
	v->gpr[GPR_RDI] = TEST_VA;
	v->gpr[GPR_RAX] = 0x12345678;
	GOES_ON(r, FAULT(TEST_VA, PFEC_P | PFEC_W | PFEC_PK));
	assert_int_equal(get(r, DATA, 4), 0x12345678);
	assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE + sizeof(store_eax));
	assert_int_equal(world_event(r->w, 0)->kind, EVENT_NONE);
	v->cr0 |= CR0_WP;
}

/*
 * INVLPG looks below the root of the time only: what an earlier root has out of step must
 * not be found again when CR4.PKE, with CR0.WP clear, chooses that root anew.
 */
static void invlpg_holds_for_the_roots_of_both_pke(void **state)
{
	static const enum shadow_sync all[] = { SHADOW_PROTECT, SHADOW_UNSYNC, SHADOW_FLUSH };
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
		struct vcpu *v = begin(r, all[i], 0);
		uint64_t root;

		v->cr0 &= ~CR0_WP;
		control_apply(&r->w->vm);
		GOES_ON(r, FAULT(TEST_VA, 0));
		root = r->w->vm.hw.cr3;
		assert_true(control_write_cr4(&r->w->vm, v->cr4 | CR4_PKE));
		assert_int_not_equal(r->w->vm.hw.cr3, root);
		if (all[i] == SHADOW_PROTECT)
			shadowing_written(&r->w->vm, gpa(entry_at(r, 0)), entry_size(r));
		else
			GOES_ON(r, FAULT(TABLE_TEST, PFEC_W));
		map(r, 0, HANDLER | TOUCHED);
		GOES_ON(r, EXIT_INVLPG, .insn_len = 3, .decoded = true,
			.address = gva(TEST_VA));
		assert_true(control_write_cr4(&r->w->vm, v->cr4 & ~(uint64_t)CR4_PKE));
		if (leaf_of(r, TEST_VA))
			assert_int_equal(leaf_of(r, TEST_VA) & PTE_ADDR,
					 host_of(r, HANDLER & ~PAGE_MASK));
		v->cr0 |= CR0_WP;
	}
}

static const struct CMUnitTest tests[] = {
	BOTH(pkru_is_asked_at_each_fault),
	BOTH(pkru_is_not_asked_without_pke),
	BOTH(without_wp_a_write_against_wd_is_made_in_software),
	BOTH(invlpg_holds_for_the_roots_of_both_pke),
};

WORLD_MAIN(tests)
