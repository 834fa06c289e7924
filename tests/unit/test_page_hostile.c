/* Pages of hostile reports: nothing gets out of its place, nothing gets too long. */
#include <stdio.h>

#include "tests/unit/page_fixture.h"

static const char evil[] = "</style></script></title><script>alert(1)</script>"
			   "\"'><img src=x onerror=alert(2)>&\x01\xff\xe2\x80\xae";

/* Every text that a report can bring along is hostile. */
static struct run *hostile(enum outcome outcome)
{
	struct run *run = run_make(evil, evil, evil, outcome, 5);
	char **texts[] = {
		&run->guest_sha256, &run->reason, &run->output_sha256, &run->end,
		&run->unit,
	};
	json_t **parts[] = { &run->cpu, &run->fingerprint, &run->controls,
			     &run->shadow };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		text_set(texts[i], xdup(evil));
	/* What JSON can carry is UTF-8. */
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		json_object_set_new(*parts[i], "</td><script>k</script>",
				    json_pack("{ss}", "\"><b>", "<script>v</script>"));
	json_object_set_new(run->options, "<script>o", json_string("<script>w"));
	reason_add(run, "<script>reason", 12);
	stretch_add(run, "<script>mode", "<script>way", 5, 5, 5);
	return run;
}

static void no_text_becomes_markup(void **state)
{
	(void)state;
	for (int o = 0; o < OUTCOMES; o++) {
		struct run *runs[] = { hostile((enum outcome)o),
				       hostile((enum outcome)o) };
		char *page, *script;

		text_set(&runs[1]->rung, xdup("svm-npt"));
		page = page_of(runs, 2);
		script = strstr(page, "<script>");
		assert_non_null(script);
		assert_null(strstr(script + 1, "<script>"));
		assert_lacks(page, "<img");
		assert_lacks(page, "<b>\"");
		free(page);
		run_free(runs[0]);
		run_free(runs[1]);
	}
}

/* A command line is copied into a shell: a name there is one word, whatever it is. */
static void names_are_quoted_for_the_shell(void **state)
{
	struct run *run = run_make("a; rm -rf $HOME 'x'", "svm-npt", "qemu:EPYC",
				   OUTCOME_PASS, 1);
	char *page = page_of(&run, 1);

	(void)state;
	assert_has(page, "diptych run &#39;a; rm -rf $HOME &#39;\\&#39;&#39;x&#39;"
		   "\\&#39;&#39;&#39; --rung svm-npt");
	free(page);
	run_free(run);
}

static void numbers_may_be_as_large_as_they_like(void **state)
{
	struct run *runs[2];
	char *page;

	(void)state;
	for (int i = 0; i < 2; i++) {
		runs[i] = run_make("modes", "svm-npt", i ? "a" : "b", OUTCOME_PASS, 1);
		for (int k = 0; k < 5; k++)
			json_array_append_new(runs[i]->timeline, json_pack(
				"{ss ss sI sI sI sI}", "mode", k % 2 ? "long" : "real",
				"ran_as", "native", "at", INT64_MAX - k,
				"instructions", INT64_MAX, "exits", INT64_MAX,
				"hypervisor", INT64_MAX));
		reason_add(runs[i], "io", INT64_MAX);
		reason_add(runs[i], "msr", INT64_MIN);
		json_object_set_new(runs[i]->by_reason, "hlt", json_string("many"));
		runs[i]->exits = runs[i]->observe = UINT64_MAX;
		runs[i]->of_guest = runs[i]->of_hypervisor = UINT64_MAX;
	}
	page = page_of(runs, 2);
	assert_has(page, "18,446,744,073,709,551,615");
	free(page);
	run_free(runs[0]);
	run_free(runs[1]);
}

/* Stretches that go back, that overlap, that are empty. */
static void timelines_may_be_nonsense(void **state)
{
	struct run *run = run_make("modes", "svm-npt", "a", OUTCOME_PASS, 1);

	(void)state;
	for (int k = 0; k < 50; k++)
		json_array_append_new(run->timeline, json_pack("{ss ss sI sI}",
			"mode", k % 3 ? "pae" : "unpaged", "ran_as", "shadow",
			"at", (json_int_t)(1000 - 20 * k),
			"instructions", (json_int_t)(k % 5 ? 300 : 0)));
	run->of_guest = 0;
	free(page_of(&run, 1));
	json_array_clear(run->timeline);
	stretch_add(run, "real", "native", 0, 0, 0);
	free(page_of(&run, 1));
	run_free(run);
}

/* Ten thousand stretches that repeat in no way, in each of a dozen lanes. */
static void long_timelines_fit(void **state)
{
	enum { STRETCHES = 10000, LANES = 12 };
	static const char *const modes[] = { "real", "unpaged", "32bit", "pae", "long" };
	struct run *runs[LANES], *first = run_new();
	unsigned seed = 12345;
	char *page;

	(void)state;
	for (int i = 0; i < STRETCHES; i++) {
		seed = seed * 1103515245u + 12345u;
		stretch_add(first, modes[(seed >> 16) % 5], seed >> 20 & 1 ? "native" :
			    "shadow", 1 + (seed >> 8) % 1000, 1, 1);
	}
	for (int i = 0; i < LANES; i++) {
		char name[24];

		snprintf(name, sizeof(name), "guest%d", i / 6);
		runs[i] = run_make(name, i % 2 ? "svm-npt" : "vmx-ug", "a",
				   OUTCOME_PASS, 9);
		text_set(&runs[i]->machine, fmt("qemu:cpu%d", i % 6));
		json_decref(runs[i]->timeline);
		runs[i]->timeline = json_incref(first->timeline);
		runs[i]->of_guest = first->of_guest;
	}
	page = page_of(runs, LANES);
	assert_has(page, "are drawn as");
	free(page);
	for (int i = 0; i < LANES; i++)
		run_free(runs[i]);
	run_free(first);
}

/* More guests, rungs and reasons than there is room for: what is left out is said. */
static void many_runs_fit(void **state)
{
	enum { GUESTS = 105, MACHINES = 42 };
	struct run **runs = xcalloc(GUESTS * MACHINES, sizeof(*runs));
	char *page;

	(void)state;
	for (int i = 0; i < GUESTS * MACHINES; i++) {
		runs[i] = run_make("g", "svm-npt", "m", OUTCOME_FAIL, 9);
		text_set(&runs[i]->guest, fmt("guest-with-a-name-%d", i / MACHINES));
		text_set(&runs[i]->machine, fmt("qemu:cpu-with-a-name-%d", i % MACHINES));
		text_set(&runs[i]->reason, fmt("%0300d", i));
		stretch_add(runs[i], "real", "native", 5, 5, 5);
	}
	page = page_of(runs, GUESTS * MACHINES);
	assert_has(page, "columns more are in the reports");
	assert_has(page, "guests more are in the reports");
	assert_has(page, "runs more</li>");
	free(page);
	for (int i = 0; i < GUESTS * MACHINES; i++)
		run_free(runs[i]);
	free(runs);
}

/* One key two thousand times, each counted otherwise. */
static void one_key_may_come_many_times(void **state)
{
	enum { RUNS = 2000 };
	struct run **runs = xcalloc(RUNS, sizeof(*runs));
	char *page;

	(void)state;
	for (int i = 0; i < RUNS; i++) {
		runs[i] = run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS,
				   (uint64_t)i);
		stretch_add(runs[i], "real", "native", 5, 5, 5);
	}
	page = page_of(runs, RUNS);
	assert_has(page, "and 1996 runs more");
	free(page);
	for (int i = 0; i < RUNS; i++)
		run_free(runs[i]);
	free(runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_text_becomes_markup),
		cmocka_unit_test(names_are_quoted_for_the_shell),
		cmocka_unit_test(numbers_may_be_as_large_as_they_like),
		cmocka_unit_test(timelines_may_be_nonsense),
		cmocka_unit_test(long_timelines_fit),
		cmocka_unit_test(many_runs_fit),
		cmocka_unit_test(one_key_may_come_many_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
