/*
 * Exits by reason: bars of the most frequent ones beside the lanes, and a table of
 * all. Must not trust a reason's name or number.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_parts.h"

enum { FACETS = 6, REASONS = 32 };

/* A reason of exits, and how many of all lanes have it. */
struct reason {
	const char	*name;		/* NULL: those made to observe */
	uint64_t	sum;
};

static uint64_t exits_of(const struct run *run, const char *reason)
{
	json_int_t n = json_integer_value(json_object_get(run->by_reason, reason));

	return !reason ? run->observe : n < 0 ? 0 : (uint64_t)n;
}

static int most_first(const void *a, const void *b)
{
	const struct reason *l = a, *r = b;
	int order = (l->sum < r->sum) - (l->sum > r->sum);

	return order ? order : !l->name || !r->name ? !!r->name - !!l->name :
	       strcmp(l->name, r->name);
}

/* Those of all lanes, the most frequent first; at most REASONS. */
static size_t reasons_make(const struct section *s, struct reason *list)
{
	size_t made = 0;

	for (size_t i = 0; i < s->count; i++) {
		const char *key;
		json_t *value;

		json_object_foreach(s->lanes[i].run->by_reason, key, value) {
			size_t k = 0;

			while (k < made && strcmp(list[k].name, key))
				k++;
			if (k == made && made < REASONS - 1)
				list[made++].name = key;
		}
	}
	list[made++].name = NULL;
	for (size_t k = 0; k < made; k++)
		for (size_t i = 0; i < s->count; i++)
			list[k].sum = add_capped(list[k].sum,
				exits_of(s->lanes[i].run, list[k].name));
	qsort(list, made, sizeof(*list), most_first);
	while (made && !list[made - 1].sum)
		made--;
	return made;
}

static void exits_facet(struct page *page, const struct section *s,
			const struct reason *reason, struct facet *f)
{
	struct buf *out = &page->out;

	facet_head(page, f, reason->name ? reason->name : "observe");
	for (size_t i = 0; i < s->count; i++) {
		uint64_t n = exits_of(s->lanes[i].run, reason->name);

		f->most = n > f->most ? n : f->most;
	}
	html_put(out, "<path class=\"bar\" d=\"");
	for (size_t i = 0; i < s->count; i++)
		buf_fmt(out, "M%.4g %gh%.3g", f->x,
			FACET_TOP + FIG_LANE * (double)i + FIG_BAR / 2.0,
			facet_length(f, exits_of(s->lanes[i].run, reason->name)));
	html_put(out, "\"/>");
	for (size_t i = 0; i < s->count; i++) {
		uint64_t n = exits_of(s->lanes[i].run, reason->name);

		facet_number(page, f->x + facet_length(f, n), FACET_TOP + FIG_LANE * (double)i, n);
	}
	html_put(out, "\n");
}

static void exits_table(struct page *page, const struct section *s,
			const struct reason *list, size_t count)
{
	struct buf *out = &page->out;

	html_put(out, "<details><summary>Exits as a table</summary>"
		 "<div class=\"scroll\" tabindex=\"0\"><table class=\"data\"><thead><tr>"
		 "<th scope=\"col\">reason</th>");
	lane_heads(page, s, 0, s->count, 1);
	html_put(out, "</tr></thead><tbody>\n");
	for (size_t k = 0; k < count; k++) {
		html_put(out, "<tr><th scope=\"row\">");
		html_text(out, list[k].name ? list[k].name : "observe", HTML_NAME);
		html_put(out, "</th>");
		for (size_t i = 0; i < s->count; i++) {
			html_put(out, "<td>");
			html_number(out, exits_of(s->lanes[i].run, list[k].name));
			html_put(out, "</td>");
		}
		html_put(out, "</tr>\n");
	}
	html_put(out, "<tr><th scope=\"row\">total</th>");
	for (size_t i = 0; i < s->count; i++) {
		html_put(out, "<td>");
		html_number(out, s->lanes[i].run->exits);
		html_put(out, "</td>");
	}
	html_put(out, "</tr></tbody></table></div></details>\n");
}

void page_exits(struct page *page, const struct section *s)
{
	struct reason list[REASONS] = { { NULL, 0 } };
	size_t count = reasons_make(s, list);

	if (!count)
		return;
	html_put(&page->out, "<h3>Exits by reason</h3>\n");
	fig_open(page, "bars", FACET_TOP + FACET_BOTTOM + FIG_LANE * (unsigned)s->count,
		 "Exits by reason");
	fig_lanes(page, s, 0, s->count, FACET_TOP);
	for (size_t k = 0; k < count && k < FACETS; k++) {
		struct facet f = { .most = 0 };

		facet_place(&f, k, count < FACETS ? count : FACETS);
		exits_facet(page, s, &list[k], &f);
	}
	fig_close(page);
	exits_table(page, s, list, count);
}
