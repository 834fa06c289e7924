/*
 * The ring of a run's exits: what an entry holds, which ones are kept, that a guest cannot
 * make it look where it must not, and that nobody sees what it took of the time.
 */
#include "fake_world.h"

#include "core/trace.h"

#define POOL_FRAMES	16u
#define FETCH_TAKES	100000u	/* TSC units, of each state_fetch() in slow_backend */

static struct frame_pool pool;
static void *frames;

static void trace(struct world *w, unsigned room, bool first)
{
	struct trace_request request = { room, first };

	frames = aligned_alloc(PAGE_SIZE, POOL_FRAMES * PAGE_SIZE);
	frame_pool_init(&pool, hpa_of(frames), POOL_FRAMES * PAGE_SIZE);
	assert_int_equal(trace_make(&w->vm, &request, &pool), HV_OK);
}

static int teardown(void **state)
{
	free(frames);
	frames = NULL;
	return world_teardown(state);
}

#define TRACE_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, teardown)

static const struct fake_step three[] = {
	STEP(EXIT_CPUID, .insn_len = 2),
	STEP(EXIT_IO, .insn_len = 1, .io = { .port = WORLD_PORT, .size = 1 }),
	STEP(EXIT_CPUID, .insn_len = 2),
};

/* CPUID; OUT DX, AL; CPUID; HLT. SDM 2 "CPUID", "OUT", "HLT" */
static const uint8_t three_code[] = { 0x0f, 0xa2, 0xee, 0x0f, 0xa2, 0xf4 };

static void no_room_is_no_trace(void **state)
{
	struct world *w = *state;

	trace(w, 0, false);
	assert_null(w->vm.trace);
	assert_ptr_equal(w->vm.backend, &world_backend);
}

/* docs/record.md: the bound is a matter of memory. */
static void without_memory_there_is_an_error(void **state)
{
	struct world *w = *state;
	struct trace_request request = { TRACE_MAX, false };

	trace(w, 0, false);
	assert_int_equal(trace_make(&w->vm, &request, &pool), HV_NO_MEMORY);
	assert_null(w->vm.trace);
}

static void an_exit_is_told_as_it_was(void **state)
{
	struct world *w = *state;
	const struct trace_entry *e;

	trace(w, 10, false);
	world_code(w, three_code, sizeof(three_code));
	w->vm.vcpu.gpr[GPR_RAX] = 0x80000001;
	w->vm.vcpu.gpr[GPR_RCX] = 5;
	RUN(w, three);
	assert_int_equal(w->vm.trace->kept, 4);
	e = &w->vm.trace->entry[0];
	assert_int_equal(e->exit, 1);
	assert_int_equal(e->reason, EXIT_CPUID);
	assert_int_equal(e->mode, MODE_REAL);
	assert_int_equal(e->ran_as, RAN_NATIVE);
	assert_int_equal(e->rip, WORLD_CODE);
	assert_int_equal(e->linear, WORLD_CODE);
	assert_int_equal(e->bits, 16);
	assert_int_equal(e->size, INSN_MAX);
	assert_memory_equal(e->code, three_code, sizeof(three_code));
	/* CPUID answers for EAX and ECX as they were before. */
	assert_int_equal(e->number, 0x80000001);
	assert_int_equal(e->more, 5);
	assert_int_equal(e->at, FAKE_GUEST);
	assert_int_equal(e->guest, FAKE_GUEST);
	e++;
	assert_int_equal(e->exit, 2);
	assert_int_equal(e->reason, EXIT_IO);
	assert_int_equal(e->rip, WORLD_CODE + 2);
	assert_int_equal(e->number, WORLD_PORT);
	assert_int_equal(e->more, 1);
	assert_true(e->is & TRACE_WRITE);
	assert_int_equal(e->at, 2 * FAKE_GUEST + FAKE_HOST);
	assert_int_equal(e->guest, 2 * FAKE_GUEST);
	assert_int_equal(e->took, FAKE_HOST);
}

/* docs/record.md: of LTR, which counts as a task switch, SVM tells no selector. */
static void a_selector_is_told_where_the_cpu_tells_it(void **state)
{
	struct exit exit = { .reason = EXIT_TASK_SWITCH, .task.selector = 0x1238 };
	struct world *w = *state;

	trace(w, 1, false);
	w->vm.trace->exit = &exit;
	for (unsigned told = 0; told < 2; told++) {
		struct trace_entry e = { .exit = 1 };

		exit.decoded = told;
		trace_detail(&w->vm, w->vm.trace, &e);
		assert_int_equal(e.is << 16 | e.number, told ? TRACE_KNOWN << 16 | 0x1238 : 0);
	}
}

/* More exits than room: the last ones stay, in a ring. */
static void the_last_are_kept_and_the_others_counted(void **state)
{
	struct world *w = *state;
	const struct trace *t;

	trace(w, 3, false);
	world_code(w, three_code, sizeof(three_code));
	RUN(w, three);
	t = w->vm.trace;
	assert_int_equal(t->kept, 3);
	assert_int_equal(t->exits, 4);
	assert_int_equal(t->dropped_exits, 1);
	assert_int_equal(t->next, 1);
	assert_int_equal(t->entry[1].exit, 2);
	assert_int_equal(t->entry[2].exit, 3);
	assert_int_equal(t->entry[0].exit, 4);
	assert_int_equal(t->entry[0].reason, EXIT_HLT);
}

static void the_first_are_kept_when_asked_for(void **state)
{
	struct world *w = *state;
	const struct trace *t;

	trace(w, 3, true);
	RUN(w, three);
	t = w->vm.trace;
	assert_int_equal(t->kept, 3);
	assert_int_equal(t->dropped_exits, 1);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(t->entry[i].exit, i + 1);
}

/* One exit in this state; its entry. */
static const struct trace_entry *one(struct world *w)
{
	static const struct fake_step steps[] = {
		STEP(EXIT_EXCEPTION, .exception = {
			.kind = EVENT_EXCEPTION, .vector = VEC_PF,
			.has_error = true, .error = PFEC_W, .cr2 = 0x123456789a },
		     .raw = 0x4e),
	};

	trace(w, 8, false);
	RUN(w, steps);
	return &w->vm.trace->entry[0];
}

static void a_page_fault_has_its_error_and_address(void **state)
{
	struct world *w = *state;
	const struct trace_entry *e;

	world_long(w);
	e = one(w);
	assert_int_equal(e->reason, EXIT_EXCEPTION);
	assert_int_equal(e->mode, MODE_LONG);
	assert_int_equal(e->bits, 64);
	assert_int_equal(e->number, VEC_PF);
	assert_true(e->is & TRACE_ERROR);
	assert_int_equal(e->more, PFEC_W);
	assert_int_equal(e->value, 0x123456789a);
	assert_int_equal(e->raw, 0x4e);
}

static void code_beyond_memory_is_not_read(void **state)
{
	struct world *w = *state;

	world_protected(w);
	w->vm.vcpu.rip = WORLD_RAM;
	assert_int_equal(one(w)->size, 0);
}

static void code_is_read_up_to_the_end_of_memory(void **state)
{
	struct world *w = *state;

	world_protected(w);
	w->vm.vcpu.rip = WORLD_RAM - 3;
	assert_int_equal(one(w)->size, 3);
}

/* The first 4 MiB are mapped, and nothing else. */
static void code_that_is_not_mapped_is_not_read(void **state)
{
	struct world *w = *state;
	const struct trace_entry *e;

	world_long(w);
	w->vm.vcpu.rip = UINT64_C(0x7fff00000000);
	e = one(w);
	assert_int_equal(e->size, 0);
	assert_int_equal(e->rip, UINT64_C(0x7fff00000000));
}

static void an_address_that_is_not_canonical_is_not_read(void **state)
{
	struct world *w = *state;

	world_long(w);
	w->vm.vcpu.rip = BIT(63);
	assert_int_equal(one(w)->size, 0);
}

/* Outside 64-bit code linear addresses have 32 bits. SDM 3A "Segment Descriptors" 3.4.5 */
static void base_and_offset_wrap_at_4_gib(void **state)
{
	struct world *w = *state;
	const struct trace_entry *e;

	world_protected(w);
	w->vm.vcpu.seg[SEG_CS].base = UINT32_MAX - 0xfff;
	w->vm.vcpu.rip = 0x1000 + WORLD_CODE;
	e = one(w);
	assert_int_equal(e->linear, WORLD_CODE);
	assert_int_equal(e->rip, 0x1000 + WORLD_CODE);
	assert_int_equal(e->size, INSN_MAX);
}

/* Tables that lead back to themselves, and to where no memory is. */
static void tables_of_nonsense_are_survived(void **state)
{
	struct world *w = *state;

	world_long(w);
	for (unsigned i = 0; i < 512; i++) {
		world_entry(w, WORLD_PML4, i, WORLD_PML4 | WORLD_TABLE);
		world_entry(w, WORLD_PDPT, i, UINT64_C(0xfffffffff000) | WORLD_TABLE);
	}
	w->vm.vcpu.cr3 = WORLD_PML4;
	w->vm.vcpu.rip = UINT64_C(0x123456789abc) & ~BIT(47);
	assert_in_range(one(w)->size, 0, INSN_MAX);
}

/* A guest that counts accessed bits must find no more. SDM 3A "Accessed and Dirty Flags" 4.8 */
static void looking_leaves_no_accessed_bit(void **state)
{
	struct world *w = *state;
	uint8_t *before = malloc(WORLD_RAM);
	const struct trace_entry *e;

	world_long(w);
	memcpy(before, w->ram, WORLD_RAM);
	e = one(w);
	assert_int_equal(e->size, INSN_MAX);
	assert_memory_equal(w->ram, before, WORLD_RAM);
	free(before);
}

/* MOV CR0, EAX: the register and what was written to it are told from the code alone. */
static void a_write_to_a_control_register_has_its_value(void **state)
{
	static const uint8_t code[] = { 0x0f, 0x22, 0xc0 };
	static const struct fake_step steps[] = {
		STEP(EXIT_CR, .insn_len = 3, .decoded = true,
		     .cr = { .number = 0, .gpr = GPR_RAX, .kind = CR_WRITE }),
	};
	struct world *w = *state;
	const struct trace_entry *e;

	world_code(w, code, sizeof(code));
	w->vm.vcpu.gpr[GPR_RAX] = CR0_ET | CR0_PE;
	trace(w, 8, false);
	RUN(w, steps);
	e = &w->vm.trace->entry[0];
	assert_int_equal(e->number, 0);
	/* The hardware could do it alone: only observing made it exit. */
	assert_int_equal(e->is, TRACE_OBSERVED | TRACE_KNOWN | TRACE_WRITE);
	assert_int_equal(e->value, CR0_ET | CR0_PE);
	assert_int_equal(e->mode, MODE_REAL);
	assert_int_equal(w->vm.trace->entry[1].mode, MODE_UNPAGED);
}

/* An entry that fails is no exit, and what was under way is whole. */
static void a_failed_entry_is_no_exit(void **state)
{
	static const struct fake_step steps[] = {
		STEP(EXIT_CPUID, .insn_len = 2), STEP(EXIT_ENTRY_FAILED),
	};
	struct world *w = *state;

	trace(w, 8, false);
	RUN(w, steps);
	assert_int_equal(w->vm.end, END_ENTRY_FAILED);
	assert_int_equal(w->vm.trace->kept, 1);
	assert_int_equal(w->vm.trace->exits, 1);
}

/* Where nothing is entered there is still what was carried out: NOP, NOP, HLT. */
static void emulated_code_is_a_stretch_of_its_own(void **state)
{
	static const uint8_t code[] = { 0x90, 0x90, 0xf4 };
	struct world *w = *state;
	const struct trace_entry *e;

	w->vm.rung = &rungs[RUNG_VMX_EPT];
	w->vm.options.unpaged = UNPAGED_EMULATE;
	w->cpu.caps.unrestricted = false;
	world_code(w, code, sizeof(code));
	trace(w, 8, false);
	world_run(w, NULL, 0);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->vm.trace->exits, 0);
	assert_int_equal(w->vm.trace->kept, 1);
	e = &w->vm.trace->entry[0];
	assert_int_equal(e->exit, 0);
	assert_int_equal(e->ran_as, RAN_EMULATED);
	assert_int_equal(e->rip, WORLD_CODE);
	assert_int_equal(e->value, 3);
}

static uint64_t fake_clock(struct host_io *io)
{
	struct world *w = (struct world *)((uint8_t *)io - offsetof(struct world, io));

	return w->fake.tsc;
}

static void slow_fetch(struct vcpu *v, uint32_t groups)
{
	fake_of(v)->tsc += FETCH_TAKES;
	fake_fetch(v, groups);
}

/* The guest reads its TSC by RDMSR after some exits, and waits for nothing. */
static void run_slow(struct world *w, bool traced, uint64_t tsc[4])
{
	static const struct fake_step steps[] = {
		STEP(EXIT_MSR, .insn_len = 2),
		STEP(EXIT_CPUID, .insn_len = 2),
		STEP(EXIT_MSR, .insn_len = 2),
	};
	struct hv_backend slow = world_backend;

	slow.state_fetch = slow_fetch;
	w->vm.backend = &slow;
	w->io.clock = fake_clock;
	w->vm.limit = 50 * FETCH_TAKES;
	w->vm.vcpu.gpr[GPR_RCX] = MSR_TSC;
	trace(w, traced ? 8 : 0, false);
	RUN(w, steps);
	for (unsigned i = 0; i < 3; i++)
		tsc[i] = world_after(w, i)->gpr[GPR_RAX];
	tsc[3] = w->vm.tally.last_exit - w->vm.tally.first_entry;
}

/* Looking costs much here: neither the guest, nor what is counted, nor the budget has it. */
static void nobody_sees_what_tracing_took(void **state)
{
	struct world *other = world_make(world_seed);
	uint64_t traced[4], untraced[4];

	run_slow(*state, true, traced);
	assert_int_equal(((struct world *)*state)->vm.trace->kept, 4);
	free(frames);
	run_slow(other, false, untraced);
	assert_memory_equal(traced, untraced, sizeof(traced));
	world_free(other);
}

static const struct CMUnitTest tests[] = {
	TRACE_TEST(no_room_is_no_trace),
	TRACE_TEST(without_memory_there_is_an_error),
	TRACE_TEST(an_exit_is_told_as_it_was),
	TRACE_TEST(a_selector_is_told_where_the_cpu_tells_it),
	TRACE_TEST(the_last_are_kept_and_the_others_counted),
	TRACE_TEST(the_first_are_kept_when_asked_for),
	TRACE_TEST(a_page_fault_has_its_error_and_address),
	TRACE_TEST(code_beyond_memory_is_not_read),
	TRACE_TEST(code_is_read_up_to_the_end_of_memory),
	TRACE_TEST(code_that_is_not_mapped_is_not_read),
	TRACE_TEST(an_address_that_is_not_canonical_is_not_read),
	TRACE_TEST(base_and_offset_wrap_at_4_gib),
	TRACE_TEST(tables_of_nonsense_are_survived),
	TRACE_TEST(looking_leaves_no_accessed_bit),
	TRACE_TEST(a_write_to_a_control_register_has_its_value),
	TRACE_TEST(a_failed_entry_is_no_exit),
	TRACE_TEST(emulated_code_is_a_stretch_of_its_own),
	TRACE_TEST(nobody_sees_what_tracing_took),
};

WORLD_MAIN(tests)
