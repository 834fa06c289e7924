/* Timelines as phases: what is put together, and that nothing of it gets lost. */
#include "tests/unit/page_fixture.h"

#include "compare/phases.h"

/* A timeline of these modes, each 10 instructions, 1 exit, 100 of the hypervisor. */
static struct run *timeline_of(const char *modes)
{
	static const struct { char letter; const char *name; } names[] = {
		{ 'r', "real" }, { 'u', "unpaged" }, { '3', "32bit" },
		{ 'p', "pae" }, { 'l', "long" },
	};
	struct run *run = run_new();

	for (; *modes; modes++)
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (names[i].letter == *modes)
				stretch_add(run, names[i].name, "native", 10, 1, 100);
	return run;
}

static struct timeline read_modes(const char *modes, size_t limit)
{
	struct run *run = timeline_of(modes);
	struct timeline t;

	timeline_read(run->timeline, limit, &t);
	run_free(run);
	return t;
}

/* Whatever is put together, all of the timeline is in it. */
static void assert_sums(const struct timeline *t, uint64_t stretches)
{
	uint64_t instructions = 0, exits = 0, hypervisor = 0, times = 0;

	for (size_t i = 0; i < t->phases; i++) {
		instructions += t->phase[i].all.instructions;
		exits += t->phase[i].all.exits;
		hypervisor += t->phase[i].all.hypervisor;
		times += t->phase[i].times;
	}
	assert_int_equal(instructions, 10 * stretches);
	assert_int_equal(exits, stretches);
	assert_int_equal(hypervisor, 100 * stretches);
	assert_int_equal(times, t->changes);
}

static void a_few_phases_stay_as_they_are(void **state)
{
	struct timeline t = read_modes("rurururul", 40);

	(void)state;
	assert_int_equal(t.phases, 9);
	assert_int_equal(t.phase[0].mode, P_REAL);
	assert_int_equal(t.phase[8].mode, P_LONG);
	assert_true(t.hypervisor);
	assert_sums(&t, 9);
	timeline_free(&t);
}

/* A phase is a mode, however many ways it ran in. */
static void ways_share_a_phase(void **state)
{
	struct run *run = run_new();
	struct timeline t;

	(void)state;
	stretch_add(run, "real", "vm86", 10, 1, 5);
	stretch_add(run, "real", "emulated", 20, 0, 50);
	stretch_add(run, "real", "vm86", 30, 2, 7);
	stretch_add(run, "unpaged", "hidden", 40, 3, 9);
	timeline_read(run->timeline, 40, &t);
	assert_int_equal(t.phases, 2);
	assert_int_equal(t.phase[0].all.instructions, 60);
	assert_int_equal(t.phase[0].way[W_VM86].instructions, 40);
	assert_int_equal(t.phase[0].way[W_VM86].stretches, 2);
	assert_int_equal(t.phase[0].way[W_EMULATED].hypervisor, 50);
	assert_int_equal(t.sum[P_UNPAGED][W_HIDDEN].exits, 3);
	assert_int_equal(t.end, 100);
	timeline_free(&t);
	run_free(run);
}

/* real and unpaged, 20 times; then two others. */
static void what_repeats_is_put_together(void **state)
{
	struct timeline t = read_modes("rurururururururururururururururururururu3l", 40);

	(void)state;
	assert_int_equal(t.changes, 42);
	assert_int_equal(t.phases, 4);
	assert_int_equal(t.phase[0].times, 20);
	assert_int_equal(t.phase[0].period, 2);
	assert_int_equal(t.phase[1].place, 1);
	assert_int_equal(t.phase[1].all.instructions, 200);
	assert_int_equal(t.phase[2].period, 1);
	assert_sums(&t, 42);
	timeline_free(&t);
}

/* A longer sequence is found as well: four modes, eight times. */
static void longer_sequences_repeat_too(void **state)
{
	struct timeline t = read_modes("ru3pru3pru3pru3pru3pru3pru3pru3pl", 40);

	(void)state;
	assert_int_equal(t.phases, 5);
	assert_int_equal(t.phase[3].period, 4);
	assert_int_equal(t.phase[3].times, 8);
	assert_sums(&t, 33);
	timeline_free(&t);
}

/* What repeats in no way is joined in the middle: both ends are kept. */
static void the_middle_is_joined_at_the_limit(void **state)
{
	struct timeline t = read_modes("rupl3rpul3prl3u", 8);

	(void)state;
	assert_int_equal(t.phases, 8);
	assert_int_equal(t.phase[3].mode, P_LONG);
	assert_true(t.phase[4].rest);
	assert_int_equal(t.phase[4].times, 8);
	assert_int_equal(t.phase[7].mode, P_UNPAGED);
	assert_sums(&t, 15);
	timeline_free(&t);
}

/* Rungs differ in how they run a guest, not in what it does. */
static void rungs_are_alike_by_their_modes(void **state)
{
	struct timeline a = read_modes("rul", 40), b = read_modes("rul", 40);
	struct timeline c = read_modes("rup", 40);

	(void)state;
	assert_true(timeline_alike(&a, &b));
	assert_false(timeline_alike(&a, &c));
	timeline_free(&a);
	timeline_free(&b);
	timeline_free(&c);
}

/* Reports are files: their numbers and types may be anything. */
static void hostile_timelines_are_read(void **state)
{
	json_t *list = json_loads("[1, null, {}, {\"mode\": 3, \"at\": \"x\"},"
		"{\"mode\": \"real\", \"ran_as\": \"native\", \"at\": -1,"
		" \"instructions\": 9223372036854775807, \"exits\": -7},"
		"{\"mode\": \"real\", \"ran_as\": \"no such way\","
		" \"instructions\": 9223372036854775807},"
		"{\"mode\": \"real\", \"instructions\": 9223372036854775807}]", 0, NULL);
	struct timeline t;

	(void)state;
	assert_non_null(list);
	timeline_read(list, 40, &t);
	assert_int_equal(t.left_out, 2);
	assert_int_equal(t.stretches, 5);
	assert_int_equal(t.phases, 2);
	assert_int_equal(t.phase[0].mode, P_UNKNOWN);
	assert_true(t.phase[1].all.instructions == UINT64_MAX);
	assert_int_equal(t.phase[1].all.exits, 0);
	assert_false(t.hypervisor);
	timeline_free(&t);
	json_decref(list);
}

static void no_timeline_has_no_phase(void **state)
{
	struct timeline t = read_modes("", 4);

	(void)state;
	assert_int_equal(t.phases, 0);
	assert_false(t.hypervisor);
	timeline_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_few_phases_stay_as_they_are),
		cmocka_unit_test(ways_share_a_phase),
		cmocka_unit_test(what_repeats_is_put_together),
		cmocka_unit_test(longer_sequences_repeat_too),
		cmocka_unit_test(the_middle_is_joined_at_the_limit),
		cmocka_unit_test(rungs_are_alike_by_their_modes),
		cmocka_unit_test(hostile_timelines_are_read),
		cmocka_unit_test(no_timeline_has_no_phase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
