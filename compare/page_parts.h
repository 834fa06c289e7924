/*
 * The parts of the page, each in a file of its own, and what the drawings share.
 * All append to page->out.
 */
#ifndef COMPARE_PAGE_PARTS_H
#define COMPARE_PAGE_PARTS_H

#include "compare/html.h"
#include "compare/page_model.h"

/* Guests by rungs by machines: outcomes and reasons. */
void page_board(struct page *page);

/* What ran, what was missing: the lines above the board. */
void page_summary(struct page *page);

/* How to read the drawings; and, last in the page, the patterns that they use. */
void page_legend(struct page *page);
void page_reasons(struct page *page);
void page_patterns(struct page *page);

/* Of one guest. */
void page_axis(struct page *page, const struct section *section);
void page_order(struct page *page, const struct section *section);
void page_costs(struct page *page, const struct section *section);
void page_exits(struct page *page, const struct section *section);
void page_phase_tables(struct page *page, const struct section *section);
void page_mode_table(struct page *page, const struct section *section);
void page_notes(struct page *page, const struct section *section);
void page_repeat(struct page *page, const struct section *section);

/* CPU facts and controls of the columns. */
void page_facts(struct page *page);

/* The parts of a drawing's lanes, in the units of its viewBox. */
enum {
	FIG_WIDTH = 1000, FIG_LEFT = 206, FIG_PLOT = 780, FIG_LANE = 26,
	FIG_BAR = 15,	/* as in page.css */
};

/* Opens and closes a drawing of this height; `label` is ours. */
void fig_open(struct page *page, const char *kind, unsigned height,
	      const char *label);
void fig_close(struct page *page);

/* Names of the lanes, the first at `top`. */
void fig_lanes(struct page *page, const struct section *section, size_t from,
	       size_t to, double top);

/* stroke="..." of a mode run some way: bars are lines, FIG_BAR wide. */
void fig_fill(struct page *page, enum phase_mode mode, enum phase_way way);

/* A column of bars beside the lanes, one for each; with a scale of its own. */
struct facet {
	double		x, width;	/* of the bars alone */
	uint64_t	most;		/* of all lanes */
};

enum { FACET_TOP = 24, FACET_BOTTOM = 6 };

/* Where facet number `place` of `count` is; its name; how long a bar is. */
void facet_place(struct facet *facet, size_t place, size_t count);
void facet_head(struct page *page, const struct facet *facet, const char *name);
double facet_length(const struct facet *facet, uint64_t n);

/* The number at the end of a bar, which is at `x`. */
void facet_number(struct page *page, double x, double y, uint64_t n);

/* Headings of a table with one column, or `span` of them, for each lane. */
void lane_heads(struct page *page, const struct section *section, size_t from,
		size_t to, unsigned span);

/* "vmx-ug" and its machine, for a sentence. */
void lane_name(struct page *page, const struct lane *lane);

/* Places in the documents. */
#define PLACE_RESTRICTED	"design.md#without-unrestricted-guest-vmx-ept"
#define PLACE_SHADOW		"design.md#before-nested-paging-shadow-tables"

/* A link into the documents: place and words are ours. */
void page_link(struct page *page, const char *place, const char *words);

#endif
