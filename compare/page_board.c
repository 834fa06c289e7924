/*
 * The board: guests by rungs by machines, each cell an outcome and its reason, and
 * below it every reason in full. Must not know what a run did on the way.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_parts.h"
#include "compare/table.h"

enum { CELL_RUNS = 4, CELL_REASON = 80, REMARKS = 60 };

/* A mark beside the word, for those who see no colours. */
static const char *const marks[OUTCOMES] = {
	[OUTCOME_PASS] = "\xe2\x9c\x93",
	[OUTCOME_DIFFERS] = "\xe2\x89\xa0",
	[OUTCOME_FAIL] = "\xe2\x9c\x97",
	[OUTCOME_SKIP] = "\xe2\x80\x93",
	[OUTCOME_ERROR] = "!",
};

static void vendor_heads(struct page *page)
{
	struct buf *out = &page->out;
	size_t to;

	html_put(out, "<tr><th rowspan=\"3\" scope=\"col\" class=\"guest\">guest</th>");
	for (size_t from = 0; from < page->width; from = to) {
		const char *vendor = rung_vendor(page->columns[from].rung);

		to = from + 1;
		while (to < page->width &&
		       !strcmp(rung_vendor(page->columns[to].rung), vendor))
			to++;
		buf_fmt(out, "<th class=\"vendor\" scope=\"colgroup\" "
			"colspan=\"%zu\" data-v=\"%s\">%s</th>", to - from, vendor,
			*vendor ? vendor : "other");
	}
	html_put(out, "<th rowspan=\"3\" scope=\"col\">bare<br/>"
		 "<small>reference</small></th></tr>\n<tr>");
}

static void column_heads(struct page *page)
{
	struct buf *out = &page->out;
	size_t to;

	for (size_t from = 0; from < page->width; from = to) {
		to = from + 1;
		while (to < page->width && !strcmp(page->columns[to].label,
						   page->columns[from].label))
			to++;
		buf_fmt(out, "<th class=\"rung\" scope=\"colgroup\" colspan=\"%zu\" "
			"data-v=\"%s\">", to - from,
			rung_vendor(page->columns[from].rung));
		html_text(out, page->columns[from].label, HTML_NAME);
		html_put(out, "</th>");
	}
	html_put(out, "</tr>\n<tr>");
	for (size_t c = 0; c < page->width; c++) {
		buf_fmt(out, "<th class=\"machine\" scope=\"col\" data-v=\"%s\">",
			rung_vendor(page->columns[c].rung));
		html_text(out, machine_label(page->columns[c].machine), HTML_NAME);
		html_put(out, "</th>");
	}
	html_put(out, "</tr>\n");
}

static void run_put(struct buf *out, const struct run *run)
{
	buf_fmt(out, "<p class=\"o %s\"><b>%s</b> %s</p>",
		outcome_name(run->outcome), marks[run->outcome],
		outcome_name(run->outcome));
	if (run->outcome != OUTCOME_PASS && *run->reason) {
		html_put(out, "<p class=\"why\">");
		html_text(out, run->reason, CELL_REASON);
		html_put(out, "</p>");
	} else if (run_ran(run)) {
		html_put(out, "<p class=\"exits\">");
		html_number(out, run->exits);
		html_put(out, "</p>");
	}
}

static void cell_put(struct page *page, size_t column, size_t from, size_t to)
{
	struct buf *out = &page->out;
	size_t found = 0;

	buf_fmt(out, "<td data-v=\"%s\">", rung_vendor(page->columns[column].rung));
	for (size_t i = from; i < to; i++) {
		if (page->column_of[i] != column)
			continue;
		if (found++ < CELL_RUNS)
			run_put(out, page->runs[i]);
	}
	if (found > CELL_RUNS)
		buf_fmt(out, "<p class=\"why\">and %zu runs more</p>",
			found - CELL_RUNS);
	html_put(out, "</td>");
}

static void bare_put(struct page *page, size_t from, size_t to)
{
	enum outcome first = OUTCOME_PASS;	/* of those that did not pass */
	size_t bare = 0, passed = 0;

	for (size_t i = from; i < to; i++) {
		if (!run_is_bare(page->runs[i]))
			continue;
		bare++;
		passed += page->runs[i]->outcome == OUTCOME_PASS;
		if (first == OUTCOME_PASS)
			first = page->runs[i]->outcome;
	}
	if (!bare)
		html_put(&page->out, "<td class=\"bare\"></td>");
	else if (passed == bare)
		buf_fmt(&page->out, "<td class=\"bare\"><p class=\"o pass\"><b>%s</b> "
			"pass</p><p class=\"exits\">%zu machine%s</p></td>",
			marks[OUTCOME_PASS], bare, bare == 1 ? "" : "s");
	else
		buf_fmt(&page->out, "<td class=\"bare\"><p class=\"o %s\"><b>%s</b> "
			"%s</p><p class=\"exits\">%zu of %zu pass</p></td>",
			outcome_name(first), marks[first], outcome_name(first),
			passed, bare);
}

/* The runs of one guest: they lie together. */
static void guest_range(const struct page *page, const char *guest, size_t *from,
			size_t *to)
{
	*from = 0;
	while (*from < page->count && strcmp(page->runs[*from]->guest, guest))
		++*from;
	*to = *from;
	while (*to < page->count && !strcmp(page->runs[*to]->guest, guest))
		++*to;
}

static void row_put(struct page *page, size_t row)
{
	struct buf *out = &page->out;
	size_t from, to;

	guest_range(page, page->guests[row], &from, &to);
	buf_fmt(out, "<tr><th scope=\"row\" class=\"guest\"><a href=\"#g%zu\">",
		row + 1);
	html_text(out, page->guests[row], HTML_NAME);
	html_put(out, "</a></th>");
	for (size_t c = 0; c < page->width; c++)
		cell_put(page, c, from, to);
	bare_put(page, from, to);
	html_put(out, "</tr>\n");
}

/* A skip's reason is said once for all runs that have it. */
static bool said_before(const struct page *page, size_t i)
{
	const struct run *run = page->runs[i];

	if (run->outcome != OUTCOME_SKIP)
		return false;
	for (size_t k = 0; k < i; k++)
		if (page->runs[k]->outcome == OUTCOME_SKIP &&
		    !strcmp(page->runs[k]->reason, run->reason))
			return true;
	return false;
}

/* How many runs after it are skips for the same reason. */
static size_t skips_after(const struct page *page, size_t i)
{
	const struct run *run = page->runs[i];
	size_t count = 0;

	for (size_t k = i + 1; k < page->count; k++)
		count += run->outcome == OUTCOME_SKIP &&
			 page->runs[k]->outcome == OUTCOME_SKIP &&
			 !strcmp(page->runs[k]->reason, run->reason);
	return count;
}

static void remark_put(struct page *page, const struct run *run, size_t more)
{
	struct buf *out = &page->out;
	char *label = run_label(run);

	buf_fmt(out, "<li><span class=\"o %s\"><b>%s</b> %s</span> ",
		outcome_name(run->outcome), marks[run->outcome],
		outcome_name(run->outcome));
	html_text(out, run->guest, HTML_NAME);
	html_put(out, ", ");
	html_text(out, label, HTML_NAME);
	html_put(out, ", ");
	html_text(out, machine_label(run->machine), HTML_NAME);
	if (more)
		buf_fmt(out, " and %zu more", more);
	html_put(out, ": ");
	html_text(out, run->reason, HTML_SENTENCE);
	html_put(out, "</li>\n");
	free(label);
}

static void remarks_put(struct page *page)
{
	size_t said = 0, left = 0;

	for (size_t i = 0; i < page->count; i++) {
		if (page->runs[i]->outcome == OUTCOME_PASS)
			continue;
		if (said == REMARKS) {
			left++;
			continue;
		}
		if (said_before(page, i))
			continue;
		html_put(&page->out, said++ ? "" : "<h3>What did not pass</h3>"
						   "<ul class=\"remarks\">\n");
		remark_put(page, page->runs[i], skips_after(page, i));
	}
	if (left)
		buf_fmt(&page->out, "<li>and %zu runs more</li>", left);
	if (said)
		html_put(&page->out, "</ul>\n");
}

void page_board(struct page *page)
{
	struct buf *out = &page->out;

	html_put(out, "<div class=\"scroll tall\" tabindex=\"0\"><table id=\"board\"><thead>\n");
	vendor_heads(page);
	column_heads(page);
	html_put(out, "</thead><tbody>\n");
	for (size_t r = 0; r < page->height; r++)
		row_put(page, r);
	html_put(out, "</tbody></table></div>\n<p class=\"note\">The number below an "
		 "outcome counts the exits to the hypervisor.");
	if (page->width < page->columns_all)
		buf_fmt(out, " %zu columns more are in the reports.",
			page->columns_all - page->width);
	if (page->height < page->guests_all)
		buf_fmt(out, " %zu guests more are in the reports.",
			page->guests_all - page->height);
	html_put(out, "</p>\n");
	remarks_put(page);
}
