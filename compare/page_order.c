/*
 * The order of events: each phase of a guest a step of the same width, however
 * short it was; below each other what runs did in it. Must not know reports.
 */
#include "compare/page_parts.h"

enum { TOP = 22, BOTTOM = 4, STEP_MOST = 74, MARK = 6, LETTERS_LEAST = 15,
       COST = 3 };

/* Lanes that go through the same phases are one drawing. */
struct group {
	const struct section	*section;
	size_t			from, to;
	const struct timeline	*time;
	double			step;
};

static const char *const letters[PHASE_MODES] = {
	[P_REAL] = "R", [P_UNPAGED] = "U", [P_32BIT] = "32", [P_PAE] = "PAE",
	[P_LONG] = "64", [P_UNKNOWN] = "?",
};

static double x_of(const struct group *g, size_t phase)
{
	return FIG_LEFT + g->step * (double)phase;
}

static void letters_put(struct page *page, const struct group *g)
{
	struct buf *out = &page->out;

	for (size_t i = 0; i < g->time->phases; i++) {
		const struct phase *p = &g->time->phase[i];

		if (g->step >= LETTERS_LEAST || p->rest)
			buf_fmt(out, "<text class=\"m\" x=\"%.5g\" y=\"%d\">%s</text>",
				x_of(g, i) + g->step / 2, TOP - 8,
				p->rest ? "\xe2\x80\xa6" : letters[p->mode]);
	}
}

/* A bracket over what repeats, with how often in the first of the lanes. */
static void repeats_put(struct page *page, const struct group *g)
{
	struct buf *out = &page->out;

	for (size_t i = 0; i < g->time->phases; i++) {
		const struct phase *p = &g->time->phase[i];

		if (p->rest || p->period == 1 || p->place)
			continue;
		buf_fmt(out, "<path class=\"tick\" d=\"M%.5g %dv-3h%.4gv3\"/>"
			"<text class=\"m\" x=\"%.5g\" y=\"%d\">\xc3\x97",
			x_of(g, i) + 1, 2, g->step * p->period - 2,
			x_of(g, i) + g->step * p->period / 2, -4);
		html_short(out, p->times);
		html_put(out, "</text>");
	}
}

static unsigned ways_of(const struct phase *p)
{
	unsigned ways = 0;

	for (int w = 0; w < PHASE_WAYS; w++)
		ways += p->way[w].stretches != 0;
	return ways;
}

/* All steps of one mode and way are one path; the ways of a step share its width. */
static void kind_put(struct page *page, const struct group *g,
		     const struct timeline *t, enum phase_mode mode,
		     enum phase_way way, double y)
{
	struct buf *out = &page->out;
	bool open = false;

	for (size_t i = 0; i < t->phases; i++) {
		const struct phase *p = &t->phase[i];
		unsigned before = 0;
		double part;

		if (p->rest || p->mode != mode || !p->way[way].stretches)
			continue;
		for (int w = 0; w < (int)way; w++)
			before += p->way[w].stretches != 0;
		part = (g->step - 1) / ways_of(p);
		if (!open) {
			html_put(out, "<path");
			fig_fill(page, mode, way);
			html_put(out, " d=\"");
		}
		open = true;
		buf_fmt(out, "M%.5g %gh%.3g", x_of(g, i) + part * before,
			y + FIG_BAR / 2.0, part);
	}
	if (open)
		html_put(out, "\"/>");
}

static void marks_put(struct page *page, const struct group *g,
		      const struct timeline *t, bool on, double y)
{
	bool open = false;

	for (size_t i = 1; i < t->phases; i++) {
		const struct phase *last = &t->phase[i - 1], *p = &t->phase[i];

		if (last->mode == P_UNKNOWN || p->mode == P_UNKNOWN ||
		    phase_paged(p->mode) != on || phase_paged(last->mode) == on)
			continue;
		buf_fmt(&page->out, "%sM%.5g %gl-3-%dh6z",
			open ? "" : on ? "<path class=\"on\" d=\"" :
					 "<path class=\"off\" d=\"",
			x_of(g, i) - 0.5, y + 1, MARK);
		open = true;
	}
	if (open)
		html_put(&page->out, "\"/>");
}

/* What the hypervisor executed in this phase on the lane where it was most. */
static uint64_t most_of(const struct group *g, size_t phase)
{
	uint64_t most = 0;

	for (size_t i = g->from; i < g->to; i++) {
		uint64_t n = g->section->lanes[i].time.phase[phase].all.hypervisor;

		most = n > most ? n : most;
	}
	return most;
}

/* Below each step a line, as long as the step on the lane where it was most. */
static void costs_put(struct page *page, const struct group *g,
		      const struct timeline *t, double y)
{
	struct buf *out = &page->out;

	if (!t->hypervisor)
		return;
	html_put(out, "<path class=\"cost\" d=\"");
	for (size_t i = 0; i < t->phases; i++) {
		uint64_t most = most_of(g, i);
		double share = most ? (double)t->phase[i].all.hypervisor /
				      (double)most : 0;

		buf_fmt(out, "M%.4g %gh%.2g", x_of(g, i), y + FIG_BAR + COST,
			(g->step - 1) * share);
	}
	html_put(out, "\"/>");
}

static void lane_put(struct page *page, const struct group *g,
		     const struct lane *lane, double y)
{
	const struct timeline *t = &lane->time;

	buf_fmt(&page->out, "<g data-lane=\"%zu\">",
		(size_t)(lane - g->section->lanes) - g->from);
	for (int m = 0; m < PHASE_MODES; m++)
		for (int w = 0; w < PHASE_WAYS; w++)
			kind_put(page, g, t, (enum phase_mode)m,
				 (enum phase_way)w, y);
	marks_put(page, g, t, true, y);
	costs_put(page, g, t, y);
	marks_put(page, g, t, false, y);
	html_put(&page->out, "</g>\n");
}

static void group_put(struct page *page, const struct section *s, size_t from,
		      size_t to)
{
	struct group g = { .section = s, .from = from, .to = to,
			   .time = &s->lanes[from].time };

	if (!g.time->phases)
		return;
	g.step = (double)FIG_PLOT / (double)g.time->phases;
	if (g.step > STEP_MOST)
		g.step = STEP_MOST;
	fig_open(page, "order", TOP + 14 + BOTTOM + FIG_LANE * (unsigned)(to - from),
		 "Order of events: the phases of the guest, one step each");
	buf_fmt(&page->out, "<g transform=\"translate(0 14)\" data-left=\"%d\" "
		"data-step=\"%.5g\" data-top=\"%d\" data-lane=\"%d\" "
		"data-table=\"t%zu-%zu\">", FIG_LEFT, g.step, TOP, FIG_LANE,
		s->number, from);
	letters_put(page, &g);
	repeats_put(page, &g);
	fig_lanes(page, s, from, to, TOP);
	for (size_t i = from; i < to; i++)
		lane_put(page, &g, &s->lanes[i],
			 TOP + FIG_LANE * (double)(i - from));
	html_put(&page->out, "</g>");
	fig_close(page);
}

void page_order(struct page *page, const struct section *s)
{
	for (size_t from = 0, to; from < s->count; from = to) {
		to = section_group(s, from);
		group_put(page, s, from, to);
	}
}
