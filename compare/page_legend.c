/*
 * How to read the drawings: colours for modes, hatching for how they ran, marks
 * for CR0.PG; and the patterns themselves. Must not know runs.
 */
#include "compare/page_parts.h"

static const char *const mode_words[PHASE_MODES] = {
	[P_REAL] = "<b>R</b> real mode",
	[P_UNPAGED] = "<b>U</b> protected mode, paging off",
	[P_32BIT] = "<b>32</b> 32-bit paging",
	[P_PAE] = "<b>PAE</b> PAE paging",
	[P_LONG] = "<b>64</b> long mode",
	[P_UNKNOWN] = "<b>?</b> not observed",
};

static const char *const way_words[PHASE_WAYS] = {
	[W_NATIVE] = "<b>native</b>: as the guest left it",
	[W_PAGED_REAL] = "<b>paged real</b>: real mode, paged by the hardware",
	[W_HIDDEN] = "<b>hidden</b>: under tables the guest cannot see",
	[W_VM86] = "<b>vm86</b>: in virtual-8086 mode",
	[W_EMULATED] = "<b>emulated</b>: one instruction at a time, in software",
	[W_SHADOW] = "<b>shadow</b>: on tables made from the guest's",
	[W_RING3] = "<b>ring3</b>: at CPL 3",
	[W_UNKNOWN] = "<b>unknown</b>",
};

/* Why a guest is run this way, and where the documents say so. */
static const struct { const char *why, *place, *title; } reasons[PHASE_WAYS] = {
	[W_PAGED_REAL] = { "SVM enters real mode with paging on in the hardware, so "
			   "that tables of the hypervisor's hold there too",
			   PLACE_SHADOW, "Before nested paging" },
	[W_HIDDEN] = { "the hardware is entered with paging on only, and tables that "
		       "the guest cannot see stand for no paging",
		       PLACE_RESTRICTED, "Without unrestricted guest" },
	[W_VM86] = { "VT-x without unrestricted guest insists on PE = PG = 1: real "
		     "mode then is virtual-8086 mode", PLACE_RESTRICTED,
		     "Without unrestricted guest" },
	[W_EMULATED] = { "its segments do not pass the checks of a VM entry, or an "
			 "option asks for it", PLACE_RESTRICTED,
			 "Without unrestricted guest" },
	[W_SHADOW] = { "without nested paging the hardware walks tables that the "
		       "hypervisor makes from the guest's", PLACE_SHADOW,
		       "Before nested paging" },
};

/* The hatching of each way, drawn over the mode's colour. */
static const struct { unsigned size; const char *lines; } hatches[PHASE_WAYS] = {
	[W_NATIVE] = { 8, "" },
	[W_PAGED_REAL] = { 6, "M2 2h2v2h-2z" },
	[W_HIDDEN] = { 7, "M-1 8L8-1M-2 2L2-2M5 9L9 5" },
	[W_VM86] = { 5, "M2.5 0v5" },
	[W_EMULATED] = { 6, "M0 0L6 6M6 0L0 6" },
	[W_SHADOW] = { 5, "M0 2.5h5" },
	[W_RING3] = { 7, "M-1-1L8 8M5-2L9 2M-2 5L2 9" },
	[W_UNKNOWN] = { 12, "M2 2h4v4h-4z" },
};

static void swatch_put(struct page *page, enum phase_mode mode,
		       enum phase_way way, const char *words)
{
	html_put(&page->out, "<li><svg class=\"fig\" width=\"34\" height=\"15\" "
		 "aria-hidden=\"true\"><path");
	fig_fill(page, mode, way);
	buf_fmt(&page->out, " d=\"M0 7.5h34\"/></svg> <span>%s</span></li>\n",
		words);
}

void page_legend(struct page *page)
{
	struct buf *out = &page->out;

	html_put(out, "<div class=\"legend\"><ul>\n");
	for (int m = 0; m < P_UNKNOWN; m++)
		swatch_put(page, (enum phase_mode)m, W_NATIVE, mode_words[m]);
	html_put(out, "</ul><ul>\n");
	for (int w = 0; w < W_RING3; w++)
		swatch_put(page, w == W_PAGED_REAL || w == W_VM86 ? P_REAL :
			   w == W_SHADOW ? P_32BIT : P_UNPAGED, (enum phase_way)w,
			   way_words[w]);
	html_put(out, "</ul><ul>\n<li><svg class=\"fig\" width=\"34\" height=\"15\" "
		 "aria-hidden=\"true\"><path class=\"on\" d=\"M17 12l-5-9h10z\"/></svg> "
		 "<span>paging goes on: the guest sets CR0.PG</span></li>\n"
		 "<li><svg class=\"fig\" width=\"34\" height=\"15\" aria-hidden=\"true\">"
		 "<path class=\"off\" d=\"M17 12l-5-9h10z\"/></svg> "
		 "<span>paging goes off</span></li>\n"
		 "<li><svg class=\"fig\" width=\"34\" height=\"15\" aria-hidden=\"true\">"
		 "<path class=\"cost\" d=\"M0 8h34\"/></svg> <span>below a step of the "
		 "order of events: what the hypervisor executed in that phase; a full line "
		 "where it was most</span></li>\n"
		 "<li class=\"say\">Warm colours: the guest has no paging. Cool colours: "
		 "it has. No hatching: the hardware runs what the guest believes in."
		 "</li></ul></div>\n");
}

void page_reasons(struct page *page)
{
	html_put(&page->out, "<h3>Why not native</h3>\n<ul class=\"notes\">\n");
	for (int w = 0; w < PHASE_WAYS; w++) {
		if (!reasons[w].why)
			continue;
		buf_fmt(&page->out, "<li id=\"w%d\"><b>%s</b>: %s (", w,
			phase_way_name((enum phase_way)w), reasons[w].why);
		page_link(page, reasons[w].place, reasons[w].title);
		html_put(&page->out, ").</li>\n");
	}
	html_put(&page->out, "</ul>\n");
}

void page_patterns(struct page *page)
{
	struct buf *out = &page->out;

	html_put(out, "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\">"
		 "<defs>\n");
	for (int m = 0; m < PHASE_MODES; m++)
		for (int w = 0; w < PHASE_WAYS; w++) {
			unsigned size = hatches[w].size;

			if (!page->used[m][w])
				continue;
			buf_fmt(out, "<pattern id=\"p%d%d\" width=\"%u\" height=\"%u\" "
				"patternUnits=\"userSpaceOnUse\"><path class=\"m%d\" "
				"d=\"M0 0h%uv%uH0z\"/>", m, w, size, size, m, size,
				size);
			if (*hatches[w].lines)
				buf_fmt(out, "<path class=\"%s\" d=\"%s\"/>",
					w == W_PAGED_REAL || w == W_UNKNOWN ?
					"dot" : "hatch", hatches[w].lines);
			html_put(out, "</pattern>\n");
		}
	html_put(out, "</defs></svg>\n");
}
