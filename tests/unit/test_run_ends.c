/*
 * How a run ends, and what of it is counted, on the fake backend. Knows no
 * handler.
 */
#include "fake_world.h"

static const struct fake_step cpuid_of_two = STEP(EXIT_CPUID, .insn_len = 2);

static void halt_ends_the_guest(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_HLT, .insn_len = 1), STEP(EXIT_CPUID, .insn_len = 2),
	};
	struct world *w = *state;

	RUN(w, script);
	assert_int_equal(w->vm.end, END_HALT);
	assert_int_equal(w->fake.entries, 1);
	assert_int_equal(w->vm.tally.by_reason[EXIT_HLT], 1);
}

static void triple_fault_ends_the_guest(void **state)
{
	static const struct fake_step script[] = { STEP(EXIT_TRIPLE_FAULT) };
	struct world *w = *state;

	RUN(w, script);
	assert_int_equal(w->vm.end, END_TRIPLE_FAULT);
	assert_int_equal(w->vm.tally.by_reason[EXIT_TRIPLE_FAULT], 1);
}

/* A budget of 1,000: exits stand at 100, 210, 320, ...; the tenth at 1,090. */
static void the_budget_ends_the_guest(void **state)
{
	struct fake_step script[20];
	struct world *w = *state;

	for (unsigned i = 0; i < ARRAY_SIZE(script); i++)
		script[i] = cpuid_of_two;
	w->vm.limit = 1000;
	RUN(w, script);
	assert_int_equal(w->vm.end, END_LIMIT);
	assert_int_equal(w->vm.tally.exits, 10);
	assert_non_null(strstr(w->vm.end_reason, "1000"));
}

/* An exit exactly on the budget's last unit is within it. */
static void the_budget_includes_its_last_unit(void **state)
{
	const struct fake_step script[] = {
		{ .exit = cpuid_of_two.exit, .guest = 1000 },
		{ .exit = cpuid_of_two.exit, .guest = 1 },
	};
	struct world *w = *state;

	w->vm.limit = 1000;
	RUN(w, script);
	assert_int_equal(w->vm.end, END_LIMIT);
	assert_int_equal(w->vm.tally.exits, 2);
}

static void no_budget_is_no_end(void **state)
{
	const struct fake_step script[] = {
		{ .exit = cpuid_of_two.exit, .guest = UINT64_C(1) << 62 },
	};
	struct world *w = *state;

	RUN(w, script);
	assert_int_equal(w->vm.end, END_HALT);
}

static void an_unknown_exit_stops_with_its_code(void **state)
{
	static const struct fake_step script[] = {
		STEP(EXIT_OTHER, .raw = 0x1234abcd),
		STEP(EXIT_CPUID, .insn_len = 2),
	};
	struct world *w = *state;

	RUN(w, script);
	assert_int_equal(w->vm.end, END_STOPPED);
	assert_non_null(strstr(w->vm.end_reason, "1234abcd"));
	assert_non_null(strstr(w->vm.end_reason, "7c00"));
	assert_int_equal(w->fake.entries, 1);
}

/* The broken rule is the reason; the guest never ran, so nothing is counted. */
static void a_failed_entry_is_told_and_not_counted(void **state)
{
	const struct fake_step script[] = {
		cpuid_of_two, STEP(EXIT_ENTRY_FAILED, .raw = 7), cpuid_of_two,
	};
	struct world *w = *state;

	RUN(w, script);
	assert_int_equal(w->vm.end, END_ENTRY_FAILED);
	assert_string_equal(w->vm.end_reason, FAKE_BROKEN);
	assert_int_equal(w->fake.entries, 2);
	assert_int_equal(w->vm.tally.exits, 1);
	assert_int_equal(w->vm.tally.guest, FAKE_GUEST);
	assert_int_equal(w->vm.tally.last_exit, FAKE_TSC + FAKE_GUEST);
	for (unsigned i = 0; i < EXIT_REASONS; i++)
		assert_int_equal(w->vm.tally.by_reason[i], i == EXIT_CPUID);
}

static void a_failed_first_entry_ends_an_empty_run(void **state)
{
	static const struct fake_step script[] = { STEP(EXIT_ENTRY_FAILED) };
	struct world *w = *state;

	RUN(w, script);
	assert_int_equal(w->vm.end, END_ENTRY_FAILED);
	assert_int_equal(w->vm.tally.exits, 0);
	assert_int_equal(w->vm.tally.guest, 0);
	assert_int_equal(w->vm.tally.last_exit, w->vm.tally.first_entry);
}

static void each_exit_is_counted_once_by_its_reason(void **state)
{
	const struct fake_step script[] = {
		cpuid_of_two, cpuid_of_two, STEP(EXIT_HOST_INTERRUPT),
		STEP(EXIT_CACHE, .insn_len = 2), STEP(EXIT_HOST_INTERRUPT),
		STEP(EXIT_HOST_INTERRUPT),
	};
	struct world *w = *state;
	const struct tally *t = &w->vm.tally;

	RUN(w, script);
	assert_int_equal(t->exits, 7);
	assert_int_equal(t->observe, 0);
	assert_int_equal(t->by_reason[EXIT_CPUID], 2);
	assert_int_equal(t->by_reason[EXIT_HOST_INTERRUPT], 3);
	assert_int_equal(t->by_reason[EXIT_CACHE], 1);
	assert_int_equal(t->by_reason[EXIT_HLT], 1);
	assert_int_equal(t->guest, 7 * FAKE_GUEST);
	assert_int_equal(t->first_entry, FAKE_TSC);
	assert_int_equal(t->last_exit, FAKE_TSC + 7 * FAKE_GUEST +
			 6 * FAKE_HOST);
}

/* The first end is the guest's end. */
static void the_first_end_wins(void **state)
{
	struct world *w = *state;

	vm_finish(&w->vm, END_EXIT, 5, "first");
	vm_finish(&w->vm, END_HALT, 0, "second");
	assert_int_equal(w->vm.end, END_EXIT);
	assert_int_equal(w->vm.end_code, 5);
	assert_string_equal(w->vm.end_reason, "first");
}

static const struct CMUnitTest tests[] = {
	WORLD_TEST(halt_ends_the_guest),
	WORLD_TEST(triple_fault_ends_the_guest),
	WORLD_TEST(the_budget_ends_the_guest),
	WORLD_TEST(the_budget_includes_its_last_unit),
	WORLD_TEST(no_budget_is_no_end),
	WORLD_TEST(an_unknown_exit_stops_with_its_code),
	WORLD_TEST(a_failed_entry_is_told_and_not_counted),
	WORLD_TEST(a_failed_first_entry_ends_an_empty_run),
	WORLD_TEST(each_exit_is_counted_once_by_its_reason),
	WORLD_TEST(the_first_end_wins),
};

WORLD_MAIN(tests)
