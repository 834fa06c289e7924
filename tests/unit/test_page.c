/* The page: what a reader must find on it, whatever was run. */
#include <ctype.h>
#include <stdio.h>

#include "tests/unit/page_fixture.h"

#include "compare/sha256.h"

static struct run *modes_on(const char *rung, const char *machine)
{
	struct run *run = run_make("modes", rung, machine, OUTCOME_PASS, 12148);

	stretch_add(run, "real", "native", 1234, 7, 2222);
	stretch_add(run, "unpaged", "native", 4321, 3, 3333);
	stretch_add(run, "32bit", "native", 98765, 31, 44444);
	reason_add(run, "io", 41);
	return run;
}

static char *page_freeing(struct run **runs, size_t count)
{
	char *page = page_of(runs, count);

	for (size_t i = 0; i < count; i++)
		run_free(runs[i]);
	return page;
}

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

/* Base 64 back to hexadecimal digits, 32 bytes of them. */
static void base64_read(const char *text, char hex[SHA256_TEXT])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, held = 0, made = 0;

	for (; *text && *text != '='; text++) {
		bits = bits << 6 | (unsigned)(strchr(letters, *text) - letters);
		held += 6;
		if (held >= 8 && made < SHA256_TEXT - 1) {
			held -= 8;
			sprintf(&hex[made], "%02x", bits >> held & 0xff);
			made += 2;
		}
	}
}

/* Content Security Policy Level 3 "Source Lists": the hash of the element's text. */
static void allowed_by_hash(const char *page, const char *element,
			    const char *directive)
{
	char *open = fmt("<%s>", element), *close = fmt("</%s>", element);
	char *source = fmt("%s 'sha256-", directive);
	const char *from = strstr(page, open) + strlen(open);
	const char *allowed = strstr(page, source) + strlen(source);
	char expected[SHA256_TEXT], said[SHA256_TEXT];

	assert_null(strstr(from, open));
	sha256_text(from, (size_t)(strstr(from, close) - from), expected);
	base64_read(allowed, said);
	assert_string_equal(said, expected);
	free(open);
	free(close);
	free(source);
}

static void only_our_style_and_script_may_run(void **state)
{
	char *page = page_of(NULL, 0);

	(void)state;
	assert_has(page, "http-equiv=\"Content-Security-Policy\" "
		   "content=\"default-src 'none'; ");
	allowed_by_hash(page, "style", "style-src");
	allowed_by_hash(page, "script", "script-src");
	free(page);
}

/* Offline: nothing is fetched from anywhere. */
static void nothing_comes_from_elsewhere(void **state)
{
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC") };
	char *page = page_freeing(runs, 1);
	char *space = strstr(page, "http://www.w3.org/1999/xhtml");

	(void)state;
	assert_non_null(space);
	assert_null(strstr(space + strlen("http://"), "://"));
	assert_lacks(page, " src=");
	assert_lacks(page, "@import");
	assert_lacks(page, " style=");
	assert_lacks(page, " onclick=");
	free(page);
}

/* The name that a heading has in a link: as the usual renderers of Markdown make it. */
static bool heading_is(const char *line, const char *place)
{
	line += strspn(line, "#");
	line += *line == ' ';
	for (; *line && *line != '\n'; line++) {
		char c = (char)tolower((unsigned char)*line);

		if (!isalnum((unsigned char)c) && c != ' ' && c != '-' && c != '_')
			continue;
		if (*place++ != (c == ' ' ? '-' : c))
			return false;
	}
	return !*place;
}

static void assert_place_is_there(char *link)
{
	char *place = strchr(link, '#'), line[2000];
	bool found = !place;
	FILE *file;

	if (place)
		*place++ = '\0';
	file = fopen(link, "r");
	if (!file)
		fail_msg("no document %s", link);
	while (!found && fgets(line, sizeof(line), file))
		found = line[0] == '#' && heading_is(line, place);
	fclose(file);
	if (!found)
		fail_msg("%s has no heading %s", link, place);
}

/* Every link into the documents leads to a document, and to a heading of it. */
static void links_lead_somewhere(void **state)
{
	static const char *const reasons[] = {
		"shadow", "cr-access", "invlpg", "exception", "msr", "memory",
		"task-switch", "host-interrupt", "window",
	};
	struct run *runs[] = { modes_on("svm-npt", "qemu:EPYC"),
			       modes_on("svm-shadow", "qemu:EPYC-npt") };
	size_t links = 0;
	char *page;

	(void)state;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		reason_add(runs[1], reasons[i], 100);
	page = page_freeing(runs, 2);
	for (char *at = page; (at = strstr(at, "href=\"docs/")); links++) {
		size_t size;

		at += strlen("href=\"");
		size = strcspn(at, "\"");
		at[size] = '\0';
		assert_place_is_there(at);
		at += size + 1;
	}
	assert_in_range(links, sizeof(reasons) / sizeof(*reasons), 100);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_runs_are_a_page),
		cmocka_unit_test(the_board_has_outcome_and_reason),
		cmocka_unit_test(every_drawing_has_its_numbers_in_a_table),
		cmocka_unit_test(changes_of_paging_are_marked),
		cmocka_unit_test(two_runs_of_one_key_are_both_shown),
		cmocka_unit_test(two_vendors_share_one_board),
		cmocka_unit_test(a_vendor_that_is_missing_is_named),
		cmocka_unit_test(units_do_not_share_an_axis),
		cmocka_unit_test(what_only_some_rungs_have_is_said),
		cmocka_unit_test(runs_can_be_repeated),
		cmocka_unit_test(facts_of_the_columns_are_told),
		cmocka_unit_test(only_our_style_and_script_may_run),
		cmocka_unit_test(nothing_comes_from_elsewhere),
		cmocka_unit_test(links_lead_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
