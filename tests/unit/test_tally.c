/*
 * The tally: the timeline's segments and the record lines made of them, read back
 * as JSON. docs/record.md has what each line means.
 */
#include <stdlib.h>

#include "record_sink.h"

#include "core/tally.h"

#define RUN_GUEST	100
#define RUN_HOST	10

struct bench {
	struct tally	tally;
	struct vcpu	vcpu;
	struct record	record;
	struct sink	sink;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	sink_init(&b->sink);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	sink_fini(&b->sink);
	free(b);
	return 0;
}

/* The guest runs this often, 100 units each time. */
static void runs(struct bench *b, unsigned count)
{
	while (count--) {
		b->vcpu.tsc.entry = b->vcpu.tsc.exit + RUN_HOST;
		b->vcpu.tsc.exit = b->vcpu.tsc.entry + RUN_GUEST;
		tally_run(&b->tally, &b->vcpu);
	}
}

static void mode(struct bench *b, enum guest_mode m)
{
	if (tally_changes(&b->tally, m, RAN_NATIVE))
		tally_mode(&b->tally, m, RAN_NATIVE, b->vcpu.tsc.exit);
}

static void report(struct bench *b)
{
	tally_report(&b->tally, &b->record, &b->sink.io);
}

/* One segment for each stretch of a mode; they cover the run without a gap. */
static void each_stretch_is_a_segment(void **state)
{
	struct bench *b = *state;

	mode(b, MODE_REAL);
	runs(b, 2);
	mode(b, MODE_UNPAGED);
	runs(b, 3);
	mode(b, MODE_REAL);
	runs(b, 1);
	report(b);
	assert_segment(&b->sink, 0, 0, "real", 2, 200);
	assert_segment(&b->sink, 1, 200, "unpaged", 3, 300);
	assert_segment(&b->sink, 2, 500, "real", 1, 100);
	record_of(&b->sink, 3, "exits");
	assert_int_equal(json_array_size(b->sink.records), 4);
}

/* The same mode again goes on with the segment that is open. */
static void the_same_mode_goes_on(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < 5; i++) {
		mode(b, MODE_LONG);
		runs(b, 1);
	}
	report(b);
	assert_segment(&b->sink, 0, 0, "long", 5, 500);
	record_of(&b->sink, 1, "exits");
}

/* The hypervisor's part of each stretch, from the first one's beginning to the last exit. */
static uint64_t hypervisor_of(struct bench *b, unsigned segment)
{
	return number_of(record_of(&b->sink, segment, "segment"), "hypervisor");
}

/*
 * 10 units before each entry are the hypervisor's; what it does between an exit and the
 * change that the exit led to belongs to the stretch that the exit ended.
 */
static void each_stretch_has_its_hypervisor_time(void **state)
{
	struct bench *b = *state;

	b->vcpu.tsc.exit = 5000;
	mode(b, MODE_REAL);
	tally_start(&b->tally, b->vcpu.tsc.exit);
	runs(b, 2);
	b->vcpu.tsc.exit += 7;
	mode(b, MODE_UNPAGED);
	runs(b, 3);
	mode(b, MODE_LONG);
	runs(b, 1);
	report(b);
	assert_int_equal(hypervisor_of(b, 0), 2 * RUN_HOST + 7);
	assert_int_equal(hypervisor_of(b, 1), 3 * RUN_HOST);
	assert_int_equal(hypervisor_of(b, 2), RUN_HOST);
}

/* Instructions that the hypervisor carries out are the guest's, their cost its own. */
static void emulated_instructions_cost_hypervisor_time(void **state)
{
	const unsigned emulated = 3, cost = 400;
	struct bench *b = *state;

	mode(b, MODE_REAL);
	tally_start(&b->tally, 0);
	runs(b, 1);
	tally_mode(&b->tally, MODE_REAL, RAN_EMULATED, b->vcpu.tsc.exit);
	for (unsigned i = 0; i < emulated; i++)
		tally_emulated(&b->tally, 1);
	b->vcpu.tsc.exit += cost;
	b->tally.last_exit = b->vcpu.tsc.exit;
	report(b);
	assert_int_equal(hypervisor_of(b, 0), RUN_HOST);
	assert_int_equal(hypervisor_of(b, 1), cost);
}

/* Nothing gets lost: what was spent on a stretch without a guest counts to the next. */
static void an_empty_stretch_leaves_its_time_to_the_next(void **state)
{
	struct bench *b = *state;

	mode(b, MODE_REAL);
	tally_start(&b->tally, 0);
	runs(b, 1);
	mode(b, MODE_UNPAGED);
	b->vcpu.tsc.exit += 50;
	mode(b, MODE_32BIT);
	runs(b, 1);
	report(b);
	assert_int_equal(hypervisor_of(b, 0), RUN_HOST);
	assert_int_equal(hypervisor_of(b, 1), 50 + RUN_HOST);
}

/* How it ran counts too: the same mode run another way is another stretch. */
static void another_way_is_another_segment(void **state)
{
	struct bench *b = *state;

	mode(b, MODE_REAL);
	runs(b, 1);
	assert_true(tally_changes(&b->tally, MODE_REAL, RAN_EMULATED));
	tally_mode(&b->tally, MODE_REAL, RAN_EMULATED, b->vcpu.tsc.exit);
	runs(b, 1);
	report(b);
	assert_segment(&b->sink, 0, 0, "real", 1, 100);
	assert_string_equal(text_of(record_of(&b->sink, 1, "segment"),
				    "ran_as"), "emulated");
}

/* A mode in which nothing ran is no stretch. */
static void an_empty_stretch_is_not_told(void **state)
{
	struct bench *b = *state;

	mode(b, MODE_REAL);
	runs(b, 1);
	mode(b, MODE_UNPAGED);
	mode(b, MODE_32BIT);
	runs(b, 1);
	mode(b, MODE_PAE);
	report(b);
	assert_segment(&b->sink, 0, 0, "real", 1, 100);
	assert_segment(&b->sink, 1, 100, "32bit", 1, 100);
	record_of(&b->sink, 2, "exits");
}

static void no_run_has_no_segment(void **state)
{
	struct bench *b = *state;
	const json_t *exits;

	mode(b, MODE_REAL);
	report(b);
	exits = record_of(&b->sink, 0, "exits");
	assert_int_equal(number_of(exits, "total"), 0);
	assert_int_equal(json_object_size(json_object_get(exits, "by_reason")),
			 0);
}

/* A guest that switches for ever costs segments, never memory: the rest is counted. */
static void segments_without_room_are_counted(void **state)
{
	const unsigned more = 7;
	struct bench *b = *state;

	for (unsigned i = 0; i < TALLY_SEGMENTS + more; i++) {
		mode(b, i % 2 ? MODE_UNPAGED : MODE_REAL);
		runs(b, 1);
	}
	report(b);
	assert_int_equal(b->tally.dropped, more);
	assert_int_equal(json_array_size(b->sink.records), TALLY_SEGMENTS + 1);
	assert_segment(&b->sink, TALLY_SEGMENTS - 1,
		       (TALLY_SEGMENTS - 1) * RUN_GUEST, "unpaged", 1, 100);
	assert_int_equal(number_of(record_of(&b->sink, TALLY_SEGMENTS, "exits"),
				   "total"), TALLY_SEGMENTS + more);
}

/* docs/record.md, by_reason: names in the record, and only reasons that occurred. */
static void exits_are_told_by_name(void **state)
{
	static const struct { enum exit_reason reason; const char *name; } rows[] = {
		{ EXIT_CPUID, "cpuid" }, { EXIT_MSR, "msr" }, { EXIT_IO, "io" },
		{ EXIT_CR, "cr-access" }, { EXIT_DR, "dr-access" },
		{ EXIT_HLT, "hlt" }, { EXIT_HYPERCALL, "hypercall" },
		{ EXIT_MEMORY, "memory" }, { EXIT_EXCEPTION, "exception" },
		{ EXIT_HOST_INTERRUPT, "host-interrupt" },
		{ EXIT_WINDOW, "window" }, { EXIT_INVLPG, "invlpg" },
		{ EXIT_CACHE, "cache" }, { EXIT_TASK_SWITCH, "task-switch" },
		{ EXIT_REFUSED_INSN, "refused-insn" },
		{ EXIT_TRIPLE_FAULT, "triple-fault" }, { EXIT_OTHER, "other" },
	};
	struct bench *b = *state;
	const json_t *exits, *by_reason;

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].reason != EXIT_WINDOW)
			b->tally.by_reason[rows[i].reason] = 10 + i;
	b->tally.exits = 1000;
	b->tally.observe = 7;
	report(b);
	exits = record_of(&b->sink, 0, "exits");
	by_reason = json_object_get(exits, "by_reason");
	assert_int_equal(number_of(exits, "total"), 1000);
	assert_int_equal(number_of(exits, "observe"), 7);
	assert_int_equal(json_object_size(by_reason), ARRAY_SIZE(rows) - 1);
	assert_null(json_object_get(by_reason, "window"));
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].reason != EXIT_WINDOW)
			assert_int_equal(number_of(by_reason, rows[i].name),
					 10 + i);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_stretch_is_a_segment),
		TEST(the_same_mode_goes_on),
		TEST(another_way_is_another_segment),
		TEST(an_empty_stretch_is_not_told),
		TEST(each_stretch_has_its_hypervisor_time),
		TEST(emulated_instructions_cost_hypervisor_time),
		TEST(an_empty_stretch_leaves_its_time_to_the_next),
		TEST(no_run_has_no_segment),
		TEST(segments_without_room_are_counted),
		TEST(exits_are_told_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
