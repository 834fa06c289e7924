/*
 * The timeline of a guest: one lane for each run on a common axis of guest
 * instructions. Must not know reports; numbers of theirs may be anything.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_parts.h"

enum { TOP = 12, AXIS = 34, TICKS = 5, MARK = 6, KINDS = PHASE_MODES * PHASE_WAYS };

/* What a pixel of a lane shows. */
struct pixel {
	double	weight[KINDS];	/* of each mode and way */
	int	kind;		/* that most of it is; -1: none */
	bool	on, off;	/* CR0.PG set or cleared there */
};

/* The lanes of one unit: an axis of their own. */
struct axis {
	const char	*unit;
	uint64_t	end;
	size_t		pixels;
	struct pixel	*pixel;
};

static double place_of(const struct axis *a, uint64_t at)
{
	double place = a->end ? (double)at / (double)a->end * (double)a->pixels : 0;

	return place < (double)a->pixels ? place : (double)a->pixels;
}

static void stretch_draw(struct axis *a, const struct stretch *s)
{
	double from = place_of(a, s->at);
	double to = place_of(a, add_capped(s->at, s->instructions));

	for (size_t p = (size_t)from; p < a->pixels && (double)p < to; p++) {
		double left = from > (double)p ? from : (double)p;
		double right = to < (double)p + 1 ? to : (double)p + 1;

		a->pixel[p].weight[s->mode * PHASE_WAYS + s->way] += right - left;
	}
}

static void change_mark(struct axis *a, const struct stretch *last,
			const struct stretch *s)
{
	size_t p = (size_t)place_of(a, s->at);
	bool was = phase_paged(last->mode), is = phase_paged(s->mode);

	if (p == a->pixels)
		p--;
	if (last->mode == P_UNKNOWN || s->mode == P_UNKNOWN)
		return;
	a->pixel[p].on |= !was && is;
	a->pixel[p].off |= was && !is;
}

static void pixel_settle(struct pixel *pixel)
{
	pixel->kind = -1;
	for (int k = 0; k < KINDS; k++)
		if (pixel->weight[k] > (pixel->kind < 0 ? 0 :
					pixel->weight[pixel->kind]))
			pixel->kind = k;
}

static double x_of(const struct axis *a, size_t pixel)
{
	return FIG_LEFT + (double)pixel * FIG_PLOT / (double)a->pixels;
}

/* All stretches of one kind are one path. */
static void kind_put(struct page *page, const struct axis *a, int kind, double y)
{
	struct buf *out = &page->out;
	bool open = false;
	size_t end = 0;

	for (size_t p = 0; p < a->pixels; p++) {
		size_t from = p;

		while (p < a->pixels && a->pixel[p].kind == kind)
			p++;
		if (p == from)
			continue;
		if (open) {
			buf_fmt(out, "m%.4g 0", x_of(a, from) - x_of(a, end));
		} else {
			html_put(out, "<path");
			fig_fill(page, (enum phase_mode)(kind / PHASE_WAYS),
				 (enum phase_way)(kind % PHASE_WAYS));
			buf_fmt(out, " d=\"M%.5g %g", x_of(a, from),
				y + FIG_BAR / 2.0);
		}
		buf_fmt(out, "h%.4g", x_of(a, p) - x_of(a, from));
		open = true;
		end = p;
	}
	if (open)
		buf_fmt(out, "\"><title>%s, %s</title></path>",
			phase_mode_name((enum phase_mode)(kind / PHASE_WAYS)),
			phase_way_name((enum phase_way)(kind % PHASE_WAYS)));
}

static void marks_put(struct page *page, const struct axis *a, bool on, double y)
{
	bool open = false;

	for (size_t p = 0; p < a->pixels; p++) {
		if (!(on ? a->pixel[p].on : a->pixel[p].off))
			continue;
		buf_fmt(&page->out, "%sM%.5g %gl-3-%dh6z",
			open ? "" : on ? "<path class=\"on\" d=\"" :
					 "<path class=\"off\" d=\"",
			x_of(a, p), y + 1, MARK);
		open = true;
	}
	if (open)
		buf_fmt(&page->out, "\"><title>CR0.PG %s</title></path>",
			on ? "set" : "cleared");
}

static void lane_put(struct page *page, struct axis *a, const struct lane *lane,
		     double y)
{
	const struct timeline *t = &lane->time;
	bool kinds[KINDS] = { false };

	memset(a->pixel, 0, a->pixels * sizeof(*a->pixel));
	for (size_t i = 0; i < t->stretches; i++) {
		stretch_draw(a, &t->stretch[i]);
		kinds[t->stretch[i].mode * PHASE_WAYS + t->stretch[i].way] = true;
		if (i)
			change_mark(a, &t->stretch[i - 1], &t->stretch[i]);
	}
	for (size_t p = 0; p < a->pixels; p++)
		pixel_settle(&a->pixel[p]);
	/* A thin line where the guest ran on and its changes of mode found no room. */
	buf_fmt(&page->out, "<path class=\"base\" d=\"M%d %gh%.4g\"/>", FIG_LEFT,
		y + FIG_BAR / 2.0, place_of(a, lane->run->of_guest) * FIG_PLOT /
		(double)a->pixels);
	for (int k = 0; k < KINDS; k++)
		if (kinds[k])
			kind_put(page, a, k, y);
	marks_put(page, a, true, y);
	marks_put(page, a, false, y);
	html_put(&page->out, "\n");
}

/* A step of 1, 2 or 5 times a power of ten, TICKS to the axis or somewhat more. */
static uint64_t step_of(uint64_t end)
{
	uint64_t rough = end / TICKS, power = 1;

	while (rough / power >= 10)
		power *= 10;
	return rough / power >= 5 ? 5 * power : rough / power >= 2 ? 2 * power : power;
}

static double tick_x(const struct axis *a, uint64_t at)
{
	return FIG_LEFT + place_of(a, at) * FIG_PLOT / (double)a->pixels;
}

static void ticks_put(struct page *page, const struct axis *a, double y)
{
	uint64_t step = step_of(a->end), ticks = a->end / step;
	struct buf *out = &page->out;

	buf_fmt(out, "<path class=\"tick\" d=\"M%d %gh%d", FIG_LEFT, y, FIG_PLOT);
	for (uint64_t t = 0; t <= ticks; t++)
		buf_fmt(out, "M%.5g %gv4", tick_x(a, t * step), y);
	html_put(out, "\"/>");
	for (uint64_t t = 0; t <= ticks; t++) {
		buf_fmt(out, "<text class=\"m\" x=\"%.5g\" y=\"%g\">",
			tick_x(a, t * step), y + 15);
		html_short(out, t * step);
		html_put(out, "</text>");
	}
	buf_fmt(out, "<text y=\"%g\">guest ", y + 15);
	html_text(out, a->unit, 12);
	html_put(out, "</text>\n");
}

/* The lanes from `from` on that have its unit are one drawing. */
static void axis_put(struct page *page, const struct section *s, size_t from,
		     size_t to)
{
	struct axis a = { .unit = s->lanes[from].run->unit,
			  .pixels = page->limits.pixels };

	a.pixel = xcalloc(a.pixels, sizeof(*a.pixel));
	for (size_t i = from; i < to; i++) {
		const struct lane *lane = &s->lanes[i];

		a.end = lane->time.end > a.end ? lane->time.end : a.end;
		a.end = lane->run->of_guest > a.end ? lane->run->of_guest : a.end;
	}
	fig_open(page, "axis", TOP + AXIS + FIG_LANE * (unsigned)(to - from),
		 "Timeline: modes of the guest over its instructions");
	fig_lanes(page, s, from, to, TOP);
	for (size_t i = from; i < to; i++)
		lane_put(page, &a, &s->lanes[i],
			 TOP + FIG_LANE * (double)(i - from));
	ticks_put(page, &a, TOP + FIG_LANE * (double)(to - from));
	fig_close(page);
	free(a.pixel);
}

void page_axis(struct page *page, const struct section *s)
{
	for (size_t from = 0, to; from < s->count; from = to) {
		for (to = from + 1; to < s->count; to++)
			if (strcmp(s->lanes[to].run->unit, s->lanes[from].run->unit))
				break;
		axis_put(page, s, from, to);
	}
}
