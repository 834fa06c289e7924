/*
 * The page as a whole: its frame, one section for each guest, and how much of
 * everything has room. Must not know what the parts show.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/guests.h"
#include "compare/page.h"
#include "compare/page_parts.h"
#include "compare/page_style.h"

/* From all that there is to what fits whatever the reports hold. */
static const struct page_limits levels[] = {
	{ 64, 780, 24, 100, 40, 120 },
	{ 40, 520, 20, 80, 30, 80 },
	{ 24, 390, 16, 60, 24, 60 },
	{ 12, 260, 12, 40, 20, 40 },
	{ 8, 130, 8, 24, 14, 30 },
	{ 4, 60, 4, 12, 10, 16 },
	{ 4, 20, 2, 6, 6, 8 },
};

static void head_put(struct page *page)
{
	struct buf *out = &page->out;

	html_put(out, "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" "
		 "lang=\"en\" xml:lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
		 "<meta http-equiv=\"Content-Security-Policy\" content=\"");
	page_policy(out);
	html_put(out, "\"/>\n<meta name=\"viewport\" "
		 "content=\"width=device-width, initial-scale=1\"/>\n"
		 "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
		 "<link rel=\"icon\" href=\"data:,\"/>\n"
		 "<title>Diptych: guests by rungs by machines</title>\n<style>");
	html_put(out, page_css);
	html_put(out, "</style></head>\n<body><header><p class=\"brand\">"
		 "<svg width=\"26\" height=\"18\" aria-hidden=\"true\"><path class=\"m1\" "
		 "d=\"M1 1h11v16h-11z\"/><path class=\"m3\" d=\"M14 1h11v16h-11z\"/></svg> "
		 "Diptych</p>\n<h1>One guest, every way to run it</h1>\n"
		 "<p class=\"lead\">The same unmodified guests, run by each generation of "
		 "AMD-V and VT-x and on the bare machine. What they print must agree; "
		 "what it takes to run them does not.</p>\n");
	page_summary(page);
	html_put(out, "</header>\n<main><section id=\"outcomes\"><h2>The board</h2>\n");
	page_board(page);
	html_put(out, "</section>\n<section id=\"legend\"><h2>How to read the lanes</h2>\n");
	page_legend(page);
	page_reasons(page);
	html_put(out, "</section>\n");
}

/* What the guest is for, when it is one of ours. */
static const char *words_of(const char *name)
{
	const struct guest *g;

	for (size_t i = 0; (g = guest_at(i)); i++)
		if (!strcmp(g->name, name))
			return g->shows;
	return "";
}

/* What the lanes had no room for, and what was put together. */
static void coarse_put(struct page *page, const struct section *s)
{
	struct buf *out = &page->out;
	uint64_t most = 0;
	size_t phases = 0, unread = 0;
	bool unrecorded = false;

	for (size_t i = 0; i < s->count; i++) {
		const struct lane *lane = &s->lanes[i];

		if (lane->time.changes > most) {
			most = lane->time.changes;
			phases = lane->time.phases;
		}
		unread += lane->time.left_out;
		unrecorded |= lane->time.stretches &&
			      lane->time.end < lane->run->of_guest;
	}
	html_put(out, "<p class=\"note\">");
	if (most > phases)
		buf_fmt(out, "%llu phases are drawn as %zu steps: under a bracket what "
			"repeats, as \xe2\x80\xa6 what has no room. The report has them "
			"all. ", (unsigned long long)most, phases);
	if (unrecorded)
		html_put(out, "Where a lane is a thin line, the record had no room for "
			 "more changes of mode. ");
	if (unread)
		buf_fmt(out, "%zu stretches are no stretches or too many, and left out. ",
			unread);
	if (s->left_out)
		buf_fmt(out, "%zu runs more are in the reports.", s->left_out);
	html_put(out, "</p>\n");
}

static void section_put(struct page *page, const struct section *s)
{
	struct buf *out = &page->out;

	buf_fmt(out, "<section class=\"guest\" id=\"g%zu\"><h2>", s->number);
	html_text(out, s->guest, HTML_NAME);
	html_put(out, "</h2>\n<p class=\"shows\">");
	html_text(out, words_of(s->guest), HTML_SENTENCE);
	html_put(out, "</p>\n");
	if (!s->count) {
		html_put(out, "<p class=\"note\">It did not run on any rung.</p>"
			 "</section>\n");
		return;
	}
	html_put(out, "<h3>Timeline</h3>\n");
	page_axis(page, s);
	html_put(out, "<h3>Order of events</h3>\n");
	page_order(page, s);
	coarse_put(page, s);
	html_put(out, "<details><summary>Phases as a table</summary>\n");
	page_phase_tables(page, s);
	html_put(out, "</details>\n");
	page_costs(page, s);
	html_put(out, "<details><summary>Modes as a table</summary>\n");
	page_mode_table(page, s);
	html_put(out, "</details>\n");
	page_exits(page, s);
	page_notes(page, s);
	page_repeat(page, s);
	html_put(out, "</section>\n");
}

static void foot_put(struct page *page)
{
	struct buf *out = &page->out;

	html_put(out, "<section id=\"facts\"><h2>What the columns stand on</h2>\n");
	page_facts(page);
	html_put(out, "<h3>All of it again</h3>\n<pre class=\"scroll\" tabindex=\"0\">"
		 "make compare\nbuild/diptych merge REPORT... --html page.html</pre>\n"
		 "<p class=\"note\">On the emulators a run repeats exactly: the same exits, "
		 "the same counts. More: ");
	page_link(page, "design.md", "the design");
	html_put(out, ", ");
	page_link(page, "record.md", "what the hypervisor records");
	html_put(out, ", ");
	page_link(page, "exits.md", "what each exit is");
	html_put(out, ", ");
	page_link(page, "unpaged.md", "how a guest turns paging on");
	html_put(out, ", ");
	page_link(page, "glossary.md", "the words");
	html_put(out, ".</p></section></main>\n");
	page_patterns(page);
	html_put(out, "<script>");
	html_put(out, page_js);
	html_put(out, "</script></body></html>\n");
}

static char *write_at(struct run *const *runs, size_t count, const char *docs,
		      const struct page_limits *limits, size_t *size)
{
	struct page page;
	char *text;

	page_init(&page, runs, count, docs, limits);
	head_put(&page);
	for (size_t g = 0; g < page.height; g++) {
		struct section s;

		section_make(&page, g, &s);
		section_put(&page, &s);
		section_free(&s);
	}
	foot_put(&page);
	text = page.out.text;
	*size = page.out.size;
	page.out = (struct buf){ 0 };
	page_fini(&page);
	return text;
}

char *page_write(struct run *const *runs, size_t count, const char *docs)
{
	char *text = NULL;
	size_t size = PAGE_BYTES + 1;

	for (size_t l = 0; size > PAGE_BYTES &&
	     l < sizeof(levels) / sizeof(*levels); l++)
		text_set(&text, write_at(runs, count, docs, &levels[l], &size));
	return text;
}

/*
 * The way from a page to the documents: through its parents when it lies in this
 * project's tree, else as if it lay in the tree's root. To be freed.
 */
static char *docs_from(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? fmt("%.*s/", (int)(slash - path), path) : xdup(".");
	char *root = path_build(".."), *real_root = realpath(root, NULL);
	char *real = realpath(folder, NULL);
	size_t size = real_root ? strlen(real_root) : 0;
	struct buf way = { 0 };

	if (real && size && !strncmp(real, real_root, size) &&
	    (!real[size] || real[size] == '/'))
		for (const char *c = real + size; *c; c++)
			if (*c == '/')
				buf_fmt(&way, "../");
	buf_fmt(&way, "docs/");
	free(folder);
	free(root);
	free(real_root);
	free(real);
	return way.text;
}

char *page_for(const char *path, struct run *const *runs, size_t count)
{
	char *docs = docs_from(path);
	char *text = page_write(runs, count, docs);

	free(docs);
	return text;
}
