/*
 * hv_start() from end to end on fake backends: the record stream of a good run,
 * and the one error that ends a run which cannot be.
 */
#include "hv_fixture.h"

static void play_h(struct fake *fake) { fake->cpu.gpr[GPR_RAX] = 'H'; }
static void play_i(struct fake *fake) { fake->cpu.gpr[GPR_RAX] = 'i'; }
static void play_pe(struct fake *fake) { fake->cpu.gpr[GPR_RAX] = CR0_PE; }
static void play_a(struct fake *fake) { fake->cpu.gpr[GPR_RAX] = 'a'; }
static void play_b(struct fake *fake) { fake->cpu.gpr[GPR_RAX] = 'b'; }
static void play_code(struct fake *fake) { fake->cpu.gpr[GPR_RAX] = 3; }

#define OUT(port_)	.exit = { .reason = EXIT_IO, .insn_len = 1,	\
				  .io = { .port = port_, .size = 1 } }

/* Prints, changes mode, asks for CPUID, and ends itself with code 3. */
static const struct fake_step good[] = {
	{ OUT(0x3f8), .play = play_h },
	{ OUT(0x3f8), .play = play_i },
	{ .exit = { .reason = EXIT_CR, .insn_len = 3, .decoded = true,
		    .cr = { .number = 0, .gpr = GPR_RAX, .kind = CR_WRITE } },
	  .play = play_pe },
	{ .exit = { .reason = EXIT_CPUID, .insn_len = 2 } },
	{ OUT(VM_EXIT_PORT), .play = play_code },
};

static void run_good(struct hv_bench *b)
{
	b->fake.step = good;
	b->fake.steps = ARRAY_SIZE(good);
	assert_int_equal(hv_start(&b->start), HV_OK);
}

static void a_good_run_begins_with_what_it_is(void **state)
{
	struct hv_bench *b = *state;
	const json_t *start, *options, *cpu, *guest;

	run_good(b);
	start = record_of(&b->sink, 0, "start");
	assert_string_equal(text_of(start, "schema"), "diptych-records/1");
	assert_string_equal(text_of(start, "rung"), "svm-npt");
	assert_string_equal(text_of(start, "unit"), "instructions");
	assert_int_equal(number_of(start, "memory"), HV_MEMORY);
	options = json_object_get(start, "options");
	assert_string_equal(text_of(options, "observe"), "modes");
	assert_string_equal(text_of(options, "tags"), "on");
	cpu = json_object_get(start, "cpu");
	assert_string_equal(text_of(cpu, "vendor"), "FakeFakeFake");
	assert_string_equal(text_of(cpu, "name"), "Fake CPU");
	assert_string_equal(text_of(start, "build"), "1a2b3c");
	assert_int_equal(number_of(json_object_get(start, "registers"),
				   "feature_word"), 99);
	assert_int_equal(number_of(json_object_get(cpu, "capabilities"),
				   "npt"), 1);
	guest = json_object_get(start, "guest");
	assert_string_equal(text_of(guest, "kind"), "boot-sector");
	assert_int_equal(number_of(guest, "bytes"), 512);
	assert_string_equal(text_of(guest, "command_line"), "one two");
}

/* The timeline: three exits in real mode, the third of which ends it; two after. */
static void a_good_run_tells_its_timeline(void **state)
{
	struct hv_bench *b = *state;

	run_good(b);
	assert_segment(&b->sink, 1, 0, "real", 3, 300);
	assert_segment(&b->sink, 2, 300, "unpaged", 2, 200);
}

/* Observed exits are in the total and not among the reasons. */
static void a_good_run_tells_its_exits(void **state)
{
	struct hv_bench *b = *state;
	const json_t *exits, *by_reason;

	run_good(b);
	exits = record_of(&b->sink, 3, "exits");
	by_reason = json_object_get(exits, "by_reason");
	assert_int_equal(number_of(exits, "total"), 5);
	assert_int_equal(number_of(exits, "observe"), 1);
	assert_int_equal(json_object_size(by_reason), 2);
	assert_int_equal(number_of(by_reason, "io"), 3);
	assert_int_equal(number_of(by_reason, "cpuid"), 1);
}

/* Controls are read back from the backend after the last exit. */
static void a_good_run_tells_controls_and_output(void **state)
{
	struct hv_bench *b = *state;
	const json_t *fields;

	run_good(b);
	fields = json_object_get(record_of(&b->sink, 4, "controls"), "fields");
	assert_int_equal(number_of(fields, "entries"), 5);
	assert_int_equal(number_of(fields, "inits"), 1);
	assert_int_equal(number_of(record_of(&b->sink, 5, "output"), "bytes"),
			 2);
	assert_string_equal(b->sink.guest, "Hi");
}

/* 5 times 100 units in the guest, 4 times 10 between. */
static void a_good_run_ends_with_its_end(void **state)
{
	struct hv_bench *b = *state;
	const json_t *end, *instructions;

	run_good(b);
	end = hv_last(b, "end");
	assert_int_equal(json_array_size(b->sink.records), 7);
	assert_string_equal(text_of(end, "end"), "exit");
	assert_int_equal(number_of(end, "code"), 3);
	assert_int_equal(number_of(end, "dropped_segments"), 0);
	instructions = json_object_get(end, "instructions");
	assert_int_equal(number_of(instructions, "total"), 540);
	assert_int_equal(number_of(instructions, "guest"), 500);
	assert_int_equal(number_of(instructions, "hypervisor"), 40);
}

/* The rung's own backend runs it. */
static void the_rung_names_the_backend(void **state)
{
	struct hv_bench *b = *state;

	b->cmdline.rung = &rungs[RUNG_VMX_UG];
	run_good(b);
	assert_string_equal(text_of(record_of(&b->sink, 0, "start"), "rung"),
			    "vmx-ug");
	hv_last(b, "end");
}

/* Unobserved, the whole run is one stretch whose modes nobody saw. */
static void an_unobserved_run_has_one_segment(void **state)
{
	struct hv_bench *b = *state;

	b->cmdline.options.observe = OBSERVE_NONE;
	run_good(b);
	assert_segment(&b->sink, 1, 0, "unobserved", 5, 500);
	record_of(&b->sink, 2, "exits");
	hv_last(b, "end");
}

/* The guest starts where its kind says, with every group committed at the first entry. */
static void the_first_entry_commits_the_start_state(void **state)
{
	struct hv_bench *b = *state;
	const struct fake_entry *first = &b->fake.entry[0];

	run_good(b);
	assert_int_equal(first->dirty, ST_ALL);
	assert_int_equal(first->event.kind, EVENT_NONE);
	assert_int_equal(first->cpu.rip + first->cpu.seg[SEG_CS].base, 0x7c00);
	assert_int_equal(first->cpu.cr0 & (CR0_PE | CR0_PG), 0);
	assert_memory_equal((uint8_t *)hpa_ptr(b->start.guest_ram) + 0x7c00,
			    b->image, 512);
}

static void a_failed_entry_ends_the_stream_too(void **state)
{
	static const struct fake_step script[] = { STEP(EXIT_ENTRY_FAILED) };
	struct hv_bench *b = *state;
	const json_t *end;

	b->fake.step = script;
	b->fake.steps = ARRAY_SIZE(script);
	assert_int_equal(hv_start(&b->start), HV_OK);
	end = hv_last(b, "end");
	assert_string_equal(text_of(end, "end"), "entry-failed");
	assert_string_equal(text_of(end, "reason"), FAKE_BROKEN);
	assert_int_equal(number_of(json_object_get(end, "instructions"),
				   "total"), 0);
	record_of(&b->sink, 1, "exits");	/* no segment: nothing ran */
}

static void the_budget_ends_the_stream_too(void **state)
{
	struct hv_bench *b = *state;

	b->cmdline.limit = 150;
	run_good(b);
	assert_string_equal(text_of(hv_last(b, "end"), "end"), "limit");
}

/* The run failed with this error, whose record names `what`. */
static void assert_error(struct hv_bench *b, enum hv_err err, bool missing,
			 const char *what)
{
	const json_t *error;

	assert_int_equal(hv_start(&b->start), err);
	error = hv_last(b, "error");
	if (!strstr(text_of(error, "reason"), what))
		fail_msg("\"%s\" does not name \"%s\"",
			 text_of(error, "reason"), what);
	assert_int_equal(json_is_true(json_object_get(error, "missing")),
			 missing);
	assert_int_equal(b->fake.entries, 0);
}

static void a_backend_not_built_in_is_missing(void **state)
{
	struct hv_bench *b = *state;

	b->start.backend_count = 1;
	b->cmdline.rung = &rungs[RUNG_VMX_UG];
	assert_error(b, HV_UNSUPPORTED, true, "vmx-ug");
}

static void what_the_probe_misses_is_missing(void **state)
{
	struct hv_bench *b = *state;

	b->fake.caps.missing = "a flux capacitor";
	assert_error(b, HV_UNSUPPORTED, true, "a flux capacitor");
}

static void nested_paging_is_missing(void **state)
{
	struct hv_bench *b = *state;

	b->fake.caps.nested = false;
	assert_error(b, HV_UNSUPPORTED, true, "nested paging");
}

static void unrestricted_guest_is_missing(void **state)
{
	struct hv_bench *b = *state;

	b->cmdline.rung = &rungs[RUNG_VMX_UG];
	b->fake.caps.unrestricted = false;
	assert_error(b, HV_UNSUPPORTED, true, "unrestricted guest");
}

static void a_damaged_image_is_an_error(void **state)
{
	struct hv_bench *b = *state;

	b->load.kind = GUEST_FIRMWARE;
	assert_error(b, HV_BAD_IMAGE, false, "firmware");
}

static void firmware_that_locks_the_feature_is_missing(void **state)
{
	struct hv_bench *b = *state;

	b->fake.on_result = HV_LOCKED;
	assert_error(b, HV_LOCKED, true, "svm");
}

static void a_cpu_that_fails_to_turn_on_is_an_error(void **state)
{
	struct hv_bench *b = *state;

	b->fake.on_result = HV_NO_MEMORY;
	assert_error(b, HV_NO_MEMORY, false, "svm");
}

/* What was turned on is turned off again. */
static void a_vcpu_that_cannot_be_made_is_an_error(void **state)
{
	struct hv_bench *b = *state;

	b->fake.init_result = HV_NO_MEMORY;
	assert_error(b, HV_NO_MEMORY, false, "vcpu");
}

static void no_memory_for_the_vm_is_an_error(void **state)
{
	struct hv_bench *b = *state;

	frame_pool_init(&b->pool, hpa_of(b->frames), 2 * PAGE_SIZE);
	assert_error(b, HV_NO_MEMORY, false, "no memory");
}

/* One frame for the root, none for what is below it. */
static void no_memory_for_the_tables_is_an_error(void **state)
{
	struct hv_bench *b = *state;
	const uint64_t vm = align_up(sizeof(struct vm), PAGE_SIZE);

	frame_pool_init(&b->pool, hpa_of(b->frames), vm + PAGE_SIZE);
	assert_error(b, HV_NO_MEMORY, false, "no memory");
}

static void end_after(struct hv_bench *b, const char *until, const char *text)
{
	static struct fake_step step[8];
	const unsigned size = (unsigned)strlen(text);

	assert_in_range(size, 1, ARRAY_SIZE(step));
	for (unsigned i = 0; i < size; i++)
		step[i] = (struct fake_step){
			OUT(0x3f8), .play = text[i] == 'a' ? play_a : play_b,
		};
	b->fake.step = step;
	b->fake.steps = size;
	strcpy(b->cmdline.until, until);
	b->cmdline.until_size = (unsigned)strlen(until);
	assert_int_equal(hv_start(&b->start), HV_OK);
}

/* Also where its beginning came before: "aab" in "aaab". */
static void the_awaited_text_ends_the_guest(void **state)
{
	struct hv_bench *b = *state;

	end_after(b, "aab", "aaabaaba");
	assert_string_equal(text_of(hv_last(b, "end"), "end"), "until");
	assert_string_equal(b->sink.guest, "aaab");
}

static void another_text_does_not(void **state)
{
	struct hv_bench *b = *state;

	end_after(b, "abab", "abaab");
	assert_string_equal(text_of(hv_last(b, "end"), "end"), "halt");
	assert_string_equal(b->sink.guest, "abaab");
}

static const struct CMUnitTest tests[] = {
	HV_TEST(a_good_run_begins_with_what_it_is),
	HV_TEST(a_good_run_tells_its_timeline),
	HV_TEST(a_good_run_tells_its_exits),
	HV_TEST(a_good_run_tells_controls_and_output),
	HV_TEST(a_good_run_ends_with_its_end),
	HV_TEST(the_rung_names_the_backend),
	HV_TEST(an_unobserved_run_has_one_segment),
	HV_TEST(the_first_entry_commits_the_start_state),
	HV_TEST(a_failed_entry_ends_the_stream_too),
	HV_TEST(the_budget_ends_the_stream_too),
	HV_TEST(the_awaited_text_ends_the_guest),
	HV_TEST(another_text_does_not),
	HV_TEST(a_backend_not_built_in_is_missing),
	HV_TEST(what_the_probe_misses_is_missing),
	HV_TEST(nested_paging_is_missing),
	HV_TEST(unrestricted_guest_is_missing),
	HV_TEST(a_damaged_image_is_an_error),
	HV_TEST(firmware_that_locks_the_feature_is_missing),
	HV_TEST(a_cpu_that_fails_to_turn_on_is_an_error),
	HV_TEST(a_vcpu_that_cannot_be_made_is_an_error),
	HV_TEST(no_memory_for_the_vm_is_an_error),
	HV_TEST(no_memory_for_the_tables_is_an_error),
};

WORLD_MAIN(tests)
