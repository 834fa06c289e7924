/* The page: what a reader must find on it, whatever was run. */
#include "tests/unit/page_fixture.h"

static void no_runs_are_a_page(void **state)
{
	char *page = page_of(NULL, 0);

	(void)state;
	assert_has(page, "Nothing ran on <b>AMD-V");
	assert_has(page, "Nothing ran on <b>VT-x");
	free(page);
}

static void the_board_has_outcome_and_reason(void **state)
{
	struct run *runs[] = {
		modes_on("svm-npt", "qemu:EPYC"),
		run_make("tables", "vmx-ug", "bochs:tigerlake", OUTCOME_DIFFERS, 5),
	};
	char *page;

	(void)state;
	text_set(&runs[1]->reason, xdup("line 3: one, not two"));
	page = page_freeing(runs, 2);
	assert_has(page, "<a href=\"#g1\">modes</a>");
	assert_has(page, "id=\"g1\"");
	assert_has(page, ">svm-npt</th>");
	assert_has(page, ">qemu EPYC</th>");
	assert_has(page, "<p class=\"exits\">12,148</p>");
	assert_has(page, "differs</p><p class=\"why\">line 3: one, not two</p>");
	free(page);
}

/* A drawing is for those who see it: all its numbers are in tables. */
static void every_drawing_has_its_numbers_in_a_table(void **state)
{
	static const char *const cells[] = {
		"<td>1,234</td>", "<td>4,321</td>", "<td>98,765</td>",
		"<td>2,222</td>", "<td>3,333</td>", "<td>44,444</td>",
		"<td>31</td>", "<td>41</td>",
	};
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC") };
	char *page = page_freeing(runs, 1);
	size_t drawings = 0, tables = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cells) / sizeof(*cells); i++)
		assert_has(page, cells[i]);
	for (const char *at = page; (at = strstr(at, "<svg class=\"fig ")); at++)
		drawings++;
	for (const char *at = page; (at = strstr(at, "as a table</summary>")); at++)
		tables++;
	/* Axis and order share the table of phases. */
	assert_int_equal(drawings, 4);
	assert_int_equal(tables, 3);
	free(page);
}

/* Below each step what the hypervisor executed in it; older reports do not say it. */
static void phases_have_their_cost(void **state)
{
	struct run *run = modes_on("svm-npt", "qemu:EPYC");
	char *page = page_of(&run, 1);
	json_t *stretch;
	size_t i;

	(void)state;
	assert_has(page, "id=\"g1\"");
	assert_has(strstr(page, "id=\"g1\""), "class=\"cost\"");
	free(page);
	json_array_foreach(run->timeline, i, stretch)
		json_object_del(stretch, "hypervisor");
	page = page_of(&run, 1);
	assert_lacks(strstr(page, "id=\"g1\""), "class=\"cost\"");
	assert_has(page, "<h3>Exits, mode by mode</h3>");
	free(page);
	run_free(run);
}

/* CR0.PG is 1 in 32-bit, PAE and long mode only. */
static void changes_of_paging_are_marked(void **state)
{
	struct run *run = run_make("modes", "svm-npt", "qemu:EPYC", OUTCOME_PASS, 1);
	char *page;

	(void)state;
	stretch_add(run, "unpaged", "native", 100, 1, 1);
	page = page_of(&run, 1);
	assert_lacks(page, "CR0.PG set</title>");
	free(page);
	stretch_add(run, "long", "native", 100, 1, 1);
	page = page_of(&run, 1);
	assert_has(page, "CR0.PG set</title>");
	assert_lacks(page, "CR0.PG cleared</title>");
	free(page);
	stretch_add(run, "real", "native", 100, 1, 1);
	page = page_of(&run, 1);
	assert_has(page, "CR0.PG cleared</title>");
	free(page);
	run_free(run);
}

static void two_runs_of_one_key_are_both_shown(void **state)
{
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC"),
			       modes_on("svm-npt", "qemu:EPYC") };
	char *page;

	(void)state;
	runs[1]->exits = 777777;
	page = page_freeing(runs, 2);
	assert_has(page, "<p class=\"exits\">12,148</p>");
	assert_has(page, "<p class=\"exits\">777,777</p>");
	assert_has(page, "qemu EPYC #2");
	assert_has(page, "second run of one key");
	free(page);
}

/* Reports of an AMD and of an Intel machine, put together: one board, nothing missing. */
static void two_vendors_share_one_board(void **state)
{
	struct run *runs[] = { modes_on("svm-npt", "kvm:host"),
			       modes_on("vmx-ug", "metal") };
	char *page = page_freeing(runs, 2);
	const char *second = strstr(page, "id=\"board\"");

	(void)state;
	assert_non_null(second);
	assert_null(strstr(second + 1, "id=\"board\""));
	assert_has(page, "data-v=\"AMD-V\">AMD-V</th>");
	assert_has(page, "data-v=\"VT-x\">VT-x</th>");
	assert_lacks(page, "no column of an");
	free(page);
}

static void a_vendor_that_is_missing_is_named(void **state)
{
	struct run *runs[] = {
		modes_on("svm-npt", "kvm:host"),
		run_make("modes", "vmx-ug", "kvm:host", OUTCOME_SKIP, 0),
	};
	char *page;

	(void)state;
	text_set(&runs[1]->reason, xdup("no VT-x"));
	text_set(&runs[1]->end, xdup(""));
	page = page_freeing(runs, 2);
	assert_has(page, "Nothing ran on <b>VT-x (no column of an Intel processor)</b>: "
		   "no VT-x.");
	assert_lacks(page, "no column of an AMD");
	assert_has(page, "skip</p><p class=\"why\">no VT-x</p>");
	free(page);
}

/* Cycles of one machine and instructions of another have no axis in common. */
static void units_do_not_share_an_axis(void **state)
{
	struct run *runs[] = { modes_on("svm-npt", "kvm:host"),
			       modes_on("svm-npt", "qemu:EPYC"),
			       modes_on("vmx-ug", "kvm:host") };
	size_t axes = 0;
	char *page;

	(void)state;
	text_set(&runs[0]->unit, xdup("cycles"));
	text_set(&runs[2]->unit, xdup("cycles"));
	page = page_freeing(runs, 3);
	for (const char *at = page; (at = strstr(at, "class=\"fig axis\"")); at++)
		axes++;
	assert_int_equal(axes, 2);
	assert_has(page, ">guest cycles<");
	assert_has(page, ">guest instructions<");
	free(page);
}

static void what_only_some_rungs_have_is_said(void **state)
{
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC"),
			       modes_on("svm-shadow", "qemu:EPYC-npt") };
	char *page;

	(void)state;
	reason_add(runs[1], "shadow", 400);
	stretch_add(runs[0], "long", "native", 50, 1, 1);
	stretch_add(runs[1], "long", "shadow", 50, 1, 1);
	page = page_freeing(runs, 2);
	assert_has(page, "<code>shadow</code> exits happen only on <b>svm-shadow</b> (400)");
	assert_has(page, "<i>long</i> ran native on <b>svm-npt</b>; "
		   "<a href=\"#w5\">shadow</a> on <b>svm-shadow</b>");
	assert_has(page, "id=\"w5\"");
	free(page);
}

static void runs_can_be_repeated(void **state)
{
	struct run *runs[] = { modes_on("vmx-ept", "bochs:corei5_lynnfield_750") };
	char *page;

	(void)state;
	json_object_set_new(runs[0]->options, "unpaged", json_string("emulate"));
	page = page_freeing(runs, 1);
	assert_has(page, "build/diptych run modes --rung vmx-ept,unpaged=emulate "
		   "--machine bochs:corei5_lynnfield_750\n");
	free(page);
}

static void facts_of_the_columns_are_told(void **state)
{
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC"),
			       modes_on("svm-npt", "qemu:EPYC") };
	char *page;

	(void)state;
	text_set(&runs[1]->guest, xdup("tables"));
	for (int i = 0; i < 2; i++) {
		json_object_set_new(runs[i]->cpu, "name", json_string("AMD EPYC"));
		json_object_set_new(runs[i]->cpu, "capabilities",
				    json_pack("{sb}", "npt", 1));
		json_object_set_new(runs[i]->controls, "vmcb.np_enable",
				    json_integer(1));
		json_object_set_new(runs[i]->controls, "vmcb.n_cr3",
				    json_integer(0x1000 + i));
		json_object_set_new(runs[i]->fingerprint, "commit",
				    json_string("abc123"));
	}
	page = page_freeing(runs, 2);
	assert_has(page, "<th scope=\"row\">name</th><td>AMD EPYC</td>");
	assert_has(page, "<th scope=\"row\">capabilities.npt</th><td>yes</td>");
	assert_has(page, "<th scope=\"row\">vmcb.np_enable</th><td>1</td>");
	assert_has(page, "<th scope=\"row\">vmcb.n_cr3</th><td>varies</td>");
	assert_has(page, "<th scope=\"row\">commit</th><td>abc123</td>");
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_runs_are_a_page),
		cmocka_unit_test(the_board_has_outcome_and_reason),
		cmocka_unit_test(every_drawing_has_its_numbers_in_a_table),
		cmocka_unit_test(phases_have_their_cost),
		cmocka_unit_test(changes_of_paging_are_marked),
		cmocka_unit_test(two_runs_of_one_key_are_both_shown),
		cmocka_unit_test(two_vendors_share_one_board),
		cmocka_unit_test(a_vendor_that_is_missing_is_named),
		cmocka_unit_test(units_do_not_share_an_axis),
		cmocka_unit_test(what_only_some_rungs_have_is_said),
		cmocka_unit_test(runs_can_be_repeated),
		cmocka_unit_test(facts_of_the_columns_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
