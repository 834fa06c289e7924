/*
 * What the reports hold and what they lack, in numbers and in sentences. Must not
 * know how a run went on the way.
 */
#include <string.h>

#include "compare/page_parts.h"
#include "compare/rungs.h"

static void number_put(struct page *page, uint64_t n, const char *one,
		       const char *many)
{
	html_put(&page->out, "<div><dd>");
	html_number(&page->out, n);
	buf_fmt(&page->out, "</dd><dt>%s</dt></div>", n == 1 ? one : many);
}

static size_t machines_of(const struct page *page)
{
	size_t count = 0;

	for (size_t c = 0; c < page->columns_all; c++) {
		size_t k = 0;

		while (k < c && strcmp(page->columns[k].machine,
				       page->columns[c].machine))
			k++;
		count += k == c;
	}
	return count;
}

static void outcomes_put(struct page *page)
{
	uint64_t number[OUTCOMES] = { 0 }, all = 0;

	for (size_t i = 0; i < page->count; i++) {
		if (run_is_bare(page->runs[i]))
			continue;
		number[page->runs[i]->outcome]++;
		all++;
	}
	html_put(&page->out, "<dl class=\"sums\">");
	number_put(page, page->guests_all, "guest", "guests");
	number_put(page, machines_of(page), "machine", "machines");
	number_put(page, all, "run", "runs");
	for (int o = 0; o < OUTCOMES; o++)
		if (number[o] || o == OUTCOME_PASS)
			number_put(page, number[o], outcome_name((enum outcome)o),
				   outcome_name((enum outcome)o));
	html_put(&page->out, "</dl>\n");
}

/* Whether any run on a rung whose name begins so came to run. */
static bool some_ran(const struct page *page, const char *rung)
{
	for (size_t i = 0; i < page->count; i++)
		if (!strncmp(page->runs[i]->rung, rung, strlen(rung)) &&
		    run_ran(page->runs[i]))
			return true;
	return false;
}

/* What was said of a rung that did not run; NULL: nothing. */
static const char *reason_of(const struct page *page, const char *rung)
{
	for (size_t i = 0; i < page->count; i++)
		if (!strncmp(page->runs[i]->rung, rung, strlen(rung)) &&
		    *page->runs[i]->reason)
			return page->runs[i]->reason;
	return NULL;
}

static void missing_put(struct page *page, const char *rung, const char *what)
{
	const char *reason = reason_of(page, rung);

	buf_fmt(&page->out, "<li>Nothing ran on <b>%s</b>", what);
	if (reason) {
		html_put(&page->out, ": ");
		html_text(&page->out, reason, HTML_SENTENCE);
	}
	html_put(&page->out, ".</li>\n");
}

void page_summary(struct page *page)
{
	static const struct { const char *rung, *what; } vendors[] = {
		{ "svm-", "AMD-V (no column of an AMD processor)" },
		{ "vmx-", "VT-x (no column of an Intel processor)" },
	};
	size_t begin;

	outcomes_put(page);
	begin = page->out.size;
	html_put(&page->out, "<ul class=\"missing\">\n");
	for (size_t v = 0; v < sizeof(vendors) / sizeof(*vendors); v++)
		if (!some_ran(page, vendors[v].rung))
			missing_put(page, vendors[v].rung, vendors[v].what);
	for (size_t r = 0; r < rung_table_size; r++) {
		const struct rung *rung = &rung_table[r];

		if (rung->built && *rung_vendor(rung->name) &&
		    some_ran(page, rung->name[0] == 's' ? "svm-" : "vmx-") &&
		    !some_ran(page, rung->name))
			missing_put(page, rung->name, rung->name);
	}
	if (page->out.size == begin + strlen("<ul class=\"missing\">\n"))
		html_cut(&page->out, begin);
	else
		html_put(&page->out, "</ul>\n");
}
