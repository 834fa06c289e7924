/*
 * Bars beside the lanes: what the hypervisor executed in each mode of the guest; from
 * reports that do not say it, exits. Must not know reports.
 */
#include "compare/page_parts.h"

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
			facet_length(f, n));
		x += facet_length(f, n);
	}
	facet_number(page, x, y, mode_cost(lane, mode, hypervisor));
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
				 FACET_TOP + FIG_LANE * (double)i, hypervisor);
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
	fig_open(page, "bars", FACET_TOP + FACET_BOTTOM + FIG_LANE * (unsigned)s->count,
		 hypervisor ? "Hypervisor instructions in each mode of the guest" :
			      "Exits in each mode of the guest");
	fig_lanes(page, s, 0, s->count, FACET_TOP);
	for (int m = 0; m < PHASE_MODES; m++) {
		struct facet f = { .most = 0 };

		facet_place(&f, place, count);
		place += ran[m];
		if (ran[m])
			cost_facet(page, s, m, &f, hypervisor);
	}
	fig_close(page);
}
