/*
 * Where the runs of a guest differ, in sentences, and why. Must not know how they are
 * drawn; a reason that it has no words for is only counted.
 */
#include <stdlib.h>
#include <string.h>

#include "compare/page_parts.h"

enum { REASONS = 24, NAMES = 8, FACTOR = 2, LEAST = 16 };


static const struct { const char *reason, *why, *place, *title; } exits[] = {
	{ "shadow", "page faults that are the shadow tables', not the guest's", PLACE_SHADOW,
	  "Before nested paging" },
	{ "cr-access", "who keeps a view of CR0, CR3 and CR4 apart from the hardware's "
		       "must see them written", "design.md#the-strategy",
	  "The strategy" },
	{ "invlpg", "what the shadow tables hold of that page must go", PLACE_SHADOW,
	  "Before nested paging" },
	{ "exception", "where paging or real mode is a show, faults come to the "
		       "hypervisor first", PLACE_RESTRICTED, "Without unrestricted guest" },
	{ "msr", "EFER is held back where the guest's paging is not the hardware's",
	  "design.md#the-strategy", "The strategy" },
	{ "memory", "only nested paging tells of memory that is not there in this way",
	  PLACE_SHADOW, "Before nested paging" },
	{ "task-switch", "VT-x always exits for one; elsewhere it may run in hardware",
	  PLACE_SHADOW, "Code pages" },
	{ "host-interrupt", "time passed: the machine's own timer",
	  "design.md#the-virtual-pc", "The virtual PC" },
	{ "window", "an interrupt had to wait until the guest was open",
	  "design.md#the-virtual-pc", "The virtual PC" },
};

static bool label_before(const struct section *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(s->lanes[k].label, s->lanes[i].label))
			return true;
	return false;
}

/* The rungs of the lanes that `chosen` marks, each once, at most NAMES. */
static void rungs_put(struct page *page, const struct section *s,
		      const bool *chosen)
{
	size_t named = 0;

	for (size_t i = 0; i < s->count; i++) {
		bool before = false;

		for (size_t k = 0; k < i; k++)
			before |= chosen[k] && !strcmp(s->lanes[k].label,
						       s->lanes[i].label);
		if (!chosen[i] || before)
			continue;
		if (named++ == NAMES) {
			html_put(&page->out, " and others");
			return;
		}
		html_put(&page->out, named == 1 ? "<b>" : ", <b>");
		html_text(&page->out, s->lanes[i].label, HTML_NAME);
		html_put(&page->out, "</b>");
	}
}

static unsigned ways_of(const struct lane *lane, int mode)
{
	unsigned mask = 0;

	for (int w = 0; w < PHASE_WAYS; w++)
		mask |= (lane->time.sum[mode][w].stretches != 0) << w;
	return mask;
}

static void ways_put(struct page *page, unsigned mask)
{
	const char *between = "";

	for (int w = 0; w < PHASE_WAYS; w++)
		if (mask & 1u << w) {
			bool told = w > W_NATIVE && w < W_RING3;

			html_put(&page->out, between);
			if (told)
				buf_fmt(&page->out, "<a href=\"#w%d\">", w);
			html_put(&page->out, phase_way_name((enum phase_way)w));
			html_put(&page->out, told ? "</a>" : "");
			between = " and ";
		}
}

/* One part of the sentence for each different answer to how the mode ran. */
static void mode_note(struct page *page, const struct section *s, int mode)
{
	bool *chosen = xcalloc(s->count, sizeof(*chosen));
	unsigned all = 0, same = ~0u;
	const char *between = "";

	for (size_t i = 0; i < s->count; i++) {
		all |= ways_of(&s->lanes[i], mode);
		same &= ways_of(&s->lanes[i], mode);
	}
	if (all == same) {
		free(chosen);
		return;
	}
	buf_fmt(&page->out, "<li><i>%s</i> ran ",
		phase_mode_name((enum phase_mode)mode));
	for (size_t i = 0; i < s->count; i++) {
		unsigned mask = ways_of(&s->lanes[i], mode);
		bool before = !mask;

		for (size_t k = 0; k < i; k++)
			before |= ways_of(&s->lanes[k], mode) == mask;
		if (before)
			continue;
		for (size_t k = 0; k < s->count; k++)
			chosen[k] = ways_of(&s->lanes[k], mode) == mask;
		html_put(&page->out, between);
		ways_put(page, mask);
		html_put(&page->out, " on ");
		rungs_put(page, s, chosen);
		between = "; ";
	}
	html_put(&page->out, ".</li>\n");
	free(chosen);
}

static uint64_t exits_of(const struct lane *lane, const char *reason)
{
	json_int_t n = json_integer_value(json_object_get(lane->run->by_reason,
							  reason));

	return n < 0 ? 0 : (uint64_t)n;
}

static void reason_why(struct page *page, const char *reason)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(*exits); i++)
		if (!strcmp(exits[i].reason, reason)) {
			buf_fmt(&page->out, ": %s (", exits[i].why);
			page_link(page, exits[i].place, exits[i].title);
			html_put(&page->out, ")");
		}
}

/* Said of a reason that some lanes lack, or have FACTOR times as often as others. */
static void reason_note(struct page *page, const struct section *s,
			const char *reason)
{
	bool *chosen = xcalloc(s->count, sizeof(*chosen));
	uint64_t least = UINT64_MAX, most = 0, few = UINT64_MAX;

	for (size_t i = 0; i < s->count; i++) {
		uint64_t n = exits_of(&s->lanes[i], reason);

		least = n < least ? n : least;
		few = n && n < few ? n : few;
		most = n > most ? n : most;
	}
	if (most - least >= LEAST && (!least || most / least >= FACTOR)) {
		for (size_t i = 0; i < s->count; i++) {
			uint64_t n = exits_of(&s->lanes[i], reason);

			chosen[i] = least ? n / FACTOR >= least : n != 0;
		}
		html_put(&page->out, "<li><code>");
		html_text(&page->out, reason, HTML_NAME);
		html_put(&page->out, least ? "</code> exits are more on " :
					     "</code> exits happen only on ");
		rungs_put(page, s, chosen);
		html_put(&page->out, " (");
		if (few != most) {
			html_number(&page->out, few);
			html_put(&page->out, " to ");
		}
		html_number(&page->out, most);
		html_put(&page->out, ")");
		reason_why(page, reason);
		html_put(&page->out, ".</li>\n");
	}
	free(chosen);
}

static void reasons_note(struct page *page, const struct section *s)
{
	const char *names[REASONS], *key;
	size_t made = 0;
	json_t *value;

	for (size_t i = 0; i < s->count; i++)
		json_object_foreach(s->lanes[i].run->by_reason, key, value) {
			size_t k = 0;

			while (k < made && strcmp(names[k], key))
				k++;
			if (k == made && made < REASONS)
				names[made++] = key;
		}
	qsort(names, made, sizeof(*names), text_order);
	for (size_t k = 0; k < made; k++)
		reason_note(page, s, names[k]);
}

static void cost_note(struct page *page, const struct section *s)
{
	const struct lane *least = s->lanes, *most = s->lanes;

	for (size_t i = 0; i < s->count; i++) {
		const struct lane *lane = &s->lanes[i];

		if (strcmp(lane->run->unit, s->lanes[0].run->unit))
			return;
		if (lane->run->of_hypervisor < least->run->of_hypervisor)
			least = lane;
		if (lane->run->of_hypervisor > most->run->of_hypervisor)
			most = lane;
	}
	if (least == most || !least->run->of_hypervisor)
		return;
	html_put(&page->out, "<li>The hypervisor executed least on ");
	lane_name(page, least);
	html_put(&page->out, " (");
	html_number(&page->out, least->run->of_hypervisor);
	html_put(&page->out, ") and most on ");
	lane_name(page, most);
	html_put(&page->out, " (");
	html_number(&page->out, most->run->of_hypervisor);
	buf_fmt(&page->out, "), %.1f times as much.</li>\n",
		(double)most->run->of_hypervisor /
		(double)least->run->of_hypervisor);
}

/* One rung, and machines that do not agree on it. */
static void machines_note(struct page *page, const struct section *s, size_t i)
{
	const struct lane *low = &s->lanes[i], *high = low;

	for (size_t k = i + 1; k < s->count; k++) {
		const struct lane *lane = &s->lanes[k];

		if (strcmp(lane->label, low->label))
			continue;
		low = lane->run->exits < low->run->exits ? lane : low;
		high = lane->run->exits > high->run->exits ? lane : high;
	}
	if ((high->run->exits - low->run->exits) / LEAST <= high->run->exits / 1000)
		return;
	html_put(&page->out, "<li>Machines differ too: ");
	lane_name(page, low);
	html_put(&page->out, " has ");
	html_number(&page->out, low->run->exits);
	html_put(&page->out, " exits, on ");
	html_text(&page->out, high->run->machine, HTML_NAME);
	html_put(&page->out, " ");
	html_number(&page->out, high->run->exits);
	html_put(&page->out, " (");
	page_link(page, "emulators.md", "what each emulator does its own way");
	html_put(&page->out, ").</li>\n");
}

void page_notes(struct page *page, const struct section *s)
{
	size_t before = page->out.size, empty;

	html_put(&page->out, "<h3>Where they differ, and why</h3>\n"
		 "<ul class=\"notes\">\n");
	empty = page->out.size;
	cost_note(page, s);
	for (int m = 0; m < PHASE_MODES; m++)
		mode_note(page, s, m);
	reasons_note(page, s);
	for (size_t i = 0; i < s->count; i++) {
		if (!label_before(s, i))
			machines_note(page, s, i);
		if (s->lanes[i].copy)
			buf_fmt(&page->out, "<li>Lane %zu is a second run of one key "
				"that counted otherwise: both are shown.</li>\n",
				i + 1);
	}
	html_put(&page->out, "</ul>\n");
	if (page->out.size == empty + strlen("</ul>\n"))
		html_cut(&page->out, before);
}
