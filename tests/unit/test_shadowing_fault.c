/*
 * Page faults under shadow tables, from the exit to the next entry: whose each was, what
 * of it the guest sees, and what becomes of an event that was on its way.
 * SDM 3A "Interrupt 14 - Page-Fault Exception (#PF)" 6.15; tables 6-4, 6-5.
 */
#include "shadowing_fixture.h"

static const uint8_t load_al[] = { 0x8a, 0x06 };	/* MOV AL, [RSI] */
static const uint8_t store_eax[] = { 0x89, 0x07 };	/* MOV [RDI], EAX */

static void (*const modes[])(struct rig *r) = { rig_32bit, rig_pae, rig_long };

static void begin(struct rig *r, unsigned mode)
{
	rig_sync(r, SHADOW_UNSYNC);
	modes[mode](r);
}

/* The tables allow it: an entry is made, and the guest tries again, told nothing. */
static void a_fault_of_ours_is_not_the_guests(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		begin(r, mode);
		r->w->vm.vcpu.cr2 = 0x1234;
		GOES_ON(r, FAULT(TEST_VA, 0));
		assert_int_equal(leaf_of(r, TEST_VA) & PTE_ADDR, host_of(r, DATA));
		assert_int_equal(world_event(r->w, 0)->kind, EVENT_NONE);
		assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE);
		assert_int_equal(world_after(r->w, 0)->cr2, 0x1234);
		assert_int_equal(count_of(r, EXIT_SHADOW), mode + 1);
		assert_int_equal(count_of(r, EXIT_EXCEPTION), 0);
	}
}

/*
 * No translation for the access: the guest's own, with the code that its tables call
 * for, not the hardware's (whose entry was not there at all), and with CR2.
 */
static void a_fault_of_the_guests_has_its_own_code(void **state)
{
	static const struct { uint64_t entry; uint32_t hardware, error; } rows[] = {
		{ 0, 0, 0 },
		{ 0, PFEC_W, PFEC_W },
		{ DATA | PTE_P, PFEC_W, PFEC_W | PFEC_P },
		{ DATA | PTE_P | PTE_W, PFEC_U, PFEC_U | PFEC_P },
		{ DATA | PTE_P | PTE_W, PFEC_U | PFEC_W, PFEC_U | PFEC_W | PFEC_P },
	};
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++)
		for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
			const struct event *e;

			begin(r, mode);
			map(r, 0, rows[i].entry);
			GOES_ON(r, FAULT(TEST_VA + 0x123, rows[i].hardware));
			e = world_event(r->w, 0);
			assert_int_equal(e->kind, EVENT_EXCEPTION);
			assert_int_equal(e->vector, VEC_PF);
			assert_true(e->has_error);
			assert_int_equal(e->error, rows[i].error);
			assert_int_equal(world_after(r->w, 0)->cr2, TEST_VA + 0x123);
			assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE);
			assert_int_equal(leaf_of(r, TEST_VA), 0);
			}
	assert_int_equal(count_of(r, EXIT_SHADOW), 0);
	assert_int_equal(count_of(r, EXIT_EXCEPTION), 3 * ARRAY_SIZE(rows));
}

/* A reserved bit of a PAE entry: RSVD and P. SDM 3A figure 4-12. */
static void a_reserved_bit_is_in_the_code(void **state)
{
	struct rig *r = *state;

	rig_pae(r);
	map(r, 0, DATA | TOUCHED | BIT(52));
	GOES_ON(r, FAULT(TEST_VA, PFEC_U));
	assert_int_equal(world_event(r->w, 0)->error, PFEC_P | PFEC_U | PFEC_RSVD);
}

/* What was on its way when a fault of ours came goes on as it was. */
static void an_event_goes_on_after_a_fault_of_ours(void **state)
{
	static const struct event rows[] = {
		{ .kind = EVENT_INTERRUPT, .vector = 0x20 },
		{ .kind = EVENT_NMI, .vector = VEC_NMI },
		{ .kind = EVENT_EXCEPTION, .vector = VEC_GP, .has_error = true,
		  .error = 0x18 },
		{ .kind = EVENT_SOFT_INT, .vector = 0x80, .insn_len = 2 },
	};
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct event *e;

		begin(r, 0);
		GOES_ON(r, FAULT(TEST_VA, PFEC_W), .vectoring = rows[i]);
		e = world_event(r->w, 0);
		assert_int_equal(e->kind, rows[i].kind);
		assert_int_equal(e->vector, rows[i].vector);
		assert_int_equal(e->has_error, rows[i].has_error);
		assert_int_equal(e->error, rows[i].error);
		assert_int_equal(e->insn_len, rows[i].insn_len);
	}
	assert_int_equal(count_of(r, EXIT_SHADOW), ARRAY_SIZE(rows));
}

/*
 * Table 6-5: a page fault after a page fault is a double fault, after a contributory
 * one or an interrupt it is delivered itself. CR2 is loaded each time.
 */
static void a_fault_of_the_guests_tops_what_was_on_its_way(void **state)
{
	static const struct { uint8_t kind, first, expect; } rows[] = {
		{ EVENT_EXCEPTION, VEC_PF, VEC_DF },
		{ EVENT_EXCEPTION, VEC_GP, VEC_PF },
		{ EVENT_EXCEPTION, VEC_UD, VEC_PF },
		{ EVENT_INTERRUPT, 0x20, VEC_PF },
		{ EVENT_INTERRUPT, VEC_PF, VEC_PF },
	};
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct event *e;

		begin(r, 0);
		map(r, 0, 0);
		GOES_ON(r, FAULT(TEST_VA, PFEC_W),
			ON_ITS_WAY(rows[i].kind, rows[i].first));
		e = world_event(r->w, 0);
		assert_int_equal(e->kind, EVENT_EXCEPTION);
		assert_int_equal(e->vector, rows[i].expect);
		assert_true(e->has_error);
		assert_int_equal(e->error, rows[i].expect == VEC_PF ? PFEC_W : 0);
		assert_int_equal(world_after(r->w, 0)->cr2, TEST_VA);
	}
}

static void a_fault_of_the_guests_after_a_double_fault_is_the_end(void **state)
{
	struct rig *r = *state;

	begin(r, 0);
	map(r, 0, 0);
	GOES_ON(r, FAULT(TEST_VA, PFEC_W),
		ON_ITS_WAY(EVENT_EXCEPTION, VEC_DF, .has_error = true));
	assert_int_equal(r->w->vm.end, END_TRIPLE_FAULT);
	assert_int_equal(r->w->fake.entries, 1);
}

/* An empty bus reads all ones. */
static void where_no_memory_is_a_load_reads_ones(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		begin(r, mode);
		world_code(r->w, load_al, sizeof(load_al));
		map(r, 0, OUTSIDE | TOUCHED);
		r->w->vm.vcpu.gpr[GPR_RSI] = TEST_VA;
		r->w->vm.vcpu.gpr[GPR_RAX] = 0x11223300;
		GOES_ON(r, FAULT(TEST_VA, 0));
		assert_int_equal(world_after(r->w, 0)->gpr[GPR_RAX], 0x112233ff);
		assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE + 2);
		assert_int_equal(world_event(r->w, 0)->kind, EVENT_NONE);
		assert_int_equal(count_of(r, EXIT_SHADOW), mode + 1);
		assert_int_equal(leaf_of(r, TEST_VA), 0);
	}
}

/* A write to a table in use is made by us, and what was made from the entry goes. */
static void a_protected_table_is_written_by_us(void **state)
{
	struct rig *r = *state;

	for (unsigned mode = 0; mode < ARRAY_SIZE(modes); mode++) {
		modes[mode](r);
		rig_sync(r, SHADOW_PROTECT);
		GOES_ON(r, FAULT(TEST_VA, 0));
		assert_int_not_equal(leaf_of(r, TEST_VA), 0);
		world_code(r->w, store_eax, sizeof(store_eax));
		r->w->vm.vcpu.gpr[GPR_RDI] = TABLE_TEST;
		r->w->vm.vcpu.gpr[GPR_RAX] = TOUCHED;	/* frame 0 */
		GOES_ON(r, FAULT(TABLE_TEST, PFEC_W));
		assert_int_equal(get(r, TABLE_TEST, 4), TOUCHED);
		assert_int_equal(leaf_of(r, TEST_VA), 0);
		assert_int_equal(world_after(r->w, 0)->rip, WORLD_CODE + 2);
		assert_int_equal(r->w->vm.shadow.counts.written, 1);
		assert_true(r->flushes.all);
	}
}

/*
 * The shadow may have asked for a flush on its way to any answer: it is passed on,
 * also before an emulation that writes no memory.
 */
static void what_the_shadow_asks_to_forget_is_forgotten(void **state)
{
	static const uint64_t entries[] = { DATA | TOUCHED, 0, OUTSIDE | TOUCHED };
	static const enum exit_reason reasons[] = { EXIT_SHADOW, EXIT_EXCEPTION, EXIT_SHADOW };
	struct rig *r = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(entries); i++) {
		struct exit exit = { .reason = FAULT(TEST_VA, 0) };

		begin(r, 0);
		world_code(r->w, load_al, sizeof(load_al));
		r->w->vm.vcpu.gpr[GPR_RSI] = TEST_VA;
		GOES_ON(r, FAULT(DATA, 0));
		map(r, 0, entries[i]);
		r->flushes = (struct flushes){ 0 };
		r->w->vm.shadow.flush = true;
		(void)handle_exception(&r->w->vm, &exit);
		assert_int_equal(exit.reason, reasons[i]);
		assert_false(r->w->vm.shadow.flush);
		assert_int_equal(r->flushes.all, 1);
		r->w->vm.vcpu.pending.kind = EVENT_NONE;
	}
}

/* RFLAGS.AC of this very access: SMAP lets the supervisor at user pages with it. SDM 3A 4.6.1 */
static void smap_asks_for_ac_at_each_fault(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = &r->w->vm.vcpu;

	rig_long(r);
	v->cr4 |= CR4_SMAP;
	control_apply(&r->w->vm);
	for (unsigned i = 0; i < 4; i++) {
		bool ac = i % 2;

		v->rflags = (v->rflags & ~(uint64_t)RFLAGS_AC) | (ac ? RFLAGS_AC : 0);
		map(r, i, DATA | TOUCHED);
		GOES_ON(r, FAULT(TEST_VA + i * PAGE_SIZE, 0));
		assert_int_equal(world_event(r->w, 0)->kind, ac ? EVENT_NONE : EVENT_EXCEPTION);
		assert_int_equal(!!leaf_of(r, TEST_VA + i * PAGE_SIZE), ac);
		v->pending.kind = EVENT_NONE;
	}
}

/* POPF and STAC are no exits: between two faults nothing but RFLAGS.AC may have changed. */
static void smap_asks_for_ac_without_another_root(void **state)
{
	struct rig *r = *state;
	struct vcpu *v = &r->w->vm.vcpu;

	rig_long(r);
	v->cr4 |= CR4_SMAP;
	GOES_ON(r, FAULT(TEST_VA + PAGE_SIZE, 0));
	for (unsigned i = 0; i < 4; i++) {
		struct exit exit = { .reason = FAULT(TEST_VA + i * PAGE_SIZE, 0) };
		bool ac = i % 2;

		v->pending.kind = EVENT_NONE;
		v->rflags = (v->rflags & ~(uint64_t)RFLAGS_AC) | (ac ? RFLAGS_AC : 0);
		map(r, i, DATA | TOUCHED);
		(void)handle_exception(&r->w->vm, &exit);
		assert_int_equal(v->pending.kind, ac ? EVENT_NONE : EVENT_EXCEPTION);
	}
	v->pending.kind = EVENT_NONE;
}

static const struct CMUnitTest tests[] = {
	BOTH(a_fault_of_ours_is_not_the_guests),
	BOTH(a_fault_of_the_guests_has_its_own_code),
	BOTH(a_reserved_bit_is_in_the_code),
	BOTH(an_event_goes_on_after_a_fault_of_ours),
	BOTH(a_fault_of_the_guests_tops_what_was_on_its_way),
	BOTH(a_fault_of_the_guests_after_a_double_fault_is_the_end),
	BOTH(where_no_memory_is_a_load_reads_ones),
	BOTH(a_protected_table_is_written_by_us),
	BOTH(what_the_shadow_asks_to_forget_is_forgotten),
	BOTH(smap_asks_for_ac_at_each_fault),
	BOTH(smap_asks_for_ac_without_another_root),
};

WORLD_MAIN(tests)
