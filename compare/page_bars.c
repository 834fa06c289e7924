/*
 * Bars beside the lanes: what the hypervisor executed in each mode of the guest, and
 * exits by reason. Each column of bars has a scale of its own. Must not know reports.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_parts.h"

enum { TOP = 24, BOTTOM = 6, LABEL = 52, GAP = 14, FACETS = 6, REASONS = 32 };

/* A column of bars; `value` is asked for a lane's. */
struct facet {
	double		x, width;	/* of the bars alone */
	uint64_t	most;
};

static void facet_place(struct facet *f, size_t place, size_t count)
{
	double all = (double)FIG_PLOT / (double)(count < 3 ? 3 : count);

	f->x = FIG_LEFT + all * (double)place;
	f->width = all - LABEL - GAP;
}

static double length_of(const struct facet *f, uint64_t n)
{
	return f->most ? f->width * (double)n / (double)f->most : 0;
}

static void facet_head(struct page *page, const struct facet *f, const char *name)
{
	buf_fmt(&page->out, "<text class=\"h\" x=\"%.5g\" y=\"%d\">", f->x, TOP - 10);
	html_text(&page->out, name, 18);
	buf_fmt(&page->out, "</text>");
}

static void number_put(struct page *page, double x, double y, uint64_t n)
{
	buf_fmt(&page->out, "<text class=\"n\" x=\"%.4g\" y=\"%g\">", x + 4,
		y + FIG_BAR - 4);
	html_short(&page->out, n);
	html_put(&page->out, "</text>");
}

static uint64_t cost_of(const struct share *sum, bool hypervisor)
{
	return hypervisor ? sum->hypervisor : sum->exits;
}

static uint64_t mode_cost(const struct lane *lane, int mode, bool hypervisor)
{
	uint64_t sum = 0;

	for (int w = 0; w < PHASE_WAYS; w++)
		sum = add_capped(sum, cost_of(&lane->time.sum[mode][w], hypervisor));
	return sum;
}

static bool mode_ran(const struct lane *lane, int mode)
{
	for (int w = 0; w < PHASE_WAYS; w++)
		if (lane->time.sum[mode][w].stretches)
			return true;
	return false;
}

/* One bar, its ways one after the other. */
static void cost_bar(struct page *page, const struct facet *f,
		     const struct lane *lane, int mode, double y, bool hypervisor)
{
	double x = f->x;

	for (int w = 0; w < PHASE_WAYS; w++) {
		uint64_t n = cost_of(&lane->time.sum[mode][w], hypervisor);

		if (!n)
			continue;
		html_put(&page->out, "<path");
		fig_fill(page, (enum phase_mode)mode, (enum phase_way)w);
		buf_fmt(&page->out, " d=\"M%.4g %gh%.3g\"/>", x, y + FIG_BAR / 2.0,
			length_of(f, n));
		x += length_of(f, n);
	}
	number_put(page, x, y, mode_cost(lane, mode, hypervisor));
}

static void cost_facet(struct page *page, const struct section *s, int mode,
		       struct facet *f, bool hypervisor)
{
	facet_head(page, f, phase_mode_name((enum phase_mode)mode));
	for (size_t i = 0; i < s->count; i++) {
		uint64_t n = mode_cost(&s->lanes[i], mode, hypervisor);

		f->most = n > f->most ? n : f->most;
	}
	for (size_t i = 0; i < s->count; i++)
		if (mode_ran(&s->lanes[i], mode))
			cost_bar(page, f, &s->lanes[i], mode,
				 TOP + FIG_LANE * (double)i, hypervisor);
	html_put(&page->out, "\n");
}

void page_costs(struct page *page, const struct section *s)
{
	bool hypervisor = false, ran[PHASE_MODES] = { false };
	size_t count = 0, place = 0;

	for (size_t i = 0; i < s->count; i++)
		hypervisor |= s->lanes[i].time.hypervisor;
	for (int m = 0; m < PHASE_MODES; m++) {
		for (size_t i = 0; i < s->count; i++)
			ran[m] |= mode_ran(&s->lanes[i], m);
		count += ran[m];
	}
	if (!count)
		return;
	buf_fmt(&page->out, "<h3>%s, mode by mode</h3>\n", hypervisor ?
		"What the hypervisor executed" : "Exits");
	fig_open(page, "bars", TOP + BOTTOM + FIG_LANE * (unsigned)s->count,
		 hypervisor ? "Hypervisor instructions in each mode of the guest" :
			      "Exits in each mode of the guest");
	fig_lanes(page, s, 0, s->count, TOP);
	for (int m = 0; m < PHASE_MODES; m++) {
		struct facet f = { .most = 0 };

		facet_place(&f, place, count);
		place += ran[m];
		if (ran[m])
			cost_facet(page, s, m, &f, hypervisor);
	}
	fig_close(page);
}

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
			TOP + FIG_LANE * (double)i + FIG_BAR / 2.0,
			length_of(f, exits_of(s->lanes[i].run, reason->name)));
	html_put(out, "\"/>");
	for (size_t i = 0; i < s->count; i++) {
		uint64_t n = exits_of(s->lanes[i].run, reason->name);

		number_put(page, f->x + length_of(f, n), TOP + FIG_LANE * (double)i, n);
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
	size_t shown = count < FACETS ? count : FACETS;

	if (!count)
		return;
	html_put(&page->out, "<h3>Exits by reason</h3>\n");
	fig_open(page, "bars", TOP + BOTTOM + FIG_LANE * (unsigned)s->count,
		 "Exits by reason");
	fig_lanes(page, s, 0, s->count, TOP);
	for (size_t k = 0; k < shown; k++) {
		struct facet f = { .most = 0 };

		facet_place(&f, k, shown);
		exits_facet(page, s, &list[k], &f);
	}
	fig_close(page);
	exits_table(page, s, list, count);
}
