/*
 * The numbers of a guest's drawings: phase by phase, and mode by mode. Must not
 * know how they are drawn.
 */
#include "compare/page_parts.h"

enum { CELLS = 4 };

static void cell_put(struct buf *out, uint64_t n)
{
	html_put(out, "<td>");
	html_number(out, n);
	html_put(out, "</td>");
}

static void ways_put(struct buf *out, const struct phase *p)
{
	const char *comma = "";

	html_put(out, "<td>");
	for (int w = 0; w < PHASE_WAYS; w++)
		if (p->way[w].stretches) {
			buf_fmt(out, "%s%s", comma,
				phase_way_name((enum phase_way)w));
			comma = ", ";
		}
	html_put(out, "</td>");
}

static void phase_head(struct buf *out, size_t number, const struct phase *p)
{
	buf_fmt(out, "<tr><th scope=\"row\">%zu</th><td>%s", number,
		p->rest ? "several" : phase_mode_name(p->mode));
	if (p->times > 1) {
		html_put(out, " \xc3\x97");
		html_number(out, p->times);
	}
	html_put(out, "</td>");
}

static void group_table(struct page *page, const struct section *s, size_t from,
			size_t to)
{
	const struct timeline *first = &s->lanes[from].time;
	struct buf *out = &page->out;

	buf_fmt(out, "<div class=\"scroll\" tabindex=\"0\"><table class=\"data\" "
		"id=\"t%zu-%zu\"><thead><tr><th scope=\"col\" rowspan=\"2\">phase</th>"
		"<th scope=\"col\" rowspan=\"2\">mode</th>", s->number, from);
	lane_heads(page, s, from, to, CELLS);
	html_put(out, "</tr><tr>");
	for (size_t i = from; i < to; i++)
		html_put(out, "<th>ran as</th><th>guest</th><th>exits</th>"
			 "<th>hypervisor</th>");
	html_put(out, "</tr></thead><tbody>\n");
	for (size_t p = 0; p < first->phases; p++) {
		phase_head(out, p + 1, &first->phase[p]);
		for (size_t i = from; i < to; i++) {
			const struct timeline *t = &s->lanes[i].time;

			ways_put(out, &t->phase[p]);
			cell_put(out, t->phase[p].all.instructions);
			cell_put(out, t->phase[p].all.exits);
			if (t->hypervisor)
				cell_put(out, t->phase[p].all.hypervisor);
			else
				html_put(out, "<td>\xe2\x80\x93</td>");
		}
		html_put(out, "</tr>\n");
	}
	html_put(out, "</tbody></table></div>\n");
}

void page_phase_tables(struct page *page, const struct section *s)
{
	for (size_t from = 0, to; from < s->count; from = to) {
		to = section_group(s, from);
		if (s->lanes[from].time.phases)
			group_table(page, s, from, to);
	}
}

static bool way_ran(const struct section *s, int mode, int way)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->lanes[i].time.sum[mode][way].stretches)
			return true;
	return false;
}

static void mode_row(struct page *page, const struct section *s, int mode,
		     int way)
{
	struct buf *out = &page->out;

	buf_fmt(out, "<tr><th scope=\"row\">%s, %s</th>",
		phase_mode_name((enum phase_mode)mode),
		phase_way_name((enum phase_way)way));
	for (size_t i = 0; i < s->count; i++) {
		const struct timeline *t = &s->lanes[i].time;
		const struct share *sum = &t->sum[mode][way];

		if (!sum->stretches) {
			html_put(out, "<td></td><td></td><td></td><td></td>");
			continue;
		}
		cell_put(out, sum->stretches);
		cell_put(out, sum->instructions);
		cell_put(out, sum->exits);
		if (t->hypervisor)
			cell_put(out, sum->hypervisor);
		else
			html_put(out, "<td>\xe2\x80\x93</td>");
	}
	html_put(out, "</tr>\n");
}

void page_mode_table(struct page *page, const struct section *s)
{
	struct buf *out = &page->out;

	html_put(out, "<div class=\"scroll\" tabindex=\"0\"><table class=\"data\"><thead>"
		 "<tr><th scope=\"col\" rowspan=\"2\">mode, ran as</th>");
	lane_heads(page, s, 0, s->count, CELLS);
	html_put(out, "</tr><tr>");
	for (size_t i = 0; i < s->count; i++)
		html_put(out, "<th>stretches</th><th>guest</th><th>exits</th>"
			 "<th>hypervisor</th>");
	html_put(out, "</tr></thead><tbody>\n");
	for (int m = 0; m < PHASE_MODES; m++)
		for (int w = 0; w < PHASE_WAYS; w++)
			if (way_ran(s, m, w))
				mode_row(page, s, m, w);
	html_put(out, "</tbody></table></div>\n");
}
