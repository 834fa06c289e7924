/*
 * Software at work beside shadow tables: what it writes to the guest's tables is heard
 * of, what it cannot do is left to the guest, and how the guest is run is asked again
 * when that may have changed.
 */
#include "shadowing_fixture.h"

#define STUCK_TRIES	32u	/* more than any patience there is */
#define NONE		UINT64_C(0x5555)

static const uint8_t store_xmm[] = { 0x0f, 0x29, 0x07 };	/* MOVAPS [RDI], XMM0 */

/* A 32-bit guest that has used TEST_VA; the table must be written by us. */
static struct vcpu *protected_table(struct rig *r)
{
	rig_sync(r, SHADOW_PROTECT);
	rig_32bit(r);
	r->w->vm.vcpu.cr4 = CR4_OSFXSR;
	rig_descriptors(r);
	for (unsigned n = 1; n < 4; n++)
		map(r, n, DATA | TOUCHED);
	for (unsigned n = 0; n < 4; n++)
		GOES_ON(r, FAULT(TEST_VA + n * PAGE_SIZE, 0));
	assert_int_equal(r->w->vm.hw.ran_as, RAN_SHADOW);
	return &r->w->vm.vcpu;
}

static bool mapped(const struct rig *r, unsigned n)
{
	return leaf_of(r, TEST_VA + n * PAGE_SIZE);
}

/* The first so many of the four pages are gone, the others still there. */
static void assert_dropped(const struct rig *r, unsigned first, unsigned last)
{
	for (unsigned n = 0; n < 4; n++)
		assert_int_equal(mapped(r, n), n < first || n > last);
	assert_true(r->flushes.all);
}

/* A block: what was made from the table goes, and the guest does it itself. */
static void rep_stos_over_a_table_is_left_to_the_guest(void **state)
{
	static const uint8_t code[] = { 0xf3, 0xab };
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, code, sizeof(code));
	v->gpr[GPR_RDI] = TABLE_TEST + 4;
	v->gpr[GPR_RCX] = 2;
	GOES_ON(r, FAULT(TABLE_TEST + 4, PFEC_W | PFEC_P));
	assert_int_equal(v->gpr[GPR_RCX], 2);
	assert_dropped(r, 0, 3);
	GOES_ON(r, FAULT(TABLE_TEST + 4, PFEC_W | PFEC_P));
	assert_true(leaf_of(r, TABLE_TEST) & PTE_W);
}

/* The root cannot go: it is out of step, which is as good. */
static void rep_movs_over_the_root_is_left_to_the_guest(void **state)
{
	static const uint8_t code[] = { 0xf3, 0xa5 };
	struct rig *r = *state;
	struct vcpu *v = &r->w->vm.vcpu;

	rig_long(r);
	world_code(r->w, code, sizeof(code));
	v->gpr[GPR_RSI] = DATA;
	v->gpr[GPR_RDI] = WORLD_PML4;
	v->gpr[GPR_RCX] = 2;
	GOES_ON(r, FAULT(WORLD_PML4, PFEC_W));
	GOES_ON(r, FAULT(WORLD_PML4, PFEC_W));
	assert_int_equal(v->gpr[GPR_RCX], 2);
	assert_true(leaf_of(r, WORLD_PML4) & PTE_W);
}

/* One that needs what it writes is left to the guest all the same, at the second try. */
static void rep_stos_over_the_table_that_maps_it_gets_on(void **state)
{
	static const uint8_t code[] = { 0xf3, 0xab };
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);
	uint64_t va = TEST_VA + 6 * PAGE_SIZE;

	map(r, 6, TABLE_TEST | TOUCHED);
	world_code(r->w, code, sizeof(code));
	v->gpr[GPR_RDI] = va;
	v->gpr[GPR_RCX] = 2;
	for (unsigned i = 0; i < 3; i++)
		GOES_ON(r, FAULT(va, PFEC_W));
	assert_true(v->gpr[GPR_RCX] == 2 && (leaf_of(r, va) & PTE_W));
}

/* What it needs is taken back each time: it is emulated, at each new address again. */
static void rep_stos_that_never_gets_on_is_emulated(void **state)
{
	static const uint8_t code[] = { 0xf3, 0xab };
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, code, sizeof(code));
	v->gpr[GPR_RAX] = 0;
	for (unsigned round = 0; round < 3; round++) {
		v->gpr[GPR_RDI] = entry_at(r, 1 + round);
		v->gpr[GPR_RCX] = 1;
		for (unsigned i = 0; i < STUCK_TRIES && v->gpr[GPR_RCX]; i++) {
			GOES_ON(r, FAULT(TEST_VA, 0));
			GOES_ON(r, FAULT(v->gpr[GPR_RDI], PFEC_W));
			assert_int_equal(r->w->vm.end, END_HALT);
			shadow_give_up(&r->w->vm.shadow, gpa(TABLE_TEST));
			shadowing_root(&r->w->vm);
		}
		assert_int_equal(v->gpr[GPR_RCX], 0);
		assert_int_equal(get(r, entry_at(r, 1 + round), 4), 0);
	}
}

/* A single one is heard as any other store. */
static void stos_without_rep_is_heard(void **state)
{
	static const uint8_t code[] = { 0xab };
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, code, sizeof(code));
	v->gpr[GPR_RDI] = TABLE_TEST + 4;
	v->gpr[GPR_RAX] = 0;
	GOES_ON(r, FAULT(TABLE_TEST + 4, PFEC_W | PFEC_P));
	assert_int_equal(get(r, TABLE_TEST + 4, 4), 0);
	assert_dropped(r, 1, 1);
}

/* Also where the locked store is made by the host's own instruction. */
static void locked_cmpxchg_of_an_entry_is_heard(void **state)
{
	static const uint8_t code[] = { 0xf0, 0x0f, 0xb1, 0x0f };	/* [EDI], ECX */
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, code, sizeof(code));
	v->gpr[GPR_RDI] = entry_at(r, 2);
	v->gpr[GPR_RAX] = DATA | TOUCHED;
	v->gpr[GPR_RCX] = HANDLER | TOUCHED;
	GOES_ON(r, FAULT(entry_at(r, 2), PFEC_W | PFEC_P));
	assert_int_equal(get(r, entry_at(r, 2), 4), HANDLER | TOUCHED);
	assert_dropped(r, 2, 2);
}

static void cmpxchg8b_of_two_entries_is_heard(void **state)
{
	static const uint8_t code[] = { 0xf0, 0x0f, 0xc7, 0x0f };	/* [EDI] */
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, code, sizeof(code));
	v->gpr[GPR_RDI] = TABLE_TEST;
	v->gpr[GPR_RAX] = v->gpr[GPR_RDX] = DATA | TOUCHED;
	v->gpr[GPR_RBX] = v->gpr[GPR_RCX] = 0;
	GOES_ON(r, FAULT(TABLE_TEST, PFEC_W | PFEC_P));
	assert_int_equal(get(r, TABLE_TEST, 8), 0);
	assert_dropped(r, 0, 1);
}

/* An event pushes three words onto a stack that lies in a table; it has arrived then. */
static void a_delivery_that_pushes_onto_a_table_is_heard(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	v->gpr[GPR_RSP] = TABLE_TEST + 16;
	v->rflags |= RFLAGS_IF;
	GOES_ON(r, FAULT(TABLE_TEST + 12, PFEC_W | PFEC_P),
		ON_ITS_WAY(EVENT_INTERRUPT, 0x20));
	assert_int_equal(world_event(r->w, 0)->kind, EVENT_NONE);
	assert_int_equal(world_after(r->w, 0)->rip, HANDLER);
	assert_int_equal(v->gpr[GPR_RSP], TABLE_TEST + 4);
	assert_int_equal(get(r, TABLE_TEST + 4, 4), WORLD_CODE);
	assert_dropped(r, 1, 3);
	assert_int_equal(count_of(r, EXIT_SHADOW), 5);
}

/* A segment loaded from a descriptor in a table sets its accessed bit there. */
static void the_accessed_bit_of_a_descriptor_is_heard(void **state)
{
	static const uint8_t code[] = { 0x8e, 0xd8 };	/* MOV DS, AX */
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, code, sizeof(code));
	v->gdtr = (struct vcpu_dtr){ TABLE_TEST, 0xf };
	put(r, TABLE_TEST + 8, UINT64_C(0x00cf92000000ffff), 8);
	v->gpr[GPR_RAX] = 8;
	GOES_ON(r, FAULT(TABLE_TEST + 12, PFEC_W | PFEC_P));
	assert_int_equal(v->seg[SEG_DS].sel, 8);
	assert_int_equal(get(r, TABLE_TEST + 8, 8), UINT64_C(0x00cf93000000ffff));
	assert_false(mapped(r, 3));
	assert_true(mapped(r, 0));
	assert_true(r->flushes.all);
}

/* The emulator has no SSE: the table goes out of step, and the guest makes the store itself. */
static void what_cannot_be_emulated_is_left_to_the_guest(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, store_xmm, sizeof(store_xmm));
	v->gpr[GPR_RDI] = TABLE_TEST;
	GOES_ON(r, FAULT(TABLE_TEST, PFEC_W | PFEC_P));
	assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE);
	assert_int_equal(world_event(r->w, 0)->kind, EVENT_NONE);
	assert_int_equal(get(r, TABLE_TEST, 4), DATA | TOUCHED);
	/* It tries again, and may. */
	GOES_ON(r, FAULT(TABLE_TEST, PFEC_W | PFEC_P));
	assert_true(leaf_of(r, TABLE_TEST) & PTE_W);
	assert_int_equal(r->w->vm.end, END_HALT);
	/* What it has written counts from the next flush on, and no later. */
	map(r, 2, OUTSIDE | TOUCHED);
	shadowing_flush(&r->w->vm);
	assert_false(mapped(r, 2));
	assert_true(mapped(r, 1));
	assert_false(leaf_of(r, TABLE_TEST) & PTE_W);
}

/* Into no table: there is nothing to leave to the guest, who would come back for ever. */
static void what_cannot_be_emulated_elsewhere_is_the_end(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, store_xmm, sizeof(store_xmm));
	map(r, 5, OUTSIDE | TOUCHED);
	v->gpr[GPR_RDI] = TEST_VA + 5 * PAGE_SIZE;
	GOES_ON(r, FAULT(TEST_VA + 5 * PAGE_SIZE, PFEC_W));
	assert_int_equal(r->w->vm.end, END_STOPPED);
	assert_non_null(strstr(r->w->vm.end_reason, "cannot emulate"));
}

/* The page written is mapped by the very table that it holds: it gets on. */
static void one_that_needs_what_it_writes_gets_on(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);
	uint64_t va = TEST_VA + 6 * PAGE_SIZE;

	map(r, 6, TABLE_TEST | TOUCHED);
	world_code(r->w, store_xmm, sizeof(store_xmm));
	v->gpr[GPR_RDI] = va;
	for (unsigned i = 0; i < 2; i++)
		GOES_ON(r, FAULT(va, PFEC_W));
	assert_int_equal(r->w->vm.end, END_HALT);
	assert_true(leaf_of(r, va) & PTE_W);
	shadowing_flush(&r->w->vm);
	assert_false(leaf_of(r, va) & PTE_W);
}

/* A directory too, which INVLPG of any address brings back in step. SDM 3A 4.10.4.1 */
static void a_directory_is_out_of_step_until_any_invlpg(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, store_xmm, sizeof(store_xmm));
	v->gpr[GPR_RDI] = WORLD_PML4;
	for (unsigned i = 0; i < 2; i++)
		GOES_ON(r, FAULT(WORLD_PML4, PFEC_W));
	assert_int_equal(r->w->vm.end, END_HALT);
	assert_true(leaf_of(r, WORLD_PML4) & PTE_W);
	GOES_ON(r, FAULT(TEST_VA, 0));
	put(r, WORLD_PML4 + 4, 0, 4);
	assert_true(mapped(r, 0));
	shadowing_invlpg(&r->w->vm, gva(DATA));
	assert_false(mapped(r, 0));
	assert_false(leaf_of(r, WORLD_PML4) & PTE_W);
	assert_false(r->w->vm.shadow.unsynced);
	assert_false(r->w->vm.shadow.unsynced_upper);
}

/* The same store again and again, but the guest gets on in between: that is no end. */
static void one_that_gets_on_each_time_is_not_stopped(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	world_code(r->w, store_xmm, sizeof(store_xmm));
	v->gpr[GPR_RDI] = TABLE_TEST;
	for (unsigned i = 0; i < STUCK_TRIES; i++) {
		GOES_ON(r, FAULT(TABLE_TEST, PFEC_W | PFEC_P));
		assert_int_equal(r->w->vm.end, END_HALT);
		GOES_ON(r, FAULT(TABLE_TEST, PFEC_W | PFEC_P));
		shadowing_flush(&r->w->vm);
		/* Further on it uses what it has written. */
		v->rip = WORLD_CODE + sizeof(store_xmm);
		GOES_ON(r, FAULT(TEST_VA, 0));
		assert_true(mapped(r, 0));
	}
}

/* Real mode as virtual-8086 mode is at CPL 3, which the guest is not. */
static void real_mode_faults_are_ours_whatever_the_ring(void **state)
{
	struct rig *r = *state;

	for (unsigned i = 0; i < 2; i++) {
		GOES_ON(r, FAULT(DATA, PFEC_U | (i ? PFEC_W | PFEC_P : 0)));
		assert_int_equal(r->w->vm.hw.ran_as, RAN_VM86);
		assert_int_equal(r->w->vm.hw.root, ROOT_SHADOW_VM86);
		assert_int_equal(world_event(r->w, 0)->kind, EVENT_NONE);
		assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE);
		assert_true(leaf_of(r, DATA) & PTE_U);
		assert_int_equal(count_of(r, EXIT_SHADOW), i + 1);
	}
	/* The task state's directory is the configured one. */
	assert_int_equal(((uint64_t *)hpa_ptr(hpa(r->w->vm.hw.cr3)))[3] & PTE_ADDR,
			 r->w->vm.shadow.config.fixed.v);
}

static void real_mode_needs_no_task_where_it_runs_paged(void **state)
{
	struct rig *r = *state;

	GOES_ON(r, FAULT(DATA, 0));
	assert_int_equal(r->w->vm.hw.ran_as, RAN_PAGED_REAL);
	assert_int_equal(r->w->vm.hw.root, ROOT_SHADOW);
	assert_int_equal(leaf_of(r, DATA) & ~(SIZE_2M - 1) & PTE_ADDR, host_of(r, 0));
}

/* How the guest is run would be written anew: a mark tells whether it was. */
static bool asked_anew(struct rig *r, const void *code, size_t size)
{
	struct vm *vm = &r->w->vm;

	world_code(r->w, code, size);
	vm->end = END_NOT;
	vm->vcpu.dirty = 0;
	vm->hw.cr3 = NONE;
	assert_int_equal(assist_emulate(vm), ACT_RESUME);
	return vm->hw.cr3 != NONE;
}

/* Segments decide whether the hardware can be entered; a register move does not. */
static void the_strategy_is_asked_when_segments_change(void **state)
{
	static const uint8_t mov[] = { 0x89, 0xc8 }, store[] = { 0x89, 0x07 },
			     mov_ds[] = { 0x8e, 0xd8 }, mov_cr0[] = { 0x0f, 0x22, 0xc0 },
			     far[] = { 0xea, 0x00, 0x78, 0, 0, LOAD_CS, 0 };
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	v->gpr[GPR_RDI] = DATA;
	assert_false(asked_anew(r, mov, sizeof(mov)));
	v->rip = WORLD_CODE;
	assert_false(asked_anew(r, store, sizeof(store)));
	v->rip = WORLD_CODE;
	v->gpr[GPR_RAX] = LOAD_DS;
	assert_true(asked_anew(r, mov_ds, sizeof(mov_ds)));
	v->rip = WORLD_CODE;
	v->gpr[GPR_RAX] = v->cr0 ^ CR0_TS;
	assert_true(asked_anew(r, mov_cr0, sizeof(mov_cr0)));
	v->rip = WORLD_CODE;
	assert_true(asked_anew(r, far, sizeof(far)));
	assert_int_equal(v->rip, HANDLER);
}

/* A data segment that VM entry would refuse: emulated from the next instruction on. */
static void a_segment_that_does_not_fit_is_seen(void **state)
{
	static const uint8_t pop_ds[] = { 0x1f };
	struct rig *r = *state;
	struct vcpu *v = protected_table(r);

	/* CS with RPL 1: DPL of CS and SS no longer go with it (26.3.1.2). */
	v->seg[SEG_SS].sel |= 1;
	v->gpr[GPR_RSP] = DATA;
	put(r, DATA, LOAD_DS, 4);
	assert_true(asked_anew(r, pop_ds, sizeof(pop_ds)));
	assert_int_equal(r->w->vm.hw.ran_as, RAN_EMULATED);
}

static const struct CMUnitTest tests[] = {
	BOTH(rep_stos_over_a_table_is_left_to_the_guest),
	BOTH(rep_movs_over_the_root_is_left_to_the_guest),
	BOTH(rep_stos_over_the_table_that_maps_it_gets_on),
	BOTH(rep_stos_that_never_gets_on_is_emulated),
	BOTH(stos_without_rep_is_heard),
	BOTH(locked_cmpxchg_of_an_entry_is_heard),
	BOTH(cmpxchg8b_of_two_entries_is_heard),
	BOTH(a_delivery_that_pushes_onto_a_table_is_heard),
	BOTH(the_accessed_bit_of_a_descriptor_is_heard),
	BOTH(what_cannot_be_emulated_is_left_to_the_guest),
	BOTH(what_cannot_be_emulated_elsewhere_is_the_end),
	BOTH(one_that_needs_what_it_writes_gets_on),
	BOTH(a_directory_is_out_of_step_until_any_invlpg),
	BOTH(one_that_gets_on_each_time_is_not_stopped),
	VMX_TEST(real_mode_faults_are_ours_whatever_the_ring),
	SVM_TEST(real_mode_needs_no_task_where_it_runs_paged),
	BOTH(the_strategy_is_asked_when_segments_change),
	VMX_TEST(a_segment_that_does_not_fit_is_seen),
};

WORLD_MAIN(tests)
