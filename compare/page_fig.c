/*
 * What the drawings and tables of the page share: frames, lanes and their names.
 * Must not know what a lane shows.
 */
#include "compare/page_parts.h"
#include "compare/table.h"

enum { LABEL_RUNG = 18, LABEL_MACHINE = 16, NUMBER = 52, GAP = 14, FACETS_LEAST = 3,
       FACET_NAME = 18 };

void fig_open(struct page *page, const char *kind, unsigned height,
	      const char *label)
{
	buf_fmt(&page->out, "<div class=\"scroll\" tabindex=\"0\"><svg class=\"fig %s\" "
		"viewBox=\"0 0 %d %u\" role=\"img\" aria-label=\"%s\">\n", kind,
		FIG_WIDTH, height, label);
}

void fig_close(struct page *page)
{
	html_put(&page->out, "</svg></div>\n");
}

static void copy_add(struct buf *out, const struct lane *lane)
{
	if (lane->copy)
		buf_fmt(out, " #%u", lane->copy);
}

static void names_put(struct page *page, const struct section *s, size_t from,
		      size_t to, double top)
{
	struct buf *out = &page->out;

	for (size_t i = from; i < to; i++) {
		double y = top + FIG_LANE * (double)(i - from) + FIG_BAR - 3;

		buf_fmt(out, "<text y=\"%g\"><tspan class=\"r\">", y);
		html_text(out, s->lanes[i].label, LABEL_RUNG);
		html_put(out, "</tspan> ");
		html_text(out, machine_label(s->lanes[i].run->machine),
			  LABEL_MACHINE);
		copy_add(out, &s->lanes[i]);
		html_put(out, "</text>");
	}
}

/* Written in full in the first drawing that has all lanes, referred to in the others. */
void fig_lanes(struct page *page, const struct section *s, size_t from,
	       size_t to, double top)
{
	bool all = to - from == s->count;

	if (all && page->named == s->number) {
		buf_fmt(&page->out, "<use href=\"#n%zu\" y=\"%g\"/>\n", s->number,
			top - page->named_top);
		return;
	}
	html_put(&page->out, "<g class=\"names\"");
	if (all) {
		buf_fmt(&page->out, " id=\"n%zu\"", s->number);
		page->named = s->number;
		page->named_top = top;
	}
	html_put(&page->out, ">");
	names_put(page, s, from, to, top);
	html_put(&page->out, "</g>\n");
}

void fig_fill(struct page *page, enum phase_mode mode, enum phase_way way)
{
	page->used[mode][way] = true;
	buf_fmt(&page->out, " stroke=\"url(#p%d%d)\"", (int)mode, (int)way);
}

void lane_heads(struct page *page, const struct section *s, size_t from,
		size_t to, unsigned span)
{
	struct buf *out = &page->out;

	for (size_t i = from; i < to; i++) {
		if (span > 1)
			buf_fmt(out, "<th scope=\"colgroup\" colspan=\"%u\">", span);
		else
			html_put(out, "<th scope=\"col\">");
		html_text(out, s->lanes[i].label, HTML_NAME);
		html_put(out, "<br/><small>");
		html_text(out, machine_label(s->lanes[i].run->machine),
			  HTML_NAME);
		copy_add(out, &s->lanes[i]);
		html_put(out, "</small></th>");
	}
}

void lane_name(struct page *page, const struct lane *lane)
{
	struct buf *out = &page->out;

	html_put(out, "<b>");
	html_text(out, lane->label, HTML_NAME);
	html_put(out, "</b> on ");
	html_text(out, machine_label(lane->run->machine), HTML_NAME);
	copy_add(out, lane);
}

void page_link(struct page *page, const char *place, const char *words)
{
	buf_fmt(&page->out, "<a href=\"");
	html_text(&page->out, page->docs, HTML_SENTENCE);
	buf_fmt(&page->out, "%s\">%s</a>", place, words);
}

void facet_place(struct facet *f, size_t place, size_t count)
{
	double all = (double)FIG_PLOT / (double)(count < FACETS_LEAST ?
						FACETS_LEAST : count);

	f->x = FIG_LEFT + all * (double)place;
	f->width = all - NUMBER - GAP;
}

double facet_length(const struct facet *f, uint64_t n)
{
	return f->most ? f->width * (double)n / (double)f->most : 0;
}

void facet_head(struct page *page, const struct facet *f, const char *name)
{
	buf_fmt(&page->out, "<text class=\"h\" x=\"%.4g\" y=\"%d\">", f->x,
		FACET_TOP - 10);
	html_text(&page->out, name, FACET_NAME);
	html_put(&page->out, "</text>");
}

void facet_number(struct page *page, double x, double y, uint64_t n)
{
	buf_fmt(&page->out, "<text x=\"%.0f\" y=\"%g\">", x + 4, y + FIG_BAR - 4);
	html_short(&page->out, n);
	html_put(&page->out, "</text>");
}
